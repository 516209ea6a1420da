//! What a condition says about whose rows are left.

use super::{Check, Inside};
use crate::walls::{
    known::{Node, Origin},
    scope::{Columns, Scope},
};
use sqlparser::ast::{BinaryOperator, Expr, InTarget};

/// Two values that are equal in every row that is left, and where each comes from.
struct Equal {
    left: Origin,
    right: Origin,
}

impl Check<'_> {
    /// Notes what has to be true of the rows that a condition leaves. It binds the tables of its own `from`, from place `first`
    /// on: a condition inside `exists` says nothing about the rows around it, and what is beside an `or` need not be true.
    pub(super) fn filter(&mut self, condition: Option<&Expr>, scope: &Scope<'_>, first: usize) {
        let Some(condition) = condition else { return };
        let inside = self.inside(condition, scope);
        let own = scope.tables(first);
        let mut all = vec![];
        every(condition, &mut all);
        for part in all {
            let mut used = false;
            for equal in self.equalities(part, scope, &inside) {
                used |= self.bind(equal.left, equal.right, &own);
                used |= self.bind(equal.right, equal.left, &own);
            }
            if used {
                self.known.used(part.to_string());
            }
        }
    }

    fn bind(&mut self, what: Origin, by: Origin, own: &[Node]) -> bool {
        match what {
            Origin::Rows(node) if own.contains(&node) && by != Origin::Elsewhere && by != what => {
                self.known.is(node, by);
                true
            }
            _ => false,
        }
    }

    fn equalities(&self, part: &Expr, scope: &Scope<'_>, inside: &Inside) -> Vec<Equal> {
        match part {
            Expr::BinaryOp { left, op: BinaryOperator::Eq, right } => {
                let (left, right) = (self.places(left, scope, inside), self.places(right, scope, inside));
                pairs(left, right)
            }
            Expr::In { expr, target: InTarget::Subquery(query), negated: false, .. } => {
                let answer = answer(inside, &query.to_string());
                pairs(self.places(expr, scope, inside), answer)
            }
            _ => vec![],
        }
    }

    /// One value, or those of a row.
    fn places(&self, side: &Expr, scope: &Scope<'_>, inside: &Inside) -> Vec<Origin> {
        match side {
            Expr::Tuple(values) => values.iter().map(|value| self.origin(value, scope)).collect(),
            Expr::Subquery(query) => answer(inside, &query.to_string()),
            value => vec![self.origin(value, scope)],
        }
    }
}

/// The parts of a condition that all have to be true.
fn every<'e>(condition: &'e Expr, all: &mut Vec<&'e Expr>) {
    match condition {
        Expr::Nested(inner) => every(inner, all),
        Expr::BinaryOp { left, op: BinaryOperator::And, right } => {
            every(left, all);
            every(right, all);
        }
        part => all.push(part),
    }
}

fn pairs(left: Vec<Origin>, right: Vec<Origin>) -> Vec<Equal> {
    if left.len() != right.len() {
        return vec![];
    }
    left.into_iter().zip(right).map(|(left, right)| Equal { left, right }).collect()
}

fn answer(inside: &Inside, query: &str) -> Vec<Origin> {
    let found = inside.iter().find(|(text, _)| text == query);
    found.map(|(_, Columns { named, .. })| named.iter().map(|(_, origin)| *origin).collect()).unwrap_or_default()
}

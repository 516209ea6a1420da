//! The walls of a statement, one by one: to count them, and to tear one down.

use super::scope::{is_workspace, last, lower};
use sqlparser::ast::{
    BinaryOperator, ConflictTarget, Expr, InTarget, Insert, OnConflictAction, OnInsert, Query, SetExpr, Statement,
    Value, VisitMut, VisitorMut,
};
use std::{collections::BTreeSet, ops::ControlFlow};

/// All equalities of a workspace in a statement, as they are written.
pub fn written(statement: &Statement) -> Vec<String> {
    let mut statement = statement.clone();
    let mut walk = Walk { tear: None, seen: vec![], equalities: vec![], tenants: &BTreeSet::new() };
    let _ = statement.visit(&mut walk);
    walk.equalities
}

/// The statement once for each wall in it, without that wall; and what was torn down.
pub fn mutants(statement: &Statement, tenants: &BTreeSet<&str>) -> Vec<(String, Statement)> {
    let mut mutants = vec![];
    loop {
        let mut mutant = statement.clone();
        let mut walk = Walk { tear: Some(mutants.len()), seen: vec![], equalities: vec![], tenants };
        let _ = mutant.visit(&mut walk);
        match walk.seen.into_iter().nth(mutants.len()) {
            Some(wall) => mutants.push((wall, mutant)),
            None => return mutants,
        }
    }
}

struct Walk<'t> {
    /// The wall to tear down, by its place.
    tear: Option<usize>,
    seen: Vec<String>,
    equalities: Vec<String>,
    tenants: &'t BTreeSet<&'t str>,
}

impl Walk<'_> {
    /// Whether this one is to go.
    fn falls(&mut self, wall: String) -> bool {
        let falls = self.tear == Some(self.seen.len());
        self.seen.push(wall);
        falls
    }

    /// An insert says whose its rows are, and which row it may change instead.
    fn insert(&mut self, insert: &mut Insert) {
        let table = insert.table.to_string();
        if !self.tenants.contains(table.as_str()) {
            return;
        }
        if let Some(at) = insert.columns.iter().position(|column| last(column) == "workspace_id")
            && self.falls(format!("insert into {table} (workspace_id)"))
        {
            insert.columns.remove(at);
        }
        if let Some(OnInsert::OnConflict(conflict)) = &mut insert.on
            && matches!(conflict.action, OnConflictAction::DoUpdate(_))
            && let Some(ConflictTarget::Columns { columns, .. }) = &mut conflict.conflict_target
            && let Some(at) = columns.iter().position(|column| lower(column) == "workspace_id")
            && self.falls(format!("on conflict of {table} (workspace_id)"))
        {
            columns.remove(at);
        }
    }
}

impl VisitorMut for Walk<'_> {
    type Break = ();

    fn pre_visit_statement(&mut self, statement: &mut Statement) -> ControlFlow<()> {
        if let Statement::Insert(insert) = statement {
            self.insert(insert);
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, part: &mut Expr) -> ControlFlow<()> {
        let (text, place) = match part {
            Expr::BinaryOp { left, op: BinaryOperator::Eq, right } => match (place(left), place(right)) {
                (None, None) => return ControlFlow::Continue(()),
                (left, right) => (part.to_string(), left.or(right)),
            },
            Expr::In { expr, target: InTarget::Subquery(_), negated: false, .. } => match place(expr) {
                None => return ControlFlow::Continue(()),
                at => (part.to_string(), at),
            },
            _ => return ControlFlow::Continue(()),
        };
        self.equalities.push(text.clone());
        if self.falls(text) {
            match place {
                Some(Some(at)) => without(part, at),
                _ => *part = Expr::Value(Value::Boolean(true).into()),
            }
        }
        ControlFlow::Continue(())
    }
}

/// Whether a workspace stands on this side; and where, if it is one of several values.
fn place(side: &Expr) -> Option<Option<usize>> {
    match side {
        Expr::Tuple(values) => values.iter().position(is_workspace).map(Some),
        value => is_workspace(value).then_some(None),
    }
}

/// Takes one value out of both sides.
fn without(equality: &mut Expr, at: usize) {
    match equality {
        Expr::BinaryOp { left, right, .. } => {
            drop_value(left, at);
            drop_value(right, at);
        }
        Expr::In { expr, target: InTarget::Subquery(query), .. } => {
            drop_value(expr, at);
            drop_answer(query, at);
        }
        other => panic!("this is no equality: {other}"),
    }
}

fn drop_value(side: &mut Expr, at: usize) {
    match side {
        Expr::Tuple(values) => drop(values.remove(at)),
        Expr::Subquery(query) => drop_answer(query, at),
        other => panic!("this is no row of values: {other}"),
    }
}

fn drop_answer(query: &mut Query, at: usize) {
    match query.body.as_mut() {
        SetExpr::Select(select) => drop(select.projection.remove(at)),
        other => panic!("this check does not know such answers: {other}"),
    }
}

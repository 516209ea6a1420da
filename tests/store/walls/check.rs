//! Reads a statement from the inside out, and notes whose rows each part of it may see.

mod change;
mod equal;

use super::{
    known::{Known, Node, Origin},
    predicates,
    scope::{Columns, Scope, is_workspace, last, lower},
};
use sqlparser::ast::{
    Cte, Expr, FunctionArg, FunctionArgExpr, JoinConstraint, JoinOperator, ObjectName, Query, Select, SelectItem,
    SelectItemQualifiedWildcardKind, SetExpr, Statement, TableAlias, TableFactor, TableWithJoins, Value, Visit,
    Visitor, visit_relations,
};
use std::{collections::BTreeSet, ops::ControlFlow};

/// What is wrong with a statement: see [`Known::complaints`]. `tenants` are the tables whose rows are somebody's.
pub fn complaints(statement: &Statement, tenants: &BTreeSet<&str>) -> Vec<String> {
    let mut check = Check { tenants, known: Known::default() };
    check.statement(statement, &Scope::default());
    let seen = check.known.tables();
    let mentioned = mentions(statement, tenants);
    assert!(matches!(statement, Statement::Lock(_)) || seen == mentioned, "the check has not seen all of: {statement}");
    check.known.complaints(predicates::written(statement))
}

struct Check<'t> {
    tenants: &'t BTreeSet<&'t str>,
    known: Known,
}

/// The queries inside of an expression or a clause, and what they answer.
type Inside = Vec<(String, Columns)>;

impl Check<'_> {
    fn statement(&mut self, statement: &Statement, around: &Scope<'_>) -> Columns {
        match statement {
            Statement::Query(query) => self.query(query, around),
            Statement::Insert(insert) => self.insert(insert, around),
            Statement::Update(update) => self.update(update, around),
            Statement::Delete(delete) => self.delete(delete, around),
            // Reads nothing and changes nothing.
            Statement::Lock(_) => Columns::default(),
            other => panic!("this check does not know such statements: {other}"),
        }
    }

    /// A mention of a table; none when its rows are nobody's.
    fn table(&mut self, name: &str) -> Option<Node> {
        self.tenants.contains(name).then(|| self.known.table(name))
    }

    fn query(&mut self, query: &Query, around: &Scope<'_>) -> Columns {
        let mut scope = Scope::inside(around);
        for cte in query.with.iter().flat_map(|with| &with.cte_tables) {
            let columns = self.made(cte, &scope);
            scope.with.insert(lower(&cte.alias.name), columns);
        }
        let answer = self.body(&query.body, &scope);
        self.inside(&query.order_by, &scope);
        self.inside(&query.limit_clause, &scope);
        answer
    }

    fn made(&mut self, cte: &Cte, scope: &Scope<'_>) -> Columns {
        let mut inner = Scope::inside(scope);
        // Of itself it knows nothing: what is true of its rows has to be true without them.
        inner.with.insert(lower(&cte.alias.name), Columns::default().renamed(&cte.alias));
        self.query(&cte.query, &inner).renamed(&cte.alias)
    }

    fn body(&mut self, body: &SetExpr, scope: &Scope<'_>) -> Columns {
        match body {
            SetExpr::Select(select) => self.select(select, scope),
            SetExpr::Query(query) => self.query(query, scope),
            SetExpr::SetOperation { left, right, .. } => {
                let (left, right) = (self.body(left, scope), self.body(right, scope));
                let named = left.named.into_iter().zip(right.named);
                let named = named.map(|((name, a), (_, b))| (name, self.known.any_of(&[a, b]))).collect();
                Columns { named, is_given: left.is_given && right.is_given }
            }
            SetExpr::Values(values) => {
                let mut rows = values.rows.iter().map(|row| self.origins(&row.content, scope));
                let first = rows.next().unwrap_or_default();
                let rows: Vec<_> = rows.collect();
                let named = first.into_iter().enumerate().map(|(at, origin)| {
                    let alike = rows.iter().all(|row| row.get(at) == Some(&origin));
                    (format!("column{}", at + 1), if alike { origin } else { Origin::Elsewhere })
                });
                Columns { named: named.collect(), is_given: false }
            }
            SetExpr::Insert(inner) | SetExpr::Update(inner) | SetExpr::Delete(inner) => self.statement(inner, scope),
            other => panic!("this check does not know such queries: {other}"),
        }
    }

    fn select(&mut self, select: &Select, around: &Scope<'_>) -> Columns {
        let mut scope = Scope::inside(around);
        self.from(&select.from, &mut scope);
        self.filter(select.selection.as_ref(), &scope, 0);
        // Whatever else has queries in it.
        let rest = Select { from: vec![], selection: None, ..select.clone() };
        self.inside(&rest, &scope);
        self.answer(&select.projection, &scope)
    }

    fn from(&mut self, from: &[TableWithJoins], scope: &mut Scope<'_>) {
        for TableWithJoins { relation, joins } in from {
            self.relation(relation, scope);
            for join in joins {
                let first = scope.relations.len();
                self.relation(&join.relation, scope);
                let (on, first) = match &join.join_operator {
                    JoinOperator::Join(on) | JoinOperator::Inner(on) | JoinOperator::CrossJoin(on) => (on, 0),
                    // What does not fit is there all the same: the condition says something about the right side only.
                    JoinOperator::Left(on) | JoinOperator::LeftOuter(on) => (on, first),
                    other => panic!("this check does not know such joins: {other:?}"),
                };
                match on {
                    JoinConstraint::On(condition) => self.filter(Some(condition), scope, first),
                    JoinConstraint::None => {}
                    other => panic!("this check does not know such joins: {other:?}"),
                }
            }
        }
    }

    fn relation(&mut self, factor: &TableFactor, scope: &mut Scope<'_>) {
        match factor {
            TableFactor::Table { name, alias, args: None, .. } => self.named(name, alias.as_ref(), scope),
            TableFactor::Table { name, alias, args: Some(args), .. } => {
                self.function(name, &args.args, alias.as_ref(), scope);
            }
            TableFactor::Function { name, args, alias, .. } => self.function(name, args, alias.as_ref(), scope),
            TableFactor::Derived { subquery, alias: Some(alias), lateral: false, .. } => {
                // It does not see its neighbours.
                let alone = Scope { relations: vec![], with: scope.with.clone(), around: scope.around };
                let columns = self.query(subquery, &alone).renamed(alias);
                scope.add(lower(&alias.name), columns);
            }
            other => panic!("this check does not know such rows: {other}"),
        }
    }

    fn named(&mut self, name: &ObjectName, alias: Option<&TableAlias>, scope: &mut Scope<'_>) {
        let table = last(name);
        let called = alias.map_or_else(|| table.clone(), |alias| lower(&alias.name));
        if let Some(columns) = scope.made(&table).cloned() {
            scope.add(called, columns);
        } else if let Some(node) = self.table(&table) {
            scope.add_table(called, node);
        } else {
            scope.add(called, Columns::default());
        }
    }

    /// Rows that the caller has passed as JSON, if that is what it makes rows of.
    fn function(&mut self, name: &ObjectName, args: &[FunctionArg], alias: Option<&TableAlias>, scope: &mut Scope<'_>) {
        let is_given = args.iter().all(|arg| match arg {
            FunctionArg::Unnamed(FunctionArgExpr::Expr(value)) => self.origin(value, scope) == Origin::Given,
            _ => false,
        });
        let columns = if is_given { Columns::given() } else { Columns::default() };
        let called = alias.map_or_else(|| last(name), |alias| lower(&alias.name));
        scope.add(called, columns);
    }

    /// What a list of expressions answers.
    fn answer(&mut self, items: &[SelectItem], scope: &Scope<'_>) -> Columns {
        let mut answer = Columns::default();
        for item in items {
            match item {
                SelectItem::UnnamedExpr(value) => {
                    let name = if is_workspace(value) { "workspace_id".to_owned() } else { column_name(value) };
                    answer.named.push((name, self.origin(value, scope)));
                }
                SelectItem::ExprWithAlias { expr, alias } => {
                    answer.named.push((lower(alias), self.origin(expr, scope)));
                }
                SelectItem::Wildcard(_) => {
                    answer.named.extend(scope.relations.iter().flat_map(|r| r.columns.named.clone()));
                    answer.is_given = scope.relations.iter().all(|r| r.columns.is_given);
                }
                SelectItem::QualifiedWildcard(SelectItemQualifiedWildcardKind::ObjectName(name), _) => {
                    let of = scope.relations.iter().filter(|r| r.name == last(name));
                    answer.named.extend(of.flat_map(|r| r.columns.named.clone()));
                }
                other => panic!("this check does not know such answers: {other}"),
            }
        }
        answer
    }

    fn origins(&mut self, values: &[Expr], scope: &Scope<'_>) -> Vec<Origin> {
        values.iter().map(|value| self.origin(value, scope)).collect()
    }

    /// Where a value comes from. Queries in it are none of its business.
    fn origin(&self, value: &Expr, scope: &Scope<'_>) -> Origin {
        match value {
            Expr::Nested(inner) => self.origin(inner, scope),
            Expr::Identifier(_) | Expr::CompoundIdentifier(_) => scope.column(value).unwrap_or(Origin::Elsewhere),
            made => {
                let mut parts = Parts { scope, given: 0, others: 0 };
                let _ = made.visit(&mut parts);
                if parts.given > 0 && parts.others == 0 { Origin::Given } else { Origin::Elsewhere }
            }
        }
    }

    /// Reads all queries that are somewhere in `part`.
    fn inside(&mut self, part: &impl Visit, scope: &Scope<'_>) -> Inside {
        let mut queries = Queries { depth: 0, found: vec![] };
        let _ = part.visit(&mut queries);
        queries.found.into_iter().map(|query| (query.to_string(), self.query(&query, scope))).collect()
    }
}

/// How often tenants' tables stand in a statement, wherever that is.
fn mentions(statement: &Statement, tenants: &BTreeSet<&str>) -> usize {
    let mut count = 0;
    let _ = visit_relations(statement, |name| {
        count += usize::from(tenants.contains(last(name).as_str()));
        ControlFlow::<()>::Continue(())
    });
    count
}

fn column_name(value: &Expr) -> String {
    match value {
        Expr::Identifier(name) => lower(name),
        Expr::CompoundIdentifier(parts) => parts.last().map(lower).unwrap_or_default(),
        _ => String::new(),
    }
}

/// What a value is made of.
struct Parts<'a> {
    scope: &'a Scope<'a>,
    given: usize,
    others: usize,
}

impl Visitor for Parts<'_> {
    type Break = ();

    fn pre_visit_expr(&mut self, part: &Expr) -> ControlFlow<()> {
        match part {
            Expr::Identifier(_) | Expr::CompoundIdentifier(_) => match self.scope.column(part) {
                Some(Origin::Given) => self.given += 1,
                _ => self.others += 1,
            },
            Expr::Value(value) if matches!(value.value, Value::Placeholder(_)) => self.given += 1,
            Expr::Subquery(_) | Expr::Exists { .. } | Expr::In { .. } => self.others += 1,
            _ => {}
        }
        ControlFlow::Continue(())
    }
}

/// Finds the outermost queries.
struct Queries {
    depth: usize,
    found: Vec<Query>,
}

impl Visitor for Queries {
    type Break = ();

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<()> {
        if self.depth == 0 {
            self.found.push(query.clone());
        }
        self.depth += 1;
        ControlFlow::Continue(())
    }

    fn post_visit_query(&mut self, _: &Query) -> ControlFlow<()> {
        self.depth -= 1;
        ControlFlow::Continue(())
    }
}

//! Which rows a name means at a place in a statement.

use super::known::{Node, Origin};
use sqlparser::ast::{Expr, Ident, ObjectName, TableAlias};
use std::collections::BTreeMap;

/// The columns that rows have, by name and place.
#[derive(Clone, Debug, Default)]
pub struct Columns {
    pub named: Vec<(String, Origin)>,
    /// Whatever else they have came from the caller.
    pub is_given: bool,
}

/// One entry of a `from`.
#[derive(Clone, Debug)]
pub struct Relation {
    pub name: String,
    pub columns: Columns,
    /// The tenants' table that it is. Rows that a query has made are none: what is said of them outside comes too late for
    /// a limit or a sum inside.
    pub table: Option<Node>,
}

/// What can be named somewhere: the relations of this query, then those around it.
#[derive(Clone, Default)]
pub struct Scope<'a> {
    pub relations: Vec<Relation>,
    pub with: BTreeMap<String, Columns>,
    pub around: Option<&'a Scope<'a>>,
}

impl Columns {
    pub fn given() -> Self {
        Self { named: vec![], is_given: true }
    }

    /// As an alias with a list of columns calls them.
    pub fn renamed(mut self, alias: &TableAlias) -> Self {
        for (column, (name, _)) in alias.columns.iter().zip(&mut self.named) {
            *name = lower(&column.name);
        }
        self
    }

    fn find(&self, column: &str) -> Option<Origin> {
        let named = self.named.iter().find(|(name, _)| name == column).map(|(_, origin)| *origin);
        named.or(self.is_given.then_some(Origin::Given))
    }
}

impl<'a> Scope<'a> {
    pub fn inside(around: &'a Self) -> Self {
        Self { around: Some(around), ..Self::default() }
    }

    pub fn add(&mut self, name: String, columns: Columns) {
        self.relations.push(Relation { name, columns, table: None });
    }

    pub fn add_table(&mut self, name: String, node: Node) {
        let named = vec![("workspace_id".to_owned(), Origin::Rows(node))];
        let columns = Columns { named, is_given: false };
        self.relations.push(Relation { name, columns, table: Some(node) });
    }

    /// The rows that a `with` around this place has made.
    pub fn made(&self, name: &str) -> Option<&Columns> {
        self.with.get(name).or_else(|| self.around.and_then(|around| around.made(name)))
    }

    /// What a column means, or none if it means nothing here.
    pub fn column(&self, name: &Expr) -> Option<Origin> {
        match name {
            Expr::Identifier(column) => self.unqualified(&lower(column)),
            Expr::CompoundIdentifier(parts) => {
                let [.., relation, column] = parts.as_slice() else { return None };
                self.qualified(&lower(relation), &lower(column))
            }
            _ => None,
        }
    }

    fn unqualified(&self, column: &str) -> Option<Origin> {
        let here = self.relations.iter().find_map(|relation| relation.columns.find(column));
        here.or_else(|| self.around.and_then(|around| around.unqualified(column)))
    }

    fn qualified(&self, relation: &str, column: &str) -> Option<Origin> {
        match self.relations.iter().find(|r| r.name == relation) {
            Some(found) => found.columns.find(column),
            None => self.around.and_then(|around| around.qualified(relation, column)),
        }
    }

    /// The tenants' tables that stand in this `from`, from place `first` on.
    pub fn tables(&self, first: usize) -> Vec<Node> {
        self.relations.iter().skip(first).filter_map(|relation| relation.table).collect()
    }
}

pub fn lower(name: &Ident) -> String {
    name.value.to_ascii_lowercase()
}

/// The last part of a name: `things` of `app.things`.
pub fn last(name: &ObjectName) -> String {
    name.0.last().and_then(|part| part.as_ident()).map(lower).unwrap_or_default()
}

/// Whether this is a column of that name, whosever.
pub fn is_workspace(column: &Expr) -> bool {
    match column {
        Expr::Identifier(name) => lower(name) == "workspace_id",
        Expr::CompoundIdentifier(parts) => parts.last().is_some_and(|name| lower(name) == "workspace_id"),
        Expr::Nested(inner) => is_workspace(inner),
        _ => false,
    }
}

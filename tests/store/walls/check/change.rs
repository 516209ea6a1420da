//! Statements that change rows: whose they are before, and whose afterwards.

use super::Check;
use crate::walls::{
    known::{Node, Origin},
    scope::{Columns, Scope, last, lower},
};
use sqlparser::ast::{
    Assignment, AssignmentTarget, ConflictTarget, Delete, FromTable, Insert, OnConflict, OnConflictAction, OnInsert,
    SelectItem, TableObject, Update, UpdateTableFromKind,
};

impl Check<'_> {
    pub(super) fn insert(&mut self, insert: &Insert, around: &Scope<'_>) -> Columns {
        let TableObject::TableName(name) = &insert.table else { panic!("this check does not know such tables") };
        assert!(insert.assignments.is_empty() && insert.or.is_none(), "this check does not know such inserts");
        let table = last(name);
        let rows = insert.source.as_ref().map(|source| self.query(source, around)).unwrap_or_default();
        let mut scope = Scope::inside(around);
        if let Some(node) = self.table(&table) {
            if let Some(at) = insert.columns.iter().position(|column| last(column) == "workspace_id") {
                let origin = rows.named.get(at).map_or(Origin::Elsewhere, |(_, origin)| *origin);
                self.known.is(node, origin);
            }
            scope.add_table(table.clone(), node);
        } else {
            scope.add(table.clone(), Columns::default());
        }
        if let Some(OnInsert::OnConflict(conflict)) = &insert.on {
            self.conflict(&table, conflict, around);
        }
        self.returning(insert.returning.as_deref(), &scope)
    }

    /// The row that is there already has to be of the same workspace before it is changed.
    fn conflict(&mut self, table: &str, conflict: &OnConflict, around: &Scope<'_>) {
        let OnConflictAction::DoUpdate(update) = &conflict.action else { return };
        let mut scope = Scope::inside(around);
        match self.tenants.contains(table).then(|| self.known.found(table)) {
            Some(node) => {
                let is_named = match &conflict.conflict_target {
                    Some(ConflictTarget::Columns { columns, .. }) => columns.iter().any(|c| lower(c) == "workspace_id"),
                    _ => false,
                };
                if is_named {
                    self.known.is(node, Origin::Given);
                }
                scope.add_table(table.to_owned(), node);
                self.moved(&update.assignments, Some(node), is_named);
            }
            None => scope.add(table.to_owned(), Columns::default()),
        }
        scope.add("excluded".to_owned(), Columns::given());
        self.filter(update.selection.as_ref(), &scope, 0);
        self.inside(&update.assignments, &scope);
    }

    pub(super) fn update(&mut self, update: &Update, around: &Scope<'_>) -> Columns {
        let mut scope = Scope::inside(around);
        self.from(std::slice::from_ref(&update.table), &mut scope);
        let changed = scope.tables(0).first().copied();
        if let Some(UpdateTableFromKind::AfterSet(from) | UpdateTableFromKind::BeforeSet(from)) = &update.from {
            self.from(from, &mut scope);
        }
        self.moved(&update.assignments, changed, false);
        self.filter(update.selection.as_ref(), &scope, 0);
        self.inside(&update.assignments, &scope);
        self.returning(update.returning.as_deref(), &scope)
    }

    pub(super) fn delete(&mut self, delete: &Delete, around: &Scope<'_>) -> Columns {
        let mut scope = Scope::inside(around);
        let (FromTable::WithFromKeyword(from) | FromTable::WithoutKeyword(from)) = &delete.from;
        self.from(from, &mut scope);
        self.from(delete.using.as_deref().unwrap_or_default(), &mut scope);
        self.filter(delete.selection.as_ref(), &scope, 0);
        self.returning(delete.returning.as_deref(), &scope)
    }

    fn returning(&mut self, items: Option<&[SelectItem]>, scope: &Scope<'_>) -> Columns {
        let items = items.unwrap_or_default();
        self.inside(&items.to_vec(), scope);
        self.answer(items, scope)
    }

    /// A row stays with whom it is: nobody sets its workspace, unless to what it is because that is where they met.
    fn moved(&mut self, assignments: &[Assignment], table: Option<Node>, have_met: bool) {
        let sets = |column: &sqlparser::ast::ObjectName| last(column) == "workspace_id";
        for assignment in assignments {
            let does = match &assignment.target {
                AssignmentTarget::ColumnName(column) => sets(column),
                AssignmentTarget::Tuple(columns) => columns.iter().any(sets),
            };
            let stays = have_met && assignment.value.to_string() == "excluded.workspace_id";
            if does && table.is_some() && !stays {
                self.known.wrong(format!("moves rows: {assignment}"));
            }
        }
    }
}

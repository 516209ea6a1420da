//! Where could not everybody be right?

use super::{
    super::{
        block::{Block, Cell, Column, Table},
        name,
    },
    Context, or_none,
};
use crate::domain::{
    conflict::{Conflict, Severity},
    registry,
    role::Role,
};

/// All conflicts, the gravest first.
pub(super) fn blocks(context: Context<'_>) -> Vec<Block> {
    let conflicts = &context.report.conflicts;
    if conflicts.is_empty() {
        return vec![];
    }
    let words = context.words;
    let columns = vec![
        Column::text(words.conflict, 3),
        Column::short(words.severity),
        Column::text(words.between, 2),
        Column::text(words.said, 5),
        Column::text(words.status, 1),
    ];
    let rows = conflicts.iter().map(|conflict| row(conflict, context)).collect();
    vec![Block::Table(Table { columns, rows })]
}

fn row(conflict: &Conflict, context: Context<'_>) -> Vec<Cell> {
    let locale = context.locale;
    let topic = registry::lever_label(&conflict.topic, locale);
    let about = [topic, name::detector(&conflict.detector, locale)].into_iter().filter(|part| !part.trim().is_empty());
    let quotes = conflict.quotes.iter().map(|quote| quote.trim()).filter(|quote| !quote.is_empty());
    let quotes: Vec<_> = quotes.map(|quote| format!("“{quote}”")).collect();
    vec![
        Cell::from(name::conflict(conflict.kind, locale)).with_note(about.collect::<Vec<_>>().join(" · ")),
        Cell { is_strong: conflict.severity >= Severity::High, ..name::severity(conflict.severity, locale).into() },
        or_none(&name::roles(&parties(conflict), locale)).into(),
        or_none(&quotes.join("\n")).into(),
        name::status(conflict.status, locale).into(),
    ]
}

/// Whose claims and recommendations they are, each once.
fn parties(conflict: &Conflict) -> Vec<Role> {
    let is_of = |role: &Role| {
        let mut owners = conflict.parties.iter().map(|id| id.split('.').next().unwrap_or_default());
        owners.any(|owner| owner == role.as_str())
    };
    Role::ALL.into_iter().filter(is_of).collect()
}

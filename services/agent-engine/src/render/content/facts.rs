//! What is it all based on?

use super::{
    super::{
        block::{Block, Cell, Column, Table},
        name,
        number::NONE,
        text,
    },
    Context, or_none,
};
use crate::domain::{
    brief::{Constraint, ConstraintKind, Fact},
    registry,
};

/// The problem, what limits it, what is known, and what had to be assumed.
pub(super) fn blocks(context: Context<'_>) -> Vec<Block> {
    let Context { report, words, .. } = context;
    let mut blocks = vec![];
    let problem = text::clean(&report.brief.problem_description);
    if !problem.is_empty() {
        blocks.push(Block::Subheading(words.problem.to_owned()));
        blocks.extend(problem.split("\n\n").map(str::trim).filter(|part| !part.is_empty()).map(paragraph));
    }
    let tables = [
        (words.constraints, constraints(context)),
        (words.known, facts(context)),
        (words.assumptions, assumptions(context)),
    ];
    for (title, table) in tables.into_iter().filter(|(_, table)| !table.rows.is_empty()) {
        blocks.push(Block::Subheading(title.to_owned()));
        blocks.push(Block::Table(table));
    }
    blocks
}

fn paragraph(text: &str) -> Block {
    Block::Paragraph(text.to_owned())
}

fn constraints(context: Context<'_>) -> Table {
    let Context { report, words, locale, .. } = context;
    let row = |constraint: &Constraint| {
        let label = Cell::from(name::constraint(constraint.kind, locale));
        vec![label, limit(constraint, context).into(), or_none(&constraint.text).into()]
    };
    let columns = vec![Column::text(words.constraint, 1), Column::text(words.limit, 1), Column::text(words.quote, 2)];
    Table { columns, rows: report.brief.constraints.iter().map(row).collect() }
}

fn limit(constraint: &Constraint, context: Context<'_>) -> String {
    let Context { numbers, locale, .. } = context;
    let key = constraint.key.as_deref().unwrap_or_default();
    let value = |write: &dyn Fn(f64) -> String| constraint.value.map_or_else(|| NONE.to_owned(), write);
    match constraint.kind {
        ConstraintKind::BudgetCap => value(&|amount| numbers.money(amount)),
        ConstraintKind::Deadline => value(&|day| format!("{} {}", context.words.day, numbers.whole(day))),
        ConstraintKind::MetricMin | ConstraintKind::MetricMax => {
            format!("{}: {}", context.label(key), value(&|amount| numbers.of_metric(amount, key)))
        }
        ConstraintKind::Forbidden => or_none(&registry::lever_label(key, locale)),
    }
}

fn facts(context: Context<'_>) -> Table {
    let Context { report, words, locale, .. } = context;
    let row = |fact: &Fact| {
        let quote = fact.quote.as_deref().map(text::clean).filter(|quote| !quote.is_empty());
        vec![
            Cell::from(or_none(&context.label(&fact.key))),
            context.numbers.per(fact.value, &fact.unit, fact.period.as_deref()).into(),
            name::source(fact.source, locale).into(),
            quote.map_or_else(|| NONE.to_owned(), |quote| format!("“{quote}”")).into(),
        ]
    };
    let columns = vec![
        Column::text(words.figure, 2),
        Column::number(words.value),
        Column::text(words.source, 3),
        Column::text(words.quote, 4),
    ];
    Table { columns, rows: report.brief.facts.iter().map(row).collect() }
}

/// Those of all opinions.
fn assumptions(context: Context<'_>) -> Table {
    let Context { report, words, locale, numbers, .. } = context;
    let rows = report.opinions.iter().flat_map(|opinion| {
        opinion.assumptions.iter().map(move |one| {
            vec![
                Cell::from(or_none(&context.label(&one.key))),
                numbers.of(one.value, &one.unit).into(),
                opinion.role.label(locale).into(),
                or_none(&one.statement).into(),
            ]
        })
    });
    let columns = vec![
        Column::text(words.figure, 2),
        Column::number(words.value),
        Column::text(words.assumed_by, 2),
        Column::text(words.assumption, 4),
    ];
    Table { columns, rows: rows.collect() }
}

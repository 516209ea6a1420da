//! What was decided, and who is against it?

use super::{
    super::{
        block::{Block, Cell, Column, Table},
        name,
        number::NONE,
    },
    Context, or_none,
};
use crate::{
    compose::{condition, topic},
    domain::{
        meeting::{Decision, Outcome},
        registry,
    },
};

/// What becomes of every choice, and the numbers that were agreed on.
pub(super) fn blocks(context: Context<'_>) -> Vec<Block> {
    let decisions = context.report.meeting.decisions.iter();
    let (figures, mut choices): (Vec<_>, Vec<_>) = decisions.partition(|one| one.outcome == Outcome::Agreed);
    // What is done comes first, and of that what matters most.
    let priority = |one: &Decision| context.choice(&one.topic).map(|choice| choice.priority);
    choices.sort_by_key(|one| (place(one.outcome), priority(one)));
    let mut blocks = vec![];
    if !choices.is_empty() {
        blocks.push(Block::Table(of_choices(&choices, context)));
    }
    if !figures.is_empty() {
        blocks.push(Block::Subheading(context.words.agreed_figures.to_owned()));
        blocks.push(Block::Table(of_figures(&figures, context)));
    }
    blocks
}

const fn place(outcome: Outcome) -> u8 {
    match outcome {
        Outcome::Adopted | Outcome::Agreed => 0,
        Outcome::Deferred => 1,
        Outcome::Rejected => 2,
    }
}

fn of_choices(decisions: &[&Decision], context: Context<'_>) -> Table {
    let Context { words, locale, numbers, .. } = context;
    let row = |decision: &&Decision| {
        let choice = context.choice(&decision.topic);
        let moved = choice.map(|choice| {
            let reversibility = name::reversibility(choice.reversibility, locale);
            format!("{} ({reversibility})", context.moved(&choice.lever, choice.direction))
        });
        vec![
            Cell::from(or_none(&context.topic(&decision.topic))).with_note(moved.unwrap_or_default()),
            Cell::strong(name::outcome(decision.outcome, locale)),
            name::method(decision.method, locale).into(),
            numbers.share(decision.margin).into(),
            numbers.share(decision.confidence).into(),
            conditions(decision, context).into(),
        ]
    };
    let columns = vec![
        Column::text(words.choice, 3),
        Column::short(words.outcome),
        Column::text(words.method, 1),
        Column::number(words.margin),
        Column::number(words.confidence),
        Column::text(words.conditions, 2),
    ];
    Table { columns, rows: decisions.iter().map(row).collect() }
}

fn conditions(decision: &Decision, context: Context<'_>) -> String {
    let holds = matches!(decision.outcome, Outcome::Adopted | Outcome::Agreed);
    let (meeting, currency) = (&context.report.meeting, context.numbers.currency);
    let said = decision.conditions.iter().map(|code| condition(code, holds, meeting, (context.locale, currency)));
    let conformity = decision.conformity_flag.then(|| context.words.conformity.to_owned());
    let lines: Vec<_> = said.chain(conformity).filter(|line| !line.is_empty()).collect();
    or_none(&lines.join("\n"))
}

fn of_figures(decisions: &[&Decision], context: Context<'_>) -> Table {
    let Context { words, locale, numbers, .. } = context;
    let row = |decision: &&Decision| {
        let metric = registry::metric(topic::metric(&decision.topic).0);
        let unit = metric.map_or("", |metric| metric.unit.as_str());
        let period = metric.and_then(|metric| metric.period.as_deref());
        let value = decision.value;
        vec![
            Cell::from(or_none(&context.topic(&decision.topic))),
            Cell::strong(value.map_or_else(|| NONE.to_owned(), |value| numbers.per(value.point, unit, period))),
            value.map_or_else(|| NONE.to_owned(), |value| numbers.ends(value.low, value.high, unit)).into(),
            name::method(decision.method, locale).into(),
            numbers.share(decision.confidence).into(),
            conditions(decision, context).into(),
        ]
    };
    let columns = vec![
        Column::text(words.figure, 2),
        Column::number(words.value),
        Column::number(words.range),
        Column::short(words.method),
        Column::number(words.confidence),
        Column::text(words.conditions, 2),
    ];
    Table { columns, rows: decisions.iter().map(row).collect() }
}

/// Who is against what was decided, and why.
pub(super) fn dissent(context: Context<'_>) -> Vec<Block> {
    let Context { report, words, locale, .. } = context;
    let rows = report.meeting.dissent.iter().map(|dissent| {
        vec![
            Cell::strong(dissent.role.label(locale)),
            or_none(&context.topic(&dissent.topic)).into(),
            or_none(&dissent.reason).into(),
            or_none(&dissent.would_change_if).into(),
        ]
    });
    let rows = rows.collect::<Vec<_>>();
    if rows.is_empty() {
        return vec![];
    }
    let columns = vec![
        Column::short(words.who),
        Column::text(words.choice, 3),
        Column::text(words.reason, 3),
        Column::text(words.would_change_if, 3),
    ];
    vec![Block::Table(Table { columns, rows })]
}

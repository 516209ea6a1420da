//! What is done, by whom and when?

use super::{
    super::{
        block::{Bar, Block, Cell, Column, Plan, Table},
        date, name,
        number::NONE,
        text,
    },
    Context, or_none,
};
use crate::domain::{opinion::Priority, report::Action};

/// All actions, as a table and on a line of time.
pub(super) fn blocks(context: Context<'_>) -> Vec<Block> {
    let actions = &context.report.actions;
    if actions.is_empty() {
        return vec![];
    }
    let words = context.words;
    let columns = vec![
        Column::number(words.number),
        Column::text(words.action, 5),
        Column::text(words.owner, 2),
        Column::short(words.period),
        Column::text(words.kpi, 2),
        Column::number(words.cost),
        Column::short(words.priority),
    ];
    let rows = actions.iter().map(|action| row(action, context)).collect();
    let begin = date::begun(&context.report.created_at).map(|at| at.date_naive());
    let legend = [words.must, words.other_actions];
    let bars = actions.iter().map(bar).collect();
    let plan = Plan { title: words.timeline, legend, day: words.day, begin, bars };
    vec![Block::Table(Table { columns, rows }), Block::Plan(plan)]
}

fn row(action: &Action, context: Context<'_>) -> Vec<Cell> {
    let Context { locale, numbers, words, .. } = context;
    let before: Vec<_> = action.depends_on.iter().map(|id| number(id)).collect();
    let after = if before.is_empty() { String::new() } else { format!("{}: {}", words.after, before.join(", ")) };
    let days = [&action.start_date, &action.due_date].map(|day| date::shown(day, locale));
    vec![
        number(&action.id).into(),
        Cell::from(or_none(&action.task)).with_note(after),
        or_none(&action.owner).into(),
        or_none(&days.join("\n")).into(),
        kpi(action, context),
        action.cost.map_or_else(|| NONE.to_owned(), |cost| numbers.rounded(cost)).into(),
        Cell { is_strong: action.priority == Priority::Must, ..name::priority(action.priority, locale).into() },
    ]
}

/// The metric, and from where to where it goes.
fn kpi(action: &Action, context: Context<'_>) -> Cell {
    let Some(key) = action.kpi.as_deref() else { return NONE.into() };
    let [now, then] =
        [action.baseline, action.target].map(|value| value.map(|value| context.numbers.of_metric(value, key)));
    let locale = context.locale;
    let way = match (now, then) {
        (Some(now), Some(then)) => format!("{}{now} {} {then}", locale.pick("", "de "), locale.pick("to", "para")),
        (Some(now), None) => format!("{} {now}", locale.pick("now", "hoje")),
        (None, Some(then)) => format!("{} {then}", locale.pick("to", "para")),
        (None, None) => String::new(),
    };
    Cell::from(or_none(&context.label(key))).with_note(way)
}

/// `3` of `a3`.
fn number(id: &str) -> String {
    let digits = id.strip_prefix('a').filter(|rest| !rest.is_empty() && rest.bytes().all(|c| c.is_ascii_digit()));
    text::shortened(digits.unwrap_or(id), 12)
}

fn bar(action: &Action) -> Bar {
    Bar {
        number: number(&action.id),
        name: or_none(&text::one_line(&action.task)),
        start: action.start_day,
        end: action.due_day.max(action.start_day),
        is_must: action.priority == Priority::Must,
    }
}

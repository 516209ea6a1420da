//! What does the decision do to the money?

use super::{
    super::{
        block::{Block, Cell, Column, Course, Line, LineChart, Table},
        name,
        number::NONE,
        text,
    },
    Context, or_none,
};
use crate::domain::{
    finance::{Month, Scenario, Scenarios},
    registry,
};

/// More rows than these are not read.
const MOST_MONTHS: usize = 12;

/// What comes out, a chart, the months, what it depends on, and what it was computed from.
pub(super) fn blocks(context: Context<'_>) -> Vec<Block> {
    let Some(scenarios) = &context.report.scenarios else { return vec![] };
    let words = context.words;
    let part = |title: &str, block| [Block::Subheading(title.to_owned()), block];
    let mut blocks: Vec<Block> = part(words.key_results, Block::Table(results(scenarios, context))).into();
    if !scenarios.base.months.is_empty() {
        blocks.push(Block::Lines(chart(scenarios, context)));
        blocks.push(Block::Subheading(words.by_month.to_owned()));
        blocks.push(Block::Table(by_month(scenarios, context)));
        blocks.push(Block::Note(note(scenarios, context)));
    }
    if !scenarios.sensitivity.is_empty() {
        blocks.extend(part(words.sensitivity, Block::Intro(words.sensitivity_note.to_owned())));
        blocks.push(Block::Table(sensitivity(scenarios, context)));
    }
    if !scenarios.inputs.is_empty() {
        blocks.extend(part(words.inputs, Block::Table(inputs(scenarios, context))));
    }
    blocks
}

/// All there are, in the order in which they are shown.
fn courses<'a>(scenarios: &'a Scenarios, context: Context<'_>) -> Vec<(Course, &'static str, &'a Scenario)> {
    let words = context.words;
    let all = [
        (Course::Base, words.base, Some(&scenarios.base)),
        (Course::Optimistic, words.optimistic, scenarios.optimistic.as_ref()),
        (Course::Pessimistic, words.pessimistic, scenarios.pessimistic.as_ref()),
        (Course::Unchanged, words.unchanged, Some(&scenarios.unchanged)),
    ];
    all.into_iter().filter_map(|(course, name, scenario)| Some((course, name, scenario?))).collect()
}

fn results(scenarios: &Scenarios, context: Context<'_>) -> Table {
    let Context { words, numbers, .. } = context;
    let month = |month: Option<u32>, none: &str| match month {
        Some(month) => format!("{} {month}", words.month.to_lowercase()),
        None => none.to_owned(),
    };
    let row = |(course, name, scenario): (Course, &'static str, &Scenario)| {
        let is_unchanged = course == Course::Unchanged;
        let has_cash = scenario.end_cash.is_some();
        let runway = scenario.runway_months.map(|months| numbers.of(months, "months"));
        let cash_out = month(scenario.cash_out_month, if has_cash { words.lasts } else { NONE });
        let payback = month(scenario.payback_month, words.within_horizon_no);
        vec![
            Cell { is_strong: course == Course::Base, ..name.into() },
            numbers.rounded(scenario.total_net).into(),
            scenario.end_cash.map_or_else(|| NONE.to_owned(), |cash| numbers.rounded(cash)).into(),
            cash_out.into(),
            runway.unwrap_or_else(|| if has_cash { words.no_shrinking } else { NONE }.to_owned()).into(),
            if is_unchanged { NONE.into() } else { payback.into() },
            if is_unchanged { NONE.into() } else { numbers.rounded(scenario.npv).into() },
        ]
    };
    let columns = vec![
        Column::short(words.scenario),
        Column::number(words.total_net),
        Column::number(words.end_cash),
        Column::number(words.cash_out),
        Column::number(words.runway),
        Column::number(words.payback),
        Column::number(words.npv),
    ];
    Table { columns, rows: courses(scenarios, context).into_iter().map(row).collect() }
}

/// Cash where it is known, or else what is left of each month.
fn chart(scenarios: &Scenarios, context: Context<'_>) -> LineChart {
    let has_cash = scenarios.base.end_cash.is_some();
    let months: Vec<u32> = scenarios.base.months.iter().map(|month| month.month).collect();
    let value = |scenario: &Scenario, n: usize| match scenario.months.get(n) {
        Some(month) if has_cash => month.cash,
        Some(month) => month.net,
        None => f64::NAN,
    };
    let line = |(course, name, scenario): (Course, &'static str, &Scenario)| {
        let values: Vec<f64> = (0..months.len()).map(|n| value(scenario, n)).collect();
        let shown = values.iter().map(|value| context.numbers.whole(*value)).collect();
        Line { name, course, values, shown }
    };
    let lines = courses(scenarios, context).into_iter().map(line).collect();
    let words = context.words;
    let title = if has_cash { words.cash_by_month } else { words.net_by_month };
    LineChart { title: format!("{title} ({})", currency(context)), month: words.month, months, lines }
}

fn by_month(scenarios: &Scenarios, context: Context<'_>) -> Table {
    let Context { words, numbers, .. } = context;
    let has_cash = scenarios.base.end_cash.is_some();
    let row = |n: usize| {
        let month = scenarios.base.months.get(n)?;
        let other = scenarios.unchanged.months.get(n);
        let unchanged = |value: fn(&Month) -> f64| other.map_or(f64::NAN, value);
        let flows = [month.revenue, month.variable_costs, month.fixed_costs, month.investment, month.net];
        let values = flows.into_iter().chain([unchanged(|month| month.net)]);
        let cash = [month.cash, unchanged(|month| month.cash)].into_iter().filter(|_| has_cash);
        let cells = values.chain(cash).map(|value| Cell::from(numbers.whole(value)));
        Some(std::iter::once(Cell::from(month.month.to_string())).chain(cells).collect())
    };
    let heads = [
        words.month,
        words.revenue,
        words.variable_costs,
        words.fixed_costs,
        words.investment,
        words.net,
        words.net_unchanged,
        words.cash,
        words.cash_unchanged,
    ];
    let columns = heads.into_iter().take(if has_cash { 9 } else { 7 }).map(Column::number).collect();
    Table { columns, rows: thinned(scenarios.base.months.len()).into_iter().filter_map(row).collect() }
}

fn note(scenarios: &Scenarios, context: Context<'_>) -> String {
    let words = context.words;
    let amounts = format!("{} {}.", words.amounts_in, currency(context));
    let is_thinned = scenarios.base.months.len() > MOST_MONTHS;
    if is_thinned { format!("{amounts} {}", words.every_few_months) } else { amounts }
}

fn currency(context: Context<'_>) -> String {
    text::shortened(context.numbers.currency, 8)
}

/// Which of so many months are shown: the first, the last, and as many between them as are read.
fn thinned(months: usize) -> Vec<usize> {
    if months <= MOST_MONTHS {
        return (0..months).collect();
    }
    (0..MOST_MONTHS).map(|n| n * (months - 1) / (MOST_MONTHS - 1)).collect()
}

fn sensitivity(scenarios: &Scenarios, context: Context<'_>) -> Table {
    let Context { words, numbers, .. } = context;
    let rows = scenarios.sensitivity.iter().map(|one| {
        let amounts = [one.low, one.high].map(|amount| Cell::from(numbers.rounded(amount)));
        std::iter::once(Cell::from(or_none(&context.label(&one.key)))).chain(amounts).collect()
    });
    let columns =
        vec![Column::text(words.figure, 1), Column::number(words.a_tenth_less), Column::number(words.a_tenth_more)];
    Table { columns, rows: rows.collect() }
}

fn inputs(scenarios: &Scenarios, context: Context<'_>) -> Table {
    let Context { words, numbers, locale, .. } = context;
    let rows = scenarios.inputs.iter().map(|input| {
        let metric = registry::metric(&input.key);
        let unit = metric.map_or("", |metric| metric.unit.as_str());
        let period = metric.and_then(|metric| metric.period.as_deref());
        vec![
            Cell::from(or_none(&context.label(&input.key))),
            numbers.per(input.value, unit, period).into(),
            or_none(&name::input_source(&input.source, locale)).into(),
        ]
    });
    let columns = vec![Column::text(words.figure, 1), Column::number(words.value), Column::text(words.source, 1)];
    Table { columns, rows: rows.collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_horizons_are_thinned_from_end_to_end() {
        assert_eq!(thinned(3), [0, 1, 2]);
        assert_eq!(thinned(12).len(), 12);
        for months in [13, 24, 36, 1000] {
            let shown = thinned(months);
            assert_eq!((shown.len(), shown[0], shown[11]), (12, 0, months - 1));
            assert!(shown.windows(2).all(|pair| pair[0] < pair[1]));
        }
    }
}

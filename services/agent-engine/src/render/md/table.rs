//! How are rows and columns written?

use super::{
    super::{
        block::{Cell, Column, ColumnKind, LineChart, Matrix, Table},
        number::NONE,
    },
    escape,
};

/// More rows than these are not read.
const MOST_MONTHS: usize = 12;

/// A table with its heads.
pub(super) fn table(table: &Table) -> String {
    let heads = table.columns.iter().map(|column| escape::cell(column.head));
    let rules = table.columns.iter().map(|column| rule(*column).to_owned());
    let rows = table.rows.iter().map(|row| self::row(row.iter().map(cell)));
    [row(heads), row(rules)].into_iter().chain(rows).collect::<Vec<_>>().join("\n")
}

const fn rule(column: Column) -> &'static str {
    match column.kind {
        ColumnKind::Number => "---:",
        ColumnKind::Text(_) | ColumnKind::Short => "---",
    }
}

fn row(cells: impl Iterator<Item = String>) -> String {
    format!("| {} |", cells.collect::<Vec<_>>().join(" | "))
}

fn cell(cell: &Cell) -> String {
    let text = escape::cell(&cell.text);
    let text = if cell.is_strong && text != NONE && !text.is_empty() { format!("**{text}**") } else { text };
    let parts = [text, escape::cell(&cell.note)];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("<br>")
}

/// Labels and values.
pub(super) fn figures(figures: &[[String; 2]]) -> String {
    let rows = figures.iter().map(|[label, value]| row([escape::cell(label), escape::cell(value)].into_iter()));
    let [heads, rules] =
        [row(["", ""].map(str::to_owned).into_iter()), row(["---", "---:"].map(str::to_owned).into_iter())];
    [heads, rules].into_iter().chain(rows).collect::<Vec<_>>().join("\n")
}

/// The numbers of a chart.
pub(super) fn lines(chart: &LineChart) -> String {
    let count = chart.months.len();
    let shown: Vec<usize> = match count {
        0..=MOST_MONTHS => (0..count).collect(),
        _ => (0..MOST_MONTHS).map(|n| n * (count - 1) / (MOST_MONTHS - 1)).collect(),
    };
    let heads = std::iter::once(chart.month.to_owned()).chain(chart.lines.iter().map(|line| escape::cell(line.name)));
    let rules = std::iter::repeat_n("---:".to_owned(), chart.lines.len() + 1);
    let rows = shown.into_iter().filter_map(|n| {
        let values = chart.lines.iter().map(|line| line.shown.get(n).map_or(NONE, String::as_str).to_owned());
        Some(row(std::iter::once(chart.months.get(n)?.to_string()).chain(values)))
    });
    let table = [row(heads), row(rules)].into_iter().chain(rows).collect::<Vec<_>>().join("\n");
    format!("### {}\n\n{table}", escape::heading(&chart.title))
}

/// Which risks are where.
pub(super) fn matrix(matrix: &Matrix) -> String {
    let [probability, impact] = matrix.axes;
    let levels = 1..=5_u8;
    let heads =
        std::iter::once(format!("{probability} / {impact}")).chain(levels.clone().map(|level| level.to_string()));
    let rules = std::iter::repeat_n("---:".to_owned(), 6);
    let rows = matrix.cells.iter().zip(1..=5_u8).rev().map(|(cells, level)| {
        let numbers = cells.iter().map(|risks| risks.iter().map(usize::to_string).collect::<Vec<_>>().join(", "));
        row(std::iter::once(level.to_string()).chain(numbers))
    });
    let table = [row(heads), row(rules)].into_iter().chain(rows).collect::<Vec<_>>().join("\n");
    format!("### {}\n\n{table}", escape::heading(matrix.title))
}

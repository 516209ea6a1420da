//! How are the lines of an invoice set?

use super::{
    super::shown::{Row, Shown},
    paper::{Ink, LABEL, LEFT, MIDDLE, Paper, RIGHT, ROOM, TEXT},
    winansi::encode,
};

/// Between columns.
const GAP: i64 = 16_000;
/// Above and below what stands in a row.
const AIR: i64 = 5_500;

/// Where columns begin and end. Numbers are never broken: what they leave is for descriptions.
struct Columns {
    /// How wide a description is.
    description: i64,
    /// Where the period begins.
    period: i64,
    /// Where the quantity ends.
    quantity: i64,
}

/// Writes all lines, and the heads of the columns on each page.
pub(super) fn draw(paper: &mut Paper, shown: &Shown<'_>) {
    let rows = shown.rows();
    let columns = Columns::of(&rows, shown);
    heads(paper, shown, &columns);
    for row in &rows {
        draw_row(paper, shown, &columns, row);
    }
}

impl Columns {
    fn of(rows: &[Row<'_>], shown: &Shown<'_>) -> Self {
        let widest = |head: &str, cell: for<'r> fn(&'r Row<'_>) -> &'r str| {
            let cells = rows.iter().map(|row| TEXT.width(cell(row)));
            cells.chain([LABEL.width(head)]).max().unwrap_or_default()
        };
        let amount = widest(shown.words.amount, |row| &row.amount);
        let quantity = RIGHT - amount - GAP;
        let period = quantity - widest(shown.words.quantity, |row| &row.quantity) - GAP;
        let period = period - widest(shown.words.period, |row| &row.period);
        let period = period.min(MIDDLE);
        Self { description: period - GAP - LEFT, period, quantity }
    }
}

fn heads(paper: &mut Paper, shown: &Shown<'_>, columns: &Columns) {
    // A head alone at the foot of a page would be the head of nothing.
    paper.room(LABEL.leading() + 3 * AIR + TEXT.leading());
    let words = shown.words;
    paper.left(LEFT, LABEL, &encode(words.description));
    paper.left(columns.period, LABEL, &encode(words.period));
    paper.right(columns.quantity, LABEL, &encode(words.quantity));
    paper.right(RIGHT, LABEL, &encode(words.amount));
    paper.down(LABEL.leading() + 3_000);
    paper.rule(LEFT, Ink::Black);
    paper.down(AIR);
}

fn draw_row(paper: &mut Paper, shown: &Shown<'_>, columns: &Columns, row: &Row<'_>) {
    let description = TEXT.wrap(&row.description, columns.description).into_iter().map(|line| (TEXT, line));
    let note = row.note.map(|note| LABEL.wrap(note, columns.description)).unwrap_or_default();
    let mut lines: Vec<_> = description.chain(note.into_iter().map(|line| (LABEL, line))).collect();
    if lines.is_empty() {
        lines.push((TEXT, vec![]));
    }
    let height = lines.iter().map(|(style, _)| style.leading()).sum::<i64>() + AIR;
    // A row stays on one page, unless no page could hold it.
    if height < ROOM - 2 * TEXT.leading() - 3 * AIR && paper.room(height) {
        heads(paper, shown, columns);
    }
    for (n, (style, line)) in lines.into_iter().enumerate() {
        if paper.room(style.leading()) {
            heads(paper, shown, columns);
        }
        if n == 0 {
            paper.left(columns.period, TEXT, &encode(&row.period));
            paper.right(columns.quantity, TEXT, &encode(&row.quantity));
            paper.right(RIGHT, TEXT, &encode(&row.amount));
        }
        paper.left(LEFT, style, &line);
        paper.down(style.leading());
    }
    paper.down(AIR - 1_500);
    paper.rule(LEFT, Ink::Pale);
    paper.down(AIR);
}

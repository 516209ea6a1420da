//! How are rows and columns set?

mod columns;

use super::{
    super::block::{Cell, ColumnKind, Table},
    paper::{HAIRLINE, LEFT, Paper, ROOM, Stroke},
    style::{CELL, CELL_NOTE, CELL_STRONG, COLUMN, Ink, Style},
};
use columns::{Place, places};

/// Above and below what stands in a row.
const AIR: i64 = 4_000;
/// Below a table.
const BELOW: i64 = 10_000;
const RULE: Stroke = Stroke { ink: Ink::Accent, width: 900, dash: None };

/// The lines of each cell of a row.
type Lines = Vec<Vec<(Style, Vec<u8>)>>;

/// How wide each column is with the room around it, in thousandths of a point.
pub(super) fn widths(table: &Table) -> Vec<i64> {
    places(table).into_iter().map(|place| place.width + columns::GAP).collect()
}

/// How high the heads and the first row are: a heading stays with them.
pub(super) fn height_of_begin(table: &Table) -> i64 {
    let places = places(table);
    // The first row is not alone on a page either.
    let rows: i64 = table.rows.iter().take(2).map(|row| height(&lines(row, &places))).sum();
    height_of_heads(table, &places) + rows.min(ROOM / 3)
}

/// All rows, and the heads of the columns on each page.
pub(super) fn draw(paper: &mut Paper, table: &Table) {
    let places = places(table);
    let heads = height_of_heads(table, &places);
    paper.room(height_of_begin(table));
    draw_heads(paper, table, &places);
    let rows: Vec<Lines> = table.rows.iter().map(|row| lines(row, &places)).collect();
    for (n, lines) in rows.iter().enumerate() {
        // The last row is not alone on a page.
        let last = if n + 2 == rows.len() { rows.last().map_or(0, height) } else { 0 };
        let together = height(lines) + if last <= ROOM / 4 { last } else { 0 };
        // A row stays on one page, unless no page could hold it.
        if together <= ROOM - heads && paper.room(together) {
            draw_heads(paper, table, &places);
        }
        draw_row(paper, table, &places, lines);
    }
    paper.down(BELOW);
}

fn lines(row: &[Cell], places: &[Place]) -> Lines {
    let cell = |(cell, place): (&Cell, &Place)| {
        let style = if cell.is_strong { CELL_STRONG } else { CELL };
        let text = style.wrap(&cell.text, place.width).into_iter().map(|line| (style, line));
        let note = CELL_NOTE.wrap(&cell.note, place.width).into_iter().map(|line| (CELL_NOTE, line));
        text.chain(note).collect()
    };
    row.iter().zip(places).map(cell).collect()
}

fn height(lines: &Lines) -> i64 {
    CELL.lines(lines.iter().map(Vec::len).max().unwrap_or_default().max(1)) + 2 * AIR
}

fn heads(table: &Table, places: &[Place]) -> Vec<Vec<Vec<u8>>> {
    table.columns.iter().zip(places).map(|(column, place)| COLUMN.wrap(column.head, place.width)).collect()
}

fn height_of_heads(table: &Table, places: &[Place]) -> i64 {
    let most = heads(table, places).iter().map(Vec::len).max().unwrap_or_default();
    COLUMN.lines(most) + 2 * AIR
}

fn draw_heads(paper: &mut Paper, table: &Table, places: &[Place]) {
    let heads = heads(table, places);
    let most = heads.iter().map(Vec::len).max().unwrap_or_default();
    for ((head, place), column) in heads.iter().zip(places).zip(&table.columns) {
        // They stand on the line below them.
        let above = COLUMN.lines(most - head.len());
        for (line, n) in head.iter().zip(0..) {
            let y = paper.y() + above + n * COLUMN.leading();
            paper.text([place.x_of(column.kind, COLUMN, line), y], COLUMN, line);
        }
    }
    paper.down(COLUMN.lines(most) + AIR - 1_000);
    paper.rule(RULE);
    paper.down(AIR + 1_000);
}

fn draw_row(paper: &mut Paper, table: &Table, places: &[Place], lines: &Lines) {
    let count = lines.iter().map(Vec::len).max().unwrap_or_default().max(1);
    for n in 0..count {
        if paper.room(CELL.leading() + AIR) {
            draw_heads(paper, table, places);
        }
        for ((cell, place), column) in lines.iter().zip(places).zip(&table.columns) {
            if let Some((style, line)) = cell.get(n) {
                let y = paper.y() + CELL.size - style.size;
                paper.text([place.x_of(column.kind, *style, line), y], *style, line);
            }
        }
        paper.down(CELL.leading());
    }
    paper.down(AIR);
    paper.rule(HAIRLINE);
    paper.down(AIR);
}

impl Place {
    /// Where a line of a cell begins.
    fn x_of(&self, kind: ColumnKind, style: Style, line: &[u8]) -> i64 {
        let free = match kind {
            ColumnKind::Number => self.width - style.font.width(line, style.size),
            ColumnKind::Text(_) | ColumnKind::Short => 0,
        };
        LEFT + self.x + free
    }
}

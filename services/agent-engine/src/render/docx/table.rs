//! How are rows and columns written?

use super::{
    super::{
        block::{Cell, ColumnKind, Table},
        pdf,
    },
    body::{aligned, run, spacer, styled},
    grid::{Grid, Shade},
    styles::ACCENT,
    xml::Xml,
};

/// Thousandths of a point in a twentieth of one.
const TWENTIETH: i64 = 50;
/// How far the table would stand over the right margin.
const SLACK: i64 = 50;

/// A table whose head is shown on each page. Its columns are as wide as those of the PDF: the letters are too.
pub(super) fn draw(xml: &mut Xml, table: &Table) {
    let mut widths: Vec<i64> = pdf::column_widths(table).into_iter().map(|width| width / TWENTIETH).collect();
    // What the cells have less air than the columns of the PDF is taken from the one that misses it least.
    if let Some(widest) = widths.iter_mut().max() {
        *widest -= SLACK;
    }
    let grid = Grid { widths, style: Some("ReportTable") };
    grid.draw(xml, |xml| {
        grid.row(xml, true, |xml| {
            for (n, column) in table.columns.iter().enumerate() {
                grid.cell(xml, n, Shade { below: Some(ACCENT), ..Shade::default() }, |xml| {
                    aligned(xml, "TableHead", side(column.kind), |xml| run(xml, column.head));
                });
            }
        });
        for row in &table.rows {
            grid.row(xml, false, |xml| {
                for (n, (cell, column)) in row.iter().zip(&table.columns).enumerate() {
                    grid.cell(xml, n, Shade::default(), |xml| of_cell(xml, cell, column.kind));
                }
            });
        }
    });
    spacer(xml);
}

fn of_cell(xml: &mut Xml, cell: &Cell, kind: ColumnKind) {
    aligned(xml, "TableText", side(kind), |xml| styled(xml, &cell.text, cell.is_strong, None));
    if !cell.note.is_empty() {
        aligned(xml, "TableNote", side(kind), |xml| run(xml, &cell.note));
    }
}

const fn side(kind: ColumnKind) -> &'static str {
    match kind {
        ColumnKind::Number => "right",
        ColumnKind::Text(_) | ColumnKind::Short => "",
    }
}

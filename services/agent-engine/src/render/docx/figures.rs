//! How are the numbers written that matter most?

use super::{
    body::{paragraph, run, spacer},
    grid::{Grid, Shade},
    styles::{ACCENT, PAPER},
    xml::Xml,
};

const COLUMNS: usize = 4;
/// Columns of cards, and of what is between them.
const WIDTHS: [i64; 7] = [2_281, 180, 2_281, 180, 2_281, 180, 2_281];

/// Labels and values as cards.
pub(super) fn draw(xml: &mut Xml, figures: &[[String; 2]]) {
    let grid = Grid { widths: WIDTHS.to_vec(), style: None };
    for row in figures.chunks(COLUMNS) {
        grid.draw(xml, |xml| {
            grid.row(xml, false, |xml| {
                for n in 0..WIDTHS.len() {
                    match row.get(n / 2).filter(|_| n % 2 == 0) {
                        Some(figure) => card(xml, &grid, n, figure),
                        None => grid.cell(xml, n, Shade::default(), |xml| paragraph(xml, "TableText", |_| {})),
                    }
                }
            });
        });
        spacer(xml);
    }
}

fn card(xml: &mut Xml, grid: &Grid, n: usize, [label, value]: &[String; 2]) {
    let shade = Shade { fill: Some(PAPER), above: Some(ACCENT), ..Shade::default() };
    grid.cell(xml, n, shade, |xml| {
        for (style, text) in [("FigureValue", value), ("FigureLabel", label)] {
            paragraph(xml, style, |xml| run(xml, text));
        }
    });
}

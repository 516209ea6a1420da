//! How are risks written by probability and impact?

use super::{
    super::block::Matrix,
    body::{aligned, paragraph, run, styled},
    grid::{Grid, Shade},
    styles::{ACCENT, FAINT, LIGHT, MIDDLE, PAPER},
    xml::Xml,
};

const LEVELS: i64 = 300;
const SIDE: i64 = 1_000;

/// Cells that are darker the graver they are; their numbers are those of the register.
pub(super) fn draw(xml: &mut Xml, matrix: &Matrix) {
    paragraph(xml, "Heading2", |xml| run(xml, matrix.title));
    let [probability, impact] = matrix.axes;
    paragraph(xml, "Intro", |xml| run(xml, probability));
    let grid = Grid { widths: [LEVELS].into_iter().chain([SIDE; 5]).collect(), style: None };
    grid.draw(xml, |xml| {
        for (row, level) in matrix.cells.iter().rev().zip([5_usize, 4, 3, 2, 1]) {
            grid.row(xml, false, |xml| {
                label(xml, &grid, 0, &level.to_string(), "");
                for (risks, column) in row.iter().zip(1..) {
                    cell(xml, &grid, column, risks, level * column);
                }
            });
        }
        grid.row(xml, false, |xml| {
            label(xml, &grid, 0, "", "");
            for column in 1..=5_usize {
                label(xml, &grid, column, &column.to_string(), "center");
            }
        });
    });
    paragraph(xml, "Note", |xml| run(xml, impact));
}

fn label(xml: &mut Xml, grid: &Grid, column: usize, text: &str, at: &str) {
    grid.cell(xml, column, Shade::default(), |xml| aligned(xml, "TableNote", at, |xml| run(xml, text)));
}

fn cell(xml: &mut Xml, grid: &Grid, column: usize, risks: &[usize], exposure: usize) {
    let (fill, letters) = match exposure {
        ..=4 => (PAPER, None),
        5..=9 => (FAINT, None),
        10..=14 => (LIGHT, None),
        15..=19 => (MIDDLE, Some("FFFFFF")),
        _ => (ACCENT, Some("FFFFFF")),
    };
    let shade = Shade { fill: Some(fill), above: Some("FFFFFF"), below: Some("FFFFFF"), ..Shade::default() };
    let numbers = risks.iter().map(usize::to_string).collect::<Vec<_>>().join(", ");
    grid.cell(xml, column, shade, |xml| {
        aligned(xml, "MatrixCell", "center", |xml| styled(xml, &numbers, true, letters));
    });
}

//! How are risks drawn by probability and impact?

use super::{
    super::block::Matrix,
    paper::{LEFT, Paper, RIGHT},
    prose,
    style::{CELL, CELL_STRONG, Ink, LABEL},
    winansi::encode,
};

const SIDE: [i64; 2] = [42_000, 27_000];
/// Between cells.
const GAP: i64 = 1_500;
/// Left of the cells, for the levels.
const LEVELS: i64 = 14_000;
/// Between the cells and the names.
const TO_NAMES: i64 = 22_000;

/// How high all of it is.
pub(super) fn height() -> i64 {
    prose::height_of_subheading() + 5 * (SIDE[1] + GAP) + 3 * (LABEL.leading() + 4_000) + 8_000
}

/// Cells that are darker the graver they are, and what the numbers in them stand for.
pub(super) fn draw(paper: &mut Paper, matrix: &Matrix) {
    prose::subheading(paper, matrix.title);
    let [probability, impact] = matrix.axes;
    paper.left(LEFT, LABEL, &encode(probability));
    names(paper, matrix);
    paper.down(LABEL.leading() + 4_000);
    for (row, level) in matrix.cells.iter().rev().zip([5_i64, 4, 3, 2, 1]) {
        let y = paper.y();
        paper.text([LEFT, y + SIDE[1] / 2 - LABEL.size / 2], LABEL, &encode(&level.to_string()));
        for (risks, column) in row.iter().zip(1_i64..) {
            cell(paper, [LEFT + LEVELS + (column - 1) * (SIDE[0] + GAP), y], risks, level * column);
        }
        paper.down(SIDE[1] + GAP);
    }
    paper.down(4_000);
    for column in 1..=5_i64 {
        let label = encode(&column.to_string());
        let middle = LEFT + LEVELS + (column - 1) * (SIDE[0] + GAP) + SIDE[0] / 2;
        paper.left(middle - LABEL.font.width(&label, LABEL.size) / 2, LABEL, &label);
    }
    paper.down(LABEL.leading());
    paper.right(LEFT + LEVELS + 5 * (SIDE[0] + GAP) - GAP, LABEL, &encode(impact));
    paper.down(LABEL.leading() + 12_000);
}

fn cell(paper: &mut Paper, [x, y]: [i64; 2], risks: &[usize], exposure: i64) {
    let (ink, letters) = match exposure {
        ..=4 => (Ink::Paper, Ink::Black),
        5..=9 => (Ink::Faint, Ink::Black),
        10..=14 => (Ink::Light, Ink::Black),
        15..=19 => (Ink::Middle, Ink::White),
        _ => (Ink::Accent, Ink::White),
    };
    paper.fill([x, y], SIDE, ink);
    let style = CELL_STRONG.with(letters);
    let numbers = risks.iter().map(usize::to_string).collect::<Vec<_>>().join(", ");
    let mut lines = style.wrap(&numbers, SIDE[0] - 6_000);
    if lines.len() > 2 {
        // More than fit are counted.
        lines = vec![encode(&format!("× {}", risks.len()))];
    }
    let top = y + (SIDE[1] - style.lines(lines.len())) / 2;
    for (line, n) in lines.iter().zip(0..) {
        let x = x + (SIDE[0] - style.font.width(line, style.size)) / 2;
        paper.text([x, top + 1_000 + n * style.leading()], style, line);
    }
}

/// Beside the cells: as many as there is room for, each in one line.
fn names(paper: &mut Paper, matrix: &Matrix) {
    let x = LEFT + LEVELS + 5 * (SIDE[0] + GAP) + TO_NAMES;
    let room = usize::try_from((5 * (SIDE[1] + GAP)) / (CELL.leading() + 1_500)).unwrap_or_default();
    let y = paper.y() + LABEL.leading() + 4_000;
    for (n, name) in matrix.names.iter().enumerate().take(room) {
        let y = y + i64::try_from(n).unwrap_or_default() * (CELL.leading() + 1_500);
        let number = encode(&(n + 1).to_string());
        paper.text([x + 12_000 - CELL.font.width(&number, CELL.size), y], CELL_STRONG.with(Ink::Accent), &number);
        paper.text([x + 18_000, y], CELL, &CELL.one_line(name, RIGHT - x - 18_000));
    }
}

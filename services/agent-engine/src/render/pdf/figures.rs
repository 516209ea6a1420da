//! How are the numbers set that matter most?

use super::{
    font::Font,
    paper::{LEFT, Paper, WIDTH},
    style::{Ink, LABEL, Style},
};

const COLUMNS: usize = 4;
const GAP: i64 = 9_000;
const HEIGHT: i64 = 56_000;
const AIR: i64 = 9_000;
const LARGE: Style = Style { font: Font::Bold, size: 15_000, ink: Ink::Accent };
const SMALL: Style = Style { font: Font::Bold, size: 10_500, ink: Ink::Accent };

/// How high a row of cards is.
pub(super) const fn height() -> i64 {
    HEIGHT
}

/// Labels and values as cards.
pub(super) fn draw(paper: &mut Paper, figures: &[[String; 2]]) {
    let width = (WIDTH - 3 * GAP) / 4;
    for row in figures.chunks(COLUMNS) {
        paper.room(HEIGHT);
        let y = paper.y();
        for (x, [label, value]) in (0..).map(|n| LEFT + n * (width + GAP)).zip(row) {
            paper.fill([x, y], [width, HEIGHT], Ink::Paper);
            paper.fill([x, y], [width, 1_500], Ink::Accent);
            let inner = width - 2 * AIR;
            let style = if LARGE.width(value) <= inner { LARGE } else { SMALL };
            paper.text([x + AIR, y + 10_000 + (LARGE.size - style.size)], style, &style.one_line(value, inner));
            let lines = LABEL.wrap(label, inner);
            for (line, n) in lines.iter().take(2).zip(0..) {
                paper.text([x + AIR, y + 30_000 + n * LABEL.leading()], LABEL, line);
            }
        }
        paper.down(HEIGHT + GAP);
    }
    paper.down(2_000);
}

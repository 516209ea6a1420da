//! What stands above everything?

use super::{
    super::block::Title,
    font::Font,
    paper::{HAIRLINE, LEFT, Paper, WIDTH},
    style::{BODY, Ink, LABEL, Style},
};

const KIND: Style = Style { font: Font::Bold, size: 9_000, ink: Ink::Accent };
const TITLE: Style = Style { font: Font::Bold, size: 21_000, ink: Ink::Black };
/// Facts stand in so many columns.
const COLUMNS: usize = 3;

/// What it is, what was asked, and of whom and when.
pub(super) fn draw(paper: &mut Paper, title: &Title) {
    paper.fill([LEFT, paper.y()], [36_000, 3_000], Ink::Accent);
    paper.down(14_000);
    paper.left(LEFT, KIND, &KIND.one_line(&title.kind, WIDTH));
    paper.down(KIND.leading() + 8_000);
    for line in TITLE.wrap(&title.text, WIDTH) {
        paper.room(TITLE.leading());
        paper.left(LEFT, TITLE, &line);
        paper.down(TITLE.leading());
    }
    paper.down(12_000);
    paper.rule(HAIRLINE);
    paper.down(10_000);
    let width = WIDTH / 3;
    for row in title.facts.chunks(COLUMNS) {
        for (x, [label, value]) in (0..).map(|n| LEFT + n * width).zip(row) {
            paper.left(x, LABEL, &LABEL.one_line(label, width - 12_000));
            paper.text([x, paper.y() + LABEL.leading()], BODY, &BODY.one_line(value, width - 12_000));
        }
        paper.down(LABEL.leading() + BODY.leading() + 7_000);
    }
    paper.rule(HAIRLINE);
    paper.down(14_000);
}

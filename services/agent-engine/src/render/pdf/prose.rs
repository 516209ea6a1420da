//! How are sentences set?

use super::{
    paper::{HAIRLINE, LEFT, Paper, RIGHT, WIDTH},
    style::{BODY, HEADING, Ink, LEAD, NOTE, STRONG, SUBHEADING, Style},
    winansi::encode,
};

/// Above sections.
const ABOVE_HEADING: i64 = 26_000;
/// Above parts of sections.
const ABOVE_SUBHEADING: i64 = 15_000;
/// Below the heading of a section, with its rule.
const BELOW_HEADING: i64 = 15_000;
/// Below sentences.
const BELOW: i64 = 7_000;
/// Left of what is said in lists, and of the one sentence that must not be missed.
const INDENT: i64 = 12_000;
/// So many lines of a paragraph stay together at either end.
const TOGETHER: usize = 2;

/// How high a heading is, with all around it.
pub(super) fn height_of_heading() -> i64 {
    ABOVE_HEADING + HEADING.leading() + BELOW_HEADING
}

/// How high the heading of a part is, with all around it.
pub(super) fn height_of_subheading() -> i64 {
    ABOVE_SUBHEADING + SUBHEADING.leading() + 5_000
}

/// The heading of a section.
pub(super) fn heading(paper: &mut Paper, text: &'static str) {
    paper.gap(ABOVE_HEADING);
    paper.mark(text);
    paper.left(LEFT, HEADING, &encode(text));
    paper.down(HEADING.leading() + 4_000);
    paper.rule(HAIRLINE);
    paper.down(BELOW_HEADING - 4_000);
    paper.end_heading();
}

/// The heading of a part, in one line: it is from the tables of words.
pub(super) fn subheading(paper: &mut Paper, text: &str) {
    // Right below the heading of the section there is air already.
    paper.gap(if paper.is_below_heading() { 0 } else { ABOVE_SUBHEADING });
    paper.left(LEFT, SUBHEADING, &SUBHEADING.one_line(text, WIDTH));
    paper.down(SUBHEADING.leading() + 5_000);
}

/// The one sentence that must not be missed.
pub(super) fn lead(paper: &mut Paper, text: &str) {
    let lines = LEAD.wrap(text, WIDTH - INDENT);
    for (n, line) in lines.iter().enumerate() {
        if n == 0 {
            paper.room(LEAD.lines(lines.len().min(6)));
        }
        paper.room(LEAD.leading());
        paper.fill([LEFT, paper.y()], [2_500, LEAD.leading()], Ink::Accent);
        paper.left(LEFT + INDENT, LEAD, line);
        paper.down(LEAD.leading());
    }
    paper.down(BELOW + 4_000);
}

/// A paragraph of a text that is read.
pub(super) fn paragraph(paper: &mut Paper, text: &str) {
    column(paper, LEFT, BODY, &BODY.wrap(text, WIDTH));
    paper.down(BELOW);
}

/// A sentence that sums up what follows.
pub(super) fn strong(paper: &mut Paper, text: &str) {
    column(paper, LEFT, STRONG, &STRONG.wrap(text, WIDTH));
    paper.down(BELOW);
}

/// Something said in passing.
pub(super) fn note(paper: &mut Paper, text: &str) {
    column(paper, LEFT, NOTE, &NOTE.wrap(text, WIDTH));
    paper.down(BELOW);
}

/// Items with a mark before each.
pub(super) fn bullets(paper: &mut Paper, items: &[String]) {
    for item in items {
        let lines = BODY.wrap(item, RIGHT - LEFT - INDENT);
        paper.room(BODY.lines(lines.len().min(TOGETHER)));
        paper.left(LEFT + 2_000, BODY.with(Ink::Accent), &encode("•"));
        column(paper, LEFT + INDENT, BODY, &lines);
        paper.down(2_000);
    }
    paper.down(BELOW - 2_000);
}

/// Lines below each other, over as many pages as they need, none of them alone at an end of a page.
fn column(paper: &mut Paper, x: i64, style: Style, lines: &[Vec<u8>]) {
    let count = lines.len();
    for (n, line) in lines.iter().enumerate() {
        let left = count - n;
        let together = if n == 0 && count <= TOGETHER + 1 {
            count
        } else if n == 0 || left == TOGETHER {
            TOGETHER.min(left)
        } else {
            1
        };
        paper.room(style.lines(together));
        paper.left(x, style, line);
        paper.down(style.leading());
    }
}

//! What says which colour is what?

use super::{
    paper::Paper,
    style::{Ink, LABEL},
    winansi::encode,
};

/// How wide a sample is.
pub(super) const SAMPLE: i64 = 14_000;

/// Names in a row from `x` on, each with a sample that `draw` draws at a place of the middle of a line.
pub(super) fn draw<T: Copy>(
    paper: &mut Paper,
    mut x: i64,
    entries: &[(T, &str)],
    sample: impl Fn(&mut Paper, [i64; 2], T),
) {
    for (what, name) in entries {
        sample(paper, [x, paper.y() + LABEL.size * 6 / 10], *what);
        x += SAMPLE + 4_000;
        let name = encode(name);
        paper.left(x, LABEL.with(Ink::Black), &name);
        x += LABEL.font.width(&name, LABEL.size) + 16_000;
    }
    paper.down(LABEL.leading() + 5_000);
}

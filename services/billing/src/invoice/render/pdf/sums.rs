//! What stands below the table?

use super::{
    super::shown::{Shown, Sum, Weight},
    font::Font,
    paper::{GAP, Ink, LABEL, LEFT, MIDDLE, NAME, Paper, RIGHT, ROOM, Style, TEXT},
    winansi::encode,
};

const LIGHT: Style = Style { ink: Ink::Grey, ..TEXT };
const STRONG: Style = Style { font: Font::Bold, size: 11_500, ink: Ink::Black };

/// Between sums.
const BELOW: i64 = 4_000;

/// From the subtotal to the last word of the issuer.
pub(super) fn draw(paper: &mut Paper, shown: &Shown<'_>) {
    paper.down(6_000);
    let sums: Vec<Set> = shown.sums().into_iter().map(Set::of).collect();
    // They are read together: on one page if there is one that holds them.
    let height = sums.iter().map(Set::height).sum();
    if height <= ROOM {
        paper.room(height);
    }
    for sum in &sums {
        sum.draw(paper);
    }
    if let Some(instructions) = shown.instructions() {
        paper.down(18_000);
        // The label and the first words belong together.
        paper.room(NAME.leading() + 2 * TEXT.leading());
        paper.column(LEFT, NAME, &[encode(shown.words.instructions)]);
        paper.down(2_000);
        paper.column(LEFT, TEXT, &TEXT.wrap(instructions, RIGHT - LEFT));
    }
    if let Some(footer) = shown.footer() {
        paper.down(18_000);
        paper.room(10_000 + LABEL.leading());
        paper.rule(LEFT, Ink::Pale);
        paper.down(10_000);
        paper.column(LEFT, LABEL, &LABEL.wrap(footer, RIGHT - LEFT));
    }
}

/// A sum whose label is broken to its width.
struct Set {
    sum: Sum,
    style: Style,
    label: Vec<Vec<u8>>,
}

impl Set {
    fn of(sum: Sum) -> Self {
        let style = match sum.weight {
            Weight::Light => LIGHT,
            Weight::Plain => TEXT,
            Weight::Strong => STRONG,
        };
        let label = style.wrap(&sum.label, RIGHT - MIDDLE - GAP - style.width(&sum.amount));
        Self { sum, style, label }
    }

    /// Room above it, for the rule.
    const fn above(&self) -> i64 {
        if matches!(self.sum.weight, Weight::Strong) { 7_000 } else { 0 }
    }

    fn height(&self) -> i64 {
        let lines = i64::try_from(self.label.len()).unwrap_or_default();
        self.above() + lines * self.style.leading() + BELOW
    }

    fn draw(&self, paper: &mut Paper) {
        if self.height() <= ROOM {
            paper.room(self.height());
        }
        if self.above() > 0 {
            paper.rule(MIDDLE, Ink::Black);
            paper.down(self.above());
        }
        // A label of many lines may go on elsewhere; its first line is here, and so is the amount.
        paper.room(self.style.leading());
        paper.right(RIGHT, self.style, &encode(&self.sum.amount));
        paper.column(MIDDLE, self.style, &self.label);
        paper.down(BELOW);
    }
}

//! What stands above the table?

use super::{
    super::shown::{Block, Shown},
    font::Font,
    paper::{GAP, Ink, LABEL, LEFT, MIDDLE, NAME, Paper, RIGHT, Style, TEXT},
    winansi::encode,
};

const TITLE: Style = Style { font: Font::Bold, size: 24_000, ink: Ink::Black };
const ISSUER: Style = Style { font: Font::Bold, size: 12_000, ink: Ink::Black };
const HEADLINE: Style = Style { font: Font::Bold, size: 15_000, ink: Ink::Black };

/// What it is and of whom, its number and days, who pays it, and how much by when.
pub(super) fn draw(paper: &mut Paper, shown: &Shown<'_>) {
    title(paper, shown);
    facts(paper, shown);
    paper.rule(LEFT, Ink::Pale);
    paper.down(14_000);
    blocks(paper, &shown.blocks());
    if let Some(headline) = shown.headline() {
        paper.down(16_000);
        paper.column(LEFT, HEADLINE, &HEADLINE.wrap(&headline, RIGHT - LEFT));
    }
    paper.down(18_000);
}

fn title(paper: &mut Paper, shown: &Shown<'_>) {
    let word = encode(shown.words.invoice);
    paper.left(LEFT, TITLE, &word);
    let width = RIGHT - LEFT - TITLE.font.width(&word, TITLE.size) - 2 * GAP;
    // On one base line with the title.
    paper.down(TITLE.size - ISSUER.size);
    for line in ISSUER.wrap(&shown.document.issuer.name, width) {
        paper.room(ISSUER.leading());
        paper.right(RIGHT, ISSUER, &line);
        paper.down(ISSUER.leading());
    }
    paper.down(18_000);
}

fn facts(paper: &mut Paper, shown: &Shown<'_>) {
    let facts = shown.facts();
    let labels = facts.iter().map(|(label, _)| LABEL.width(label)).max().unwrap_or_default();
    let x = LEFT + labels + GAP;
    for (n, (label, value)) in facts.iter().enumerate() {
        let style = if n == 0 { NAME } else { TEXT };
        paper.room(style.leading());
        // The smaller letters of the label stand on the line of the larger ones.
        paper.down(style.size - LABEL.size);
        paper.left(LEFT, LABEL, &encode(label));
        paper.down(LABEL.size - style.size);
        paper.column(x, style, &style.wrap(value, RIGHT - x));
        paper.down(1_500);
    }
    paper.down(12_000);
}

/// Side by side, row by row, so that long addresses go on together.
fn blocks(paper: &mut Paper, blocks: &[Block<'_>; 2]) {
    let width = RIGHT - MIDDLE;
    let texts = blocks.each_ref().map(|block| {
        let name = NAME.wrap(block.name, width).into_iter().map(|line| (NAME, line));
        let rest = block.lines.iter().flat_map(|line| TEXT.wrap(line, width)).map(|line| (TEXT, line));
        let label = (LABEL, encode(block.label));
        std::iter::once(label).chain(name).chain(rest).collect::<Vec<_>>()
    });
    let rows = texts.iter().map(Vec::len).max().unwrap_or_default();
    for row in 0..rows {
        paper.room(TEXT.leading());
        for (x, text) in [LEFT, MIDDLE].into_iter().zip(&texts) {
            if let Some((style, line)) = text.get(row) {
                paper.left(x, *style, line);
            }
        }
        paper.down(if row == 0 { LABEL.leading() + 2_000 } else { TEXT.leading() });
    }
}

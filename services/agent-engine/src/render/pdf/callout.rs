//! How is a box set that must not be overlooked?

use super::{
    paper::{LEFT, Paper, ROOM, WIDTH},
    style::{BODY, Ink, STRONG},
};

/// Around what stands in it.
const AIR: i64 = 11_000;

/// A title, a sentence and items, in one box.
pub(super) fn draw(paper: &mut Paper, title: &str, text: &str, items: &[String]) {
    let width = WIDTH - 3 * AIR;
    let titles = STRONG.wrap(title, width).into_iter().map(|line| (STRONG.with(Ink::Accent), 0, line));
    let texts = BODY.wrap(text, width).into_iter().map(|line| (BODY, 0, line));
    let items = items.iter().flat_map(|item| BODY.wrap(&format!("• {item}"), width - AIR));
    let items = items.map(|line| (BODY, AIR / 2, line));
    let mut lines: Vec<_> = titles.chain(texts).chain(items).collect();
    // Whoever names a step in a thousand lines does not see all of them.
    lines.truncate(usize::try_from((ROOM / 2 - 2 * AIR) / BODY.leading()).unwrap_or_default());
    let height = BODY.lines(lines.len()) + 2 * AIR;
    paper.room(height);
    paper.fill([LEFT, paper.y()], [WIDTH, height], Ink::Faint);
    paper.fill([LEFT, paper.y()], [3_000, height], Ink::Accent);
    paper.down(AIR);
    for (style, indent, line) in lines {
        paper.left(LEFT + AIR + 4_000 + indent, style, &line);
        paper.down(BODY.leading());
    }
    paper.down(AIR + 4_000);
}

//! In which order are blocks drawn, and which of them stay together?

use super::{
    super::{block::Block, number::Numbers},
    callout, figures, line_chart, matrix,
    paper::{Paper, ROOM, WIDTH},
    plan, prose,
    style::{BODY, LEAD, NOTE, STRONG},
    table,
};
use crate::domain::{locale::Locale, report::Report};

/// Below sentences and headings.
const BELOW: i64 = 7_000;

/// Everything, from where the pen is.
pub(super) fn draw(paper: &mut Paper, blocks: &[Block], report: &Report, locale: Locale) {
    let numbers = Numbers { locale, currency: &report.brief.currency };
    for (n, block) in blocks.iter().enumerate() {
        paper.room(together(&blocks[n..]).min(ROOM));
        draw_one(paper, block, numbers);
    }
}

fn draw_one(paper: &mut Paper, block: &Block, numbers: Numbers<'_>) {
    match block {
        Block::Heading(text) => prose::heading(paper, text),
        Block::Subheading(text) => prose::subheading(paper, text),
        Block::Lead(text) => prose::lead(paper, text),
        Block::Strong(text) => prose::strong(paper, text),
        Block::Paragraph(text) => prose::paragraph(paper, text),
        Block::Intro(text) | Block::Note(text) => prose::note(paper, text),
        Block::Bullets(items) => prose::bullets(paper, items),
        Block::Callout { title, text, lines } => callout::draw(paper, title, text, lines),
        Block::Figures(all) => figures::draw(paper, all),
        Block::Table(all) => table::draw(paper, all),
        Block::Lines(chart) => line_chart::draw(paper, chart, numbers),
        Block::Matrix(all) => matrix::draw(paper, all),
        Block::Plan(all) => plan::draw(paper, all, numbers.locale),
    }
}

/// How high is what must be on one page, from the first block on: a heading is never the last of a page.
fn together(blocks: &[Block]) -> i64 {
    let Some((block, rest)) = blocks.split_first() else { return 0 };
    let first_lines = |text: &str, style: super::style::Style| {
        let lines = style.wrap(text, WIDTH).len();
        style.lines(lines.min(if lines <= 3 { 3 } else { 2 }))
    };
    match block {
        Block::Heading(_) => prose::height_of_heading() + together(rest),
        Block::Subheading(_) => prose::height_of_subheading() + together(rest),
        Block::Intro(text) => NOTE.lines(NOTE.wrap(text, WIDTH).len()) + BELOW + together(rest),
        Block::Strong(text) => STRONG.lines(STRONG.wrap(text, WIDTH).len()) + BELOW + together(rest),
        Block::Lead(text) => LEAD.lines(LEAD.wrap(text, WIDTH).len().min(6)),
        Block::Paragraph(text) => first_lines(text, BODY),
        Block::Note(text) => first_lines(text, NOTE),
        Block::Bullets(items) => items.first().map_or(0, |item| first_lines(item, BODY)),
        Block::Callout { .. } => 0,
        Block::Figures(_) => figures::height(),
        Block::Table(all) => table::height_of_begin(all),
        Block::Lines(_) => line_chart::height(),
        Block::Matrix(_) => matrix::height(),
        Block::Plan(all) => plan::height_of_begin(all),
    }
}

//! How is a report printed?
//!
//! A4, in the two fonts that every reader of PDF has, so that no font has to be carried along. Lengths are whole
//! thousandths of a point; they become numbers of PDF in `paper` alone.

mod bind;
mod callout;
mod figures;
mod flow;
mod font;
mod head;
mod legend;
mod line_chart;
mod matrix;
mod paper;
mod plan;
mod prose;
mod scale;
mod style;
mod table;
#[cfg(test)]
mod tests;
mod widths;
mod winansi;
mod wrap;

use super::{block::Table, content, words::Words};
use crate::domain::{locale::Locale, report::Report};
use paper::Paper;

/// How wide the columns of a table are with the room around them, in thousandths of a point.
pub(super) fn column_widths(table: &Table) -> Vec<i64> {
    table::widths(table)
}

/// The report on as many pages as it needs.
pub(super) fn pdf(report: &Report, locale: Locale) -> Vec<u8> {
    let document = content::document(report, locale);
    let words = Words::of(locale);
    let mut paper = Paper::new([document.title.text.clone(), document.title.kind.clone()]);
    head::draw(&mut paper, &document.title);
    flow::draw(&mut paper, &document.blocks, report, locale);
    let marks = paper.take_marks();
    let pages = paper.finish(words);
    bind::bound(pages, &marks, report, &document.title, locale)
}

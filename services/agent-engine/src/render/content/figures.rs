//! Which numbers matter most?

use super::{
    super::{block::Block, text},
    Context,
};
use crate::domain::report::Cell;
use std::collections::BTreeSet;

/// More than these are not looked at.
const MOST: usize = 8;
/// A label that is longer explains instead of naming.
const LONGEST_LABEL: usize = 60;
/// So is a value.
const LONGEST_VALUE: usize = 40;

/// A handful of cells: what was computed first.
pub(super) fn blocks(context: Context<'_>) -> Vec<Block> {
    let cells = || context.report.cells.values();
    let (computed, others) = (cells().filter(|cell| is_computed(cell)), cells().filter(|cell| !is_computed(cell)));
    let mut seen = BTreeSet::new();
    let figures = computed.chain(others).map(|cell| figure(cell, context)).filter(|figure| seen.insert(figure.clone()));
    let figures: Vec<_> = figures.take(MOST).collect();
    if figures.is_empty() { vec![] } else { vec![Block::Figures(figures)] }
}

fn is_computed(cell: &Cell) -> bool {
    cell.origin.starts_with("computed:")
}

fn figure(cell: &Cell, context: Context<'_>) -> [String; 2] {
    let label = text::shortened(&cell.label, LONGEST_LABEL);
    // The text is in the language of the brief: in another one the number is written anew.
    let is_same = context.locale == context.report.brief.locale;
    let written = text::shortened(&cell.text, LONGEST_VALUE);
    let value = if is_same && !written.is_empty() { written } else { context.numbers.of(cell.value, &cell.unit) };
    [label, value]
}

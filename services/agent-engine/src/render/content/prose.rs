//! Which paragraphs are there?

use super::super::{block::Block, text};

/// Those that say something.
pub(super) fn paragraphs(texts: &[String]) -> Vec<Block> {
    let lines = texts.iter().map(|text| text::clean(text));
    lines.filter(|text| !text.is_empty()).map(Block::Paragraph).collect()
}

//! What does an executive read first?

use super::{
    super::{block::Block, text},
    Context, prose,
};

/// The decision in one sentence, and why.
pub(super) fn blocks(context: Context<'_>) -> Vec<Block> {
    let summary = &context.report.summary;
    let headline = text::clean(&summary.headline);
    let lead = (!headline.is_empty()).then_some(Block::Lead(headline));
    lead.into_iter().chain(prose::paragraphs(&summary.paragraphs)).collect()
}

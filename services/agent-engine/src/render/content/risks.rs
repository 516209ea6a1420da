//! What may go wrong?

use super::{
    super::{
        block::{Block, Cell, Column, Matrix, Table},
        name, text,
    },
    Context, or_none,
};
use crate::domain::report::RiskEntry;

/// All risks, as a table and by probability and impact.
pub(super) fn blocks(context: Context<'_>) -> Vec<Block> {
    let risks = &context.report.risks;
    if risks.is_empty() {
        return vec![];
    }
    let words = context.words;
    let columns = vec![
        Column::number(words.number),
        Column::text(words.risk, 4),
        Column::number(words.probability_short),
        Column::number(words.impact_short),
        Column::number(words.exposure_short),
        Column::text(words.mitigation, 4),
        Column::text(words.trigger, 3),
        Column::text(words.owner, 2),
    ];
    let rows = risks.iter().zip(1..).map(|(risk, number)| row(risk, number, context)).collect();
    vec![Block::Table(Table { columns, rows }), Block::Matrix(Box::new(matrix(risks, context)))]
}

fn row(risk: &RiskEntry, number: usize, context: Context<'_>) -> Vec<Cell> {
    let by = name::roles(&risk.named_by, context.locale);
    let by = if by.is_empty() { by } else { format!("{}: {by}", context.words.named_by) };
    vec![
        number.to_string().into(),
        Cell::from(or_none(&risk.risk)).with_note(by),
        risk.probability.to_string().into(),
        risk.impact.to_string().into(),
        Cell::strong(risk.exposure.to_string()),
        or_none(&risk.mitigation).into(),
        or_none(&risk.trigger).into(),
        or_none(&risk.owner).into(),
    ]
}

fn matrix(risks: &[RiskEntry], context: Context<'_>) -> Matrix {
    let words = context.words;
    let mut cells: [[Vec<usize>; 5]; 5] = Default::default();
    let place = |level: u8| usize::from(level.clamp(1, 5) - 1);
    for (risk, number) in risks.iter().zip(1..) {
        cells[place(risk.probability)][place(risk.impact)].push(number);
    }
    let names = risks.iter().map(|risk| or_none(&text::one_line(&risk.risk))).collect();
    Matrix { title: words.risk_matrix, axes: [words.probability, words.impact], cells, names }
}

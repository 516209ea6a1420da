//! What does a role recommend, what does it cost and what does it change?

mod build;
mod select;

use super::{case::Case, figures::Figures, tables::Family, tables::Play};

/// A recommendation.
#[derive(Clone, Debug)]
pub struct Move {
    /// What is done.
    pub play: &'static Play,
    /// From, to, in money.
    pub cost: (f64, f64),
    /// First and last day.
    pub days: (u32, u32),
    /// Metric, from, to, and the day of it.
    pub effect: Option<(String, f64, f64, u32)>,
    /// Levers of the same role that come before.
    pub after: Vec<String>,
    /// Such as `must`.
    pub priority: &'static str,
}

/// What the role of the case recommends, the most important first.
pub fn moves(case: &Case, figures: &Figures, families: &[&'static Family]) -> Vec<Move> {
    build::build(case, figures, select::select(case, figures, families))
}

//! Which kind of problem is it?

use super::{
    case::Case,
    figures::Figures,
    tables::{Family, tables},
    text,
};

/// What a number says about the kind of problem, and how loud.
const HINTS: &[(&str, &str, f64)] = &[
    ("client_dependency", "x_client_share>25", 0.8),
    ("cash", "runway<3", 0.5),
    ("churn", "churn>5", 0.3),
    ("debt", "debt_months>6", 0.3),
    ("people", "employee_turnover>5", 0.3),
    ("inventory", "inventory_days>90", 0.3),
    ("sales", "revenue_growth<-5", 0.4),
    ("operations", "defect_rate>5", 0.3),
];

/// All kinds that the problem speaks of, the loudest first; at least one.
pub fn families(case: &Case, figures: &Figures) -> Vec<&'static Family> {
    let folded = text::fold(&case.problem);
    let opening: String = folded.chars().take(90).collect();
    let mut scored: Vec<(f64, &Family)> = tables()
        .families
        .iter()
        .map(|family| (score(family, &folded, &opening, figures), family))
        .filter(|(score, family)| *score > 0.0 || family.cues.is_empty())
        .collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0));
    scored.into_iter().map(|(_, family)| family).collect()
}

fn score(family: &Family, folded: &str, opening: &str, figures: &Figures) -> f64 {
    let found = family.cues.iter().filter(|cue| text::has(folded, cue)).count();
    let more = f64::from(u32::try_from(found.saturating_sub(1).min(4)).unwrap_or(0));
    let words = if found == 0 { 0.0 } else { family.weight * (1.0 + 0.3 * more) };
    let first = if family.cues.iter().any(|cue| text::has(opening, cue)) { 0.3 } else { 0.0 };
    let hint = |(key, when, loud): &(&str, &str, f64)| {
        if *key == family.key && super::condition::holds(when, figures) { *loud } else { 0.0 }
    };
    words + first + HINTS.iter().map(hint).sum::<f64>()
}

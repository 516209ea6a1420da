//! What is a choice worth by itself?

use super::{
    course::course,
    effect::{Act, Case},
    known, start, total,
};
use crate::domain::{ballot::Choice, brief::Brief, opinion::Opinion};
use std::collections::BTreeMap;

/// The net present value of each choice if nothing else were done, by its id. Empty where the course of the company cannot be
/// reckoned.
pub fn worth(brief: &Brief, opinions: &[Opinion], choices: &[Choice]) -> BTreeMap<String, f64> {
    let known = known::Known::new(brief, opinions, &[]);
    let months = brief.horizon_days.div_ceil(30).clamp(3, 36);
    let of = |choice: &Choice| {
        let start = start::start(&known, &[choice])?;
        let idle = course(&start, &[], months, Case::Base);
        let done = course(&start, &[Act::new(choice, &start)], months, Case::Base);
        Some((choice.id.clone(), total::scenario(&start, &done, &idle).npv))
    };
    choices.iter().filter_map(of).filter(|(_, npv)| npv.is_finite()).collect()
}

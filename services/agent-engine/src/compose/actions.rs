//! What is done, in which order, and by what does one see that it works?

use super::{cells::middle, topic::natural};
use crate::domain::{
    ballot::Choice,
    brief::Brief,
    meeting::{Meeting, Outcome},
    opinion::Range,
    registry,
    report::Action,
};
use chrono::{DateTime, Days, Utc};

/// What was adopted: nothing before what it depends on, then by start, then by id. Dependencies that go round in a circle
/// hold nothing up.
pub fn actions(brief: &Brief, meeting: &Meeting, created_at: DateTime<Utc>) -> Vec<Action> {
    let is_adopted = |choice: &&Choice| {
        meeting.decisions.iter().any(|decision| decision.topic == choice.id && decision.outcome == Outcome::Adopted)
    };
    let ordered = ordered(meeting.choices.iter().filter(is_adopted).collect());
    let action = |(n, choice): (usize, &&Choice)| {
        let before = |(_, other): &(usize, &&Choice)| needs(choice, other);
        let depends_on = ordered[..n].iter().enumerate().filter(before).map(|(n, _)| id(n)).collect();
        action(n, choice, depends_on, brief, meeting, created_at)
    };
    ordered.iter().enumerate().map(action).collect()
}

fn id(n: usize) -> String {
    format!("a{}", n + 1)
}

fn needs(choice: &Choice, other: &Choice) -> bool {
    choice.id != other.id && choice.lever != other.lever && choice.depends_on.contains(&other.lever)
}

fn ordered(mut left: Vec<&Choice>) -> Vec<&Choice> {
    left.sort_by(|a, b| (a.start_day, natural(&a.id)).cmp(&(b.start_day, natural(&b.id))));
    let mut ordered = Vec::with_capacity(left.len());
    while !left.is_empty() {
        let is_ready = |choice: &&Choice| !left.iter().any(|other| needs(choice, other));
        let next = left.iter().position(is_ready).unwrap_or_default();
        ordered.push(left.remove(next));
    }
    ordered
}

fn action(
    n: usize,
    choice: &Choice,
    depends_on: Vec<String>,
    brief: &Brief,
    meeting: &Meeting,
    created_at: DateTime<Utc>,
) -> Action {
    let effect = choice.effects.first();
    let baseline = effect.and_then(|effect| baseline(brief, meeting, &effect.metric));
    let change = effect.map(|effect| middle(Range { low: effect.low, high: effect.high }));
    let target = baseline.zip(change).map(|(baseline, change)| baseline + change);
    Action {
        id: id(n),
        choice: choice.id.clone(),
        task: choice.statement.clone(),
        owner: choice.owner.clone(),
        start_day: choice.start_day,
        due_day: choice.end_day,
        start_date: date(created_at, choice.start_day),
        due_date: date(created_at, choice.end_day),
        kpi: effect.map(|effect| effect.metric.clone()),
        baseline,
        target: target.filter(|target| target.is_finite()),
        cost: choice.cost.map(middle).filter(|cost| cost.is_finite()),
        depends_on,
        priority: choice.priority,
    }
}

/// The metric now, in its base unit: as it was told, or else as it was agreed on.
fn baseline(brief: &Brief, meeting: &Meeting, metric: &str) -> Option<f64> {
    let told = brief.fact(metric).and_then(|fact| match registry::metric(metric) {
        Some(known) => Some(fact.value * known.factor(&fact.unit, fact.period.as_deref(), &brief.currency)?),
        None => Some(fact.value),
    });
    let agreed = || meeting.decisions.iter().find(|decision| decision.topic == metric)?.value.map(|value| value.point);
    told.or_else(agreed).filter(|value| value.is_finite())
}

fn date(created_at: DateTime<Utc>, day: u32) -> String {
    let begun = created_at.date_naive();
    begun.checked_add_days(Days::new(day.into())).unwrap_or(begun).format("%Y-%m-%d").to_string()
}

#[cfg(test)]
mod tests {
    use super::{super::sample, *};
    use crate::domain::locale::Locale;

    #[test]
    fn what_was_adopted_is_done_in_order() {
        let sample = sample::sample(Locale::PtBr);
        let actions = actions(&sample.brief, &sample.meeting, sample.created_at);
        let shown: Vec<(&str, &str, Vec<&str>)> = actions
            .iter()
            .map(|a| (a.id.as_str(), a.choice.as_str(), a.depends_on.iter().map(String::as_str).collect()))
            .collect();
        assert_eq!(shown, [("a1", "o2", vec![]), ("a2", "o1", vec!["a1"])], "o1 starts first and needs o2");
        let first = &actions[1];
        assert_eq!((first.kpi.as_deref(), first.baseline, first.target), (Some("churn"), Some(6.0), Some(4.5)));
        assert_eq!(
            (first.start_date.as_str(), first.due_date.as_str(), first.cost),
            ("2026-03-01", "2026-05-30", Some(40_000.0))
        );
        let other = &actions[0];
        assert_eq!((other.kpi.as_deref(), other.baseline, other.target), (None, None, None));
    }

    #[test]
    fn circles_and_far_days_hold_nothing_up() {
        let mut sample = sample::sample(Locale::En);
        sample.meeting.choices[1].depends_on = vec!["retention_program".into()];
        sample.meeting.choices[1].end_day = u32::MAX;
        let actions = actions(&sample.brief, &sample.meeting, sample.created_at);
        assert_eq!(actions.len(), 2);
        assert!(actions[0].depends_on.is_empty() && actions[1].depends_on == ["a1"]);
    }
}

//! What is a choice, or a topic of a decision, called?

use crate::{
    domain::{
        ballot::Choice,
        locale::Locale,
        meeting::{Decision, Meeting, Outcome},
        opinion::Direction,
        registry,
    },
    words,
};

/// What a choice does, such as `iniciar o programa de retenção`.
pub(super) fn phrase(choice: &Choice, locale: Locale) -> String {
    moved(&choice.lever, choice.direction, locale)
}

fn moved(lever: &str, direction: Direction, locale: Locale) -> String {
    if let Some(phrase) = words::move_of(lever, direction, locale) {
        return phrase.to_owned();
    }
    let (article, is_amount) = words::lever(lever, locale);
    let verb = words::verb(direction, is_amount, locale);
    let label = lowered(&registry::lever_label(lever, locale));
    if article.is_empty() { format!("{verb} {label}") } else { format!("{verb} {article} {label}") }
}

/// A label inside a sentence: abbreviations stay as they are.
pub(super) fn lowered(label: &str) -> String {
    let mut letters = label.chars();
    match (letters.next(), letters.next()) {
        (Some(first), Some(second)) if second.is_lowercase() => {
            first.to_lowercase().collect::<String>() + &label[first.len_utf8()..]
        }
        _ => label.to_owned(),
    }
}

/// The first letter of a sentence.
pub(super) fn raised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().collect::<String>() + letters.as_str()).unwrap_or_default()
}

/// A metric and the time it is of: `churn@d90` is `churn` in 90 days.
pub(crate) fn metric(topic: &str) -> (&str, Option<&str>) {
    topic.split_once('@').map_or((topic, None), |(metric, time)| (metric, Some(time)))
}

/// What people call the metric of a topic.
pub(crate) fn metric_label(topic: &str, locale: Locale) -> String {
    let (key, time) = metric(topic);
    let label = registry::label(key, locale);
    match time.map(|time| words::period(time, locale)).filter(|time| !time.is_empty()) {
        Some(time) => format!("{label} ({time})"),
        None => label,
    }
}

/// What people call whatever a conflict or a decision is about.
pub(super) fn subject(topic: &str, meeting: &Meeting, locale: Locale) -> String {
    match meeting.choices.iter().find(|choice| choice.id == topic) {
        Some(choice) => phrase(choice, locale),
        None if registry::metric(metric(topic).0).is_some() => lowered(&metric_label(topic, locale)),
        None => lowered(&registry::lever_label(topic, locale)),
    }
}

/// The decision on a choice.
pub(super) fn decision<'a>(meeting: &'a Meeting, choice: &Choice) -> Option<&'a Decision> {
    meeting.decisions.iter().find(|decision| decision.topic == choice.id)
}

/// Choices of this outcome: what matters most first.
pub(super) fn of_outcome(meeting: &Meeting, outcome: Outcome) -> Vec<&Choice> {
    let is_so = |choice: &&Choice| decision(meeting, choice).is_some_and(|decision| decision.outcome == outcome);
    let mut choices: Vec<&Choice> = meeting.choices.iter().filter(is_so).collect();
    choices.sort_by(|a, b| (a.priority, natural(&a.id)).cmp(&(b.priority, natural(&b.id))));
    choices
}

/// Orders `o2` before `o10`.
pub(super) fn natural(id: &str) -> (usize, &str) {
    (id.len(), id)
}

/// `a, b e c`.
pub(super) fn list(items: &[String], locale: Locale) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [rest @ .., last] => format!("{} {} {last}", rest.join(", "), locale.pick("and", "e")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_lever_can_be_moved_in_words() {
        let both =
            |lever: &str, direction| (moved(lever, direction, Locale::PtBr), moved(lever, direction, Locale::En));
        let is =
            |found: (String, String), pt: &str, en: &str| assert_eq!((found.0.as_str(), found.1.as_str()), (pt, en));
        let start = Direction::Start;
        is(both("retention_program", start), "iniciar o programa de retenção", "start the retention programme");
        is(both("pricing", Direction::Increase), "aumentar os preços", "raise prices");
        is(both("discounts", Direction::Decrease), "reduzir os descontos", "reduce discounts");
        is(both("sales_team", Direction::Increase), "ampliar a equipe comercial", "expand the sales team");
        is(both("new_product", start), "lançar um novo produto", "launch a new product");
        is(both("x_loyalty_card", start), "iniciar loyalty card", "start loyalty card");
        for lever in &registry::registry().levers {
            assert!(!words::lever(&lever.key, Locale::PtBr).0.is_empty(), "{}", lever.key);
        }
    }

    #[test]
    fn labels_fit_into_sentences() {
        assert_eq!(
            (lowered("LTV/CAC"), lowered("Equipe"), lowered("")),
            ("LTV/CAC".into(), "equipe".into(), String::new())
        );
        assert_eq!(metric_label("churn@d90", Locale::PtBr), "Churn (em 90 dias)");
        assert_eq!(list(&["a".into(), "b".into(), "c".into()], Locale::PtBr), "a, b e c");
        assert_eq!(raised("ética"), "Ética");
    }
}

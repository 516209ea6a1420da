//! Which plays does a role choose?

use crate::provider::simulator::business::{
    case::Case,
    condition,
    figures::Figures,
    tables::{Family, Play, tables},
};

const MOST: usize = 4;

/// What the numbers ask for comes first, then what suits the kind of problem, then what suits the next kind.
pub fn select(case: &Case, figures: &Figures, families: &[&Family]) -> Vec<&'static Play> {
    let role = case.mandate();
    let mut ids: Vec<&str> = vec![];
    let rules = tables().roles.rules.iter();
    let asked = rules.filter(|rule| rule.role == role && condition::holds(&rule.when, figures));
    let asked: Vec<&str> = asked.map(|rule| rule.play.as_str()).take(2).collect();
    let own = families.first().map(|family| listed(family, role, figures)).unwrap_or_default();
    let next = families.get(1).map(|family| listed(family, role, figures)).unwrap_or_default();
    ids.extend(&asked);
    ids.extend(own.iter().take(MOST));
    ids.extend(next);
    let mut chosen: Vec<&'static Play> = vec![];
    for play in ids.into_iter().filter_map(|id| tables().play(id)) {
        let taken = chosen.iter().any(|other| other.lever == play.lever);
        let refused = case.limits.forbidden.contains(&play.lever) && play.direction != "keep";
        if !taken && !refused && !breaks_floor(case, play) && chosen.len() < MOST {
            chosen.push(play);
        }
    }
    chosen
}

fn listed<'a>(family: &'a Family, role: &str, figures: &Figures) -> Vec<&'a str> {
    let entries = family.plays.get(role).into_iter().flatten();
    entries
        .filter_map(|entry| {
            let (id, when) = entry.split_once('?').unwrap_or((entry, ""));
            condition::holds(when, figures).then_some(id)
        })
        .collect()
}

/// Whether it moves a metric that has a floor or a ceiling toward it.
fn breaks_floor(case: &Case, play: &Play) -> bool {
    let Some(metric) = play.metric.as_deref() else { return false };
    let down = play.rel[0] < 0.0 && case.limits.floors.iter().any(|(key, _)| key == metric);
    let up = play.rel[1] > 0.0 && case.limits.ceilings.iter().any(|(key, _)| key == metric);
    down || up
}

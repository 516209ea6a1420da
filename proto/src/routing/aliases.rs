//! What is wrong with where virtual models lead?

use super::{Alias, Known, MAX_FALLBACKS, MAX_MODEL_NAME, MAX_TARGETS, PLATFORM, Problem, Settings, Target};
use std::collections::{BTreeMap, BTreeSet};

const MAX_PRIORITY: i32 = 1000;
const MAX_WEIGHT: i32 = 1000;

/// A name that a request can have as its model.
pub(super) fn name(name: &str, place: &str, problems: &mut Vec<Problem>) {
    if !(1..=MAX_MODEL_NAME).contains(&name.len()) || name.chars().any(char::is_control) || name.trim() != name {
        let why =
            format!("must be named by 1 to {MAX_MODEL_NAME} bytes without control characters or blanks around them");
        problems.push((place.to_owned(), why));
    }
}

/// The targets of one alias, which stands at `place`.
pub(super) fn targets(
    settings: &Settings,
    alias: &Alias,
    place: &str,
    providers: &[Known],
    problems: &mut Vec<Problem>,
) {
    if !(1..=MAX_TARGETS).contains(&alias.targets.len()) {
        problems.push((format!("{place}.targets"), format!("must be 1 to {MAX_TARGETS} targets")));
    }
    let mut weights: BTreeMap<i32, (i64, usize)> = BTreeMap::new();
    for (at, target) in alias.targets.iter().enumerate() {
        let place = format!("{place}.targets[{at}]");
        leads_somewhere(settings, target, &place, providers, problems);
        if let Some(priority) = target.priority {
            if !(0..=MAX_PRIORITY).contains(&priority) {
                problems.push((format!("{place}.priority"), format!("must be from 0 to {MAX_PRIORITY}")));
            }
            let shares = weights.entry(priority).or_insert((0, at));
            shares.0 += i64::from(target.weight.unwrap_or(1));
        } else if target.weight.is_some() {
            let why = "needs a priority beside it: targets of the same priority share by weight";
            problems.push((format!("{place}.weight"), why.to_owned()));
        }
        if target.weight.is_some_and(|weight| !(0..=MAX_WEIGHT).contains(&weight)) {
            problems.push((format!("{place}.weight"), format!("must be from 0 to {MAX_WEIGHT}")));
        }
    }
    for (priority, (_, at)) in weights.into_iter().filter(|(_, (sum, _))| *sum == 0) {
        let why = format!("must be more than 0 for at least one target of priority {priority}");
        problems.push((format!("{place}.targets[{at}].weight"), why));
    }
}

/// Whether anybody is behind a target.
fn leads_somewhere(
    settings: &Settings,
    target: &Target,
    place: &str,
    providers: &[Known],
    problems: &mut Vec<Problem>,
) {
    let field = format!("{place}.model");
    let before = problems.len();
    name(&target.model, &field, problems);
    if problems.len() > before {
        return;
    }
    if target.provider.is_empty() {
        if !settings.aliases.contains_key(&target.model) && !is_served(&target.model, providers) {
            problems.push((field, "is neither an alias nor served by a provider of this workspace".to_owned()));
        }
        return;
    }
    let own = providers.iter().find(|known| !known.is_platform && known.name == target.provider);
    if own.is_none() && target.provider == PLATFORM {
        if !is_served_by(&target.model, providers, true) {
            problems.push((field, "is served by no provider of the platform that this workspace may use".to_owned()));
        }
        return;
    }
    let Some(provider) = own else {
        problems.push((format!("{place}.provider"), "is not the name of a provider of this workspace".to_owned()));
        return;
    };
    if !provider.takes_any_model && !provider.models.is_empty() && !provider.models.contains(&target.model) {
        problems.push((field, format!("is not among the models of the provider {:?}", provider.name)));
    }
}

/// Whether a request for this name would find one of `providers`.
pub fn is_served(model: &str, providers: &[Known]) -> bool {
    let of_platform = model.strip_prefix(PLATFORM).and_then(|rest| rest.strip_prefix('/'));
    is_served_by(model, providers, false)
        || is_served_by(model, providers, true)
        || of_platform.is_some_and(|rest| is_served_by(rest, providers, true))
}

/// The same of the platform's, or of the workspace's own.
fn is_served_by(model: &str, providers: &[Known], is_platform: bool) -> bool {
    let mut of_them = providers.iter().filter(|known| known.is_platform == is_platform);
    let serves = |provider: &Known, model: &str| provider.takes_any_model || provider.models.iter().any(|m| m == model);
    let by_prefix = model.split_once('/').is_some_and(|(prefix, rest)| {
        let named = |known: &&Known| known.name == prefix || known.kind == prefix;
        let mut named = of_them.clone().filter(named);
        !rest.is_empty() && named.any(|p| p.models.is_empty() || serves(p, rest))
    });
    by_prefix || of_them.any(|provider| serves(provider, model))
}

/// Aliases that lead back to themselves.
pub(super) fn circles(settings: &Settings, problems: &mut Vec<Problem>) {
    let next = |name: &str| {
        let targets = settings.aliases.get(name).map(|alias| alias.targets.as_slice()).unwrap_or_default();
        targets.iter().filter(|target| target.provider.is_empty()).map(|target| target.model.as_str())
    };
    for name in settings.aliases.keys() {
        // Everything that can be reached from here.
        let (mut seen, mut open): (BTreeSet<&str>, Vec<&str>) = (BTreeSet::new(), next(name).collect());
        while let Some(model) = open.pop() {
            if settings.aliases.contains_key(model) && seen.insert(model) {
                open.extend(next(model));
            }
        }
        if seen.contains(name.as_str()) {
            let why =
                "leads back to itself: name a provider beside the model where the real model of this name is meant";
            problems.push((format!("aliases.{name}.targets"), why.to_owned()));
        }
    }
}

/// What is tried after a model.
pub(super) fn fallbacks(settings: &Settings, providers: &[Known], problems: &mut Vec<Problem>) {
    if settings.fallbacks.len() > MAX_FALLBACKS {
        problems.push(("fallbacks".to_owned(), format!("must be at most {MAX_FALLBACKS}")));
    }
    for (model, fallback) in &settings.fallbacks {
        let place = format!("fallbacks.{model}");
        name(model, "fallbacks", problems);
        if !(1..=MAX_TARGETS).contains(&fallback.models.len()) {
            problems.push((place.clone(), format!("must be 1 to {MAX_TARGETS} models")));
        }
        for (at, to) in fallback.models.iter().enumerate() {
            let place = format!("{place}[{at}]");
            if to == model {
                problems.push((place, "must be another model than the one that it is tried after".to_owned()));
                continue;
            }
            let target = Target { model: to.clone(), ..Target::default() };
            let from = problems.len();
            leads_somewhere(settings, &target, &place, providers, problems);
            for (field, _) in &mut problems[from..] {
                field.clone_from(&place);
            }
        }
    }
}

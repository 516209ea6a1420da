//! Which models may a policy name?

use super::{Known, Policy, Problem, Settings, is_served};

/// Notes every model of a policy that nobody serves.
pub(super) fn policy(
    settings: &Settings,
    policy: &Policy,
    place: &str,
    providers: &[Known],
    problems: &mut Vec<Problem>,
) {
    let mut served = |field: &str, model: &str| {
        if !settings.aliases.contains_key(model) && !is_served(model, providers) {
            let why = "is neither an alias nor served by a provider of this workspace";
            problems.push((format!("{place}.{field}"), why.to_owned()));
        }
    };
    if let Some(semantic) = policy.cache.as_ref().and_then(|cache| cache.semantic.as_ref()) {
        served("cache.semantic.model", &semantic.model);
    }
    if let Some(shadow) = &policy.shadow {
        served("shadow.model", &shadow.model);
    }
}

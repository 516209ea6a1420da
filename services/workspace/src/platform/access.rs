//! Which workspaces may use a provider of the platform?

use crate::problems::Problems;
use proto::id::WorkspaceId;
use serde_json::json;
use std::collections::HashSet;

const MAX_PLANS: usize = 100;
const MAX_PLAN: usize = 64;
/// Every routing that is opened reads all of them.
const MAX_WORKSPACES: usize = 1000;

/// Those on one of these plans, and these; all, where neither is named.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Access {
    /// Names.
    pub plans: Vec<String>,
    pub workspaces: Vec<WorkspaceId>,
}

impl Access {
    /// What is kept. None for what nobody can read, which then is for nobody.
    pub(super) fn read(plans: &str, workspaces: &str) -> Option<Self> {
        let plans = serde_json::from_str(plans).ok()?;
        let ids: Vec<String> = serde_json::from_str(workspaces).ok()?;
        let workspaces = ids.iter().map(|id| id.parse()).collect::<Result<_, _>>().ok()?;
        Some(Self { plans, workspaces })
    }

    /// How plans and workspaces are kept.
    pub(super) fn columns(&self) -> (String, String) {
        (json!(self.plans).to_string(), json!(self.ids()).to_string())
    }

    /// The workspaces as others write them.
    pub(super) fn ids(&self) -> Vec<String> {
        self.workspaces.iter().map(ToString::to_string).collect()
    }

    pub(super) fn allows(&self, plan: &str, workspace: WorkspaceId) -> bool {
        let is_for_all = self.plans.is_empty() && self.workspaces.is_empty();
        is_for_all || self.plans.iter().any(|named| named == plan) || self.workspaces.contains(&workspace)
    }
}

/// Names of plans, each once. Whether there are such plans is billing's to know: one may be published later.
pub(super) fn plans(names: Vec<String>, problems: &mut Problems) -> Vec<String> {
    let fits = |name: &String| {
        (1..=MAX_PLAN).contains(&name.len()) && name.trim() == name && !name.chars().any(char::is_control)
    };
    if names.len() > MAX_PLANS || !names.iter().all(fits) {
        problems.refused("plans", format!("must be at most {MAX_PLANS} names of plans; none means all"));
    }
    let mut seen = HashSet::new();
    names.into_iter().filter(|name| seen.insert(name.clone())).collect()
}

/// Workspaces, each once.
pub(super) fn workspaces(ids: &[String], problems: &mut Problems) -> Vec<WorkspaceId> {
    let mut seen = HashSet::new();
    let read: Result<Vec<WorkspaceId>, _> = ids.iter().map(|id| id.parse()).collect();
    match read {
        Ok(ids) if ids.len() <= MAX_WORKSPACES => ids.into_iter().filter(|id| seen.insert(*id)).collect(),
        _ => {
            problems
                .refused("workspaces", format!("must be at most {MAX_WORKSPACES} ids of workspaces; none means all"));
            vec![]
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn a_provider_is_for_all_or_for_those_that_are_named() {
        let (one, two) = (WorkspaceId::from_uuid(Uuid::from_u128(1)), WorkspaceId::from_uuid(Uuid::from_u128(2)));
        assert!(Access::default().allows("free", one));
        let named = Access { plans: vec!["pro".to_owned()], workspaces: vec![two] };
        assert!(named.allows("pro", one) && named.allows("free", two) && !named.allows("free", one));
        let (plans, workspaces) = named.columns();
        assert_eq!(Access::read(&plans, &workspaces), Some(named));
        assert_eq!(Access::read("[", "[]"), None);
        assert_eq!(Access::read("[]", "[\"ws_1\"]"), None);
    }

    #[test]
    fn names_are_listed_once_and_are_names() {
        let mut problems = Problems::default();
        assert_eq!(plans(vec!["pro".to_owned(), "pro".to_owned()], &mut problems), ["pro"]);
        problems.finish().unwrap();
        for bad in ["", " pro", "a\n", &"x".repeat(65)] {
            let mut problems = Problems::default();
            plans(vec![bad.to_owned()], &mut problems);
            assert!(problems.finish().is_err(), "{bad:?}");
        }
        let mut problems = Problems::default();
        workspaces(&["prov_1".to_owned()], &mut problems);
        assert!(problems.finish().is_err());
    }
}

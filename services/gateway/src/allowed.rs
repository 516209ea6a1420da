//! Which models may a caller call?

use crate::{cache::policy::Policy, provider::Provider, service::Inner};
use proto::{
    Call, Principal,
    id::{KeyId, TeamId, WorkspaceId},
    routing::PLATFORM,
};
use std::sync::Arc;
use tonic::Status;

/// The models that a caller may call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Allowed {
    /// All that the workspace has.
    #[default]
    Any,
    /// Those of these names; one that ends with `*` stands for all that begin like it.
    Only(Box<[String]>),
}

/// What a caller brings with it.
pub(crate) enum Permit {
    /// A member, or the gateway itself.
    All,
    /// An API key.
    Key { id: KeyId, policy: Arc<Policy> },
}

/// What whoever is bound to nothing may call.
pub(crate) static ANY: Allowed = Allowed::Any;

impl Allowed {
    /// As a key lists it.
    pub(crate) fn of(names: Vec<String>) -> Self {
        if names.is_empty() { Self::Any } else { Self::Only(names.into()) }
    }

    /// Whether `name` is listed. An alias that is listed allows whatever it leads to: the workspace decides what that is.
    pub(crate) fn lists(&self, name: &str) -> bool {
        self.is_met(|pattern| matches(pattern, name))
    }

    /// Whether a model of a provider may be called, under whichever of its names it is listed.
    pub(crate) fn covers(&self, provider: &Provider, model: &str) -> bool {
        self.is_met(|pattern| {
            let of = |prefix: &str| {
                let rest = pattern.strip_prefix(prefix).and_then(|rest| rest.strip_prefix('/'));
                rest.is_some_and(|rest| matches(rest, model))
            };
            pattern == "*"
                || matches(pattern, model)
                || of(&provider.name)
                || of(provider.kind)
                || (provider.is_platform() && of(PLATFORM))
        })
    }

    fn is_met(&self, met: impl Fn(&str) -> bool) -> bool {
        match self {
            Self::Any => true,
            Self::Only(names) => names.iter().any(|name| met(name)),
        }
    }
}

impl Permit {
    /// What the caller may call. Errors: those of identity, which is asked for the policy of a key.
    pub(crate) async fn of(gateway: &Inner, call: &Call, workspace: WorkspaceId) -> Result<Self, Status> {
        match call.principal {
            Principal::Key { id } => {
                let policy = gateway.policies.get(workspace, id, call.request_id).await?;
                Ok(Self::Key { id, policy })
            }
            Principal::User { .. } | Principal::Anonymous | Principal::Service(_) => Ok(Self::All),
        }
    }

    /// The team of the calling key.
    pub(crate) fn team(&self) -> Option<TeamId> {
        match self {
            Self::All => None,
            Self::Key { policy, .. } => policy.team,
        }
    }

    pub(crate) fn allowed(&self) -> &Allowed {
        match self {
            Self::All => &ANY,
            Self::Key { policy, .. } => &policy.allowed,
        }
    }
}

fn matches(pattern: &str, name: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(beginning) => name.starts_with(beginning),
        None => pattern == name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_listed_whole_or_by_their_beginning() {
        let of = |names: &[&str]| Allowed::of(names.iter().map(|name| (*name).to_owned()).collect());
        assert!(of(&[]).lists("anything"));
        assert!(of(&["gpt-5"]).lists("gpt-5"));
        assert!(!of(&["gpt-5"]).lists("gpt-5-mini") && !of(&["gpt-5"]).lists("GPT-5"));
        assert!(of(&["gpt-5*"]).lists("gpt-5-mini") && of(&["a", "gpt-5*"]).lists("gpt-5"));
        assert!(!of(&["gpt-5*"]).lists("my-gpt-5"));
    }
}

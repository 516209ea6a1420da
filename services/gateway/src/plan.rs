//! Which providers will be tried for a model, in which order?

mod close;
mod find;
mod order;
mod rank;
mod reserve;

pub(crate) use rank::{Rank, Taste};

use crate::{
    Error,
    allowed::{ANY, Allowed},
    cache::routing::Routing,
    provider::Provider,
    route::health::{Health, Healths, State},
    service::Inner,
};
use order::Draw;
use proto::{
    routing::{PlatformUse, Settings},
    workspace::LockedProvider,
};
use std::sync::Arc;
use uuid::Uuid;

/// One provider to try.
#[derive(Clone)]
pub(crate) struct Candidate {
    pub provider: Arc<Provider>,
    /// The model as that provider knows it.
    pub model: String,
    /// What is known of both.
    pub health: Arc<Health>,
    /// Why it has its place.
    pub rank: Rank,
    /// It is the platform's, and nobody has named it: asked only where the workspace's own ones leave room for it.
    pub is_reserve: bool,
}

/// What a model is looked up in.
#[derive(Clone, Copy)]
pub(crate) struct Choice<'a> {
    /// The workspace's enabled providers.
    pub providers: &'a [Arc<Provider>],
    /// What the platform offers it.
    pub platform: &'a [Arc<Provider>],
    /// What the platform offers to other plans.
    pub locked: &'a [LockedProvider],
    /// The built-in simulator, where it is switched on.
    pub simulator: Option<&'a Arc<Provider>>,
    /// How the workspace routes.
    pub settings: &'a Settings,
    pub healths: &'a Healths,
    /// What the caller may call: everything else is as if it were not there.
    pub allowed: &'a Allowed,
}

/// Something to try: one provider, or several with an order among them.
enum Node {
    One(Candidate),
    Many(Vec<Branch>),
}

/// One of several.
struct Branch {
    /// Lower is tried first.
    priority: i32,
    /// Share among equals.
    weight: u64,
    node: Node,
}

impl<'a> Choice<'a> {
    /// What a workspace has, as far as a caller may call it.
    pub(crate) fn of(gateway: &'a Inner, routing: &'a Routing, allowed: &'a Allowed) -> Self {
        Self {
            providers: &routing.providers,
            platform: &routing.platform,
            locked: &routing.locked,
            simulator: gateway.simulator.as_ref(),
            settings: &routing.settings,
            healths: &gateway.healths,
            allowed,
        }
    }

    /// What the platform offers, unless the workspace wants nothing of it.
    pub(crate) fn platform(&self) -> &'a [Arc<Provider>] {
        if self.settings.platform() == PlatformUse::Off { &[] } else { self.platform }
    }

    /// Whether anybody serves `model`.
    pub(crate) fn serves(&self, model: &str) -> bool {
        !self.find(model).is_empty()
    }

    /// The providers that serve `model`, first choice first, each with each of its models once; `chance` shares equal
    /// priorities. Who is to be left alone comes last: better a try than none. Errors: `MODEL_NOT_FOUND` with close
    /// matches, `MODEL_NOT_ALLOWED`, `PLAN_REQUIRED`.
    pub(crate) fn plan(&self, model: &str, taste: &Taste<'_>, chance: Uuid) -> Result<Vec<Candidate>, Error> {
        let mut found = self.find(model);
        if found.is_empty() {
            if !(Self { allowed: &ANY, ..*self }).find(model).is_empty() {
                return Err(Error::ModelNotAllowed { model: model.to_owned() });
            }
            if let Some(locked) = self.locked_behind(model) {
                return Err(Error::PlanRequired { model: model.to_owned(), plans: locked.plans.clone() });
            }
            return Err(Error::ModelNotFound { model: model.to_owned(), close: close::matches(model, &self.names()) });
        }
        if let Some(fallback) = self.settings.fallbacks.get(model) {
            found = self.backed_up(found, &fallback.models);
        }
        let mut planned = order::order(found, taste, &mut Draw::new(chance));
        reserve::put_last(&mut planned, self.settings.platform());
        only_once(&mut planned);
        planned.sort_by_key(|candidate| matches!(candidate.health.state(), State::Open(_)));
        Ok(planned)
    }
}

impl Node {
    fn is_empty(&self) -> bool {
        match self {
            Self::One(_) => false,
            Self::Many(branches) => branches.iter().all(|branch| branch.node.is_empty()),
        }
    }
}

/// Two ways may lead to the same place; the first counts.
fn only_once(planned: &mut Vec<Candidate>) {
    let mut kept = 0;
    while kept < planned.len() {
        let Candidate { provider, model, .. } = &planned[kept];
        if planned[..kept].iter().any(|c| c.model == *model && c.provider.id == provider.id) {
            planned.remove(kept);
        } else {
            kept += 1;
        }
    }
}

#[cfg(test)]
mod tests;

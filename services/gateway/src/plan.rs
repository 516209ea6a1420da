//! Which providers will be tried for a model, in which order?

mod close;
mod order;

use crate::{
    Error,
    provider::{Provider, simulator},
};
use std::sync::Arc;
use uuid::Uuid;

/// One provider to try.
#[derive(Clone)]
pub(crate) struct Candidate {
    pub provider: Arc<Provider>,
    /// The model as that provider knows it.
    pub model: String,
}

/// What a model is looked up in.
pub(crate) struct Choice<'a> {
    /// The workspace's enabled providers.
    pub providers: &'a [Arc<Provider>],
    /// The built-in simulator, where it is switched on.
    pub simulator: Option<&'a Arc<Provider>>,
}

impl Choice<'_> {
    /// The providers that serve `model`, first choice first; `chance` shares equal priorities.
    /// Errors: `MODEL_NOT_FOUND` with close matches.
    pub(crate) fn plan(&self, model: &str, chance: Uuid) -> Result<Vec<Candidate>, Error> {
        let found = self.find(model);
        if found.is_empty() {
            return Err(Error::ModelNotFound { model: model.to_owned(), close: close::matches(model, &self.names()) });
        }
        Ok(order::order(found, chance))
    }

    /// In this order: a name that a provider lists (then providers that take any model back it up),
    /// `<provider name>/<model>`, `<provider kind>/<model>`, and last a provider that takes any model.
    ///
    /// Prefixes come before providers that take any model, because those would claim every name that has a prefix.
    fn find(&self, model: &str) -> Vec<Candidate> {
        let exact = |p: &&Arc<Provider>| p.takes_any_model || p.models.iter().any(|m| m == model);
        if self.providers.iter().any(|p| p.models.iter().any(|m| m == model)) {
            return self.with(model, exact);
        }
        if let Some((prefix, rest)) = model.split_once('/') {
            let named = self.with(rest, |p| p.name == prefix && serves(p, rest));
            if !named.is_empty() {
                return named;
            }
            let of_kind = self.with(rest, |p| p.kind == prefix && serves(p, rest));
            if !of_kind.is_empty() {
                return of_kind;
            }
            if prefix == simulator::NAME
                && let Some(built_in) = self.simulator
            {
                let known = serves(built_in, rest);
                return known
                    .then(|| Candidate { provider: built_in.clone(), model: rest.to_owned() })
                    .into_iter()
                    .collect();
            }
        }
        self.with(model, |p| p.takes_any_model)
    }

    fn with(&self, model: &str, fits: impl Fn(&&Arc<Provider>) -> bool) -> Vec<Candidate> {
        let fitting = self.providers.iter().filter(fits);
        fitting.map(|p| Candidate { provider: p.clone(), model: model.to_owned() }).collect()
    }

    /// Every name that is known to work.
    fn names(&self) -> Vec<String> {
        let listed = self.providers.iter().flat_map(|p| p.models.iter().cloned());
        let built_in = self.simulator.into_iter().flat_map(|_| simulator::model_names());
        listed.chain(built_in.map(|m| format!("{}/{m}", simulator::NAME))).collect()
    }
}

/// Whether a provider that was named by its prefix takes the rest as a model.
fn serves(provider: &Provider, model: &str) -> bool {
    !model.is_empty()
        && (provider.takes_any_model
            || provider.models.iter().any(|m| m == model)
            || (provider.models.is_empty() && provider.kind == simulator::NAME && simulator::knows(model)))
}

#[cfg(test)]
mod tests;

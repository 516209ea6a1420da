//! Who serves a model?

use super::{Branch, Candidate, Choice, Node, rank::Rank};
use crate::{
    allowed::ANY,
    provider::{Provider, simulator},
};
use proto::routing::Target;
use std::sync::Arc;

/// How many aliases may lead to one another. Settings without circles never come near it.
const DEEPEST: usize = 16;

impl Choice<'_> {
    /// In this order: an alias, a name that a provider lists (then providers that take any model back it up),
    /// `<provider name>/<model>`, `<provider kind>/<model>`, and last a provider that takes any model.
    ///
    /// Prefixes come before providers that take any model, because those would claim every name that has a prefix.
    pub(super) fn find(&self, model: &str) -> Node {
        self.find_within(model, DEEPEST)
    }

    /// What is found, and then each of these models.
    pub(super) fn backed_up(&self, found: Node, models: &[String]) -> Node {
        let others = models.iter().map(|model| self.find(model));
        let branches = [found].into_iter().chain(others).zip(0..);
        Node::Many(branches.map(|(node, priority)| Branch { priority, weight: 1, node }).collect())
    }

    fn find_within(&self, model: &str, depth: usize) -> Node {
        match self.settings.aliases.get(model) {
            Some(alias) if depth > 0 => {
                let within = if self.allowed.lists(model) { Choice { allowed: &ANY, ..*self } } else { *self };
                let branches = alias.targets.iter().zip(0..).map(|(target, place)| Branch {
                    priority: target.priority.unwrap_or(place),
                    weight: u64::try_from(target.weight.unwrap_or(1)).unwrap_or(0),
                    node: within.target(target, depth - 1),
                });
                Node::Many(branches.filter(|branch| !branch.node.is_empty()).collect())
            }
            Some(_) => Node::Many(vec![]),
            None => self.served(model),
        }
    }

    fn target(&self, target: &Target, depth: usize) -> Node {
        let Target { model, provider, .. } = target;
        if provider.is_empty() {
            return self.find_within(model, depth);
        }
        if provider == simulator::NAME
            && let Some(built_in) = self.simulator
            && serves(built_in, model)
        {
            return self.one(built_in, model);
        }
        self.with(model, |p| p.name == *provider && serves(p, model))
    }

    fn served(&self, model: &str) -> Node {
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
                return if serves(built_in, rest) { self.one(built_in, rest) } else { Node::Many(vec![]) };
            }
        }
        self.with(model, |p| p.takes_any_model)
    }

    fn with(&self, model: &str, fits: impl Fn(&&Arc<Provider>) -> bool) -> Node {
        let fitting = self.providers.iter().filter(fits);
        let branches =
            fitting.map(|p| Branch { priority: p.priority, weight: u64::from(p.weight), node: self.one(p, model) });
        Node::Many(branches.collect())
    }

    /// Nothing, where the caller may not call it.
    fn one(&self, provider: &Arc<Provider>, model: &str) -> Node {
        if !self.allowed.covers(provider, model) {
            return Node::Many(vec![]);
        }
        let health = self.healths.of(provider.kind, &provider.id, model);
        Node::One(Candidate { provider: provider.clone(), model: model.to_owned(), health, rank: Rank::default() })
    }

    /// Every name that is known to work for the caller.
    pub(super) fn names(&self) -> Vec<String> {
        let aliases = self.settings.aliases.keys().cloned();
        let listed = self.providers.iter().flat_map(|p| p.models.iter().cloned());
        let built_in = self.simulator.into_iter().flat_map(|_| simulator::model_names());
        let all = aliases.chain(listed).chain(built_in.map(|m| format!("{}/{m}", simulator::NAME)));
        all.filter(|name| self.serves(name)).collect()
    }
}

/// Whether a provider that was named takes the rest as a model.
fn serves(provider: &Provider, model: &str) -> bool {
    !model.is_empty()
        && (provider.takes_any_model
            || provider.models.iter().any(|m| m == model)
            || (provider.models.is_empty() && provider.kind == simulator::NAME && simulator::knows(model)))
}

//! Who serves a model?

use super::{Branch, Candidate, Choice, Node, rank::Rank};
use crate::{
    allowed::ANY,
    provider::{Provider, simulator},
};
use proto::{
    routing::{PLATFORM, PlatformUse, Target},
    workspace::LockedProvider,
};
use std::sync::Arc;

/// How many aliases may lead to one another. Settings without circles never come near it.
const DEEPEST: usize = 16;

impl Choice<'_> {
    /// In this order: an alias, a name that a provider lists (then providers that take any model back it up),
    /// `<provider name>/<model>`, `<provider kind>/<model>`, `platform/<model>`, and last a provider that takes any model.
    /// Then the same among those of the platform, in reserve.
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
            return self.one(built_in, model, false);
        }
        let own = self.with(self.providers, model, false, |p| p.name == *provider && serves(p, model));
        if own.is_empty() && provider == PLATFORM { self.of_platform(model, false) } else { own }
    }

    fn served(&self, model: &str) -> Node {
        let own = self.own(model);
        let reserve = if self.says_whose(model) { Node::Many(vec![]) } else { self.of_platform(model, true) };
        if reserve.is_empty() {
            return own;
        }
        let both = [own, reserve].into_iter().zip(0..);
        Node::Many(both.map(|(node, priority)| Branch { priority, weight: 1, node }).collect())
    }

    /// Whether a name says whose model it is, so that nobody else is meant: the platform's, the simulator's, or that of one of
    /// the workspace's own.
    fn says_whose(&self, model: &str) -> bool {
        let Some((prefix, _)) = model.split_once('/') else { return false };
        prefix == PLATFORM
            || (prefix == simulator::NAME && self.simulator.is_some())
            || self.providers.iter().any(|p| p.name == prefix)
    }

    /// The workspace's own, and what is asked for by a name that says whose it is.
    fn own(&self, model: &str) -> Node {
        if self.providers.iter().any(|p| p.models.iter().any(|m| m == model)) {
            return self.with(self.providers, model, false, |p| lists(p, model));
        }
        let prefixed = self.prefixed(self.providers, model, false);
        if !prefixed.is_empty() {
            return prefixed;
        }
        if let Some((prefix, rest)) = model.split_once('/') {
            if prefix == simulator::NAME
                && let Some(built_in) = self.simulator
            {
                return if serves(built_in, rest) { self.one(built_in, rest, false) } else { Node::Many(vec![]) };
            }
            if prefix == PLATFORM {
                let named = self.of_platform(rest, false);
                if !named.is_empty() {
                    return named;
                }
            }
        }
        self.with(self.providers, model, false, |p| p.takes_any_model)
    }

    /// Those of the platform.
    fn of_platform(&self, model: &str, is_reserve: bool) -> Node {
        let platform = self.platform();
        if platform.iter().any(|p| p.models.iter().any(|m| m == model)) {
            return self.with(platform, model, is_reserve, |p| lists(p, model));
        }
        let prefixed = self.prefixed(platform, model, is_reserve);
        if !prefixed.is_empty() {
            return prefixed;
        }
        self.with(platform, model, is_reserve, |p| p.takes_any_model)
    }

    /// By name, or else by kind.
    fn prefixed(&self, providers: &[Arc<Provider>], model: &str, is_reserve: bool) -> Node {
        let Some((prefix, rest)) = model.split_once('/') else { return Node::Many(vec![]) };
        let named = self.with(providers, rest, is_reserve, |p| p.short_name() == prefix && serves(p, rest));
        if !named.is_empty() {
            return named;
        }
        self.with(providers, rest, is_reserve, |p| p.kind == prefix && serves(p, rest))
    }

    fn with(
        &self,
        providers: &[Arc<Provider>],
        model: &str,
        is_reserve: bool,
        fits: impl Fn(&&Arc<Provider>) -> bool,
    ) -> Node {
        let fitting = providers.iter().filter(fits);
        let branches = fitting.map(|p| Branch {
            priority: p.priority,
            weight: u64::from(p.weight),
            node: self.one(p, model, is_reserve),
        });
        Node::Many(branches.collect())
    }

    /// Nothing, where the caller may not call it.
    fn one(&self, provider: &Arc<Provider>, model: &str, is_reserve: bool) -> Node {
        if !self.allowed.covers(provider, model) {
            return Node::Many(vec![]);
        }
        let health = self.healths.of(provider.kind, &provider.scope, model);
        let (provider, model) = (provider.clone(), model.to_owned());
        Node::One(Candidate { provider, model, health, rank: Rank::default(), is_reserve })
    }

    /// What would serve the model if the workspace was on another plan. Who takes any model counts only where it is named, as
    /// it would claim every mistake.
    pub(super) fn locked_behind(&self, model: &str) -> Option<&LockedProvider> {
        if self.settings.platform() == PlatformUse::Off {
            return None;
        }
        let rest = model.strip_prefix(PLATFORM).and_then(|rest| rest.strip_prefix('/')).unwrap_or(model);
        self.locked.iter().find(|locked| {
            let lists = |model: &str| locked.models.iter().any(|listed| listed == model);
            let of = |prefix: &str, model: &str| {
                (prefix == locked.name || prefix == locked.provider) && (locked.models.is_empty() || lists(model))
            };
            lists(rest) || rest.split_once('/').is_some_and(|(prefix, model)| of(prefix, model))
        })
    }

    /// Every name that is known to work for the caller.
    pub(super) fn names(&self) -> Vec<String> {
        let aliases = self.settings.aliases.keys().cloned();
        let listed = self.providers.iter().chain(self.platform()).flat_map(|p| p.models.iter().cloned());
        let built_in = self.simulator.into_iter().flat_map(|_| simulator::model_names());
        let all = aliases.chain(listed).chain(built_in.map(|m| format!("{}/{m}", simulator::NAME)));
        all.filter(|name| self.serves(name)).collect()
    }
}

/// Whether a provider lists the model, or backs up those that do.
fn lists(provider: &Provider, model: &str) -> bool {
    provider.takes_any_model || provider.models.iter().any(|m| m == model)
}

/// Whether a provider that was named takes the rest as a model.
fn serves(provider: &Provider, model: &str) -> bool {
    !model.is_empty()
        && (provider.takes_any_model
            || provider.models.iter().any(|m| m == model)
            || (provider.models.is_empty() && provider.kind == simulator::NAME && simulator::knows(model)))
}

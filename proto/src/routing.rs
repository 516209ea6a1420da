//! What routing settings may be, wherever they are set, and what holds for one request.

mod aliases;
mod models;
mod numbers;
#[cfg(test)]
mod tests;

pub use crate::pb::routing::v1::{
    Alias, Breaker, Cache, Deadlines, Fallback, Hedge, PlatformUse, Policy, Responses, Retries, Semantic, Settings,
    Shadow, Shared, Sticky, StickyBy, Strategy, Target, Throughput,
};
pub use aliases::is_served;

/// Virtual models of one workspace.
pub const MAX_ALIASES: usize = 100;
/// Models with fallbacks.
pub const MAX_FALLBACKS: usize = 100;
/// Targets of one alias, and models of one fallback.
pub const MAX_TARGETS: usize = 16;
/// The longest time for which responses are kept, in days.
pub const MAX_KEEP_DAYS: i32 = 365;
/// What stands before the slash where a model of the platform is meant, and beside a target's model. Names of providers have
/// no slash: `platform/<name>` is nobody else's.
pub const PLATFORM: &str = "platform";
/// Of a model's name, in bytes.
const MAX_MODEL_NAME: usize = 256;

/// Where something is wrong, as the HTTP API names the place, and what must be there instead.
pub type Problem = (String, String);

/// A provider as far as routing settings may name it.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// Its name.
    pub name: String,
    /// Its kind.
    pub kind: String,
    /// The models that it lists.
    pub models: Vec<String>,
    /// Whether it takes any model.
    pub takes_any_model: bool,
    /// Whether it is the platform's, not the workspace's own.
    pub is_platform: bool,
}

impl Settings {
    /// Everything that is wrong with these settings in a workspace with these providers. Nothing, if they can be kept.
    pub fn problems(&self, providers: &[Known]) -> Vec<Problem> {
        let mut problems = vec![];
        if self.aliases.len() > MAX_ALIASES {
            problems.push(("aliases".to_owned(), format!("must be at most {MAX_ALIASES}")));
        }
        for (name, alias) in &self.aliases {
            let place = format!("aliases.{name}");
            aliases::name(name, "aliases", &mut problems);
            aliases::targets(self, alias, &place, providers, &mut problems);
            let merged = self.policy_of(name);
            let own = alias.policy.as_ref();
            if let Some(own) = own {
                numbers::policy(own, &format!("{place}.policy"), &mut problems);
                models::policy(self, own, &format!("{place}.policy"), providers, &mut problems);
                numbers::deadlines_in_order(&merged, own, &format!("{place}.policy"), &mut problems);
                if own.breaker.is_some() {
                    let why = "must be left out: a breaker is the same for every alias, set it in policy.breaker";
                    problems.push((format!("{place}.policy.breaker"), why.to_owned()));
                }
            }
        }
        aliases::circles(self, &mut problems);
        aliases::fallbacks(self, providers, &mut problems);
        if let Some(policy) = &self.policy {
            numbers::policy(policy, "policy", &mut problems);
            models::policy(self, policy, "policy", providers, &mut problems);
            numbers::deadlines_in_order(policy, policy, "policy", &mut problems);
        }
        if self.responses.is_some_and(|responses| !(0..=MAX_KEEP_DAYS).contains(&responses.keep_days)) {
            problems.push(("responses.keep_days".to_owned(), format!("must be from 0 to {MAX_KEEP_DAYS}")));
        }
        problems
    }

    /// What holds for requests that name this model.
    pub fn policy_of(&self, model: &str) -> Policy {
        let whole = self.policy.clone().unwrap_or_default();
        match self.aliases.get(model).and_then(|alias| alias.policy.clone()) {
            Some(own) => own.over(whole),
            None => whole,
        }
    }
}

impl Policy {
    /// This policy, and where it says nothing, the other one.
    #[must_use]
    pub fn over(self, base: Self) -> Self {
        let strategy = if self.strategy() == Strategy::Unspecified { base.strategy } else { self.strategy };
        Self {
            strategy,
            retries: self.retries.or(base.retries),
            deadlines: over(self.deadlines, base.deadlines),
            min_throughput: self.min_throughput.or(base.min_throughput),
            sticky: self.sticky.or(base.sticky),
            breaker: base.breaker.or(self.breaker),
            cache: self.cache.or(base.cache),
            hedge: self.hedge.or(base.hedge),
            shadow: self.shadow.or(base.shadow),
        }
    }
}

/// Deadlines are set one by one.
fn over(own: Option<Deadlines>, base: Option<Deadlines>) -> Option<Deadlines> {
    let (Some(own), Some(base)) = (own, base) else { return own.or(base) };
    let or = |own: i32, base: i32| if own == 0 { base } else { own };
    Some(Deadlines {
        connect_ms: or(own.connect_ms, base.connect_ms),
        headers_ms: or(own.headers_ms, base.headers_ms),
        first_content_ms: or(own.first_content_ms, base.first_content_ms),
        idle_ms: or(own.idle_ms, base.idle_ms),
        total_ms: or(own.total_ms, base.total_ms),
    })
}

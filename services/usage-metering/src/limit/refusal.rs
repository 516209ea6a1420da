//! What did not fit, and when is it worth while to try again?

use super::{COST, Kind, Limit, Owner, Quota, Standing};
use crate::{Error, calendar::Period};
use proto::{Failure, Reason, money::Nanos};
use std::time::Duration;

/// `Standing::retry_ms` of what never comes back.
pub(crate) const NEVER: i64 = i64::MAX;

/// Why an attempt was refused.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{}", self.sentence())]
pub struct Limited {
    limit: Limit,
    standing: Standing,
}

/// Refuses what no bucket could ever hold: waiting would not help. Errors: `RATE_LIMITED`.
pub(crate) fn fits_at_all(limits: &[Limit]) -> Result<(), Error> {
    let is_too_large = |l: &&Limit| l.quota().is_none() && !l.soft && l.cost > l.limit;
    match limits.iter().find(is_too_large) {
        None => Ok(()),
        Some(limit) => Err(refused(limit.clone(), Standing { used: 0, reset_ms: 0, retry_ms: 60_000 })),
    }
}

/// The refusal of the limit that takes longest to fit again.
pub(crate) fn longest(limits: &[Limit], standings: &[Standing]) -> Error {
    let longest = limits.iter().zip(standings).max_by_key(|(_, s)| s.retry_ms);
    longest.map_or(Error::CountersAway, |(limit, standing)| refused(limit.clone(), *standing))
}

/// The refusal of what cannot be reserved of a budget.
pub(crate) fn unpriced(owner: Owner, id: &str) -> Error {
    Error::Unpriced { layer: owner.as_str(), id: id.to_owned() }
}

fn refused(limit: Limit, standing: Standing) -> Error {
    Error::Limited(Box::new(Limited { limit, standing }))
}

impl Limited {
    /// Whose limit it is, and which.
    pub(crate) fn which(&self) -> (&'static str, &'static str) {
        (self.limit.owner.as_str(), self.kind().1)
    }

    fn kind(&self) -> (Reason, &'static str) {
        match &self.limit.kind {
            Kind::Requests => (Reason::RateLimited, "requests_per_minute"),
            Kind::Tokens => (Reason::RateLimited, "tokens_per_minute"),
            Kind::Concurrency => (Reason::ConcurrencyLimited, "concurrent_requests"),
            Kind::Quota(quota) if quota.resource == COST => (Reason::BudgetExceeded, "budget"),
            Kind::Quota(_) => (Reason::QuotaExceeded, "quota"),
        }
    }

    pub(crate) fn failure(&self) -> Failure {
        let Self { limit, standing } = self;
        let (reason, kind) = self.kind();
        let mut failure = reason
            .with(self.sentence())
            .fact("layer", limit.owner.as_str())
            .fact("kind", kind)
            .fact("limit", limit.shown(limit.limit))
            .fact("used", limit.shown(standing.used))
            .fact("remaining", limit.shown((limit.limit - standing.used).max(0)));
        if limit.owner == Owner::Plan {
            failure = failure.fact("plan", &limit.id);
        }
        if let Some(quota) = limit.quota() {
            failure = failure.fact("resource", &quota.resource).fact("period", quota.period.as_str());
            if !quota.currency.is_empty() {
                failure = failure.fact("currency", &quota.currency);
            }
        }
        if standing.retry_ms == NEVER {
            return failure;
        }
        failure.fact("reset_ms", standing.reset_ms).retry_after(self.wait())
    }

    /// Whole seconds, because `Retry-After` has no fractions, and never zero.
    fn wait(&self) -> Duration {
        let seconds = self.standing.retry_ms / 1000 + i64::from(self.standing.retry_ms % 1000 > 0);
        Duration::from_secs(u64::try_from(seconds).unwrap_or(1).max(1))
    }

    fn sentence(&self) -> String {
        let Self { limit, standing } = self;
        let owner = match limit.owner {
            Owner::Workspace => "the workspace",
            Owner::ApiKey => "the API key",
            Owner::User => "the user",
            Owner::Team => "the team",
            Owner::Model => "the workspace, with this model,",
            Owner::Plan => "a workspace on this plan",
            Owner::Address => "one address",
            Owner::Platform => "everybody together",
        };
        let (max, cost, used, wait) = (limit.limit, limit.cost, standing.used, self.wait().as_secs());
        match &limit.kind {
            Kind::Concurrency => format!("{owner} may run {max} requests at once and {used} are running"),
            Kind::Tokens if cost > max => {
                format!(
                    "this request may use {cost} tokens, and {owner} may use {max} a minute, so it can never run: \
                     lower max_tokens, shorten the input, or raise the limit"
                )
            }
            Kind::Tokens => {
                format!(
                    "{owner} may use {max} tokens a minute; {used} are used and this request may use {cost}: \
                     try again in {wait} s"
                )
            }
            Kind::Requests => format!("{owner} may send {max} requests a minute: try again in {wait} s"),
            Kind::Quota(quota) => self.of_quota(owner, quota),
        }
    }

    fn of_quota(&self, owner: &str, quota: &Quota) -> String {
        let Self { limit, standing } = self;
        let period = match quota.period {
            Period::Day => "a day",
            Period::Month => "a month",
            Period::Total => "altogether",
        };
        let until = match quota.span.end.and_then(|end| chrono::DateTime::from_timestamp(end, 0)) {
            Some(end) => format!("it is whole again at {}", end.format("%Y-%m-%dT%H:%M:%SZ")),
            None => "it is not renewed".to_owned(),
        };
        let (max, used, cost) = (limit.amount(limit.limit), limit.amount(standing.used), limit.amount(limit.least));
        if quota.resource == COST {
            return format!(
                "{owner} may spend {max} {period}; {used} are spent or reserved and this may cost {cost}: {until}"
            );
        }
        let resource = &quota.resource;
        format!(
            "{owner} may use {max} {resource} {period}; {used} are used or reserved and this asks for {cost}: {until}"
        )
    }
}

impl Limit {
    /// Money in millionths, as everywhere in the API; everything else as it is counted.
    fn shown(&self, value: i64) -> i64 {
        if self.is_money() { Nanos(value).to_micros() } else { value }
    }

    fn amount(&self, value: i64) -> String {
        let Some(quota) = self.quota().filter(|_| self.is_money()) else { return value.to_string() };
        let micros = Nanos(value).to_micros();
        format!("{}.{:06} {}", micros / 1_000_000, (micros % 1_000_000).abs(), quota.currency)
    }

    fn is_money(&self) -> bool {
        self.quota().is_some_and(|quota| quota.resource == COST)
    }
}

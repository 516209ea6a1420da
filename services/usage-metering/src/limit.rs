//! What must a request fit into?

mod layer;
mod plan;
mod refusal;
mod resource;

pub(crate) use layer::is_resource;
pub(crate) use layer::{Asked, limits};
pub(crate) use plan::{is_charged, of_address, of_balance, of_plan, of_platform, of_surface};
pub use refusal::Limited;
pub(crate) use refusal::{NEVER, fits_at_all, longest, unpriced};
pub(crate) use resource::{is_of_requests, of_resource};

use crate::{
    calendar::{Period, Span},
    grant::GrantKey,
};
use proto::usage::{LayerKind, LimitKind, LimitState};
use serde::{Deserialize, Serialize};
use std::{fmt::Write as _, sync::Arc};
use tokio::time::Instant;

/// `Quota::resource` of tokens, of money and of requests; others are those of recorded events.
pub(crate) const TOKENS: &str = "tokens";
pub(crate) const COST: &str = "cost";
pub(crate) const REQUESTS: &str = "requests";

/// Later than anything, and a time that both databases know, in seconds since 1970.
pub(crate) const FAR: i64 = 253_402_300_799;

/// What a limit counts.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) enum Kind {
    #[serde(rename = "r")]
    Requests,
    #[serde(rename = "t")]
    Tokens,
    #[serde(rename = "c")]
    Concurrency,
    #[serde(rename = "q")]
    Quota(Box<Quota>),
}

/// So much in a period of the calendar.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) struct Quota {
    #[serde(rename = "r")]
    pub resource: String,
    /// ISO 4217, of money only.
    #[serde(rename = "c", default, skip_serializing_if = "String::is_empty")]
    pub currency: String,
    #[serde(rename = "p")]
    pub period: Period,
    #[serde(rename = "w")]
    pub span: Span,
}

/// Whose limit it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) enum Owner {
    #[serde(rename = "w")]
    Workspace,
    #[serde(rename = "k")]
    ApiKey,
    #[serde(rename = "u")]
    User,
    #[serde(rename = "t")]
    Team,
    #[serde(rename = "m")]
    Model,
    #[serde(rename = "l")]
    Plan,
    #[serde(rename = "a")]
    Address,
    #[serde(rename = "p")]
    Platform,
}

/// One limit of one layer, and how much of it is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Limit {
    #[serde(rename = "o")]
    pub owner: Owner,
    /// As the layer names its owner.
    #[serde(rename = "i", default, skip_serializing_if = "String::is_empty")]
    pub id: String,
    /// Of plans: the surface that it is about, which has counters of its own.
    #[serde(rename = "f", default, skip_serializing_if = "String::is_empty")]
    pub surface: String,
    #[serde(rename = "k")]
    pub kind: Kind,
    #[serde(rename = "l")]
    pub limit: i64,
    /// What is reserved.
    #[serde(rename = "n")]
    pub cost: i64,
    /// What has to fit at least; less than `cost` where a stream may be stopped.
    #[serde(skip)]
    pub least: i64,
    /// It warns and refuses nothing.
    #[serde(rename = "s", default, skip_serializing_if = "is_false")]
    pub soft: bool,
}

/// All limits of one attempt: it fits into every one or reserves nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reservation {
    pub key: GrantKey,
    pub limits: Vec<Limit>,
    /// Milliseconds since 1970.
    pub expires_ms: i64,
    /// Names this reservation among others of the same grant, once it is made in Redis.
    pub ticket: String,
    /// Kept until the grant is durable or was refused, where it was admitted without Redis.
    pub admitting: Option<Arc<()>>,
    /// It was not reserved before.
    pub since: Instant,
}

/// What was really used, in the units of a quota.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Spent {
    pub tokens: i64,
    /// Nano-units by currency, converted into each that a quota of the grant counts; empty where the price is unknown.
    pub cost: Vec<(String, i64)>,
}

/// Where one limit stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Standing {
    pub used: i64,
    /// Milliseconds until all of it is available again.
    pub reset_ms: i64,
    /// Milliseconds until what was asked for fits; 0 if it does.
    pub retry_ms: i64,
}

impl Reservation {
    pub fn new(key: GrantKey, limits: Vec<Limit>, expires_ms: i64) -> Self {
        Self { key, limits, expires_ms, ticket: String::new(), admitting: None, since: Instant::now() }
    }
}

impl Limit {
    /// The name of its counter within the slot of its owner.
    pub fn name(&self) -> String {
        let mut name = String::with_capacity(64);
        name.push_str(self.owner.as_str());
        // What counts per workspace keeps its count when the plan changes.
        let id = if matches!(self.owner, Owner::ApiKey | Owner::User | Owner::Team | Owner::Model | Owner::Address) {
            &self.id
        } else {
            ""
        };
        for part in [id, &self.surface] {
            if !part.is_empty() {
                name.push(':');
                name.push_str(part);
            }
        }
        match &self.kind {
            Kind::Requests => name.push_str(":r"),
            Kind::Tokens => name.push_str(":t"),
            Kind::Concurrency => name.push_str(":c"),
            Kind::Quota(quota) => {
                let letter = quota.period.letter();
                let _ = write!(name, ":q:{}:{}:{letter}{}", quota.resource, quota.currency, quota.span.start);
            }
        }
        name
    }

    pub const fn quota(&self) -> Option<&Quota> {
        match &self.kind {
            Kind::Quota(quota) => Some(quota),
            _ => None,
        }
    }

    /// Where a quota stands of which so much is used, for an attempt that asks for `cost`.
    pub fn quota_standing(&self, used: i64, cost: i64, now_ms: i64) -> Standing {
        let left = self.quota().and_then(|quota| quota.span.end).map(|end| (end * 1000 - now_ms).max(1_000));
        // A used up quota is no reason to refuse what asks for nothing.
        let fits = self.soft || cost == 0 || used.saturating_add(self.least.min(cost)) <= self.limit;
        let retry_ms = if fits { 0 } else { left.unwrap_or(refusal::NEVER) };
        Standing { used, reset_ms: if used > 0 { left.unwrap_or(0) } else { 0 }, retry_ms }
    }

    /// By how much the end of its grant changes its counter. None keeps the estimate.
    pub fn correction(&self, spent: Option<&Spent>) -> i64 {
        let Some(spent) = spent else { return 0 };
        match &self.kind {
            Kind::Tokens => spent.tokens - self.cost,
            Kind::Quota(quota) if quota.resource == TOKENS => spent.tokens - self.cost,
            Kind::Quota(quota) if quota.resource == COST => {
                let known = spent.cost.iter().find(|(currency, _)| *currency == quota.currency);
                known.map_or(-self.cost, |(_, nanos)| nanos - self.cost)
            }
            Kind::Requests | Kind::Concurrency | Kind::Quota(_) => 0,
        }
    }

    pub fn state(&self, standing: Standing, now_ms: i64) -> LimitState {
        let kind = match self.kind {
            Kind::Requests => LimitKind::RequestsPerMinute,
            Kind::Tokens => LimitKind::TokensPerMinute,
            Kind::Concurrency => LimitKind::ConcurrentRequests,
            Kind::Quota(_) => LimitKind::Quota,
        };
        let state = LimitState {
            layer: LayerKind::from(self.owner).into(),
            kind: kind.into(),
            limit: self.limit,
            used: standing.used,
            remaining: (self.limit - standing.used).max(0),
            reset_ms: standing.reset_ms,
            id: self.id.clone(),
            soft: self.soft,
            ..LimitState::default()
        };
        let at = |ms| chrono::DateTime::from_timestamp_millis(ms).map(proto::time::to_proto);
        match &self.kind {
            Kind::Quota(quota) => LimitState {
                resource: quota.resource.clone(),
                period: proto::usage::Period::from(quota.period).into(),
                currency: quota.currency.clone(),
                resets_at: quota.span.end.and_then(|end| at(end * 1000)),
                ..state
            },
            _ => LimitState { resets_at: at(now_ms + standing.reset_ms), ..state },
        }
    }
}

impl Owner {
    /// As refusals, events and counters name it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Workspace => "workspace",
            Self::ApiKey => "api_key",
            Self::User => "user",
            Self::Team => "team",
            Self::Model => "model",
            Self::Plan => "plan",
            Self::Address => "address",
            Self::Platform => "platform",
        }
    }
}

impl From<Owner> for LayerKind {
    fn from(owner: Owner) -> Self {
        match owner {
            Owner::Workspace => Self::Workspace,
            Owner::ApiKey => Self::ApiKey,
            Owner::User => Self::User,
            Owner::Team => Self::Team,
            Owner::Model => Self::Model,
            Owner::Plan => Self::Plan,
            Owner::Address => Self::Address,
            Owner::Platform => Self::Platform,
        }
    }
}

impl Period {
    /// As refusals and events name it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Month => "month",
            Self::Total => "total",
        }
    }

    const fn letter(self) -> char {
        match self {
            Self::Day => 'd',
            Self::Month => 'm',
            Self::Total => 'a',
        }
    }
}

impl From<Period> for proto::usage::Period {
    fn from(period: Period) -> Self {
        match period {
            Period::Day => Self::Day,
            Period::Month => Self::Month,
            Period::Total => Self::Total,
        }
    }
}

/// What was reserved, as `open_grants` keeps it, so that any process can give it back; with the ticket of the
/// reservation, if it has one.
pub(crate) fn to_text(limits: &[Limit], ticket: &str) -> String {
    match (limits.is_empty(), ticket.is_empty()) {
        (true, _) => String::new(),
        (false, true) => serde_json::to_string(limits).unwrap_or_default(),
        (false, false) => serde_json::to_string(&(ticket, limits)).unwrap_or_default(),
    }
}

/// What [`to_text`] wrote; nothing if it is empty.
pub(crate) fn from_text(text: &str) -> Vec<Limit> {
    reserved(text).1
}

/// Ticket and limits of what [`to_text`] wrote.
pub(crate) fn reserved(text: &str) -> (String, Vec<Limit>) {
    serde_json::from_str(text).unwrap_or_else(|_| (String::new(), serde_json::from_str(text).unwrap_or_default()))
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
const fn is_false(value: &bool) -> bool {
    !*value
}

//! `ledger`

#[cfg(test)]
mod tests;

use super::{
    hex, hex_option,
    standing::{Money, Standing},
};
use crate::{
    event::{Admitted, Id, Settled},
    grant::GrantKey,
    outcome,
    price::{Prices, Rated, SIMULATOR, Subject},
    tokens::{self, TokenColumns},
    units::{UnitColumns, Used},
};
use chrono::{DateTime, Utc};
use proto::usage::Tokens;
use serde::Serialize;
use std::sync::Arc;
use uuid::Uuid;

/// A row on its way into the table.
#[derive(Serialize)]
pub(crate) struct LedgerRow<'a> {
    #[serde(serialize_with = "hex")]
    pub(super) workspace_id: Id,
    #[serde(serialize_with = "hex")]
    pub(super) request_id: Id,
    pub(super) attempt: i64,
    pub correction: i64,
    pub(super) kind: &'static str,
    pub(super) swept: bool,
    pub(super) provider: &'a str,
    pub(super) provider_kind: &'a str,
    pub(super) provider_id: &'a str,
    pub(super) model: &'a str,
    #[serde(serialize_with = "hex_option")]
    pub(super) api_key_id: Option<Id>,
    #[serde(serialize_with = "hex_option")]
    pub(super) user_id: Option<Id>,
    pub(super) operation: &'a str,
    pub(super) plan: &'a str,
    pub(super) credential_owner: &'a str,
    #[serde(flatten)]
    pub(super) tokens: TokenColumns,
    #[serde(flatten)]
    pub(super) units: UnitColumns,
    /// Of the images.
    pub(super) image_class: &'a str,
    pub(super) estimated: bool,
    pub(super) outcome: &'static str,
    pub(super) error_code: &'a str,
    pub(super) provider_status: i32,
    pub(super) cost_nanos: Option<i64>,
    pub(super) list_cost_nanos: Option<i64>,
    pub(super) currency: Arc<str>,
    pub(super) price_version: Arc<str>,
    pub(super) duration_ms: i64,
    pub(super) ttft_ms: i64,
    pub(super) created_at: i64,
    pub(super) settled_at: i64,
    #[serde(serialize_with = "hex_option")]
    pub(super) team_id: Option<Id>,
    #[serde(skip)]
    pub(super) counts: Counts<'a>,
}

/// How a row changes the counts of attempts.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counts<'a> {
    pub failed: i64,
    pub priced: i64,
    pub unpriced: i64,
    /// The currency under which the attempt was counted as unpriced until this row.
    pub unpriced_before: Option<&'a str>,
}

store::row! {
    /// What tells rows apart.
    #[derive(PartialEq, Eq, Hash)]
    pub(crate) struct RowKey {
        workspace_id: Uuid,
        request_id: Uuid,
        attempt: i64,
        correction: i64,
    }
}

store::row! {
    /// A row of a grant that is no longer open.
    pub(crate) struct Found {
        workspace_id: Uuid,
        request_id: Uuid,
        attempt: i64,
        pub correction: i64,
        pub kind: String,
        pub swept: bool,
        provider: String,
        provider_kind: String,
        provider_id: String,
        model: String,
        api_key_id: Option<Uuid>,
        user_id: Option<Uuid>,
        team_id: Option<Uuid>,
        operation: String,
        plan: String,
        credential_owner: String,
        input_tokens: i64,
        cache_read_tokens: i64,
        cache_write_5m_tokens: i64,
        cache_write_1h_tokens: i64,
        audio_input_tokens: i64,
        image_input_tokens: i64,
        output_tokens: i64,
        audio_output_tokens: i64,
        image_output_tokens: i64,
        reasoning_tokens: i64,
        images: i64,
        audio_ms: i64,
        characters: i64,
        searches: i64,
        pub image_class: String,
        estimated: bool,
        pub outcome: String,
        pub cost_nanos: Option<i64>,
        pub list_cost_nanos: Option<i64>,
        pub currency: String,
        pub price_version: String,
        created_at: DateTime<Utc>,
    }
}

impl<'a> LedgerRow<'a> {
    /// The row of a grant that was settled.
    pub fn usage(grant: &'a Admitted, settled: &'a Settled, prices: &Prices) -> Self {
        let (used, outcome) = (settled.used(), outcome::name(settled.outcome));
        Self {
            image_class: settled.image_class(),
            error_code: &settled.error_code,
            provider_status: settled.provider_status,
            duration_ms: settled.duration_ms,
            ttft_ms: settled.ttft_ms,
            ..Self::of(grant, &used, settled.estimated, outcome, settled.settled_at, prices)
        }
    }

    /// The row of a grant that nobody settled: what it may have used is not known, so its input counts as estimated.
    pub fn swept(grant: &'a Admitted, at: i64, prices: &Prices) -> Self {
        Self { swept: true, ..Self::of(grant, &grant.guessed(), true, outcome::INCOMPLETE, at, prices) }
    }

    fn of(
        grant: &'a Admitted,
        used: &Used,
        estimated: bool,
        outcome: &'static str,
        settled_at: i64,
        prices: &Prices,
    ) -> Self {
        let rated = prices.rate(subject(grant), used);
        let counts = Counts {
            failed: failed(outcome),
            priced: rated.is_some().into(),
            unpriced: rated.is_none().into(),
            unpriced_before: None,
        };
        let currency = rated.as_ref().map(|rated| rated.currency.clone()).filter(|currency| !currency.is_empty());
        Self {
            workspace_id: grant.workspace,
            request_id: grant.request,
            attempt: grant.attempt,
            correction: 0,
            kind: "usage",
            swept: false,
            provider: &grant.provider,
            provider_kind: &grant.provider_kind,
            provider_id: &grant.provider_id,
            model: &grant.model,
            api_key_id: grant.api_key,
            user_id: grant.user,
            team_id: grant.team,
            operation: &grant.operation,
            plan: &grant.plan,
            credential_owner: &grant.credential_owner,
            tokens: TokenColumns::from(used.tokens),
            units: UnitColumns::from(&used.units),
            image_class: "",
            estimated: is_estimated(rated.as_ref(), used, estimated),
            outcome,
            error_code: "",
            provider_status: 0,
            cost_nanos: rated.as_ref().map(|rated| rated.cost),
            list_cost_nanos: rated.as_ref().and_then(|rated| rated.list),
            currency: currency.unwrap_or_else(|| grant.currency.as_str().into()),
            price_version: rated.map_or_else(|| "".into(), |rated| rated.version),
            duration_ms: 0,
            ttft_ms: 0,
            created_at: grant.created_at,
            settled_at,
            counts,
        }
    }

    /// The rows that turn what was guessed into what was really used: the sum of all is right.
    pub fn corrections(standing: &Standing<'a>, settled: &'a Settled, prices: &Prices) -> Vec<Self> {
        let before = standing.usage;
        let outcome = outcome::name(settled.outcome);
        let used = settled.used();
        let rated = prices.rate(before.subject(), &used);
        let estimated = is_estimated(rated.as_ref(), &used, settled.estimated);
        let more = UnitColumns::from(&used.units).minus(UnitColumns::from(&standing.used.units));
        let money = standing.towards(rated);
        let rows = money.into_iter().enumerate().map(|(n, money)| Self {
            tokens: if n == 0 { tokens::minus(&used.tokens, &standing.used.tokens) } else { Tokens::default() }.into(),
            units: if n == 0 { more } else { UnitColumns::default() },
            image_class: if n == 0 { settled.image_class() } else { "" },
            estimated,
            outcome,
            error_code: &settled.error_code,
            provider_status: settled.provider_status,
            duration_ms: settled.duration_ms,
            ttft_ms: settled.ttft_ms,
            settled_at: settled.settled_at,
            counts: Counts {
                failed: if n == 0 { failed(outcome) - failed(standing.outcome) } else { 0 },
                ..money.counts
            },
            ..Self::after(standing, n, "correction", money)
        });
        rows.collect()
    }

    /// The rows that turn what an attempt cost into what it costs by `prices`; none if that is the same.
    pub fn rerated(standing: &Standing<'a>, prices: &Prices, at: i64) -> Vec<Self> {
        let money = standing.towards(prices.rate(standing.usage.subject(), &standing.used));
        if money.iter().all(Money::is_nothing) {
            return vec![];
        }
        let rows = money.into_iter().enumerate();
        rows.map(|(n, money)| Self { settled_at: at, ..Self::after(standing, n, "rerate", money) }).collect()
    }

    /// The `n`-th row more of an attempt.
    fn after(standing: &Standing<'a>, n: usize, kind: &'static str, money: Money<'a>) -> Self {
        let before = standing.usage;
        Self {
            workspace_id: before.workspace_id.into(),
            request_id: before.request_id.into(),
            attempt: before.attempt,
            correction: standing.next + i64::try_from(n).unwrap_or(0),
            kind,
            swept: false,
            provider: &before.provider,
            provider_kind: &before.provider_kind,
            provider_id: &before.provider_id,
            model: &before.model,
            api_key_id: before.api_key_id.map(Id::from),
            user_id: before.user_id.map(Id::from),
            team_id: before.team_id.map(Id::from),
            operation: &before.operation,
            plan: &before.plan,
            credential_owner: &before.credential_owner,
            tokens: TokenColumns::default(),
            units: UnitColumns::default(),
            image_class: "",
            estimated: before.estimated,
            outcome: outcome::of(standing.outcome),
            error_code: "",
            provider_status: 0,
            cost_nanos: money.cost,
            list_cost_nanos: money.list,
            currency: money.currency,
            price_version: money.version,
            duration_ms: 0,
            ttft_ms: 0,
            created_at: before.created_at.timestamp_micros(),
            settled_at: 0,
            counts: money.counts,
        }
    }

    /// By how much it changes which sum, in nano-units.
    pub fn money(&self) -> (&str, i64) {
        (&self.currency, self.cost_nanos.unwrap_or(0))
    }
}

impl store::Keyed for LedgerRow<'_> {
    type Key = RowKey;

    fn row_key(&self) -> RowKey {
        RowKey {
            workspace_id: self.workspace_id.into(),
            request_id: self.request_id.into(),
            attempt: self.attempt,
            correction: self.correction,
        }
    }
}

fn subject(grant: &Admitted) -> Subject<'_> {
    Subject {
        workspace: grant.workspace.into(),
        provider_kind: &grant.provider_kind,
        model: &grant.model,
        credential_owner: if grant.free { SIMULATOR } else { &grant.credential_owner },
        at: DateTime::from_timestamp_micros(grant.created_at).unwrap_or_default(),
    }
}

/// Whether what an attempt is billed by is a guess.
fn is_estimated(rated: Option<&Rated>, used: &Used, tokens: bool) -> bool {
    if rated.is_some_and(|rated| rated.by_units) { used.units.estimated } else { tokens }
}

/// What an outcome adds to the failed attempts.
fn failed(outcome: &str) -> i64 {
    (!outcome::is_success(outcome)).into()
}

impl Found {
    pub const fn key(&self) -> GrantKey {
        GrantKey { workspace: self.workspace_id, request: self.request_id, attempt: self.attempt }
    }

    pub fn subject(&self) -> Subject<'_> {
        Subject {
            workspace: self.workspace_id,
            provider_kind: &self.provider_kind,
            model: &self.model,
            credential_owner: &self.credential_owner,
            at: self.created_at,
        }
    }

    /// Its buckets.
    pub const fn tokens(&self) -> Tokens {
        Tokens {
            input: self.input_tokens,
            cache_read: self.cache_read_tokens,
            cache_write_5m: self.cache_write_5m_tokens,
            audio_input: self.audio_input_tokens,
            output: self.output_tokens,
            audio_output: self.audio_output_tokens,
            reasoning: self.reasoning_tokens,
            cache_write_1h: self.cache_write_1h_tokens,
            image_input: self.image_input_tokens,
            image_output: self.image_output_tokens,
        }
    }

    pub const fn units(&self) -> UnitColumns {
        let Self { images, audio_ms, characters, searches, .. } = *self;
        UnitColumns { images, audio_ms, characters, searches }
    }
}

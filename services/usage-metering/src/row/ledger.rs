//! `ledger`

use super::{hex, hex_option};
use crate::{
    event::{Admitted, Id, Settled},
    grant::GrantKey,
    outcome,
    tokens::{self, TokenColumns},
};
use chrono::{DateTime, Utc};
use proto::usage::Tokens;
use serde::Serialize;
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
    pub(super) estimated: bool,
    pub(super) outcome: &'static str,
    pub(super) error_code: &'a str,
    pub(super) provider_status: i32,
    pub(super) cost_nanos: Option<i64>,
    pub(super) list_cost_nanos: Option<i64>,
    pub(super) currency: &'a str,
    pub(super) price_version: &'a str,
    pub(super) duration_ms: i64,
    pub(super) ttft_ms: i64,
    pub(super) created_at: i64,
    pub(super) settled_at: i64,
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
    /// A row of a grant that is no longer open.
    pub(crate) struct Found {
        workspace_id: Uuid,
        request_id: Uuid,
        attempt: i64,
        pub correction: i64,
        pub swept: bool,
        provider: String,
        provider_kind: String,
        provider_id: String,
        model: String,
        api_key_id: Option<Uuid>,
        user_id: Option<Uuid>,
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
        outcome: String,
        cost_nanos: Option<i64>,
        list_cost_nanos: Option<i64>,
        currency: String,
        price_version: String,
        created_at: DateTime<Utc>,
    }
}

impl<'a> LedgerRow<'a> {
    /// The row of a grant that was settled.
    pub fn usage(grant: &'a Admitted, settled: &'a Settled) -> Self {
        Self {
            estimated: settled.estimated,
            outcome: outcome::name(settled.outcome),
            error_code: &settled.error_code,
            provider_status: settled.provider_status,
            duration_ms: settled.duration_ms,
            ttft_ms: settled.ttft_ms,
            counts: Counts { failed: failed(outcome::name(settled.outcome)), ..Counts::priced(grant.free) },
            ..Self::of(grant, &settled.tokens, settled.settled_at)
        }
    }

    /// The row of a grant that nobody settled: what it may have used is not known, so its input counts as estimated.
    pub fn swept(grant: &'a Admitted, at: i64) -> Self {
        let tokens = Tokens { input: grant.estimated_input_tokens, ..Tokens::default() };
        Self { swept: true, estimated: true, ..Self::of(grant, &tokens, at) }
    }

    fn of(grant: &'a Admitted, tokens: &Tokens, settled_at: i64) -> Self {
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
            operation: &grant.operation,
            plan: &grant.plan,
            credential_owner: &grant.credential_owner,
            tokens: TokenColumns::from(*tokens),
            estimated: false,
            outcome: outcome::INCOMPLETE,
            error_code: "",
            provider_status: 0,
            // Free is a price; of everything else the price is not known yet.
            cost_nanos: grant.free.then_some(0),
            list_cost_nanos: grant.free.then_some(0),
            currency: &grant.currency,
            price_version: if grant.free { "free" } else { "" },
            duration_ms: 0,
            ttft_ms: 0,
            created_at: grant.created_at,
            settled_at,
            counts: Counts { failed: 1, ..Counts::priced(grant.free) },
        }
    }

    /// The row that turns a swept one into what was really used: the sum of both is right.
    pub fn correction(swept: &'a Found, settled: &'a Settled) -> Self {
        Self {
            workspace_id: swept.workspace_id.into(),
            request_id: swept.request_id.into(),
            attempt: swept.attempt,
            correction: 1,
            kind: "correction",
            swept: false,
            provider: &swept.provider,
            provider_kind: &swept.provider_kind,
            provider_id: &swept.provider_id,
            model: &swept.model,
            api_key_id: swept.api_key_id.map(Id::from),
            user_id: swept.user_id.map(Id::from),
            operation: &swept.operation,
            plan: &swept.plan,
            credential_owner: &swept.credential_owner,
            tokens: TokenColumns::from(tokens::minus(&settled.tokens, &swept.tokens())),
            estimated: settled.estimated,
            outcome: outcome::name(settled.outcome),
            error_code: &settled.error_code,
            provider_status: settled.provider_status,
            cost_nanos: swept.cost_nanos.map(|_| 0),
            list_cost_nanos: swept.list_cost_nanos.map(|_| 0),
            currency: &swept.currency,
            price_version: &swept.price_version,
            duration_ms: settled.duration_ms,
            ttft_ms: settled.ttft_ms,
            created_at: swept.created_at.timestamp_micros(),
            settled_at: settled.settled_at,
            counts: Counts {
                failed: failed(outcome::name(settled.outcome)) - failed(&swept.outcome),
                ..Counts::default()
            },
        }
    }

    pub fn key(&self) -> GrantKey {
        GrantKey { workspace: self.workspace_id.into(), request: self.request_id.into(), attempt: self.attempt }
    }
}

impl Counts<'_> {
    /// Of a new attempt.
    fn priced(priced: bool) -> Self {
        Self { priced: priced.into(), unpriced: (!priced).into(), ..Self::default() }
    }
}

/// What an outcome adds to the failed attempts.
fn failed(outcome: &str) -> i64 {
    (!outcome::is_success(outcome)).into()
}

impl Found {
    pub const fn key(&self) -> GrantKey {
        GrantKey { workspace: self.workspace_id, request: self.request_id, attempt: self.attempt }
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
}

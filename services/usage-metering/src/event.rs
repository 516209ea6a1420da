//! What happened to a grant? The journal's records, and what is folded into SQL.

use crate::{
    Error,
    grant::GrantKey,
    units::{self, Used},
};
use prost::Message as _;
use proto::usage::{RequestEnd, Tokens, Units};
use uuid::Uuid;

/// One record of the journal.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Record {
    #[prost(oneof = "Event", tags = "1, 2")]
    pub event: Option<Event>,
}

/// What is durable before its caller is answered. Boxed, because it moves from the rpc through the queue to the fold.
#[derive(Clone, PartialEq, prost::Oneof)]
pub(crate) enum Event {
    #[prost(message, tag = "1")]
    Admitted(Box<Admitted>),
    #[prost(message, tag = "2")]
    Settled(Box<Settled>),
}

/// A uuid without an allocation. The default is the zero uuid.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, prost::Message)]
pub(crate) struct Id {
    #[prost(fixed64, tag = "1")]
    pub high: u64,
    #[prost(fixed64, tag = "2")]
    pub low: u64,
}

/// An attempt that may run. Times are microseconds since 1970.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Admitted {
    #[prost(message, required, tag = "1")]
    pub workspace: Id,
    #[prost(message, required, tag = "2")]
    pub request: Id,
    #[prost(int64, tag = "3")]
    pub attempt: i64,
    #[prost(string, tag = "4")]
    pub instance: String,
    #[prost(message, optional, tag = "5")]
    pub api_key: Option<Id>,
    #[prost(message, optional, tag = "6")]
    pub user: Option<Id>,
    #[prost(string, tag = "7")]
    pub operation: String,
    #[prost(string, tag = "8")]
    pub requested_model: String,
    #[prost(bool, tag = "9")]
    pub stream: bool,
    #[prost(string, tag = "10")]
    pub provider: String,
    #[prost(string, tag = "11")]
    pub provider_kind: String,
    #[prost(string, tag = "12")]
    pub provider_id: String,
    #[prost(string, tag = "13")]
    pub model: String,
    #[prost(int64, tag = "14")]
    pub estimated_input_tokens: i64,
    #[prost(bool, tag = "15")]
    pub free: bool,
    #[prost(string, tag = "16")]
    pub currency: String,
    /// What was reserved in which limits, as JSON; empty when nothing is limited.
    #[prost(string, tag = "17")]
    pub reserved: String,
    #[prost(int64, tag = "18")]
    pub created_at: i64,
    #[prost(int64, tag = "19")]
    pub admitted_at: i64,
    #[prost(int64, tag = "20")]
    pub expires_at: i64,
    #[prost(string, tag = "21")]
    pub plan: String,
    /// `workspace`, `platform` or `simulator`.
    #[prost(string, tag = "22")]
    pub credential_owner: String,
    #[prost(int64, tag = "23")]
    pub estimated_output_tokens: i64,
    /// What was reserved of budgets. None: the price was not known, or there was no budget.
    #[prost(int64, optional, tag = "24")]
    pub reserved_cost_nanos: Option<i64>,
    #[prost(string, tag = "25")]
    pub reserved_currency: String,
    /// What it may use at most beside tokens.
    #[prost(message, optional, tag = "26")]
    pub units: Option<Units>,
    /// Of the key.
    #[prost(message, optional, tag = "27")]
    pub team: Option<Id>,
}

/// How an attempt ended.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Settled {
    #[prost(message, required, tag = "1")]
    pub workspace: Id,
    #[prost(message, required, tag = "2")]
    pub request: Id,
    #[prost(int64, tag = "3")]
    pub attempt: i64,
    #[prost(enumeration = "proto::usage::Outcome", tag = "4")]
    pub outcome: i32,
    #[prost(message, required, tag = "5")]
    pub tokens: Tokens,
    #[prost(bool, tag = "6")]
    pub estimated: bool,
    #[prost(int32, tag = "7")]
    pub provider_status: i32,
    #[prost(int64, tag = "8")]
    pub duration_ms: i64,
    #[prost(int64, tag = "9")]
    pub ttft_ms: i64,
    #[prost(string, tag = "10")]
    pub error_code: String,
    #[prost(message, optional, tag = "11")]
    pub end: Option<RequestEnd>,
    #[prost(int64, tag = "12")]
    pub settled_at: i64,
    /// What was used beside tokens.
    #[prost(message, optional, tag = "13")]
    pub units: Option<Units>,
}

/// A request that got no attempt. Never in the journal: its log entry is best effort.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Refused {
    pub workspace: Uuid,
    pub request: Uuid,
    pub api_key: Option<Uuid>,
    pub user: Option<Uuid>,
    pub team: Option<Uuid>,
    pub operation: String,
    pub requested_model: String,
    pub stream: bool,
    pub created_at: i64,
    pub end: RequestEnd,
}

impl From<Uuid> for Id {
    fn from(uuid: Uuid) -> Self {
        let (high, low) = uuid.as_u64_pair();
        Self { high, low }
    }
}

impl From<Id> for Uuid {
    fn from(id: Id) -> Self {
        Self::from_u64_pair(id.high, id.low)
    }
}

impl Event {
    /// The event of a record of the journal. Errors: [`Error::Damaged`]: another version wrote it.
    pub fn read(record: &[u8]) -> Result<Self, Error> {
        let event = Record::decode(record).ok().and_then(|record| record.event);
        event.ok_or_else(|| {
            Error::Damaged(
                "the usage journal holds a record that this version cannot read: start the version that wrote it once, \
                 so that it is folded"
                    .to_owned(),
            )
        })
    }
}

impl Admitted {
    pub fn key(&self) -> GrantKey {
        GrantKey { workspace: self.workspace.into(), request: self.request.into(), attempt: self.attempt }
    }

    /// What it is taken to have used if nobody settles it.
    pub fn guessed(&self) -> Used {
        units::guessed(self.estimated_input_tokens, self.units.as_ref())
    }
}

impl Settled {
    pub fn key(&self) -> GrantKey {
        GrantKey { workspace: self.workspace.into(), request: self.request.into(), attempt: self.attempt }
    }

    pub fn used(&self) -> Used {
        Used { tokens: self.tokens, units: self.units.clone().unwrap_or_default() }
    }

    /// Of the pictures that were made.
    pub fn image_class(&self) -> &str {
        self.units.as_ref().map_or("", |units| &units.image_class)
    }
}

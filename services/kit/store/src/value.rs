//! What a statement is given.

use chrono::{DateTime, Utc};
use proto::id::{
    CreditGrantId, DeliveryId, EventId, ExecutionId, ExportId, IdentityId, InvitationId, InvoiceId, InvoiceItemId,
    KeyId, MandateId, PasskeyId, PaymentId, PromotionCodeId, ProviderId, RequestId, ScheduleId, SessionId,
    SubscriptionId, TeamId, UserId, WebhookId, WorkspaceId,
};
use sqlx::{Postgres, Sqlite, postgres::PgArguments, query::Query, sqlite::SqliteArguments};
use uuid::Uuid;

/// One parameter of a statement. Made with `.into()` from the types below, ids, `&str`, and `Option` of them.
#[derive(Clone, Debug)]
pub enum Value {
    /// Text.
    Text(Option<String>),
    /// A whole number.
    Int(Option<i64>),
    /// Yes or no.
    Bool(Option<bool>),
    /// Bytes.
    Blob(Option<Vec<u8>>),
    /// A point in time, in microseconds on both databases.
    Time(Option<DateTime<Utc>>),
    /// A uuid.
    Uuid(Option<Uuid>),
    /// JSON.
    Json(Option<serde_json::Value>),
}

macro_rules! from {
    ($($variant:ident { $($ty:ty, $convert:expr;)+ })+) => {$($(
        impl From<$ty> for Value {
            fn from(value: $ty) -> Self { Self::$variant(Some($convert(value))) }
        }
        impl From<Option<$ty>> for Value {
            fn from(value: Option<$ty>) -> Self { Self::$variant(value.map($convert)) }
        }
    )+)+};
}

from! {
    Text { String, std::convert::identity; &str, str::to_owned; }
    Int { i64, std::convert::identity; i32, i64::from; u32, i64::from; }
    Bool { bool, std::convert::identity; }
    Blob { Vec<u8>, std::convert::identity; &[u8], <[u8]>::to_vec; }
    Time { DateTime<Utc>, std::convert::identity; }
    Uuid { Uuid, std::convert::identity; UserId, UserId::uuid; IdentityId, IdentityId::uuid; PasskeyId, PasskeyId::uuid; SessionId, SessionId::uuid; WorkspaceId, WorkspaceId::uuid;
        KeyId, KeyId::uuid; ProviderId, ProviderId::uuid; RequestId, RequestId::uuid; EventId, EventId::uuid;
        WebhookId, WebhookId::uuid; DeliveryId, DeliveryId::uuid; TeamId, TeamId::uuid;
        ExportId, ExportId::uuid; ScheduleId, ScheduleId::uuid;
        InvitationId, InvitationId::uuid; ExecutionId, ExecutionId::uuid; SubscriptionId, SubscriptionId::uuid; InvoiceId, InvoiceId::uuid;
        PaymentId, PaymentId::uuid; CreditGrantId, CreditGrantId::uuid;
        PromotionCodeId, PromotionCodeId::uuid; InvoiceItemId, InvoiceItemId::uuid; MandateId, MandateId::uuid; }
    Json { serde_json::Value, std::convert::identity; }
}

impl Value {
    pub(crate) fn postgres<'q>(&self, query: Query<'q, Postgres, PgArguments>) -> Query<'q, Postgres, PgArguments> {
        match self {
            Self::Text(v) => query.bind(v.as_ref()),
            Self::Int(v) => query.bind(*v),
            Self::Bool(v) => query.bind(*v),
            Self::Blob(v) => query.bind(v.as_ref()),
            Self::Time(v) => query.bind(*v),
            Self::Uuid(v) => query.bind(*v),
            Self::Json(v) => query.bind(v.as_ref()),
        }
    }

    pub(crate) fn sqlite<'q>(&self, query: Query<'q, Sqlite, SqliteArguments>) -> Query<'q, Sqlite, SqliteArguments> {
        match self {
            Self::Text(v) => query.bind(v.as_ref()),
            Self::Int(v) => query.bind(*v),
            Self::Bool(v) => query.bind(*v),
            Self::Blob(v) => query.bind(v.as_ref()),
            // sqlx would write text whose length depends on the fraction: that neither sorts nor compares.
            Self::Time(v) => query.bind(v.map(|at| at.timestamp_micros())),
            Self::Uuid(v) => query.bind(*v),
            Self::Json(v) => query.bind(v.as_ref()),
        }
    }
}

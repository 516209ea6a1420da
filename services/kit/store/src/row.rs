//! What a statement answers.

use crate::Error;
use chrono::{DateTime, Utc};
use proto::id::{
    CreditGrantId, DeliveryId, EventId, ExecutionId, ExportId, IdentityId, InvitationId, InvoiceId, InvoiceItemId,
    KeyId, MandateId, PasskeyId, PaymentId, PromotionCodeId, ProviderId, RequestId, ScheduleId, SessionId,
    SubscriptionId, TeamId, UserId, WebhookId, WorkspaceId,
};
use sqlx::{Column, Row as _, postgres::PgRow, sqlite::SqliteRow};
use uuid::Uuid;

/// A struct (by [`crate::row!`]) or a tuple that a row of either database becomes.
pub trait Row: Sized + Send + Unpin {
    /// Errors: [`Error::Other`] for a column that is missing or of another type.
    fn read(cells: &Cells<'_>) -> Result<Self, Error>;
}

/// One row of either database.
pub struct Cells<'r>(Source<'r>);

enum Source<'r> {
    Postgres(&'r PgRow),
    Sqlite(&'r SqliteRow),
}

/// A type that a column can have: the table in the crate's documentation says how each is kept.
pub trait Field: Sized {
    #[doc(hidden)]
    fn postgres(row: &PgRow, column: &str) -> sqlx::Result<Self>;
    #[doc(hidden)]
    fn sqlite(row: &SqliteRow, column: &str) -> sqlx::Result<Self>;
}

/// Declares a struct that decodes from both databases, column by column name:
/// `store::row! { struct KeyRow { id: KeyId, name: String, revoked_at: Option<DateTime<Utc>> } }`.
#[macro_export]
macro_rules! row {
    ($(#[$meta:meta])* $vis:vis struct $name:ident { $($(#[$doc:meta])* $field_vis:vis $field:ident: $ty:ty),+ $(,)? }) => {
        $(#[$meta])*
        $vis struct $name { $($(#[$doc])* $field_vis $field: $ty),+ }
        impl $crate::Row for $name {
            fn read(cells: &$crate::Cells<'_>) -> Result<Self, $crate::Error> {
                Ok(Self { $($field: cells.get(stringify!($field))?),+ })
            }
        }
    };
}

impl Cells<'_> {
    /// The value of a column. Errors: [`Error::Other`] for a column that is missing or of another type.
    pub fn get<T: Field>(&self, column: &str) -> Result<T, Error> {
        match &self.0 {
            Source::Postgres(row) => T::postgres(row, column),
            Source::Sqlite(row) => T::sqlite(row, column),
        }
        .map_err(Error::decode)
    }

    fn at<T: Field>(&self, index: usize) -> Result<T, Error> {
        let name = match &self.0 {
            Source::Postgres(row) => row.try_column(index).map(Column::name),
            Source::Sqlite(row) => row.try_column(index).map(Column::name),
        };
        self.get(name.map_err(Error::decode)?)
    }
}

impl<'r> From<&'r PgRow> for Cells<'r> {
    fn from(row: &'r PgRow) -> Self {
        Self(Source::Postgres(row))
    }
}

impl<'r> From<&'r SqliteRow> for Cells<'r> {
    fn from(row: &'r SqliteRow) -> Self {
        Self(Source::Sqlite(row))
    }
}

/// Rows of one to three columns need no struct; the columns need names that differ.
macro_rules! tuples {
    ($(($($ty:ident $index:literal),+);)+) => {$(
        impl<$($ty: Field + Send + Unpin),+> Row for ($($ty,)+) {
            fn read(cells: &Cells<'_>) -> Result<Self, Error> { Ok(($(cells.at::<$ty>($index)?,)+)) }
        }
    )+};
}
tuples! { (A 0); (A 0, B 1); (A 0, B 1, C 2); }

/// Types that sqlx decodes alike from both.
macro_rules! plain {
    ($($ty:ty),+) => {$(
        impl Field for $ty {
            fn postgres(row: &PgRow, column: &str) -> sqlx::Result<Self> { row.try_get(column) }
            fn sqlite(row: &SqliteRow, column: &str) -> sqlx::Result<Self> { row.try_get(column) }
        }
        impl Field for Option<$ty> {
            fn postgres(row: &PgRow, column: &str) -> sqlx::Result<Self> { row.try_get(column) }
            fn sqlite(row: &SqliteRow, column: &str) -> sqlx::Result<Self> { row.try_get(column) }
        }
    )+};
}
plain!(Uuid, String, i64, i32, bool, Vec<u8>, serde_json::Value);

macro_rules! ids {
    ($($ty:ident),+) => {$(
        impl Field for $ty {
            fn postgres(row: &PgRow, column: &str) -> sqlx::Result<Self> { row.try_get(column).map($ty::from_uuid) }
            fn sqlite(row: &SqliteRow, column: &str) -> sqlx::Result<Self> { row.try_get(column).map($ty::from_uuid) }
        }
        impl Field for Option<$ty> {
            fn postgres(row: &PgRow, column: &str) -> sqlx::Result<Self> {
                Ok(row.try_get::<Option<Uuid>, _>(column)?.map($ty::from_uuid))
            }
            fn sqlite(row: &SqliteRow, column: &str) -> sqlx::Result<Self> {
                Ok(row.try_get::<Option<Uuid>, _>(column)?.map($ty::from_uuid))
            }
        }
    )+};
}
ids!(
    UserId,
    IdentityId,
    PasskeyId,
    SessionId,
    WorkspaceId,
    KeyId,
    ProviderId,
    RequestId,
    EventId,
    ExportId,
    ScheduleId,
    InvitationId,
    TeamId,
    ExecutionId,
    SubscriptionId,
    InvoiceId,
    PaymentId,
    CreditGrantId,
    PromotionCodeId,
    InvoiceItemId,
    WebhookId,
    DeliveryId,
    MandateId
);

impl Field for DateTime<Utc> {
    fn postgres(row: &PgRow, column: &str) -> sqlx::Result<Self> {
        row.try_get(column)
    }

    fn sqlite(row: &SqliteRow, column: &str) -> sqlx::Result<Self> {
        time(row.try_get(column)?)
    }
}

impl Field for Option<DateTime<Utc>> {
    fn postgres(row: &PgRow, column: &str) -> sqlx::Result<Self> {
        row.try_get(column)
    }

    fn sqlite(row: &SqliteRow, column: &str) -> sqlx::Result<Self> {
        row.try_get::<Option<i64>, _>(column)?.map(time).transpose()
    }
}

pub(crate) fn time(micros: i64) -> sqlx::Result<DateTime<Utc>> {
    DateTime::from_timestamp_micros(micros).ok_or_else(|| sqlx::Error::decode("a time that no calendar has"))
}

//! Usage: the ledger, row by row, corrections included. Its sums are what `GetUsage` answers.

use super::{PAGE, Source};
use crate::{
    Error,
    export::encode::{Cell, Encoder},
};
use chrono::{DateTime, Utc};
use proto::{
    id::{KeyId, RequestId, UserId},
    money::Nanos,
};
use store::{Sql, WorkspaceTx, sql};

const LEDGER_PAGE: Sql = sql!("export/ledger_page");

pub(super) const COLUMNS: &[&str] = &[
    "request_id",
    "attempt",
    "correction",
    "kind",
    "created_at",
    "settled_at",
    "operation",
    "api_key_id",
    "user_id",
    "provider",
    "provider_kind",
    "model",
    "plan",
    "credential_owner",
    "outcome",
    "error_code",
    "provider_status",
    "estimated",
    "input_tokens",
    "cache_read_tokens",
    "cache_write_5m_tokens",
    "cache_write_1h_tokens",
    "audio_input_tokens",
    "image_input_tokens",
    "output_tokens",
    "audio_output_tokens",
    "image_output_tokens",
    "reasoning_tokens",
    "images",
    "image_class",
    "audio_ms",
    "characters",
    "searches",
    "cost",
    "list_cost",
    "currency",
    "price_version",
    "duration_ms",
    "ttft_ms",
];

store::row! {
    struct LedgerRow {
        request_id: RequestId,
        attempt: i64,
        correction: i64,
        kind: String,
        created_at: DateTime<Utc>,
        settled_at: DateTime<Utc>,
        operation: String,
        api_key_id: Option<KeyId>,
        user_id: Option<UserId>,
        provider: String,
        provider_kind: String,
        model: String,
        plan: String,
        credential_owner: String,
        outcome: String,
        error_code: String,
        provider_status: i64,
        estimated: bool,
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
        image_class: String,
        audio_ms: i64,
        characters: i64,
        searches: i64,
        cost_nanos: Option<i64>,
        list_cost_nanos: Option<i64>,
        currency: String,
        price_version: String,
        duration_ms: i64,
        ttft_ms: i64,
    }
}

pub(super) async fn page(tx: &mut WorkspaceTx, source: &mut Source, encoder: &mut Encoder) -> Result<usize, Error> {
    let (period, after) = (&source.period, &mut source.after);
    let values = [
        source.workspace.into(),
        after.request.into(),
        after.attempt.into(),
        after.correction.into(),
        period.beyond_id().into(),
        period.from.into(),
        period.to.into(),
        PAGE.into(),
    ];
    let rows: Vec<LedgerRow> = tx.fetch_all(LEDGER_PAGE, &values).await?;
    for row in &rows {
        encoder.row(&cells(row))?;
    }
    if let Some(last) = rows.last() {
        (after.request, after.attempt, after.correction) = (last.request_id.uuid(), last.attempt, last.correction);
    }
    Ok(rows.len())
}

fn cells(row: &LedgerRow) -> [Cell<'_>; COLUMNS.len()] {
    [
        Cell::id(row.request_id),
        Cell::Int(row.attempt),
        Cell::Int(row.correction),
        Cell::text(&row.kind),
        Cell::Time(row.created_at),
        Cell::Time(row.settled_at),
        Cell::text(&row.operation),
        Cell::maybe(row.api_key_id, Cell::id),
        Cell::maybe(row.user_id, Cell::id),
        Cell::text(&row.provider),
        Cell::text(&row.provider_kind),
        Cell::text(&row.model),
        Cell::text(&row.plan),
        Cell::text(&row.credential_owner),
        Cell::text(&row.outcome),
        Cell::text(&row.error_code),
        Cell::maybe((row.provider_status != 0).then_some(row.provider_status), Cell::Int),
        Cell::Bool(row.estimated),
        Cell::Int(row.input_tokens),
        Cell::Int(row.cache_read_tokens),
        Cell::Int(row.cache_write_5m_tokens),
        Cell::Int(row.cache_write_1h_tokens),
        Cell::Int(row.audio_input_tokens),
        Cell::Int(row.image_input_tokens),
        Cell::Int(row.output_tokens),
        Cell::Int(row.audio_output_tokens),
        Cell::Int(row.image_output_tokens),
        Cell::Int(row.reasoning_tokens),
        Cell::Int(row.images),
        Cell::text(&row.image_class),
        Cell::Int(row.audio_ms),
        Cell::Int(row.characters),
        Cell::Int(row.searches),
        Cell::maybe(row.cost_nanos, |cost| Cell::Money(Nanos(cost))),
        Cell::maybe(row.list_cost_nanos, |cost| Cell::Money(Nanos(cost))),
        Cell::text(&row.currency),
        Cell::text(&row.price_version),
        Cell::Int(row.duration_ms),
        Cell::Int(row.ttft_ms),
    ]
}

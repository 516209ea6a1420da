//! Logs: requests, refused ones included, with the sums of their ledger rows as the list of logs shows them.

use super::{PAGE, Source};
use crate::{
    Error,
    export::encode::{Cell, Encoder},
    read::entry::{Entry, JoinedRow, entries},
};
use proto::{money::Nanos, time::from_proto, usage::RequestLog};
use store::{Sql, WorkspaceTx, sql};

const LOG_PAGE: Sql = sql!("export/log_page");

pub(super) const COLUMNS: &[&str] = &[
    "id",
    "created_at",
    "operation",
    "api_key_id",
    "user_id",
    "requested_model",
    "provider",
    "model",
    "stream",
    "status_code",
    "outcome",
    "attempts",
    "input_tokens",
    "cached_input_tokens",
    "output_tokens",
    "reasoning_tokens",
    "images",
    "audio_ms",
    "characters",
    "searches",
    "estimated",
    "cost",
    "currency",
    "price_version",
    "duration_ms",
    "ttft_ms",
    "error_code",
    "error_message",
];

pub(super) async fn page(tx: &mut WorkspaceTx, source: &mut Source, encoder: &mut Encoder) -> Result<usize, Error> {
    let (period, after) = (&source.period, &mut source.after);
    let values = [
        source.workspace.into(),
        after.request.into(),
        period.beyond_id().into(),
        period.from.into(),
        period.to.into(),
        PAGE.into(),
    ];
    let rows: Vec<JoinedRow> = tx.fetch_all(LOG_PAGE, &values).await?;
    let entries = entries(rows);
    let read = entries.len();
    if let Some(last) = entries.last() {
        after.request = last.id.uuid();
    }
    for log in entries.into_iter().map(Entry::finish) {
        encoder.row(&cells(&log))?;
    }
    Ok(read)
}

fn cells(log: &RequestLog) -> [Cell<'_>; COLUMNS.len()] {
    [
        Cell::text(&log.id),
        Cell::maybe(log.created_at.and_then(from_proto), Cell::Time),
        Cell::text(&log.operation),
        Cell::text(&log.api_key_id),
        Cell::text(&log.user_id),
        Cell::text(&log.requested_model),
        Cell::text(&log.provider),
        Cell::text(&log.model),
        Cell::Bool(log.stream),
        Cell::maybe((log.status_code != 0).then_some(log.status_code), |status| Cell::Int(status.into())),
        Cell::text(&log.outcome),
        Cell::Int(i64::try_from(log.attempts.len()).unwrap_or(i64::MAX)),
        Cell::Int(log.input_tokens),
        Cell::Int(log.cached_input_tokens),
        Cell::Int(log.output_tokens),
        Cell::Int(log.reasoning_tokens),
        Cell::Int(log.units.as_ref().map_or(0, |units| units.images)),
        Cell::Int(log.units.as_ref().map_or(0, |units| units.audio_ms)),
        Cell::Int(log.units.as_ref().map_or(0, |units| units.characters)),
        Cell::Int(log.units.as_ref().map_or(0, |units| units.searches)),
        Cell::Bool(log.estimated),
        Cell::maybe(log.cost_micros, |micros| Cell::Money(Nanos(micros.saturating_mul(1000)))),
        Cell::text(&log.currency),
        Cell::text(&log.price_version),
        Cell::Int(log.duration_ms),
        Cell::maybe(log.ttft_ms, Cell::Int),
        Cell::text(&log.error_code),
        Cell::text(&log.error_message),
    ]
}

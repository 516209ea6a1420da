//! The trail as a file, passed on as it is read.

use super::{
    super::time,
    body::{AuditBody, First},
};
use crate::{app::Shared, auth::Caller, error::Result, query::Query};
use axum::{body::Body, extract::State, response::Response};
use bytes::Bytes;
use chrono::SecondsFormat;
use futures::{StreamExt as _, stream};
use http::{
    HeaderValue,
    header::{CONTENT_DISPOSITION, CONTENT_TYPE},
};
use proto::{
    Reason,
    workspace::{AuditEvent, ExportAuditEventsRequest, ExportAuditEventsResponse},
};
use serde::Deserialize;
use std::borrow::Cow;
use tonic::{Status, codegen::BoxStream};
use utoipa::IntoParams;

const COLUMNS: [&str; 8] = ["id", "created_at", "actor", "action", "subject", "request_id", "source", "details"];

/// Which events, and how they are written.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wish {
    /// `csv`, `json` or `jsonl`. Default: json.
    #[param(default = "json")]
    format: Option<String>,
    /// Who did it: `usr_…` or `key_…`.
    actor: Option<String>,
    /// What was done.
    #[param(example = "provider.created")]
    action: Option<String>,
    /// Not before this time.
    #[param(value_type = Option<chrono::DateTime<chrono::Utc>>)]
    from: Option<time::Instant>,
    /// Before this time.
    #[param(value_type = Option<chrono::DateTime<chrono::Utc>>)]
    to: Option<time::Instant>,
}

#[derive(Clone, Copy)]
enum Format {
    Csv,
    Json,
    /// For verification: the signed head, and then one entry a line.
    Lines,
}

/// Writes events as they come.
struct Encoder {
    format: Format,
    /// Whether something was written.
    begun: bool,
}

/// Download what happened in a workspace, oldest first.
///
/// JSON is one array of objects as in the list. JSON lines are for `perpetuo audit verify`: without a filter the first line is the
/// signed head of the chain, and each other one an entry in its order. CSV is RFC 4180 with a header, in UTF-8; text that a spreadsheet would take
/// for a formula has an apostrophe in front. A connection that breaks leaves JSON without its last bracket.
///
/// `POST …/exports` with `kind: audit` writes the same in the background, for S3 and e-mail too, and schedules repeat it.
#[utoipa::path(get, path = "/workspaces/{workspace_id}/audit/export", tag = "Audit",
    params(("workspace_id" = String, Path, description = "`ws_…`"), Wish),
    responses((status = 200, description = "The file", content((Vec<serde_json::Value> = "application/json"), (String = "text/csv"), (String = "application/jsonl")),
        headers(("Content-Disposition" = String, description = "`attachment`, and the name of the file")))))]
pub(crate) async fn export_audit_events(
    State(app): State<Shared>,
    Caller(call): Caller,
    Query(wish): Query<Wish>,
) -> Result<Response> {
    let format = match wish.format.as_deref() {
        None | Some("json") => Format::Json,
        Some("csv") => Format::Csv,
        Some("jsonl") => Format::Lines,
        Some(_) => {
            let refused = Reason::RefusedValue.with("format must be csv, json or jsonl");
            return Err(refused.field("format", "must be csv, json or jsonl").into());
        }
    };
    let filter = super::asked(wish.actor, wish.action, wish.from, wish.to);
    let pieces =
        app.services.workspaces.export_audit_events(&call, ExportAuditEventsRequest { filter: Some(filter) }).await?;
    let mut response = Response::new(Body::from_stream(file(format, pieces)));
    let (kind, name) = match format {
        Format::Csv => ("text/csv; charset=utf-8; header=present", "attachment; filename=\"audit.csv\""),
        Format::Json => ("application/json", "attachment; filename=\"audit.json\""),
        Format::Lines => ("application/jsonl", "attachment; filename=\"audit.jsonl\""),
    };
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response.headers_mut().insert(CONTENT_DISPOSITION, HeaderValue::from_static(name));
    Ok(response)
}

/// Ends only after the last event: what is cut off must not look like a whole file.
fn file(
    format: Format,
    pieces: BoxStream<ExportAuditEventsResponse>,
) -> impl futures::Stream<Item = Result<Bytes, Status>> {
    stream::unfold((Some(pieces), Encoder { format, begun: false }), async |(pieces, mut encoder)| {
        let mut pieces = pieces?;
        Some(match pieces.next().await {
            Some(Ok(piece)) => (encoder.piece(piece), (Some(pieces), encoder)),
            Some(Err(status)) => {
                tracing::warn!(source = status.message(), "an audit trail ended with an error");
                (Err(status), (None, encoder))
            }
            None => (encoder.end(), (None, encoder)),
        })
    })
}

impl Encoder {
    fn piece(&mut self, piece: ExportAuditEventsResponse) -> Result<Bytes, Status> {
        let rows = self.rows(piece.events)?;
        match piece.head.filter(|_| matches!(self.format, Format::Lines)) {
            None => Ok(rows),
            Some(head) => {
                let head = head.try_into().map_err(|_| broken())?;
                let mut bytes = line(&First { head })?;
                bytes.extend_from_slice(&rows);
                Ok(bytes.into())
            }
        }
    }

    fn rows(&mut self, events: Vec<AuditEvent>) -> Result<Bytes, Status> {
        let rows = events.into_iter().map(AuditBody::try_from).collect::<Result<Vec<_>>>();
        let rows = rows.map_err(|_| broken())?;
        match self.format {
            Format::Csv => self.csv(&rows),
            Format::Json => self.json(&rows),
            Format::Lines => {
                let lines = rows.iter().map(line).collect::<Result<Vec<_>, _>>()?;
                Ok(lines.concat().into())
            }
        }
    }

    fn end(&mut self) -> Result<Bytes, Status> {
        Ok(match (self.format, self.begun) {
            (Format::Json, true) => Bytes::from_static(b"\n]\n"),
            (Format::Json, false) => Bytes::from_static(b"[]\n"),
            (Format::Csv, true) | (Format::Lines, _) => Bytes::new(),
            (Format::Csv, false) => return self.csv(&[]),
        })
    }

    fn json(&mut self, rows: &[AuditBody]) -> Result<Bytes, Status> {
        let mut bytes = vec![];
        for row in rows {
            bytes.extend_from_slice(if self.begun { b",\n" } else { b"[\n" });
            self.begun = true;
            serde_json::to_writer(&mut bytes, row).map_err(|_| broken())?;
        }
        Ok(bytes.into())
    }

    fn csv(&mut self, rows: &[AuditBody]) -> Result<Bytes, Status> {
        let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(vec![]);
        if !self.begun {
            writer.write_record(COLUMNS).map_err(|_| broken())?;
            self.begun = true;
        }
        for row in rows {
            let at = row.created_at.to_rfc3339_opts(SecondsFormat::AutoSi, true);
            let request = row.request_id.as_deref().unwrap_or_default();
            let texts = [&row.id, &at, &row.actor, &row.action, &row.subject, request, &row.source, row.details.get()];
            for text in texts {
                writer.write_field(harmless(text).as_bytes()).map_err(|_| broken())?;
            }
            writer.write_record(None::<&[u8]>).map_err(|_| broken())?;
        }
        writer.into_inner().map(Bytes::from).map_err(|_| broken())
    }
}

/// What a spreadsheet would run is made a text, as OWASP advises against CSV injection.
fn harmless(text: &str) -> Cow<'_, str> {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}").into() } else { text.into() }
}

fn line(value: &impl serde::Serialize) -> Result<Vec<u8>, Status> {
    let mut line = serde_json::to_vec(value).map_err(|_| broken())?;
    line.push(b'\n');
    Ok(line)
}

fn broken() -> Status {
    Reason::Internal.with("an event cannot be written").into()
}

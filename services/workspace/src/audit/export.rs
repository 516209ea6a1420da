//! The whole trail, in the order of its chain, piece by piece: what is in memory does not depend on how long it is.

use super::{filter, head::Head, row::AuditRow};
use crate::{Workspace, error::Error};
use chrono::{DateTime, Utc};
use futures::{StreamExt as _, stream};
use proto::{
    id::WorkspaceId,
    time,
    workspace::{AuditEvent, AuditFilter, AuditHead, ExportAuditEventsResponse},
};
use store::{Value, WorkspaceTx, sql};
use tonic::{Status, codegen::BoxStream};
use uuid::Uuid;

/// Events of one piece.
const PAGE: i64 = 500;

store::row! {
    struct HeadRow {
        seq: i64,
        hash: Vec<u8>,
        at: DateTime<Utc>,
        signature: Vec<u8>,
    }
}

/// Where an export has got to.
#[derive(Clone, Copy)]
enum Place {
    Beginning,
    /// After this one of those that are not chained.
    Unchained(Option<Uuid>, i64),
    /// After this one of the chain, up to another one.
    Chained(i64, i64),
}

/// Whose trail, and what of it.
#[derive(Clone)]
struct Asked {
    workspace: WorkspaceId,
    filter: [Value; 4],
    is_whole: bool,
}

/// Ends with the newest event that is there when it begins. Errors: as for [`super::list::list`].
pub(crate) fn export(
    service: &Workspace,
    workspace: WorkspaceId,
    filter: Option<AuditFilter>,
) -> Result<BoxStream<ExportAuditEventsResponse>, Error> {
    let is_whole = filter.as_ref().is_none_or(|filter| *filter == AuditFilter::default());
    let asked = Asked { workspace, filter: filter::values(filter)?, is_whole };
    let service = service.clone();
    let pieces = stream::unfold(Some(Place::Beginning), move |place| {
        let (service, asked) = (service.clone(), asked.clone());
        async move {
            match next(&service, &asked, place?).await {
                Ok((piece, place)) => Some((Ok(piece), place)),
                Err(error) => Some((Err(Status::from(error)), None)),
            }
        }
    });
    // A piece may be empty where one kind of events ends and the other begins.
    let has_something = |piece: &Result<ExportAuditEventsResponse, Status>| {
        std::future::ready(piece.as_ref().map_or(true, |piece| !piece.events.is_empty() || piece.head.is_some()))
    };
    Ok(pieces.filter(has_something).boxed())
}

/// One piece, and where to go on.
async fn next(
    service: &Workspace,
    asked: &Asked,
    place: Place,
) -> Result<(ExportAuditEventsResponse, Option<Place>), Error> {
    let mut tx = WorkspaceTx::read(&service.db, asked.workspace).await?;
    let (rows, last) = match place {
        Place::Beginning => {
            let head: Option<HeadRow> = tx.fetch_optional(sql!("audit/head"), &[asked.workspace.into()]).await?;
            let end = head.as_ref().map_or(0, |head| head.seq);
            let head = head.filter(|_| asked.is_whole).map(|head| head.to_proto(service, asked.workspace));
            let piece = ExportAuditEventsResponse { events: vec![], head };
            return Ok((piece, Some(Place::Unchained(None, end))));
        }
        Place::Unchained(after, end) => {
            let rows: Vec<AuditRow> = tx.fetch_all(sql!("audit/export"), &asked.values(after.into())).await?;
            let last = rows.last().map(|row| Place::Unchained(Some(row.event_id.uuid()), end));
            (rows, last.or(Some(Place::Chained(0, end))))
        }
        Place::Chained(after, end) => {
            let mut values = asked.values(after.into()).to_vec();
            values.push(end.into());
            let rows: Vec<AuditRow> = tx.fetch_all(sql!("audit/export_chain"), &values).await?;
            let last = rows.last().and_then(|row| row.seq).map(|seq| Place::Chained(seq, end));
            (rows, last)
        }
    };
    let events = rows.into_iter().map(AuditEvent::from).collect();
    Ok((ExportAuditEventsResponse { events, head: None }, last))
}

impl Asked {
    fn values(&self, after: Value) -> [Value; 7] {
        let [from, to, actor, action] = self.filter.clone();
        [self.workspace.into(), after, from, to, actor, action, PAGE.into()]
    }
}

impl HeadRow {
    fn to_proto(&self, service: &Workspace, workspace: WorkspaceId) -> AuditHead {
        let signer = &service.signer;
        let hash = self.hash.as_slice().try_into().ok();
        let head = hash.map(|hash| Head {
            workspace: workspace.to_string(),
            seq: self.seq,
            hash,
            at: self.at.timestamp_micros(),
        });
        // One that nobody has signed is shown as it is: whoever verifies it finds out.
        let key = head.and_then(|head| signer.key_of(&head, &self.signature));
        AuditHead {
            workspace_id: workspace.to_string(),
            seq: self.seq,
            hash: self.hash.clone().into(),
            at: Some(time::to_proto(self.at)),
            signature: self.signature.clone().into(),
            public_key: key.unwrap_or_else(|| signer.public_key()).to_vec().into(),
        }
    }
}

//! What does the link of a letter hold?
//!
//! A sealed note of what it opens, for whom and until when: nothing about it is stored, nobody else can make one, and it ends
//! with the export, with its time, or when its reader is no member any more.

use super::{ExportRow, Exports, download, get, letter, letter::Post};
use crate::{Error, peers::Sought, service::Inner};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use proto::{
    id::{ExportId, UserId, WorkspaceId},
    identity::find_person_request::By,
    usage::DownloadExportResponse,
};
use tonic::codegen::BoxStream;
use uuid::Uuid;

const PLACE: &[u8] = b"usage/export-link";
/// More than any link of ours has.
const LONGEST: usize = 512;

struct Link {
    workspace: WorkspaceId,
    export: ExportId,
    reader: UserId,
    until: DateTime<Utc>,
}

/// The address at which a member can download an export.
pub(super) fn address(exports: &Exports, post: &Post, row: &ExportRow, reader: UserId) -> Option<String> {
    let link = Link { workspace: row.workspace_id, export: row.id, reader, until: row.expires_at? };
    Some(format!("{}/api/v1/exports/download?token={}", post.letters.link_base, link.seal(exports)))
}

/// The bytes behind a link. Errors: `NOT_FOUND` for one that was not made here, whose export was removed or whose reader may
/// not read it any more, `EXPORT_GONE` after its time, `SERVICE_UNAVAILABLE` while nobody can say who is a member.
pub(crate) async fn follow(inner: &Inner, token: &str) -> Result<BoxStream<DownloadExportResponse>, Error> {
    let link = Link::open(&inner.exports, token).ok_or(Error::UnknownLink)?;
    if link.until <= inner.clock.now() {
        return Err(Error::ExportGone);
    }
    let post = inner.exports.post.as_ref().ok_or(Error::NoMail)?;
    let id = link.export.to_string();
    let row = get::find(&inner.db, link.workspace, &id).await.map_err(|error| match error {
        Error::UnknownExport => Error::UnknownLink,
        other => other,
    })?;
    let may = letter::kind(&row).ok_or(Error::UnknownLink)?.permission();
    let by = By::UserId(link.reader.to_string());
    let sought = Sought { by, workspace: link.workspace, may, confirmed: false };
    post.peers.member(&inner.ids, sought).await?.ok_or(Error::UnknownLink)?;
    download(inner, link.workspace, &id).await
}

impl Link {
    fn seal(&self, exports: &Exports) -> String {
        let mut bytes = Vec::with_capacity(56);
        for id in [self.workspace.uuid(), self.export.uuid(), self.reader.uuid()] {
            bytes.extend_from_slice(id.as_bytes());
        }
        bytes.extend_from_slice(&self.until.timestamp_micros().to_be_bytes());
        URL_SAFE_NO_PAD.encode(exports.sealer().seal(&bytes, PLACE))
    }

    fn open(exports: &Exports, token: &str) -> Option<Self> {
        let sealed = URL_SAFE_NO_PAD.decode(Some(token).filter(|token| token.len() <= LONGEST)?).ok()?;
        let opened = exports.sealer().open(&sealed, PLACE).ok()?;
        let (ids, until) = opened.split_at_checked(48)?;
        let id = |at: usize| Uuid::from_slice(&ids[at..at + 16]).ok();
        Some(Self {
            workspace: WorkspaceId::from_uuid(id(0)?),
            export: ExportId::from_uuid(id(16)?),
            reader: UserId::from_uuid(id(32)?),
            until: DateTime::from_timestamp_micros(i64::from_be_bytes(until.try_into().ok()?))?,
        })
    }
}

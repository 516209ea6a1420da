//! Where does the file of an export go?
//!
//! A destination is stored as text without its credential, which is sealed beside it: for the row that it stands in, so
//! that it opens nowhere else.

mod email;
mod s3;

pub(crate) use email::{Email, Recipient};
pub(crate) use s3::S3;

use super::{Exports, Kind};
use crate::{Error, service::Inner};
use proto::{
    id::{ExportId, ScheduleId, WorkspaceId},
    usage::{DownloadDestination, ExportDestination, export_destination::To},
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

const DOWNLOAD: &str = "download";

/// As it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub(crate) enum Destination {
    /// It waits in the list of exports.
    Download,
    S3(S3),
    Email(Email),
}

/// What a storage asks for. It cannot be printed.
#[derive(Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
pub(crate) struct Credential {
    pub access_key_id: String,
    pub secret_access_key: String,
}

/// A destination that somebody wants.
pub(crate) struct Wanted {
    pub destination: Destination,
    pub credential: Option<Credential>,
}

/// Which row a credential is sealed for.
#[derive(Clone, Copy)]
pub(crate) struct Slot {
    table: &'static str,
    workspace: WorkspaceId,
    id: Uuid,
}

impl Destination {
    /// Errors: what this release does not know.
    pub fn parse(text: &str) -> Result<Self, Error> {
        if text == DOWNLOAD {
            return Ok(Self::Download);
        }
        serde_json::from_str(text).map_err(|_| unknown())
    }

    pub fn to_text(&self) -> String {
        match self {
            Self::Download => DOWNLOAD.to_owned(),
            Self::S3(_) | Self::Email(_) => serde_json::to_string(self).expect("texts and booleans are JSON"),
        }
    }

    /// What it is, without saying where.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Download => DOWNLOAD,
            Self::S3(_) => "s3",
            Self::Email(_) => "email",
        }
    }

    /// What the column `delivery` begins with.
    pub const fn delivery(&self) -> &'static str {
        match self {
            Self::Download => "",
            Self::S3(_) | Self::Email(_) => "waiting",
        }
    }
}

impl Wanted {
    /// Judges one as far as nobody has to be written to. Errors: [`Error::Destination`] with the field that is wrong, those
    /// of [`Email::judge`].
    pub async fn judge(
        inner: &Inner,
        workspace: WorkspaceId,
        kind: Kind,
        wanted: Option<ExportDestination>,
    ) -> Result<Self, Error> {
        let to = wanted.and_then(|wanted| wanted.to).unwrap_or(To::Download(DownloadDestination {}));
        Ok(match to {
            To::Download(_) => Self { destination: Destination::Download, credential: None },
            To::S3(s3) => {
                let (s3, credential) = S3::parse(&inner.exports.guard, s3)?;
                Self { destination: Destination::S3(s3), credential: Some(credential) }
            }
            To::Email(email) => {
                let email = Email::judge(inner, workspace, kind, email).await?;
                Self { destination: Destination::Email(email), credential: None }
            }
        })
    }

    /// Its credential, for the row in which both are kept.
    pub fn sealed(&self, exports: &Exports, slot: Slot) -> Option<Vec<u8>> {
        self.credential.as_ref().map(|credential| credential.seal(exports, slot))
    }

    /// Asks the destination whether it takes files. Errors: [`Error::Destination`] with what it says.
    pub async fn check(&self, exports: &Exports) -> Result<(), Error> {
        match (&self.destination, &self.credential) {
            (Destination::S3(s3), Some(credential)) => {
                let refused = |problem| Error::Destination { field: "destination", problem };
                super::deliver::s3::check(&exports.http, s3, credential).await.map_err(refused)
            }
            _ => Ok(()),
        }
    }
}

impl Credential {
    pub fn seal(&self, exports: &Exports, slot: Slot) -> Vec<u8> {
        let text = Zeroizing::new(serde_json::to_vec(self).expect("texts are JSON"));
        exports.sealer().seal(&text, &slot.place())
    }

    /// Errors: it is damaged, or sealed with another master key.
    pub fn open(exports: &Exports, slot: Slot, sealed: &[u8]) -> Result<Self, Error> {
        let opened = exports.sealer().open(sealed, &slot.place()).map_err(Error::Sealed)?;
        serde_json::from_slice(&opened).map_err(|_| Error::Sealed(store::seal::Error::Damaged))
    }
}

impl Slot {
    pub fn export(workspace: WorkspaceId, id: ExportId) -> Self {
        Self { table: "exports", workspace, id: id.uuid() }
    }

    pub fn schedule(workspace: WorkspaceId, id: ScheduleId) -> Self {
        Self { table: "export_schedules", workspace, id: id.uuid() }
    }

    pub fn place(&self) -> Vec<u8> {
        format!("usage/{}/{}/{}", self.table, self.workspace, self.id).into_bytes()
    }
}

impl From<Destination> for ExportDestination {
    fn from(destination: Destination) -> Self {
        let to = match destination {
            Destination::Download => To::Download(DownloadDestination {}),
            Destination::S3(s3) => To::S3(s3.into()),
            Destination::Email(email) => To::Email(email.into()),
        };
        Self { to: Some(to) }
    }
}

/// A row of a newer release.
pub(super) fn unknown() -> Error {
    Error::ExportFailed("this release does not know its destination".to_owned())
}

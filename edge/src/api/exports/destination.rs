//! Where exports go.

use proto::usage::{DownloadDestination, EmailDestination, ExportDestination, S3Destination, export_destination::To};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Where the file of an export goes.
#[derive(Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "lowercase", deny_unknown_fields)]
#[schema(as = NewExportDestination)]
pub(crate) enum NewDestination {
    /// It waits in the list of exports.
    Download {},
    /// A bucket of an S3-compatible storage. It is asked at once whether it takes files.
    S3(NewS3),
    /// To members of the workspace, attached to a letter or linked in it.
    Email(EmailBody),
}

/// A bucket of an S3-compatible storage.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewS3Destination)]
pub(crate) struct NewS3 {
    /// Default: AWS in the region.
    #[schema(example = "https://storage.example.com")]
    endpoint: Option<String>,
    /// Default: us-east-1.
    region: Option<String>,
    bucket: String,
    /// What the keys of files begin with.
    #[schema(example = "perpetuo/")]
    prefix: Option<String>,
    /// Of somebody who may put objects into the bucket and abort uploads. Both are sealed, and never returned.
    access_key_id: String,
    secret_access_key: String,
    /// Whether the bucket is named in the path instead of the host. Default: with an `endpoint` yes, on AWS no.
    path_style: Option<bool>,
}

/// Where the file of an export goes, without any credential.
#[derive(Serialize, ToSchema)]
#[serde(tag = "type", rename_all = "lowercase")]
#[schema(as = ExportDestination)]
pub(crate) enum DestinationBody {
    /// It waits in the list of exports.
    Download {},
    /// A bucket of an S3-compatible storage.
    S3(S3Body),
    /// To members of the workspace, attached to a letter or linked in it.
    Email(EmailBody),
}

/// A bucket, without the credential for it.
#[derive(Serialize, ToSchema)]
#[schema(as = S3Destination)]
pub(crate) struct S3Body {
    /// Null: AWS in the region.
    endpoint: Option<String>,
    region: String,
    bucket: String,
    prefix: String,
    /// The end of the access key's id.
    #[schema(example = "…MPLE")]
    access_key_hint: String,
    path_style: bool,
}

/// Who gets the file.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = EmailDestination)]
pub(crate) struct EmailBody {
    /// Addresses of members, at most ten. Letters follow whoever changes theirs.
    #[schema(min_items = 1, max_items = 10)]
    to: Vec<String>,
}

impl DestinationBody {
    /// None for one of a newer release.
    pub(crate) fn of(destination: ExportDestination) -> Option<Self> {
        Some(match destination.to? {
            To::Download(_) => Self::Download {},
            To::Email(email) => Self::Email(EmailBody { to: email.to }),
            To::S3(s3) => Self::S3(S3Body {
                endpoint: Some(s3.endpoint).filter(|endpoint| !endpoint.is_empty()),
                region: s3.region,
                bucket: s3.bucket,
                prefix: s3.prefix,
                access_key_hint: s3.access_key_hint,
                path_style: s3.path_style.unwrap_or_default(),
            }),
        })
    }
}

impl From<NewDestination> for ExportDestination {
    fn from(new: NewDestination) -> Self {
        let to = match new {
            NewDestination::Download {} => To::Download(DownloadDestination {}),
            NewDestination::Email(email) => To::Email(EmailDestination { to: email.to }),
            NewDestination::S3(s3) => To::S3(S3Destination {
                endpoint: s3.endpoint.unwrap_or_default(),
                region: s3.region.unwrap_or_default(),
                bucket: s3.bucket,
                prefix: s3.prefix.unwrap_or_default(),
                access_key_id: s3.access_key_id,
                secret_access_key: s3.secret_access_key,
                access_key_hint: String::new(),
                path_style: s3.path_style,
            }),
        };
        Self { to: Some(to) }
    }
}

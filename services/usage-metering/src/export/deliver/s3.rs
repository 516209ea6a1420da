//! Sends a file to an S3-compatible storage: in parts, so that its size does not matter.

use crate::{
    Error,
    export::{
        ExportRow, Format,
        destination::{Credential, S3},
        place::Reader,
    },
};
use bytes::BytesMut;
use egress::{Client, Deadlines};
use http_body_util::BodyExt as _;
use object_store::{
    Attribute, Attributes, MultipartUpload, ObjectStore as _, ObjectStoreExt as _, PutMultipartOptions, PutPayload,
    RetryConfig,
    aws::{AmazonS3, AmazonS3Builder},
    client::{
        ClientOptions, HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpResponse, HttpService,
    },
    path::Path,
};
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

/// Each part but the last has so many bytes: at least 5 MiB (Amazon S3 API reference, UploadPart), and the same for all,
/// which some storages ask for. Ten thousand of them may be sent.
const PART: usize = 8 * 1024 * 1024;
/// More than any answer to what is asked here has.
const LONGEST_ANSWER: usize = 1024 * 1024;
const IDLE: Duration = Duration::from_secs(30);
/// A part has left before the first byte of its answer comes: 8 MiB may take two minutes.
const DEADLINES: Deadlines = Deadlines {
    connect: Duration::from_secs(10),
    first_byte: Duration::from_secs(120),
    total: Some(Duration::from_secs(150)),
};
/// Within a try. The tries follow each other with longer pauses.
const RETRIES: usize = 2;

/// What carries the requests of the library, so that each passes the guard, and what it saw fail last.
#[derive(Clone, Debug)]
struct Carrier {
    client: Client,
    trouble: Arc<Mutex<Option<String>>>,
}

/// Begins an upload and gives it up, which takes the permissions that sending takes and leaves nothing. Errors: in words
/// for the workspace.
pub(in crate::export) async fn check(client: &Client, s3: &S3, credential: &Credential) -> Result<(), String> {
    let (store, carrier) = open(client, s3, credential)?;
    let key = Path::from(format!("{}perpetuo-check", s3.prefix));
    let mut upload = store.put_multipart(&key).await.map_err(|error| carrier.why(&error))?;
    upload.abort().await.map_err(|error| carrier.why(&error))
}

/// Sends it, and says where it is; or in words for the workspace why not. Errors: it cannot be read.
pub(super) async fn send(
    client: &Client,
    s3: &S3,
    credential: &Credential,
    row: &ExportRow,
    file: Reader,
) -> Result<Result<String, String>, Error> {
    let (store, carrier) = match open(client, s3, credential) {
        Ok(opened) => opened,
        Err(why) => return Ok(Err(why)),
    };
    let key = format!("{}{}", s3.prefix, row.object_name());
    let kind = Format::parse(&row.format).map_or("application/octet-stream", Format::content_type);
    let attributes = Attributes::from_iter([(Attribute::ContentType, kind)]);
    let options = PutMultipartOptions { attributes, ..PutMultipartOptions::default() };
    let mut upload = match store.put_multipart_opts(&Path::from(key.as_str()), options).await {
        Ok(upload) => upload,
        Err(error) => return Ok(Err(carrier.why(&error))),
    };
    let sent = parts(upload.as_mut(), file, row.byte_count, &carrier).await;
    if !matches!(sent, Ok(Ok(()))) {
        // What was sent would be kept, and paid for, unseen.
        if let Err(error) = upload.abort().await {
            tracing::info!(export = %row.id, why = carrier.why(&error), "parts of an upload stay in their bucket");
        }
    }
    Ok(sent?.map(|()| format!("s3://{}/{key}", s3.bucket)))
}

async fn parts(
    upload: &mut dyn MultipartUpload,
    mut file: Reader,
    bytes: i64,
    carrier: &Carrier,
) -> Result<Result<(), String>, Error> {
    let (mut part, mut left, mut is_first) = (BytesMut::with_capacity(PART), bytes, true);
    loop {
        let read = file.next().await?;
        let ended = read.is_none();
        if let Some(piece) = read {
            left -= i64::try_from(piece.len()).unwrap_or(i64::MAX);
            part.extend_from_slice(&piece);
        }
        // A file without bytes has one part too.
        while part.len() >= PART || (ended && (is_first || !part.is_empty())) {
            let full = part.split_to(part.len().min(PART)).freeze();
            is_first = false;
            if let Err(error) = upload.put_part(PutPayload::from(full)).await {
                return Ok(Err(carrier.why(&error)));
            }
        }
        if ended {
            break;
        }
    }
    if left != 0 {
        return Err(Error::ExportGone);
    }
    Ok(upload.complete().await.map(drop).map_err(|error| carrier.why(&error)))
}

fn open(client: &Client, s3: &S3, credential: &Credential) -> Result<(AmazonS3, Carrier), String> {
    let carrier = Carrier { client: client.clone(), trouble: Arc::default() };
    let retry = RetryConfig { max_retries: RETRIES, retry_timeout: Duration::from_secs(60), ..RetryConfig::default() };
    let mut builder = AmazonS3Builder::new()
        .with_http_connector(carrier.clone())
        .with_retry(retry)
        .with_region(&s3.region)
        .with_bucket_name(&s3.bucket)
        .with_access_key_id(&credential.access_key_id)
        .with_secret_access_key(&credential.secret_access_key)
        .with_virtual_hosted_style_request(!s3.path_style);
    if let Some(url) = s3.url() {
        builder = builder.with_allow_http(url.starts_with("http://")).with_endpoint(url);
    }
    let store = builder.build().map_err(|_| "the storage cannot be addressed".to_owned())?;
    Ok((store, carrier))
}

impl Carrier {
    /// In words for the workspace: what the storage said last, never what the library makes of it.
    fn why(&self, error: &object_store::Error) -> String {
        tracing::debug!(%error, "a storage refused");
        let seen = self.trouble.lock().unwrap_or_else(PoisonError::into_inner).clone();
        seen.unwrap_or_else(|| "the storage gave an answer that is none of S3".to_owned())
    }

    fn note(&self, trouble: Option<String>) {
        *self.trouble.lock().unwrap_or_else(PoisonError::into_inner) = trouble;
    }
}

impl HttpConnector for Carrier {
    fn connect(&self, _: &ClientOptions) -> object_store::Result<HttpClient> {
        Ok(HttpClient::new(self.clone()))
    }
}

#[tonic::async_trait]
impl HttpService for Carrier {
    async fn call(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let (parts, body) = request.into_parts();
        let request = http::Request::from_parts(parts, body.collect().await?.to_bytes());
        let answered = async {
            let (parts, body) = self.client.send(request, &DEADLINES).await?.into_parts();
            Ok((parts, body.collect_within(LONGEST_ANSWER, IDLE).await?))
        };
        let (parts, body) = answered.await.map_err(|error: egress::Error| {
            self.note(Some(format!("the storage cannot be reached: {error}")));
            HttpError::new(kind(&error), error)
        })?;
        self.note(refusal(parts.status, &body));
        Ok(HttpResponse::from_parts(parts, body.into()))
    }
}

/// What may be tried again at once. An upload is the same when it is sent twice.
const fn kind(error: &egress::Error) -> HttpErrorKind {
    match error {
        egress::Error::Refused(_) => HttpErrorKind::Unknown,
        egress::Error::Timeout(_) => HttpErrorKind::Timeout,
        error if error.is_unsent() => HttpErrorKind::Connect,
        _ => HttpErrorKind::Interrupted,
    }
}

/// What an answer refuses, by its status and the code in its body (Amazon S3 API reference, Error responses). None for an
/// answer that refuses nothing.
fn refusal(status: http::StatusCode, body: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(body);
    let named = text.split_once("<Code>").and_then(|(_, rest)| rest.split_once("</Code>")).map(|(code, _)| code);
    let code = named.filter(|code| code.len() <= 64 && code.bytes().all(|b| b.is_ascii_alphanumeric()));
    if status.is_success() && code.is_none() {
        return None;
    }
    let code = code.map(|code| format!(" {code}")).unwrap_or_default();
    let help = match status.as_u16() {
        401 | 403 => ": check the keys, and that they may put objects into the bucket",
        404 => ": check the endpoint and the bucket",
        300..=399 => ": check the region",
        _ => "",
    };
    Some(format!("the storage answered {}{code}{help}", status.as_u16()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_told_by_status_and_code_and_nothing_else_of_the_answer() {
        let told = |status, body: &str| refusal(http::StatusCode::from_u16(status).unwrap(), body.as_bytes());
        assert_eq!(told(200, "<CompleteMultipartUploadResult/>"), None);
        let denied = told(403, "<Error><Code>SignatureDoesNotMatch</Code><StringToSign>AWS4…</StringToSign></Error>");
        let help = ": check the keys, and that they may put objects into the bucket";
        assert_eq!(denied.unwrap(), format!("the storage answered 403 SignatureDoesNotMatch{help}"));
        assert_eq!(told(500, "<Code>a b</Code>").unwrap(), "the storage answered 500");
        assert_eq!(told(200, "<Error><Code>InternalError</Code>").unwrap(), "the storage answered 200 InternalError");
    }
}

//! Pictures and files that a client sends: as a data URL, or as an address that the gateway reads where the provider
//! takes bytes only.

use crate::{
    config::Timers,
    provider::{Fault, Surroundings},
};
use ::http::{Request, header};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::{Bytes, BytesMut};
use tokio::time::Instant;
use url::Url;

/// The largest file that is read for a provider.
const MAX_BYTES: usize = 20 * 1024 * 1024;
/// Each address on the way is checked as the first one is.
const MAX_REDIRECTS: usize = 3;

/// What an address may lead to, by the beginnings of media types.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::provider) enum Wanted {
    /// A picture.
    Picture,
    /// Also what some clients send as a picture: a film, sound, a PDF.
    Medium,
    /// Whatever there is.
    Anything,
}

impl Wanted {
    fn takes(self, media_type: &str) -> bool {
        let begins = |kinds: &[&str]| kinds.iter().any(|kind| media_type.starts_with(kind));
        match self {
            Self::Picture => begins(&["image/"]),
            Self::Medium => begins(&["image/", "video/", "audio/", "application/pdf"]),
            Self::Anything => true,
        }
    }
}

/// Where the bytes are.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::provider) enum Media {
    Inline(Inline),
    /// An http or https URL.
    At(String),
}

/// Bytes in the request itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::provider) struct Inline {
    pub media_type: String,
    /// Standard base64.
    pub base64: String,
}

impl Media {
    /// Errors: no URL that can be a picture or a file.
    pub(in crate::provider) fn of(url: &str, field: &str) -> Result<Self, Fault> {
        if let Some(data) = url.strip_prefix("data:") {
            let parts = data.split_once(',').and_then(|(head, body)| Some((head.strip_suffix(";base64")?, body)));
            let (media_type, base64) =
                parts.ok_or_else(|| Fault::invalid(field, "must be a data URL with base64, or an http address"))?;
            let media_type = media_type.split(';').next().unwrap_or_default().to_ascii_lowercase();
            return Ok(Self::Inline(Inline { media_type, base64: base64.to_owned() }));
        }
        match url.split_once("://") {
            Some(("http" | "https", _)) => Ok(Self::At(url.to_owned())),
            _ => Err(Fault::invalid(field, "must be a data URL or an http address")),
        }
    }

    /// The bytes, read from where they are if need be. Errors: they cannot be read, which is the request's fault.
    pub(in crate::provider) async fn inline(
        self,
        surroundings: &Surroundings,
        timers: Timers,
        field: &str,
        wanted: Wanted,
    ) -> Result<Inline, Fault> {
        match self {
            Self::Inline(inline) => Ok(inline),
            Self::At(url) => read(surroundings, &url, timers, wanted)
                .await
                .map_err(|why| Fault::invalid(field, format!("could not be read: {why}"))),
        }
    }
}

async fn read(surroundings: &Surroundings, url: &str, timers: Timers, wanted: Wanted) -> Result<Inline, String> {
    // All addresses on the way together take no longer than a request may.
    let until = Instant::now() + timers.total;
    let mut url = Url::parse(url).map_err(|_| "it is no URL".to_owned())?;
    for _ in 0..=MAX_REDIRECTS {
        let request = Request::get(url.as_str()).header(header::ACCEPT, "image/*, application/pdf, */*;q=0.1");
        let request = request.body(Bytes::new()).map_err(|_| "it is no URL".to_owned())?;
        let total = Some(until.saturating_duration_since(Instant::now()));
        let deadlines = egress::Deadlines { connect: timers.connect, first_byte: timers.first_byte, total };
        let response = surroundings.attachments.send(request, &deadlines).await.map_err(|e| e.to_string())?;
        let status = response.status();
        let text = |name| response.headers().get(name).and_then(|v| v.to_str().ok());
        if status.is_redirection() {
            let to = text(header::LOCATION).ok_or("it leads nowhere")?;
            url = url.join(to).map_err(|_| "it leads nowhere".to_owned())?;
            continue;
        }
        if !status.is_success() {
            return Err(format!("its server answered with HTTP status {}", status.as_u16()));
        }
        let media_type = text(header::CONTENT_TYPE).and_then(|t| t.split(';').next()).unwrap_or_default();
        let media_type = media_type.trim().to_ascii_lowercase();
        let mut body = response.into_body();
        if body.announced_len().is_some_and(|length| length > MAX_BYTES as u64) {
            return Err(too_large());
        }
        let mut bytes = BytesMut::new();
        while let Some(next) = body.next_within(timers.idle).await {
            bytes.extend_from_slice(&next.map_err(|e| e.to_string())?);
            if bytes.len() > MAX_BYTES {
                return Err(too_large());
            }
        }
        let media_type = seen(&bytes).filter(|_| says_nothing(&media_type)).map_or(media_type, str::to_owned);
        if !wanted.takes(&media_type) {
            let kind = if media_type.is_empty() { "of no type" } else { &media_type };
            return Err(format!("what is there is {kind}, and no picture"));
        }
        return Ok(Inline { media_type, base64: STANDARD.encode(&bytes) });
    }
    Err("it leads from address to address".to_owned())
}

fn too_large() -> String {
    format!("it is larger than {MAX_BYTES} bytes")
}

/// Storages call everything so that was put there without a type.
fn says_nothing(media_type: &str) -> bool {
    matches!(media_type, "" | "application/octet-stream" | "binary/octet-stream")
}

/// The kind of picture that these bytes begin like.
fn seen(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0x89, b'P', b'N', b'G', ..] => Some("image/png"),
        [0xff, 0xd8, 0xff, ..] => Some("image/jpeg"),
        [b'G', b'I', b'F', b'8', ..] => Some("image/gif"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some("image/webp"),
        _ => None,
    }
}

//! What every dialect that speaks HTTP needs: addresses, the credential in its header, sending, reading lists.

use super::{Ask, Body, Fault, FaultKind, Kind, Surroundings, Upstream, retry_after};
use crate::{config::Timers, trace};
use ::http::{HeaderName, HeaderValue, Method, Request, Uri, header};
use bytes::Bytes;
use proto::{provider::Address, workspace::OpenProvider};
use serde::de::DeserializeOwned;
use std::collections::HashMap;
use url::Url;

const JSON: HeaderValue = HeaderValue::from_static("application/json");
/// The longest list of models that is read.
const MAX_LIST_BYTES: usize = 4 * 1024 * 1024;

/// Sends requests to one provider.
pub(super) struct Http {
    client: egress::Client,
    clock: host::Clock,
    /// The credential, marked as sensitive so that it cannot be printed, and what else each request carries.
    headers: Vec<(HeaderName, HeaderValue)>,
    #[cfg(feature = "probe")]
    line: Option<std::sync::Arc<crate::probe::Line>>,
}

/// A request's body, and what is said about it.
pub(super) struct Sent<'a> {
    pub body: Bytes,
    /// Empty: JSON.
    pub content_type: &'a str,
    pub accept: &'static str,
    /// What the client says beside it.
    pub headers: Option<&'a HashMap<String, String>>,
}

/// A header that holds a credential.
pub(super) type Credential = Option<(HeaderName, HeaderValue)>;

impl Http {
    pub(super) fn new(surroundings: &Surroundings) -> Self {
        let agent = HeaderValue::from_static(concat!("perpetuo/", env!("CARGO_PKG_VERSION")));
        Self {
            client: surroundings.client.clone(),
            clock: surroundings.clock.clone(),
            headers: vec![(header::USER_AGENT, agent)],
            #[cfg(feature = "probe")]
            line: surroundings.line.clone(),
        }
    }

    #[must_use]
    pub(super) fn credential(mut self, credential: Credential) -> Self {
        self.headers.extend(credential);
        self
    }

    /// Each request carries this too.
    #[must_use]
    pub(super) fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    /// Sends the JSON that `ask` has become, and waits for the head of the answer, whatever its status.
    pub(super) async fn post(&self, uri: &Uri, body: Bytes, ask: &Ask<'_>) -> Result<Upstream, Fault> {
        let accept = if ask.peek.stream { "text/event-stream" } else { "application/json" };
        self.call(uri, Sent { body, content_type: "", accept, headers: None }, ask).await
    }

    /// Sends what `ask` has become, whatever that is.
    pub(super) async fn call(&self, uri: &Uri, sent: Sent<'_>, ask: &Ask<'_>) -> Result<Upstream, Fault> {
        let mut request = self.request(Method::POST, uri, sent.body, HeaderValue::from_static(sent.accept));
        let content_type = HeaderValue::from_str(sent.content_type).ok().filter(|value| !value.is_empty());
        request.headers_mut().insert(header::CONTENT_TYPE, content_type.unwrap_or(JSON));
        for (name, value) in sent.headers.into_iter().flatten() {
            if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::from_str(value)) {
                request.headers_mut().insert(name, value);
            }
        }
        if let Some(trace) = ask.trace.and_then(|t| HeaderValue::from_str(t).ok()) {
            request.headers_mut().insert("traceparent", trace);
        }
        self.send(request, ask.timers).await
    }

    /// Gets a JSON document that lists something. Errors: it cannot be had, or is no such list.
    pub(super) async fn list<T: DeserializeOwned>(&self, uri: &Uri, timers: Timers) -> Result<T, Fault> {
        let upstream = self.send(self.request(Method::GET, uri, Bytes::new(), JSON), timers).await?;
        if let Some(fault) = Fault::of_status(upstream.status, upstream.retry_after) {
            return Err(fault);
        }
        let status = upstream.status;
        let body = upstream.body.collect(MAX_LIST_BYTES).await.map_err(|f| f.with_status(status))?;
        serde_json::from_slice(&body)
            .map_err(|_| Fault::malformed("what it lists is no list of models").with_status(status))
    }

    fn request(&self, method: Method, uri: &Uri, body: Bytes, accept: HeaderValue) -> Request<Bytes> {
        let mut request = Request::new(body);
        *request.method_mut() = method;
        *request.uri_mut() = uri.clone();
        request.headers_mut().extend(self.headers.iter().cloned());
        request.headers_mut().insert(header::ACCEPT, accept);
        request
    }

    async fn send(&self, request: Request<Bytes>, timers: Timers) -> Result<Upstream, Fault> {
        #[cfg(feature = "probe")]
        if let Some(line) = &self.line {
            return Ok(line.answer(request.into_body()));
        }
        trace::sent_to(request.uri());
        let deadlines =
            egress::Deadlines { connect: timers.connect, first_byte: timers.first_byte, total: Some(timers.total) };
        let response = self.client.send(request, &deadlines).await.map_err(before_the_head)?;
        let content_type = response.headers().get(header::CONTENT_TYPE);
        let content_type = content_type.and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned();
        let retry_after = retry_after::read(response.headers(), self.clock.now());
        let status = response.status().as_u16();
        let body = Body::http(response.into_body(), timers);
        Ok(Upstream { status, content_type, retry_after, spliced_usage: false, dropped: vec![], body })
    }
}

fn before_the_head(error: egress::Error) -> Fault {
    match error {
        egress::Error::Closed => Fault {
            may_have_worked: true,
            ..Fault::new(FaultKind::Unreachable("it closed the connection without an answer".to_owned()))
        },
        other => other.into(),
    }
}

/// A provider's `options`, in the form that its dialect takes. Errors: a sentence.
pub(super) fn options<T: DeserializeOwned + Default>(settings: &OpenProvider) -> Result<T, String> {
    match settings.options_json.as_str() {
        "" => Ok(T::default()),
        json => {
            serde_json::from_str(json).map_err(|_| "its options are not of the form that this kind takes".to_owned())
        }
    }
}

/// Where a provider is called. Errors: it does not say, and its kind has no usual address.
pub(super) fn base_url<'a>(kind: &'static Kind, settings: &'a OpenProvider) -> Result<&'a str, String> {
    match kind.address {
        _ if !settings.base_url.is_empty() => Ok(&settings.base_url),
        Address::Usual(url) => Ok(url),
        Address::Own(_) | Address::None => Err("it has no base_url".to_owned()),
    }
}

/// The base URL with a path added, before its query if it has one.
pub(super) fn endpoint(base: &str, path: &[&str]) -> Result<Uri, String> {
    let wrong = || "its base_url is not a URL that can be called".to_owned();
    let mut url = Url::parse(base).map_err(|_| wrong())?;
    url.path_segments_mut().map_err(|()| wrong())?.pop_if_empty().extend(path);
    url.set_fragment(None);
    url.as_str().parse().map_err(|_| wrong())
}

/// `authorization: Bearer <key>`; none without a key.
pub(super) fn bearer(api_key: &str) -> Result<Credential, String> {
    if api_key.is_empty() {
        return Ok(None);
    }
    secret(header::AUTHORIZATION, &format!("Bearer {api_key}"))
}

/// A header that is the credential; none without one.
pub(super) fn secret(name: HeaderName, value: &str) -> Result<Credential, String> {
    if value.is_empty() {
        return Ok(None);
    }
    let value = HeaderValue::try_from(value);
    let mut value = value.map_err(|_| "its api_key has characters that no header can carry".to_owned())?;
    value.set_sensitive(true);
    Ok(Some((name, value)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_added_to_whatever_base_url_a_person_typed() {
        let chat = |base| endpoint(base, &["chat", "completions"]).map(|u| u.to_string());
        assert_eq!(chat("http://h:1/v1").as_deref(), Ok("http://h:1/v1/chat/completions"));
        assert_eq!(chat("http://h:1/v1/").as_deref(), Ok("http://h:1/v1/chat/completions"));
        assert_eq!(chat("http://h").as_deref(), Ok("http://h/chat/completions"));
        assert_eq!(chat("https://h/o?api-version=1").as_deref(), Ok("https://h/o/chat/completions?api-version=1"));
        assert!(chat("mailto:a@b").is_err());
    }

    #[test]
    fn a_credential_cannot_be_printed() {
        let value = bearer("sk-secret").expect("a header").expect("a value");
        assert!(!format!("{value:?}").contains("secret"));
        assert!(bearer("sk\nsecret").is_err_and(|e| !e.contains("secret")));
    }
}

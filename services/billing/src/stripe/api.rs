//! How is Stripe called?

use super::{
    fault::{Fault, judge},
    requests::{Ask, VERSION},
};
use bytes::Bytes;
use egress::{Client, Deadlines};
use host::{Clock, config::Secret};
use http::{HeaderMap, HeaderName, HeaderValue, Request, header};
use serde::de::DeserializeOwned;
use std::time::Duration;

/// More than any answer has: a page of a hundred charges.
const LONGEST_ANSWER: usize = 8 * 1024 * 1024;
/// How many pages of a list are read: 10,000 things. Who needs more asks for a shorter time.
const MOST_PAGES: usize = 100;
const FORM: HeaderValue = HeaderValue::from_static("application/x-www-form-urlencoded");
const AGENT: HeaderValue = HeaderValue::from_static(concat!("perpetuo/", env!("CARGO_PKG_VERSION")));
const STRIPE_VERSION: HeaderName = HeaderName::from_static("stripe-version");
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
const SHOULD_RETRY: HeaderName = HeaderName::from_static("stripe-should-retry");

/// Where Stripe is, what calls it, and who we are there. The calls themselves are in [`super::requests`]: async-stripe only
/// writes them, because its own client would open connections that no guard has seen.
pub(super) struct Api {
    pub(super) base: String,
    pub(super) client: Client,
    pub(super) key: Secret,
    pub(super) timeout: Duration,
    pub(super) clock: Clock,
}

/// What is in a list, under the name that the next page begins after.
pub(super) trait Listed: DeserializeOwned {
    fn id(&self) -> &str;
}

#[derive(serde::Deserialize)]
struct Page<T> {
    data: Vec<T>,
    #[serde(default)]
    has_more: bool,
}

/// A call that did not work, and whether it is sent again at once.
struct Failed {
    fault: Fault,
    again: bool,
}

impl Api {
    /// Asks, with an idempotency key where something is made. What may work at once the second time is sent a second time;
    /// whoever waits longer is the caller.
    pub(super) async fn ask<T: DeserializeOwned>(&self, ask: &Ask, key: Option<&str>) -> Result<T, Fault> {
        let answer = match self.exchange(ask, key).await {
            Err(failed) if failed.again => self.exchange(ask, key).await,
            other => other,
        };
        understood(&answer.map_err(|failed| failed.fault)?)
    }

    /// The first page of a list.
    pub(super) async fn first<T: DeserializeOwned>(&self, ask: &Ask) -> Result<Vec<T>, Fault> {
        Ok(self.ask::<Page<T>>(ask, None).await?.data)
    }

    /// All of a list, page by page; `page` asks for what comes after a name.
    ///
    /// # Errors
    /// [`Fault`]; `Garbled` for a list that is longer than anybody should wait for.
    pub(super) async fn all<T: Listed>(&self, page: impl Fn(Option<&str>) -> Ask) -> Result<Vec<T>, Fault> {
        let mut found: Vec<T> = vec![];
        for _ in 0..MOST_PAGES {
            let ask = page(found.last().map(Listed::id));
            let read: Page<T> = self.ask(&ask, None).await?;
            let is_last = read.data.is_empty() || !read.has_more;
            found.extend(read.data);
            if is_last {
                return Ok(found);
            }
        }
        Err(Fault::Garbled(format!("a list has more than {} entries: ask for a shorter time", found.len())))
    }

    async fn exchange(&self, ask: &Ask, key: Option<&str>) -> Result<Bytes, Failed> {
        let request = self.request(ask, key).map_err(|fault| Failed { fault, again: false })?;
        let connect = self.timeout.min(Duration::from_secs(10));
        let deadlines = Deadlines { connect, first_byte: self.timeout, total: Some(self.timeout * 2) };
        let response = Box::pin(self.client.send(request, &deadlines)).await.map_err(|error| failed(&error))?;
        let status = response.status().as_u16();
        let should_retry = should_retry(response.headers());
        let body = response.into_body().collect_within(LONGEST_ANSWER, self.timeout).await;
        let body = body.map_err(|error| failed(&error))?;
        if (200..300).contains(&status) {
            return Ok(body);
        }
        let fault = self.hide(judge(status, should_retry, &body));
        Err(Failed { fault, again: should_retry == Some(true) })
    }

    fn request(&self, ask: &Ask, key: Option<&str>) -> Result<Request<Bytes>, Fault> {
        let unsent = || Fault::Refused("a request cannot be written as HTTP".to_owned());
        let mut bearer = HeaderValue::from_str(&format!("Bearer {}", self.key.expose())).map_err(|_| unsent())?;
        bearer.set_sensitive(true);
        let uri = format!("{}/v1{}", self.base.trim_end_matches('/'), ask.path);
        let mut request = Request::builder().method(ask.method.clone()).uri(uri);
        request = request.header(header::AUTHORIZATION, bearer).header(header::USER_AGENT, AGENT);
        request = request.header(STRIPE_VERSION, VERSION);
        if let Some(key) = key {
            request = request.header(IDEMPOTENCY_KEY, key);
        }
        if ask.body.is_some() {
            request = request.header(header::CONTENT_TYPE, FORM);
        }
        request.body(ask.body.clone().unwrap_or_default()).map_err(|_| unsent())
    }

    /// Should Stripe repeat our key in a text: it shows a part of a key that it does not know.
    fn hide(&self, fault: Fault) -> Fault {
        let hide = |text: String| text.replace(self.key.expose(), "[hidden]");
        match fault {
            Fault::Away(text) => Fault::Away(hide(text)),
            Fault::Spent(text) => Fault::Spent(hide(text)),
            Fault::Refused(text) => Fault::Refused(hide(text)),
            Fault::Garbled(text) => Fault::Garbled(hide(text)),
            Fault::Missing => Fault::Missing,
        }
    }
}

fn should_retry(headers: &HeaderMap) -> Option<bool> {
    headers.get(SHOULD_RETRY)?.to_str().ok()?.parse().ok()
}

/// Every call can be sent again: what makes something has a key, and to close a session twice is to close it once.
fn failed(error: &egress::Error) -> Failed {
    let again = matches!(error, egress::Error::Connect | egress::Error::Closed);
    let text = error.to_string();
    let fault = match error {
        egress::Error::Refused(why) => Fault::Refused(why.to_string()),
        egress::Error::Request => Fault::Refused(text),
        egress::Error::Protocol | egress::Error::TooLarge(_) => Fault::Garbled(text),
        _ => Fault::Away(text),
    };
    Failed { fault, again }
}

fn understood<T: DeserializeOwned>(answer: &[u8]) -> Result<T, Fault> {
    // What serde says repeats what it read, which is about people and their money.
    serde_json::from_slice(answer).map_err(|error| {
        let kind = if error.is_data() { "a field is missing or of another kind" } else { "it is no JSON" };
        Fault::Garbled(format!("{kind} (line {}, column {})", error.line(), error.column()))
    })
}

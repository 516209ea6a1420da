//! How is a provider called? Through the guarded client of `kit/egress`, which follows no redirect.
//!
//! Issuers are the operator's, but what they publish names further addresses: every one of them is checked.

use super::away::{self, Failed};
use crate::config::is_safe;
use bytes::Bytes;
use egress::{Client, Deadlines, Guard, Purpose};
use futures::future::BoxFuture;
use http::{Request, Response, header};
use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse};
use std::time::Duration;
use url::Url;

/// Descriptions and sets of keys have a few kilobytes.
const MOST: usize = 512 * 1024;
const IDLE: Duration = Duration::from_secs(5);
/// A person waits at the other end.
const DEADLINES: Deadlines = Deadlines {
    connect: Duration::from_secs(4),
    first_byte: Duration::from_secs(8),
    total: Some(Duration::from_secs(10)),
};

/// Calls providers.
pub(crate) struct Http(Client);

impl Http {
    pub(crate) fn new(guard: Guard) -> Self {
        Self(Client::new(guard, Purpose::SignIn))
    }

    /// Errors: [`Failed::Away`], [`Failed::Wrong`] for an address that is not safe.
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, Failed> {
        let url = Url::parse(&request.uri().to_string()).ok().filter(is_safe);
        let host = url.as_ref().and_then(Url::host_str).map(str::to_owned);
        let host = host.ok_or_else(|| Failed::Wrong("the provider names an address that is not https".to_owned()))?;
        let is_away = |why: egress::Error| Failed::Away(format!("{host}: {why}"));
        let answer = self.0.send(request.map(Bytes::from), &DEADLINES).await.map_err(is_away)?;
        let (parts, body) = answer.into_parts();
        let body = body.collect_within(MOST, IDLE).await.map_err(is_away)?;
        if parts.status.is_server_error() {
            return Err(Failed::Away(format!("{host} answered {}", parts.status)));
        }
        Ok(Response::from_parts(parts, body.to_vec()))
    }

    /// JSON from an address, with a token if one is given. Errors: as [`Http::send`], and for what is no such JSON.
    pub(super) async fn get<T: serde::de::DeserializeOwned>(
        &self,
        url: &str,
        bearer: Option<&str>,
    ) -> Result<T, Failed> {
        let wrong = |why: String| Failed::Wrong(format!("{url}: {why}"));
        let mut request = Request::get(url)
            .header(header::ACCEPT, "application/json")
            // GitHub answers nobody without a name.
            .header(header::USER_AGENT, "perpetuo");
        if let Some(token) = bearer {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        let answer = self.send(request.body(vec![]).map_err(|why| wrong(why.to_string()))?).await?;
        if !answer.status().is_success() {
            return Err(wrong(format!("answered {}", answer.status())));
        }
        serde_json::from_slice(answer.body()).map_err(|why| wrong(format!("it cannot be read: {}", away::place(&why))))
    }
}

impl<'c> AsyncHttpClient<'c> for Http {
    type Error = Failed;
    type Future = BoxFuture<'c, Result<HttpResponse, Failed>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.send(request))
    }
}

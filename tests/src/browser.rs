//! A browser, as far as a sign-in needs one: it keeps cookies, follows redirects, and fills in forms.
//!
//! Like browsers it takes `Secure` cookies from this machine without TLS, which libraries for programs do not.

use crate::client::Answer;
use anyhow::{Context as _, bail, ensure};
use reqwest::{Method, Url, redirect::Policy};
use serde_json::Value;
use std::{collections::BTreeMap, time::Duration};

/// Redirects of one visit.
const MOST: usize = 20;

/// Cookies by host and port.
pub struct Browser {
    http: reqwest::Client,
    jars: BTreeMap<String, BTreeMap<String, String>>,
}

/// Where a visit ended.
#[derive(Debug)]
pub struct Visit {
    /// The address; one that nobody serves here is not asked.
    pub url: Url,
    /// What was there; None at an address that is not on this machine.
    pub answer: Option<Answer>,
}

impl Browser {
    /// One that has been nowhere.
    pub fn new() -> anyhow::Result<Self> {
        let http = reqwest::Client::builder().redirect(Policy::none()).timeout(Duration::from_secs(60)).build()?;
        Ok(Self { http, jars: BTreeMap::new() })
    }

    /// Opens an address, and goes wherever it is sent.
    pub async fn open(&mut self, url: &str) -> anyhow::Result<Visit> {
        self.go(Method::GET, Url::parse(url)?, None).await
    }

    /// Sends the form of a page that it is on.
    pub async fn submit(&mut self, visit: &Visit, fields: &[(&str, &str)]) -> anyhow::Result<Visit> {
        let page = visit.answer.as_ref().context("no page")?;
        let action = page.text.split("action=\"").nth(1).and_then(|rest| rest.split('"').next());
        let action = visit.url.join(action.with_context(|| format!("no form: {}", page.text))?)?;
        let mut form = Url::parse("form:")?;
        form.query_pairs_mut().extend_pairs(fields);
        self.go(Method::POST, action, form.query().map(str::to_owned)).await
    }

    /// Sends JSON, as a page of that address would.
    pub async fn post(&mut self, url: &str, body: &Value) -> anyhow::Result<Answer> {
        let url = Url::parse(url)?;
        let request = self.http.post(url.clone()).header("cookie", self.cookies(&url)).json(body);
        Answer::of(request).await
    }

    /// Keeps the cookies of an answer, as a page's own request would.
    pub fn remember(&mut self, url: &str, answer: &Answer) -> anyhow::Result<()> {
        self.keep(&Url::parse(url)?, answer);
        Ok(())
    }

    async fn go(&mut self, method: Method, url: Url, form: Option<String>) -> anyhow::Result<Visit> {
        let (mut method, mut url, mut form) = (method, url, form);
        for _ in 0..MOST {
            if url.host_str() != Some("127.0.0.1") {
                return Ok(Visit { url, answer: None });
            }
            let mut request = self.http.request(method, url.clone()).header("cookie", self.cookies(&url));
            request = request.header("accept", "text/html");
            if let Some(form) = form.take() {
                request = request.header("content-type", "application/x-www-form-urlencoded").body(form);
            }
            let answer = Answer::of(request).await?;
            self.keep(&url, &answer);
            if !(300..400).contains(&answer.status) {
                return Ok(Visit { url, answer: Some(answer) });
            }
            let location = answer.header("location").to_owned();
            ensure!(!location.is_empty(), "a redirect to nowhere: {answer:?}");
            (method, url) = (Method::GET, url.join(&location)?);
        }
        bail!("sent around in circles, at last to {url}")
    }

    fn cookies(&self, url: &Url) -> String {
        let jar = self.jars.get(url.authority());
        let pairs = jar.into_iter().flatten().map(|(name, value)| format!("{name}={value}"));
        pairs.collect::<Vec<_>>().join("; ")
    }

    fn keep(&mut self, url: &Url, answer: &Answer) {
        let jar = self.jars.entry(url.authority().to_owned()).or_default();
        for header in answer.headers.get_all("set-cookie").iter().filter_map(|value| value.to_str().ok()) {
            let (pair, attributes) = header.split_once(';').unwrap_or((header, ""));
            let Some((name, value)) = pair.split_once('=') else { continue };
            let is_over = value.is_empty() || attributes.to_lowercase().contains("thu, 01 jan 1970");
            if is_over {
                jar.remove(name)
            } else {
                jar.insert(name.to_owned(), value.to_owned())
            };
        }
    }
}

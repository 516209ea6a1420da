//! With which token is an API called, and when is a new one asked for?

use super::{api::Api, fault::Fault};
use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use egress::Client;
use http::{HeaderValue, Method, header};
use serde::Deserialize;
use tokio::sync::Mutex;

/// A token is not used for so long before its end: a call with it takes time, and clocks differ.
const BEFORE_ITS_END: i64 = 60;

/// The token of one API. Whoever needs a new one waits for the one who is asking already.
#[derive(Default)]
pub(super) struct Tokens(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    /// How many there have been.
    number: u64,
    token: Option<(HeaderValue, DateTime<Utc>)>,
}

/// A token as it is sent.
pub(super) struct Token {
    /// So that who finds it refused does not make a newer one be thrown away.
    pub(super) number: u64,
    pub(super) header: HeaderValue,
}

/// RFC 6749, 5.1.
#[derive(Deserialize)]
struct Answer {
    access_token: String,
    /// In seconds.
    expires_in: Option<i64>,
}

impl Api {
    /// The token of now, or a new one; `refused` is the number of one that Efí did not accept.
    pub(super) async fn token(&self, client: &Client, refused: Option<u64>) -> Result<Token, Fault> {
        let mut kept = self.tokens.0.lock().await;
        let number = kept.number;
        let usable = kept.token.as_ref().filter(|(_, until)| *until > self.clock.now() && refused != Some(number));
        if let Some((header, _)) = usable {
            return Ok(Token { number, header: header.clone() });
        }
        kept.token = None;
        let (header, until) = self.new_token(client).await?;
        kept.number += 1;
        kept.token = Some((header.clone(), until));
        Ok(Token { number: kept.number, header })
    }

    async fn new_token(&self, client: &Client) -> Result<(HeaderValue, DateTime<Utc>), Fault> {
        let asked_at = self.clock.now();
        let body = Bytes::from_static(br#"{"grant_type":"client_credentials"}"#);
        let mut request = self.request(Method::POST, self.token_path, body)?;
        request.headers_mut().insert(header::AUTHORIZATION, hidden(&format!("Basic {}", self.basic.expose()))?);
        // Without a token nothing has been done of what was asked for.
        let unsent = |fault| match fault {
            Fault::Away(text) | Fault::Missing(text) => Fault::Unsent(text),
            other => other,
        };
        let (status, answer) = self.exchange(client, request).await.map_err(unsent)?;
        let answer = self.judge(status, answer, "").map_err(unsent)?;
        let answer: Answer = serde_json::from_slice(&answer)
            .map_err(|_| Fault::Garbled("no token is in the answer that should be one".to_owned()))?;
        // Where nothing is said it is renewed often rather than found expired.
        let seconds = answer.expires_in.unwrap_or(2 * BEFORE_ITS_END).clamp(0, 86_400);
        let usable = (seconds - BEFORE_ITS_END).max(seconds / 2);
        Ok((hidden(&format!("Bearer {}", answer.access_token))?, asked_at + TimeDelta::seconds(usable)))
    }
}

/// A header that is not printed.
fn hidden(text: &str) -> Result<HeaderValue, Fault> {
    let mut value = HeaderValue::from_str(text)
        .map_err(|_| Fault::Refused("a credential has characters that no header has".to_owned()))?;
    value.set_sensitive(true);
    Ok(value)
}

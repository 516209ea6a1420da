//! A fake Efí: two servers with TLS, one of which asks for a certificate, over one state that answers from truth.

// Where each file is, as two suites have this one.
#[path = "fake/authority.rs"]
pub(crate) mod authority;
#[path = "fake/charges.rs"]
mod charges;
#[path = "fake/pix.rs"]
mod pix;
#[path = "fake/recurring.rs"]
pub(crate) mod recurring;
#[path = "fake/server.rs"]
mod server;

use authority::Authority;
use chrono::{DateTime, Utc};
use host::Clock;
use http::StatusCode;
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, HashSet},
    sync::{Arc, Mutex, MutexGuard},
};

pub(crate) use charges::Boleto;
pub(crate) use pix::{Cob, Pix};

/// Our key there.
pub(crate) const KEY: &str = "5f84a4c5-c5cb-4599-9f13-7eb4d419dacc";
pub(crate) const CLIENT_ID: &str = "Client_Id_of_tests";
pub(crate) const CLIENT_SECRET: &str = "Client_Secret_of_tests";

/// What happens to the next request that begins like that.
#[derive(Clone, Debug)]
pub(crate) enum Fault {
    /// It is done, and the connection is closed without an answer.
    Lost,
    /// It is done, and no answer comes.
    Silent,
    /// It is not done.
    Says(u16, Value),
}

/// What it keeps.
pub(crate) struct State {
    pub clock: Clock,
    /// By txid.
    pub cobs: BTreeMap<String, Cob>,
    pub pix: Vec<Pix>,
    pub boletos: BTreeMap<i64, Boleto>,
    pub recs: Vec<recurring::Rec>,
    pub cobrs: Vec<recurring::Cobr>,
    places: i64,
    /// By token: which boletos.
    pub notifications: BTreeMap<String, Vec<i64>>,
    /// Every request, such as `GET /v2/cob/…`, with its query.
    pub asked: Vec<String>,
    pub faults: Vec<(String, Fault)>,
    /// How long a token is good.
    pub token_seconds: i64,
    tokens: HashSet<String>,
    given_out: usize,
}

pub(crate) struct Fake {
    pub state: Arc<Mutex<State>>,
    pub authority: Authority,
    pub pix_url: String,
    pub charges_url: String,
}

/// Status and body of an answer.
type Answer = (StatusCode, Value);

impl Fake {
    pub(crate) async fn start(clock: Clock) -> Self {
        let state = Arc::new(Mutex::new(State {
            clock,
            cobs: BTreeMap::new(),
            pix: vec![],
            boletos: BTreeMap::new(),
            recs: vec![],
            cobrs: vec![],
            places: 0,
            notifications: BTreeMap::new(),
            asked: vec![],
            faults: vec![],
            token_seconds: 3600,
            tokens: HashSet::new(),
            given_out: 0,
        }));
        let authority = Authority::new();
        let pix = server::start(state.clone(), &authority, true).await;
        let charges = server::start(state.clone(), &authority, false).await;
        let [pix_url, charges_url] =
            [format!("https://localhost:{}", pix.port()), format!("https://localhost:{}/v1", charges.port())];
        Self { state, authority, pix_url, charges_url }
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// The next request that begins with this, such as `PUT /v2/cob`, ends like that.
    pub(crate) fn next(&self, request: &str, fault: Fault) {
        self.state().faults.push((request.to_owned(), fault));
    }

    /// How many requests began like that.
    pub(crate) fn asked(&self, request: &str) -> usize {
        self.state().asked.iter().filter(|asked| asked.starts_with(request)).count()
    }
}

impl State {
    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// No token given out so far is good any more.
    pub(crate) fn forget_tokens(&mut self) {
        self.tokens.clear();
    }

    fn answer(&mut self, method: &str, path: &str, query: &str, authorization: &str, body: &Value) -> Answer {
        if matches!(path, "/oauth/token" | "/v1/authorize") {
            return self.give_out(authorization, body);
        }
        if !authorization.strip_prefix("Bearer ").is_some_and(|token| self.tokens.contains(token)) {
            // It repeats what it was sent, as a careless server might.
            let text = format!("invalid token {authorization}");
            return (StatusCode::UNAUTHORIZED, json!({ "error": "invalid_token", "error_description": text }));
        }
        let parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
        match parts.as_slice() {
            ["v2", rest @ ..] => recurring::answer(self, method, rest, query, body)
                .unwrap_or_else(|| pix::answer(self, method, rest, query, body)),
            ["v1", rest @ ..] => charges::answer(self, method, rest, query, body),
            _ => (StatusCode::NOT_FOUND, json!({})),
        }
    }

    fn give_out(&mut self, authorization: &str, body: &Value) -> Answer {
        use base64::Engine as _;
        let expected = base64::engine::general_purpose::STANDARD.encode(format!("{CLIENT_ID}:{CLIENT_SECRET}"));
        if authorization != format!("Basic {expected}") || body["grant_type"] != "client_credentials" {
            let text = format!("Invalid or inactive credentials {authorization} {CLIENT_SECRET}");
            return (StatusCode::UNAUTHORIZED, json!({ "error": "invalid_client", "error_description": text }));
        }
        self.given_out += 1;
        let token = format!("token-of-tests-{}", self.given_out);
        self.tokens.insert(token.clone());
        let answer = json!({ "access_token": token, "token_type": "Bearer", "expires_in": self.token_seconds });
        (StatusCode::OK, answer)
    }
}

/// The value of a parameter; empty if it is not there.
fn parameter(query: &str, name: &str) -> String {
    let found = url::form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == name);
    found.map(|(_, value)| value.into_owned()).unwrap_or_default()
}

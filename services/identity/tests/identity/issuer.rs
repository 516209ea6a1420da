//! A provider of sign-ins that does what a test wants: well, or not at all.

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD as B64};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::{Request, Response, StatusCode, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use identity::{Config, Provider};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use std::{
    collections::HashMap,
    convert::Infallible,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard},
};
use tokio::net::TcpListener;
use url::{Url, form_urlencoded};

pub const PAGE: &str = "https://app.example.com/signed-in";
const CLIENT: &str = "perpetuo-at-acme";
const SECRET: &str = "a secret & more";

/// Copies share it.
#[derive(Clone)]
pub struct Issuer {
    pub address: SocketAddr,
    script: Arc<Mutex<Script>>,
}

/// What it does.
pub struct Script {
    /// In seconds, for its tokens.
    pub now: i64,
    pub sub: String,
    /// Laid over the claims of its tokens; null takes one away.
    pub claims: Value,
    /// The token itself, in the place of one that it makes.
    pub token: Option<String>,
    /// What its user information says; none: it has none to tell.
    pub info: Option<Value>,
    /// Answers 503 to everything.
    pub away: bool,
    /// What it was asked, by path.
    pub asked: Vec<String>,
    /// What GitHub's API says of addresses.
    pub emails: Value,
    key: Key,
    published: Vec<Value>,
    questions: HashMap<String, Question>,
}

struct Key {
    kid: String,
    private: Vec<u8>,
}

struct Question {
    nonce: String,
    challenge: String,
}

impl Key {
    fn new(kid: &str) -> (Self, Value) {
        let document = Ed25519KeyPair::generate_pkcs8(&aws_lc_rs::rand::SystemRandom::new()).expect("a key");
        let pair = Ed25519KeyPair::from_pkcs8(document.as_ref()).expect("a key");
        let x = B64.encode(pair.public_key().as_ref());
        let public = json!({"kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": kid, "x": x});
        (Self { kid: kid.to_owned(), private: document.as_ref().to_vec() }, public)
    }
}

impl Issuer {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let (key, public) = Key::new("first");
        let script = Script {
            now: 1_800_000_000,
            sub: "248289761001".to_owned(),
            claims: json!({}),
            token: None,
            info: None,
            away: false,
            asked: vec![],
            emails: json!([{"email": "Ana@example.com", "primary": true, "verified": true}]),
            key,
            published: vec![public],
            questions: HashMap::new(),
        };
        let issuer = Self { address, script: Arc::new(Mutex::new(script)) };
        let serving = issuer.clone();
        spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let issuer = serving.clone();
                let service = service_fn(move |request| {
                    let issuer = issuer.clone();
                    async move { Ok::<_, Infallible>(issuer.answer(request).await) }
                });
                spawn(async move {
                    // A client that leaves in the middle is no fault of a test.
                    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
                });
            }
        });
        issuer
    }

    pub fn script(&self) -> MutexGuard<'_, Script> {
        self.script.lock().expect("no test panics with the script in hand")
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// As an operator configures it.
    pub fn provider(&self) -> Provider {
        Provider {
            name: "acme".to_owned(),
            label: Some("Acme".to_owned()),
            issuer: Some(self.url()),
            client_id: CLIENT.to_owned(),
            client_secret: Some(SECRET.into()),
            trusts_addresses: true,
            ..Provider::default()
        }
    }

    pub fn config(&self) -> Config {
        Config { oidc: vec![self.provider()], oidc_redirects: vec![PAGE.to_owned()], ..Config::default() }
    }

    /// Signs with another key, which is published with or in the place of the one before.
    pub fn rotate(&self, is_published: bool) {
        let mut script = self.script();
        let (key, public) = Key::new(&format!("key-{}", rand::random::<u32>()));
        script.key = key;
        if is_published {
            script.published = vec![public];
        }
    }

    /// A person says who they are: the state that goes back, and a code.
    pub fn log_in(&self, authorization_url: &str) -> (String, String) {
        let url = Url::parse(authorization_url).expect("an address");
        let query: HashMap<String, String> = url.query_pairs().into_owned().collect();
        assert_eq!(query["client_id"], CLIENT);
        assert_eq!((query["response_type"].as_str(), query["code_challenge_method"].as_str()), ("code", "S256"));
        let back = query["redirect_uri"].strip_prefix("https://api.example.com/api/v1/auth/").unwrap_or_default();
        assert!(back.starts_with("oauth/") || back.starts_with("sso/ws_"), "{query:?}");
        let code = format!("code-{}", rand::random::<u64>());
        let question = Question { nonce: query["nonce"].clone(), challenge: query["code_challenge"].clone() };
        self.script().questions.insert(code.clone(), question);
        (query["state"].clone(), code)
    }

    /// A token of these claims, signed with its key.
    pub fn sign(&self, claims: &Value) -> String {
        self.script().sign(claims)
    }

    /// The claims for whoever has this nonce.
    pub fn claims(&self, nonce: &str) -> Value {
        self.script().claims(&self.url(), nonce)
    }

    async fn answer(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        let (parts, body) = request.into_parts();
        let body = body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
        let path = parts.uri.path().to_owned();
        let basic = parts.headers.get("authorization").and_then(|value| value.to_str().ok()).unwrap_or_default();
        let form: HashMap<String, String> = form_urlencoded::parse(&body).into_owned().collect();
        let mut script = self.script();
        script.asked.push(path.clone());
        if script.away {
            return reply(StatusCode::SERVICE_UNAVAILABLE, &json!({}));
        }
        let url = self.url();
        match path.as_str() {
            "/.well-known/openid-configuration" => reply(StatusCode::OK, &description(&url, script.info.is_some())),
            "/jwks" => reply(StatusCode::OK, &json!({"keys": script.published})),
            "/token" => {
                let secret: String = form_urlencoded::byte_serialize(SECRET.as_bytes()).collect();
                let expected =
                    format!("Basic {}", base64::prelude::BASE64_STANDARD.encode(format!("{CLIENT}:{secret}")));
                assert_eq!(basic, expected);
                script.tokens(&url, &form)
            }
            "/login/oauth/access_token" => {
                assert_eq!((form["client_id"].as_str(), form["client_secret"].as_str()), (CLIENT, SECRET));
                script.tokens(&url, &form)
            }
            "/userinfo" => reply(StatusCode::OK, &script.info.clone().unwrap_or_default()),
            "/api/v3/user" => {
                assert_eq!(basic, "Bearer an-access-token");
                reply(StatusCode::OK, &json!({"id": 583_231, "login": "octocat", "name": null}))
            }
            "/api/v3/user/emails" => reply(StatusCode::OK, &script.emails),
            _ => reply(StatusCode::NOT_FOUND, &json!({})),
        }
    }
}

impl Script {
    fn tokens(&mut self, url: &str, form: &HashMap<String, String>) -> Response<Full<Bytes>> {
        use aws_lc_rs::digest::{SHA256, digest};
        let question = self.questions.remove(&form["code"]);
        let shown = B64.encode(digest(&SHA256, form["code_verifier"].as_bytes()));
        let Some(Question { nonce, .. }) = question.filter(|question| question.challenge == shown) else {
            return reply(StatusCode::BAD_REQUEST, &json!({"error": "invalid_grant"}));
        };
        let token = self.token.clone().unwrap_or_else(|| self.sign(&self.claims(url, &nonce)));
        let tokens =
            json!({"access_token": "an-access-token", "token_type": "Bearer", "expires_in": 60, "id_token": token});
        reply(StatusCode::OK, &tokens)
    }

    fn claims(&self, url: &str, nonce: &str) -> Value {
        let mut claims = json!({
            "iss": url, "sub": self.sub, "aud": CLIENT, "iat": self.now, "exp": self.now + 300, "nonce": nonce,
            "email": "Ana@example.com", "email_verified": true, "name": "Ana Souza",
        });
        for (name, value) in self.claims.as_object().expect("an object") {
            claims[name] = value.clone();
        }
        claims.as_object_mut().expect("an object").retain(|_, value| !value.is_null());
        claims
    }

    fn sign(&self, claims: &Value) -> String {
        let header = Header { kid: Some(self.key.kid.clone()), ..Header::new(Algorithm::EdDSA) };
        jsonwebtoken::encode(&header, claims, &EncodingKey::from_ed_der(&self.key.private)).expect("a token")
    }
}

#[expect(clippy::disallowed_methods, reason = "ends with the test's runtime")]
fn spawn(work: impl Future<Output = ()> + Send + 'static) {
    tokio::spawn(work);
}

fn description(url: &str, has_info: bool) -> Value {
    let mut description = json!({
        "issuer": url, "authorization_endpoint": format!("{url}/auth"), "token_endpoint": format!("{url}/token"),
        "jwks_uri": format!("{url}/jwks"), "response_types_supported": ["code"], "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["EdDSA", "none", "HS256"],
    });
    if has_info {
        description["userinfo_endpoint"] = json!(format!("{url}/userinfo"));
    }
    description
}

fn reply(status: StatusCode, body: &Value) -> Response<Full<Bytes>> {
    let body = Full::new(Bytes::from(body.to_string()));
    let answer = Response::builder().status(status).header("content-type", "application/json");
    answer.body(body).expect("an answer")
}

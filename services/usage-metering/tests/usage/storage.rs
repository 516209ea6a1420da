//! A storage that speaks as much of S3 as exports need, on loopback. It checks each signature by AWS's description of
//! Signature Version 4, does what tests tell it, and remembers what it was sent.

use bytes::Bytes;
use hmac::{Hmac, KeyInit as _, Mac as _};
use http_body_util::{BodyExt as _, Full};
use hyper::{Method, Request, Response, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use sha2::{Digest as _, Sha256};
use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex},
};
use tokio::net::TcpListener;

pub const KEY: &str = "AKIAIOSFODNN7EXAMPLE";
pub const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
const LEAST_PART: usize = 5 * 1024 * 1024;

#[derive(Clone)]
pub struct Storage {
    pub endpoint: String,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    /// By `/bucket/key`.
    objects: BTreeMap<String, Object>,
    uploads: HashMap<String, Upload>,
    begun: usize,
    /// What is answered to the next requests instead.
    refusals: Vec<(u16, &'static str)>,
    /// Bodies are counted and forgotten.
    forgetful: bool,
    /// What the next uploads are begun with: a document type, and an entity of it as the name of the upload.
    entities: Option<String>,
    /// What was asked for: paths and queries.
    asked: Vec<String>,
}

#[derive(Clone, Default)]
pub struct Object {
    pub bytes: Vec<u8>,
    pub len: usize,
    pub parts: usize,
    pub content_type: String,
}

#[derive(Default)]
struct Upload {
    path: String,
    content_type: String,
    parts: BTreeMap<usize, (usize, Vec<u8>)>,
}

type Answer = Response<Full<Bytes>>;

impl Storage {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let state = Arc::new(Mutex::new(State::default()));
        let served = state.clone();
        #[expect(clippy::disallowed_methods, reason = "ends with the runtime of its test")]
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let state = served.clone();
                let service = service_fn(move |request| {
                    let state = state.clone();
                    async move { Ok::<_, std::convert::Infallible>(answer(&state, request).await) }
                });
                #[expect(clippy::disallowed_methods, reason = "ends with its connection")]
                tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
            }
        });
        Self { endpoint, state }
    }

    /// Refuses the next `times` requests.
    pub fn refuse(&self, times: usize, status: u16, code: &'static str) {
        self.state.lock().unwrap().refusals.extend(vec![(status, code); times]);
    }

    /// Takes everything again.
    pub fn relent(&self) {
        self.state.lock().unwrap().refusals.clear();
    }

    pub fn forget_bodies(&self) {
        self.state.lock().unwrap().forgetful = true;
    }

    /// From now on answers declare entities, and name uploads by the entity `x`.
    pub fn declare(&self, document_type: String) {
        self.state.lock().unwrap().entities = Some(document_type);
    }

    /// Paths and queries of all requests.
    pub fn asked(&self) -> Vec<String> {
        self.state.lock().unwrap().asked.clone()
    }

    pub fn objects(&self) -> BTreeMap<String, Object> {
        self.state.lock().unwrap().objects.clone()
    }

    /// Uploads that were begun, neither ended nor given up.
    pub fn open_uploads(&self) -> usize {
        self.state.lock().unwrap().uploads.len()
    }
}

async fn answer(state: &Mutex<State>, request: Request<Incoming>) -> Answer {
    let (head, body) = request.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    let mut state = state.lock().unwrap();
    state.asked.push(head.uri.to_string());
    if let Some((status, code)) = state.refusals.pop() {
        return refuse(status, code);
    }
    if let Err(why) = check_signature(&head, &body) {
        eprintln!("refused: {why}");
        return refuse(403, "SignatureDoesNotMatch");
    }
    let path = head.uri.path().to_owned();
    let query: HashMap<_, _> = url::form_urlencoded::parse(head.uri.query().unwrap_or("").as_bytes()).collect();
    let upload = query.get("uploadId").map(ToString::to_string);
    match (head.method, upload) {
        (Method::POST, None) if query.contains_key("uploads") => {
            state.begun += 1;
            if let Some(document_type) = &state.entities {
                return ok(format!(
                    "<?xml version=\"1.0\"?>{document_type}<InitiateMultipartUploadResult><Bucket>b</Bucket><Key>k</Key><UploadId>&x;</UploadId></InitiateMultipartUploadResult>"
                ));
            }
            let id = format!("upload-{}", state.begun);
            let content_type = head.headers.get("content-type").map_or("", |kind| kind.to_str().unwrap()).to_owned();
            state.uploads.insert(id.clone(), Upload { path, content_type, ..Upload::default() });
            ok(format!(
                "<InitiateMultipartUploadResult><Bucket>b</Bucket><Key>k</Key><UploadId>{id}</UploadId></InitiateMultipartUploadResult>"
            ))
        }
        (Method::PUT, Some(id)) => {
            let (part, forgetful) = (query["partNumber"].parse().unwrap(), state.forgetful);
            let Some(upload) = state.uploads.get_mut(&id) else { return refuse(404, "NoSuchUpload") };
            let etag = format!("\"{}\"", hex::encode(Sha256::digest(&body)));
            upload.parts.insert(part, (body.len(), if forgetful { vec![] } else { body.to_vec() }));
            Response::builder().header("etag", etag).body(Full::default()).unwrap()
        }
        (Method::DELETE, Some(id)) => {
            state.uploads.remove(&id);
            Response::builder().status(204).body(Full::default()).unwrap()
        }
        (Method::POST, Some(id)) => complete(&mut state, &id),
        _ => refuse(501, "NotImplemented"),
    }
}

fn complete(state: &mut State, id: &str) -> Answer {
    let Some(upload) = state.uploads.remove(id) else { return refuse(404, "NoSuchUpload") };
    let all_but_last = upload.parts.values().rev().skip(1);
    if all_but_last.clone().any(|(len, _)| *len < LEAST_PART) {
        return refuse(400, "EntityTooSmall");
    }
    assert!(upload.parts.keys().copied().eq(1..=upload.parts.len()), "numbered without gaps");
    let object = Object {
        len: upload.parts.values().map(|(len, _)| len).sum(),
        parts: upload.parts.len(),
        bytes: upload.parts.into_values().flat_map(|(_, bytes)| bytes).collect(),
        content_type: upload.content_type,
    };
    state.objects.insert(upload.path, object);
    ok("<CompleteMultipartUploadResult><ETag>\"e\"</ETag></CompleteMultipartUploadResult>".to_owned())
}

fn ok(text: String) -> Answer {
    Response::new(Full::from(text))
}

fn refuse(status: u16, code: &str) -> Answer {
    let text = format!("<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>No.</Message></Error>");
    Response::builder().status(status).body(Full::from(text)).unwrap()
}

/// AWS Signature Version 4 (AWS General Reference, "Create a signed AWS API request"), as a server checks it.
fn check_signature(head: &http::request::Parts, body: &[u8]) -> Result<(), String> {
    let header = |name: &str| head.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let given = header("authorization").strip_prefix("AWS4-HMAC-SHA256 ").ok_or("no signature")?;
    let fields: HashMap<_, _> = given.split(", ").filter_map(|field| field.split_once('=')).collect();
    let scope = fields["Credential"].strip_prefix(&format!("{KEY}/")).ok_or("another key")?;
    let body_digest = hex::encode(Sha256::digest(body));
    if header("x-amz-content-sha256") != body_digest {
        return Err("another body".to_owned());
    }
    let signed: String =
        fields["SignedHeaders"].split(';').map(|name| format!("{name}:{}\n", header(name).trim())).collect();
    let mut query: Vec<&str> = head.uri.query().unwrap_or("").split('&').filter(|pair| !pair.is_empty()).collect();
    query.sort_unstable();
    let query: Vec<_> =
        query.iter().map(|pair| if pair.contains('=') { (*pair).to_owned() } else { format!("{pair}=") }).collect();
    let canonical = format!(
        "{}\n{}\n{}\n{signed}\n{}\n{body_digest}",
        head.method,
        head.uri.path(),
        query.join("&"),
        fields["SignedHeaders"]
    );
    let digest = hex::encode(Sha256::digest(canonical.as_bytes()));
    let text = format!("AWS4-HMAC-SHA256\n{}\n{scope}\n{digest}", header("x-amz-date"));
    let mut key = format!("AWS4{SECRET}").into_bytes();
    for part in scope.split('/') {
        key = hmac(&key, part.as_bytes());
    }
    let wanted = hex::encode(hmac(&key, text.as_bytes()));
    if fields["Signature"] == wanted { Ok(()) } else { Err(format!("signed otherwise than\n{canonical}")) }
}

fn hmac(key: &[u8], text: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(text);
    mac.finalize().into_bytes().to_vec()
}

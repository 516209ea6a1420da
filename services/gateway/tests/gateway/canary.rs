//! A credential is in the header that it belongs to, and nowhere else: whatever the provider says, it is in no answer, failure,
//! explanation or settlement, and not in what is written down for a killed process.

use crate::{
    ask::{body, read},
    dialects::{
        native::{self, Native},
        settings,
    },
    fake::Book,
    provider::{Provider, Step, answer, end, piece},
    world::{World, quick},
};
use proto::gateway::{CompleteRequest, ListModelsRequest, Operation, TestProviderRequest};
use std::path::Path;

/// In small letters, as the scripted provider shows headers.
const CANARY: &str = "zqx-canary-4711-secret";

/// Each kind of credential: kind of provider, its options, the header as it arrives.
const KINDS: &[(&str, &str, &str)] = &[
    ("openai", "", "authorization: bearer zqx-canary-4711-secret"),
    ("groq", "", "authorization: bearer zqx-canary-4711-secret"),
    ("azure", "", "api-key: zqx-canary-4711-secret"),
    ("azure", r#"{"entra":true,"api_version":"2024-10-21"}"#, "authorization: bearer zqx-canary-4711-secret"),
    ("anthropic", "", "x-api-key: zqx-canary-4711-secret"),
    ("gemini", "", "x-goog-api-key: zqx-canary-4711-secret"),
    ("cohere", "", "authorization: bearer zqx-canary-4711-secret"),
    ("mistral", "", "authorization: bearer zqx-canary-4711-secret"),
    ("deepseek", "", "authorization: bearer zqx-canary-4711-secret"),
    ("ollama", "", "authorization: bearer zqx-canary-4711-secret"),
];

/// Everything that a provider may say with the credential in it: name, whether it is the answer of a stream, script.
fn tales(native: &Native) -> Vec<(String, bool, Vec<Step>)> {
    const JSON: &str = "application/json";
    let telling = |text: &str| text.replace("out of coffee", &format!("Incorrect API key provided: {CANARY}"));
    let (error, event) = (telling(&native.whole_error), telling(&native.error));
    let mut tales = vec![
        ("good".to_owned(), false, native.answer()),
        ("an error with a good status".to_owned(), false, answer(200, JSON, &error)),
        ("malformed".to_owned(), false, answer(200, JSON, &format!("{{\"{CANARY}"))),
        ("of another type".to_owned(), false, answer(200, &format!("text/{CANARY}"), CANARY)),
        ("silent".to_owned(), false, vec![Step::Hang]),
    ];
    for status in [302, 400, 401, 402, 403, 404, 422, 429, 500, 503] {
        for streams in [false, true] {
            tales.push((format!("{status}"), streams, answer(status, JSON, &error)));
            tales.push((format!("{status} in words"), streams, answer(status, "text/plain", CANARY)));
        }
    }
    let begun = || std::iter::once(native.head()).chain(native.beginning.iter().map(piece));
    tales.push(("good".to_owned(), true, begun().chain(native.rest.iter().map(piece)).chain([end()]).collect()));
    tales.push(("an error first".to_owned(), true, vec![native.head(), piece(&event), end()]));
    tales.push(("an error later".to_owned(), true, begun().chain([piece(&event), end()]).collect()));
    let broken = piece(format!("data: {CANARY}\n\n"));
    tales.push(("malformed later".to_owned(), true, begun().chain([broken, end()]).collect()));
    tales
}

fn holds_nothing(what: &str, said: &str) {
    assert!(!said.to_lowercase().contains(CANARY), "{what}: {said}");
}

/// Nothing in the folder has it.
fn nothing_written(what: &str, dir: &Path) -> u64 {
    let mut bytes = 0;
    for entry in std::fs::read_dir(dir).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            bytes += nothing_written(what, &path);
        } else {
            let said = std::fs::read(&path).expect("a file");
            holds_nothing(what, &String::from_utf8_lossy(&said));
            bytes += said.len() as u64;
        }
    }
    bytes
}

async fn tried(world: &World, what: &str, streams: bool) {
    let asked = body("m", if streams { r#","stream":true"# } else { "" });
    let operation = Operation::ChatCompletions.into();
    let request = CompleteRequest { operation, body: asked.into(), explain: true, ..CompleteRequest::default() };
    match world.send(&world.call(), request).await {
        Ok((head, stream)) => holds_nothing(what, &format!("{:?}", read(head, stream).await)),
        Err(failure) => {
            let facts = tonic::Status::from(failure.clone());
            holds_nothing(what, &format!("{failure} {failure:?} {facts:?}"));
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_a_provider_says_its_credential_is_in_its_header_only() {
    let natives = || native::all().into_iter().chain([native::openai("groq")]);
    for (kind, options, header) in KINDS {
        let native = natives().find(|native| native.dialect == *kind).expect("a dialect");
        let provider = Provider::start(vec![]).await;
        let mut known = settings(kind, options, &provider);
        known.api_key = CANARY.to_owned();
        let id = known.id.clone();
        let dir = tempfile::tempdir().expect("a folder");
        let config = gateway::Config {
            first_byte_ms: 300,
            idle_ms: 300,
            models_timeout_ms: 300,
            models_cache_seconds: 0,
            spool_dir: Some(dir.path().to_owned()),
            ..quick()
        };
        // The ledger takes nothing for now, so that everything it is owed is written down.
        let book = Book { providers: vec![known], fail_settles: usize::MAX, ..Book::default() };
        let world = World::with(config, book).await;
        let (mut attempts, tales) = (0, tales(&native));
        for (name, streams, script) in tales {
            let what = format!("{kind} {options} {name}, streams: {streams}");
            provider.now(script);
            tried(&world, &what, streams).await;
            attempts += 1;
            if !streams {
                let test = TestProviderRequest { provider_id: id.clone() };
                holds_nothing(&what, &format!("{:?}", world.gateway.test_provider(&world.call(), test).await));
                let models = world.gateway.list_models(&world.call(), ListModelsRequest::default()).await;
                holds_nothing(&what, &format!("{models:?}"));
            }
        }
        assert!(provider.received().iter().all(|request| request.headers.contains(header)), "{kind}: {header}");
        assert!(provider.received().iter().all(|request| !request.line.contains(CANARY)), "{kind}");
        let spooled = nothing_written(kind, dir.path());
        assert!(spooled > 1_000, "{kind}: only {spooled} bytes of settlements were written down");
        world.book().fail_settles = 0;
        let settled = world.settled(attempts).await;
        assert!(
            settled.iter().any(|s| s.request_end.as_ref().is_some_and(|end| end.explanation_json.contains("attempts")))
        );
        let book = world.book();
        holds_nothing(kind, &format!("{settled:?} {:?} {:?}", book.admits, book.refusals));
    }
}

//! Pictures at an address, which the gateway reads for providers that take bytes only: through the guard, at each step.

use super::{json, native, settings};
use crate::{
    fake::Book,
    provider::{Provider, Step, answer, answer_with, end, piece},
    world::{World, quick},
};
use proto::{Failure, Reason};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// An address of this machine that stands for the internet. All others of this machine are what they are: private.
const OUTSIDE: &str = "127.0.0.2";
const PICTURE: &str = "\u{1}picture";
/// The same in base64.
const BASE64: &str = "AXBpY3R1cmU=";
const FIELD: &str = "messages[0].content[0].image_url.url";
const MAX: usize = 20 * 1024 * 1024;

/// Somebody who asks a model of this dialect about pictures.
struct Asker {
    world: World,
    provider: Provider,
    outside: Provider,
}

impl Asker {
    async fn new(dialect: &str) -> Self {
        let native = native::all().into_iter().find(|native| native.dialect == dialect).expect("a dialect");
        let (provider, outside) = (Provider::start(native.answer()).await, Provider::start_at(OUTSIDE, vec![]).await);
        let book = Book { providers: vec![settings(dialect, "", &provider)], ..Book::default() };
        let egress = egress::Config { allow: vec![OUTSIDE.parse().expect("an address")], ..Default::default() };
        let config = gateway::Config { first_byte_ms: 400, idle_ms: 400, total_ms: 3_000, ..quick() };
        let world = World::guarded(config, book, egress::Guard::new(&egress, true, vec![])).await.expect("a gateway");
        Self { world, provider, outside }
    }

    async fn ask(&self, url: &str) -> Result<Value, Failure> {
        let parts = json!([{"type": "image_url", "image_url": {"url": url}}, {"type": "text", "text": "What is it?"}]);
        let asked = json!({"model": "m", "messages": [{"role": "user", "content": parts}]});
        let before = self.provider.received().len();
        let answered = self.world.ask(&asked.to_string()).await;
        let sent = self.provider.received().split_off(before);
        match answered {
            Ok(_) => Ok(json(&sent.last().expect("the provider was asked").body)),
            Err(failure) => {
                assert!(sent.is_empty(), "the provider is asked without its picture");
                Err(failure)
            }
        }
    }

    /// The sentence with which a picture at this address is refused.
    async fn refused(&self, url: &str) -> String {
        let failure = self.ask(url).await.map(|sent| panic!("{url} was read: {sent}")).unwrap_err();
        assert_eq!((failure.reason, failure.fields[0].0.as_str()), (Reason::InvalidArgument, FIELD), "{url}");
        failure.fields[0].1.clone()
    }

    fn at(&self, path: &str) -> String {
        format!("{}/{path}", self.outside.root())
    }
}

fn redirect(to: &str) -> Vec<Step> {
    answer_with(302, "text/plain", &format!("location: {to}\r\n"), "")
}

#[tokio::test]
async fn a_picture_is_read_and_sent_with_its_type() {
    let asker = Asker::new("gemini").await;
    for (told, expected) in [("image/png", "image/png"), ("Image/WebP; charset=x", "image/webp")] {
        asker.outside.now(answer(200, told, PICTURE));
        let sent = asker.ask(&asker.at("a.png")).await.expect("an answer");
        let part = &sent["contents"][0]["parts"][0]["inlineData"];
        assert_eq!((&part["mimeType"], &part["data"]), (&json!(expected), &json!(BASE64)));
    }
    let request = &asker.outside.received()[0];
    assert!(request.line.starts_with("GET /a.png "), "{}", request.line);
    assert!(!request.headers.contains("authorization") && !request.headers.contains("x-goog-api-key"), "{request:?}");
    // A storage that knows no types.
    let gif = answer(200, "application/octet-stream", "GIF89a");
    asker.outside.now(gif);
    let sent = asker.ask(&asker.at("a")).await.expect("an answer");
    assert_eq!(sent["contents"][0]["parts"][0]["inlineData"]["mimeType"], "image/gif");

    let asker = Asker::new("ollama").await;
    asker.outside.now(answer(200, "image/png", PICTURE));
    let sent = asker.ask(&asker.at("a.png")).await.expect("an answer");
    assert_eq!(sent["messages"][0]["images"], json!([BASE64]));
}

#[tokio::test]
async fn redirects_are_followed_three_times_and_each_address_is_checked() {
    let asker = Asker::new("gemini").await;
    let second = Provider::start_at(OUTSIDE, answer(200, "image/png", PICTURE)).await;
    asker.outside.now(redirect(&format!("{}/b.png", second.root())));
    assert!(asker.ask(&asker.at("a.png")).await.is_ok());
    assert_eq!(second.received().len(), 1);

    // The address itself is a good one; where it leads is not.
    let inside = Provider::start(answer(200, "image/png", PICTURE)).await;
    let named = format!("http://localhost:{}/a.png", inside.port());
    for to in [
        inside.root(),
        named.clone(),
        format!("http://[::ffff:127.0.0.1]:{}/", inside.port()),
        "http://10.0.0.1/a.png".to_owned(),
        "http://169.254.169.254/latest".to_owned(),
        "file:///etc/passwd".to_owned(),
        "http://user:secret@127.0.0.2/".to_owned(),
    ] {
        asker.outside.now(redirect(&to));
        let why = asker.refused(&asker.at("a.png")).await;
        assert!(!why.contains("secret"), "{why}");
    }
    // Names are checked where they lead, which is known when they are called.
    asker.refused(&named).await;
    assert_eq!(inside.received().len(), 0, "what is private was called");

    let before = asker.outside.received().len();
    asker.outside.now(redirect("/again"));
    let why = asker.refused(&asker.at("again")).await;
    assert!(why.contains("from address to address"), "{why}");
    assert_eq!(asker.outside.received().len() - before, 4, "the first one, and three on");
    asker.outside.now(answer(302, "text/plain", ""));
    assert!(asker.refused(&asker.at("a.png")).await.contains("leads nowhere"));
}

#[tokio::test]
async fn what_is_larger_than_it_may_be_is_not_read_to_its_end() {
    let asker = Asker::new("ollama").await;
    let head =
        |length: String| Step::Send(format!("HTTP/1.1 200 OK\r\ncontent-type: image/png\r\n{length}\r\n").into_bytes());
    // Announced: nothing of it is read.
    asker.outside.now(vec![head(format!("content-length: {}\r\n", MAX + 1)), Step::Hang]);
    let asked = Instant::now();
    assert!(asker.refused(&asker.at("a.png")).await.contains("larger than 20971520 bytes"));
    assert!(asked.elapsed() < Duration::from_millis(400), "it waited for {:?}", asked.elapsed());
    // Not announced: no more than that is read.
    let chunk = piece(vec![b'x'; 1024 * 1024]);
    let endless = std::iter::once(head("transfer-encoding: chunked\r\n".to_owned())).chain(vec![chunk.clone(); 30]);
    asker.outside.now(endless.chain([Step::Hang]).collect());
    assert!(asker.refused(&asker.at("a.png")).await.contains("larger than 20971520 bytes"));
    crate::world::eventually("both are left", || asker.outside.gone() == 2).await;
    // As large as it may be.
    let most = std::iter::once(head("transfer-encoding: chunked\r\n".to_owned())).chain(vec![chunk; 20]).chain([end()]);
    asker.outside.now(most.collect());
    assert!(asker.ask(&asker.at("a.png")).await.is_ok());
}

#[tokio::test]
async fn what_is_no_picture_or_does_not_come_is_refused_with_what_there_is() {
    let asker = Asker::new("ollama").await;
    let half = b"HTTP/1.1 200 OK\r\ncontent-type: image/png\r\ncontent-length: 9\r\n\r\nx".to_vec();
    for (script, said) in [
        (answer(200, "text/html", "<html>Log in</html>"), "text/html, and no picture"),
        (answer(200, "application/octet-stream", "MZ"), "application/octet-stream, and no picture"),
        (answer(200, "application/pdf", "%PDF-"), "application/pdf, and no picture"),
        (answer(404, "image/png", PICTURE), "HTTP status 404"),
        (answer(500, "image/png", PICTURE), "HTTP status 500"),
        (vec![Step::Hang], "first_byte deadline"),
        (vec![Step::Send(half.clone()), Step::Hang], "idle deadline"),
        (vec![Step::Send(half), Step::Close], "closed before"),
    ] {
        asker.outside.now(script);
        let why = asker.refused(&asker.at("a.png")).await;
        assert!(why.contains(said), "{said}: {why}");
    }
    // Slow to its end: one deadline holds for all addresses on the way.
    let drops = [piece("x"), Step::Pause(Duration::from_millis(100))];
    let head = b"HTTP/1.1 200 OK\r\ncontent-type: image/png\r\ntransfer-encoding: chunked\r\n\r\n".to_vec();
    asker.outside.now(std::iter::once(Step::Send(head)).chain(drops.iter().cycle().take(200).cloned()).collect());
    assert!(asker.refused(&asker.at("a.png")).await.contains("total deadline"));
}

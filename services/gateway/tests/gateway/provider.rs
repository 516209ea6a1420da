//! A provider on loopback that does exactly what it is told, also what no HTTP library would do.

use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::Notify,
};

/// One thing to do.
#[derive(Clone)]
pub enum Step {
    Send(Vec<u8>),
    Pause(Duration),
    /// Says nothing more until the caller is gone, and counts that.
    Hang,
    Close,
    /// Closes without the manners of TCP.
    Reset,
}

/// A request as it arrived.
#[derive(Clone, Debug)]
pub struct Received {
    pub line: String,
    pub headers: String,
    pub body: Vec<u8>,
}

#[derive(Clone)]
pub struct Provider {
    address: SocketAddr,
    state: Arc<State>,
}

struct State {
    script: Mutex<Vec<Step>>,
    received: Mutex<Vec<Received>>,
    gone: AtomicUsize,
    connections: AtomicUsize,
    /// Those that are open.
    open: AtomicUsize,
    /// Told to connections that nobody uses.
    closing: Notify,
}

impl Provider {
    /// A provider that answers every request like this.
    pub async fn start(script: Vec<Step>) -> Self {
        Self::start_at("127.0.0.1", script).await
    }

    /// The same at another address of this machine.
    #[expect(clippy::disallowed_methods, reason = "ends with the test's runtime")]
    pub async fn start_at(ip: &str, script: Vec<Step>) -> Self {
        let listener = TcpListener::bind((ip, 0)).await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let state = State {
            script: Mutex::new(script),
            received: Mutex::default(),
            gone: AtomicUsize::new(0),
            connections: AtomicUsize::new(0),
            open: AtomicUsize::new(0),
            closing: Notify::new(),
        };
        let provider = Self { address, state: Arc::new(state) };
        let serving = provider.clone();
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                socket.set_nodelay(true).expect("a socket");
                serving.state.connections.fetch_add(1, SeqCst);
                serving.state.open.fetch_add(1, SeqCst);
                let serving = serving.clone();
                tokio::spawn(async move {
                    serving.serve(socket).await;
                    serving.state.open.fetch_sub(1, SeqCst);
                });
            }
        });
        provider
    }

    pub fn port(&self) -> u16 {
        self.address.port()
    }

    pub fn base_url(&self) -> String {
        format!("http://{}/v1", self.address)
    }

    /// Without the version that is a part of OpenAI's addresses.
    pub fn root(&self) -> String {
        format!("http://{}", self.address)
    }

    /// From now on it answers like this.
    pub fn now(&self, script: Vec<Step>) {
        *lock(&self.state.script) = script;
    }

    pub fn received(&self) -> Vec<Received> {
        lock(&self.state.received).clone()
    }

    /// How many callers left while it was hanging.
    pub fn gone(&self) -> usize {
        self.state.gone.load(SeqCst)
    }

    pub fn connections(&self) -> usize {
        self.state.connections.load(SeqCst)
    }

    /// Closes every connection that nobody uses, as servers do with those that were unused for long.
    pub fn close_unused(&self) {
        self.state.closing.notify_waiters();
    }

    pub fn open(&self) -> usize {
        self.state.open.load(SeqCst)
    }

    async fn serve(&self, mut socket: TcpStream) {
        loop {
            let received = tokio::select! {
                received = read(&mut socket) => received,
                () = self.state.closing.notified() => None,
            };
            let Some(received) = received else { return };
            lock(&self.state.received).push(received);
            let script = lock(&self.state.script).clone();
            for step in script {
                match step {
                    Step::Send(bytes) => {
                        if socket.write_all(&bytes).await.is_err() {
                            self.state.gone.fetch_add(1, SeqCst);
                            return;
                        }
                    }
                    Step::Pause(time) => tokio::time::sleep(time).await,
                    Step::Hang => {
                        let mut rest = [0; 64];
                        while matches!(socket.read(&mut rest).await, Ok(n) if n > 0) {}
                        self.state.gone.fetch_add(1, SeqCst);
                        return;
                    }
                    Step::Close => return,
                    Step::Reset => {
                        #[expect(deprecated, reason = "a lingering close of zero seconds is what resets")]
                        socket.set_linger(Some(Duration::ZERO)).expect("a socket");
                        return;
                    }
                }
            }
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().expect("the provider's state")
}

async fn read(socket: &mut TcpStream) -> Option<Received> {
    let mut bytes = Vec::new();
    let head = loop {
        if let Some(at) = bytes.windows(4).position(|w| w == b"\r\n\r\n") {
            break at + 4;
        }
        if socket.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    };
    let text = String::from_utf8_lossy(&bytes[..head]).into_owned();
    let (line, headers) = text.split_once("\r\n")?;
    let headers = headers.to_lowercase();
    let length = headers.lines().find_map(|l| l.strip_prefix("content-length:")?.trim().parse::<usize>().ok());
    let whole = head + length.unwrap_or(0);
    while bytes.len() < whole {
        if socket.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
    Some(Received { line: line.to_owned(), headers, body: bytes[head..whole].to_vec() })
}

/// A whole answer.
pub fn answer(status: u16, content_type: &str, body: &str) -> Vec<Step> {
    answer_with(status, content_type, "", body)
}

/// A whole answer with more headers, each ended by CRLF.
pub fn answer_with(status: u16, content_type: &str, headers: &str, body: &str) -> Vec<Step> {
    let head = format!(
        "HTTP/1.1 {status} Status\r\ncontent-type: {content_type}\r\n{headers}content-length: {}\r\n\r\n{body}",
        body.len()
    );
    vec![Step::Send(head.into_bytes())]
}

/// The head of a stream.
pub fn stream_head() -> Step {
    Step::Send(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n".to_vec())
}

/// Some bytes of a stream.
pub fn piece(bytes: impl AsRef<[u8]>) -> Step {
    let bytes = bytes.as_ref();
    let mut chunk = format!("{:x}\r\n", bytes.len()).into_bytes();
    chunk.extend_from_slice(bytes);
    chunk.extend_from_slice(b"\r\n");
    Step::Send(chunk)
}

/// The good end of a body, as HTTP sees it.
pub fn end() -> Step {
    Step::Send(b"0\r\n\r\n".to_vec())
}

/// A stream of these pieces, with a good end of HTTP.
pub fn stream(pieces: &[&str]) -> Vec<Step> {
    let pieces = pieces.iter().map(piece);
    std::iter::once(stream_head()).chain(pieces).chain([end()]).collect()
}

pub const COMPLETION: &str = "{ \"id\":\"chatcmpl-1\", \"object\":\"chat.completion\",\n \"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"Olá 日本\"},\"finish_reason\":\"stop\"}], \"usage\":{\"prompt_tokens\":11,\"completion_tokens\":5,\"prompt_tokens_details\":{\"cached_tokens\":4}},\"x\":1.50 }";
pub const ROLE: &str = "data: {\"id\":\"c\",\"created\":7,\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"},\"finish_reason\":null}]}\n\n";
pub const HELLO: &str = "data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hello 日本\"},\"finish_reason\":null}]}\r\n\r\n";
pub const WORLD: &str = "data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\" world\"}}]}\n\n";
pub const STOP: &str = "data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n";
pub const USAGE: &str =
    "data: {\"id\":\"c\",\"choices\":[],\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":2}}\n\n";
pub const DONE: &str = "data: [DONE]\n\n";

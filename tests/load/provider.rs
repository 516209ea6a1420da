//! A fake provider that costs next to nothing: one answer and one stream of 50 chunks, prepared once.

use crate::open::HOLD;
use anyhow::Context as _;
use serde_json::json;
use std::{net::TcpListener, process::Stdio, time::Duration};
use tests::wire;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    process::{Child, Command},
};

/// Chunks of a stream, the end mark not counted.
pub const CHUNKS: usize = 50;

/// The provider in a process of its own. Killed when dropped.
pub struct Provider {
    /// Where it listens.
    pub port: u16,
    _child: Child,
}

impl Provider {
    /// Starts it on `core`.
    pub async fn start(core: &str) -> anyhow::Result<Self> {
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let child = Command::new("taskset")
            .args(["-c", core])
            .arg(std::env::current_exe()?)
            .args(["provider", &port.to_string()])
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .context("taskset (util-linux)")?;
        tests::within(Duration::from_secs(5), async || Ok(TcpStream::connect(("127.0.0.1", port)).await.map(drop)?))
            .await?;
        Ok(Self { port, _child: child })
    }
}

/// `load provider <port>`: serves until killed.
pub fn run() -> anyhow::Result<()> {
    let port: u16 = std::env::args().nth(2).context("usage: load provider <port>")?.parse()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await?;
        let answers: &'static Answers = Box::leak(Box::new(Answers::new()));
        loop {
            let (stream, _) = listener.accept().await?;
            stream.set_nodelay(true)?;
            #[expect(clippy::disallowed_methods, reason = "ends with its connection")]
            tokio::spawn(serve(stream, answers));
        }
    })
}

struct Answers {
    whole: Vec<u8>,
    head: Vec<u8>,
    chunks: Vec<Vec<u8>>,
}

async fn serve(mut stream: TcpStream, answers: &'static Answers) -> anyhow::Result<()> {
    let mut buffer = Vec::with_capacity(16 * 1024);
    while let Some(request) = wire::read(&mut stream, &mut buffer, b"\"stream\":true").await? {
        if !request.marked {
            stream.write_all(&answers.whole).await?;
            continue;
        }
        stream.write_all(&answers.head).await?;
        if wire::find(&buffer, HOLD).is_some() {
            stream.write_all(&answers.chunks[0]).await?;
            // Until whoever asked leaves.
            let _ = stream.read(&mut [0]).await?;
            return Ok(());
        }
        for chunk in &answers.chunks {
            stream.write_all(chunk).await?;
            // Lets others run, so that a chunk is a packet of its own, as a model's are.
            tokio::task::yield_now().await;
        }
    }
    Ok(())
}

impl Answers {
    fn new() -> Self {
        let text = "The quick brown fox jumps over the lazy dog. ".repeat(8);
        let body = json!({
            "id": "chatcmpl-bench", "object": "chat.completion", "created": 1, "model": "bench",
            "choices": [{"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 120, "completion_tokens": 80, "total_tokens": 200},
        })
        .to_string();
        let whole = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";
        let event = |n: usize| {
            let finish = (n == CHUNKS - 2).then_some("stop");
            let mut chunk = json!({
                "id": "chatcmpl-bench", "object": "chat.completion.chunk", "created": 1, "model": "bench", "usage": null,
                "choices": [{"index": 0, "delta": {"content": "lorem ipsum "}, "finish_reason": finish}],
            });
            if n == CHUNKS - 1 {
                chunk["choices"] = json!([]);
                chunk["usage"] = json!({"prompt_tokens": 120, "completion_tokens": 49, "total_tokens": 169});
            }
            framed(&format!("data: {chunk}\n\n"))
        };
        let mut chunks: Vec<_> = (0..CHUNKS).map(event).collect();
        chunks.push([framed("data: [DONE]\n\n"), b"0\r\n\r\n".to_vec()].concat());
        Self { whole: whole.into(), head: head.into(), chunks }
    }
}

fn framed(text: &str) -> Vec<u8> {
    format!("{:x}\r\n{text}\r\n", text.len()).into()
}

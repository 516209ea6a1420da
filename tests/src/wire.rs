//! Just enough HTTP/1.1 to load a server cheaply: prepared bytes out, and the end of a message recognised coming in.

use anyhow::{Context as _, bail, ensure};
use tokio::{io::AsyncReadExt as _, net::TcpStream};

/// What was read of one message.
#[derive(Debug, PartialEq, Eq)]
pub struct Message {
    /// The status of a response, 0 for a request.
    pub status: u16,
    /// Whether the body holds this marker.
    pub marked: bool,
    /// How often `data: ` stands in the body.
    pub events: usize,
}

/// Reads one message whole from `stream`. `buffer` keeps its capacity between calls. None where the peer closed before it.
pub async fn read(stream: &mut TcpStream, buffer: &mut Vec<u8>, marker: &[u8]) -> anyhow::Result<Option<Message>> {
    buffer.clear();
    let head = loop {
        if let Some(end) = find(buffer, b"\r\n\r\n") {
            break end + 4;
        }
        if stream.read_buf(buffer).await? == 0 {
            ensure!(buffer.is_empty(), "closed within a head");
            return Ok(None);
        }
    };
    let text = std::str::from_utf8(&buffer[..head])?.to_ascii_lowercase();
    let chunked = text.contains("transfer-encoding: chunked");
    let length = header(&text, "content-length: ").map(str::parse::<usize>).transpose()?;
    loop {
        let done = match length {
            Some(length) => buffer.len() >= head + length,
            None if chunked => buffer.ends_with(b"\r\n0\r\n\r\n"),
            None => text.starts_with("get "),
        };
        if done {
            break;
        }
        if stream.read_buf(buffer).await? == 0 {
            bail!("closed within a body after {} bytes", buffer.len() - head);
        }
    }
    let status = match text.strip_prefix("http/1.1 ") {
        Some(rest) => rest.get(..3).context("no status")?.parse()?,
        None => 0,
    };
    let body = &buffer[head..];
    let events = body.windows(6).filter(|w| w == b"data: ").count();
    Ok(Some(Message { status, marked: find(body, marker).is_some(), events }))
}

/// Where `needle` begins in `hay`.
pub fn find(hay: &[u8], needle: &[u8]) -> Option<usize> {
    hay.windows(needle.len()).position(|w| w == needle)
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines().find_map(|l| l.strip_prefix(name)).map(str::trim)
}

//! A provider's stream, event by event, as OpenAI's chunks.
//!
//! Without the provider's own end mark there is no `[DONE]`, so that whoever reads on sees that it is incomplete.

#[cfg(test)]
pub(in crate::provider) mod testing;

use super::answer::Chunks;
use crate::{
    provider::{Body, Fault, Upstream},
    wire::sse::{Event, Splitter, TooLarge},
};
use bytes::{Bytes, BytesMut};
use futures::{StreamExt as _, stream};

/// The longest line of a stream of lines.
const MAX_LINE_BYTES: usize = 24 * 1024 * 1024;

/// Reads the events of one dialect.
pub(in crate::provider) trait Decoder: Send + 'static {
    /// One event, or one line: its data, and its name if it has one. Errors end the stream.
    fn event(&mut self, name: &[u8], data: &[u8], out: &mut Chunks) -> Result<(), Fault>;
}

/// How a provider separates its events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::provider) enum Framing {
    /// `text/event-stream`.
    Events,
    /// `application/x-ndjson`: a JSON document in each line.
    Lines,
}

/// The stream of `upstream` as chunks. What is no stream stays as it is, to be judged as such.
pub(in crate::provider) fn translated<D: Decoder>(
    upstream: Upstream,
    framing: Framing,
    decoder: D,
    chunks: Chunks,
) -> Upstream {
    let content_type = upstream.content_type.trim_start().to_ascii_lowercase();
    let is_stream = match framing {
        Framing::Events => content_type.starts_with("text/event-stream"),
        Framing::Lines => content_type.starts_with("application/x-ndjson"),
    };
    if !is_stream {
        return upstream;
    }
    let translation = Translation { body: upstream.body, reader: Reader::new(framing, decoder, chunks), end: None };
    let body = stream::unfold(Some(translation), |translation| async {
        let mut translation = translation?;
        let next = translation.next().await?;
        // After an error the provider's call is over.
        Some(if next.is_err() { (next, None) } else { (next, Some(translation)) })
    });
    Upstream { content_type: "text/event-stream".to_owned(), body: Body::translated(body.boxed()), ..upstream }
}

struct Translation<D> {
    body: Body,
    reader: Reader<D>,
    /// Comes after what was read before it.
    end: Option<Fault>,
}

impl<D: Decoder> Translation<D> {
    async fn next(&mut self) -> Option<Result<Bytes, Fault>> {
        loop {
            if let Some(fault) = self.end.take() {
                return Some(Err(fault));
            }
            let read = match self.body.next().await {
                Some(Ok(bytes)) => self.reader.push(bytes),
                Some(Err(fault)) => Err(fault),
                None => {
                    let out = self.reader.finish();
                    return (!out.is_empty()).then_some(Ok(out));
                }
            };
            self.end = read.err();
            let out = self.reader.take();
            if !out.is_empty() {
                return Some(Ok(out));
            }
        }
    }
}

/// Cuts bytes into events and has them decoded.
pub(in crate::provider) struct Reader<D> {
    cutter: Cutter,
    decoder: D,
    chunks: Chunks,
}

enum Cutter {
    Events(Splitter),
    Lines(BytesMut),
}

impl<D: Decoder> Reader<D> {
    pub(in crate::provider) fn new(framing: Framing, decoder: D, chunks: Chunks) -> Self {
        let cutter = match framing {
            Framing::Events => Cutter::Events(Splitter::default()),
            Framing::Lines => Cutter::Lines(BytesMut::new()),
        };
        Self { cutter, decoder, chunks }
    }

    /// Decodes what is complete. What was written before an error stays.
    pub(in crate::provider) fn push(&mut self, bytes: Bytes) -> Result<(), Fault> {
        match &mut self.cutter {
            Cutter::Events(splitter) => {
                splitter.push(bytes).map_err(|TooLarge| Fault::malformed("an event that does not end"))?;
                while let Some(at) = splitter.next_event() {
                    event(&mut self.decoder, splitter.get(&at), &mut self.chunks)?;
                }
            }
            Cutter::Lines(buffer) => {
                // What was there before has no end of line.
                let mut from = buffer.len();
                buffer.extend_from_slice(&bytes);
                while let Some(at) = memchr::memchr(b'\n', &buffer[from..]) {
                    let line = buffer.split_to(from + at + 1);
                    from = 0;
                    self::line(&mut self.decoder, &line, &mut self.chunks)?;
                }
                if buffer.len() > MAX_LINE_BYTES {
                    return Err(Fault::malformed("a line that does not end"));
                }
            }
        }
        Ok(())
    }

    /// What has been written since.
    pub(in crate::provider) fn take(&mut self) -> Bytes {
        self.chunks.take()
    }

    /// The stream has ended; some providers leave the end of their last event out. What cannot be read then was cut off.
    pub(in crate::provider) fn finish(&mut self) -> Bytes {
        if !self.chunks.is_done() {
            let last = match &mut self.cutter {
                Cutter::Events(splitter) => event(&mut self.decoder, &splitter.rest(), &mut self.chunks),
                Cutter::Lines(buffer) => line(&mut self.decoder, &buffer.split(), &mut self.chunks),
            };
            drop(last);
        }
        self.take()
    }
}

fn event<D: Decoder>(decoder: &mut D, raw: &[u8], chunks: &mut Chunks) -> Result<(), Fault> {
    let event = Event::parse(raw);
    match event.data {
        Some(data) if !chunks.is_done() && !data.trim_ascii().is_empty() => decoder.event(event.name, &data, chunks),
        _ => Ok(()),
    }
}

fn line<D: Decoder>(decoder: &mut D, raw: &[u8], chunks: &mut Chunks) -> Result<(), Fault> {
    match raw.trim_ascii() {
        line if line.is_empty() || chunks.is_done() => Ok(()),
        line => decoder.event(b"", line, chunks),
    }
}

//! Where does a server-sent event end? Finds events in bytes however those are cut, and never changes one.
//!
//! Lines end with LF, CR or CRLF; an empty line ends an event (WHATWG HTML, section 9.2.6).

use bytes::{Bytes, BytesMut};
use std::{borrow::Cow, ops::Range};

/// The largest event: a picture of 4K, or a whole response, is one. Beyond it somebody is not sending events. A stream takes
/// as much memory as its largest event.
const MAX_EVENT_BYTES: usize = 24 * 1024 * 1024;
const BOM: &[u8] = b"\xef\xbb\xbf";

/// An event, or what a stream sends in place of one, is too large.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TooLarge;

/// Cuts a stream of bytes into events.
#[derive(Debug, Default)]
pub(crate) struct Splitter {
    buffer: Bytes,
    /// Where the event that is being looked for begins.
    start: usize,
    /// Up to where it has been looked at; the start of a line.
    line: usize,
    /// Up to where that line is known to go on. Without it, a line that arrives byte by byte would be read from its
    /// start for each byte.
    seen: usize,
    /// The event before ended with a CR that was the last byte known: an LF after it belongs to that CR.
    after_cr: bool,
}

impl Splitter {
    /// Adds bytes. What was taken before stays valid; positions do not. Errors: an event that never ends.
    pub(crate) fn push(&mut self, bytes: Bytes) -> Result<(), TooLarge> {
        let rest = self.buffer.split_off(self.start);
        self.line -= self.start;
        self.seen = self.seen.saturating_sub(self.start);
        self.start = 0;
        if rest.is_empty() {
            self.buffer = bytes;
            return Ok(());
        }
        if rest.len() > MAX_EVENT_BYTES {
            return Err(TooLarge);
        }
        // Dropping our own hold on the buffer lets a lone rest grow in place instead of being copied once a chunk.
        self.buffer = Bytes::new();
        let mut joined = rest.try_into_mut().unwrap_or_else(|shared| BytesMut::from(&shared[..]));
        joined.extend_from_slice(&bytes);
        self.buffer = joined.freeze();
        Ok(())
    }

    /// The place of the next complete event, with the empty line that ends it.
    pub(crate) fn next_event(&mut self) -> Option<Range<usize>> {
        if self.after_cr && self.line == self.start {
            match self.buffer.get(self.start) {
                None => return None,
                Some(b'\n') => self.line += 1,
                Some(_) => {}
            }
            self.after_cr = false;
        }
        loop {
            let from = self.seen.max(self.line);
            let Some(length) = memchr::memchr2(b'\n', b'\r', self.buffer.get(from..)?) else {
                self.seen = self.buffer.len();
                return None;
            };
            let end = from + length;
            let is_empty = end == self.line;
            let is_cr = self.buffer[end] == b'\r';
            let next = match self.buffer.get(end + 1) {
                Some(b'\n') if is_cr => end + 2,
                // Whether an LF follows is not known yet. Only the end of an event can do without knowing.
                None if is_cr && !is_empty => return None,
                _ => end + 1,
            };
            self.line = next;
            if is_empty {
                self.after_cr = is_cr && next == self.buffer.len() && next == end + 1;
                let event = self.start..next;
                self.start = next;
                return Some(event);
            }
        }
    }

    /// The bytes at a place that [`Splitter::next_event`] gave since the last push.
    pub(crate) fn get(&self, at: &Range<usize>) -> &[u8] {
        &self.buffer[at.clone()]
    }

    /// The same, to keep: not copied.
    pub(crate) fn take(&self, at: Range<usize>) -> Bytes {
        self.buffer.slice(at)
    }

    /// What is left when the stream has ended: an event that its sender did not end, or nothing.
    pub(crate) fn rest(&self) -> Bytes {
        self.buffer.slice(self.start..)
    }
}

/// What is in an event.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Event<'a> {
    /// Its name; empty for a plain message.
    pub name: &'a [u8],
    /// Its data lines, joined. None: a comment, or nothing.
    pub data: Option<Cow<'a, [u8]>>,
}

impl<'a> Event<'a> {
    /// Reads the lines of one event.
    pub(crate) fn parse(raw: &'a [u8]) -> Self {
        let mut event = Self { name: b"", data: None };
        let mut rest = raw.strip_prefix(BOM).unwrap_or(raw);
        while !rest.is_empty() {
            let end = memchr::memchr2(b'\n', b'\r', rest).unwrap_or(rest.len());
            event.line(&rest[..end]);
            rest = rest.get(end + 1..).unwrap_or_default();
        }
        event
    }

    fn line(&mut self, line: &'a [u8]) {
        let (field, value) = match memchr::memchr(b':', line) {
            Some(colon) => (&line[..colon], &line[colon + 1..]),
            None => (line, &b""[..]),
        };
        let value = value.strip_prefix(b" ").unwrap_or(value);
        match (field, &mut self.data) {
            (b"event", _) => self.name = value,
            (b"data", data @ None) => *data = Some(Cow::Borrowed(value)),
            (b"data", Some(data)) => {
                let data = data.to_mut();
                data.push(b'\n');
                data.extend_from_slice(value);
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Name and data of an event.
    type Content = (Vec<u8>, Option<Vec<u8>>);

    /// The events of `bytes` when they arrive in pieces of these sizes: what each contains, and all bytes again.
    fn read(bytes: &[u8], cuts: &[usize]) -> (Vec<Content>, Vec<u8>) {
        let mut splitter = Splitter::default();
        let (mut events, mut forwarded) = (vec![], vec![]);
        let mut rest = Bytes::copy_from_slice(bytes);
        let mut sizes = cuts.iter().copied().chain(std::iter::repeat(usize::MAX));
        while !rest.is_empty() {
            let size = sizes.next().unwrap_or(usize::MAX).clamp(1, rest.len());
            splitter.push(rest.split_to(size)).unwrap();
            while let Some(at) = splitter.next_event() {
                let event = Event::parse(splitter.get(&at));
                // An LF of a CRLF that was cut in two arrives as an event without content.
                if event.data.is_some() || !event.name.is_empty() {
                    events.push((event.name.to_vec(), event.data.map(Cow::into_owned)));
                }
                forwarded.extend_from_slice(&splitter.take(at));
            }
        }
        forwarded.extend_from_slice(&splitter.rest());
        (events, forwarded)
    }

    #[test]
    fn all_line_ends_comments_names_and_joined_data_are_understood() {
        let bytes = b"\xef\xbb\xbfdata: one\n\n: comment\r\n\r\nevent: error\rdata:two\rdata: more\r\rdata: \xe6\x97\xa5\r\n\r\n";
        let (events, _) = read(bytes, &[]);
        let expected: Vec<Content> = vec![
            (b"".to_vec(), Some(b"one".to_vec())),
            (b"error".to_vec(), Some(b"two\nmore".to_vec())),
            (b"".to_vec(), Some("日".as_bytes().to_vec())),
        ];
        assert_eq!(events, expected);
    }

    #[test]
    fn an_event_ended_by_two_crs_does_not_wait_for_the_next_one() {
        let mut splitter = Splitter::default();
        splitter.push(Bytes::from_static(b"data: x\r\r")).unwrap();
        assert_eq!(splitter.next_event(), Some(0..9));
    }

    #[test]
    fn an_event_without_end_is_refused() {
        let mut splitter = Splitter::default();
        let mut pushed = Ok(());
        for _ in 0..MAX_EVENT_BYTES / (64 * 1024) + 8 {
            pushed = splitter.push(Bytes::from(vec![b'x'; 64 * 1024]));
            if pushed.is_err() {
                break;
            }
            assert_eq!(splitter.next_event(), None);
        }
        assert_eq!(pushed, Err(TooLarge));
    }

    #[test]
    fn a_line_that_arrives_byte_by_byte_costs_no_more_than_its_bytes() {
        let mut splitter = Splitter::default();
        splitter.push(Bytes::from(vec![b'x'; MAX_EVENT_BYTES / 2])).unwrap();
        assert_eq!(splitter.next_event(), None);
        let began = std::time::Instant::now();
        for _ in 0..200_000 {
            splitter.push(Bytes::from_static(b"x")).unwrap();
            assert_eq!(splitter.next_event(), None);
        }
        // From its start each time, it would be 120 GB that are looked at.
        assert!(began.elapsed().as_secs() < 2, "{:?}", began.elapsed());
        splitter.push(Bytes::from_static(b"\n\n")).unwrap();
        assert_eq!(splitter.next_event(), Some(0..MAX_EVENT_BYTES / 2 + 200_002));
    }

    fn line() -> impl Strategy<Value = Vec<u8>> {
        prop_oneof![
            "data: [a-z日本語 ]{0,12}".prop_map(String::into_bytes),
            Just(b": keep-alive".to_vec()),
            Just(b"event: error".to_vec()),
            Just(b"data".to_vec()),
            Just(vec![]),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(400))]
        #[test]
        fn however_a_stream_is_cut_the_same_events_come_out(
            lines in prop::collection::vec((line(), 0..3_usize), 0..24),
            cuts in prop::collection::vec(1..9_usize, 0..200),
        ) {
            let bytes: Vec<u8> = lines.into_iter().flat_map(|(mut line, end)| {
                line.extend_from_slice([&b"\n"[..], b"\r", b"\r\n"][end]);
                line
            }).collect();
            let (whole, all) = read(&bytes, &[]);
            let (cut, forwarded) = read(&bytes, &cuts);
            prop_assert_eq!(whole, cut);
            prop_assert_eq!(&all, &bytes);
            prop_assert_eq!(&forwarded, &bytes);
        }
    }
}

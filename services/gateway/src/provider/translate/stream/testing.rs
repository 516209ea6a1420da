//! What holds for the decoder of every dialect.

use super::{Decoder, Framing, Reader};
use crate::provider::translate::answer::{Chunks, Face};
use bytes::Bytes;
use proptest::{prelude::*, test_runner::TestRunner};

/// What is written for these bytes, cut like this, and whether that was an error.
fn decoded<D: Decoder>(framing: Framing, decoder: D, bytes: &[u8], cuts: &[usize]) -> (Vec<u8>, bool) {
    let face = Face { id: "id".to_owned(), created: 7, model: "m".to_owned() };
    let mut reader = Reader::new(framing, decoder, Chunks::new(face, true));
    let (mut out, mut rest, mut cuts) = (Vec::new(), bytes, cuts.iter().cycle());
    while !rest.is_empty() {
        let (now, later) = rest.split_at((*cuts.next().unwrap_or(&rest.len())).clamp(1, rest.len()));
        rest = later;
        let read = reader.push(Bytes::copy_from_slice(now));
        out.extend_from_slice(&reader.take());
        if read.is_err() {
            return (out, true);
        }
    }
    out.extend_from_slice(&reader.finish());
    (out, false)
}

fn is_done(out: &[u8]) -> bool {
    memchr::memmem::find(out, b"[DONE]").is_some()
}

/// However a stream is cut, and whatever becomes of its bytes, the same is read, and nothing panics. One that has lost its
/// last event has no end mark.
pub(in crate::provider) fn holds<D: Decoder>(framing: Framing, new: impl Fn() -> D, good: &str) {
    let (whole, _) = decoded(framing, new(), good.as_bytes(), &[good.len()]);
    assert!(whole.ends_with(b"data: [DONE]\n\n"), "{}", String::from_utf8_lossy(&whole));
    let last = good.trim_end().rfind('\n').expect("several lines");
    let cuts = prop::collection::vec(1..40_usize, 1..40);
    let changes = prop::collection::vec((0..good.len(), any::<u8>()), 0..6);
    let mut runner = TestRunner::new(ProptestConfig::with_cases(300));
    let broken = runner.run(&(cuts, changes, 0..last), |(cuts, changes, end)| {
        let (cut, _) = decoded(framing, new(), good.as_bytes(), &cuts);
        prop_assert_eq!(&whole, &cut, "cut like {:?}", cuts);
        let mut bytes = good.as_bytes().to_vec();
        for (at, byte) in changes {
            bytes[at] = byte;
        }
        let once = decoded(framing, new(), &bytes, &[bytes.len()]);
        let cut = decoded(framing, new(), &bytes, &cuts);
        // Ids that we make ourselves are new each time.
        if memchr::memmem::find(&once.0, b"call_").is_none() {
            prop_assert_eq!(once, cut);
        }
        prop_assert!(!is_done(&decoded(framing, new(), &good.as_bytes()[..end], &cuts).0), "ended at {}", end);
        Ok(())
    });
    broken.unwrap_or_else(|error| panic!("{error}"));
    let mut runner = TestRunner::new(ProptestConfig::with_cases(200));
    let broken = runner.run(&prop::collection::vec(any::<u8>(), 0..300), |garbage| {
        let (out, _) = decoded(framing, new(), &garbage, &[7]);
        prop_assert!(!is_done(&out));
        Ok(())
    });
    broken.unwrap_or_else(|error| panic!("{error}"));
}

//! Writes an answer down as it passes, as far as it is not too long.

use bytes::{Bytes, BytesMut};

/// What passed so far.
#[derive(Debug)]
pub(crate) struct Recorder {
    bytes: BytesMut,
    /// Beyond it the answer is not kept, and nothing of it is.
    most: usize,
    is_too_long: bool,
}

impl Recorder {
    pub(crate) fn new(most: usize) -> Self {
        Self { bytes: BytesMut::new(), most, is_too_long: false }
    }

    /// This passed.
    pub(crate) fn add(&mut self, piece: &[u8]) {
        self.is_too_long |= self.bytes.len() + piece.len() > self.most;
        if self.is_too_long {
            self.bytes = BytesMut::new();
        } else {
            self.bytes.extend_from_slice(piece);
        }
    }

    /// It will not be kept.
    pub(crate) const fn is_too_long(&self) -> bool {
        self.is_too_long
    }

    /// All of it; none, if it was too long.
    pub(crate) fn finish(self) -> Option<Bytes> {
        (!self.is_too_long).then(|| self.bytes.freeze())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_long_is_not_kept_and_takes_no_room() {
        let mut recorder = Recorder::new(5);
        recorder.add(b"abc");
        recorder.add(b"de");
        let mut longer = Recorder::new(5);
        longer.add(b"abcdef");
        longer.add(b"g");
        assert_eq!(recorder.finish().as_deref(), Some(&b"abcde"[..]));
        assert!(longer.bytes.is_empty() && longer.finish().is_none());
    }
}

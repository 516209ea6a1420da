//! What does JSON say that comes in pieces, with the escapes of its texts read, and where does each character of that stand?

use super::document::quoted;
use std::ops::Range;

/// The longest escape: a pair of surrogates, `\ud83d\ude00`.
const LONGEST: usize = 12;

/// JSON, or any other text, as it is meant. Places are of the whole text, also where its beginning was forgotten.
#[derive(Debug, Default)]
pub(super) struct Unescaped {
    is_json: bool,
    /// What it says, from `base` on.
    text: String,
    base: usize,
    /// Where `text` begins as it was written.
    written: usize,
    /// Escapes that it was written with, in order.
    escapes: Vec<Escape>,
    /// The beginning of an escape that goes on.
    open: String,
    /// Whether `text` begins, and ends, within a text of JSON.
    begins_inside: bool,
    ends_inside: bool,
}

#[derive(Debug)]
struct Escape {
    says: Range<usize>,
    written: Range<usize>,
}

/// What an escape says, as far as it is there.
enum Read {
    Char(char),
    Open,
    /// It is none.
    Nothing,
}

impl Unescaped {
    /// `is_json`: escapes are read.
    pub(super) fn new(is_json: bool) -> Self {
        Self { is_json, ..Self::default() }
    }

    /// JSON that has come to its end.
    pub(super) fn whole(json: &str) -> Self {
        let mut whole = Self::new(true);
        whole.push(json);
        whole.end();
        whole
    }

    /// The next piece.
    pub(super) fn push(&mut self, piece: &str) {
        if !self.is_json {
            self.text.push_str(piece);
            return;
        }
        for c in piece.chars() {
            self.open.push(c);
            self.settle(false);
        }
    }

    /// Nothing else comes: an escape that is open is none.
    pub(super) fn end(&mut self) {
        while !self.open.is_empty() {
            self.settle(true);
        }
    }

    /// Reads what is open, if it can be read.
    fn settle(&mut self, is_end: bool) {
        while let Some(first) = self.open.chars().next() {
            if first != '\\' || !self.ends_inside {
                self.ends_inside ^= first == '"';
                self.text.push(first);
                self.open.drain(..first.len_utf8());
                continue;
            }
            match read(&self.open) {
                Read::Open if !is_end && self.open.len() < LONGEST => return,
                Read::Char(c) => {
                    let (from, length) = (self.base + self.text.len(), self.open.len());
                    let at = self.end_written();
                    self.text.push(c);
                    let written = at..at + length;
                    self.escapes.push(Escape { says: from..from + c.len_utf8(), written });
                    self.open.clear();
                }
                Read::Open | Read::Nothing => {
                    self.text.push(first);
                    self.open.drain(..first.len_utf8());
                }
            }
        }
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Where `text` begins in the whole of what it says.
    pub(super) const fn base(&self) -> usize {
        self.base
    }

    /// Where a place of the whole of what it says stands as it was written.
    pub(super) fn written(&self, at: usize) -> usize {
        let before = self.escapes.partition_point(|escape| escape.says.start < at);
        match before.checked_sub(1).map(|last| &self.escapes[last]) {
            Some(escape) => escape.written.end + at.saturating_sub(escape.says.end),
            None => self.written + (at - self.base),
        }
    }

    /// Where the text ends as it was written, without an escape that is open.
    fn end_written(&self) -> usize {
        self.written(self.base + self.text.len())
    }

    /// Forgets the text before a place in it, a boundary of characters.
    pub(super) fn forget(&mut self, up_to: usize) {
        let at = self.base + up_to;
        let written = self.written(at);
        self.begins_inside = self.is_inside(up_to);
        self.text.drain(..up_to);
        self.escapes.retain(|escape| escape.says.start >= at);
        (self.base, self.written) = (at, written);
    }

    /// A replacement as it has to be written at a place in the text.
    pub(super) fn replacement(&self, at: usize, text: &str) -> String {
        if !self.is_json {
            return text.to_owned();
        }
        let quoted = quoted(text);
        if self.is_inside(at) { quoted[1..quoted.len() - 1].to_owned() } else { quoted }
    }

    /// Whether a place in the text is within a text of JSON.
    fn is_inside(&self, at: usize) -> bool {
        let quotes = memchr::memchr_iter(b'"', &self.text.as_bytes()[..at]);
        let is_escaped =
            |quote: &usize| self.escapes.binary_search_by(|e| e.says.start.cmp(&(self.base + quote))).is_ok();
        self.begins_inside ^ (quotes.filter(|quote| !is_escaped(quote)).count() % 2 == 1)
    }
}

/// The escape that a text is.
fn read(text: &str) -> Read {
    let bytes = text.as_bytes();
    let Some(kind) = bytes.get(1) else { return Read::Open };
    let one = match kind {
        b'"' => '"',
        b'\\' => '\\',
        b'/' => '/',
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        b'u' => return unicode(bytes),
        _ => return Read::Nothing,
    };
    Read::Char(one)
}

/// `\u` and four digits, or a pair of them.
fn unicode(bytes: &[u8]) -> Read {
    let unit = |from: usize| {
        let digits = bytes.get(from..from + 4).and_then(|digits| std::str::from_utf8(digits).ok());
        digits.and_then(|digits| u32::from_str_radix(digits, 16).ok())
    };
    let is_open =
        |from: usize| bytes.len() < from + 4 && bytes[from.min(bytes.len())..].iter().all(u8::is_ascii_hexdigit);
    let Some(high) = unit(2) else { return if is_open(2) { Read::Open } else { Read::Nothing } };
    if !(0xd800..0xdc00).contains(&high) {
        return char::from_u32(high).map_or(Read::Nothing, Read::Char);
    }
    match bytes.get(6..8.min(bytes.len()).max(6)) {
        Some(b"" | b"\\") if bytes.len() < 8 => return Read::Open,
        Some(b"\\u") => {}
        _ => return Read::Nothing,
    }
    let Some(low) = unit(8) else { return if is_open(8) { Read::Open } else { Read::Nothing } };
    if !(0xdc00..0xe000).contains(&low) {
        return Read::Nothing;
    }
    char::from_u32(0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00)).map_or(Read::Nothing, Read::Char)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What it says, and its places, when it comes in pieces of these sizes.
    fn of(json: &str, sizes: &[usize]) -> Unescaped {
        let mut unescaped = Unescaped::new(true);
        let (mut rest, mut sizes) = (json, sizes.iter().copied().chain(std::iter::repeat(usize::MAX)));
        while !rest.is_empty() {
            let size = sizes.next().unwrap_or(usize::MAX).max(1);
            let at = rest.char_indices().nth(size).map_or(rest.len(), |(at, _)| at);
            unescaped.push(&rest[..at]);
            rest = &rest[at..];
        }
        unescaped.end();
        unescaped
    }

    #[test]
    fn escapes_are_read_and_their_places_known() {
        let json = r#"{"a":"x\u0040y\/\n\"é\ud83d\ude00!"}"#;
        let read = of(json, &[1; 64]);
        assert_eq!(read.text(), "{\"a\":\"x@y/\n\"é😀!\"}");
        let place = |what: &str| read.written(read.text().find(what).expect("it is there"));
        for (what, written) in
            [("@", r"\u0040"), ("y", "y"), ("/", r"\/"), ("é", "é"), ("😀", r"\ud83d\ude00"), ("!", "!")]
        {
            assert!(json[place(what)..].starts_with(written), "{what}");
        }
        assert_eq!(read.written(read.text().len()), json.len());
        assert_eq!(
            (read.replacement(0, "a\"b"), read.replacement(7, "a\"b")),
            ("\"a\\\"b\"".to_owned(), "a\\\"b".to_owned())
        );
    }

    #[test]
    fn what_is_no_escape_stands_as_it_is() {
        for json in [r#""\x""#, r#""\u12"#, r#""\ud83d x""#, r#""\ud83d\n""#, r#""\"#, r"\u0040", r#""\u00zz""#] {
            let read = of(json, &[1; 16]);
            assert_eq!(read.written(read.text().len()), json.len(), "{json}: {read:?}");
        }
        assert_eq!(of(r#""\ud83d\n""#, &[]).text(), "\"\\ud83d\n\"");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(500))]
        #[test]
        fn it_says_what_a_parser_reads_however_it_is_cut(
            text in "[a-z\"\\\\/é😀\n\u{1}]{0,24}", sizes in prop::collection::vec(1..5_usize, 0..64), forget in 0..8_usize,
        ) {
            let escaped: String = text.chars().map(|c| match c {
                'a' => "\\u0061".to_owned(),
                '😀' => "\\ud83d\\ude00".to_owned(),
                '/' => "\\/".to_owned(),
                c => { let q = quoted(&c.to_string()); q[1..q.len() - 1].to_owned() }
            }).collect();
            let json = format!("{{\"k\":\"{escaped}\"}}");
            prop_assert_eq!(&serde_json::from_str::<serde_json::Value>(&json).expect("JSON")["k"], &text);
            let mut read = of(&json, &sizes);
            let whole = format!("{{\"k\":\"{text}\"}}");
            prop_assert_eq!(read.text(), whole.as_str());
            let places: Vec<_> = whole.char_indices().map(|(at, _)| (at, read.written(at), read.is_inside(at))).collect();
            prop_assert!(places.windows(2).all(|pair| pair[0].1 < pair[1].1));
            let up_to = whole.char_indices().nth(forget).map_or(whole.len(), |(at, _)| at);
            read.forget(up_to);
            prop_assert_eq!(read.text(), &whole[up_to..]);
            for (at, written, inside) in places.into_iter().filter(|(at, ..)| *at >= up_to) {
                prop_assert_eq!((read.written(at), read.is_inside(at - up_to)), (written, inside));
            }
        }

        #[test]
        fn whatever_comes_is_read_to_its_end(text in "[\\\\u0-9a-dD\"x ]{0,40}", sizes in prop::collection::vec(1..5_usize, 0..64)) {
            let read = of(&text, &sizes);
            prop_assert_eq!(read.written(read.text().len()), text.len());
            let whole = of(&text, &[]);
            prop_assert_eq!(read.text(), whole.text());
        }
    }
}

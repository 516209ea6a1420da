//! What is left of a document that has trailing commas, raw line breaks, or no end?

/// Deeper than anything that is asked for, and less than the parser takes.
const MAX_DEPTH: usize = 64;

/// A document that a strict parser reads.
pub(super) struct Scan {
    pub text: String,
    /// Bytes of the original.
    pub used: usize,
}

/// The document that a text begins with. None: it is none.
pub(super) fn scan(text: &str) -> Option<Scan> {
    let mut scanner = Scanner { text, at: 0, out: String::with_capacity(text.len()), open: Vec::new() };
    match scanner.document() {
        Ok(()) => {}
        Err(Stop::Ended) => scanner.close(),
        Err(Stop::Wrong) => return None,
    }
    Some(Scan { used: scanner.at, text: scanner.out })
}

enum Stop {
    /// The text has no more.
    Ended,
    /// It says what no document says.
    Wrong,
}

struct Open {
    is_object: bool,
    /// How much of the output stands when what follows is not whole.
    whole: usize,
    is_empty: bool,
}

struct Scanner<'a> {
    text: &'a str,
    at: usize,
    out: String,
    open: Vec<Open>,
}

impl Scanner<'_> {
    fn document(&mut self) -> Result<(), Stop> {
        self.begin()?;
        while let Some(open) = self.open.last() {
            let (is_object, is_empty) = (open.is_object, open.is_empty);
            let comma = !is_empty && self.take(',')?;
            if self.take(if is_object { '}' } else { ']' })? {
                self.end();
                continue;
            }
            if !is_empty && !comma {
                return Err(Stop::Wrong);
            }
            if !is_empty {
                self.out.push(',');
            }
            if is_object {
                self.string()?;
                if !self.take(':')? {
                    return Err(Stop::Wrong);
                }
                self.out.push(':');
            }
            self.value()?;
        }
        Ok(())
    }

    fn value(&mut self) -> Result<(), Stop> {
        match self.peek()? {
            '{' | '[' => self.begin(),
            '"' => self.string().map(|()| self.item()),
            _ => self.scalar().map(|()| self.item()),
        }
    }

    fn begin(&mut self) -> Result<(), Stop> {
        let is_object = self.take('{')?;
        if !is_object && !self.take('[')? || self.open.len() >= MAX_DEPTH {
            return Err(Stop::Wrong);
        }
        self.out.push(if is_object { '{' } else { '[' });
        self.open.push(Open { is_object, whole: self.out.len(), is_empty: true });
        Ok(())
    }

    fn end(&mut self) {
        if let Some(open) = self.open.pop() {
            self.out.push(if open.is_object { '}' } else { ']' });
            self.item();
        }
    }

    /// An item of what is open is whole.
    fn item(&mut self) {
        let whole = self.out.len();
        if let Some(open) = self.open.last_mut() {
            (open.whole, open.is_empty) = (whole, false);
        }
    }

    fn string(&mut self) -> Result<(), Stop> {
        if !self.take('"')? {
            return Err(Stop::Wrong);
        }
        self.out.push('"');
        let mut is_escaped = false;
        while let Some(c) = self.text[self.at..].chars().next() {
            self.at += c.len_utf8();
            match c {
                '"' if !is_escaped => {
                    self.out.push('"');
                    return Ok(());
                }
                '\n' if !is_escaped => self.out.push_str("\\n"),
                '\t' if !is_escaped => self.out.push_str("\\t"),
                c if c < ' ' => self.out.push(' '),
                c => self.out.push(c),
            }
            is_escaped = c == '\\' && !is_escaped;
        }
        Err(Stop::Ended)
    }

    /// A number or a word. One that the text ends with may be the beginning of another.
    fn scalar(&mut self) -> Result<(), Stop> {
        let rest = &self.text[self.at..];
        let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
        let length = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
        let word = &rest[..length];
        let is_number = word.starts_with(|c: char| c == '-' || c.is_ascii_digit());
        let is_begun = ["true", "false", "null"].iter().any(|whole| whole.starts_with(word));
        if word.is_empty() || !is_number && !is_begun {
            return Err(Stop::Wrong);
        }
        if length == rest.len() {
            self.at = self.text.len();
            return Err(Stop::Ended);
        }
        self.at += length;
        self.out.push_str(word);
        Ok(())
    }

    fn peek(&mut self) -> Result<char, Stop> {
        let rest = &self.text[self.at..];
        let trimmed = rest.trim_start();
        self.at += rest.len() - trimmed.len();
        trimmed.chars().next().ok_or(Stop::Ended)
    }

    fn take(&mut self, wanted: char) -> Result<bool, Stop> {
        let is_there = self.peek()? == wanted;
        if is_there {
            self.at += wanted.len_utf8();
        }
        Ok(is_there)
    }

    /// Half an item of a list says something else than the whole of it: it goes, with all that is in it.
    fn close(&mut self) {
        let half = (1..self.open.len()).find(|n| self.open[*n].is_object && !self.open[*n - 1].is_object);
        self.open.truncate(half.unwrap_or(self.open.len()));
        if let Some(open) = self.open.last() {
            self.out.truncate(open.whole);
        }
        while let Some(open) = self.open.pop() {
            self.out.push(if open.is_object { '}' } else { ']' });
        }
    }
}

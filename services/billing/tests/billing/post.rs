//! A letter box: the folder into which the service writes letters, and what people find in it.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use tempfile::TempDir;

pub struct Post(TempDir);

/// A letter as it arrived.
#[derive(Clone, Debug)]
pub struct Arrived {
    pub id: String,
    pub to: String,
    pub subject: String,
    /// What is read by whoever reads no HTML, in one line.
    pub text: String,
    /// What comes with it: its name, and all of it.
    pub file: (String, Vec<u8>),
    /// As it came.
    pub raw: String,
}

impl Post {
    pub fn new() -> Self {
        Self(tempfile::tempdir().expect("a directory"))
    }

    pub fn mailer(&self) -> mail::Mailer {
        mail::Mailer::folder(&mail::Config::default(), self.folder()).expect("a folder")
    }

    /// From now on nothing arrives: there is a file where the folder was.
    pub fn lose(&self) {
        std::fs::remove_dir_all(self.folder()).ok();
        std::fs::write(self.folder(), "").expect("a file");
    }

    /// It is there again.
    pub fn find(&self) {
        std::fs::remove_file(self.folder()).expect("the file");
    }

    fn folder(&self) -> std::path::PathBuf {
        self.0.path().join("mail")
    }

    /// Takes out what has arrived, in the order of its subjects.
    pub fn read(&self) -> Vec<Arrived> {
        let Ok(folder) = std::fs::read_dir(self.folder()) else { return vec![] };
        let files = folder.flatten().map(|entry| entry.path());
        let read = |path: std::path::PathBuf| {
            let raw = std::fs::read_to_string(&path).expect("a letter");
            std::fs::remove_file(&path).expect("it was there");
            arrived(raw)
        };
        let whole = files.filter(|path| path.extension().is_some_and(|ending| ending == "eml"));
        let mut all: Vec<_> = whole.map(read).collect();
        all.sort_by(|a, b| a.subject.cmp(&b.subject));
        all
    }
}

fn arrived(raw: String) -> Arrived {
    let head = raw.split("\r\n\r\n").next().unwrap_or_default().replace("\r\n ", " ");
    let header = |name: &str| {
        let line = head.lines().find_map(|line| line.strip_prefix(&format!("{name}: ")));
        words(line.unwrap_or_default())
    };
    let (_, plain) = raw.split_once("Content-Type: text/plain; charset=utf-8\r\n").expect("a text");
    let (encoding, body) = plain.split_once("\r\n\r\n").expect("a text");
    let text = decoded(encoding, body.split("\r\n--").next().unwrap_or_default());
    let (_, file) = raw.split_once("Content-Disposition: attachment;").expect("a file");
    let (name, body) = file.split_once("\r\n\r\n").expect("a file");
    let name = name.split('"').nth(1).expect("a name").to_owned();
    let bytes = base64(body.split("\r\n--").next().unwrap_or_default());
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    Arrived { id: header("Message-ID"), to: header("To"), subject: header("Subject"), text, file: (name, bytes), raw }
}

fn base64(text: &str) -> Vec<u8> {
    STANDARD.decode(text.split_whitespace().collect::<String>()).expect("base64")
}

fn decoded(encoding: &str, body: &str) -> String {
    let bytes = match encoding.to_ascii_lowercase() {
        of if of.contains("base64") => base64(body),
        of if of.contains("quoted-printable") => quoted(&body.replace("=\r\n", "")),
        _ => body.as_bytes().to_vec(),
    };
    String::from_utf8(bytes).expect("UTF-8")
}

/// Quoted-printable (RFC 2045).
fn quoted(text: &str) -> Vec<u8> {
    let (mut out, mut bytes) = (vec![], text.bytes());
    while let Some(byte) = bytes.next() {
        let byte = match byte {
            b'=' => {
                let digits = [bytes.next().expect("a digit"), bytes.next().expect("a digit")];
                let digits = std::str::from_utf8(&digits).expect("digits");
                u8::from_str_radix(digits, 16).expect("digits")
            }
            other => other,
        };
        out.push(byte);
    }
    out
}

/// Encoded words (RFC 2047) as people read them: between two of them a space is none.
fn words(text: &str) -> String {
    let (mut out, mut was_encoded) = (String::new(), true);
    for part in text.split(' ') {
        let encoded = part.strip_prefix("=?utf-8?b?").and_then(|rest| rest.strip_suffix("?="));
        let is_joined = was_encoded && encoded.is_some();
        if !is_joined && !out.is_empty() {
            out.push(' ');
        }
        match encoded {
            Some(encoded) => out.push_str(&String::from_utf8(base64(encoded)).expect("UTF-8")),
            None => out.push_str(part),
        }
        was_encoded = encoded.is_some();
    }
    out
}

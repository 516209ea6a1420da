//! What does a form ask for? Sound to be transcribed comes as one (RFC 7578); the rest of it reaches the provider unseen.

use super::{
    recording,
    request::{Peek, Place, Slot, named},
    sound,
};
use crate::Error;
use memchr::memmem;
use proto::usage::Units;
use std::ops::Range;

/// Bytes of sound in a token: a second has about 16 KB and ten tokens. Only a guess is needed, until the provider counts.
const BYTES_PER_TOKEN: usize = 1600;
/// A form for this purpose has a dozen parts; beyond this somebody plays.
const MOST_PARTS: usize = 256;

/// A part of a form.
struct Part<'a> {
    name: &'a str,
    /// What a file is called where it comes from.
    file: Option<&'a str>,
    at: Range<usize>,
}

/// Reads a form. Errors: `MALFORMED_REQUEST`, and `INVALID_ARGUMENT` with the field.
pub(crate) fn peek(content_type: &str, body: &[u8]) -> Result<Peek, Error> {
    let parts = parts(content_type, body)?;
    let find = |name: &str| parts.iter().find(|part| part.name == name).map(|part| part.at.clone());
    let text = |name: &str| find(name).and_then(|at| std::str::from_utf8(&body[at]).ok()).map(str::trim);
    // Of two the provider could take the other one.
    for once in ["model", "file"] {
        if parts.iter().filter(|part| part.name == once).count() > 1 {
            return Err(Error::field(once, "is given twice"));
        }
    }
    let at = find("model").ok_or_else(|| Error::field("model", "is required"))?;
    let model = std::str::from_utf8(&body[at.clone()]).map_err(|_| Error::field("model", "must be a text"))?;
    let sound = parts.iter().find(|part| part.name == "file").ok_or_else(|| Error::field("file", "is required"))?;
    let file = sound.at.clone();
    recording::check(sound.file, &body[file.clone()]).map_err(|problem| Error::field("file", problem))?;
    let tokens = (file.len() / BYTES_PER_TOKEN).max(1) + text("prompt").map_or(0, |prompt| prompt.len() / 4);
    Ok(Peek {
        model: named(model.to_owned())?,
        model_at: Place::Text(at),
        stream: text("stream").is_some_and(|stream| stream.eq_ignore_ascii_case("true")),
        include_usage: true,
        usage_slot: Slot { at: 0..0, text: "" },
        max_output: None,
        choices: 1,
        input_estimate: i64::try_from(tokens).unwrap_or(i64::MAX),
        units: Units { audio_ms: sound::length_ms(&body[file]), estimated: true, ..Units::default() },
    })
}

/// Where the texts of a form stand that its client wrote: what the sound is about.
pub(crate) fn written(content_type: &str, body: &[u8]) -> Vec<Range<usize>> {
    let parts = parts(content_type, body).unwrap_or_default();
    let is_written = |part: &Part<'_>| part.name == "prompt" && std::str::from_utf8(&body[part.at.clone()]).is_ok();
    parts.into_iter().filter(is_written).map(|part| part.at).collect()
}

fn parts<'a>(content_type: &str, body: &'a [u8]) -> Result<Vec<Part<'a>>, Error> {
    let malformed = |what: &str| Error::Form(what.to_owned());
    let boundary = boundary(content_type).ok_or_else(|| malformed("its media type names no boundary"))?;
    let delimiter = format!("\r\n--{boundary}");
    // The first one stands at the very beginning, or after a preamble.
    let mut at = if body.starts_with(&delimiter.as_bytes()[2..]) {
        delimiter.len() - 2
    } else {
        memmem::find(body, delimiter.as_bytes()).ok_or_else(|| malformed("its boundary is not in it"))?
            + delimiter.len()
    };
    let mut parts = Vec::new();
    let finder = memmem::Finder::new(&delimiter);
    while !body[at..].starts_with(b"--") {
        let head = body[at..].windows(2).position(|pair| pair == b"\r\n").filter(|blanks| *blanks < 64);
        let head = at + head.ok_or_else(|| malformed("a boundary is no line of its own"))? + 2;
        let length = memmem::find(&body[head - 2..], b"\r\n\r\n").ok_or_else(|| malformed("a part has no end"))?;
        let from = head - 2 + length + 4;
        let until = from + finder.find(&body[from..]).ok_or_else(|| malformed("it has no end"))?;
        let (name, file) = name(&body[head..from]).ok_or_else(|| malformed("a part has no name"))?;
        parts.push(Part { name, file, at: from..until });
        if parts.len() > MOST_PARTS {
            return Err(malformed("it has too many parts"));
        }
        at = until + delimiter.len();
    }
    Ok(parts)
}

/// The boundary that a media type names.
fn boundary(content_type: &str) -> Option<&str> {
    let mut parameters = content_type.split(';').skip(1);
    let value = parameters.find_map(|parameter| {
        let (name, value) = parameter.trim().split_once('=')?;
        name.trim().eq_ignore_ascii_case("boundary").then(|| value.trim().trim_matches('"'))
    })?;
    (1..=70).contains(&value.len()).then_some(value)
}

/// The name of a part, and that of its file, from its headers.
fn name(head: &[u8]) -> Option<(&str, Option<&str>)> {
    let head = std::str::from_utf8(head).ok()?;
    let line = head
        .lines()
        .find(|line| line.get(..20).is_some_and(|name| name.eq_ignore_ascii_case("content-disposition:")))?;
    let value = |key: &str| {
        let mut parameters = line.split(';').skip(1);
        parameters.find_map(|parameter| parameter.trim().strip_prefix(key).map(|value| value.trim_matches('"')))
    };
    Some((value("name=")?, value("filename=")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::splice::{Changes, splice};
    use bytes::Bytes;

    const TYPE: &str = "multipart/form-data; boundary=\"xy\"";

    fn form(model: &str) -> Bytes {
        let part =
            |name: &str, value: &str| format!("--xy\r\nContent-Disposition: form-data; name=\"{name}\"{value}\r\n");
        let file =
            part("file", "; filename=\"a.wav\"\r\nContent-Type: audio/wav\r\n\r\nRIFF\0\0\0\0WAVE\r\n--x\0model");
        let body =
            [part("model", &format!("\r\n\r\n{model}")), part("stream", "\r\n\r\ntrue"), file, "--xy--\r\n".into()];
        body.concat().into()
    }

    #[test]
    fn the_model_is_found_and_only_it_changes() {
        let body = form("one/whisper-1");
        let peek = peek(TYPE, &body).expect("a form");
        assert_eq!((peek.model.as_str(), peek.stream), ("one/whisper-1", true));
        let changes = Changes { model: Some("whisper-1"), include_usage: false };
        assert_eq!(splice(&body, &peek, changes), form("whisper-1"));
    }

    #[test]
    fn what_is_no_form_is_refused_without_a_panic() {
        let whole = form("m");
        for end in 0..whole.len() - 4 {
            assert!(peek(TYPE, &whole[..end]).is_err(), "{end}");
        }
        assert!(peek("multipart/form-data", &whole).is_err());
        let text =
            |from: &str, to: &str| Bytes::from(String::from_utf8(whole.to_vec()).expect("text").replace(from, to));
        for other in
            [text("RIFF", "<svg"), text("a.wav", "a.exe"), text("a.wav", "a.mp3"), text("\"stream\"", "\"file\"")]
        {
            assert!(peek(TYPE, &other).is_err(), "{other:?}");
        }
        assert!(peek("multipart/form-data; boundary=", &whole).is_err());
    }
}

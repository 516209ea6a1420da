//! Is an exported trail whole and unchanged? Found out from the file alone, without the installation that wrote it.

use super::{
    chain::{self, BEGINNING, Entry, Hash},
    head::Head,
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::value::RawValue;
use std::io::{self, BufRead};

/// The first line of an export for verification.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct First {
    head: HeadLine,
}

/// Where the chain ended when it was exported.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct HeadLine {
    /// `ws_…`
    pub workspace_id: String,
    /// The place of the last entry.
    pub seq: i64,
    /// Its digest, in hexadecimal digits.
    pub hash: String,
    /// When it was written.
    pub at: DateTime<Utc>,
    /// Ed25519, in hexadecimal digits.
    pub signature: String,
    /// With which it is checked.
    pub public_key: String,
}

/// Every other line.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Line {
    id: String,
    created_at: DateTime<Utc>,
    actor: String,
    action: String,
    subject: String,
    request_id: Option<String>,
    details: Box<RawValue>,
    source: String,
    seq: Option<i64>,
    hash: Option<String>,
}

/// What is known from elsewhere. The less it is, the less is shown.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// The key of the installation. Without it, the one in the file counts: whoever can write another file can write another key.
    pub public_key: Option<String>,
    /// The head of an earlier export: the trail has to go on from there. Without it, an old export passes for a new one.
    pub earlier: Option<HeadLine>,
    /// The key of that export, if the master key was replaced since.
    pub earlier_key: Option<String>,
}

/// What is wrong with a file.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The file cannot be read.
    #[error("the file cannot be read")]
    Read(#[from] io::Error),
    /// It does not begin with a head.
    #[error("the file does not begin with a head: export the whole trail, without a filter, with format=jsonl")]
    NoHead,
    /// A line is not as exports write them, byte for byte.
    #[error("line {0} is not as it was written")]
    Altered(u64),
    /// An entry is missing, stands twice, or stands elsewhere.
    #[error("line {line} should hold the entry {expected}: an entry was taken out, put in or moved")]
    Order {
        /// Counted from 1.
        line: u64,
        /// The place that the chain goes on with.
        expected: i64,
    },
    /// An entry does not follow from the one before.
    #[error("line {0} does not follow from the line before: one of them was changed")]
    Broken(u64),
    /// An entry without a place.
    #[error("line {0} is not chained yet: an earlier release wrote it; export again in an hour")]
    Unchained(u64),
    /// It ends too early.
    #[error("the file ends with the entry {found}, and its head says {expected}: the end was cut off")]
    Short {
        /// The last place in the file.
        found: i64,
        /// What the head says.
        expected: i64,
    },
    /// The last entry is another one than the head says.
    #[error("the last entry is not the one that the head names")]
    OtherEnd,
    /// Nobody with the key has signed the head.
    #[error("the head is not signed with the key {0}")]
    Unsigned(String),
    /// The trail does not go on from an earlier one.
    #[error(
        "the trail does not go on from the earlier export, which ended with the entry {0}: it was cut off or rewritten since"
    )]
    Rewritten(i64),
    /// The earlier export is of another workspace.
    #[error("the earlier export is of another workspace")]
    OtherWorkspace,
}

/// Reads the head of an export, for [`Known::earlier`]. Errors: [`Fault::NoHead`], [`Fault::Altered`], [`Fault::Read`].
pub fn head(input: &mut impl BufRead) -> Result<HeadLine, Fault> {
    let Some(line) = next(input, 1)? else { return Err(Fault::NoHead) };
    if !line.starts_with(b"{\"head\":") {
        return Err(Fault::NoHead);
    }
    exact::<First>(&line, 1).map(|first| first.head)
}

/// Goes on if every byte of the file is what was exported, and it is all of it. Gives its head. Errors: the first thing that is
/// wrong.
pub fn verify(mut input: impl BufRead, known: &Known) -> Result<HeadLine, Fault> {
    let first = head(&mut input)?;
    let key = known.public_key.as_ref().unwrap_or(&first.public_key);
    let signed = signed_by(&first, key).ok_or_else(|| Fault::Unsigned(key.clone()))?;
    let earlier = known.earlier.as_ref();
    if earlier.is_some_and(|earlier| earlier.workspace_id != first.workspace_id) {
        return Err(Fault::OtherWorkspace);
    }
    if let Some(earlier) = earlier {
        let key = known.earlier_key.as_ref().unwrap_or(key);
        signed_by(earlier, key).ok_or_else(|| Fault::Unsigned(key.clone()))?;
    }
    let (mut before, mut seq, mut number) = (BEGINNING, 0, 1);
    let mut goes_on = earlier.is_none_or(|earlier| earlier.seq == 0);
    loop {
        number += 1;
        let Some(bytes) = next(&mut input, number)? else { break };
        let line: Line = exact(&bytes, number)?;
        let place = line.seq.ok_or(Fault::Unchained(number))?;
        seq += 1;
        if place != seq {
            return Err(Fault::Order { line: number, expected: seq });
        }
        before = digest(&before, &first.workspace_id, &line);
        let hash = hex::encode(before);
        if line.hash.as_ref() != Some(&hash) {
            return Err(Fault::Broken(number));
        }
        goes_on |= earlier.is_some_and(|earlier| earlier.seq == seq && earlier.hash == hash);
    }
    if seq != signed.seq {
        return Err(Fault::Short { found: seq, expected: signed.seq });
    }
    if before != signed.hash {
        return Err(Fault::OtherEnd);
    }
    match earlier {
        Some(earlier) if !goes_on => Err(Fault::Rewritten(earlier.seq)),
        _ => Ok(first),
    }
}

/// The head, if the owner of this key has signed it. Capital letters are another way to write its digits, and a change.
fn signed_by(line: &HeadLine, public_key: &str) -> Option<Head> {
    let hash: Hash = hex::decode(&line.hash).ok()?.try_into().ok()?;
    let (signature, key) = (hex::decode(&line.signature).ok()?, hex::decode(public_key.trim()).ok()?);
    let head = Head { workspace: line.workspace_id.clone(), seq: line.seq, hash, at: line.at.timestamp_micros() };
    let as_written = [&line.hash, &line.signature, &line.public_key].map(String::as_str)
        == [hex::encode(hash), hex::encode(&signature), hex::encode(&key)].each_ref().map(String::as_str);
    (as_written && head.is_signed(&signature, &key)).then_some(head)
}

fn digest(before: &Hash, workspace: &str, line: &Line) -> Hash {
    let entry = Entry {
        workspace,
        seq: line.seq.unwrap_or_default(),
        id: &line.id,
        at: line.created_at.timestamp_micros(),
        actor: &line.actor,
        action: &line.action,
        subject: &line.subject,
        request_id: line.request_id.as_deref().unwrap_or_default(),
        details: line.details.get(),
        source: &line.source,
    };
    chain::digest(before, &entry)
}

/// The next line without its end; None after the last. Errors: one that does not end.
fn next(input: &mut impl BufRead, number: u64) -> Result<Option<Vec<u8>>, Fault> {
    let mut line = vec![];
    if input.read_until(b'\n', &mut line)? == 0 {
        return Ok(None);
    }
    match line.pop() {
        Some(b'\n') => Ok(Some(line)),
        _ => Err(Fault::Altered(number)),
    }
}

/// A line that is written exactly as we would write it: another way to write the same is a change, too.
fn exact<T: Serialize + DeserializeOwned>(bytes: &[u8], number: u64) -> Result<T, Fault> {
    let read: T = serde_json::from_slice(bytes).map_err(|_| Fault::Altered(number))?;
    match serde_json::to_vec(&read) {
        Ok(written) if written == bytes => Ok(read),
        _ => Err(Fault::Altered(number)),
    }
}

#[cfg(test)]
mod tests;

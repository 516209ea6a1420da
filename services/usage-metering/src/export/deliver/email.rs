//! Sends a file to members of the workspace: attached, or as a link where it is too large for that.

use super::Ended;
use crate::{
    Error,
    export::{
        ExportRow, cap,
        destination::{Email, Recipient},
        letter::{self, Enclosed, Post},
        link,
    },
    peers::{Member, Sought},
    service::Inner,
};
use proto::identity::find_person_request::By;
use std::collections::BTreeMap;
use store::{Sql, WorkspaceTx, sql};

const NOTE: Sql = sql!("export/note_letters");

/// Why somebody gets no letter; empty for whoever got it.
type Told = BTreeMap<String, String>;

/// What became of one letter.
enum Sent {
    Left,
    /// It never will, and why.
    Never(&'static str),
    /// The whole try ends here.
    Stop(Ended),
}

/// Sends each of them their letter, once: whoever got it in an earlier try is passed over. Errors: what the workspace can do
/// nothing about.
pub(super) async fn send(inner: &Inner, email: &Email, row: &ExportRow) -> Result<Ended, Error> {
    let post = inner.exports.post.as_ref().ok_or(Error::NoMail)?;
    let workspace = post.peers.workspace_name(&inner.ids, row.workspace_id).await?;
    let file = file(inner, row).await?;
    let mut told: Told = serde_json::from_str(&row.letters).unwrap_or_default();
    for recipient in &email.to {
        if told.contains_key(&recipient.user) {
            continue;
        }
        let why = match one(inner, post, row, &workspace, file.as_deref(), recipient).await? {
            Sent::Left => "",
            Sent::Never(why) => why,
            Sent::Stop(ended) => return Ok(ended),
        };
        told.insert(recipient.user.clone(), why.to_owned());
        if !note(inner, row, &told).await? {
            return Ok(Ended::Lost);
        }
    }
    Ok(outcome(email, &told))
}

async fn one(
    inner: &Inner,
    post: &Post,
    row: &ExportRow,
    workspace: &str,
    file: Option<&[u8]>,
    recipient: &Recipient,
) -> Result<Sent, Error> {
    let Some(member) = member(inner, post, row, recipient).await? else {
        return Ok(Sent::Never("is no member any more with a confirmed address who may read it"));
    };
    let enclosed = match file {
        Some(bytes) => Enclosed::Attached(bytes.to_vec()),
        None => match link::address(&inner.exports, post, row, member.user) {
            Some(link) if row.expires_at > Some(inner.clock.now()) => Enclosed::Linked(link),
            _ => {
                let why =
                    "the file is too large for a letter, and is not kept for a link (usage.retention.exports_days)";
                return Ok(Sent::Stop(Ended::GivenUp(why.to_owned())));
            }
        },
    };
    if !cap::take(inner, row.workspace_id).await? {
        let why = format!("the workspace has sent the {} letters that it may on a day", inner.config.letters.per_day);
        return Ok(Sent::Stop(Ended::Postponed(cap::tomorrow(inner.clock.now()), why)));
    }
    let mail = letter::write(&inner.exports, row, workspace, &member, enclosed)?;
    Ok(match post.letters.mailer.send(&mail).await {
        Ok(()) => Sent::Left,
        Err(error @ mail::Error::Never(_)) => {
            tracing::warn!(export = %row.id, workspace = %row.workspace_id, %error, "a letter was refused");
            Sent::Never("is refused by the mail server")
        }
        Err(error) => {
            tracing::warn!(export = %row.id, workspace = %row.workspace_id, %error, "a letter did not leave");
            Sent::Stop(Ended::Failed("the mail server takes no letters now".to_owned()))
        }
    })
}

/// The recipient, if they may still read it. Errors: a service is away.
async fn member(inner: &Inner, post: &Post, row: &ExportRow, to: &Recipient) -> Result<Option<Member>, Error> {
    let Some(kind) = letter::kind(row) else { return Ok(None) };
    let (may, confirmed) = (kind.permission(), post.letters.mailer.is_smtp());
    let sought = Sought { by: By::UserId(to.user.clone()), workspace: row.workspace_id, may, confirmed };
    post.peers.member(&inner.ids, sought).await
}

/// Its bytes, if they fit into a letter. Errors: they cannot be read.
async fn file(inner: &Inner, row: &ExportRow) -> Result<Option<Vec<u8>>, Error> {
    let most = inner.config.letters.attachment_max_bytes;
    let Ok(length) = usize::try_from(row.byte_count) else { return Ok(None) };
    if row.byte_count.unsigned_abs() > most {
        return Ok(None);
    }
    let (mut reader, mut bytes) = (inner.exports.place.read(row).await?, Vec::with_capacity(length));
    while let Some(piece) = reader.next().await? {
        bytes.extend_from_slice(&piece);
    }
    if bytes.len() == length { Ok(Some(bytes)) } else { Err(Error::ExportGone) }
}

/// False: somebody else delivers it by now. Errors: the database failed.
async fn note(inner: &Inner, row: &ExportRow, told: &Told) -> Result<bool, Error> {
    let text = serde_json::to_string(told).expect("texts are JSON");
    let mut tx = WorkspaceTx::begin(&inner.db, row.workspace_id).await?;
    let values = [row.workspace_id.into(), row.id.into(), row.delivery_tries.into(), text.into()];
    let noted = tx.execute(NOTE, &values).await? > 0;
    tx.commit().await?;
    Ok(noted)
}

/// Delivered if anybody got it; whoever did not is named.
fn outcome(email: &Email, told: &Told) -> Ended {
    let why = |to: &Recipient| told.get(&to.user).filter(|why| !why.is_empty());
    let (left, not): (Vec<_>, Vec<_>) = email.to.iter().partition(|to| why(to).is_none());
    let addresses: Vec<_> = left.iter().map(|to| to.address.as_str()).collect();
    let failures: Vec<_> = not.iter().filter_map(|to| Some(format!("{} {}", to.address, why(to)?))).collect();
    if left.is_empty() {
        return Ended::GivenUp(failures.join("; "));
    }
    Ended::Delivered { location: format!("mailto:{}", addresses.join(",")), beside: failures.join("; ") }
}

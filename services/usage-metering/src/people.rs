//! Follows identity: of a person who was erased no address is kept beside the exports that went to them.

use crate::{Error, Usage, export::destination::Destination, service::Inner};
use host::{Tasks, feed::Tail};
use proto::{
    Call, Role,
    feed::{Event, WatchRequest},
    id::{ExportId, RequestId, ScheduleId, UserId, WorkspaceId},
    identity::Identity,
};
use std::sync::Arc;
use store::{SystemTx, Tx, position, sql};

/// Whose feed it is, in `feed_positions`.
const SOURCE: &str = "identity";

store::row! {
    struct Sent {
        workspace_id: WorkspaceId,
        id: ExportId,
        destination: String,
        delivered_to: String,
        delivery_error: String,
    }
}

store::row! {
    struct Scheduled {
        workspace_id: WorkspaceId,
        id: ScheduleId,
        destination: String,
        error: String,
    }
}

impl Usage {
    /// Follows the feed of identity from where it stopped. `identity` is called by [`proto::Role::UsageMetering`].
    pub fn follow_people(&self, identity: Identity, tasks: &Tasks) {
        let (reader, writer) = (Arc::clone(&self.inner), Arc::clone(&self.inner));
        let open = move |after| {
            let (inner, identity) = (Arc::clone(&reader), identity.clone());
            async move {
                let after = position::start(&inner.db, SOURCE, after).await.map_err(Error::from)?;
                let call = Call::service(Role::UsageMetering, RequestId::from_uuid(inner.ids.uuid()));
                identity.watch(&call, WatchRequest { after: Some(after) }).await
            }
        };
        let apply = move |event| {
            let inner = Arc::clone(&writer);
            async move { Ok(apply(&inner, event).await?) }
        };
        Tail::start("people that go", open, apply, tasks);
    }
}

/// Their id stands where their address was: what was sent to whom stays as it is told.
async fn apply(inner: &Inner, event: Event) -> Result<(), Error> {
    if event.kind != "user.erased" {
        return Ok(position::pass(&inner.db, SOURCE, event.position).await?);
    }
    let mut tx = SystemTx::begin(&inner.db, "forget a person").await?;
    match event.subject.parse::<UserId>() {
        Ok(person) => forget(&mut tx, &person.to_string()).await?,
        Err(_) => tracing::warn!(position = event.position, "event of a person cannot be read, skipped"),
    }
    position::advance(&mut tx, SOURCE, event.position).await?;
    Ok(tx.commit().await?)
}

async fn forget(tx: &mut Tx, person: &str) -> Result<(), Error> {
    let named = [format!("%{person}%").into()];
    let sent: Vec<Sent> = tx.fetch_all(sql!("export/of_person"), &named).await?;
    for Sent { workspace_id, id, destination, delivered_to, delivery_error } in sent {
        let Some((destination, address)) = without(&destination, person) else { continue };
        let told = replaced(&delivered_to, &address, person);
        let failed = replaced(&delivery_error, &address, person);
        let values = [workspace_id.into(), id.into(), destination.into(), told.into(), failed.into()];
        tx.execute(sql!("export/forget_person"), &values).await?;
    }
    let scheduled: Vec<Scheduled> = tx.fetch_all(sql!("export_schedule/of_person"), &named).await?;
    for Scheduled { workspace_id, id, destination, error } in scheduled {
        let Some((destination, address)) = without(&destination, person) else { continue };
        let values = [workspace_id.into(), id.into(), destination.into(), replaced(&error, &address, person).into()];
        tx.execute(sql!("export_schedule/forget_person"), &values).await?;
    }
    Ok(())
}

/// The destination with the id in the place of the address, and that address. None: they are not in it, or it is none that
/// this release knows.
fn without(destination: &str, person: &str) -> Option<(String, String)> {
    let Ok(Destination::Email(mut email)) = Destination::parse(destination) else { return None };
    let recipient = email.to.iter_mut().find(|recipient| recipient.user == person)?;
    let address = std::mem::replace(&mut recipient.address, person.to_owned());
    Some((Destination::Email(email).to_text(), address))
}

/// `text` with `to` for every `from` that is a whole address: `ana@example.com` is none in `mariana@example.com`.
fn replaced(text: &str, from: &str, to: &str) -> String {
    let goes_on = |c: char| c.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.@".contains(c);
    let (mut done, mut rest) = (String::new(), text);
    while let Some(at) = rest.find(from) {
        let (before, after) = (&rest[..at], &rest[at + from.len()..]);
        // A sentence may end after it.
        let next = after.trim_start_matches('.');
        let ends = after.starts_with(". ") || !next.starts_with(goes_on);
        let is_whole = ends && !before.ends_with(goes_on);
        done += before;
        done += if is_whole { to } else { from };
        rest = after;
    }
    done + rest
}

#[cfg(test)]
mod tests {
    use super::replaced;

    #[test]
    fn only_whole_addresses_are_replaced() {
        let cases = [
            ("mailto:ana@x.org", "mailto:usr_1"),
            ("mailto:ana@x.org,mariana@x.org", "mailto:usr_1,mariana@x.org"),
            ("mailto:mariana@x.org,ana@x.org", "mailto:mariana@x.org,usr_1"),
            ("ana@x.org.br: no such person; ana@x.org: full", "ana@x.org.br: no such person; usr_1: full"),
            ("nobody takes letters for ana@x.org.", "nobody takes letters for usr_1."),
            ("", ""),
        ];
        for (text, expected) in cases {
            assert_eq!(replaced(text, "ana@x.org", "usr_1"), expected, "{text}");
        }
    }
}

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
        return Ok(());
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
        let told = delivered_to.replace(&address, person);
        let failed = delivery_error.replace(&address, person);
        let values = [workspace_id.into(), id.into(), destination.into(), told.into(), failed.into()];
        tx.execute(sql!("export/forget_person"), &values).await?;
    }
    let scheduled: Vec<Scheduled> = tx.fetch_all(sql!("export_schedule/of_person"), &named).await?;
    for Scheduled { workspace_id, id, destination, error } in scheduled {
        let Some((destination, address)) = without(&destination, person) else { continue };
        let values = [workspace_id.into(), id.into(), destination.into(), error.replace(&address, person).into()];
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

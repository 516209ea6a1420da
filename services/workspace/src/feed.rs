//! The feeds that this service serves and follows.

use crate::{
    Workspace,
    audit::keep,
    error::Error,
    people,
    webhook::tell::{News, tell},
    workspace::plan,
};
use host::{Tasks, feed::Tail};
use proto::{
    Call, Role,
    billing::Billing,
    feed::{Event, WatchRequest, WatchResponse},
    id::{EventId, RequestId, WorkspaceId},
    identity::Identity,
    time,
    usage::Usage,
};
use store::{Db, GlobalTx, SystemTx, outbox::Feed, position, sql};
use tonic::{Status, codegen::BoxStream};

/// Whose feed it is, in `feed_positions` and `audit_events`.
const IDENTITY: &str = "identity";
/// The same feed, for those who were erased: the release before passes that by without knowing what it says.
const ENDS: &str = "identity.ends";
const BILLING: &str = "billing";
const USAGE: &str = "usage-metering";
const OWN: &str = "workspace";
/// What is told to services, and is nothing that anybody did: what it follows from is in the trail.
const UNTRAILED: [&str; 2] = ["credits.changed", "workspace.roles_changed"];

/// Serves the outbox of this service to all who watch.
pub(crate) fn serve(db: Db, tasks: &Tasks) -> Feed {
    Feed::start(db, tasks.stopping(), &tasks.tracker())
}

/// Keeps what an earlier release of this service has reported, which did not write its trail with the change itself. What
/// this one reports is there already.
pub(crate) fn follow_own(service: &Workspace, tasks: &Tasks) {
    let (reader, writer) = (service.clone(), service.clone());
    let open = move |after| {
        let service = reader.clone();
        async move {
            let after = start(&service, OWN, after).await?;
            Ok(service.outbox.watch(Some(after)))
        }
    };
    let apply = move |event| {
        let service = writer.clone();
        async move { Ok(apply(&service, OWN, event).await?) }
    };
    Tail::start("workspace audit", open, apply, tasks);
}

/// Keeps what identity reports, and who people are.
pub(crate) fn follow_identity(service: &Workspace, identity: Identity, tasks: &Tasks) {
    let watch = move |call: Call, request| {
        let identity = identity.clone();
        async move { identity.watch(&call, request).await }
    };
    follow(service, IDENTITY, "identity's people", watch.clone(), tasks);
    follow(service, ENDS, "people who are erased", watch, tasks);
}

/// Keeps what billing reports, and which plan each workspace is on.
pub(crate) fn follow_billing(service: &Workspace, billing: Billing, tasks: &Tasks) {
    let watch = move |call: Call, request| {
        let billing = billing.clone();
        async move { billing.watch(&call, request).await }
    };
    follow(service, BILLING, "billing's subscriptions", watch, tasks);
}

/// Tells webhooks what usage-metering reports. Nobody has done it, so the trail has nothing of it.
pub(crate) fn follow_usage(service: &Workspace, usage: Usage, tasks: &Tasks) {
    let watch = move |call: Call, request| {
        let usage = usage.clone();
        async move { usage.watch(&call, request).await }
    };
    follow(service, USAGE, "usage-metering's warnings", watch, tasks);
}

fn follow<W>(
    service: &Workspace,
    source: &'static str,
    name: &'static str,
    watch: impl Fn(Call, WatchRequest) -> W + Clone + Send + Sync + 'static,
    tasks: &Tasks,
) where
    W: Future<Output = Result<BoxStream<WatchResponse>, Status>> + Send,
{
    let (reader, writer) = (service.clone(), service.clone());
    let open = move |after| {
        let (service, watch) = (reader.clone(), watch.clone());
        async move {
            let after = start(&service, source, after).await?;
            let call = Call::service(Role::Workspace, RequestId::from_uuid(service.ids.uuid()));
            watch(call, WatchRequest { after: Some(after) }).await
        }
    };
    let apply = move |event| {
        let service = writer.clone();
        async move { Ok(apply(&service, source, event).await?) }
    };
    Tail::start(name, open, apply, tasks);
}

/// After which position to go on: where this process is, or else where an earlier one stopped.
async fn start(service: &Workspace, source: &'static str, after: Option<i64>) -> Result<i64, Error> {
    if source == BILLING && after.is_none() {
        // The release before did not keep what plans allow.
        let mut tx = GlobalTx::read(&service.db).await?;
        let (any_plans,): (bool,) = tx.fetch_one(sql!("plan/any"), &[]).await?;
        if !any_plans {
            return Ok(0);
        }
    }
    Ok(position::start(&service.db, source, after).await?)
}

/// Who is late tells of a workspace that is gone: its trail is, too. One that is there stays until the transaction ends.
async fn is_there(tx: &mut SystemTx, event: &Event) -> Result<bool, Error> {
    let Ok(workspace) = event.workspace_id.parse::<WorkspaceId>() else { return Ok(true) };
    let found: Option<(WorkspaceId,)> = tx.fetch_optional(sql!(pair "workspace/hold"), &[workspace.into()]).await?;
    Ok(found.is_some())
}

/// Applies one event and remembers that it was, together.
async fn apply(service: &Workspace, source: &'static str, event: Event) -> Result<(), Error> {
    if source == ENDS {
        return end_of_person(service, &event).await;
    }
    let of_person = source == IDENTITY && matches!(event.kind.as_str(), "user.created" | "user.updated");
    // Sessions come and go by the thousand: what leaves no trace here shall cost no write.
    let of_plan = source == BILLING && plan::is_published(&event);
    if event.workspace_id.is_empty() && !of_person && !of_plan {
        return Ok(position::pass(&service.db, source, event.position).await?);
    }
    let mut tx = SystemTx::begin(&service.db, "audit trail of all workspaces").await?;
    if of_person {
        people::learn(&mut tx, &event.subject, &event.payload, event.position).await?;
    }
    // Positions only rise: what another replica has applied is not applied again after what came later.
    let is_new = position::advance(&mut tx, source, event.position).await?;
    if of_plan {
        // It has a position of its own: a replica of the release before may have passed this one without knowing what it says.
        plan::published(&mut tx, &event).await?;
    } else if is_new && source == BILLING {
        plan::follow(service, &mut tx, &event).await?;
    }
    if source == USAGE && !is_act_of_usage(&event.kind) {
        if is_new && is_there(&mut tx, &event).await? {
            tell_webhooks(service, &mut tx, &event).await?;
        }
        tx.commit().await?;
        return Ok(());
    }
    if !UNTRAILED.contains(&event.kind.as_str()) && is_there(&mut tx, &event).await? {
        keep::keep(service, &mut tx, source, event).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// What somebody did there, in contrast to what is noticed about what was used.
fn is_act_of_usage(kind: &str) -> bool {
    ["export.", "export_schedule.", "prices."].iter().any(|family| kind.starts_with(family))
}

/// May be repeated: the position is kept only when all of it is done.
async fn end_of_person(service: &Workspace, event: &Event) -> Result<(), Error> {
    if event.kind != "user.erased" {
        return Ok(position::pass(&service.db, ENDS, event.position).await?);
    }
    people::forget(service, event).await?;
    Ok(position::keep(&service.db, ENDS, event.position).await?)
}

/// One that cannot be read is skipped: waiting for it would hold up everything that comes after.
async fn tell_webhooks(service: &Workspace, tx: &mut SystemTx, event: &Event) -> Result<(), Error> {
    let (Ok(id), Ok(workspace)) = (event.id.parse::<EventId>(), event.workspace_id.parse::<WorkspaceId>()) else {
        tracing::warn!(position = event.position, "event of usage-metering cannot be read, skipped");
        return Ok(());
    };
    let news = News {
        id,
        action: &event.kind,
        at: event.at.and_then(time::from_proto).unwrap_or_else(|| service.clock.now()),
        actor: &event.actor,
        subject: &event.subject,
        details: &event.payload,
    };
    tell(service, tx, workspace, &news).await
}

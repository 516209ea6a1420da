//! How new versions of plans come about.

use super::{Document, current, validate};
use crate::{Billing, Error};
use chrono::{DateTime, Utc};
use proto::{
    Call, Role,
    billing::{Plan, PublishPlansRequest, PublishPlansResponse},
    entitlement,
    id::{EventId, RequestId},
};
use serde_json::json;
use store::{GlobalTx, outbox, platform_audit, sql};

const SETTINGS: &str = "settings";
const OPERATOR: &str = "operator";
/// The form in which others hear of plans: a higher number has them told again.
const TOLD: i64 = 1;

/// What an operator publishes; without plans, what the configuration says. Errors: [`Error::Refused`],
/// [`Error::Raced`].
pub(crate) async fn publish(
    service: &Billing,
    call: &Call,
    request: PublishPlansRequest,
) -> Result<PublishPlansResponse, Error> {
    let source = if request.plans.is_empty() { SETTINGS } else { OPERATOR };
    let plans: Vec<Document> = match source {
        SETTINGS => service.plans.to_vec(),
        _ => request.plans.into_iter().map(Document::from).collect(),
    };
    validate::check(&plans)?;
    let mut tx = GlobalTx::begin(&service.db).await?;
    let mut answer = PublishPlansResponse::default();
    for plan in plans {
        let name = plan.name.clone();
        if version(service, call, &mut tx, plan, source).await? {
            answer.published.push(name.clone());
        }
        answer.plans.extend(current::newest(&mut tx, &name).await?.map(|kept| kept.plan));
    }
    tx.commit().await?;
    Ok(answer)
}

/// What the configuration says, at the start: where an operator has published something, that counts.
pub(crate) async fn seed(service: &Billing) -> Result<(), Error> {
    let call = Call::service(Role::Billing, RequestId::from_uuid(service.ids.uuid()));
    let mut tx = GlobalTx::begin(&service.db).await?;
    for plan in service.plans.iter() {
        let newest = current::newest(&mut tx, &plan.name).await?;
        if newest.is_none_or(|newest| newest.source == SETTINGS) {
            version(service, &call, &mut tx, plan.clone(), SETTINGS).await?;
        }
    }
    tell_again(service, &call, &mut tx).await?;
    tx.commit().await?;
    Ok(())
}

/// Of several processes that start at once one does so.
async fn tell_again(service: &Billing, call: &Call, tx: &mut GlobalTx) -> Result<(), Error> {
    for kept in current::all(tx).await? {
        let values = [kept.plan.name.as_str().into(), kept.plan.version.into(), TOLD.into()];
        if tx.execute(sql!("plan/told"), &values).await? > 0 {
            tx.emit(&published(service, call, &kept.plan, service.clock.now()));
        }
    }
    Ok(())
}

/// Makes it a new version, if it differs from the newest one. Errors: [`Error::Raced`].
async fn version(
    service: &Billing,
    call: &Call,
    tx: &mut GlobalTx,
    plan: Document,
    source: &'static str,
) -> Result<bool, Error> {
    let newest = current::newest(tx, &plan.name).await?;
    let (digest, now) = (plan.digest(), service.clock.now());
    if newest.as_ref().is_some_and(|newest| newest.digest == digest && newest.source == source) {
        return Ok(false);
    }
    let number = newest.map_or(1, |newest| newest.plan.version.saturating_add(1));
    let data = json!(plan);
    let values =
        [plan.name.as_str().into(), number.into(), source.into(), digest.into(), data.into(), now.into(), TOLD.into()];
    if tx.execute(sql!("plan/insert"), &values).await? == 0 {
        return Err(Error::Raced);
    }
    platform_audit::record(tx, &published(service, call, &Plan { version: number, ..plan.into() }, now)).await?;
    Ok(true)
}

/// What others follow: what the plan allows.
fn published(service: &Billing, call: &Call, plan: &Plan, now: DateTime<Utc>) -> outbox::Event {
    let id = EventId::from_uuid(service.ids.uuid());
    outbox::Event {
        payload: json!({
            "name": plan.name, "version": plan.version, "entitlements": entitlement::write_all(&plan.entitlements),
            "scaled_entitlements": plan.scaled_entitlements,
        }),
        workspace: None,
        ..outbox::Event::of(call, id, now, "plan.published", &plan.name)
    }
}

//! The one way in which a workspace comes to be: with its owner, its data key and its events, or not at all.

use crate::{Workspace, audit::record::Record, credential::data_key, error::Error, member::add, member::roles::Role};
use proto::{
    Call,
    id::{UserId, WorkspaceId},
};
use serde_json::json;
use store::{WorkspaceTx, sql};

/// What a new workspace is.
pub(super) struct Charter {
    pub(super) id: WorkspaceId,
    pub(super) owner: UserId,
    pub(super) name: String,
    pub(super) currency: String,
    pub(super) time_zone: String,
    pub(super) locale: String,
}

/// Creates it. False: a workspace with this id exists, and nothing was changed.
pub(super) async fn found(
    service: &Workspace,
    tx: &mut WorkspaceTx,
    call: &Call,
    charter: Charter,
) -> Result<bool, Error> {
    let Charter { id, owner, name, currency, time_zone, locale } = charter;
    let event = Record {
        kind: "workspace.created",
        subject: id.to_string(),
        payload: json!({
            "name": name,
            "plan": service.config.default_plan,
            "currency": currency,
            "time_zone": time_zone,
            "locale": locale,
        }),
    };
    let now = service.clock.now();
    let values = [
        id.into(),
        owner.into(),
        name.into(),
        service.config.default_plan.as_str().into(),
        currency.into(),
        time_zone.into(),
        locale.into(),
        now.into(),
    ];
    if tx.execute(sql!("workspace/insert"), &values).await? == 0 {
        return Ok(false);
    }
    data_key::create(service, tx).await?;
    event.emit(service, tx, call, &owner.to_string()).await?;
    add::add(service, tx, call, owner, Role::Owner.as_str()).await?;
    Ok(true)
}

//! A mandate as the database keeps it, and as clients see it.

use crate::{
    Billing, Error,
    customer::lock,
    payment::{self, Agreed, Instructions, MandateStatus},
};
use chrono::{DateTime, Utc};
use proto::{
    Call,
    billing::Mandate,
    id::{EventId, MandateId, WorkspaceId},
    time::to_proto,
};
use serde_json::{Value, json};
use store::{WorkspaceTx, outbox, sql};

store::row! {
    #[derive(Clone, Debug)]
    pub(super) struct Row {
        pub mandate_id: MandateId,
        pub provider: String,
        pub reference: Option<String>,
        pub status: String,
        pub currency: String,
        pub billing_interval: String,
        pub first_at: DateTime<Utc>,
        pub instructions: Value,
        pub created_at: DateTime<Utc>,
    }
}

impl Row {
    /// Whether something is, or may be, taken by it.
    pub fn is_live(&self) -> bool {
        self.status != MandateStatus::Ended.as_str()
    }

    /// Since when it has been asked for, where nobody has allowed it yet.
    pub fn asked_since(&self) -> Option<DateTime<Utc>> {
        Some(self.created_at).filter(|_| self.status == MandateStatus::Pending.as_str())
    }

    /// What the provider says of it.
    pub fn agreed(self, agreed: &Agreed) -> Self {
        Self {
            reference: Some(agreed.reference.clone()),
            status: agreed.status.as_str().to_owned(),
            instructions: json!(agreed.instructions),
            ..self
        }
    }

    pub fn shown(self) -> Mandate {
        let instructions: Instructions = serde_json::from_value(self.instructions).unwrap_or_default();
        let is_pending = self.status == MandateStatus::Pending.as_str();
        Mandate {
            id: self.mandate_id.to_string(),
            provider: self.provider,
            status: self.status,
            interval: self.billing_interval,
            currency: self.currency,
            // Who has allowed it needs it no more.
            pix_copy_paste: instructions.pix_copy_paste.filter(|_| is_pending).unwrap_or_default(),
            created_at: Some(to_proto(self.created_at)),
        }
    }
}

pub(super) async fn newest(tx: &mut WorkspaceTx) -> Result<Option<Row>, Error> {
    let values = [tx.workspace().into()];
    Ok(tx.fetch_optional(sql!("mandate/newest"), &values).await?)
}

pub(super) async fn one(tx: &mut WorkspaceTx, id: MandateId) -> Result<Option<Row>, Error> {
    let values = [tx.workspace().into(), id.into()];
    Ok(tx.fetch_optional(sql!("mandate/get"), &values).await?)
}

/// Writes down what the provider says of it, and when it is asked next; what is there afterwards. What has ended stays so. `known`: the
/// reference that was kept when the provider was asked; where that is another one by now, what is kept stays.
pub(super) async fn keep(
    service: &Billing,
    call: &Call,
    workspace: WorkspaceId,
    row: &Row,
    known: Option<&str>,
    look_at: Option<DateTime<Utc>>,
) -> Result<Row, Error> {
    let mut tx = WorkspaceTx::begin(&service.db, workspace).await?;
    lock(service, &mut tx).await?;
    let before = one(&mut tx, row.mandate_id).await?.map(|before| before.status);
    let values = [
        workspace.into(),
        row.mandate_id.into(),
        row.reference.clone().into(),
        row.status.as_str().into(),
        row.instructions.clone().into(),
        look_at.into(),
        known.into(),
    ];
    let is_kept = tx.execute(sql!("mandate/looked"), &values).await? > 0;
    if is_kept && !row.is_live() {
        // What was ordered by it is taken back, as far as that can be done still.
        payment::hurry_taken(service, &mut tx, None).await?;
    }
    if is_kept && before.is_some_and(|before| before != row.status) {
        tell(service, call, &mut tx, row);
    }
    let kept = one(&mut tx, row.mandate_id).await?.ok_or(Error::NoMandate)?;
    tx.commit().await?;
    Ok(kept)
}

/// Who asked for it, and who has allowed or ended it, is in the trail.
pub(super) fn tell(service: &Billing, call: &Call, tx: &mut WorkspaceTx, row: &Row) {
    let (workspace, id) = (tx.workspace(), EventId::from_uuid(service.ids.uuid()));
    let event = outbox::Event::of(call, id, service.clock.now(), "mandate.changed", row.mandate_id);
    let payload = json!({ "status": row.status, "provider": row.provider, "interval": row.billing_interval });
    tx.emit(&outbox::Event { workspace: Some(workspace), payload, ..event });
}

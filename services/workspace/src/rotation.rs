//! What depends on the master key here, and how does it come to depend on another?

use crate::{
    audit::head::{Head, Signer},
    credential::data_key,
    error::Error,
    platform,
};
use chrono::{DateTime, Utc};
use proto::id::{ProviderId, WorkspaceId};
use store::{
    Db, SystemTx, Value, replay,
    seal::{
        MasterKey,
        rotate::{Column, Part},
    },
    sql,
};

/// Columns that the master key seals. What providers of workspaces are called with and what was answered is sealed by the data keys of
/// workspaces, which are in one of them.
pub const SEALED: [Column; 3] = [
    Column { table: "data_keys", name: "wrapped", key: &[("workspace_id", Part::Uuid)], place: of_data_key },
    Column {
        table: "platform_providers",
        name: "sealed_key",
        key: &[("provider_id", Part::Uuid)],
        place: of_platform_provider,
    },
    replay::sealed(|key| replay::place_of("workspace", key)),
];

store::row! {
    struct HeadRow {
        workspace_id: WorkspaceId,
        seq: i64,
        hash: Vec<u8>,
        at: DateTime<Utc>,
        signature: Vec<u8>,
    }
}

/// Ends of audit trails that were signed with a key of the ring, and of them those that were not signed with its first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Heads {
    /// All of them.
    pub signed: u64,
    /// With a key that was replaced.
    pub before: u64,
}

/// Signs the end of each trail with the first key of the ring that another of its keys has signed; with `dry_run` it counts
/// them only. Nobody else's signature is replaced. Errors: the database failed.
pub async fn sign_heads_again(db: &Db, ring: &MasterKey, dry_run: bool) -> Result<Heads, Error> {
    let signer = Signer::new(ring);
    let (mut heads, mut after) = (Heads::default(), None::<WorkspaceId>);
    loop {
        let mut tx = if dry_run {
            SystemTx::read(db, "count who signed the ends of audit trails").await?
        } else {
            SystemTx::begin(db, "sign the ends of audit trails again").await?
        };
        let rows: Vec<HeadRow> = tx.fetch_all(sql!("audit/heads"), &[after.into()]).await?;
        let Some(last) = rows.last() else { return Ok(heads) };
        after = Some(last.workspace_id);
        for row in &rows {
            let Some((head, key)) = row.head().and_then(|head| {
                let key = signer.key_of(&head, &row.signature)?.to_vec();
                Some((head, key))
            }) else {
                continue;
            };
            heads.signed += 1;
            if key == signer.public_key() {
                continue;
            }
            heads.before += 1;
            if !dry_run {
                // Whoever has gone on with the trail since has signed it.
                let values = [row.workspace_id.into(), row.signature.clone().into(), signer.sign(&head).into()];
                tx.execute(sql!("audit/sign_again"), &values).await?;
            }
        }
        tx.commit().await?;
    }
}

impl HeadRow {
    fn head(&self) -> Option<Head> {
        let hash = self.hash.as_slice().try_into().ok()?;
        Some(Head { workspace: self.workspace_id.to_string(), seq: self.seq, hash, at: self.at.timestamp_micros() })
    }
}

fn of_data_key(key: &[Value]) -> Vec<u8> {
    match key {
        [Value::Uuid(Some(workspace))] => data_key::place(WorkspaceId::from_uuid(*workspace)),
        _ => vec![],
    }
}

fn of_platform_provider(key: &[Value]) -> Vec<u8> {
    match key {
        [Value::Uuid(Some(provider))] => platform::seal::place(ProviderId::from_uuid(*provider)),
        _ => vec![],
    }
}

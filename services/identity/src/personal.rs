//! Everything that this service keeps of a person, for themselves, and no secret. Answers `ExportMe`.

use crate::{Error, Parts};
use chrono::{DateTime, Utc};
use proto::{
    Call,
    id::{IdentityId, KeyId, PasskeyId, SessionId, UserId, WorkspaceId},
    identity as pb,
};
use serde::{Serialize, Serializer};
use std::fmt::Display;
use store::{GlobalTx, SystemTx};

store::row! {
    #[derive(Serialize)]
    struct Session {
        #[serde(serialize_with = "shown")]
        id: SessionId,
        user_agent: Option<String>,
        address: Option<String>,
        created_at: DateTime<Utc>,
        last_used_at: DateTime<Utc>,
        expires_at: DateTime<Utc>,
        ended_at: Option<DateTime<Utc>>,
        end_reason: Option<String>,
    }
}

store::row! {
    #[derive(Serialize)]
    struct Key {
        #[serde(serialize_with = "shown")]
        id: KeyId,
        #[serde(serialize_with = "shown")]
        workspace_id: WorkspaceId,
        prefix: String,
        name: String,
        created_at: DateTime<Utc>,
        expires_at: Option<DateTime<Utc>>,
        revoked_at: Option<DateTime<Utc>>,
        last_used_at: Option<DateTime<Utc>>,
    }
}

store::row! {
    #[derive(Serialize)]
    struct Linked {
        #[serde(serialize_with = "shown")]
        id: IdentityId,
        provider: String,
        issuer: String,
        email: Option<String>,
        created_at: DateTime<Utc>,
        last_used_at: Option<DateTime<Utc>>,
    }
}

store::row! {
    /// Whom the provider of a workspace has let in.
    #[derive(Serialize)]
    struct LetIn {
        #[serde(serialize_with = "shown")]
        workspace_id: WorkspaceId,
        issuer: String,
        subject: String,
        email: String,
        created_at: DateTime<Utc>,
        last_used_at: DateTime<Utc>,
    }
}

store::row! {
    #[derive(Serialize)]
    struct Device {
        #[serde(serialize_with = "shown")]
        id: PasskeyId,
        name: String,
        aaguid: String,
        created_at: DateTime<Utc>,
        last_used_at: Option<DateTime<Utc>>,
    }
}

store::row! {
    /// An operator who acted for them.
    #[derive(Serialize)]
    struct Acted {
        #[serde(serialize_with = "shown")]
        operator_id: UserId,
        reason: String,
        may_write: bool,
        created_at: DateTime<Utc>,
        expires_at: DateTime<Utc>,
        ended_at: Option<DateTime<Utc>>,
    }
}

store::row! {
    /// What the directory of a workspace says of them.
    #[derive(Serialize)]
    struct InDirectory {
        #[serde(serialize_with = "shown")]
        workspace_id: WorkspaceId,
        user_name: String,
        external_id: String,
        display_name: String,
        formatted_name: String,
        given_name: String,
        family_name: String,
        emails: serde_json::Value,
        active: bool,
        role: String,
        created_at: DateTime<Utc>,
        updated_at: DateTime<Utc>,
    }
}

store::row! {
    #[derive(Serialize)]
    struct Letter {
        kind: String,
        recipient: String,
        expires_at: DateTime<Utc>,
    }
}

/// The account itself, memberships and consents have rpcs of their own.
pub(crate) async fn export(parts: &Parts, call: &Call) -> Result<pb::ExportMeResponse, Error> {
    let (id, _) = call.user().map_err(Error::caller)?;
    let mut tx = GlobalTx::read(&parts.db).await?;
    let account: Option<(String,)> = tx.fetch_optional(store::sql!("user/address"), &[id.into()]).await?;
    let (address,) = account.ok_or(Error::SessionEnded)?;
    let sessions: Vec<Session> = tx.fetch_all(store::sql!("session/of_person"), &[id.into()]).await?;
    let linked: Vec<Linked> = tx.fetch_all(store::sql!("user_identity/list"), &[id.into()]).await?;
    let passkeys: Vec<Device> = tx.fetch_all(store::sql!("passkey/list"), &[id.into()]).await?;
    let acted: Vec<Acted> = tx.fetch_all(store::sql!("impersonation/of_person"), &[id.into()]).await?;
    let letters: Vec<Letter> = tx.fetch_all(store::sql!("mail/of_person"), &[id.into(), address.into()]).await?;
    tx.commit().await?;
    let mut records = vec![];
    write(&mut records, "session", &sessions)?;
    write(&mut records, "linked_identity", &linked)?;
    write(&mut records, "passkey", &passkeys)?;
    write(&mut records, "impersonation", &acted)?;
    let (keys, let_in) = of_workspaces(parts, id).await?;
    write(&mut records, "api_key", &keys)?;
    write(&mut records, "single_sign_on", &let_in)?;
    write(&mut records, "directory_user", &directories(parts, id).await?)?;
    write(&mut records, "letter", &letters)?;
    Ok(pb::ExportMeResponse { records })
}

/// What workspaces have of them.
async fn of_workspaces(parts: &Parts, person: UserId) -> Result<(Vec<Key>, Vec<LetIn>), Error> {
    let mut tx = SystemTx::read(&parts.db, "what workspaces have of a person").await?;
    let keys = tx.fetch_all(store::sql!("api_key/of_person"), &[person.into()]).await?;
    let let_in = tx.fetch_all(store::sql!("sso_identity/of_person"), &[person.into()]).await?;
    tx.commit().await?;
    Ok((keys, let_in))
}

async fn directories(parts: &Parts, person: UserId) -> Result<Vec<InDirectory>, Error> {
    let mut tx = SystemTx::read(&parts.db, "what directories say of a person").await?;
    let all = tx.fetch_all(store::sql!("directory/of_person"), &[person.into()]).await?;
    tx.commit().await?;
    Ok(all)
}

/// Ids, as everybody sees them.
fn shown<S: Serializer>(id: &impl Display, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(id)
}

fn write<T: Serialize>(records: &mut Vec<pb::PersonalRecord>, kind: &str, all: &[T]) -> Result<(), Error> {
    for one in all {
        let data_json = serde_json::to_string(one).map_err(|why| Error::Internal(format!("a {kind}: {why}")))?;
        records.push(pb::PersonalRecord { kind: kind.to_owned(), data_json });
    }
    Ok(())
}

//! What is kept of somebody whom a directory has.

use super::said::Said;
use crate::{Error, Parts};
use chrono::{DateTime, TimeDelta, Utc};
use proto::{
    Call, Scopes,
    id::{UserId, WorkspaceId},
    identity as pb, time,
};
use serde_json::{Value, json};
use store::{WorkspaceTx, sql};

/// Upkeep leaves a membership alone for so long: the request is at it.
const GRACE: TimeDelta = TimeDelta::seconds(10);

store::row! {
    #[derive(Clone, Debug)]
    pub(super) struct Entry {
        pub(super) workspace_id: WorkspaceId,
        pub(super) user_id: UserId,
        user_name: String,
        external_id: String,
        display_name: String,
        formatted_name: String,
        given_name: String,
        family_name: String,
        emails: Value,
        pub(super) active: bool,
        pub(super) role: String,
        /// What they were when the directory ended their membership.
        pub(super) role_before: String,
        /// Whether the account was made for the directory.
        pub(super) made_account: bool,
        pub(super) version: i64,
        /// The membership is not yet what is said.
        pub(super) pending: bool,
        /// What was said before it was pending.
        pub(super) undo: Option<Value>,
        /// What whoever asked for it may do.
        pub(super) asked_scopes: Value,
        created_at: DateTime<Utc>,
        updated_at: DateTime<Utc>,
        deleted_at: Option<DateTime<Utc>>,
    }
}

/// How a row is changed.
pub(super) struct Change<'a> {
    /// None: the directory has them no more, and nothing of what it said is kept.
    pub(super) said: Option<&'a Said>,
    /// What is put back if it cannot be done; None: nothing was said before, or it is done.
    pub(super) undo: Option<Value>,
    pub(super) pending: bool,
    /// What may be done of what follows.
    pub(super) scopes: Scopes,
}

impl Entry {
    /// Whether the directory has them.
    pub(super) fn is_there(&self) -> bool {
        self.deleted_at.is_none()
    }

    /// Whether they are to be a member.
    pub(super) fn is_member(&self) -> bool {
        self.active && self.is_there()
    }

    pub(super) fn said(&self) -> Result<Said, Error> {
        let emails = serde_json::from_value(self.emails.clone());
        Ok(Said {
            user_name: self.user_name.clone(),
            external_id: self.external_id.clone(),
            display_name: self.display_name.clone(),
            formatted_name: self.formatted_name.clone(),
            given_name: self.given_name.clone(),
            family_name: self.family_name.clone(),
            emails: emails.map_err(|why| Error::Internal(format!("addresses of a directory: {why}")))?,
            active: self.active,
            role: self.role.clone(),
        })
    }

    /// What stands again if a change of this cannot be done: what was said before the first of those that are not done yet.
    pub(super) fn as_undo(&self) -> Result<Option<Value>, Error> {
        if self.pending { Ok(self.undo.clone()) } else { Ok(Some(json!(self.said()?))) }
    }

    pub(super) fn scopes(&self) -> Vec<String> {
        let names = self.asked_scopes.as_array().into_iter().flatten();
        names.filter_map(|name| name.as_str().map(str::to_owned)).collect()
    }

    /// The role that was said last and is given: none that nobody has looked at yet.
    pub(super) fn role_of_now(&self) -> String {
        if !self.pending {
            return self.role.clone();
        }
        let before = self.undo.as_ref().and_then(|said| said.get("role")).and_then(Value::as_str);
        before.unwrap_or_default().to_owned()
    }

    /// What whoever asked for what is not done yet may do.
    pub(super) fn asked(&self) -> Scopes {
        Scopes::parse(self.scopes().iter().map(String::as_str))
    }

    /// What is done of a change by this caller as well: where something else is not done yet, no more than whoever asked for that might have
    /// had done, as it is done along with the change.
    pub(super) fn asked_with(&self, call: &Call) -> Scopes {
        if self.pending { self.asked().intersection(call.scopes) } else { call.scopes }
    }

    pub(super) fn to_proto(&self) -> Result<pb::DirectoryUser, Error> {
        Ok(pb::DirectoryUser {
            user_id: self.user_id.to_string(),
            profile: Some(self.said()?.to_proto()),
            version: self.version,
            created_at: Some(time::to_proto(self.created_at)),
            updated_at: Some(time::to_proto(self.updated_at)),
        })
    }
}

/// Of whom there is a row, the directory may have them or not; nobody else changes it until the transaction ends.
pub(super) async fn lock(tx: &mut WorkspaceTx, person: UserId) -> Result<Option<Entry>, Error> {
    let values = [tx.workspace().into(), person.into()];
    Ok(tx.fetch_optional(sql!("directory/lock"), &values).await?)
}

/// Makes a row, or one that was deleted come back; its membership is pending. Whether it did: the directory may have them.
pub(super) async fn insert(
    tx: &mut WorkspaceTx,
    parts: &Parts,
    call: &Call,
    person: UserId,
    (said, made_account): (&Said, bool),
) -> Result<bool, Error> {
    let now = parts.clock.now();
    let workspace = tx.workspace();
    let mut values = vec![workspace.into(), person.into()];
    values.extend(texts(said));
    values.extend([json!(call.scopes.names()).into(), (now + GRACE).into(), made_account.into(), now.into()]);
    Ok(tx.execute(sql!("directory/insert"), &values).await? > 0)
}

/// Changes a row, and its version.
pub(super) async fn write(
    tx: &mut WorkspaceTx,
    parts: &Parts,
    person: UserId,
    change: Change<'_>,
) -> Result<(), Error> {
    let (now, workspace) = (parts.clock.now(), tx.workspace());
    let nothing = Said::default();
    let mut values = vec![workspace.into(), person.into()];
    values.extend(texts(change.said.unwrap_or(&nothing)));
    values.extend([
        json!(change.scopes.names()).into(),
        (now + GRACE).into(),
        change.pending.into(),
        change.undo.into(),
        now.into(),
        change.said.is_none().then_some(now).into(),
    ]);
    tx.execute(sql!("directory/write"), &values).await?;
    Ok(())
}

fn texts(said: &Said) -> [store::Value; 9] {
    [
        said.user_name.as_str().into(),
        said.external_id.as_str().into(),
        said.display_name.as_str().into(),
        said.formatted_name.as_str().into(),
        said.given_name.as_str().into(),
        said.family_name.as_str().into(),
        json!(said.emails).into(),
        said.active.into(),
        said.role.as_str().into(),
    ]
}

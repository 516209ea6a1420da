//! Operators who act for somebody: with a reason, for half an hour at most, and seen by that person.
//!
//! It is a session of the person, so that whatever ends those ends it, and the person finds it among theirs; but one without a
//! refresh token, and of which it is written who opened it. It stands on the operator's role, session and second factor: the
//! signature of its token says who, and each of these is looked at when somebody asks whether the token holds.
//! What may be done with it is in the proto (`(perpetuo.auth)`), and decided where permissions are.

pub(crate) mod end;
pub(crate) mod list;
pub(crate) mod live;
pub(crate) mod start;
pub(crate) mod sweep;

use crate::Error;
use chrono::{DateTime, TimeDelta, Utc};
use proto::{
    id::{SessionId, UserId, WorkspaceId},
    identity as pb,
};
use std::collections::HashMap;
use store::Tx;

/// The longest, and what is given to whoever asks for nothing else.
const LONGEST: TimeDelta = TimeDelta::minutes(30);

store::row! {
    /// Somebody who acts for somebody, now or earlier.
    #[derive(Clone, Debug)]
    pub(crate) struct Impersonation {
        pub(crate) id: SessionId,
        pub(crate) operator_id: UserId,
        pub(crate) operator_session_id: SessionId,
        pub(crate) user_id: UserId,
        pub(crate) workspace_id: Option<WorkspaceId>,
        pub(crate) reason: String,
        pub(crate) may_write: bool,
        pub(crate) created_at: DateTime<Utc>,
        pub(crate) expires_at: DateTime<Utc>,
        pub(crate) ended_at: Option<DateTime<Utc>>,
        pub(crate) end_reason: Option<String>,
    }
}

impl Impersonation {
    /// As operators and the person see it.
    pub(crate) fn to_proto(&self) -> pb::Impersonation {
        pb::Impersonation {
            id: self.id.to_string(),
            operator_id: self.operator_id.to_string(),
            user_id: self.user_id.to_string(),
            workspace_id: self.workspace_id.map(String::from).unwrap_or_default(),
            reason: self.reason.clone(),
            write: self.may_write,
            created_at: Some(proto::time::to_proto(self.created_at)),
            expires_at: Some(proto::time::to_proto(self.expires_at)),
            ended_at: self.ended_at.map(proto::time::to_proto),
            end_reason: self.end_reason.clone().unwrap_or_default(),
        }
    }
}

/// Those that have not ended of which somebody is the person, by their sessions.
pub(crate) async fn of_user(tx: &mut Tx, user: UserId) -> Result<HashMap<SessionId, Impersonation>, Error> {
    let all: Vec<Impersonation> = tx.fetch_all(store::sql!("impersonation/live_of_user"), &[user.into()]).await?;
    Ok(all.into_iter().map(|one| (one.id, one)).collect())
}

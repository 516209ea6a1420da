//! Exchanges a refresh token for a new pair, once.
//!
//! The row of a session knows the generation that works now. Its token is spent by raising the generation, in one
//! conditional update: of many who try at once one succeeds. Who comes with the generation just before (a client that
//! lost the answer, a second tab) gets the same successor again, which can be derived, for half a minute and only until
//! that successor is spent. Anything older is a copy in other hands: the session ends.

use super::{
    Found, Session,
    answer::{self, Answer},
    end, find,
};
use crate::{
    Error, Parts,
    sso::enforce::{self, Way},
    token::refresh_token::RefreshToken,
    user::memberships,
};
use chrono::TimeDelta;
use proto::{Call, id::WorkspaceId, identity as pb};
use store::GlobalTx;

/// How long a spent token repeats its successor.
const REPEAT: TimeDelta = TimeDelta::seconds(30);

/// What a token is worth.
#[derive(Debug, PartialEq, Eq)]
enum Worth {
    /// It works now.
    Current,
    /// It was spent a moment ago, and its successor was not used yet.
    JustSpent,
    /// It was spent.
    Spent,
    /// The database has never heard of its generation: it was restored from a backup.
    FromTheFuture,
}

/// Answers `Refresh`.
pub(crate) async fn refresh(parts: &Parts, call: &Call, request: pb::RefreshRequest) -> Result<Answer, Error> {
    let token = RefreshToken::parse(&request.refresh_token).ok_or(Error::TokenInvalid)?;
    let mut found = find(parts, token.session).await?.ok_or(Error::TokenInvalid)?;
    let secret = found.secret(&parts.sealer)?;
    // Nobody was given one of a session in which an operator acts for somebody.
    if !token.is_of(&secret) || found.impersonator_id.is_some() {
        return Err(Error::TokenInvalid);
    }
    accept(parts, call, &found, token.generation).await?;
    // Before the token is spent: if the workspace service is away, nothing has happened.
    let all = memberships::of(parts, call, found.user_id).await?;
    may_go_on(parts, call, &found, &all).await?;
    let workspace = memberships::choose(&all, found.workspace_id);
    let workspace_id = workspace.as_ref().and_then(|w| w.workspace_id.parse().ok());
    while accept(parts, call, &found, token.generation).await? == Worth::Current {
        if spend(parts, call, &found, workspace_id).await? {
            break;
        }
        // Somebody else spent it, or the session ended, since we looked.
        found = find(parts, token.session).await?.ok_or(Error::SessionEnded)?;
    }
    let has_mfa = found.mfa_at.is_some();
    let session = Session { id: found.id, secret, generation: token.generation + 1, has_mfa };
    answer::answer(parts, &found.user(), workspace, &session).await
}

/// Ends the session of somebody who has to come in another way by now.
pub(super) async fn may_go_on(parts: &Parts, call: &Call, found: &Found, all: &[pb::Membership]) -> Result<(), Error> {
    let way = Way { connection: found.sso_connection_id, has_mfa: found.mfa_at.is_some() };
    enforce::may_go_on(parts, call, (&found.user(), all), way, found.id).await
}

/// Goes on with a token that may be answered. A replay ends the session here.
async fn accept(parts: &Parts, call: &Call, found: &Found, generation: i64) -> Result<Worth, Error> {
    found.check(parts)?;
    match worth(generation, found.generation, parts.clock.now() - found.rotated_at) {
        Worth::FromTheFuture => Err(Error::TokenInvalid),
        Worth::Spent => {
            end::end(parts, call, found.id, found.user_id, "refresh_reused").await?;
            tracing::warn!(user_id = %found.user_id, session_id = %found.id, "a spent refresh token was used again");
            Err(Error::RefreshReused)
        }
        worth => Ok(worth),
    }
}

fn worth(generation: i64, current: i64, since_rotation: TimeDelta) -> Worth {
    match current - generation {
        0 => Worth::Current,
        1 if since_rotation <= REPEAT => Worth::JustSpent,
        1.. => Worth::Spent,
        _ => Worth::FromTheFuture,
    }
}

/// Whether it was us who raised the generation.
async fn spend(parts: &Parts, call: &Call, found: &Found, workspace: Option<WorkspaceId>) -> Result<bool, Error> {
    let mut tx = GlobalTx::begin(&parts.db).await?;
    let address = call.client.map(|address| address.to_string());
    let values = [found.id.into(), found.generation.into(), parts.clock.now().into(), workspace.into(), address.into()];
    let changed = tx.execute(store::sql!("session/rotate"), &values).await?;
    tx.commit().await?;
    Ok(changed > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_last_spent_token_repeats_and_only_for_half_a_minute() {
        let after = |seconds| TimeDelta::seconds(seconds);
        assert_eq!(worth(5, 5, after(1_000_000)), Worth::Current);
        assert_eq!(worth(4, 5, after(30)), Worth::JustSpent);
        assert_eq!(worth(4, 5, after(31)), Worth::Spent);
        assert_eq!(worth(3, 5, after(0)), Worth::Spent);
        assert_eq!(worth(6, 5, after(0)), Worth::FromTheFuture);
    }
}

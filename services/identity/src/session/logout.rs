//! Ends the session of the access token, of the refresh token, or all of that person's.

use super::{end, find};
use crate::{Error, Parts, mfa, token::refresh_token::RefreshToken};
use proto::{
    Call, Principal,
    id::{SessionId, UserId},
    identity as pb,
};

const REASON: &str = "logout";

/// Answers `Logout`. A refresh token that is not known, or whose session has ended, is as good as logged out.
pub(crate) async fn logout(
    parts: &Parts,
    call: &Call,
    request: pb::LogoutRequest,
) -> Result<pb::LogoutResponse, Error> {
    let by_access = match call.principal {
        Principal::User { id, session } => Some((id, session)),
        Principal::Anonymous | Principal::Key { .. } | Principal::Service(_) => None,
    };
    if by_access.is_none() && request.refresh_token.is_empty() {
        return Err(Error::NoCredential);
    }
    if call.impersonation.is_some() {
        // Whoever acts for somebody stops doing so, and ends nothing of that person's own.
        if let Some((user, session)) = by_access {
            end::end(parts, call, session, user, REASON).await?;
        }
        return Ok(pb::LogoutResponse {});
    }
    let by_refresh = holder(parts, &request.refresh_token).await?;
    for (user, session) in by_access.into_iter().chain(by_refresh) {
        if request.all {
            // As for any single one (`EndSession`).
            mfa::signed_in_just_now(parts, session).await?;
            end::end_all(parts, call, user, REASON).await?;
        } else {
            end::end(parts, call, session, user, REASON).await?;
        }
    }
    Ok(pb::LogoutResponse {})
}

/// Whose live session a refresh token is of. A spent one will do: it was theirs.
async fn holder(parts: &Parts, token: &str) -> Result<Option<(UserId, SessionId)>, Error> {
    let Some(token) = RefreshToken::parse(token) else { return Ok(None) };
    let Some(found) = find(parts, token.session).await? else { return Ok(None) };
    let known = token.is_of(&found.secret(&parts.sealer)?) && found.check(parts).is_ok();
    Ok(known.then_some((found.user_id, found.id)))
}

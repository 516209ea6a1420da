//! Who presents this access token? Answers `ResolveToken`.

use super::verify;
use crate::{Error, Parts, impersonation, mfa, session};
use chrono::DateTime;
use proto::{PlatformRole, identity as pb};

/// The signature says who; the session says whether they are still logged in. Doors keep the answer, and hear of the
/// end of a session through the feed.
pub(crate) async fn resolve(
    parts: &Parts,
    request: pb::ResolveTokenRequest,
) -> Result<pb::ResolveTokenResponse, Error> {
    let claims = verify::verify(parts, &request.access_token).await?;
    let session_id = claims.sid.parse().map_err(|_| Error::TokenInvalid)?;
    let found = session::find(parts, session_id).await?.ok_or(Error::SessionEnded)?;
    if found.user_id.to_string() != claims.sub {
        return Err(Error::TokenInvalid);
    }
    found.check(parts).map_err(|_| Error::SessionEnded)?;
    let acting = impersonation::live::of(parts, &found).await?;
    if acting.is_some() && !request.knows_impersonation {
        return Err(Error::TokenInvalid);
    }
    let said = claims.platform_role.as_deref().and_then(PlatformRole::parse);
    // Neither a role that was taken away counts, nor one that the token was not given for.
    let platform = said.zip(found.user().platform()).map(|(said, holds)| said.min(holds));
    let platform = platform.filter(|_| mfa::is_operators(parts, &found));
    let expires_at = DateTime::from_timestamp(claims.exp, 0).ok_or(Error::TokenInvalid)?;
    Ok(pb::ResolveTokenResponse {
        user_id: claims.sub,
        session_id: claims.sid,
        workspace_id: claims.tenant_id,
        expires_at: Some(proto::time::to_proto(expires_at)),
        platform_role: platform.map(|role| role.to_string()).unwrap_or_default(),
        impersonator_id: acting.as_ref().map(|acting| acting.operator_id.to_string()).unwrap_or_default(),
        impersonator_session_id: acting
            .as_ref()
            .map(|acting| acting.operator_session_id.to_string())
            .unwrap_or_default(),
        impersonator_may_write: acting.is_some_and(|acting| acting.may_write),
    })
}

//! What every way to a session answers: the person, the session's workspace, and a pair of tokens.

use super::Session;
use crate::{
    Error, Parts,
    token::{
        refresh_token::RefreshToken,
        sign::{self, Subject},
    },
    user::User,
};
use proto::identity as pb;

/// The fields that the answers to sign-up, login, refresh and switch have in common.
pub(crate) struct Answer {
    pub(crate) user: Option<pb::User>,
    pub(crate) workspace: Option<pb::Membership>,
    pub(crate) tokens: Option<pb::TokenPair>,
}

/// Signs an access token for the session, and writes the refresh token of its generation.
pub(crate) async fn answer(
    parts: &Parts,
    user: &User,
    workspace: Option<pb::Membership>,
    session: &Session,
) -> Result<Answer, Error> {
    let subject = Subject { user, session, workspace: workspace.as_ref(), acting: None };
    let access_token = sign::sign(parts, &subject).await?;
    let refresh_token = RefreshToken::derive(&session.secret, session.id, session.generation)?.to_string();
    let expires_in = sign::LIFETIME_SECONDS;
    Ok(Answer {
        user: Some(user.to_proto()),
        workspace,
        tokens: Some(pb::TokenPair { access_token, refresh_token, expires_in }),
    })
}

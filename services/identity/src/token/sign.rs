//! Writes an access token.

use super::claims::{AUDIENCE, Actor, Claims, KIND, TYPE};
use crate::{Error, Parts, mfa, session::Session, user::User};
use chrono::{DateTime, Utc};
use jsonwebtoken::{Algorithm, Header};
use proto::{id::UserId, identity as pb};

/// For how long an access token is valid.
pub(crate) const LIFETIME_SECONDS: i32 = 15 * 60;

/// Of whom and what a token speaks.
pub(crate) struct Subject<'a> {
    pub(crate) user: &'a User,
    pub(crate) session: &'a Session,
    pub(crate) workspace: Option<&'a pb::Membership>,
    /// Who acts for the person, and until when; None: nobody does.
    pub(crate) acting: Option<(UserId, DateTime<Utc>)>,
}

/// The token, signed by the key of the hour. Errors: [`Error::Store`] where the keys had to be read and could not.
pub(crate) async fn sign(parts: &Parts, subject: &Subject<'_>) -> Result<String, Error> {
    let key = parts.keys.signer().await?;
    // Without the second factor that operators need, they are people like all others.
    let platform = subject.user.platform().filter(|_| subject.session.has_mfa || !mfa::operators_need_it(parts));
    let iat = parts.clock.now().timestamp();
    let claims = Claims {
        iss: parts.config.issuer.clone(),
        aud: AUDIENCE.to_owned(),
        sub: subject.user.id.to_string(),
        email: subject.user.email.clone(),
        tenant_id: subject.workspace.map(|w| w.workspace_id.clone()).unwrap_or_default(),
        role: subject.workspace.map(|w| w.role.clone()).unwrap_or_default(),
        sid: subject.session.id.to_string(),
        iat,
        exp: subject.acting.map_or(iat + i64::from(LIFETIME_SECONDS), |(_, until)| until.timestamp()),
        platform_role: platform.map(|role| role.to_string()),
        act: subject.acting.map(|(operator, _)| Actor { sub: operator.to_string() }),
        kind: KIND.to_owned(),
    };
    let mut header = Header::new(Algorithm::EdDSA);
    header.typ = Some(TYPE.to_owned());
    header.kid = Some(key.kid.clone());
    jsonwebtoken::encode(&header, &claims, &key.signing)
        .map_err(|e| Error::Internal(format!("signing an access token: {e}")))
}

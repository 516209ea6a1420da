//! People and their tokens as answers show them.

use super::time;
use crate::error::{Error, Result};
use chrono::{DateTime, Utc};
use proto::identity;
use serde::Serialize;
use utoipa::ToSchema;

/// A person.
#[derive(Serialize, ToSchema)]
#[schema(as = User)]
pub(crate) struct UserBody {
    /// `usr_…`
    id: String,
    /// Lower case.
    #[schema(example = "ana@example.com")]
    email: String,
    /// As given at sign-up.
    #[schema(example = "Ana Souza")]
    name: String,
    /// `en` or `pt-BR`.
    locale: String,
    /// Whether the address has been confirmed.
    email_verified: bool,
    /// Whether a second factor is asked for.
    mfa_enabled: bool,
    /// When the account was made.
    created_at: DateTime<Utc>,
}

/// A workspace as one of its members sees it.
#[derive(Serialize, ToSchema)]
#[schema(as = Membership)]
pub(crate) struct MembershipBody {
    /// `ws_…`
    id: String,
    /// Its name.
    name: String,
    /// `owner`, `admin`, `member`, `viewer` or a role of the workspace's own.
    role: String,
}

/// A session: who, where, and the tokens.
#[derive(Serialize, ToSchema)]
#[schema(as = Session)]
pub(crate) struct SessionBody {
    user: UserBody,
    /// The workspace that `tenant_id` of the access token names. Null for somebody who has none.
    workspace: Option<MembershipBody>,
    /// Goes into `Authorization: Bearer …`. A JWT, signed with EdDSA.
    access_token: String,
    /// Buys the next pair, once.
    refresh_token: String,
    /// Always `Bearer`.
    token_type: &'static str,
    /// Seconds until the access token expires.
    #[schema(example = 900)]
    expires_in: i32,
}

impl TryFrom<identity::User> for UserBody {
    type Error = Error;

    fn try_from(user: identity::User) -> Result<Self> {
        Ok(Self {
            id: user.id,
            email: user.email,
            name: user.name,
            locale: user.locale,
            email_verified: user.email_verified,
            mfa_enabled: user.mfa_enabled,
            created_at: time::always(user.created_at)?,
        })
    }
}

impl From<identity::Membership> for MembershipBody {
    fn from(membership: identity::Membership) -> Self {
        Self { id: membership.workspace_id, name: membership.name, role: membership.role }
    }
}

impl SessionBody {
    /// A session from what sign-up, login, refresh and switch answer.
    pub(super) fn new(
        user: Option<identity::User>,
        workspace: Option<identity::Membership>,
        tokens: Option<identity::TokenPair>,
    ) -> Result<Self> {
        let tokens = tokens.ok_or_else(|| Error::incomplete("the tokens"))?;
        Ok(Self {
            user: user.ok_or_else(|| Error::incomplete("the user"))?.try_into()?,
            workspace: workspace.map(MembershipBody::from),
            access_token: tokens.access_token,
            refresh_token: tokens.refresh_token,
            token_type: "Bearer",
            expires_in: tokens.expires_in,
        })
    }
}

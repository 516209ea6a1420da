//! The calling person.

pub(crate) mod consents;
pub(crate) mod credentials;
pub(crate) mod data_export;
pub(crate) mod erasure;
pub(crate) mod identities;
pub(crate) mod mfa;
pub(crate) mod passkeys;
pub(crate) mod sessions;

use super::session::{MembershipBody, UserBody};
use crate::{
    app::Shared,
    auth::Caller,
    error::{Error, Result},
    json::Json,
};
use axum::extract::State;
use proto::identity::{ConsentText, GetMeRequest, Membership, UpdateMeRequest, User};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The calling person, with their workspaces.
#[derive(Serialize, ToSchema)]
pub(crate) struct Me {
    #[serde(flatten)]
    user: UserBody,
    workspaces: Vec<MembershipBody>,
    /// What is asked for and was not agreed to in the version of today: show it, then `POST /me/consents`. Nothing is locked meanwhile.
    consents_due: Vec<consents::ConsentDue>,
}

/// What to change. Fields that are left out stay.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Ana de Souza", "locale": "pt-BR"}))]
pub(crate) struct MeChange {
    name: Option<String>,
    /// `en` or `pt-BR`.
    locale: Option<String>,
}

/// Get one's own account. Also at `/auth/me`.
#[utoipa::path(get, path = "/me", tag = "Account", responses((status = 200, description = "The account", body = Me)))]
pub(crate) async fn get_me(State(app): State<Shared>, Caller(call): Caller) -> Result<Json<Me>> {
    let found = app.services.identity.get_me(&call, GetMeRequest {}).await?;
    Me::new(found.user, found.workspaces, found.consents_due).map(Json)
}

/// Change one's own name or language.
#[utoipa::path(put, path = "/me", tag = "Account", request_body = MeChange,
    responses((status = 200, description = "The account as it is now", body = Me)))]
pub(crate) async fn update_me(
    State(app): State<Shared>,
    Caller(call): Caller,
    Json(body): Json<MeChange>,
) -> Result<Json<Me>> {
    let request = UpdateMeRequest { name: body.name, locale: body.locale };
    let changed = app.services.identity.update_me(&call, request).await?;
    Me::new(changed.user, changed.workspaces, changed.consents_due).map(Json)
}

impl Me {
    fn new(user: Option<User>, workspaces: Vec<Membership>, due: Vec<ConsentText>) -> Result<Self> {
        Ok(Self {
            user: user.ok_or_else(|| Error::incomplete("the user"))?.try_into()?,
            workspaces: workspaces.into_iter().map(MembershipBody::from).collect(),
            consents_due: due.into_iter().map(Into::into).collect(),
        })
    }
}

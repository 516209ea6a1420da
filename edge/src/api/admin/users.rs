//! Accounts, as operators see them.

use super::super::{
    page::{Page, some},
    session::UserBody,
    time,
};
use crate::{
    app::Shared,
    auth::Operator,
    error::{Error, Result},
    json::Json,
    query::{Query, page_size},
};
use axum::extract::State;
use chrono::{DateTime, Utc};
use proto::identity::{Account, ListUsersRequest};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// An account as operators see it.
#[derive(Serialize, ToSchema)]
#[schema(as = Account)]
pub(crate) struct AccountBody {
    #[serde(flatten)]
    user: UserBody,
    /// `admin`, `developer`, or null for everybody else.
    platform_role: Option<String>,
    /// Since when nobody can log in to it.
    disabled_at: Option<DateTime<Utc>>,
}

/// Which accounts.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct Which {
    /// How many, 1 to 200. Default: 50.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<i32>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// Only the account with this address.
    email: Option<String>,
}

/// List the accounts of the platform. For operators.
#[utoipa::path(get, path = "/admin/users", tag = "Operators", params(Which),
    responses((status = 200, description = "A page of them", body = Page<AccountBody>),
        (status = 403, description = "The caller has no platform role")))]
pub(crate) async fn list_users(
    State(app): State<Shared>,
    Operator(call): Operator,
    Query(which): Query<Which>,
) -> Result<Json<Page<AccountBody>>> {
    let request = ListUsersRequest {
        page_size: page_size(which.limit)?,
        page_token: which.cursor.unwrap_or_default(),
        email: which.email.unwrap_or_default(),
    };
    let listed = app.services.identity.list_users(&call, request).await?;
    Page::new(listed.users, listed.next_page_token, AccountBody::try_from).map(Json)
}

impl TryFrom<Account> for AccountBody {
    type Error = Error;

    fn try_from(account: Account) -> Result<Self> {
        Ok(Self {
            user: account.user.ok_or_else(|| Error::incomplete("the user"))?.try_into()?,
            platform_role: some(account.platform_role),
            disabled_at: time::maybe(account.disabled_at),
        })
    }
}

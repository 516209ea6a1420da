//! `/scim/v2/Users`.

use super::{
    answer,
    body::Document,
    caller, error,
    listing::{Asked, Listing, Page, Shown},
    patch, schema,
    shape::USER,
    user::{read, show},
    version,
};
use crate::{
    app::{App, Shared},
    auth::Caller,
    error::{Error, Result},
    path::Target,
    query::Query,
};
use axum::{extract::State, response::Response};
use http::{HeaderMap, StatusCode};
use proto::{
    Call, Failure, Reason,
    id::UserId,
    identity::{
        CreateDirectoryUserRequest, DeleteDirectoryUserRequest, DirectoryProfile, DirectoryUser,
        GetDirectoryUserRequest, ListDirectoryUsersRequest, ReplaceDirectoryUserRequest,
    },
};
use scim_v2::schema_urns;
use serde_json::Value;

/// How many are searched, at most, for a filter that cannot be looked up.
const MOST_SEARCHED: i64 = 10_000;
const PAGE: i32 = 500;

/// List the people whom the directory has.
///
/// Only those that were created here, whatever other members the workspace has. Filters that ask for `userName`, `externalId` or
/// `id` with `eq` are looked up; others are searched, up to 10,000 people.
#[utoipa::path(get, path = "/scim/v2/Users", tag = "Directory", params(Asked),
    responses((status = 200, description = "A page of them", body = schema::List, content_type = "application/scim+json")))]
pub(super) async fn list_scim_users(
    State(app): State<Shared>,
    Caller(call): Caller,
    Query(asked): Query<Asked>,
) -> Result<Response> {
    listed(&app, &call, asked.read()?).await
}

/// List the people whom the directory has, asked in a body.
#[utoipa::path(post, path = "/scim/v2/Users/.search", tag = "Directory",
    request_body(content = schema::Search, content_type = "application/scim+json"),
    responses((status = 200, description = "A page of them", body = schema::List, content_type = "application/scim+json")))]
pub(super) async fn search_scim_users(
    State(app): State<Shared>,
    Caller(call): Caller,
    document: Document,
) -> Result<Response> {
    listed(&app, &call, Asked::of(&document)?.read()?).await
}

/// Bring somebody into the workspace.
///
/// `userName` is their e-mail address, in a domain that the workspace has verified. Who has no account gets one without a password;
/// who has one becomes a member, or is one already and keeps the role. `roles` names at most one role, never `owner` and none
/// that may do more than the key; without it they become `member`.
#[utoipa::path(post, path = "/scim/v2/Users", tag = "Directory",
    request_body(content = schema::User, content_type = "application/scim+json"), params(Shown),
    responses((status = 201, description = "The person", body = schema::User, content_type = "application/scim+json"),
        (status = 409, description = "The directory has them already")))]
pub(super) async fn create_scim_user(
    State(app): State<Shared>,
    Caller(call): Caller,
    Query(shown): Query<Shown>,
    document: Document,
) -> Result<Response> {
    let select = shown.read()?;
    document.is_of(USER.urn)?;
    let request = CreateDirectoryUserRequest { profile: Some(read(&document.0, true)?) };
    let created = app.services.identity.create_directory_user(&call, request).await?;
    let resource = show(&app, &some(created.user)?)?;
    Ok(answer::resource(StatusCode::CREATED, &resource, &select.of(&resource)))
}

/// Get somebody whom the directory has.
#[utoipa::path(get, path = "/scim/v2/Users/{user_id}", tag = "Directory",
    params(("user_id" = String, Path, description = "`usr_…`"), Shown),
    responses((status = 200, description = "The person", body = schema::User, content_type = "application/scim+json"),
        (status = 304, description = "`If-None-Match` names this version")))]
pub(super) async fn get_scim_user(
    State(app): State<Shared>,
    Caller(call): Caller,
    Target(id): Target<UserId>,
    Query(shown): Query<Shown>,
    headers: HeaderMap,
) -> Result<Response> {
    let select = shown.read()?;
    let user = get(&app, &call, id).await?;
    if version::is_known(&headers, user.version) {
        return Ok(answer::not_modified(user.version));
    }
    let resource = show(&app, &user)?;
    Ok(answer::resource(StatusCode::OK, &resource, &select.of(&resource)))
}

/// Say all of somebody anew. What is left out is said no more, but for `active`, which stays.
#[utoipa::path(put, path = "/scim/v2/Users/{user_id}", tag = "Directory",
    request_body(content = schema::User, content_type = "application/scim+json"),
    params(("user_id" = String, Path, description = "`usr_…`"), Shown),
    responses((status = 200, description = "The person as they are now", body = schema::User, content_type = "application/scim+json"),
        (status = 409, description = "They are the only owner, or the name is taken"),
        (status = 412, description = "`If-Match` names another version")))]
pub(super) async fn replace_scim_user(
    State(app): State<Shared>,
    Caller(call): Caller,
    Target(id): Target<UserId>,
    Query(shown): Query<Shown>,
    headers: HeaderMap,
    document: Document,
) -> Result<Response> {
    document.is_of(USER.urn)?;
    let say = |_: &Value, active: bool| read(&document.0, active);
    change(&app, (&call, id), (&headers, shown), say).await
}

/// Change something of somebody. `active: false` ends the membership within a second everywhere, `true` begins it again.
///
/// To remove `active` changes nothing.
#[utoipa::path(patch, path = "/scim/v2/Users/{user_id}", tag = "Directory",
    request_body(content = schema::Patch, content_type = "application/scim+json"),
    params(("user_id" = String, Path, description = "`usr_…`"), Shown),
    responses((status = 200, description = "The person as they are now", body = schema::User, content_type = "application/scim+json"),
        (status = 409, description = "They are the only owner, or the name is taken"),
        (status = 412, description = "`If-Match` names another version")))]
pub(super) async fn change_scim_user(
    State(app): State<Shared>,
    Caller(call): Caller,
    Target(id): Target<UserId>,
    Query(shown): Query<Shown>,
    headers: HeaderMap,
    document: Document,
) -> Result<Response> {
    caller::may_write(&call)?;
    document.is_of(schema_urns::PATCH_OP)?;
    let operations = patch::read(&document.0, &USER)?;
    let say = |resource: &Value, active: bool| read(&patch::apply(resource, &operations, &USER)?, active);
    change(&app, (&call, id), (&headers, shown), say).await
}

/// The directory has somebody no more: their membership ends within a second everywhere. Their account stays.
#[utoipa::path(delete, path = "/scim/v2/Users/{user_id}", tag = "Directory",
    params(("user_id" = String, Path, description = "`usr_…`")),
    responses((status = 204, description = "They are gone"), (status = 409, description = "They are the only owner"),
        (status = 412, description = "`If-Match` names another version")))]
pub(super) async fn delete_scim_user(
    State(app): State<Shared>,
    Caller(call): Caller,
    Target(id): Target<UserId>,
    headers: HeaderMap,
) -> Result<StatusCode> {
    let version = version::wanted(&headers)?.unwrap_or_default();
    let request = DeleteDirectoryUserRequest { user_id: id.to_string(), version };
    app.services.identity.delete_directory_user(&call, request).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn some(user: Option<DirectoryUser>) -> Result<DirectoryUser> {
    user.ok_or_else(|| Error::incomplete("the user"))
}

async fn get(app: &App, call: &Call, id: UserId) -> Result<DirectoryUser> {
    let request = GetDirectoryUserRequest { user_id: id.to_string() };
    some(app.services.identity.get_directory_user(call, request).await?.user)
}

/// Says something else of somebody: what follows from what is said now. Where no version was asked for and somebody else was faster,
/// what follows from what they said.
async fn change(
    app: &App,
    (call, id): (&Call, UserId),
    (headers, shown): (&HeaderMap, Shown),
    say: impl Fn(&Value, bool) -> Result<DirectoryProfile, Failure>,
) -> Result<Response> {
    let (select, wanted) = (shown.read()?, version::wanted(headers)?);
    let mut tries = 1;
    loop {
        let before = get(app, call, id).await?;
        let active = before.profile.as_ref().is_some_and(|profile| profile.active);
        let profile = say(&show(app, &before)?, active)?;
        let version = wanted.unwrap_or(before.version);
        let request = ReplaceDirectoryUserRequest { user_id: id.to_string(), profile: Some(profile), version };
        match app.services.identity.replace_directory_user(call, request).await {
            Err(status)
                if Reason::of(&status) == Reason::PreconditionFailed && wanted.is_none() && tries < version::TRIES =>
            {
                tries += 1;
            }
            outcome => {
                let resource = show(app, &some(outcome?.user)?)?;
                return Ok(answer::resource(StatusCode::OK, &resource, &select.of(&resource)));
            }
        }
    }
}

/// People from this one on, and where the next begin.
pub(crate) async fn page(app: &App, call: &Call, offset: i64) -> Result<(Vec<Value>, Option<i64>)> {
    let request = ListDirectoryUsersRequest { offset, limit: PAGE, ..ListDirectoryUsersRequest::default() };
    let found = app.services.identity.list_directory_users(call, request).await?;
    let users = found.users.iter().map(|user| show(app, user)).collect::<Result<_>>()?;
    let next = offset + i64::from(PAGE);
    Ok((users, (next < found.total).then_some(next)))
}

async fn listed(app: &App, call: &Call, listing: Listing) -> Result<Response> {
    let narrow = listing.narrow(&USER);
    let mut request = ListDirectoryUsersRequest {
        offset: listing.offset,
        limit: i32::try_from(listing.count).unwrap_or(PAGE),
        user_name: narrow.user_name,
        external_id: narrow.external_id,
        user_ids: narrow.id.into_iter().collect(),
    };
    let identity = &app.services.identity;
    if narrow.is_all {
        let found = identity.list_directory_users(call, request).await?;
        let resources = found.users.iter().map(|user| show(app, user)).collect::<Result<_>>()?;
        return Ok(answer::document(StatusCode::OK, &listing.document(&Page { resources, total: found.total })));
    }
    (request.offset, request.limit) = (0, PAGE);
    let mut meant = vec![];
    loop {
        let found = identity.list_directory_users(call, request.clone()).await?;
        if found.total > MOST_SEARCHED {
            let why = format!(
                "the directory has more than {MOST_SEARCHED} users, which this filter would have to search: ask for \
                 userName, externalId or id with eq, or for pages without a filter"
            );
            return Err(error::too_many(why).into());
        }
        for user in &found.users {
            let resource = show(app, user)?;
            if listing.means(&resource, &USER)? {
                meant.push(resource);
            }
        }
        request.offset += i64::from(PAGE);
        if request.offset >= found.total {
            break;
        }
    }
    let page = listing.cut(meant);
    Ok(answer::document(StatusCode::OK, &listing.document(&page)))
}

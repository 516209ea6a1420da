//! No handler without a caller: [`Caller`] for those that need a credential, [`Anyone`] for those that don't,
//! [`Operator`] for `/admin`.

use crate::{
    app::Shared,
    arrival::Arrival,
    error::{Error, Result, not_found},
    face::Face,
};
use axum::extract::{FromRequestParts, RawPathParams, rejection::RawPathParamsRejection};
use host::door::Door;
use http::{HeaderMap, HeaderName, header::AUTHORIZATION, request::Parts};
use proto::{Call, Failure, Reason, id::WorkspaceId};
use std::sync::Arc;

/// The longest `Authorization` header that is looked at, in bytes. Our own tokens have less than 1 KiB.
const MAX_CREDENTIAL: usize = 8 * 1024;
/// Where Anthropic's clients send their key.
const X_API_KEY: HeaderName = HeaderName::from_static("x-api-key");
/// Where Google's do. One in the address (`?key=`) is not taken: addresses are logged on the way.
pub(crate) const X_GOOG_API_KEY: HeaderName = HeaderName::from_static("x-goog-api-key");
const MAX_IDEMPOTENCY_KEY: usize = 255;

/// A caller with a valid credential, in the workspace of the path, or else in that of the credential.
pub(crate) struct Caller(pub Call);

/// The caller, where a layer before the handler had to know them: put into the request's extensions.
#[derive(Clone)]
pub(crate) struct Known(pub Call);

/// A caller with a valid credential who asks about the platform as a whole: no workspace, whatever the path names, and of
/// permissions those of operators. For `/admin` only.
pub(crate) struct Operator(pub Call);

/// Whoever it is; a credential is not looked at.
pub(crate) struct Anyone(pub Call);

/// A caller with a valid credential, if one was sent.
pub(crate) struct Perhaps {
    /// The caller, or why the credential doesn't count. None where none was sent.
    pub caller: Option<Result<Call>>,
    /// The call of nobody in particular.
    pub anyone: Call,
}

impl FromRequestParts<Shared> for Caller {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self> {
        if let Some(Known(call)) = parts.extensions.get() {
            return Ok(Self(call.clone()));
        }
        let call = call(parts)?;
        let workspace = workspace(parts, app).await;
        let credential = credential(parts)?;
        // Only now: who shows no credential learns nothing about ids.
        let workspace = workspace?;
        let door = &app.services.door;
        let who = door.identify(credential, call.client, &call).await?;
        let call = door.call(&who, workspace, call).await?;
        host::telemetry::describe(&call);
        Ok(Self(call))
    }
}

impl FromRequestParts<Shared> for Operator {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self> {
        let call = call(parts)?;
        let who = app.services.door.identify(bearer(&parts.headers)?, call.client, &call).await?;
        let call = Door::call_of_operator(&who, call);
        host::telemetry::describe(&call);
        Ok(Self(call))
    }
}

impl FromRequestParts<Shared> for Anyone {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &Shared) -> Result<Self> {
        call(parts).map(Self)
    }
}

impl FromRequestParts<Shared> for Perhaps {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self> {
        let anyone = call(parts)?;
        let caller = match parts.headers.contains_key(AUTHORIZATION) {
            true => Some(Caller::from_request_parts(parts, app).await.map(|Caller(call)| call)),
            false => None,
        };
        Ok(Self { caller, anyone })
    }
}

/// The call as far as the request tells without its credential.
fn call(parts: &Parts) -> Result<Call> {
    let arrival = parts.extensions.get::<Arrival>().ok_or_else(|| Error::incomplete("its arrival"))?;
    let mut call = arrival.call();
    if let Some(value) = parts.headers.get("idempotency-key") {
        let key = value.to_str().ok().filter(|key| (1..=MAX_IDEMPOTENCY_KEY).contains(&key.len()));
        let key = key.ok_or_else(|| {
            let problem = "must be 1 to 255 visible ASCII characters";
            Reason::InvalidArgument.with("the Idempotency-Key header cannot be used").field("Idempotency-Key", problem)
        })?;
        call.idempotency_key = Some(Arc::from(key));
    }
    Ok(call)
}

/// The workspace that the path names. One that cannot be an id is as absent as one that nobody has.
async fn workspace(parts: &mut Parts, app: &Shared) -> Result<Option<WorkspaceId>> {
    let absent = || not_found("there is no such workspace, or you are no member of it");
    let params = match RawPathParams::from_request_parts(parts, app).await {
        Ok(params) => params,
        Err(RawPathParamsRejection::MissingPathParams(_)) => return Ok(None),
        // A path that is no UTF-8 must not fall back to the credential's workspace.
        Err(_) => return Err(absent()),
    };
    let Some((_, text)) = params.iter().find(|(name, _)| *name == "workspace_id") else { return Ok(None) };
    text.parse().map(Some).map_err(|_| absent())
}

/// The credential, where the face that is asked looks for it. Errors: `CREDENTIALS_MISSING`.
fn credential(parts: &Parts) -> Result<&str, Failure> {
    let own = match Face::of(parts.uri.path()) {
        Face::Anthropic => Some(X_API_KEY),
        Face::Gemini => Some(X_GOOG_API_KEY),
        _ => None,
    };
    let own = own.and_then(|name| parts.headers.get(name));
    match own.filter(|_| !parts.headers.contains_key(AUTHORIZATION)) {
        None => bearer(&parts.headers),
        Some(key) => {
            let text = key.to_str().ok().map(str::trim).filter(|key| !key.is_empty() && key.len() <= MAX_CREDENTIAL);
            text.ok_or_else(|| Reason::CredentialsMissing.with("the header for the key must hold an API key"))
        }
    }
}

/// The credential of `Authorization: Bearer …`. Errors: `CREDENTIALS_MISSING`.
fn bearer(headers: &HeaderMap) -> Result<&str, Failure> {
    let missing = |hint: &str| Reason::CredentialsMissing.with(hint);
    let header = headers
        .get(AUTHORIZATION)
        .ok_or_else(|| missing("send the header Authorization: Bearer <access token or API key>"))?;
    let text = header.to_str().ok().filter(|text| text.len() <= MAX_CREDENTIAL);
    let text = text.ok_or_else(|| missing("the Authorization header holds what no credential of ours holds"))?;
    let (scheme, credential) = text.trim().split_once(' ').unwrap_or((text.trim(), ""));
    let credential = credential.trim();
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(missing("the Authorization header must begin with Bearer, a space, and then the credential"));
    }
    if credential.is_empty() || credential.contains(' ') {
        return Err(missing("after Bearer, the Authorization header must hold exactly one access token or API key"));
    }
    Ok(credential)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(value: &str) -> Result<String, Reason> {
        let headers = HeaderMap::from_iter([(AUTHORIZATION, value.parse().unwrap())]);
        bearer(&headers).map(str::to_owned).map_err(|failure| failure.reason)
    }

    #[test]
    fn the_scheme_is_read_in_any_case() {
        assert_eq!(read("bearer pk_1"), Ok("pk_1".to_owned()));
        assert_eq!(read("BEARER  pk_1 "), Ok("pk_1".to_owned()));
    }

    #[test]
    fn anything_else_is_no_credential() {
        for value in ["pk_1", "Basic dTpw", "Bearer", "Bearer ", "Bearer a b", ""] {
            assert_eq!(read(value), Err(Reason::CredentialsMissing), "{value:?}");
        }
        assert_eq!(bearer(&HeaderMap::new()).map_err(|f| f.reason), Err(Reason::CredentialsMissing));
    }
}

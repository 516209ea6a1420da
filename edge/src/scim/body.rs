//! Bodies of the protocol: JSON whose names are read in any case.

use super::error;
use crate::{
    app::Shared,
    body::{self, Bounds},
    error::{Error, Result},
};
use axum::extract::{FromRequest, Request};
use proto::Failure;
use scim_v2::case_insensitive::canonicalize_keys;
use serde_json::Value;

/// A document, as the media type `application/scim+json` or `application/json`. Errors: `invalidSyntax`, and those of any body.
pub(super) struct Document(pub Value);

impl FromRequest<Shared> for Document {
    type Rejection = Error;

    async fn from_request(request: Request, app: &Shared) -> Result<Self> {
        body::require_json(request.headers())?;
        let bounds = Bounds { size: app.config.management_body_bytes, time: app.config.body_timeout() };
        let (parts, body) = request.into_parts();
        let bytes = body::read(&parts.headers, body, bounds).await?;
        Ok(Self(parse(&bytes)?))
    }
}

fn parse(bytes: &[u8]) -> Result<Value, Failure> {
    let mut value: Value =
        serde_json::from_slice(bytes).map_err(|why| error::syntax(format!("the body is not valid JSON: {why}")))?;
    if !value.is_object() {
        return Err(error::syntax("the body must be a JSON object"));
    }
    canonicalize_keys(&mut value).map_err(|why| error::syntax(format!("the body says something twice: {why}")))?;
    Ok(value)
}

impl Document {
    /// Goes on if it says that it is this. Errors: `invalidValue`.
    pub(super) fn is_of(&self, urn: &str) -> Result<(), Failure> {
        let said = self.0["schemas"].as_array().into_iter().flatten();
        let is = said.into_iter().any(|schema| schema.as_str().is_some_and(|text| text.eq_ignore_ascii_case(urn)));
        if is { Ok(()) } else { Err(error::value("schemas", &format!("must hold {urn}"))) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_in_any_case_and_once() {
        assert_eq!(parse(br#"{"USERNAME":"a"}"#).expect("is taken")["userName"], "a");
        for body in [&b"{"[..], b"[]", b"7", b"", br#"{"userName":"a","username":"b"}"#] {
            let failure = parse(body).expect_err("must be refused");
            assert_eq!(failure.get("scim_type"), Some("invalidSyntax"));
        }
    }

    #[test]
    fn a_document_says_what_it_is() {
        let of = |text: &str| Document(parse(text.as_bytes()).expect("JSON"));
        let urn = scim_v2::schema_urns::USER;
        assert!(of(r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:user"]}"#).is_of(urn).is_ok());
        assert!(of("{}").is_of(urn).is_err() && of(r#"{"schemas":["x"]}"#).is_of(urn).is_err());
    }
}

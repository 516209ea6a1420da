//! JSON bodies: read strictly, with errors that name the field; and written.

use crate::{
    app::Shared,
    body::{self, Bounds},
    error::{Error, Result},
};
use axum::{
    extract::{FromRequest, OptionalFromRequest, Request},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use http::{HeaderValue, header::CONTENT_TYPE};
use proto::{Failure, Reason};
use serde::{
    Deserialize, Deserializer, Serialize,
    de::{DeserializeOwned, MapAccess, Visitor, value::MapAccessDeserializer},
};
use std::{fmt, marker::PhantomData};

/// A JSON body of the management API. As `Option<Json<T>>` it may be left out.
pub(crate) struct Json<T>(pub T);

impl<T: DeserializeOwned> FromRequest<Shared> for Json<T> {
    type Rejection = Error;

    async fn from_request(request: Request, app: &Shared) -> Result<Self> {
        body::require_json(request.headers())?;
        let bytes = bytes(request, app).await?;
        if bytes.is_empty() {
            return Err(Reason::MalformedRequest.with("the body is empty; send a JSON object").into());
        }
        Ok(Self(parse(&bytes)?))
    }
}

impl<T: DeserializeOwned> OptionalFromRequest<Shared> for Json<T> {
    type Rejection = Error;

    async fn from_request(request: Request, app: &Shared) -> Result<Option<Self>> {
        let typed = body::require_json(request.headers());
        let bytes = bytes(request, app).await?;
        if bytes.is_empty() {
            return Ok(None);
        }
        typed?;
        Ok(Some(Self(parse(&bytes)?)))
    }
}

async fn bytes(request: Request, app: &Shared) -> Result<Bytes> {
    let bounds = Bounds { size: app.config.management_body_bytes, time: app.config.body_timeout() };
    let (parts, body) = request.into_parts();
    body::read(&parts.headers, body, bounds).await
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        match serde_json::to_vec(&self.0) {
            Ok(bytes) => encoded(bytes.into()),
            Err(error) => Error::from(tonic::Status::internal(error.to_string())).into_response(),
        }
    }
}

/// An answer of bytes that are JSON already.
pub(crate) fn encoded(bytes: Bytes) -> Response {
    let mut response = Response::new(bytes.into());
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// A `T` that is written as an object. serde would take an array of its fields' values as well.
#[derive(Default, Serialize)]
#[serde(transparent)]
pub(crate) struct Object<T>(pub T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Members(PhantomData))
    }
}

struct Members<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Members<T> {
    type Value = Object<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<Object<T>, A::Error> {
        T::deserialize(MapAccessDeserializer::new(members)).map(Object)
    }
}

/// Reads JSON. Errors: `MALFORMED_REQUEST` with line and column, `INVALID_ARGUMENT` with the field.
pub(crate) fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Failure> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let Object(value) = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let path = error.path().to_string();
        let inner = error.into_inner();
        if inner.is_data() { bad_field(&path, &inner.to_string()) } else { malformed(&inner) }
    })?;
    reader.end().map_err(|error| malformed(&error))?;
    Ok(value)
}

fn malformed(error: &serde_json::Error) -> Failure {
    Reason::MalformedRequest
        .with(format!("the body is not valid JSON: {error}"))
        .fact("line", error.line())
        .fact("column", error.column())
}

/// What serde says of a value, as the field and what it must be. The value itself may be a secret and is left out.
pub(crate) fn bad_field(path: &str, text: &str) -> Failure {
    let text = text.rsplit_once(" at line ").map_or(text, |(before, _)| before);
    let parent = if path == "." { "" } else { path };
    let quoted = |prefix: &str| text.strip_prefix(prefix).and_then(|rest| rest.split_once('`'));
    let (field, problem) = if let Some((name, _)) = quoted("missing field `") {
        (join(parent, name), "is missing".to_owned())
    } else if let Some((name, rest)) = quoted("unknown field `") {
        let known = rest.strip_prefix(", expected ").unwrap_or("none");
        (
            join(parent, name),
            format!("is not known here; known: {}", known.trim_start_matches("one of ").replace('`', "")),
        )
    } else if let Some((name, _)) = quoted("duplicate field `") {
        (join(parent, name), "is given twice".to_owned())
    } else {
        (parent.to_owned(), must_be(text))
    };
    let field = if field.is_empty() { "body".to_owned() } else { field };
    Reason::InvalidArgument.with(format!("{field} {problem}")).field(field, problem)
}

/// Depending on the version, the path of an unknown or missing field holds its name already.
fn join(parent: &str, name: &str) -> String {
    match parent {
        "" => name.to_owned(),
        path if path == name || path.ends_with(&format!(".{name}")) => path.to_owned(),
        path => format!("{path}.{name}"),
    }
}

fn must_be(text: &str) -> String {
    let Some((_, expected)) = text.rsplit_once(", expected ") else { return text.to_owned() };
    let expected = match expected {
        "i32" | "i64" | "u32" | "u64" => "a whole number that is not too large",
        "f64" => "a number",
        "a sequence" => "an array",
        "a map" => "an object",
        other => other,
    };
    format!("must be {expected}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only read")]
    struct Outer {
        name: String,
        #[serde(default)]
        inner: Vec<Inner>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only read")]
    struct Inner {
        size: i64,
    }

    fn fails(body: &[u8]) -> (Reason, String) {
        let failure = parse::<Outer>(body).expect_err("must be refused");
        (failure.reason, failure.fields.into_iter().map(|(f, p)| format!("{f}: {p}")).collect())
    }

    #[test]
    fn a_wrong_field_is_named_with_its_path() {
        let invalid = |text: &str| (Reason::InvalidArgument, text.to_owned());
        assert_eq!(fails(b"{}"), invalid("name: is missing"));
        assert_eq!(fails(br#"{"name":5}"#), invalid("name: must be a string"));
        assert_eq!(fails(br#"{"nme":"a"}"#), invalid("nme: is not known here; known: name or inner"));
        assert_eq!(fails(br#"{"name":"a","name":"b"}"#), invalid("name: is given twice"));
        assert_eq!(fails(br#"{"name":"a","inner":{}}"#), invalid("inner: must be an array"));
        assert_eq!(fails(br#"{"name":"a","inner":[{"size":1},{}]}"#), invalid("inner[1].size: is missing"));
        assert_eq!(
            fails(br#"{"name":"a","inner":[{"size":1,"x":2}]}"#),
            invalid("inner[0].x: is not known here; known: size")
        );
        assert_eq!(
            fails(br#"{"name":"a","inner":[{"size":"1"}]}"#),
            invalid("inner[0].size: must be a whole number that is not too large")
        );
        assert_eq!(fails(b"[1]"), invalid("body: must be an object"));
        assert_eq!(fails(b"7"), invalid("body: must be an object"));
    }

    #[test]
    fn what_is_no_json_is_malformed_and_never_a_panic() {
        let deep = "[".repeat(100_000);
        let deep_value = format!(r#"{{"name":{}1{}}}"#, "[".repeat(500), "]".repeat(500));
        for body in [
            &b"{"[..],
            b"{\"name\":\"\xff\"}",
            b"{\"name\":}",
            b"nope",
            b"{\"name\":\"a\"} x",
            deep.as_bytes(),
            deep_value.as_bytes(),
        ] {
            let failure = parse::<Outer>(body).expect_err("must be refused");
            assert!(matches!(failure.reason, Reason::MalformedRequest | Reason::InvalidArgument), "{failure:?}");
        }
        assert_eq!(fails(b"{\"name\":\"\xff\"}").0, Reason::MalformedRequest);
        let failure = parse::<Outer>(b"{\n \"name\": x}").expect_err("must be refused");
        assert_eq!(failure.get("line"), Some("2"));
    }

    #[test]
    fn a_value_is_never_echoed() {
        let failure =
            parse::<Outer>(br#"{"name":{"password":"hunter2"},"inner":[{"size":"hunter2"}]}"#).expect_err("refused");
        assert!(!format!("{failure:?}").contains("hunter2"));
        let failure = parse::<Outer>(br#"{"name":"a","inner":"hunter2"}"#).expect_err("refused");
        assert!(!format!("{failure:?}").contains("hunter2"), "{failure:?}");
    }
}

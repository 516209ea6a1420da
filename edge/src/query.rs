//! Query strings, read strictly.

use crate::{
    app::Shared,
    error::{Error, Result},
    json::bad_field,
};
use axum::extract::FromRequestParts;
use http::request::Parts;
use proto::{Failure, Reason};
use serde::{Deserialize, de::DeserializeOwned};
use std::error::Error as _;
use utoipa::IntoParams;

/// The query string as `T`. Errors: `INVALID_ARGUMENT` that names the parameter.
pub(crate) struct Query<T>(pub T);

impl<T: DeserializeOwned> FromRequestParts<Shared> for Query<T> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &Shared) -> Result<Self> {
        let query = axum::extract::Query::try_from_uri(&parts.uri).map_err(|rejection| {
            let text = rejection.source().map(ToString::to_string).unwrap_or_default();
            explain(&text)
        })?;
        Ok(Self(query.0))
    }
}

/// Which page of a list.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct Paging {
    /// How many, 1 to 200. Default: 50.
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<i32>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

impl Paging {
    /// `page_size` and `page_token` as services take them. Errors: `INVALID_ARGUMENT`.
    pub(crate) fn into_request(self) -> Result<(i32, String), Failure> {
        Ok((page_size(self.limit)?, self.cursor.unwrap_or_default()))
    }
}

/// A page size as services take it, where 0 stands for the default. Errors: `INVALID_ARGUMENT`.
pub(crate) fn page_size(limit: Option<i32>) -> Result<i32, Failure> {
    match limit {
        None => Ok(0),
        Some(size @ 1..=200) => Ok(size),
        Some(_) => {
            Err(Reason::InvalidArgument.with("the page size is from 1 to 200").field("limit", "must be from 1 to 200"))
        }
    }
}

/// serde's text, which begins with the name of the parameter unless that is not known.
fn explain(text: &str) -> Failure {
    let (path, text) = match text.split_once(": ") {
        Some((path, rest)) if !path.contains(' ') => (path, rest),
        _ => (".", text),
    };
    let text = match text {
        "invalid digit found in string"
        | "cannot parse integer from empty string"
        | "number too large to fit in target type"
        | "number too small to fit in target type" => "must be a whole number that is not too large",
        other => other,
    };
    bad_field(path, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(query: &str) -> Result<Paging, Vec<(String, String)>> {
        let uri = format!("/x?{query}").parse().unwrap();
        let read = axum::extract::Query::<Paging>::try_from_uri(&uri);
        read.map(|q| q.0).map_err(|e| explain(&e.source().map(ToString::to_string).unwrap_or_default()).fields)
    }

    #[test]
    fn a_wrong_parameter_is_named() {
        let field = |name: &str, problem: &str| vec![(name.to_owned(), problem.to_owned())];
        assert_eq!(read("limit=x").unwrap_err(), field("limit", "must be a whole number that is not too large"));
        assert_eq!(read("limt=1").unwrap_err(), field("limt", "is not known here; known: limit or cursor"));
        assert_eq!(read("limit=1&limit=2").unwrap_err(), field("limit", "is given twice"));
        assert!(read("").unwrap().into_request().is_ok());
        assert!(read("limit=0").unwrap().into_request().is_err());
    }
}

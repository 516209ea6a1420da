//! Ids in paths.

use crate::{
    app::Shared,
    error::{Error, Result, not_found},
};
use axum::extract::{FromRequestParts, RawPathParams};
use http::request::Parts;
use std::{fmt::Display, str::FromStr};

/// What the last parameter of the path names. What cannot be an id is absent, like an id that nobody has.
pub(crate) struct Target<T>(pub T);

impl<T: FromStr<Err: Display>> FromRequestParts<Shared> for Target<T> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self> {
        let params =
            RawPathParams::from_request_parts(parts, app).await.map_err(|_| not_found("the path is no text"))?;
        let (_, text) = params.iter().last().ok_or_else(|| not_found("the path names nothing"))?;
        text.parse().map(Self).map_err(|error: T::Err| not_found(error.to_string()))
    }
}

/// What the last two parameters of the path name, as [`Target`] reads one.
pub(crate) struct Targets<A, B>(pub A, pub B);

impl<A: FromStr<Err: Display>, B: FromStr<Err: Display>> FromRequestParts<Shared> for Targets<A, B> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self> {
        let params =
            RawPathParams::from_request_parts(parts, app).await.map_err(|_| not_found("the path is no text"))?;
        let mut texts: Vec<&str> = params.iter().map(|(_, text)| text).collect();
        let (Some(second), Some(first)) = (texts.pop(), texts.pop()) else {
            return Err(not_found("the path names nothing"));
        };
        let first = first.parse().map_err(|error: A::Err| not_found(error.to_string()))?;
        Ok(Self(first, second.parse().map_err(|error: B::Err| not_found(error.to_string()))?))
    }
}

//! How is a file answered?

use crate::error::{Error, Result};
use axum::{body::Body, response::Response};
use http::{
    HeaderValue,
    header::{CONTENT_DISPOSITION, CONTENT_TYPE},
};

/// What a browser does with a file.
#[derive(Clone, Copy)]
pub(super) enum Disposition {
    /// It keeps it.
    Attachment,
    /// It shows it.
    Inline,
}

/// The answer with the type and the name that a service gave.
pub(super) fn response(body: Body, content_type: &str, disposition: Disposition, name: &str) -> Result<Response> {
    let text = |text: &str| HeaderValue::from_str(text).map_err(|_| Error::incomplete("a name that can be sent"));
    let disposition = match disposition {
        Disposition::Attachment => "attachment",
        Disposition::Inline => "inline",
    };
    // A quote would end the name, and of a path browsers keep what they like.
    let name = name.replace(['"', '\\', '/'], "-");
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, text(content_type)?);
    headers.insert(CONTENT_DISPOSITION, text(&format!("{disposition}; filename=\"{name}\""))?);
    Ok(response)
}

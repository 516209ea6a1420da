//! One page for each reason, written from the table that the answers come from.

use super::{
    absent, error_page,
    html::{self, Escaped, Prose},
    page,
};
use crate::error::Result;
use axum::{
    extract::{Path, rejection::PathRejection},
    response::Response,
};
use proto::Reason;
use std::fmt::Write as _;

/// Read what every error code means.
#[utoipa::path(get, path = "/docs/errors", tag = "Service", security(()),
    responses((status = 200, description = "A page", content_type = "text/html", body = String)))]
pub(crate) async fn list_reasons() -> Response {
    let mut rows = String::new();
    for &reason in Reason::ALL {
        let (page, code, title) = (error_page(reason), reason.as_str(), Escaped(reason.title()));
        let status = reason.http();
        writeln!(rows, "<tr><td><a href=\"{page}\"><code>{code}</code></a></td><td>{status}</td><td>{title}</td></tr>")
            .expect("writing to a string");
    }
    page(html::page(
        "Errors",
        &format!(
            "<h1>Errors</h1><p>Failures of the management API carry these in <code>code</code>; under <code>/v1</code> \
             the same reasons appear in OpenAI's words.</p>\n<table><tr><th>Code</th><th>Status</th><th>What happened\
             </th></tr>\n{rows}</table>\n"
        ),
    ))
}

/// Read what an error code means, and what to do.
#[utoipa::path(get, path = "/docs/errors/{code}", tag = "Service", security(()),
    params(("code" = String, Path, description = "For instance `RATE_LIMITED`")),
    responses((status = 200, description = "A page", content_type = "text/html", body = String)))]
pub(crate) async fn get_reason(path: Result<Path<String>, PathRejection>) -> Result<Response> {
    let Path(code) = path.map_err(|_| absent("with this name"))?;
    let reason = Reason::parse(&code).ok_or_else(|| absent(&code))?;
    let again = if reason.retry() { "The same request may succeed later." } else { "Change the request first." };
    let content = format!(
        "<h1><code>{code}</code></h1><p class=\"lead\">{title}</p>\n<p>{help}</p>\n<table>\
         <tr><th>HTTP status</th><td>{http}</td></tr><tr><th>Under <code>/v1</code></th><td>{openai_http}, type \
         <code>{kind}</code>, code <code>{openai}</code></td></tr><tr><th>gRPC</th><td>{grpc:?}</td></tr>\
         <tr><th>Try again?</th><td>{again}</td></tr></table>\n",
        code = reason.as_str(),
        title = Escaped(reason.title()),
        help = Prose(reason.help()),
        http = reason.http(),
        openai_http = reason.openai_http(),
        kind = reason.openai_type(),
        openai = reason.openai_code(),
        grpc = reason.code(),
    );
    Ok(page(html::page(reason.as_str(), &content)))
}

//! What becomes of each field of a chat completion at each kind of provider, from the table by which the gateway acts.

use super::{
    html::{self, Escaped},
    page,
};
use axum::response::Response;
use proto::provider::{ALL, Address, FIELDS, Kind};
use std::fmt::Write as _;

/// Read what becomes of each field of a request at each kind of provider.
#[utoipa::path(get, path = "/docs/providers", tag = "Service", security(()),
    responses((status = 200, description = "A page", content_type = "text/html", body = String)))]
pub(crate) async fn describe_providers() -> Response {
    let mut out = String::from(
        "<h1>Providers</h1>\n<p class=\"lead\">What becomes of each field of a chat completion.</p>\n\
         <p><b>passed</b>: as you wrote it. <b>mapped</b>: as the provider's own field for the same. <b>emulated</b>: by other \
         means. <b>dropped</b>: not sent, and named in the header <code>x-perpetuo-dropped</code> of the answer. \
         <b>refused</b>: another provider of the model is asked, or the request fails with status 400 and names the field. \
         What a provider does with a field that was passed is its own business: it may refuse it for some of its models.</p>\n",
    );
    let (tables, plain): (Vec<_>, Vec<_>) = ALL.iter().partition(|kind| !kind.fields.is_empty());
    out.push_str("<p>Every field is <b>passed</b> by these, known or not:</p>\n<ul>\n");
    for kind in plain.into_iter().filter(|kind| kind.address != Address::None) {
        writeln!(out, "<li>{} (<code>{}</code>), {}</li>", Escaped(kind.title), kind.name, address(kind))
            .expect("writing to a string");
    }
    out.push_str("</ul>\n");
    for kind in tables {
        section(&mut out, kind);
    }
    page(html::page("Providers", &out))
}

fn section(out: &mut String, kind: &'static Kind) {
    let (title, name) = (Escaped(kind.title), kind.name);
    writeln!(out, "<h2 id=\"{name}\">{title} (<code>{name}</code>)</h2>\n<p>{}</p>\n<table>", address(kind))
        .expect("writing to a string");
    out.push_str("<tr><th>Field</th><th></th><th></th></tr>\n");
    for field in FIELDS.iter().map(|name| kind.field(name)) {
        let (name, how, note) = (field.name, field.how.as_str(), Escaped(field.note));
        writeln!(out, "<tr><td><code>{name}</code></td><td>{how}</td><td>{note}</td></tr>")
            .expect("writing to a string");
    }
    out.push_str("</table>\n");
    if !kind.also.is_empty() {
        let also: Vec<String> = kind.also.iter().map(|name| format!("<code>{name}</code>")).collect();
        writeln!(out, "<p>Fields of its own that pass: {}. Any other is dropped.</p>", also.join(", "))
            .expect("writing to a string");
    }
}

fn address(kind: &Kind) -> String {
    match kind.address {
        Address::None => "in this process".to_owned(),
        Address::Usual(url) => {
            format!("called at <code>{}</code> unless <code>base_url</code> says otherwise", Escaped(url))
        }
        Address::Own(url) => format!("called at its <code>base_url</code>, such as <code>{}</code>", Escaped(url)),
    }
}

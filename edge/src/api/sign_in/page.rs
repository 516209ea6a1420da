//! What a person sees at the end of a sign-in that leads to no page of an application: in their language.

use crate::docs::{error_page, html::Escaped};
use axum::response::{IntoResponse as _, Response};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use proto::Failure;

struct Texts {
    locale: &'static str,
    worked: &'static str,
    enter: &'static str,
    failed: &'static str,
    help: &'static str,
}

const ENGLISH: Texts = Texts {
    locale: "en",
    worked: "You are signed in at the provider",
    enter: "Enter this code where you began, within a minute. It works there only, and once. If you did not begin anything, close this page.",
    failed: "The sign-in did not work",
    help: "What this means, and what to do",
};
const PORTUGUESE: Texts = Texts {
    locale: "pt-BR",
    worked: "Você entrou na sua conta do provedor",
    enter: "Digite este código onde você começou, em até um minuto. Ele funciona só lá, e uma vez só. Se você não começou nada, feche esta página.",
    failed: "Não foi possível entrar",
    help: "O que isso significa e o que fazer",
};

/// It worked.
pub(super) fn done(code: &str, headers: &HeaderMap) -> Response {
    let texts = texts(headers);
    let content = format!("<p>{}</p>\n<p><code>{}</code></p>\n", texts.enter, Escaped(code));
    page(StatusCode::OK, texts, texts.worked, &content)
}

/// It did not.
pub(super) fn failed(failure: &Failure, headers: &HeaderMap) -> Response {
    let texts = texts(headers);
    let content = format!(
        "<p>{}</p>\n<p><a href=\"{}\">{}</a></p>\n",
        Escaped(&failure.message),
        error_page(failure.reason),
        texts.help
    );
    let status = StatusCode::from_u16(failure.reason.http()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    page(status, texts, texts.failed, &content)
}

/// Portuguese for those whose browser asks for it before anything else.
fn texts(headers: &HeaderMap) -> &'static Texts {
    let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if accepted.trim_start().get(..2).is_some_and(|tag| tag.eq_ignore_ascii_case("pt")) {
        &PORTUGUESE
    } else {
        &ENGLISH
    }
}

fn page(status: StatusCode, texts: &Texts, title: &str, content: &str) -> Response {
    let locale = texts.locale;
    let html = format!(
        "<!doctype html>\n<html lang=\"{locale}\">\n<head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <title>{title} · Perpetuo</title><link rel=\"stylesheet\" href=\"/docs/style.css\"></head>\n\
         <body><main>\n<h1>{title}</h1>\n{content}</main></body></html>\n"
    );
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (header::VARY, HeaderValue::from_static("accept, accept-language")),
    ];
    (status, headers, html).into_response()
}

//! Bad input gets its documented status and says what to change. None of it is a 500.

use crate::{
    ask::{Edge, bearer, request},
    fake::{FOREIGN, KEY_ID, PROVIDER, TOKEN, WORKSPACE},
};
use axum::body::Body;
use bytes::Bytes;
use futures::stream;
use serde_json::Value;

fn providers() -> String {
    format!("/workspaces/{WORKSPACE}/providers")
}

#[tokio::test]
async fn bodies_that_cannot_be_read_say_where_and_why() {
    let edge = Edge::new();
    let deep = format!(r#"{{"email":{}"#, "[".repeat(200_000));
    let cases: &[(&[u8], &str, &str)] = &[
        (b"", "MALFORMED_REQUEST", ""),
        (b"{", "MALFORMED_REQUEST", ""),
        (b"{\"email\": nope}", "MALFORMED_REQUEST", ""),
        (b"{\"email\":\"\xff\xfe\"}", "MALFORMED_REQUEST", ""),
        (deep.as_bytes(), "INVALID_ARGUMENT", "email"),
        (b"[]", "INVALID_ARGUMENT", "body"),
        (br#"["ana@example.com","correct horse","Ana",null]"#, "INVALID_ARGUMENT", "body"),
        (b"null", "INVALID_ARGUMENT", "body"),
        (b"{}", "INVALID_ARGUMENT", "email"),
        (br#"{"email":5}"#, "INVALID_ARGUMENT", "email"),
        (br#"{"email":"a","password":"b","name":"c","plan":"pro"}"#, "INVALID_ARGUMENT", "plan"),
        (br#"{"email":"a","email":"b"}"#, "INVALID_ARGUMENT", "email"),
    ];
    for (body, code, field) in cases {
        let answer = edge.post_anonymous("/auth/signup", Bytes::copy_from_slice(body)).await;
        let shown = String::from_utf8_lossy(&body[..body.len().min(60)]).into_owned();
        let problem = answer.problem(400, code);
        match *field {
            "" => assert_eq!(problem["errors"], Value::Array(vec![]), "{shown}"),
            field => assert_eq!(problem["errors"][0]["field"], field, "{shown}: {problem}"),
        }
    }
    let malformed =
        edge.post_anonymous("/auth/signup", "{\n  \"email\": nope}").await.problem(400, "MALFORMED_REQUEST");
    assert_eq!((malformed["line"].as_i64(), malformed["column"].is_i64()), (Some(2), true));
    assert!(!edge.fakes.was_called("sign_up"));
}

#[tokio::test]
async fn wrong_fields_are_named_by_their_path() {
    let edge = Edge::new();
    for (body, field) in [
        (r#"{"provider":"openai","priority":"high"}"#, "priority"),
        (r#"{"provider":"openai","priority":99999999999}"#, "priority"),
        (r#"{"provider":"openai","models":["a",1]}"#, "models[1]"),
        (r#"{"provider":"openai","options":[]}"#, "options"),
        (r#"{"provider":"openai","apikey":"x"}"#, "apikey"),
        (r#"{"provider":"openai","enabled":"yes"}"#, "enabled"),
    ] {
        let problem = edge.put("POST", &providers(), body).await.problem(400, "INVALID_ARGUMENT");
        assert_eq!(problem["errors"][0]["field"], field, "{problem}");
    }
    let keys = format!("/workspaces/{WORKSPACE}/api-keys");
    for (body, field) in [
        (r#"{"name":"a","expires_at":"tomorrow"}"#, "expires_at"),
        (r#"{"name":"a","limits":{"rpm":1.5}}"#, "limits.rpm"),
        (r#"{"name":"a","limits":{"rps":1}}"#, "limits.rps"),
        (r#"{"name":"a","limits":[1,2,3]}"#, "limits"),
    ] {
        let problem = edge.put("POST", &keys, body).await.problem(400, "INVALID_ARGUMENT");
        assert_eq!(problem["errors"][0]["field"], field, "{problem}");
    }
}

#[tokio::test]
async fn a_key_is_bound_to_something_or_to_nothing_but_never_to_an_empty_list() {
    let edge = Edge::new();
    let keys = format!("/workspaces/{WORKSPACE}/api-keys");
    for (method, path) in [("POST", keys.clone()), ("PATCH", format!("{keys}/{KEY_ID}"))] {
        for field in ["allowed_models", "allowed_ips"] {
            let of = |value: &str| format!(r#"{{"name":"a","{field}":{value}}}"#);
            let problem = edge.put(method, &path, of("[]")).await.problem(422, "REFUSED_VALUE");
            assert_eq!(problem["errors"][0]["field"], field);
            let problem = edge.put(method, &path, of("[1]")).await.problem(400, "INVALID_ARGUMENT");
            assert_eq!(problem["errors"][0]["field"], format!("{field}[0]"));
            assert!(edge.put(method, &path, of("null")).await.status < 300);
        }
    }
}

#[tokio::test]
async fn a_refused_value_is_422_here_and_400_for_openais_clients() {
    let edge = Edge::new();
    let path = format!("/api/v1/workspaces/{WORKSPACE}");
    let problem = edge.put("PUT", &path, r#"{"currency":"XXX"}"#).await.problem(422, "REFUSED_VALUE");
    assert_eq!(problem["errors"][0]["field"], "currency");
}

#[tokio::test]
async fn only_json_is_taken() {
    let edge = Edge::new();
    let send = |path: &str, media: Option<&str>| {
        let mut sent = request("POST", path).header("authorization", bearer(TOKEN));
        if let Some(media) = media {
            sent = sent.header("content-type", media);
        }
        edge.send(sent.body(r#"{"model":"plain","messages":[]}"#.into()).unwrap())
    };
    for media in [None, Some("text/plain"), Some("application/x-www-form-urlencoded"), Some("application/xml")] {
        send("/auth/login", media).await.problem(415, "UNSUPPORTED_MEDIA_TYPE");
        send("/v1/chat/completions", media).await.openai(415, "unsupported_media_type");
    }
    assert_eq!(send("/v1/chat/completions", Some("application/json; charset=utf-8")).await.status, 200);
}

#[tokio::test]
async fn bodies_have_a_limit_whatever_the_client_declares() {
    let edge = Edge::new();
    let large = |bytes: usize| Bytes::from(vec![b' '; bytes]);
    let problem = edge.post_anonymous("/auth/login", large(1_048_577)).await.problem(413, "BODY_TOO_LARGE");
    assert_eq!(problem["limit_bytes"], 1_048_576);
    let pieces = stream::iter((0..40).map(move |_| Ok::<_, std::io::Error>(large(65_536))));
    edge.post_anonymous("/auth/login", Body::from_stream(pieces)).await.problem(413, "BODY_TOO_LARGE");
    let answer = edge.put("POST", "/v1/chat/completions", vec![b' '; 20 * 1024 * 1024]).await;
    let error = answer.openai(413, "body_too_large");
    assert!(error["message"].as_str().is_some_and(|text| text.contains("16777216")), "{error}");
    assert_eq!(error.as_object().map(serde_json::Map::len), Some(4), "OpenAI's four members and no other: {error}");
}

#[tokio::test]
async fn what_is_no_id_and_what_belongs_to_others_is_404() {
    let edge = Edge::new();
    for path in [
        "/workspaces/acme",
        "/workspaces/ws_1",
        "/workspaces/%FF",
        &format!("/workspaces/{}", WORKSPACE.to_uppercase()),
        &format!("/workspaces/{FOREIGN}"),
        &format!("/workspaces/{FOREIGN}/providers"),
        &format!("/workspaces/{PROVIDER}"),
        &format!("{}/prov_1", providers()),
        &format!("{}/{WORKSPACE}", providers()),
        &format!("/workspaces/{WORKSPACE}/logs/req_1"),
        &format!("/api/v1/workspaces/{FOREIGN}/logs"),
        "/nowhere",
        "/",
        "/api/v1",
        "/api/v1/nowhere",
        "/me/",
    ] {
        let problem = edge.get(path).await.problem(404, "NOT_FOUND");
        assert_eq!(problem["instance"], path);
    }
    edge.get("/v1/nowhere").await.openai(404, "not_found");
    assert!(!edge.fakes.was_called("get_workspace") && !edge.fakes.was_called("get_provider"));
}

#[tokio::test]
async fn a_stranger_learns_nothing_about_ids() {
    let edge = Edge::new();
    for id in [WORKSPACE, FOREIGN, "nonsense"] {
        let sent = request("GET", &format!("/workspaces/{id}")).body(Body::empty()).unwrap();
        edge.send(sent).await.problem(401, "CREDENTIALS_MISSING");
    }
}

#[tokio::test]
async fn query_strings_are_read_strictly() {
    let edge = Edge::new();
    let logs = format!("/workspaces/{WORKSPACE}/logs");
    for (query, field) in [
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("limit=-1", "limit"),
        ("limit=many", "limit"),
        ("limit=99999999999", "limit"),
        ("limit=", "limit"),
        ("cursor=garbage", "cursor"),
        ("cursor=%FF%00", "cursor"),
        ("status=ok", "status"),
        ("from=yesterday", "from"),
        ("to=2026-02-30T00:00:00Z", "to"),
        ("colour=red", "colour"),
        ("limit=1&limit=2", "limit"),
    ] {
        let problem = edge.get(&format!("{logs}?{query}")).await.problem(400, "INVALID_ARGUMENT");
        assert_eq!(problem["errors"][0]["field"], field, "{query}: {problem}");
        assert!(problem["errors"][0]["message"].as_str().is_some_and(|text| text.len() > 5), "{problem}");
    }
    let answer = edge.get(&format!("{logs}?from=2026-01-01T00:00:00+00:00&to=2026-02-01&limit=1")).await;
    assert_eq!(answer.status, 200, "{answer:?}");
}

#[tokio::test]
async fn another_method_is_405_and_lists_what_there_is() {
    let edge = Edge::new();
    let answer = edge.put("PATCH", &providers(), "{}").await;
    answer.problem(405, "METHOD_NOT_ALLOWED");
    assert_eq!(answer.header("allow"), "GET,HEAD,POST");
    let answer = edge.get("/v1/chat/completions").await;
    answer.openai(405, "method_not_allowed");
    assert_eq!(answer.header("allow"), "POST");
    let answer = edge.put("DELETE", "/api/v1/me", "").await;
    answer.problem(405, "METHOD_NOT_ALLOWED");
    assert_eq!(answer.header("allow"), "GET,HEAD,PUT");
}

/// It would repeat to a page what the browser or a proxy has added: cookies and credentials.
#[tokio::test]
async fn nobody_is_told_what_they_sent() {
    let edge = Edge::new();
    for path in [&providers(), "/api/v1/me", "/v1/chat/completions", "/health", "/docs"] {
        let answer = edge.put("TRACE", path, "").await;
        assert!(answer.status == 405 && !answer.text().contains(TOKEN), "{path}: {answer:?}");
    }
}

#[tokio::test]
async fn an_idempotency_key_must_be_a_header_of_its_kind() {
    let edge = Edge::new();
    let sent = request("GET", "/me").header("authorization", bearer(TOKEN));
    let answer = edge.send(sent.header("idempotency-key", "x".repeat(256)).body(Body::empty()).unwrap()).await;
    assert_eq!(answer.problem(400, "INVALID_ARGUMENT")["errors"][0]["field"], "Idempotency-Key");
}

#[tokio::test]
async fn what_is_escaped_is_unescaped_once() {
    let edge = Edge::new();
    edge.get(&format!("/workspaces/{WORKSPACE}/logs?model=a%2541%2500&provider=b%20c")).await;
    let asked = edge.fakes.last("list_logs").request;
    assert!(asked.contains("\"a%41%00\"") && asked.contains("\"b c\""), "{asked}");
    for (sent, meant) in [("simulator%2Fchat", "simulator/chat"), ("simulator%252Fchat", "simulator%2Fchat")] {
        edge.get(&format!("/v1/models/{sent}")).await;
        let asked = edge.fakes.last("get_model").request;
        assert!(asked.contains(&format!("\"{meant}\"")), "{sent}: {asked}");
    }
}

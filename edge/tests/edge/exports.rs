//! Exports over HTTP.

use crate::{
    ask::{Edge, bearer, ok, request},
    fake::{EXPORT, LINK, SCHEDULE, TOKEN, WORKSPACE},
};
use axum::body::Body;

fn exports() -> String {
    format!("/workspaces/{WORKSPACE}/exports")
}

#[tokio::test]
async fn an_export_is_accepted_with_its_place_and_may_be_repeated() {
    let edge = Edge::new();
    let body = r#"{"kind":"usage","format":"csv","from":"2026-10-01","to":"2026-11-01"}"#;
    let answer = edge.put("POST", &exports(), body).await;
    assert_eq!(answer.status, 202, "{answer:?}");
    assert_eq!(answer.header("location"), format!("/api/v1{}/{EXPORT}", exports()));
    let export = answer.json();
    assert_eq!((&export["status"], &export["kind"], &export["error"]), (&"queued".into(), &"usage".into(), &().into()));
    let seen = edge.fakes.last("create_export");
    assert!(seen.request.contains("1790812800") && seen.request.contains("1793491200"), "{}", seen.request);
    let again = request("POST", &exports()).header("authorization", bearer(TOKEN)).header("idempotency-key", "again");
    let again = edge.send(again.header("content-type", "application/json").body(Body::from(body)).unwrap()).await;
    assert_eq!((again.status, again.header("idempotent-replayed")), (202, "true"));
}

#[tokio::test]
async fn fields_that_an_export_does_not_have_are_named() {
    let edge = Edge::new();
    for (body, field) in [
        (r#"{"format":"csv"}"#, "kind"),
        (r#"{"kind":"usage"}"#, "format"),
        (r#"{"kind":"usage","format":"csv","until":"2026-11-01"}"#, "until"),
        (r#"{"kind":"usage","format":"csv","from":"yesterday"}"#, "from"),
    ] {
        let problem = edge.put("POST", &exports(), body).await.problem(400, "INVALID_ARGUMENT");
        assert_eq!(problem["errors"][0]["field"], field, "{problem}");
    }
    assert!(!edge.fakes.was_called("create_export"));
}

#[tokio::test]
async fn a_download_is_the_file_with_its_name_type_and_length() {
    let edge = Edge::new();
    let answer = edge.get(&format!("{}/{EXPORT}/download", exports())).await;
    ok(&answer);
    assert_eq!(answer.text(), "id,cost\r\n1,2");
    assert_eq!((answer.header("content-type"), answer.header("content-length")), ("text/csv; charset=utf-8", "12"));
    assert_eq!(answer.header("content-disposition"), "attachment; filename=\"usage.csv\"");
    assert_eq!(answer.header("cache-control"), "no-store");
}

#[tokio::test]
async fn a_download_that_comes_too_early_says_when_to_come_back() {
    let edge = Edge::new();
    let early = request("GET", &format!("{}/{EXPORT}/download", exports())).header("authorization", bearer(TOKEN));
    let answer = edge.send(early.header("idempotency-key", "early").body(Body::empty()).unwrap()).await;
    answer.problem(409, "EXPORT_NOT_READY");
    assert_eq!(answer.header("retry-after"), "2");
}

#[tokio::test]
async fn exports_are_listed_shown_and_removed_and_foreign_ids_are_absent() {
    let edge = Edge::new();
    let listed = edge.get(&exports()).await.json();
    assert_eq!(listed["data"][0]["id"], EXPORT);
    assert_eq!(edge.get(&format!("{}/{EXPORT}", exports())).await.json()["bytes"], 12);
    assert_eq!(edge.put("DELETE", &format!("{}/{EXPORT}", exports()), "").await.status, 204);
    for path in ["exp_01k9tq6j3se5mb1pt2xdv6q3kx", "nonsense"] {
        edge.get(&format!("{}/{path}", exports())).await.problem(404, "NOT_FOUND");
        edge.get(&format!("{}/{path}/download", exports())).await.problem(404, "NOT_FOUND");
    }
}

#[tokio::test]
async fn a_schedule_is_created_listed_and_removed() {
    let (edge, schedules) = (Edge::new(), format!("/workspaces/{WORKSPACE}/export-schedules"));
    let body = r#"{"kind":"usage","format":"csv","cron":"0 6 * * *","time_zone":"Asia/Tokyo","destination":{"type":"download"}}"#;
    let answer = edge.put("POST", &schedules, body).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    assert_eq!(answer.header("location"), format!("/api/v1{schedules}/{SCHEDULE}"));
    let made = answer.json();
    assert_eq!((&made["cron"], &made["destination"]["type"]), (&"0 6 * * *".into(), &"download".into()));
    let listed = edge.get(&schedules).await.json()["data"][0].clone();
    assert_eq!((&listed["paused"], &listed["next_run_at"], &listed["failures"]), (&true.into(), &().into(), &5.into()));
    for (body, field) in [
        (r#"{"kind":"usage","format":"csv"}"#, "cron"),
        (
            r#"{"kind":"usage","format":"csv","cron":"0 6 * * *","destination":{"type":"fax","to":"b"}}"#,
            "destination.type",
        ),
        (
            r#"{"kind":"usage","format":"csv","cron":"0 6 * * *","destination":{"type":"s3","bucket":"b","color":"red"}}"#,
            "destination.color",
        ),
    ] {
        let problem = edge.put("POST", &schedules, body).await.problem(400, "INVALID_ARGUMENT");
        assert_eq!(problem["errors"][0]["field"], field, "{problem}");
    }
    let resumed = edge.put("PATCH", &format!("{schedules}/{SCHEDULE}"), r#"{"paused":false}"#).await.json();
    assert_eq!(resumed["paused"], false);
    assert_eq!(edge.put("DELETE", &format!("{schedules}/{SCHEDULE}"), "").await.status, 204);
    edge.put("DELETE", &format!("{schedules}/nonsense"), "").await.problem(404, "NOT_FOUND");
}

#[tokio::test]
async fn a_destination_goes_to_the_service_with_its_credential_and_comes_back_without() {
    let (edge, schedules) = (Edge::new(), format!("/workspaces/{WORKSPACE}/export-schedules"));
    let body = r#"{"destination":{"type":"s3","endpoint":"https://storage.example.com","bucket":"reports",
        "access_key_id":"AKIAEXAMPLE","secret_access_key":"the-secret"}}"#;
    let answer = edge.put("PATCH", &format!("{schedules}/{SCHEDULE}"), body).await;
    let shown = &answer.json()["destination"];
    assert_eq!((&shown["type"], &shown["bucket"]), (&"s3".into(), &"reports".into()));
    assert!(!String::from_utf8_lossy(&answer.body).contains("AKIAEXAMPLE"), "{answer:?}");
    let mail = r#"{"destination":{"type":"email","to":["ada@example.com"]}}"#;
    let shown = edge.put("PATCH", &format!("{schedules}/{SCHEDULE}"), mail).await.json();
    assert_eq!(shown["destination"], serde_json::json!({"type": "email", "to": ["ada@example.com"]}));
}

#[tokio::test]
async fn the_link_of_a_letter_needs_no_other_credential_and_shows_nothing_else() {
    let edge = Edge::new();
    let link =
        |token: &str| request("GET", &format!("/api/v1/exports/download?token={token}")).body(Body::empty()).unwrap();
    let answer = edge.send(link(LINK)).await;
    ok(&answer);
    assert_eq!(answer.text(), "id,cost\r\n1,2");
    assert_eq!(answer.header("cache-control"), "no-store");
    let seen = edge.fakes.last("download_linked_export");
    assert!(seen.call.scopes == proto::Scopes::NONE && !seen.request.contains(LINK), "{seen:?}");
    edge.send(link("another")).await.problem(404, "NOT_FOUND");
    let none = edge.send(request("GET", "/exports/download").body(Body::empty()).unwrap()).await;
    assert_eq!(none.problem(400, "INVALID_ARGUMENT")["errors"][0]["field"], "token");
}

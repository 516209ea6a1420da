//! Executions that are followed.

use super::of;
use crate::{
    ask::{Answer, Edge, bearer, request},
    fake::{EXECUTION, TOKEN, executions::event},
};
use axum::body::Body;
use http_body_util::BodyExt as _;
use proto::{Reason, engine::Phase};
use serde_json::json;
use std::time::Duration;
use tower::ServiceExt as _;

/// An execution with three events, the last of which ends it.
fn ended() -> Edge {
    let edge = Edge::new();
    edge.fakes.change(|world| {
        world.put(Phase::Completed, 1);
        world.events = vec![event(1, "execution.queued"), event(2, "stage.started"), event(3, "execution.completed")];
    });
    edge
}

async fn get(edge: &Edge, rest: &str, headers: &[(&str, &str)]) -> Answer {
    let sent = request("GET", &of(rest)).header("authorization", bearer(TOKEN));
    let sent = headers.iter().fold(sent, |sent, (name, value)| sent.header(*name, *value));
    edge.send(sent.body(Body::empty()).unwrap()).await
}

fn told(seq: i64, name: &str) -> String {
    let at = format!("2026-09-21T14:13:{}Z", 20 + seq);
    let data = format!(r#"{{"seq":{seq},"type":"{name}","at":"{at}","data":{{"stage": "opinions"}}}}"#);
    format!("id: {seq}\nevent: {name}\ndata: {data}\n\n")
}

#[tokio::test]
async fn events_are_told_with_their_numbers_until_the_last() {
    let edge = ended();
    // Nothing comes after the last event, whatever the engine does.
    edge.fakes.world().goes_on = true;
    let answer = get(&edge, "/events", &[]).await;
    assert_eq!((answer.status, answer.header("content-type")), (200, "text/event-stream; charset=utf-8"));
    assert_eq!((answer.header("x-accel-buffering"), answer.header("cache-control")), ("no", "no-cache, no-store"));
    let all = [told(1, "execution.queued"), told(2, "stage.started"), told(3, "execution.completed")].concat();
    assert_eq!(answer.text(), format!("retry: 2000\n\n{all}"));
}

#[tokio::test]
async fn a_stream_is_taken_up_where_it_broke_off() {
    let edge = ended();
    let rest = format!("retry: 2000\n\n{}", told(3, "execution.completed"));
    assert_eq!(get(&edge, "/events?after=2", &[]).await.text(), rest);
    // Browsers send the first address again.
    assert_eq!(get(&edge, "/events?after=1", &[("last-event-id", "2")]).await.text(), rest);
    for (rest, headers, field) in
        [("/events?after=-1", &[][..], "after"), ("/events", &[("last-event-id", "x")], "Last-Event-ID")]
    {
        let refused = get(&edge, rest, headers).await.problem(400, "INVALID_ARGUMENT");
        assert_eq!(refused["errors"][0]["field"], field);
    }
}

#[tokio::test]
async fn who_has_all_of_what_has_ended_need_not_come_again() {
    let edge = ended();
    edge.fakes.change(|world| {
        let (owned, _) = world.owned.get_mut(EXECUTION).unwrap();
        owned.closed_at = owned.created_at;
    });
    let answer = get(&edge, "/events", &[("last-event-id", "3")]).await;
    assert_eq!((answer.status, answer.body.len()), (204, 0));
    let answer = get(&edge, "/events", &[("last-event-id", "2")]).await;
    assert!(answer.text().ends_with(&told(3, "execution.completed")), "{answer:?}");
}

#[tokio::test(start_paused = true)]
async fn the_polling_twin_has_what_is_there_and_does_not_wait() {
    let edge = ended();
    edge.fakes.change(|world| {
        (world.goes_on, world.events) = (true, (1..=501).map(|seq| event(seq, "execution.progress")).collect());
    });
    let first = get(&edge, "/events?format=json", &[]).await.json();
    assert_eq!((first["data"].as_array().unwrap().len(), &first["next_after"]), (500, &json!(500)));
    let second = get(&edge, "/events?after=500", &[("accept", "application/json")]).await.json();
    let event =
        json!({"seq": 501, "type": "execution.progress", "at": "2026-09-21T14:21:41Z", "data": {"stage": "opinions"}});
    assert_eq!(second, json!({"data": [event], "next_after": 501}));
    let third = get(&edge, "/events?after=501&format=json", &[]).await.json();
    assert_eq!(third, json!({"data": [], "next_after": 501}));
}

#[tokio::test(start_paused = true)]
async fn a_quiet_stream_is_kept_alive() {
    let edge = ended();
    edge.fakes.change(|world| {
        (world.goes_on, world.events) = (true, vec![event(1, "execution.queued")]);
    });
    let sent = request("GET", &of("/events")).header("authorization", bearer(TOKEN)).body(Body::empty()).unwrap();
    let mut body = edge.router.clone().oneshot(sent).await.unwrap().into_body();
    let mut all = String::new();
    let began = tokio::time::Instant::now();
    while !all.ends_with(": keep-alive\n\n: keep-alive\n\n") {
        let data = body.frame().await.unwrap().unwrap().into_data().unwrap();
        all.push_str(std::str::from_utf8(&data).unwrap());
    }
    // Far longer than a request may take.
    assert!((30..32).contains(&began.elapsed().as_secs()), "{:?}", began.elapsed());
    let later = tokio::time::timeout(Duration::from_secs(60), body.frame()).await;
    assert!(later.is_ok_and(|frame| frame.is_some()));
}

#[tokio::test]
async fn a_stream_that_breaks_ends_without_its_last_event() {
    let edge = ended();
    edge.fakes.world().events.truncate(1);
    edge.fakes.world().refuse("engine.watch_execution", Reason::ServiceUnavailable.with("the engine is away"));
    let answer = get(&edge, "/events", &[]).await;
    assert_eq!(answer.text(), format!("retry: 2000\n\n{}", told(1, "execution.queued")));
}

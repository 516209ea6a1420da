//! The audit trail of a workspace.

use crate::{ask::Edge, fake::WORKSPACE};

fn audit() -> String {
    format!("/workspaces/{WORKSPACE}/audit")
}

#[tokio::test]
async fn the_trail_is_listed_with_its_filters() {
    let edge = Edge::new();
    let listed = edge.get(&format!("{}?actor=usr_x&action=provider.created&from=2026-01-01", audit())).await.json();
    let event = &listed["data"][0];
    assert_eq!((&event["action"], &event["details"]["name"]), (&"provider.created".into(), &"main".into()));
    assert_eq!((&event["request_id"], &listed["next_cursor"]), (&().into(), &().into()));
    edge.get(&format!("{}?colour=red", audit())).await.problem(400, "INVALID_ARGUMENT");
}

#[tokio::test]
async fn the_trail_is_downloaded_as_json_and_as_csv_without_formulas() {
    let edge = Edge::new();
    let json = edge.get(&format!("{}/export", audit())).await;
    assert!(json.header("content-disposition").contains("audit.json"), "{json:?}");
    assert_eq!(json.json().as_array().unwrap().len(), 2);
    let csv = edge.get(&format!("{}/export?format=csv", audit())).await;
    let text = String::from_utf8(csv.body.to_vec()).unwrap();
    let lines: Vec<_> = text.split_terminator("\r\n").collect();
    assert_eq!((lines.len(), lines[0]), (3, "id,created_at,actor,action,subject,request_id,source,details"), "{text}");
    assert!(lines[1].contains(",'=cmd(),"), "{text}");
    edge.get(&format!("{}/export?format=xml", audit())).await.problem(422, "REFUSED_VALUE");
}

#[tokio::test]
async fn for_verification_the_head_comes_first_and_then_an_entry_a_line() {
    let edge = Edge::new();
    let lines = edge.get(&format!("{}/export?format=jsonl", audit())).await;
    assert_eq!(lines.header("content-type"), "application/jsonl");
    let lines: Vec<_> = lines.text().lines().map(str::to_owned).collect();
    let (hash, signature, key) = ("ab".repeat(32), "01".repeat(64), "02".repeat(32));
    let head = format!(
        r#"{{"head":{{"workspace_id":"{WORKSPACE}","seq":7,"hash":"{hash}","at":"2026-09-21T14:13:20Z","signature":"{signature}","public_key":"{key}"}}}}"#
    );
    let entry = format!(
        r#"{{"id":"evt_01k9tq6j3se5mb1pt2xdv6q3kx","created_at":"2026-09-21T14:13:20Z","actor":"usr_01k9tq6j3se5mb1pt2xdv6q3kz","action":"provider.created","subject":"=cmd()","request_id":null,"details":{{"name":"main"}},"source":"workspace","seq":7,"hash":"{hash}"}}"#
    );
    // Byte for byte: verification takes no other way to write it.
    assert_eq!((lines.len(), &lines[0], &lines[1]), (3, &head, &entry));
}

#[tokio::test]
async fn nothing_is_an_empty_file_and_what_breaks_off_is_no_whole_one() {
    let edge = Edge::new();
    let none = edge.get(&format!("{}/export?actor=nobody", audit())).await;
    assert_eq!(none.body, "[]\n");
    let none = edge.get(&format!("{}/export?actor=nobody&format=csv", audit())).await;
    assert_eq!(none.body, "id,created_at,actor,action,subject,request_id,source,details\r\n");
}

//! What a workspace lets pass, as people write it.

use crate::{
    ask::{Edge, ok},
    fake::WORKSPACE,
};
use serde_json::{Value, json};

fn path() -> String {
    format!("/workspaces/{WORKSPACE}/guardrails")
}

fn rule(name: &str, more: Value) -> Value {
    let mut rule = json!({
        "name": name, "on": [], "action": "flag", "detect": [], "patterns": [], "words": [], "moderation": null,
        "replacement": null,
    });
    let fields = more.as_object().expect("fields").clone();
    rule.as_object_mut().expect("fields").extend(fields);
    rule
}

#[tokio::test]
async fn every_rule_comes_back_as_it_was_written() {
    let judge = json!({
        "model": "openai/omni-moderation-latest", "deadline_ms": 500, "on_failure": "pass", "thresholds": {"violence": 0.5},
    });
    let rules = json!({"rules": [
        rule("pii", json!({"detect": ["cpf", "cnpj", "email", "card", "phone"], "action": "redact", "replacement": "[x]"})),
        rule("keys", json!({"patterns": ["sk-[a-z]+"], "on": ["output"], "action": "block"})),
        rule("rivals", json!({"words": ["acme"], "on": ["input", "output"]})),
        rule("judge", json!({"moderation": judge})),
    ]});
    let edge = Edge::new();
    let put = edge.put("PUT", &path(), rules.to_string()).await;
    assert_eq!((put.status, put.json()), (200, rules));
    let seen = edge.fakes.last("put_guardrails").request;
    assert!(seen.contains("Cnpj") && seen.contains("Block") && seen.contains("violence"), "{seen}");
}

#[tokio::test]
async fn nothing_is_looked_for_unless_it_was_set_and_unknown_words_are_named() {
    let edge = Edge::new();
    assert_eq!(edge.get(&path()).await.json(), json!({"rules": []}));
    ok(&edge.put("PUT", &path(), "{}").await);
    for (body, field) in [
        (json!({"rules": [{"name": "a", "action": "burn"}]}), "rules[0].action"),
        (json!({"rules": [{"name": "a", "action": "flag", "detect": ["rg"]}]}), "rules[0].detect[0]"),
        (json!({"rules": [{"name": "a", "action": "flag", "regexes": []}]}), "rules[0].regexes"),
    ] {
        let refused = edge.put("PUT", &path(), body.to_string()).await;
        assert_eq!((refused.status, &refused.json()["errors"][0]["field"]), (400, &json!(field)), "{}", refused.json());
    }
}

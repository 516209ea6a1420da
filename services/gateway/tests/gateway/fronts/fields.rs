//! Every documented field of the surfaces that are told as chat completions: told, named as lost, or refused by its name. The tables are
//! files, so that the SDKs' own types can say whether a field is missing (`tests/conformance/python/fronts.py`).

use crate::{
    provider::{COMPLETION, DONE, HELLO, ROLE, STOP, USAGE, answer, stream},
    world::one,
};
use proto::{Reason, gateway::Operation};
use serde_json::{Value, json};

fn table(front: &str) -> Vec<Value> {
    let file = format!("{}/../../tests/conformance/fronts/{front}.json", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read(&file).unwrap_or_else(|e| panic!("{file}: {e}"));
    serde_json::from_slice(&text).unwrap_or_else(|e| panic!("{file}: {e}"))
}

fn fronts() -> [(&'static str, Operation, Value); 4] {
    let user = json!([{"role": "user", "content": "Hello"}]);
    let contents = json!([{"role": "user", "parts": [{"text": "Hello"}]}]);
    [
        ("messages", Operation::Messages, json!({"model": "m", "max_tokens": 50, "messages": user})),
        ("responses", Operation::Responses, json!({"model": "m", "store": false, "input": "Hello"})),
        ("generate", Operation::GenerateContent, json!({"model": "m", "stream": false, "contents": contents})),
        ("ollama", Operation::OllamaChat, json!({"model": "m", "stream": false, "messages": user})),
    ]
}

fn names(row: &Value, what: &str) -> Vec<String> {
    let all = row[what].as_array().unwrap_or_else(|| panic!("{row} has no {what}"));
    all.iter().map(|one| one.as_str().expect("a text").to_owned()).collect()
}

#[tokio::test]
async fn every_field_is_told_or_named_as_lost_or_refused_by_its_name() {
    let mut wrong = vec![];
    for (front, operation, least) in fronts() {
        let (world, provider) = one(vec![]).await;
        for row in table(front) {
            let mut asked = least.clone();
            asked.as_object_mut().expect("an object").extend(row["ask"].as_object().expect("a request").clone());
            let streams = asked["stream"] == true;
            let chunks = stream(&[ROLE, HELLO, STOP, USAGE, DONE]);
            provider.now(if streams { chunks } else { answer(200, "application/json", COMPLETION) });
            let before = provider.received().len();
            let told = world.ask_of(operation, &asked.to_string()).await;
            let sent = provider.received().split_off(before);
            let said = sent.last().map(|sent| String::from_utf8_lossy(&sent.body).into_owned());
            if let Err(problem) = judged(&row, told, said) {
                wrong.push(format!("{front} {}: {problem}", row["field"]));
            }
        }
    }
    assert!(wrong.is_empty(), "{} fields:\n{}", wrong.len(), wrong.join("\n"));
}

/// Errors: what is wrong.
fn judged(row: &Value, told: Result<crate::ask::Answer, proto::Failure>, sent: Option<String>) -> Result<(), String> {
    if let Some(field) = row["refused"].as_str() {
        let failure = match told {
            Err(failure) => failure,
            Ok(answer) => return Err(format!("was answered: {}", answer.body)),
        };
        let named: Vec<&str> = failure.fields.iter().map(|(name, _)| name.as_str()).collect();
        let is_named = failure.reason == Reason::InvalidArgument && named.iter().any(|name| name.starts_with(field));
        let is_continued = field == "previous_response_id" && failure.reason == Reason::PreviousResponseNotFound;
        return match sent {
            Some(sent) => Err(format!("was sent: {sent}")),
            None if is_named || is_continued => Ok(()),
            None => Err(format!("{failure:?} names {named:?}")),
        };
    }
    let answer = told.map_err(|failure| format!("was refused: {failure:?}"))?;
    let sent = sent.ok_or("nobody was asked")?;
    if let Some(failure) = answer.failure {
        return Err(format!("{failure:?}"));
    }
    let lost = row["dropped"].as_str().into_iter().collect::<Vec<_>>();
    if answer.head.dropped != lost {
        return Err(format!("{:?} are named as lost, not {lost:?}", answer.head.dropped));
    }
    let (within, needles) = match () {
        () if row["sent"].is_array() => (sent, names(row, "sent")),
        () if row["answered"].is_array() => (answer.body, names(row, "answered")),
        () if row["nothing"].is_string() || !lost.is_empty() => return Ok(()),
        () => return Err("the row says nothing".to_owned()),
    };
    match needles.iter().find(|needle| !within.contains(needle.as_str())) {
        Some(needle) => Err(format!("{needle} is not in {within}")),
        None => Ok(()),
    }
}

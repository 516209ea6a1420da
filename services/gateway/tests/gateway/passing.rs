//! What goes through, goes through as it is.

use crate::{
    ask::body,
    provider::{self, COMPLETION, DONE, HELLO, Provider, ROLE, STOP, USAGE, WORLD, answer, answer_with, stream},
    world::{SECRET, World, one, settings},
};
use proto::usage::{Outcome, Tokens};
use serde_json::Value;

#[tokio::test]
async fn request_and_answer_pass_byte_for_byte_and_are_settled_once() {
    let (world, provider) = one(answer(200, "application/json; charset=utf-8", COMPLETION)).await;
    let sent = body("gpt", ", \"unknown\" : {\"deep\":[1.10, \"\\u00e9\"]}, \"temperature\":0.70");
    let answer = world.ask(&sent).await.expect("an answer");
    assert_eq!(answer.body, COMPLETION);
    assert_eq!(answer.failure, None);
    let head = answer.head;
    assert_eq!((head.status, head.content_type.as_str()), (200, "application/json"));
    assert_eq!((head.provider.as_str(), head.model.as_str(), head.attempts), ("one", "gpt", 1));
    assert!(head.overhead_us > 0 && head.overhead_us < 500_000, "{}", head.overhead_us);

    let received = &provider.received()[0];
    assert_eq!(received.line, "POST /v1/chat/completions HTTP/1.1");
    assert_eq!(String::from_utf8_lossy(&received.body), sent);
    assert!(received.headers.contains(&format!("authorization: bearer {SECRET}")), "{}", received.headers);

    let settle = &world.settled(1).await[0];
    let book = world.book();
    let admit = &book.admits[0];
    let id = &admit.subject.as_ref().expect("a subject").request_id;
    assert_eq!(settle.grant_id, format!("{id}/1"));
    assert_eq!((settle.outcome(), settle.estimated, settle.provider_status), (Outcome::Completed, false, 200));
    assert_eq!(settle.tokens, Some(Tokens { input: 7, cache_read: 4, output: 5, ..Tokens::default() }));
    let end = settle.request_end.as_ref().expect("the end of the request");
    assert_eq!((end.outcome(), end.status_code), (Outcome::Completed, 200));
    assert_eq!((admit.provider.as_str(), admit.provider_kind.as_str(), admit.free), ("one", "openai", false));
    assert!(admit.estimated_tokens > admit.estimated_input_tokens && admit.estimated_input_tokens > 5);
}

#[tokio::test]
async fn a_prefix_is_taken_off_the_model_and_nothing_else_changes() {
    let (world, provider) = one(answer(200, "application/json", COMPLETION)).await;
    world.ask(&body("one/vendor/gpt", "")).await.expect("an answer");
    assert_eq!(String::from_utf8_lossy(&provider.received()[0].body), body("vendor/gpt", ""));
    let book = world.book();
    assert_eq!(book.admits[0].model, "vendor/gpt");
    assert_eq!(book.admits[0].subject.as_ref().expect("a subject").requested_model, "one/vendor/gpt");
}

#[tokio::test]
async fn a_stream_passes_untouched_and_usage_that_nobody_asked_for_stays_inside() {
    let (world, provider) = one(stream(&[ROLE, HELLO, ": note\n\n", WORLD, STOP, USAGE, DONE])).await;
    let answer = world.ask(&body("gpt", ",\"stream\":true")).await.expect("an answer");
    assert_eq!(answer.failure, None);
    assert_eq!(answer.body, [ROLE, HELLO, ": note\n\n", WORLD, STOP, DONE].concat());
    assert_eq!(answer.head.content_type, "text/event-stream");

    let sent: Value = serde_json::from_slice(&provider.received()[0].body).expect("JSON");
    assert_eq!(sent["stream_options"]["include_usage"], true);
    let settle = &world.settled(1).await[0];
    assert_eq!(settle.tokens, Some(Tokens { input: 9, output: 2, ..Tokens::default() }));
    assert!(!settle.estimated && settle.ttft_ms > 0 && settle.outcome() == Outcome::Completed);
}

/// A chunk as providers send it to whoever asks for usage, and the same chunk for whoever does not.
const NULL: [&str; 2] = [
    "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"{\\\"a\\\":1,\\\"usage\\\":null}\"}}],\"usage\": null}\r\n\r\n",
    "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"{\\\"a\\\":1,\\\"usage\\\":null}\"}}]}\r\n\r\n",
];
/// The last content and its usage in one chunk, which some servers send unasked.
const BOTH: &str = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"!\"}}],\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":2}}\n\n";

#[tokio::test]
async fn a_client_that_did_not_ask_for_usage_sees_no_trace_of_our_asking() {
    let (world, _) = one(stream(&[ROLE, NULL[0], NULL[0], BOTH, STOP, USAGE, DONE])).await;
    for more in ["", ",\"stream_options\":{\"include_usage\":false}", ",\"stream_options\":null"] {
        let answer = world.ask(&body("gpt", &format!(",\"stream\":true{more}"))).await.expect("an answer");
        assert_eq!(answer.body, [ROLE, NULL[1], NULL[1], BOTH, STOP, DONE].concat(), "{more}");
    }
}

#[tokio::test]
async fn a_null_that_the_gateway_did_not_cause_stays() {
    let whole = [ROLE, NULL[0], STOP, USAGE, DONE];
    let (world, _) = one(stream(&whole)).await;
    let asked = ",\"stream\":true,\"stream_options\":{\"include_usage\":true}";
    assert_eq!(world.ask(&body("gpt", asked)).await.expect("an answer").body, whole.concat());

    let provider = Provider::start(stream(&[ROLE, NULL[0], STOP, DONE])).await;
    let mut spared = settings("one", 0, provider.base_url());
    spared.options_json = "{\"include_usage\":false}".to_owned();
    let answer = World::new(vec![spared]).await.ask(&body("gpt", ",\"stream\":true")).await.expect("an answer");
    assert_eq!(answer.body, [ROLE, NULL[0], STOP, DONE].concat());
}

#[tokio::test]
async fn usage_that_was_asked_for_is_passed_on_and_the_request_is_not_touched() {
    let (world, provider) = one(stream(&[ROLE, HELLO, STOP, USAGE, DONE])).await;
    let sent = body("gpt", ",\"stream\":true,\"stream_options\":{\"include_usage\":true}");
    let answer = world.ask(&sent).await.expect("an answer");
    assert_eq!(answer.body, [ROLE, HELLO, STOP, USAGE, DONE].concat());
    assert_eq!(String::from_utf8_lossy(&provider.received()[0].body), sent);
}

#[tokio::test]
async fn however_the_network_cuts_a_stream_the_same_bytes_arrive() {
    let whole = [ROLE, HELLO, NULL[0], WORLD, STOP, USAGE, DONE].concat();
    let (world, provider) = one(vec![]).await;
    for size in [1, 2, 3, 7, 50, whole.len()] {
        let pieces: Vec<_> = whole.as_bytes().chunks(size).map(provider::piece).collect();
        provider.now([vec![provider::stream_head()], pieces, vec![provider::end()]].concat());
        let answer = world.ask(&body("gpt", ",\"stream\":true")).await.expect("an answer");
        let expected = [ROLE, HELLO, NULL[1], WORLD, STOP, DONE].concat();
        assert_eq!((answer.body, answer.failure), (expected, None), "cut at {size}");
    }
    assert_eq!(provider.connections(), 1, "a connection whose stream was read to its end is used again");
}

#[tokio::test]
async fn a_provider_that_reports_no_usage_is_estimated_and_the_client_that_asked_gets_the_estimate() {
    let (world, provider) = one(stream(&[ROLE, HELLO, STOP, DONE])).await;
    let asked = ",\"stream\":true,\"stream_options\":{\"include_usage\":true}";
    let answer = world.ask(&body("gpt", asked)).await.expect("an answer");
    let events: Vec<&str> = answer.body.split_inclusive("\n\n").collect();
    let usage: Value = serde_json::from_str(events[events.len() - 2].trim_start_matches("data: ")).expect("JSON");
    assert_eq!((usage["id"].as_str(), usage["choices"].as_array().map(Vec::len)), (Some("c"), Some(0)));
    assert!(usage["usage"]["completion_tokens"].as_i64() > Some(0), "{usage}");
    assert!(answer.body.ends_with(DONE));
    assert!(world.settled(1).await[0].estimated);

    provider.now(answer_with(
        200,
        "application/json",
        "",
        "{\"choices\":[{\"message\":{\"content\":\"eight chars\"}}]}",
    ));
    world.ask(&body("gpt", "")).await.expect("an answer");
    let settle = &world.settled(2).await[1];
    assert!(settle.estimated && settle.tokens.expect("tokens").output > 2, "{settle:?}");
}

#[tokio::test]
async fn a_provider_can_be_spared_the_question_for_usage() {
    let provider = Provider::start(stream(&[HELLO, STOP, DONE])).await;
    let mut spared = settings("one", 0, provider.base_url());
    spared.options_json = "{\"include_usage\":false}".to_owned();
    let world = World::new(vec![spared]).await;
    let sent = body("gpt", ",\"stream\":true");
    world.ask(&sent).await.expect("an answer");
    assert_eq!(String::from_utf8_lossy(&provider.received()[0].body), sent);
    assert!(world.settled(1).await[0].estimated);
}

#[tokio::test]
async fn an_event_of_six_mebibytes_passes_byte_for_byte() {
    let picture = "QUJD".repeat(6 * 1024 * 1024 / 4);
    let event = format!(
        "event: image_generation.completed\ndata: {{\"type\":\"image_generation.completed\",\"b64_json\":\"{picture}\"}}\n\n"
    );
    let pieces = event.as_bytes().chunks(64 * 1024).map(provider::piece);
    let script = std::iter::once(provider::stream_head()).chain(pieces).chain([provider::end()]).collect();
    let (world, _) = one(script).await;
    let asked = "{\"model\":\"image\",\"prompt\":\"A lighthouse\",\"stream\":true}";
    let told = world.ask_of(proto::gateway::Operation::Images, asked).await.expect("an answer");
    assert!(told.failure.is_none() && told.body == event, "{} of {} bytes", told.body.len(), event.len());
}

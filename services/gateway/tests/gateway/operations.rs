//! Operations beside chat completions: forwarded as they are, metered, and refused with a clear sentence.

use crate::{
    provider::{Provider, answer},
    world::{World, one, settings},
};
use proto::{
    Reason,
    gateway::Operation,
    usage::{Outcome, Tokens},
};
use serde_json::Value;

const EMBEDDINGS: &str = "{ \"object\":\"list\", \"data\":[{\"object\":\"embedding\",\"index\":0,\"embedding\":[0.10,-2e-3]}],\n\"model\":\"e\",\"usage\":{\"prompt_tokens\":8,\"total_tokens\":8}}";

#[tokio::test]
async fn embeddings_pass_byte_for_byte_and_no_key_is_sent_that_the_client_did_not_send() {
    let (world, provider) = one(answer(200, "application/json", EMBEDDINGS)).await;
    let sent = "{ \"input\" : [\"a\",  \"\\u00e9\"],\n \"model\":\"one/e\" }";
    let told = world.ask_of(Operation::Embeddings, sent).await.expect("an answer");
    assert_eq!(told.body, EMBEDDINGS);
    let received = &provider.received()[0];
    assert_eq!(received.line, "POST /v1/embeddings HTTP/1.1");
    assert_eq!(String::from_utf8_lossy(&received.body), sent.replace("one/e", "e"));
    let settle = &world.settled(1).await[0];
    assert_eq!(settle.tokens, Some(Tokens { input: 8, ..Tokens::default() }));
    assert_eq!((settle.outcome(), settle.estimated), (Outcome::Completed, false));
    let book = world.book();
    let admit = &book.admits[0];
    assert_eq!(admit.subject.as_ref().expect("a subject").operation, "embeddings");
    assert_eq!(admit.estimated_tokens, admit.estimated_input_tokens, "no output is reserved");
}

#[tokio::test]
async fn what_is_no_embedding_is_a_fault_and_the_next_provider_is_tried() {
    let (world, first) = one(answer(200, "application/json", "{\"choices\":[]}")).await;
    let second = Provider::start(answer(200, "application/json", EMBEDDINGS)).await;
    world.book().providers.push(settings("second", 1, second.base_url()));
    let told = world.ask_of(Operation::Embeddings, "{\"model\":\"e\",\"input\":\"x\"}").await.expect("an answer");
    assert_eq!((told.head.provider.as_str(), told.head.attempts), ("second", 2));
    assert_eq!(first.received().len(), 1);
}

#[tokio::test]
async fn what_no_provider_of_a_model_offers_is_a_400_that_names_them_and_nobody_is_asked() {
    // OpenAI itself has no such thing, and is not asked.
    let world = World::new(vec![settings("openai", 0, String::new())]).await;
    let refused = world.ask_of(Operation::Transcriptions, "{}").await.expect_err("a refusal");
    assert_eq!(refused.reason, Reason::MalformedRequest, "{refused}");
    let body = "{\"model\":\"rerank\",\"query\":\"q\",\"documents\":[\"d\"]}";
    let refused = world.ask_of(Operation::Rerank, body).await.expect_err("a refusal");
    assert_eq!(refused.reason, Reason::UnsupportedOperation, "{refused}");
    assert!(refused.message.contains("rerank") && refused.message.contains("openai"), "{refused}");
    assert!(world.book().admits.is_empty());
}

#[tokio::test]
async fn the_simulator_embeds_the_same_text_the_same_way() {
    let world = World::new(vec![]).await;
    let body = "{\"model\":\"simulator/embed\",\"input\":[\"The cat sat\",\"the CAT sat\"]}";
    let told = world.ask_of(Operation::Embeddings, body).await.expect("an answer");
    let told: Value = serde_json::from_str(&told.body).expect("JSON");
    assert_eq!(told["data"][0]["embedding"], told["data"][1]["embedding"]);
    assert_eq!(told["usage"]["prompt_tokens"], 6);
    assert_eq!(world.settled(1).await[0].tokens, Some(Tokens { input: 6, ..Tokens::default() }));
}

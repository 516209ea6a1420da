//! Embeddings and rerank in the providers' own words: what is sent, and what is made of the answer.

use super::{json, settings};
use crate::{
    fake::Book,
    provider::{Provider, Received, answer},
    world::{World, quick},
};
use proto::{Reason, gateway::Operation, usage::Tokens};
use serde_json::{Value, json};

const JSON: &str = "application/json";

async fn with(dialect: &str, options: &str, said: Value) -> (World, Provider) {
    let provider = Provider::start(answer(200, JSON, &said.to_string())).await;
    let providers = vec![settings(dialect, options, &provider)];
    (World::with(quick(), Book { providers, ..Book::default() }).await, provider)
}

/// What was sent where, and what was told.
async fn exchanged(
    world: &World,
    provider: &Provider,
    operation: Operation,
    asked: Value,
) -> (Received, Value, Vec<String>) {
    let told = world.ask_of(operation, &asked.to_string()).await.expect("an answer");
    assert_eq!(told.head.status, 200, "{}", told.body);
    (provider.received().pop().expect("a request"), json(told.body.as_bytes()), told.head.dropped)
}

fn asked() -> Value {
    json!({"model": "m", "input": ["a", "b"], "dimensions": 2, "user": "ana"})
}

fn told(usage: Option<i64>) -> Value {
    let one = |index: usize, numbers: [f32; 2]| json!({"object": "embedding", "index": index, "embedding": numbers});
    let mut told = json!({"object": "list", "data": [one(0, [0.5, 1.0]), one(1, [0.25, -1.0])], "model": "m"});
    if let Some(tokens) = usage {
        told["usage"] = json!({"prompt_tokens": tokens, "total_tokens": tokens});
    }
    told
}

const NUMBERS: [[f32; 2]; 2] = [[0.5, 1.0], [0.25, -1.0]];

#[tokio::test]
async fn gemini_embeds_in_a_batch_and_counts_nothing() {
    let said = json!({"embeddings": [{"values": NUMBERS[0]}, {"values": NUMBERS[1]}]});
    let (world, provider) = with("gemini", "", said).await;
    let (sent, answer, dropped) = exchanged(&world, &provider, Operation::Embeddings, asked()).await;
    assert!(sent.line.ends_with("/models/m:batchEmbedContents HTTP/1.1"), "{}", sent.line);
    let one =
        |text: &str| json!({"model": "models/m", "content": {"parts": [{"text": text}]}, "outputDimensionality": 2});
    assert_eq!(json(&sent.body), json!({"requests": [one("a"), one("b")]}));
    assert_eq!((answer, dropped), (told(None), vec!["user".to_owned()]));
    assert!(world.settled(1).await[0].estimated);
}

#[tokio::test]
async fn ollama_and_cohere_embed_texts_and_count_tokens() {
    let said = json!({"model": "m", "embeddings": NUMBERS, "prompt_eval_count": 7});
    let (world, provider) = with("ollama", "", said).await;
    let (sent, answer, _) = exchanged(&world, &provider, Operation::Embeddings, asked()).await;
    assert_eq!(sent.line, "POST /api/embed HTTP/1.1");
    assert_eq!(json(&sent.body), json!({"model": "m", "input": ["a", "b"], "dimensions": 2}));
    assert_eq!(answer, told(Some(7)));
    assert_eq!(world.settled(1).await[0].tokens, Some(Tokens { input: 7, ..Tokens::default() }));

    let said = json!({"id": "x", "embeddings": {"float": NUMBERS}, "texts": ["a", "b"],
        "meta": {"api_version": {"version": "2"}, "billed_units": {"input_tokens": 5}}});
    let (world, provider) = with("cohere", "", said).await;
    let (sent, answer, _) = exchanged(&world, &provider, Operation::Embeddings, asked()).await;
    assert_eq!(sent.line, "POST /v2/embed HTTP/1.1");
    let expected = json!({"model": "m", "texts": ["a", "b"], "input_type": "search_document", "embedding_types": ["float"],
        "output_dimension": 2});
    assert_eq!((json(&sent.body), answer), (expected, told(Some(5))));
    let query = json!({"model": "m", "input": ["a", "b"], "input_type": "search_query", "encoding_format": "base64"});
    let (sent, answer, dropped) = exchanged(&world, &provider, Operation::Embeddings, query).await;
    assert_eq!((&json(&sent.body)["input_type"], dropped), (&json!("search_query"), vec![]));
    assert_eq!(answer["data"][0]["embedding"], "AAAAPwAAgD8=", "what OpenAI's SDKs ask for by themselves");
}

#[tokio::test]
async fn mistral_and_azure_embed_as_openai_does_under_their_own_names() {
    let (world, provider) = with("mistral", "", told(Some(3))).await;
    let (sent, answer, dropped) = exchanged(&world, &provider, Operation::Embeddings, asked()).await;
    assert!(sent.line.ends_with("/embeddings HTTP/1.1"), "{}", sent.line);
    assert_eq!(json(&sent.body), json!({"model": "m", "input": ["a", "b"], "output_dimension": 2}));
    assert_eq!((answer, dropped), (told(Some(3)), vec!["user".to_owned()]));
    for (options, line) in [
        ("", "POST /openai/v1/embeddings HTTP/1.1"),
        ("{\"api_version\":\"2024-10-21\"}", "POST /openai/deployments/m/embeddings?api-version=2024-10-21 HTTP/1.1"),
    ] {
        let (world, provider) = with("azure", options, told(Some(3))).await;
        let (sent, answer, _) = exchanged(&world, &provider, Operation::Embeddings, asked()).await;
        assert_eq!((sent.line.as_str(), json(&sent.body), answer), (line, asked(), told(Some(3))));
    }
}

#[tokio::test]
async fn cohere_reranks_texts_and_gives_documents_back_where_that_is_wanted() {
    let said = json!({"id": "x", "results": [{"index": 1, "relevance_score": 0.9}, {"index": 0, "relevance_score": 0.1}],
        "meta": {"billed_units": {"search_units": 1}}});
    let (world, provider) = with("cohere", "", said).await;
    let asked = json!({"model": "m", "query": "q", "documents": ["a", {"text": "b"}], "top_n": 2, "return_documents": true,
        "rank_fields": ["text"]});
    let (sent, answer, dropped) = exchanged(&world, &provider, Operation::Rerank, asked).await;
    assert_eq!(sent.line, "POST /v2/rerank HTTP/1.1");
    assert_eq!(json(&sent.body), json!({"model": "m", "query": "q", "documents": ["a", "b"], "top_n": 2}));
    assert_eq!(answer["results"][0], json!({"index": 1, "relevance_score": 0.9, "document": {"text": "b"}}));
    assert_eq!(dropped, ["rank_fields"]);
}

#[tokio::test]
async fn what_is_no_answer_is_a_fault_errors_keep_their_status_and_tokens_are_refused() {
    let (world, provider) = with("ollama", "", json!({"embeddings": [NUMBERS[0]]})).await;
    let refused = world.ask_of(Operation::Embeddings, &asked().to_string()).await.expect_err("a fault");
    assert_eq!(refused.reason, Reason::UpstreamFailed);
    provider.now(answer(404, JSON, "{\"error\":\"model 'm' not found\"}"));
    let told = world.ask_of(Operation::Embeddings, &asked().to_string()).await.expect("a refusal");
    assert!(told.head.status == 404 && told.body.contains("not found"), "{told:?}");
    let tokens = json!({"model": "m", "input": [[1, 2]]}).to_string();
    let refused = world.ask_of(Operation::Embeddings, &tokens).await.expect_err("a refusal");
    assert_eq!((refused.reason, refused.fields[0].0.as_str()), (Reason::InvalidArgument, "input"));
}

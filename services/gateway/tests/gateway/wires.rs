//! Surfaces that are no chat, in the words of their documentation: what the provider is sent, what the client gets, and what is
//! metered. Bytes stay as they are in both directions.

use crate::{
    dialects,
    fake::Book,
    provider::{Provider, Received, Step, answer, stream},
    world::{SECRET, World, one, quick},
};
use bytes::Bytes;
use futures::StreamExt as _;
use proto::{
    gateway::{CompleteRequest, CompleteResponse, Head, Operation, complete_response::Part},
    usage::{Outcome, Tokens},
};
use std::collections::HashMap;

const JSON: &str = "application/json";

/// Head and bytes of an answer.
async fn raw(world: &World, request: CompleteRequest) -> (Head, Vec<u8>) {
    let (head, mut parts) = world.send(&world.call(), request).await.expect("an answer");
    let mut bytes = vec![];
    while let Some(part) = parts.next().await {
        match part.expect("no failure") {
            CompleteResponse { part: Some(Part::Data(data)) } => bytes.extend_from_slice(&data),
            other => panic!("no data: {other:?}"),
        }
    }
    (head, bytes)
}

fn request(operation: Operation, body: impl Into<Bytes>) -> CompleteRequest {
    CompleteRequest { operation: operation.into(), body: body.into(), ..CompleteRequest::default() }
}

/// An answer of bytes that are no text.
fn binary(content_type: &str, body: &[u8]) -> Vec<Step> {
    let head = format!("HTTP/1.1 200 OK\r\ncontent-type: {content_type}\r\ncontent-length: {}\r\n\r\n", body.len());
    vec![Step::Send([head.as_bytes(), body].concat())]
}

fn last(provider: &Provider) -> Received {
    provider.received().last().expect("a request").clone()
}

#[tokio::test]
async fn speech_is_sound_as_the_provider_makes_it() {
    let sound = [0xff, 0xf3, 0x00, 0x0d, 0x0a, 0x0d, 0x0a, 0xfe, 0x80];
    let (world, provider) = one(binary("audio/mpeg", &sound)).await;
    let sent = "{ \"model\":\"gpt-4o-mini-tts\", \"input\":\"Ol\\u00e1\", \"voice\":{\"id\":\"voice_1\"},\"instructions\":\"Cheerful\", \"speed\":1.10}";
    let (head, told) = raw(&world, request(Operation::Speech, sent)).await;
    assert_eq!((head.content_type.as_str(), told.as_slice()), ("audio/mpeg", &sound[..]));
    let got = last(&provider);
    assert_eq!(
        (got.line.as_str(), String::from_utf8_lossy(&got.body).as_ref()),
        ("POST /v1/audio/speech HTTP/1.1", sent)
    );
    assert!(got.headers.contains("accept: */*"), "{}", got.headers);
    let settle = &world.settled(1).await[0];
    assert_eq!(
        (settle.outcome(), settle.estimated),
        (Outcome::Completed, true),
        "sound has no tokens: the request's count"
    );
}

#[tokio::test]
async fn speech_as_events_is_metered_by_what_its_last_event_says() {
    let events = [
        "data: {\"type\":\"speech.audio.delta\",\"audio\":\"c291bmQ=\"}\n\n",
        "data: {\"type\":\"speech.audio.done\",\"usage\":{\"input_tokens\":14,\"output_tokens\":101,\"total_tokens\":115}}\n\n",
    ];
    let (world, _) = one(stream(&events)).await;
    let sent = "{\"model\":\"gpt-4o-mini-tts\",\"input\":\"Hi\",\"voice\":\"alloy\",\"stream_format\":\"sse\"}";
    let (head, told) = raw(&world, request(Operation::Speech, sent)).await;
    assert_eq!(
        (head.content_type.as_str(), String::from_utf8_lossy(&told).as_ref()),
        ("text/event-stream", events.concat().as_str())
    );
    let settle = &world.settled(1).await[0];
    assert_eq!(
        (settle.tokens, settle.estimated),
        (Some(Tokens { input: 14, output: 101, ..Tokens::default() }), false)
    );
}

/// A form as browsers and SDKs send it, with sound that is no text.
fn form(model: &str, more: &[(&str, &str)]) -> (String, Vec<u8>) {
    form_of(model, more, &[0xff, 0xfb, 0x0d, 0x0a, 0x2d, 0x2d, 0x00, 0x80])
}

/// The same with this sound.
pub fn form_of(model: &str, more: &[(&str, &str)], sound: &[u8]) -> (String, Vec<u8>) {
    let boundary = "----WebKitFormBoundary7MA4YWxkTrZu0gW";
    let mut body = vec![];
    for (name, value) in [("model", model)].iter().chain(more) {
        body.extend_from_slice(
            format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").as_bytes(),
        );
    }
    let (kind, subtype) = if sound.starts_with(b"RIFF") { ("wav", "wav") } else { ("mp3", "mpeg") };
    let file = format!("Content-Disposition: form-data; name=\"file\"; filename=\"ol\u{e1}.{kind}\"");
    body.extend_from_slice(format!("--{boundary}\r\n{file}\r\nContent-Type: audio/{subtype}\r\n\r\n").as_bytes());
    body.extend_from_slice(sound);
    body.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
    (format!("multipart/form-data; boundary={boundary}"), body)
}

#[tokio::test]
async fn a_transcription_reaches_the_provider_as_the_form_that_it_is() {
    let whole = "{\"text\":\"Ol\u{e1}\",\"usage\":{\"type\":\"tokens\",\"input_tokens\":14,\"input_token_details\":{\"text_tokens\":0,\"audio_tokens\":14},\"output_tokens\":45,\"total_tokens\":59}}";
    let (world, provider) = one(answer(200, JSON, whole)).await;
    let (content_type, body) = form("one/gpt-4o-transcribe", &[("language", "pt"), ("temperature", "0.20")]);
    let ask = CompleteRequest { content_type: content_type.clone(), ..request(Operation::Transcriptions, body) };
    let (_, told) = raw(&world, ask).await;
    assert_eq!(String::from_utf8_lossy(&told), whole);
    let got = last(&provider);
    assert_eq!(got.line, "POST /v1/audio/transcriptions HTTP/1.1");
    assert!(got.headers.contains(&format!("content-type: {}", content_type.to_lowercase())), "{}", got.headers);
    let (_, expected) = form("gpt-4o-transcribe", &[("language", "pt"), ("temperature", "0.20")]);
    assert_eq!(got.body, expected, "the model's name is what differs");
    let tokens = world.settled(1).await[0].tokens.expect("tokens");
    assert_eq!((tokens.audio_input, tokens.output), (14, 45), "{tokens:?}");
}

#[tokio::test]
async fn a_transcription_may_be_text_or_events() {
    let captions = "1\n00:00:00,000 --> 00:00:01,000\nOl\u{e1}\n";
    let (world, provider) = one(answer(200, "text/plain; charset=utf-8", captions)).await;
    let ask = |more: &[(&str, &str)]| {
        let (content_type, body) = form("whisper-1", more);
        CompleteRequest { content_type, ..request(Operation::Transcriptions, body) }
    };
    let (head, told) = raw(&world, ask(&[("response_format", "srt")])).await;
    assert_eq!(
        (head.content_type.as_str(), String::from_utf8_lossy(&told).as_ref()),
        ("text/plain; charset=utf-8", captions)
    );
    let events = [
        "data: {\"type\":\"transcript.text.delta\",\"delta\":\"Ol\u{e1}\",\"logprobs\":[]}\n\n",
        "data: {\"type\":\"transcript.text.done\",\"text\":\"Ol\u{e1}\",\"usage\":{\"type\":\"tokens\",\"input_tokens\":14,\"output_tokens\":2,\"total_tokens\":16}}\n\n",
    ];
    provider.now(stream(&events));
    let (head, told) = raw(&world, ask(&[("stream", "true")])).await;
    assert_eq!(
        (head.content_type.as_str(), String::from_utf8_lossy(&told).as_ref()),
        ("text/event-stream", events.concat().as_str())
    );
    assert_eq!(world.settled(2).await[1].tokens.map(|tokens| tokens.output), Some(2));
}

#[tokio::test]
async fn images_moderations_and_rankings_pass_as_they_are_and_are_metered() {
    let image = "{ \"created\": 1713833628, \"data\": [{\"b64_json\": \"aGk=\", \"revised_prompt\":null}], \"usage\": {\"total_tokens\": 100, \"input_tokens\": 50, \"output_tokens\": 50, \"input_tokens_details\": {\"text_tokens\": 10, \"image_tokens\": 40}} }";
    let moderation = "{ \"id\": \"modr-0d9740456c391e43c445bf0f010940c7\", \"model\": \"omni-moderation-latest\", \"results\": [{\"flagged\": true, \"categories\": {\"violence\": true}, \"category_scores\": {\"violence\": 0.90}}] }";
    let ranking = "{ \"id\":\"x\", \"results\": [{\"index\": 1, \"relevance_score\": 0.9990}], \"meta\": {\"api_version\": {\"version\": \"2\"}, \"billed_units\": {\"search_units\": 1}} }";
    for (operation, line, sent, whole) in [
        (
            Operation::Images,
            "/images/generations",
            "{ \"model\":\"gpt-image-1\", \"prompt\":\"A lighthouse\", \"n\":1, \"size\":\"1024x1024\" }",
            image,
        ),
        (
            Operation::Moderations,
            "/moderations",
            "{ \"input\": [{\"type\":\"text\",\"text\":\"x\"}, {\"type\":\"image_url\",\"image_url\":{\"url\":\"https://example.com/a.png\"}}] }",
            moderation,
        ),
        (
            Operation::Rerank,
            "/rerank",
            "{ \"model\":\"rerank-v3.5\", \"query\":\"capital\", \"documents\":[\"a\", {\"text\":\"b\"}], \"top_n\":1 }",
            ranking,
        ),
    ] {
        let (world, provider) = one(answer(200, JSON, whole)).await;
        let (head, told) = raw(&world, request(operation, sent)).await;
        assert_eq!((head.status, String::from_utf8_lossy(&told).as_ref()), (200, whole));
        let got = last(&provider);
        assert_eq!(got.line, format!("POST /v1{line} HTTP/1.1"));
        assert_eq!(String::from_utf8_lossy(&got.body), sent);
        assert!(got.headers.contains(&format!("authorization: bearer {SECRET}")), "{}", got.headers);
        let settle = &world.settled(1).await[0];
        assert_eq!(settle.outcome(), Outcome::Completed);
        assert_eq!(world.book().admits.len(), 1, "{line}");
        if operation == Operation::Images {
            let tokens = settle.tokens.expect("tokens");
            assert_eq!((tokens.image_input, settle.estimated), (40, false), "{tokens:?}");
        }
    }
}

const MESSAGE: &str = "{ \"id\":\"msg_013Zva2CMHLNnjNjJKqJ2EF\", \"type\":\"message\",\"role\":\"assistant\", \"model\":\"claude-sonnet-4-5\",\n \"content\":[{\"type\":\"text\",\"text\":\"Ol\u{e1}\"}], \"stop_reason\":\"end_turn\",\"stop_sequence\":null, \"usage\":{\"input_tokens\":12,\"cache_read_input_tokens\":3,\"output_tokens\":6} }";

/// A world with one provider of Anthropic's kind.
async fn anthropic(script: Vec<Step>) -> (World, Provider) {
    let provider = Provider::start(script).await;
    let providers = vec![dialects::settings("anthropic", "", &provider)];
    (World::with(quick(), Book { providers, ..Book::default() }).await, provider)
}

#[tokio::test]
async fn a_client_of_anthropics_reaches_anthropic_byte_for_byte() {
    let (world, provider) = anthropic(answer(200, JSON, MESSAGE)).await;
    let sent = "{ \"model\":\"claude-sonnet-4-5\", \"max_tokens\":1024, \"system\":[{\"type\":\"text\",\"text\":\"x\",\"cache_control\":{\"type\":\"ephemeral\"}}], \"messages\":[{\"role\":\"user\",\"content\":\"Ol\\u00e1\"}], \"unknown\":1.10}";
    let said: HashMap<String, String> =
        [("anthropic-version", "2023-06-01"), ("anthropic-beta", "context-1m-2025-08-07")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into();
    let ask = CompleteRequest { headers: said.clone(), ..request(Operation::Messages, sent) };
    let (head, told) = raw(&world, ask).await;
    assert_eq!(String::from_utf8_lossy(&told), MESSAGE);
    assert_eq!(head.dropped, Vec::<String>::new());
    let got = last(&provider);
    assert_eq!((got.line.as_str(), String::from_utf8_lossy(&got.body).as_ref()), ("POST /v1/messages HTTP/1.1", sent));
    for header in [format!("x-api-key: {SECRET}"), "anthropic-beta: context-1m-2025-08-07".to_owned()] {
        assert!(got.headers.contains(&header), "{}", got.headers);
    }
    assert_eq!(got.headers.matches("anthropic-version").count(), 1, "{}", got.headers);
    let tokens = Tokens { input: 12, cache_read: 3, output: 6, ..Tokens::default() };
    assert_eq!(world.settled(1).await[0].tokens, Some(tokens));
}

#[tokio::test]
async fn so_do_its_streams_and_its_counting() {
    let events = [
        "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"msg_1\",\"type\":\"message\",\"role\":\"assistant\",\"content\":[],\"model\":\"claude\",\"stop_reason\":null,\"usage\":{\"input_tokens\":25,\"output_tokens\":1}}}\n\n",
        "event: content_block_start\ndata: {\"type\": \"content_block_start\", \"index\": 0, \"content_block\": {\"type\": \"text\", \"text\": \"\"}}\n\n",
        "event: ping\ndata: {\"type\": \"ping\"}\n\n",
        "event: content_block_delta\ndata: {\"type\": \"content_block_delta\", \"index\": 0, \"delta\": {\"type\": \"text_delta\", \"text\": \"Ol\u{e1}\"}}\n\n",
        "event: content_block_stop\ndata: {\"type\": \"content_block_stop\", \"index\": 0}\n\n",
        "event: message_delta\ndata: {\"type\": \"message_delta\", \"delta\": {\"stop_reason\": \"end_turn\"}, \"usage\": {\"output_tokens\": 15}}\n\n",
        "event: message_stop\ndata: {\"type\": \"message_stop\"}\n\n",
    ];
    let (world, provider) = anthropic(stream(&events)).await;
    let sent =
        "{\"model\":\"claude\",\"max_tokens\":9,\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}";
    let (_, told) = raw(&world, request(Operation::Messages, sent)).await;
    assert_eq!(String::from_utf8_lossy(&told), events.concat());
    assert_eq!(world.settled(1).await[0].tokens, Some(Tokens { input: 25, output: 15, ..Tokens::default() }));
    provider.now(answer(200, JSON, "{ \"input_tokens\" : 2095 }"));
    let sent = "{ \"model\":\"claude\", \"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}] }";
    let (_, told) = raw(&world, request(Operation::CountTokens, sent)).await;
    assert_eq!(String::from_utf8_lossy(&told), "{ \"input_tokens\" : 2095 }");
    let got = last(&provider);
    assert_eq!(
        (got.line.as_str(), String::from_utf8_lossy(&got.body).as_ref()),
        ("POST /v1/messages/count_tokens HTTP/1.1", sent)
    );
    assert!(world.book().admits[1].free, "counting costs nothing");
}

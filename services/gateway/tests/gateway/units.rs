//! What is billed by something else than tokens: what is reserved for it, and what is settled.

use crate::{
    ask::read,
    dialects,
    fake::Book,
    provider::{Provider, Step, answer, piece, stream, stream_head},
    wires::form_of,
    world::{World, one, quick},
};
use proto::{
    gateway::{CompleteRequest, Operation},
    usage::{Outcome, SettleRequest, Tokens, Units},
};

const JSON: &str = "application/json";

/// What is reserved and what is settled of one request.
async fn metered(world: &World, request: CompleteRequest) -> (Option<Units>, SettleRequest) {
    let before = world.book().settles.len();
    match world.send(&world.call(), request).await {
        Ok((head, parts)) => drop(read(head, parts).await),
        Err(failure) => drop(failure),
    }
    let settle = world.settled(before + 1).await.pop().expect("a settlement");
    (world.book().admits.last().expect("an admission").units.clone(), settle)
}

fn request(operation: Operation, body: &str) -> CompleteRequest {
    CompleteRequest { operation: operation.into(), body: body.to_owned().into(), ..CompleteRequest::default() }
}

fn pictures(images: i64, class: &str) -> Units {
    Units { images, image_class: class.into(), ..Units::default() }
}

#[tokio::test]
async fn pictures_are_reserved_as_they_are_asked_for_and_settled_as_they_come() {
    let (world, provider) = one(answer(200, JSON, "{\"created\":1,\"data\":[{\"url\":\"a\"},{\"url\":\"b\"}]}")).await;
    let asked =
        "{\"model\":\"dall-e-3\",\"prompt\":\"A lighthouse\",\"n\":3,\"quality\":\"hd\",\"size\":\"1024x1792\"}";
    let (reserved, settle) = metered(&world, request(Operation::Images, asked)).await;
    assert_eq!(reserved, Some(pictures(3, "hd/1024x1792")));
    assert_eq!(settle.units, Some(pictures(2, "hd/1024x1792")), "one was not made");
    assert_eq!((settle.tokens, settle.estimated), (Some(Tokens::default()), false), "nothing is guessed");
    // Who says what it made is believed, tokens included.
    let told = "{\"data\":[{\"b64_json\":\"aGk=\"}],\"quality\":\"low\",\"size\":\"1536x1024\",\"usage\":{\"input_tokens\":5,\"output_tokens\":272,\"total_tokens\":277}}";
    provider.now(answer(200, JSON, told));
    let (reserved, settle) =
        metered(&world, request(Operation::Images, "{\"model\":\"gpt-image-1\",\"prompt\":\"x\"}")).await;
    assert_eq!(reserved, Some(pictures(1, "default/default")));
    assert_eq!((settle.units, settle.estimated), (Some(pictures(1, "low/1536x1024")), false));
    assert_eq!(settle.tokens.map(|tokens| tokens.input), Some(5));
    // A refusal makes none, and a stream as many as have ended.
    provider.now(answer(400, JSON, "{\"error\":{\"message\":\"no\"}}"));
    let (_, settle) = metered(&world, request(Operation::Images, asked)).await;
    assert_eq!((settle.outcome(), settle.units), (Outcome::UpstreamError, None));
    let event = |kind: &str| {
        format!("data: {{\"type\":\"image_generation.{kind}\",\"size\":\"auto\",\"quality\":\"high\"}}\n\n")
    };
    let cut = [
        vec![stream_head()],
        [event("partial_image"), event("completed")].iter().map(piece).collect(),
        vec![Step::Close],
    ];
    provider.now(cut.concat());
    let asked = "{\"model\":\"gpt-image-1\",\"prompt\":\"x\",\"n\":2,\"stream\":true,\"partial_images\":1}";
    let (_, settle) = metered(&world, request(Operation::Images, asked)).await;
    assert_eq!((settle.outcome(), settle.units), (Outcome::Incomplete, Some(pictures(1, "high/auto"))));
}

/// Sound that lasts so long: one channel of 8 bits, 8,000 a second.
fn wave(milliseconds: u32) -> Vec<u8> {
    let length = milliseconds * 8;
    let mut sound = b"RIFF".to_vec();
    sound.extend((36 + length).to_le_bytes());
    sound.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
    sound.extend(8_000u32.to_le_bytes());
    sound.extend(8_000u32.to_le_bytes());
    sound.extend(b"\x01\0\x08\0data");
    sound.extend(length.to_le_bytes());
    sound.resize(44 + length as usize, 0x80);
    sound
}

#[tokio::test]
async fn sound_is_measured_for_its_reservation_and_billed_as_the_provider_says() {
    let (world, provider) = one(vec![]).await;
    let asked = |more: &[(&str, &str)]| {
        let (content_type, body) = form_of("whisper-1", more, &wave(2_500));
        CompleteRequest { content_type, body: body.into(), ..request(Operation::Transcriptions, "") }
    };
    let heard = |audio_ms, estimated| Some(Units { audio_ms, estimated, ..Units::default() });
    for (told, audio_ms) in [
        ("{\"text\":\"Hi\",\"usage\":{\"type\":\"duration\",\"seconds\":3}}", 3_000),
        ("{\"task\":\"transcribe\",\"duration\":2.5199999809265137,\"text\":\"Hi\",\"segments\":[]}", 2_520),
    ] {
        provider.now(answer(200, JSON, told));
        let (reserved, settle) = metered(&world, asked(&[])).await;
        assert_eq!((reserved, &settle.units), (heard(2_500, true), &heard(audio_ms, false)), "{told}");
        assert_eq!((settle.tokens, settle.estimated), (Some(Tokens::default()), false));
    }
    // Captions say nothing: our own measure counts, and says so.
    provider.now(answer(200, "text/plain", "1\n00:00:00,000 --> 00:00:01,000\nHi\n"));
    let (_, settle) = metered(&world, asked(&[("response_format", "srt")])).await;
    assert_eq!((settle.units, settle.estimated), (heard(2_500, true), true));
    let events = [
        "data: {\"type\":\"transcript.text.delta\",\"delta\":\"Hi\"}\n\n",
        "data: {\"type\":\"transcript.text.done\",\"text\":\"Hi\",\"usage\":{\"type\":\"duration\",\"seconds\":3}}\n\n",
    ];
    provider.now(stream(&events));
    let (_, settle) = metered(&world, asked(&[("stream", "true")])).await;
    assert_eq!((settle.units, settle.tokens, settle.estimated), (heard(3_000, false), Some(Tokens::default()), false));
}

#[tokio::test]
async fn characters_are_those_of_the_request_and_count_when_the_provider_was_asked() {
    let (world, provider) = one(answer(200, "audio/mpeg", "sound")).await;
    let asked = "{\"model\":\"tts-1\",\"voice\":\"alloy\",\"input\":\"Ol\\u00e1 日本\"}";
    let spoken = Some(Units { characters: 6, ..Units::default() });
    let (reserved, settle) = metered(&world, request(Operation::Speech, asked)).await;
    assert_eq!((&reserved, &settle.units), (&spoken, &spoken));
    assert!(settle.estimated, "its tokens are a guess");
    provider.now(answer(503, JSON, "{}"));
    let (_, settle) = metered(&world, request(Operation::Speech, asked)).await;
    assert_eq!((settle.outcome(), settle.units), (Outcome::UpstreamError, None));
}

#[tokio::test]
async fn rankings_are_billed_by_search_units_where_the_provider_says_so() {
    let provider = Provider::start(vec![]).await;
    let providers = vec![dialects::settings("cohere", "", &provider)];
    let world = World::with(quick(), Book { providers, ..Book::default() }).await;
    let documents = vec!["\"d\""; 101].join(",");
    let asked = format!("{{\"model\":\"rerank-v3.5\",\"query\":\"q\",\"documents\":[{documents}]}}");
    let units = |searches, estimated| Some(Units { searches, estimated, ..Units::default() });
    provider.now(answer(
        200,
        JSON,
        "{\"id\":\"x\",\"results\":[{\"index\":0,\"relevance_score\":0.9}],\"meta\":{\"billed_units\":{\"search_units\":3}}}",
    ));
    let (reserved, settle) = metered(&world, request(Operation::Rerank, &asked)).await;
    assert_eq!((reserved, settle.units), (units(2, true), units(3, false)), "documents were cut into pieces");
    assert_eq!((settle.tokens, settle.estimated), (Some(Tokens::default()), false));
    provider.now(answer(200, JSON, "{\"id\":\"x\",\"results\":[{\"index\":0,\"relevance_score\":0.9}]}"));
    let (_, settle) = metered(&world, request(Operation::Rerank, &asked)).await;
    assert_eq!((settle.units, settle.estimated), (units(2, true), true));
}

#[tokio::test]
async fn what_is_told_in_tokens_alone_has_no_units() {
    let (world, _) =
        one(answer(200, JSON, "{\"data\":[{\"embedding\":[1]}],\"usage\":{\"prompt_tokens\":8,\"total_tokens\":8}}"))
            .await;
    let (reserved, settle) = metered(&world, request(Operation::Embeddings, "{\"model\":\"e\",\"input\":\"x\"}")).await;
    assert_eq!((reserved, settle.units), (None, None));
}

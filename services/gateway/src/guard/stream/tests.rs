use super::*;
use crate::guard::Guards;
use proptest::prelude::*;
use proto::guardrails::{Action, Detector, Rule, Settings};
use serde_json::{Value, json};

fn guards(rules: Vec<Rule>) -> Arc<Guards> {
    Guards::new(&Settings { rules }).expect("rules")
}

fn redact() -> Vec<Rule> {
    let all = [Detector::Cpf, Detector::Cnpj, Detector::Email, Detector::Card, Detector::Phone];
    let rule = |name: &str| Rule { name: name.to_owned(), action: Action::Redact.into(), ..Rule::default() };
    vec![
        Rule { detect: all.map(Into::into).into(), ..rule("pii") },
        Rule { patterns: vec!["sk-[a-z0-9]{8}".to_owned()], ..rule("keys") },
        Rule { words: vec!["projeto Ônix".to_owned()], ..rule("words") },
    ]
}

/// What leaves when these events come in pieces of these sizes.
fn pass(filter: &mut Filter, bytes: &[u8], cuts: &[usize]) -> Result<String, Blocked> {
    let tally = Tally::default();
    let (mut out, mut rest) = (vec![], Bytes::copy_from_slice(bytes));
    let mut sizes = cuts.iter().copied().chain(std::iter::repeat(usize::MAX));
    while !rest.is_empty() {
        let size = sizes.next().unwrap_or(usize::MAX).clamp(1, rest.len());
        let piece = rest.split_to(size);
        out.extend_from_slice(&filter.step(piece, rest.is_empty(), &tally)?);
    }
    Ok(String::from_utf8(out).expect("text"))
}

/// A stream of chunks with these pieces of a text, as bytes.
fn chunks(pieces: &[&str], field: &str) -> String {
    let chunk = |piece: &&str| {
        let mut delta = json!({});
        match field {
            "arguments" => delta["tool_calls"] = json!([{"index": 0, "function": {"arguments": piece}}]),
            _ => delta[field] = json!(piece),
        }
        format!("data: {}\n\n", json!({"choices": [{"index": 0, "delta": delta}]}))
    };
    let mut all: String = pieces.iter().map(chunk).collect();
    all.push_str("data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n");
    all
}

/// The text that a reader of the stream puts together.
fn read(stream: &str, field: &str) -> String {
    let data = stream.split("\n\n").filter_map(|event| event.strip_prefix("data: ")).filter(|data| *data != "[DONE]");
    let piece = |data: &str| {
        let chunk: Value = serde_json::from_str(data).expect("JSON");
        let delta = &chunk["choices"][0]["delta"];
        let text = if field == "arguments" { &delta["tool_calls"][0]["function"]["arguments"] } else { &delta[field] };
        text.as_str().unwrap_or_default().to_owned()
    };
    data.map(piece).collect()
}

const TEXT: &str = "Olá! O CPF é 529.982.247-25, o CNPJ 12.ABC.345/01DE-35; escreva para ana.souza@exemplo.com.br \
    ou ligue (11) 98765-4321. Cartão 4111 1111 1111 1111. A chave é sk-abcd1234, do Projeto  Ônix. 日本語 too.";
const CLEAN: &str = "Olá! O CPF é [CPF], o CNPJ [CNPJ]; escreva para [EMAIL] \
    ou ligue [PHONE]. Cartão [CARD]. A chave é [KEYS], do [WORDS]. 日本語 too.";

/// The text cut after each of these numbers of characters.
fn cut<'a>(text: &'a str, sizes: &[usize]) -> Vec<&'a str> {
    let (mut pieces, mut rest) = (vec![], text);
    let mut sizes = sizes.iter().copied().chain(std::iter::repeat(usize::MAX));
    while !rest.is_empty() {
        let size = sizes.next().unwrap_or(usize::MAX).max(1);
        let at = rest.char_indices().nth(size).map_or(rest.len(), |(at, _)| at);
        let (piece, after) = rest.split_at(at);
        pieces.push(piece);
        rest = after;
    }
    pieces
}

fn filter(rules: Vec<Rule>, operation: Operation) -> Box<Filter> {
    Filter::new(Some(&guards(rules)), operation).expect("a filter")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn whatever_a_match_is_cut_into_nothing_of_it_leaves(
        sizes in prop::collection::vec(1..7_usize, 0..200),
        cuts in prop::collection::vec(1..120_usize, 0..200),
        field in prop_oneof![Just("content"), Just("reasoning_content"), Just("arguments")],
    ) {
        let stream = chunks(&cut(TEXT, &sizes), field);
        let mut filter = filter(redact(), Operation::Chat);
        let out = pass(&mut filter, stream.as_bytes(), &cuts).expect("it passes");
        let expected = if field == "arguments" { CLEAN.replace('[', "\"[").replace(']', "]\"") } else { CLEAN.to_owned() };
        prop_assert_eq!(read(&out, field), expected);
        prop_assert!(out.ends_with("data: [DONE]\n\n"));
    }

    #[test]
    fn what_nothing_is_found_in_leaves_as_it_came(
        text in "[a-z0-9@. é日-]{0,80}",
        sizes in prop::collection::vec(1..7_usize, 0..80),
        cuts in prop::collection::vec(1..60_usize, 0..80),
    ) {
        let rules = vec![Rule { name: "x".to_owned(), action: Action::Redact.into(), patterns: vec!["QQQ+".to_owned()], ..Rule::default() }];
        let stream = chunks(&cut(&text, &sizes), "content");
        prop_assert_eq!(pass(&mut filter(rules, Operation::Chat), stream.as_bytes(), &cuts).expect("it passes"), stream);
    }

    #[test]
    fn nothing_of_what_stops_a_stream_leaves(sizes in prop::collection::vec(1..7_usize, 0..200)) {
        let rules = redact().into_iter().map(|rule| Rule { action: Action::Block.into(), ..rule }).collect();
        let pieces = cut("A chave é sk-abcd1234, e mais.", &sizes);
        let mut filter = filter(rules, Operation::Chat);
        let tally = Tally::default();
        let mut left = String::new();
        let mut blocked = None;
        let stream = chunks(&pieces, "content");
        for event in stream.split_inclusive("\n\n") {
            match filter.step(Bytes::copy_from_slice(event.as_bytes()), event.contains("[DONE]"), &tally) {
                Ok(bytes) => left.push_str(&String::from_utf8_lossy(&bytes)),
                Err(error) => { blocked = Some(error); break }
            }
        }
        prop_assert_eq!(blocked.map(|blocked| blocked.rule), Some("keys".to_owned()));
        prop_assert!("A chave é ".starts_with(&read(&left, "content")), "{}", left);
    }
}

#[test]
fn a_word_waits_only_until_it_is_over() {
    let pii = vec![redact().remove(0)];
    let mut filter = filter(pii, Operation::Chat);
    let tally = Tally::default();
    let chunk = |text: &str| {
        Bytes::from(format!("data: {}\n\n", json!({"choices": [{"index": 0, "delta": {"content": text}}]})))
    };
    let left = |filter: &mut Filter, text| {
        read(&String::from_utf8_lossy(&filter.step(chunk(text), false, &tally).expect("it passes")), "content")
    };
    assert_eq!(left(&mut filter, "Hello, "), "Hello, ");
    assert_eq!(left(&mut filter, "wor"), "");
    assert_eq!(left(&mut filter, "ld! "), "world! ");
}

#[test]
fn calls_of_tools_stay_json() {
    let text = r#"{"cpf": 52998224725, "mail": "ana@exemplo.com.br", "q": "a\"b"}"#;
    let out = pass(&mut filter(redact(), Operation::Chat), chunks(&cut(text, &[3; 40]), "arguments").as_bytes(), &[]);
    let arguments: Value = serde_json::from_str(&read(&out.expect("it passes"), "arguments")).expect("JSON");
    assert_eq!(arguments, json!({"cpf": "[CPF]", "mail": "[EMAIL]", "q": "a\"b"}));
}

#[test]
fn what_is_written_with_escapes_in_calls_of_tools_is_found_however_it_is_cut() {
    let text = r#"{"mail":"ana\u0040exemplo.com.br","\u0071":"\u0035\u0032998224725","key":"sk\u002dabcd1234\n","ok":"\ud83d\ude00\"\u00e9"}"#;
    for size in 1..9 {
        let pieces = cut(text, &[size; 200]);
        let out = pass(&mut filter(redact(), Operation::Chat), chunks(&pieces, "arguments").as_bytes(), &[]);
        let arguments = read(&out.expect("it passes"), "arguments");
        let arguments: Value =
            serde_json::from_str(&arguments).unwrap_or_else(|error| panic!("{size}: {error}: {arguments}"));
        assert_eq!(arguments, json!({"mail": "[EMAIL]", "q": "[CPF]", "key": "[KEYS]\n", "ok": "😀\"é"}), "{size}");
    }
    let clean = r#"{"a":"\u00e9\u2028\/","b":"\\u0040"}"#;
    let stream = chunks(&cut(clean, &[2; 40]), "arguments");
    assert_eq!(pass(&mut filter(redact(), Operation::Chat), stream.as_bytes(), &[]).as_deref(), Ok(stream.as_str()));
}

#[test]
fn texts_that_come_at_the_same_time_are_told_apart() {
    let event = |index: u8, text: &str| {
        format!("data: {}\n\n", json!({"choices": [{"index": index, "delta": {"content": text}}]}))
    };
    let stream = [
        event(0, "ana@exem"),
        event(1, "52998"),
        event(0, "plo.com "),
        event(1, "224725 "),
        "data: [DONE]\n\n".to_owned(),
    ];
    let out = pass(&mut filter(redact(), Operation::Chat), stream.concat().as_bytes(), &[]).expect("it passes");
    assert!(
        out.contains("[EMAIL]") && out.contains("[CPF]") && !out.contains("52998") && !out.contains("exem"),
        "{out}"
    );
}

#[test]
fn events_of_other_languages_are_looked_at_too() {
    let delta =
        |text: &str| json!({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": text}});
    let input = |text: &str| json!({"type": "content_block_delta", "index": 1, "delta": {"type": "input_json_delta", "partial_json": text}});
    let events = [
        delta("ana@exem"),
        delta("plo.com ok"),
        input("{\"n\":529982"),
        input("24725}"),
        json!({"type": "message_stop"}),
    ];
    let stream: String =
        events.iter().map(|e| format!("event: {}\ndata: {e}\n\n", e["type"].as_str().unwrap())).collect();
    let out = pass(&mut filter(redact(), Operation::Messages), stream.as_bytes(), &[]).expect("it passes");
    assert!(out.contains("[EMAIL]") && out.contains(r#"{\"n\":\"[CPF]\""#) && !out.contains("exem"), "{out}");
    assert!(out.ends_with("event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n"), "{out}");

    let text = |text: &str| json!({"type": "response.output_text.delta", "item_id": "m", "output_index": 0, "content_index": 0, "delta": text});
    let events = [
        text("call ana@"),
        text("exemplo.com"),
        json!({"type": "response.output_text.done", "item_id": "m", "text": "call ana@exemplo.com"}),
        json!({"type": "response.completed", "response": {"id": "r", "output": [{"content": [{"text": "call ana@exemplo.com"}]}]}}),
    ];
    let stream: String =
        events.iter().map(|e| format!("event: {}\ndata: {e}\n\n", e["type"].as_str().unwrap())).collect();
    let mut filter = filter(redact(), Operation::Responses);
    let out = pass(&mut filter, stream.as_bytes(), &[]).expect("it passes");
    assert_eq!((out.matches("[EMAIL]").count(), out.contains("exemplo")), (3, false), "{out}");
}

#[test]
fn a_text_that_others_go_on_without_is_not_waited_for_for_ever() {
    let mut filter = filter(redact(), Operation::Chat);
    let event = |index: u8, text: &str| {
        format!("data: {}\n\n", json!({"choices": [{"index": index, "delta": {"content": text}}]}))
    };
    let stream = [event(0, "open"), event(1, &"x ".repeat(MOST_HELD / 2)), event(1, "y ")].concat();
    let out = filter.step(stream.into(), false, &Tally::default()).expect("it passes");
    assert!(out.len() > MOST_HELD);
}

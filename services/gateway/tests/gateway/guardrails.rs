//! What a workspace lets pass, and what it does not.

use crate::{
    ask::{body, read},
    fake::Book,
    provider::{COMPLETION, DONE, HELLO, Provider, ROLE, STOP, Step, answer, piece, stream, stream_head},
    wires::form_of,
    world::{World, eventually, quick, settings},
};
use proto::{
    Call, Reason,
    gateway::{CompleteRequest, Operation},
    guardrails::{Action, Detector, Moderation, OnFailure, Rule, Settings, Stage},
    id::RequestId,
    routing::{Cache, Policy, Settings as Routing},
    usage::{Guarded, Outcome},
};
use serde_json::{Value, json};
use std::time::Duration;

const JSON: &str = "application/json";
const STREAM: &str = ",\"stream\":true";
const CPF: &str = "529.982.247-25";

fn rule(name: &str, action: Action) -> Rule {
    Rule { name: name.to_owned(), action: action.into(), ..Rule::default() }
}

fn pii(action: Action) -> Rule {
    let all = [Detector::Cpf, Detector::Cnpj, Detector::Email, Detector::Card, Detector::Phone];
    Rule { detect: all.map(Into::into).into(), ..rule("pii", action) }
}

fn only(stage: Stage, rule: Rule) -> Rule {
    Rule { on: vec![stage.into()], ..rule }
}

async fn with(rules: Vec<Rule>, script: Vec<Step>) -> (World, Provider) {
    let provider = Provider::start(script).await;
    let providers = vec![settings("one", 0, provider.base_url())];
    let book = Book { providers, guardrails: Settings { rules }, ..Book::default() };
    (World::with(quick(), book).await, provider)
}

fn found(name: &str, stage: &str, action: &str, count: i64) -> Guarded {
    Guarded { name: name.to_owned(), stage: stage.to_owned(), action: action.to_owned(), count }
}

fn said(text: &str) -> String {
    format!("{{\"model\":\"gpt\",\"messages\":[{{\"role\":\"user\",\"content\":{}}}]}}", json!(text))
}

fn delta(text: &str) -> String {
    format!("data: {}\n\n", json!({"choices": [{"index": 0, "delta": {"content": text}}]}))
}

#[tokio::test]
async fn what_is_redacted_never_reaches_the_provider_and_the_rest_of_the_bytes_is_untouched() {
    let (world, provider) = with(vec![pii(Action::Redact)], answer(200, JSON, COMPLETION)).await;
    let asked = "{ \"model\":\"gpt\", \"x\":1.50, \"messages\":[{\"content\":\"CPF 529.982.247-25 de ana@exemplo.com\",\"role\":\"user\"}]}";
    let answered = world.ask(asked).await.expect("an answer");
    let expected = asked.replace(CPF, "[CPF]").replace("ana@exemplo.com", "[EMAIL]");
    assert_eq!(String::from_utf8_lossy(&provider.received()[0].body), expected);
    assert_eq!(
        (answered.head.guardrails, answered.body.as_str()),
        (vec![found("pii", "input", "redact", 2)], COMPLETION)
    );
    let end = world.settled(1).await[0].request_end.clone().expect("an end");
    assert_eq!(end.guardrails, [found("pii", "input", "redact", 2)]);
}

#[tokio::test]
async fn what_nothing_is_found_in_passes_byte_for_byte_in_both_directions() {
    let (world, provider) = with(vec![pii(Action::Block)], stream(&[ROLE, HELLO, STOP, DONE])).await;
    let body = body("gpt", ",\"stream\":true,\"stream_options\":{\"include_usage\":true}");
    let answered = world.ask(&body).await.expect("an answer");
    assert_eq!(String::from_utf8_lossy(&provider.received()[0].body), body);
    assert!(answered.body.starts_with(&[ROLE, HELLO, STOP].concat()), "{}", answered.body);
    assert!(answered.head.guardrails.is_empty());
}

#[tokio::test]
async fn a_request_that_is_blocked_asks_nobody_and_says_which_rule_it_was() {
    let rules =
        vec![pii(Action::Flag), Rule { words: vec!["projeto onix".to_owned()], ..rule("secrets", Action::Block) }];
    let (world, provider) = with(rules, answer(200, JSON, COMPLETION)).await;
    let failure = world.refused(&said(&format!("{CPF}: o Projeto Onix"))).await;
    assert_eq!((failure.reason, failure.reason.openai_http()), (Reason::GuardrailBlocked, 400));
    assert!(failure.message.contains("secrets") && !failure.message.to_lowercase().contains("onix"), "{failure}");
    assert!(provider.received().is_empty() && world.book().admits.is_empty());
    eventually("it is logged", || world.book().refusals.len() == 1).await;
    let end = world.book().refusals[0].request_end.clone().expect("an end");
    assert_eq!((end.outcome(), end.error_code.as_str()), (Outcome::Blocked, "GUARDRAIL_BLOCKED"));
    assert_eq!(end.guardrails, [found("pii", "input", "flag", 1), found("secrets", "input", "block", 1)]);
    assert!(!format!("{end:?}").contains("529"), "{end:?}");
}

#[tokio::test]
async fn every_surface_is_looked_at_in_both_directions() {
    let chat = json!({"choices": [{"index": 0, "message": {"role": "assistant", "content": format!("é {CPF}"),
        "reasoning_content": format!("was {CPF}?"),
        "tool_calls": [{"id": "call_1", "type": "function", "function": {"name": "f", "arguments": "{\"cpf\":52998224725}"}}]},
        "finish_reason": "stop"}], "usage": {"prompt_tokens": 1, "completion_tokens": 1}});
    let (world, provider) = with(vec![pii(Action::Redact)], answer(200, JSON, &chat.to_string())).await;
    let text = json!(format!("meu CPF é {CPF}"));
    let user = json!([{"role": "user", "content": text}]);
    let asked = [
        (Operation::ChatCompletions, json!({"model": "gpt", "messages": user})),
        (Operation::Messages, json!({"model": "gpt", "max_tokens": 9, "system": text, "messages": user})),
        (Operation::Responses, json!({"model": "gpt", "instructions": text, "input": text})),
        (Operation::Completions, json!({"model": "gpt", "prompt": text})),
        (
            Operation::GenerateContent,
            json!({"model": "gpt", "stream": false, "systemInstruction": {"parts": [{"text": text}]}, "contents": [
                {"role": "user", "parts": [{"text": text}]},
                {"role": "model", "parts": [{"functionCall": {"name": "f", "args": {"cpf": CPF}}}]},
                {"role": "user", "parts": [{"functionResponse": {"name": "f", "response": {"cpf": CPF}}}]},
            ]}),
        ),
        (Operation::OllamaChat, json!({"model": "gpt", "stream": false, "messages": user})),
    ];
    for (operation, request) in asked {
        let answered = world.ask_of(operation, &request.to_string()).await.expect("an answer");
        assert_eq!(
            (answered.head.status, answered.body.contains("529")),
            (200, false),
            "{operation:?} {}",
            answered.body
        );
        assert!(answered.body.contains("[CPF]"), "{operation:?} {}", answered.body);
    }
    let arguments = world.ask(&said("x")).await.expect("an answer").body;
    let arguments: Value = serde_json::from_str(&arguments).expect("JSON");
    let message = &arguments["choices"][0]["message"];
    assert_eq!(message["tool_calls"][0]["function"]["arguments"], "{\"cpf\":\"[CPF]\"}");
    assert_eq!(message["reasoning_content"], "was [CPF]?");
    provider.now(answer(
        200,
        JSON,
        "{\"data\":[{\"embedding\":[0.1]}],\"usage\":{\"prompt_tokens\":1,\"total_tokens\":1}}",
    ));
    let inputs = json!({"model": "gpt", "input": [text, "other"]});
    world.ask_of(Operation::Embeddings, &inputs.to_string()).await.expect("an answer");
    for received in provider.received() {
        let body = String::from_utf8_lossy(&received.body).into_owned();
        assert!(!body.contains("529") && (body.contains("[CPF]") || body.contains("\"x\"")), "{body}");
    }
}

#[tokio::test]
async fn a_match_that_is_cut_in_two_is_taken_out_of_a_stream_and_the_log_counts_it_once() {
    let pieces = [delta("CPF 529.98"), delta("2.247-"), delta("25, ok")];
    let (world, _provider) =
        with(vec![pii(Action::Redact)], stream(&[ROLE, &pieces[0], &pieces[1], &pieces[2], STOP, DONE])).await;
    let operations = [
        Operation::ChatCompletions,
        Operation::Messages,
        Operation::Responses,
        Operation::GenerateContent,
        Operation::OllamaChat,
    ];
    for operation in operations {
        let request = match operation {
            Operation::GenerateContent => {
                json!({"model": "gpt", "stream": true, "contents": [{"role": "user", "parts": [{"text": "hi"}]}]})
            }
            Operation::Responses => json!({"model": "gpt", "input": "hi", "stream": true}),
            _ => {
                json!({"model": "gpt", "max_tokens": 9, "stream": true, "messages": [{"role": "user", "content": "hi"}]})
            }
        };
        let answered = world.ask_of(operation, &request.to_string()).await.expect("an answer");
        assert!(answered.failure.is_none(), "{answered:?}");
        let is_clean =
            answered.body.contains("[CPF]") && !answered.body.contains("529") && !answered.body.contains("247");
        assert!(is_clean, "{operation:?} {}", answered.body);
    }
    for settle in world.settled(operations.len()).await {
        let end = settle.request_end.expect("an end");
        assert_eq!((end.outcome(), end.guardrails), (Outcome::Completed, vec![found("pii", "output", "redact", 1)]));
    }
}

#[tokio::test]
async fn a_stream_that_is_blocked_ends_with_an_error_nothing_of_it_leaves_and_the_provider_is_left() {
    let keys = Rule { patterns: vec!["sk-[a-z0-9]{8}".to_owned()], ..rule("keys", Action::Block) };
    let script =
        [vec![stream_head(), piece(ROLE), piece(delta("A chave é sk-ab")), piece(delta("cd1234, e ")), Step::Hang]]
            .concat();
    let (world, provider) = with(vec![only(Stage::Output, keys)], script).await;
    let answered = world.ask(&body("gpt", STREAM)).await.expect("a beginning");
    let failure = answered.failure.expect("a failure");
    assert_eq!(failure.reason, Reason::GuardrailBlocked);
    assert!(
        !answered.body.contains("sk-") && !answered.body.contains("1234") && !answered.body.contains("[DONE]"),
        "{}",
        answered.body
    );
    eventually("the provider is left", || provider.gone() == 1).await;
    let settled = world.settled(1).await;
    let end = settled[0].request_end.clone().expect("an end");
    assert_eq!((settled[0].outcome(), end.outcome(), end.status_code), (Outcome::Blocked, Outcome::Blocked, 200));
    assert!(settled[0].estimated, "the provider did not say what it counts");
    assert_eq!(end.guardrails, [found("keys", "output", "block", 1)]);
}

#[tokio::test]
async fn a_whole_answer_that_is_blocked_is_a_400_and_is_paid_for() {
    let rules = vec![only(Stage::Output, Rule { words: vec!["olá".to_owned()], ..rule("greetings", Action::Block) })];
    let (world, _provider) = with(rules, answer(200, JSON, COMPLETION)).await;
    let failure = world.refused(&body("gpt", "")).await;
    assert_eq!((failure.reason, failure.reason.openai_http()), (Reason::GuardrailBlocked, 400));
    let settled = world.settled(1).await;
    assert_eq!((settled[0].outcome(), settled[0].estimated), (Outcome::Blocked, false));
    assert_eq!(settled[0].tokens.map(|tokens| tokens.output), Some(5));
}

#[tokio::test]
async fn flags_delay_nothing_and_are_counted() {
    let script = vec![
        stream_head(),
        piece(ROLE),
        piece(delta("ana@exem")),
        Step::Pause(Duration::from_millis(300)),
        piece(delta("plo.com")),
        piece(STOP),
        piece(DONE),
        crate::provider::end(),
    ];
    let (world, _provider) = with(vec![pii(Action::Flag)], script).await;
    let answered = world.ask(&body("gpt", STREAM)).await.expect("an answer");
    assert!(answered.body.contains("ana@exem") && answered.body.contains("plo.com"));
    let end = world.settled(1).await[0].request_end.clone().expect("an end");
    assert_eq!(end.guardrails, [found("pii", "output", "flag", 1)]);
}

fn judge(model: &str, action: Action, on_failure: OnFailure) -> Rule {
    let moderation = Moderation {
        model: model.to_owned(),
        deadline_ms: 500,
        on_failure: on_failure.into(),
        ..Moderation::default()
    };
    Rule { moderation: Some(moderation), ..rule("judge", action) }
}

/// A provider that judges beside the one that answers.
async fn judged(rule: Rule, verdict: Vec<Step>, script: Vec<Step>) -> (World, Provider, Provider) {
    let (provider, court) = (Provider::start(script).await, Provider::start(verdict).await);
    let providers = vec![settings("one", 0, provider.base_url()), settings("court", 1, court.base_url())];
    let book = Book { providers, guardrails: Settings { rules: vec![rule] }, ..Book::default() };
    (World::with(quick(), book).await, provider, court)
}

fn verdict(flagged: bool) -> Vec<Step> {
    let verdict = json!({"id": "m", "results": [{"flagged": flagged, "category_scores": {"violence": 0.7}}]});
    answer(200, JSON, &verdict.to_string())
}

#[tokio::test]
async fn a_model_judges_what_is_asked_and_its_call_has_a_row_of_its_own() {
    let rule = only(Stage::Input, judge("court/judge", Action::Block, OnFailure::Block));
    let (world, provider, court) = judged(rule, verdict(true), answer(200, JSON, COMPLETION)).await;
    let failure = world.refused(&said("hurt him")).await;
    assert_eq!((failure.reason, provider.received().len()), (Reason::GuardrailBlocked, 0));
    let asked: Value = serde_json::from_slice(&court.received()[0].body).expect("JSON");
    assert_eq!((&asked["model"], &asked["input"]), (&json!("judge"), &json!("hurt him\n")));
    assert!(court.received()[0].line.starts_with("POST /v1/moderations "), "{:?}", court.received());
    let settled = world.settled(1).await;
    let (admit, end) = (world.book().admits[0].clone(), settled[0].request_end.clone().expect("an end"));
    let subject = admit.subject.expect("a subject");
    assert_eq!((subject.operation.as_str(), admit.provider.as_str()), ("moderations.guardrail", "court"));
    eventually("the refusal is logged", || world.book().refusals.len() == 1).await;
    let blocked = world.book().refusals[0].subject.clone().expect("a subject");
    assert!(end.explanation_json.contains(&blocked.request_id), "{}", end.explanation_json);
    assert_eq!(subject.api_key_id, blocked.api_key_id);
    court.now(verdict(false));
    assert_eq!(world.ask(&said("hug him")).await.expect("an answer").head.status, 200);
}

#[tokio::test]
async fn a_model_that_does_not_judge_in_time_blocks_or_lets_pass_as_the_rule_says() {
    for (on_failure, passes) in [(OnFailure::Unspecified, false), (OnFailure::Block, false), (OnFailure::Pass, true)] {
        let rule = only(Stage::Input, judge("court/judge", Action::Block, on_failure));
        let (world, _provider, court) = judged(rule, vec![Step::Hang], answer(200, JSON, COMPLETION)).await;
        for broken in [vec![Step::Hang], answer(500, JSON, "{}"), answer(200, JSON, "{\"results\":[]}")] {
            court.now(broken);
            match world.ask(&said("hello")).await {
                Ok(answered) => {
                    assert!(passes);
                    assert_eq!(answered.head.guardrails, [found("judge", "input", "failed", 1)]);
                }
                Err(failure) => {
                    assert!(!passes, "{failure}");
                    assert_eq!((failure.reason, failure.reason.openai_http()), (Reason::GuardrailUnavailable, 503));
                }
            }
        }
    }
}

#[tokio::test]
async fn what_a_model_has_to_judge_of_a_stream_does_not_leave_before() {
    let rule = only(Stage::Output, judge("court/judge", Action::Block, OnFailure::Block));
    let script = stream(&[ROLE, &delta("something bad"), STOP, DONE]);
    let (world, _provider, court) = judged(rule, verdict(true), script).await;
    let answered = world.ask(&body("one/gpt", STREAM)).await.expect("a beginning");
    assert_eq!(answered.failure.map(|failure| failure.reason), Some(Reason::GuardrailBlocked));
    assert!(!answered.body.contains("bad"), "{}", answered.body);
    court.now(verdict(false));
    let answered = world.ask(&body("one/gpt", STREAM)).await.expect("an answer");
    assert!(
        answered.failure.is_none() && answered.body.contains("bad") && answered.body.ends_with(DONE),
        "{answered:?}"
    );
}

/// Complaint 34 has another side: an answer with a hole must not be given again as if it were whole.
#[tokio::test]
async fn an_answer_whose_client_left_while_it_was_judged_is_kept_for_nobody() {
    let rule = only(Stage::Output, judge("court/judge", Action::Block, OnFailure::Block));
    let mut verdict = verdict(false);
    verdict.insert(0, Step::Pause(Duration::from_millis(300)));
    let (world, provider, court) = judged(rule, verdict, stream(&[ROLE, HELLO, STOP, DONE])).await;
    let ask = async || {
        let call = Call {
            idempotency_key: Some("k".into()),
            request_id: RequestId::from_uuid(world.ids.uuid()),
            ..world.call()
        };
        let request = CompleteRequest {
            operation: Operation::ChatCompletions.into(),
            body: body("gpt", STREAM).into(),
            ..CompleteRequest::default()
        };
        let (head, parts) = world.send(&call, request).await?;
        Ok::<_, proto::Failure>(read(head, parts).await)
    };
    let mut reading = Box::pin(ask());
    // Nothing leaves before the judgement, during which this client goes.
    let left = async { eventually("it is being judged", || court.received().len() == 1).await };
    tokio::select! {
        _ = &mut reading => panic!("it was answered before it was judged"),
        () = left => {}
    }
    drop(reading);
    // Its place is free as soon as its end is noticed.
    let mut again = ask().await;
    for _ in 0..200 {
        if again.as_ref().err().is_none_or(|failure| failure.reason != Reason::Conflict) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
        again = ask().await;
    }
    let again = again.expect("an answer");
    assert_eq!((again.failure, again.body), (None, [ROLE, HELLO, STOP, DONE].concat()));
    assert!(!again.head.replayed && provider.received().len() == 2, "it was asked anew");
}

#[tokio::test]
async fn a_kept_answer_is_looked_at_by_the_guardrails_of_now() {
    let (world, _provider) = with(vec![], answer(200, JSON, COMPLETION)).await;
    let cache = Some(Cache { ttl_seconds: 600, ..Cache::default() });
    world.book().routing = Routing { policy: Some(Policy { cache, ..Policy::default() }), ..Routing::default() };
    let change = async |rules: Vec<Rule>| {
        world.book().guardrails = Settings { rules };
        world.tell("workspace.guardrails_changed", "");
        tokio::time::sleep(Duration::from_millis(200)).await;
    };
    change(vec![]).await;
    let request = CompleteRequest {
        operation: Operation::ChatCompletions.into(),
        body: body("gpt", "").into(),
        ..CompleteRequest::default()
    };
    let ask = async || {
        let (head, stream) = world.send(&world.call(), request.clone()).await?;
        Ok::<_, proto::Failure>(crate::ask::read(head, stream).await)
    };
    assert_eq!(ask().await.expect("an answer").head.cache, "miss");
    let words = |action| Rule { words: vec!["olá".to_owned()], ..rule("greetings", action) };
    change(vec![words(Action::Redact)]).await;
    let again = ask().await.expect("an answer");
    assert!(again.head.cache == "hit" && again.body.contains("[GREETINGS] 日本"), "{again:?}");
    change(vec![words(Action::Block)]).await;
    assert_eq!(ask().await.expect_err("a refusal").reason, Reason::GuardrailBlocked);
}

#[tokio::test]
async fn what_is_written_in_a_form_is_looked_at_and_its_sound_is_not() {
    let sound = [b"ID3", CPF.as_bytes(), &[0, 0xff, 0x0d, 0x0a]].concat();
    let form = |prompt: &str| {
        let (content_type, body) = form_of("whisper-1", &[("prompt", prompt), ("language", "pt")], &sound);
        let request = CompleteRequest { content_type, body: body.into(), ..CompleteRequest::default() };
        CompleteRequest { operation: Operation::Transcriptions.into(), ..request }
    };
    let (world, provider) = with(vec![pii(Action::Redact)], answer(200, JSON, "{\"text\":\"Oi\"}")).await;
    let (head, parts) =
        world.send(&world.call(), form("Com Ana, CPF 529.982.247-25\r\nou ana@exemplo.com")).await.expect("an answer");
    assert_eq!(head.guardrails, [found("pii", "input", "redact", 2)]);
    assert_eq!(read(head, parts).await.failure, None);
    let clean = form("Com Ana, CPF [CPF]\r\nou [EMAIL]");
    assert_eq!(provider.received()[0].body, clean.body, "everything else is as it came");
    let (world, provider) = with(vec![pii(Action::Block)], vec![]).await;
    let refused = world.send(&world.call(), form("ana@exemplo.com")).await.map(drop).expect_err("it is blocked");
    assert_eq!((refused.reason, provider.received().len()), (Reason::GuardrailBlocked, 0));
}

//! The built-in provider, as people use it to try their clients.

use crate::{
    ask::{Answer, body},
    fake::Book,
    world::{World, quick},
};
use proto::{
    Reason,
    usage::{Outcome, Tokens},
};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

async fn world() -> World {
    World::with(gateway::Config { idle_ms: 300, first_byte_ms: 300, ..quick() }, Book::default()).await
}

fn parse(answer: &Answer) -> Value {
    serde_json::from_str(&answer.body).unwrap_or_else(|e| panic!("{e}: {}", answer.body))
}

/// The chunks of a stream that ended well.
fn chunks(answer: &Answer) -> Vec<Value> {
    assert_eq!(answer.failure, None);
    let events: Vec<&str> = answer.body.split("\n\n").filter_map(|e| e.strip_prefix("data: ")).collect();
    assert_eq!(events.last(), Some(&"[DONE]"), "{}", answer.body);
    events[..events.len() - 1].iter().map(|e| serde_json::from_str(e).expect("JSON")).collect()
}

#[tokio::test]
async fn it_answers_in_openais_shape_and_the_same_each_time() {
    let world = world().await;
    let first = world.ask(&body("simulator/chat", "")).await.expect("an answer");
    let answer = parse(&first);
    assert_eq!(answer["object"], "chat.completion");
    assert!(answer["id"].as_str().is_some_and(|id| id.starts_with("chatcmpl-")), "{answer}");
    assert!(answer["created"].as_i64() > Some(1_700_000_000));
    let choice = &answer["choices"][0];
    assert_eq!(
        (&choice["index"], &choice["finish_reason"], &choice["logprobs"]),
        (&json!(0), &json!("stop"), &json!(null))
    );
    assert_eq!(choice["message"]["role"], "assistant");
    assert_eq!(choice["message"]["content"], "This is the simulator. You said: Hello, how are you?");
    let usage = &answer["usage"];
    assert_eq!((&usage["prompt_tokens"], &usage["completion_tokens"]), (&json!(8), &json!(10)));
    assert_eq!(usage["total_tokens"], 18);
    let again = world.ask(&body("simulator/chat", "")).await.expect("an answer");
    assert_eq!(parse(&again)["choices"], answer["choices"]);

    let settle = &world.settled(1).await[0];
    assert_eq!(settle.tokens, Some(Tokens { input: 8, output: 10, ..Tokens::default() }));
    let book = world.book();
    assert!(book.admits[0].free && book.admits[0].provider_kind == "simulator", "its price is explicitly zero");
}

#[tokio::test]
async fn its_streams_are_openais_and_say_the_same() {
    let world = world().await;
    let asked = ",\"stream\":true,\"stream_options\":{\"include_usage\":true}";
    let streamed = world.ask(&body("simulator/chat", asked)).await.expect("an answer");
    let chunks = chunks(&streamed);
    assert_eq!(chunks[0]["choices"][0]["delta"], json!({"role": "assistant", "content": "", "refusal": null}));
    let text: String = chunks.iter().filter_map(|c| c["choices"][0]["delta"]["content"].as_str()).collect();
    assert_eq!(text, "This is the simulator. You said: Hello, how are you?");
    let (usage, rest) = chunks.split_last().expect("chunks");
    assert_eq!((&usage["choices"], &usage["usage"]["completion_tokens"]), (&json!([]), &json!(10)));
    assert!(rest.iter().all(|c| c["usage"].is_null() && c.get("usage").is_some()));
    assert_eq!(rest.last().expect("an end")["choices"][0]["finish_reason"], "stop");
    assert!(chunks.iter().all(|c| c["object"] == "chat.completion.chunk" && c["id"] == chunks[0]["id"]));

    let plain = world.ask(&body("simulator/chat", ",\"stream\":true")).await.expect("an answer");
    assert!(!plain.body.contains("\"usage\""), "nobody asked: {}", plain.body);
}

#[tokio::test]
async fn tools_are_called_with_arguments_that_fit_and_their_results_are_used() {
    let world = world().await;
    let tools = json!([
        {"type": "function", "function": {"name": "get_weather", "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}, "unit": {"type": "string", "enum": ["celsius", "fahrenheit"]}},
            "required": ["city", "unit"],
        }}},
        {"type": "function", "function": {"name": "send_mail"}},
    ]);
    let question = json!({"role": "user", "content": "What is the weather like in Paris?"});
    let ask = json!({"model": "simulator/chat", "messages": [question], "tools": tools});
    let answer = parse(&world.ask(&ask.to_string()).await.expect("an answer"));
    let choice = &answer["choices"][0];
    assert_eq!((&choice["finish_reason"], &choice["message"]["content"]), (&json!("tool_calls"), &json!(null)));
    let calls = choice["message"]["tool_calls"].as_array().expect("calls");
    assert_eq!(
        (calls.len(), &calls[0]["function"]["name"], &calls[0]["type"]),
        (1, &json!("get_weather"), &json!("function"))
    );
    let arguments = calls[0]["function"]["arguments"].as_str().expect("a JSON text");
    assert_eq!(serde_json::from_str::<Value>(arguments).expect("JSON"), json!({"city": "city", "unit": "celsius"}));

    let mut streamed = ask.clone();
    streamed["stream"] = json!(true);
    let answer = world.ask(&streamed.to_string()).await.expect("an answer");
    let chunks = chunks(&answer);
    let deltas: Vec<&Value> = chunks.iter().map(|c| &c["choices"][0]["delta"]["tool_calls"][0]).collect();
    let named = deltas.iter().find(|d| d["id"].is_string()).expect("a call");
    assert_eq!((&named["function"]["name"], &named["index"]), (&json!("get_weather"), &json!(0)));
    let joined: String = deltas.iter().filter_map(|d| d["function"]["arguments"].as_str()).collect();
    assert_eq!(joined, arguments);

    let mut forced = ask.clone();
    forced["tool_choice"] = json!({"type": "function", "function": {"name": "send_mail"}});
    let answer = parse(&world.ask(&forced.to_string()).await.expect("an answer"));
    assert_eq!(answer["choices"][0]["message"]["tool_calls"][0]["function"]["name"], "send_mail");
    forced["tool_choice"] = json!("none");
    let answer = parse(&world.ask(&forced.to_string()).await.expect("an answer"));
    assert_eq!(answer["choices"][0]["finish_reason"], "stop");

    let result = json!({"role": "tool", "tool_call_id": calls[0]["id"], "content": "18 degrees"});
    let after = json!({"model": "simulator/chat", "tools": tools, "messages": [question, choice["message"], result]});
    let answer = parse(&world.ask(&after.to_string()).await.expect("an answer"));
    assert_eq!(answer["choices"][0]["message"]["content"], "The tool answered: 18 degrees");
}

#[tokio::test]
async fn json_is_answered_where_json_is_asked_for() {
    let world = world().await;
    let content = async |format: Value| {
        let more = format!(",\"response_format\":{format}");
        let answer = parse(&world.ask(&body("simulator/chat", &more)).await.expect("an answer"));
        serde_json::from_str::<Value>(answer["choices"][0]["message"]["content"].as_str().expect("text")).expect("JSON")
    };
    assert!(content(json!({"type": "json_object"})).await.is_object());
    let schema = json!({
        "type": "object", "required": ["steps", "done"], "additionalProperties": false,
        "properties": {"steps": {"type": "array", "items": {"type": "string"}}, "done": {"type": "boolean"}},
    });
    let format = json!({"type": "json_schema", "json_schema": {"name": "plan", "strict": true, "schema": schema}});
    assert_eq!(content(format).await, json!({"steps": ["steps"], "done": true}));
}

#[tokio::test]
async fn length_stop_choices_and_text_can_be_chosen() {
    let world = world().await;
    let ask = async |more: &str| parse(&world.ask(&body("simulator/chat", more)).await.expect("an answer"));
    let short = ask(",\"max_tokens\":3").await;
    assert_eq!(short["choices"][0]["message"]["content"], "This is the");
    assert_eq!(
        (&short["choices"][0]["finish_reason"], &short["usage"]["completion_tokens"]),
        (&json!("length"), &json!(3))
    );
    let stopped = ask(",\"stop\":[\" You\"]").await;
    assert_eq!(stopped["choices"][0]["message"]["content"], "This is the simulator.");
    let three = ask(",\"n\":3").await;
    assert_eq!(three["choices"].as_array().map(Vec::len), Some(3));
    assert_eq!(three["choices"][2]["index"], 2);
    let told = ask(",\"simulator\":{\"text\":\"exactly this\"}").await;
    assert_eq!(told["choices"][0]["message"]["content"], "exactly this");
    assert_eq!(ask(",\"simulator\":{\"tokens\":50}").await["usage"]["completion_tokens"], 50);
}

#[tokio::test]
async fn it_streams_at_a_chosen_speed() {
    let world = world().await;
    let began = Instant::now();
    let more = ",\"stream\":true,\"simulator\":{\"tokens\":10,\"chunk_delay_ms\":20}";
    let answer = world.ask(&body("simulator/chat", more)).await.expect("an answer");
    assert_eq!(chunks(&answer).len(), 12, "role, ten tokens, the end");
    assert!(began.elapsed() >= Duration::from_millis(240), "{:?}", began.elapsed());
}

#[tokio::test]
async fn it_fails_in_each_way_in_which_providers_fail() {
    let world = world().await;
    let cases = [
        ("cut", Reason::UpstreamIncomplete),
        ("stall", Reason::UpstreamTimeout),
        ("malformed", Reason::UpstreamFailed),
        ("error-event", Reason::UpstreamFailed),
        ("wrong-type", Reason::UpstreamFailed),
        ("empty", Reason::UpstreamFailed),
        ("reset", Reason::UpstreamFailed),
        ("status-500", Reason::UpstreamFailed),
        ("status-503", Reason::UpstreamOverloaded),
    ];
    for (model, reason) in cases {
        let failure = world.refused(&body(&format!("simulator/{model}"), "")).await;
        assert_eq!(failure.reason, reason, "{model}: {failure:?}");
        let streamed = body(&format!("simulator/{model}"), ",\"stream\":true");
        match world.ask(&streamed).await {
            Err(failure) => assert!(!matches!(model, "cut" | "stall"), "{model} begins well: {failure:?}"),
            Ok(answer) => {
                assert!(answer.body.contains("simulator") || answer.body.contains("This"), "{model}: {}", answer.body);
                assert!(!answer.body.contains("[DONE]"), "{model}");
                assert_eq!(answer.failure.map(|f| f.reason), Some(reason), "{model}");
            }
        }
    }
    let refused = world.ask(&body("simulator/status-418", "")).await.expect("the provider's refusal");
    assert_eq!(refused.head.status, 418);
    assert_eq!(parse(&refused)["error"]["code"], "simulated");
    for more in ["", ",\"stream\":true"] {
        let limited = world.ask(&body("simulator/status-429", more)).await.expect("the provider's refusal");
        assert_eq!((limited.head.status, limited.head.retry_after), (429, Some(1)));
        assert_eq!(parse(&limited)["error"]["type"], "requests");
    }
    assert!(world.settled(21).await.iter().all(|s| s.outcome() != Outcome::Completed));
}

#[tokio::test]
async fn a_slow_drip_arrives_whole() {
    let world = world().await;
    for more in ["", ",\"stream\":true"] {
        let more = format!("{more},\"simulator\":{{\"text\":\"drop\",\"chunk_delay_ms\":1}}");
        let answer = world.ask(&body("simulator/drip", &more)).await.expect("an answer");
        assert_eq!(answer.failure, None);
        assert!(answer.body.contains("drop"), "{}", answer.body);
    }
}

#[tokio::test]
async fn what_openai_refuses_it_refuses() {
    let world = world().await;
    for wrong in [
        json!({"model": "simulator/chat", "messages": []}),
        json!({"model": "simulator/chat", "messages": [{"role": "pirate", "content": "x"}]}),
        json!({"model": "simulator/chat", "messages": [{"content": "x"}]}),
    ] {
        let answer = world.ask(&wrong.to_string()).await.expect("the provider's refusal");
        assert_eq!(answer.head.status, 400);
        assert!(parse(&answer)["error"]["message"].is_string());
    }
}

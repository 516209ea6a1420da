//! OpenAI's responses that their clients come back to, in front of providers that have them and of others.

use crate::{
    ask::Answer,
    dialects,
    fake::Book,
    provider::{DONE, HELLO, Provider, ROLE, STOP, Step, USAGE, answer, piece, stream, stream_head},
    world::{World, eventually, quick, settings},
};
use futures::StreamExt as _;
use proto::{
    Call, Failure, Reason,
    gateway::{
        CompleteRequest, CompleteResponse, DeleteResponseRequest, GetResponseRequest, ListResponseInputRequest,
        ListResponseInputResponse, Operation, complete_response::Part,
    },
    id::WorkspaceId,
    workspace::OpenProvider,
};
use serde_json::{Value, json};
use std::time::Duration;

const JSON: &str = "application/json";

/// A world whose workspaces keep responses for so many days.
async fn world(providers: Vec<OpenProvider>, days: i32) -> World {
    World::with(quick(), Book { providers, keep_responses_days: days, ..Book::default() }).await
}

/// A provider that has chat completions only.
async fn plain(text: &str) -> Provider {
    Provider::start(said(text)).await
}

fn said(text: &str) -> Vec<Step> {
    let chat = json!({
        "id": "chatcmpl-1", "model": "m",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 5, "completion_tokens": 2},
    });
    answer(200, JSON, &chat.to_string())
}

/// What a provider with responses of its own answers.
fn native(id: &str, text: &str) -> Vec<Step> {
    let response = json!({
        "id": id, "object": "response", "status": "completed", "error": null, "output": [
            {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "secret"},
            {"type": "message", "id": "msg_1", "role": "assistant", "status": "completed",
                "content": [{"type": "output_text", "text": text, "annotations": []}]},
        ],
        "usage": {"input_tokens": 7, "output_tokens": 3, "total_tokens": 10},
    });
    answer(200, JSON, &response.to_string())
}

fn with_responses(name: &str, priority: i32, provider: &Provider) -> OpenProvider {
    let options_json = "{\"native\":[\"responses\"]}".to_owned();
    OpenProvider { options_json, ..settings(name, priority, provider.base_url()) }
}

async fn ask(world: &World, body: &Value) -> Result<Answer, Failure> {
    world.ask_of(Operation::Responses, &body.to_string()).await
}

async fn made(world: &World, body: &Value) -> Value {
    let answer = ask(world, body).await.expect("an answer");
    assert_eq!(answer.failure, None);
    serde_json::from_str(&answer.body).expect("JSON")
}

/// Input that goes on with an earlier response.
fn after(previous: &Value, text: &str) -> Value {
    json!({"model": "gpt", "input": text, "previous_response_id": previous["id"]})
}

async fn got(world: &World, call: &Call, id: &Value) -> Result<Value, Failure> {
    let response_id = id.as_str().expect("an id").to_owned();
    let request = GetResponseRequest { response_id, ..GetResponseRequest::default() };
    let got = world.gateway.get_response(call, request).await.map_err(|status| Failure::from(&status))?;
    Ok(serde_json::from_slice(&got.response).expect("JSON"))
}

/// As events, and those after a number.
async fn told_again(world: &World, id: &Value, starting_after: Option<i64>) -> Result<String, Failure> {
    let response_id = id.as_str().expect("an id").to_owned();
    let request = GetResponseRequest { response_id, stream: true, starting_after };
    let got = world.gateway.get_response(&world.call(), request).await.map_err(|status| Failure::from(&status))?;
    Ok(String::from_utf8(got.response.to_vec()).expect("text"))
}

/// What the events of a stream say.
fn events(stream: &str) -> Vec<Value> {
    let data = stream.lines().filter_map(|line| line.strip_prefix("data: "));
    data.map(|data| serde_json::from_str(data).expect("JSON")).collect()
}

async fn listed(world: &World, id: &Value, request: ListResponseInputRequest) -> ListResponseInputResponse {
    let response_id = id.as_str().expect("an id").to_owned();
    let request = ListResponseInputRequest { response_id, ..request };
    world.gateway.list_response_input(&world.call(), request).await.expect("items")
}

async fn erased(world: &World, id: &Value) -> Result<(), Failure> {
    let request = DeleteResponseRequest { response_id: id.as_str().expect("an id").to_owned() };
    world.gateway.delete_response(&world.call(), request).await.map(drop).map_err(|status| Failure::from(&status))
}

/// The body of the provider's last request.
fn last(provider: &Provider) -> Value {
    serde_json::from_slice(&provider.received().last().expect("a request").body).expect("JSON")
}

/// Roles and texts of what a provider with chat completions was sent last.
fn heard(provider: &Provider) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let body = last(provider);
    let messages = body["messages"].as_array().expect("messages").iter();
    messages.map(|message| (text(&message["role"]), text(&message["content"]))).collect()
}

#[tokio::test]
async fn a_response_is_found_again_as_it_was_answered_until_it_is_erased() {
    let provider = plain("Hello.").await;
    let world = world(vec![settings("one", 0, provider.base_url())], 30).await;
    let first = made(&world, &json!({"model": "gpt", "input": "Hi"})).await;
    assert_eq!(first["store"], true);
    assert_eq!(got(&world, &world.call(), &first["id"]).await.expect("it is kept"), first);
    erased(&world, &first["id"]).await.expect("it is there");
    for gone in [got(&world, &world.call(), &first["id"]).await.map(drop), erased(&world, &first["id"]).await] {
        assert_eq!(gone.expect_err("it is gone").reason, Reason::NotFound);
    }
    assert!(world.book().responses.is_empty());
}

#[tokio::test]
async fn a_client_that_wants_nothing_kept_is_told_so_and_so_is_one_of_a_workspace_that_keeps_nothing() {
    let provider = plain("Hello.").await;
    let settings = || vec![settings("one", 0, provider.base_url())];
    let keeps = world(settings(), 30).await;
    assert_eq!(made(&keeps, &json!({"model": "gpt", "input": "Hi", "store": false})).await["store"], false);
    let never = world(settings(), 0).await;
    assert_eq!(made(&never, &json!({"model": "gpt", "input": "Hi"})).await["store"], false);
    let answer = ask(&never, &json!({"model": "gpt", "input": "Hi", "store": true})).await.expect("an answer");
    assert_eq!(answer.head.dropped, ["store"], "it is not lost silently");
    assert!(keeps.book().responses.is_empty() && never.book().responses.is_empty());
}

#[tokio::test]
async fn a_stream_is_kept_before_its_end_is_seen_and_one_that_breaks_off_is_not() {
    let provider = Provider::start(stream(&[ROLE, HELLO, STOP, USAGE, DONE])).await;
    let world = world(vec![settings("one", 0, provider.base_url())], 30).await;
    let told = ask(&world, &json!({"model": "gpt", "input": "Hi", "stream": true})).await.expect("an answer");
    let last = told.body.trim_end().rsplit("data: ").next().expect("an event");
    let completed: Value = serde_json::from_str(last).expect("JSON");
    assert_eq!(completed["type"], "response.completed");
    let response = &completed["response"];
    assert_eq!(response["store"], true);
    assert_eq!(&got(&world, &world.call(), &response["id"]).await.expect("it is kept"), response);
    provider.now(vec![stream_head(), piece(ROLE), piece(HELLO), Step::Close]);
    let told = ask(&world, &json!({"model": "gpt", "input": "Hi", "stream": true})).await.expect("a beginning");
    assert!(told.failure.is_some());
    assert_eq!(world.book().responses.len(), 1);
}

#[tokio::test]
async fn three_turns_go_on_in_front_of_a_provider_that_has_chat_only() {
    let provider = plain("One.").await;
    let world = world(vec![settings("one", 0, provider.base_url())], 30).await;
    let first = made(&world, &json!({"model": "gpt", "input": "First", "instructions": "Be brief."})).await;
    provider.now(said("Two."));
    let second = made(&world, &after(&first, "Second")).await;
    assert_eq!(second["previous_response_id"], first["id"]);
    let admitted = world.book().admits[1].estimated_input_tokens;
    assert!(admitted > world.book().admits[0].estimated_input_tokens, "what was said before costs as well");
    provider.now(said("Three."));
    made(&world, &after(&second, "Third")).await;
    let expected =
        [("user", "First"), ("assistant", "One."), ("user", "Second"), ("assistant", "Two."), ("user", "Third")];
    // Instructions are those of one turn, as OpenAI has it.
    assert_eq!(heard(&provider), expected.map(|(role, text)| (role.to_owned(), text.to_owned())));
}

#[tokio::test]
async fn three_turns_go_on_in_front_of_the_simulator() {
    let world = world(vec![], 30).await;
    let say = |text: &str| json!({"model": "simulator/chat", "input": "Hi", "simulator": {"text": text}});
    let first = made(&world, &say("One.")).await;
    let mut body = say("Two.");
    body["previous_response_id"] = first["id"].clone();
    let second = made(&world, &body).await;
    body["previous_response_id"] = second["id"].clone();
    let third = made(&world, &body).await;
    let used = |response: &Value| response["usage"]["input_tokens"].as_i64().expect("tokens");
    assert!(used(&first) < used(&second) && used(&second) < used(&third), "each turn reads those before");
    let all = listed(&world, &third["id"], ListResponseInputRequest { ascending: true, ..Default::default() }).await;
    assert_eq!(all.items.len(), 5);
}

#[tokio::test]
async fn three_turns_go_on_in_front_of_anthropic() {
    let message = |text: &str| {
        let message = json!({
            "id": "msg_1", "type": "message", "role": "assistant", "model": "claude", "stop_reason": "end_turn",
            "content": [{"type": "text", "text": text}], "usage": {"input_tokens": 3, "output_tokens": 2},
        });
        answer(200, JSON, &message.to_string())
    };
    let provider = Provider::start(message("One.")).await;
    let world = world(vec![dialects::settings("anthropic", "", &provider)], 30).await;
    let first = made(&world, &json!({"model": "gpt", "input": "First"})).await;
    provider.now(message("Two."));
    let second = made(&world, &after(&first, "Second")).await;
    provider.now(message("Three."));
    let third = made(&world, &after(&second, "Third")).await;
    assert_eq!(third["output"][0]["content"][0]["text"], "Three.");
    let sent = last(&provider);
    let roles: Vec<&str> =
        sent["messages"].as_array().expect("messages").iter().filter_map(|m| m["role"].as_str()).collect();
    assert_eq!(roles, ["user", "assistant", "user", "assistant", "user"]);
    assert!(sent.to_string().contains("Two.") && sent.get("previous_response_id").is_none(), "{sent}");
}

#[tokio::test]
async fn calls_of_functions_and_their_results_go_on_as_well() {
    let call = json!({
        "id": "c", "model": "m", "usage": {"prompt_tokens": 5, "completion_tokens": 2},
        "choices": [{"index": 0, "finish_reason": "tool_calls", "message": {"role": "assistant", "content": null, "tool_calls": [
            {"id": "call_1", "type": "function", "function": {"name": "now", "arguments": "{}"}},
        ]}}],
    });
    let provider = Provider::start(answer(200, JSON, &call.to_string())).await;
    let world = world(vec![settings("one", 0, provider.base_url())], 30).await;
    let tools = json!([{"type": "function", "name": "now", "parameters": {"type": "object"}}]);
    let first = made(&world, &json!({"model": "gpt", "input": "What time is it?", "tools": tools})).await;
    provider.now(said("Noon."));
    let output = json!([{"type": "function_call_output", "call_id": "call_1", "output": "12:00"}]);
    made(&world, &json!({"model": "gpt", "input": output, "tools": tools, "previous_response_id": first["id"]})).await;
    let sent = last(&provider);
    assert_eq!(sent["messages"][1]["tool_calls"][0]["id"], "call_1");
    assert_eq!((&sent["messages"][2]["role"], &sent["messages"][2]["content"]), (&json!("tool"), &json!("12:00")));
}

#[tokio::test]
async fn a_provider_with_responses_of_its_own_gets_the_next_turn_byte_for_byte() {
    let provider = Provider::start(native("resp_theirs", "One.")).await;
    let world = world(vec![with_responses("one", 0, &provider)], 30).await;
    let first = made(&world, &json!({"model": "gpt", "input": "First"})).await;
    assert_eq!(first["id"], "resp_theirs");
    assert_eq!(got(&world, &world.call(), &first["id"]).await.expect("it is kept"), first);
    let sent = "{\"model\":\"gpt\", \"input\" : \"Second\", \"previous_response_id\":\"resp_theirs\"}";
    world.ask_of(Operation::Responses, sent).await.expect("an answer");
    assert_eq!(String::from_utf8_lossy(&provider.received()[1].body), sent);
}

#[tokio::test]
async fn a_conversation_goes_on_elsewhere_where_its_provider_fails_and_what_is_lost_is_named() {
    let first_provider = Provider::start(native("resp_theirs", "One.")).await;
    let (second, third) = (Provider::start(native("resp_other", "Two.")).await, plain("Three.").await);
    let providers = vec![
        with_responses("first", 0, &first_provider),
        with_responses("second", 1, &second),
        settings("third", 2, third.base_url()),
    ];
    let world = world(providers, 30).await;
    let first = made(&world, &json!({"model": "gpt", "input": "First"})).await;
    first_provider.now(answer(500, JSON, "{}"));
    let told = ask(&world, &after(&first, "Second")).await.expect("an answer");
    assert_eq!(
        (told.head.provider.as_str(), told.head.dropped.as_slice()),
        ("second", &["input.reasoning".to_owned()][..])
    );
    let sent = last(&second);
    assert_eq!(sent.get("previous_response_id"), None);
    let items = sent["input"].as_array().expect("items");
    let kinds: Vec<&str> = items.iter().filter_map(|item| item["role"].as_str()).collect();
    assert_eq!(kinds, ["user", "assistant", "user"]);
    assert!(items.iter().all(|item| item.get("id").is_none()) && !sent.to_string().contains("secret"), "{sent}");
    second.now(answer(500, JSON, "{}"));
    let told = ask(&world, &after(&first, "Second")).await.expect("an answer");
    assert_eq!(told.head.provider, "third");
    assert_eq!(heard(&third)[1], ("assistant".to_owned(), "One.".to_owned()));
}

#[tokio::test]
async fn whoever_knows_a_conversation_is_asked_first() {
    let (chat, knows) = (plain("Chat.").await, Provider::start(native("resp_theirs", "One.")).await);
    let world = world(vec![with_responses("knows", 0, &knows)], 30).await;
    let first = made(&world, &json!({"model": "gpt", "input": "First"})).await;
    world.book().providers.insert(0, settings("chat", -1, chat.base_url()));
    world.tell("provider.created", "prov_chat");
    for _ in 0..500 {
        if ask(&world, &json!({"model": "gpt", "input": "Hi", "store": false})).await.expect("an answer").head.provider
            == "chat"
        {
            break;
        }
    }
    assert!(!chat.received().is_empty(), "the other one is asked first for all else");
    let told = ask(&world, &after(&first, "Second")).await.expect("an answer");
    assert_eq!(told.head.provider, "knows");
}

#[tokio::test]
async fn what_is_not_kept_here_cannot_be_continued() {
    let provider = plain("One.").await;
    let world = world(vec![with_responses("one", 0, &provider)], 30).await;
    let unknown = json!({"id": "resp_of_somebody"});
    let failure = ask(&world, &after(&unknown, "Hi")).await.expect_err("refused");
    assert_eq!(
        (failure.reason, failure.fields[0].0.as_str()),
        (Reason::PreviousResponseNotFound, "previous_response_id")
    );
    assert_eq!(failure.message, "Previous response with id 'resp_of_somebody' not found.");
    assert!(provider.received().is_empty(), "nobody is asked to look for it in an account that others may share");
}

#[tokio::test]
async fn a_conversation_whose_beginning_was_erased_is_not_continued_without_it() {
    let provider = plain("One.").await;
    let world = world(vec![settings("one", 0, provider.base_url())], 30).await;
    let first = made(&world, &json!({"model": "gpt", "input": "First"})).await;
    let second = made(&world, &after(&first, "Second")).await;
    erased(&world, &first["id"]).await.expect("it is there");
    let failure = ask(&world, &after(&second, "Third")).await.expect_err("refused");
    assert_eq!(failure.reason, Reason::PreviousResponseNotFound);
    assert!(failure.message.contains(first["id"].as_str().expect("an id")), "{}", failure.message);
}

#[tokio::test]
async fn another_workspace_sees_nothing_of_it() {
    let provider = plain("One.").await;
    let world = world(vec![settings("one", 0, provider.base_url())], 30).await;
    let first = made(&world, &json!({"model": "gpt", "input": "First"})).await;
    let stranger = Call { workspace: Some(WorkspaceId::from_uuid(world.ids.uuid())), ..world.call() };
    assert_eq!(got(&world, &stranger, &first["id"]).await.expect_err("not theirs").reason, Reason::NotFound);
    let request = proto::gateway::CompleteRequest {
        operation: Operation::Responses.into(),
        body: after(&first, "Hi").to_string().into(),
        ..Default::default()
    };
    let failure = world.send(&stranger, request).await.map(drop).expect_err("not theirs");
    assert_eq!(failure.reason, Reason::PreviousResponseNotFound);
}

#[tokio::test]
async fn what_a_response_was_made_from_is_listed_in_pages() {
    let provider = plain("One.").await;
    let world = world(vec![settings("one", 0, provider.base_url())], 30).await;
    let first = made(&world, &json!({"model": "gpt", "input": "First"})).await;
    let second = made(&world, &after(&first, "Second")).await;
    let page = listed(&world, &second["id"], ListResponseInputRequest { limit: 2, ..Default::default() }).await;
    let text =
        |bytes: &bytes::Bytes| serde_json::from_slice::<Value>(bytes).expect("JSON")["content"][0]["text"].clone();
    assert_eq!(page.items.iter().map(text).collect::<Vec<_>>(), ["Second", "One."]);
    assert!(page.has_more);
    let more = ListResponseInputRequest { limit: 2, after: page.last_id, ..Default::default() };
    let rest = listed(&world, &second["id"], more).await;
    assert_eq!(rest.items.iter().map(text).collect::<Vec<_>>(), ["First"]);
    assert!(!rest.has_more && rest.first_id == rest.last_id && rest.first_id.starts_with("msg_"));
    let wrong = ListResponseInputRequest {
        response_id: second["id"].as_str().expect("an id").to_owned(),
        after: "msg_none".to_owned(),
        ..Default::default()
    };
    let failure = world.gateway.list_response_input(&world.call(), wrong).await.map_err(|s| Failure::from(&s));
    assert_eq!(failure.expect_err("no such item").fields[0].0, "after");
}

#[tokio::test]
async fn a_response_that_could_not_be_kept_is_answered_all_the_same() {
    let provider = plain("One.").await;
    let world = world(vec![settings("one", 0, provider.base_url())], 30).await;
    made(&world, &json!({"model": "gpt", "input": "First"})).await;
    world.book().workspaces_away = true;
    let told = made(&world, &json!({"model": "gpt", "input": "First"})).await;
    assert_eq!(told["output"][0]["content"][0]["text"], "One.");
    assert_eq!(world.book().responses.len(), 1);
}

#[tokio::test]
async fn what_was_answered_whole_is_told_in_events_that_add_up_to_it() {
    for provider in [plain("Hello.").await, Provider::start(native("resp_abc", "Hello.")).await] {
        let world = world(vec![with_responses("one", 0, &provider)], 30).await;
        provider.now(native("resp_abc", "Hello."));
        let made = made(&world, &json!({"model": "gpt", "input": "Hi"})).await;
        let stream = told_again(&world, &made["id"], None).await.expect("events");
        let all = events(&stream);
        assert_eq!((&all[0]["type"], &all.last().expect("an end")["response"]), (&json!("response.created"), &made));
        let said: Vec<_> = all.iter().filter(|event| event["type"] == "response.output_text.delta").collect();
        assert_eq!((said.len(), &said[0]["delta"]), (1, &json!("Hello.")));
        let after = told_again(&world, &made["id"], Some(3)).await.expect("events");
        assert!(stream.ends_with(&after) && events(&after)[0]["sequence_number"] == 4, "{after}");
        assert_eq!(told_again(&world, &made["id"], Some(10_000)).await.as_deref(), Ok(""));
        let gone = told_again(&world, &json!("resp_0"), None).await.expect_err("nobody made it");
        assert_eq!(gone.reason, Reason::NotFound);
    }
}

#[tokio::test]
async fn a_stream_is_told_again_as_it_was_and_who_missed_its_end_gets_the_rest() {
    let provider = Provider::start(stream(&[ROLE, HELLO, STOP, USAGE, DONE])).await;
    let world = world(vec![settings("one", 0, provider.base_url())], 30).await;
    let asked = json!({"model": "gpt", "input": "Hi", "stream": true});
    let told = ask(&world, &asked).await.expect("an answer").body;
    let all = events(&told);
    let id = all[0]["response"]["id"].clone();
    assert_eq!(told_again(&world, &id, None).await.as_deref(), Ok(told.as_str()), "to the byte");
    // A client under an Idempotency-Key leaves after the first event that it sees; its stream goes on without it.
    provider.now(vec![
        stream_head(),
        piece(ROLE),
        piece(HELLO),
        Step::Pause(Duration::from_millis(300)),
        piece(STOP),
        piece(USAGE),
        piece(DONE),
    ]);
    let call = Call { idempotency_key: Some("k".into()), ..world.call() };
    let request = CompleteRequest {
        operation: Operation::Responses.into(),
        body: asked.to_string().into(),
        ..CompleteRequest::default()
    };
    let (_, mut parts) = world.send(&call, request).await.expect("a beginning");
    let Some(Ok(CompleteResponse { part: Some(Part::Data(first)) })) = parts.next().await else { panic!("no data") };
    drop(parts);
    let seen = events(std::str::from_utf8(&first).expect("text"));
    let (id, last) = (seen[0]["response"]["id"].clone(), seen.last().expect("an event")["sequence_number"].as_i64());
    eventually("it is kept", || world.book().responses.len() == 2).await;
    let rest = events(&told_again(&world, &id, last).await.expect("the rest"));
    assert_eq!(rest[0]["sequence_number"].as_i64(), last.map(|last| last + 1));
    assert_eq!(rest.last().expect("an end")["type"], "response.completed");
}

#[tokio::test]
async fn events_that_were_too_many_to_be_kept_are_told_whole_and_from_no_number() {
    let long = format!(
        "data: {{\"id\":\"c\",\"choices\":[{{\"index\":0,\"delta\":{{\"content\":\"{}\"}}}}]}}\n\n",
        "x".repeat(3 * 1024 * 1024)
    );
    let provider = Provider::start(stream(&[ROLE, &long, STOP, USAGE, DONE])).await;
    let world = world(vec![settings("one", 0, provider.base_url())], 30).await;
    let told = ask(&world, &json!({"model": "gpt", "input": "Hi", "stream": true})).await.expect("an answer").body;
    let id = events(&told)[0]["response"]["id"].clone();
    let again = events(&told_again(&world, &id, None).await.expect("events"));
    assert_eq!(again.last().expect("an end")["response"]["id"], id);
    let refused = told_again(&world, &id, Some(1)).await.expect_err("nobody knows their numbers");
    assert_eq!((refused.reason, refused.fields[0].0.as_str()), (Reason::InvalidArgument, "starting_after"));
}

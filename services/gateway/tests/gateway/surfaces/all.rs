//! Every surface, in front of a provider that has it and, where that is possible, of one that has chat completions only.

use crate::{
    provider::{COMPLETION, DONE, HELLO, Provider, ROLE, STOP, Step, USAGE, answer},
    world::settings,
};
use proto::{gateway::Operation, workspace::OpenProvider};

/// One surface and how a provider answers it.
pub struct Surface {
    pub name: &'static str,
    pub operation: Operation,
    /// What the provider has beside chat completions.
    pub native: &'static str,
    /// The media type of the request, where it is no JSON.
    pub form: &'static str,
    pub request: String,
    /// The same for a stream; empty where there are none.
    pub streaming: String,
    content_type: &'static str,
    whole: String,
    stream_type: &'static str,
    /// Events until there is content; the last one is content.
    pub beginning: Vec<String>,
    /// Events from there to the end mark.
    pub rest: Vec<String>,
    /// What is in each content as the client gets it.
    pub content: &'static str,
    /// What only a stream has that ended well.
    pub ends: &'static [&'static str],
}

impl Surface {
    pub fn settings(&self, name: &str, priority: i32, provider: &Provider) -> OpenProvider {
        let options_json = format!("{{\"native\":[{}]}}", self.native);
        OpenProvider { options_json, ..settings(name, priority, provider.base_url()) }
    }

    pub fn answer(&self) -> Vec<Step> {
        answer(200, self.content_type, &self.whole)
    }

    pub fn streams(&self) -> bool {
        !self.streaming.is_empty()
    }

    /// Whether its answers can be read; else they are sound.
    pub fn is_json(&self) -> bool {
        self.content_type == "application/json"
    }

    /// The head of a stream.
    pub fn head(&self) -> Step {
        let head =
            format!("HTTP/1.1 200 OK\r\ncontent-type: {}\r\ntransfer-encoding: chunked\r\n\r\n", self.stream_type);
        Step::Send(head.into_bytes())
    }
}

/// A stream without the ids that are ours, which no two have in common.
pub fn nameless(body: &str) -> String {
    let mut out = String::new();
    let mut rest = body;
    while let Some(at) = ["resp_", "msg_", "rs_", "fc_"].iter().filter_map(|prefix| rest.find(prefix)).min() {
        let from = at + rest[at..].find('_').unwrap_or(0) + 1;
        let id = rest[from..].find(|c: char| !c.is_ascii_hexdigit()).unwrap_or(rest.len() - from);
        out.push_str(&rest[..from]);
        rest = &rest[from + id..];
    }
    out.push_str(rest);
    timeless(&out)
}

/// The same without its times: seconds may have passed.
fn timeless(body: &str) -> String {
    let mut out = body.to_owned();
    for name in ["created_at", "completed_at", "created"] {
        let name = format!("\"{name}\":");
        let mut times = out.split(&name);
        let first = times.next().unwrap_or_default().to_owned();
        out = times.fold(first, |out, next| out + next.trim_start_matches(|c: char| c.is_ascii_digit()));
    }
    out
}

fn strings(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

/// A JSON surface that does not stream.
fn plain(name: &'static str, operation: Operation, request: &str, whole: &str) -> Surface {
    Surface {
        name,
        operation,
        native: "",
        form: "",
        request: request.to_owned(),
        streaming: String::new(),
        content_type: "application/json",
        whole: whole.to_owned(),
        stream_type: "text/event-stream",
        beginning: vec![],
        rest: vec![],
        content: "",
        ends: &[],
    }
}

/// The same with events.
fn streaming(
    surface: Surface,
    beginning: &[&str],
    rest: &[&str],
    content: &'static str,
    ends: &'static [&'static str],
) -> Surface {
    let streaming = surface.request.replacen('{', "{\"stream\":true,", 1);
    Surface { streaming, beginning: strings(beginning), rest: strings(rest), content, ends, ..surface }
}

fn event(data: &str) -> String {
    let kind = data.split('"').nth(3).unwrap_or_default();
    format!("event: {kind}\ndata: {data}\n\n")
}

const CHAT: &str = r#"{"model":"m","messages":[{"role":"user","content":"Hello"}]}"#;
const MESSAGES: &str = r#"{"model":"m","max_tokens":50,"messages":[{"role":"user","content":"Hello"}]}"#;
const RESPONSES: &str = r#"{"model":"m","store":false,"input":"Hello"}"#;
const COMPLETIONS: &str = r#"{"model":"m","prompt":"Hello"}"#;
const RESPONSE: &str = r#"{"id":"resp_1","object":"response","status":"completed","error":null,"output":[{"type":"message","id":"msg_1","role":"assistant","content":[{"type":"output_text","text":"日本"}]}],"usage":{"input_tokens":7,"output_tokens":3,"total_tokens":10}}"#;
const MESSAGE: &str = r#"{"id":"msg_1","type":"message","role":"assistant","model":"m","stop_reason":"end_turn","content":[{"type":"text","text":"日本"}],"usage":{"input_tokens":3,"output_tokens":2}}"#;
const FORM: &str = "multipart/form-data; boundary=xYx";

/// A form with sound.
fn form(stream: bool) -> String {
    let part = |name: &str, value: &str| {
        format!("--xYx\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    let file = "--xYx\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.wav\"\r\nContent-Type: audio/wav\r\n\r\nRIFF\0\0\0\0WAVEsound\r\n";
    let stream = if stream { part("stream", "true") } else { String::new() };
    format!("{}{stream}{file}--xYx--\r\n", part("model", "m"))
}

/// All of them.
pub fn all() -> Vec<Surface> {
    let responses_events = [
        event(
            r#"{"type":"response.created","sequence_number":0,"response":{"id":"resp_1","status":"in_progress","error":null}}"#,
        ),
        event(r#"{"type":"response.output_text.delta","sequence_number":1,"output_index":0,"delta":"Hello 日本"}"#),
    ];
    let responses_end = event(&format!(r#"{{"type":"response.completed","sequence_number":2,"response":{RESPONSE}}}"#));
    let messages_events = [
        event(
            r#"{"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[],"usage":{"input_tokens":3,"output_tokens":1}}}"#,
        ),
        event(r#"{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}"#),
        event(r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hello 日本"}}"#),
    ];
    let messages_end = [
        event(r#"{"type":"content_block_stop","index":0}"#),
        event(r#"{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":2}}"#),
        event(r#"{"type":"message_stop"}"#),
    ];
    let text = |texts: &[String]| -> Vec<String> { texts.to_vec() };
    let native = |native: &'static str, surface: Surface| Surface { native, ..surface };
    let chunks: (&[&str], &[&str]) = (&[ROLE, HELLO], &[STOP, USAGE, DONE]);
    let completion = r#"{"id":"cmpl-1","object":"text_completion","choices":[{"index":0,"text":"日本","finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":1}}"#;
    let completion_chunk = "data: {\"id\":\"cmpl-1\",\"object\":\"text_completion\",\"choices\":[{\"index\":0,\"text\":\"Hello 日本\",\"finish_reason\":null}]}\n\n";
    let completion_end = "data: {\"id\":\"cmpl-1\",\"object\":\"text_completion\",\"choices\":[{\"index\":0,\"text\":\"\",\"finish_reason\":\"stop\"}]}\n\n";
    let events_of = |surface: Surface, begin: Vec<String>, rest: Vec<String>, ends: &'static [&'static str]| {
        let surface = streaming(surface, &[], &[], "Hello 日本", ends);
        Surface { beginning: begin, rest, ..surface }
    };
    let is_done: &'static [&'static str] = &["[DONE]"];
    let completed: &'static [&'static str] = &["response.completed"];
    let stopped: &'static [&'static str] = &["message_stop"];
    let transcript = plain(
        "transcriptions",
        Operation::Transcriptions,
        "",
        r#"{"text":"日本","usage":{"type":"tokens","input_tokens":9,"output_tokens":2,"total_tokens":11}}"#,
    );
    vec![
        streaming(
            plain("chat completions", Operation::ChatCompletions, CHAT, COMPLETION),
            chunks.0,
            chunks.1,
            "Hello 日本",
            is_done,
        ),
        streaming(
            native("\"completions\"", plain("completions", Operation::Completions, COMPLETIONS, completion)),
            &[completion_chunk],
            &[completion_end, DONE],
            "Hello 日本",
            is_done,
        ),
        streaming(
            plain("completions told as chat", Operation::Completions, COMPLETIONS, COMPLETION),
            chunks.0,
            chunks.1,
            "Hello 日本",
            is_done,
        ),
        events_of(
            native("\"responses\"", plain("responses", Operation::Responses, RESPONSES, RESPONSE)),
            text(&responses_events),
            vec![responses_end],
            completed,
        ),
        streaming(
            plain("responses told as chat", Operation::Responses, RESPONSES, COMPLETION),
            chunks.0,
            chunks.1,
            "\"delta\":\"Hello 日本\"",
            completed,
        ),
        events_of(
            native("\"messages\"", plain("messages", Operation::Messages, MESSAGES, MESSAGE)),
            text(&messages_events),
            text(&messages_end),
            stopped,
        ),
        streaming(
            plain("messages told as chat", Operation::Messages, MESSAGES, COMPLETION),
            chunks.0,
            chunks.1,
            "Hello 日本",
            stopped,
        ),
        native("\"messages\"", plain("count tokens", Operation::CountTokens, MESSAGES, "{\"input_tokens\":14}")),
        plain(
            "embeddings",
            Operation::Embeddings,
            r#"{"model":"m","input":"Hello"}"#,
            r#"{"object":"list","data":[{"object":"embedding","index":0,"embedding":[0.1]}],"usage":{"prompt_tokens":1,"total_tokens":1}}"#,
        ),
        plain(
            "moderations",
            Operation::Moderations,
            r#"{"model":"m","input":"Hello"}"#,
            r#"{"id":"modr-1","model":"m","results":[{"flagged":false}]}"#,
        ),
        plain(
            "rerank",
            Operation::Rerank,
            r#"{"model":"m","query":"q","documents":["d"]}"#,
            r#"{"results":[{"index":0,"relevance_score":0.5}]}"#,
        ),
        events_of(
            plain(
                "images",
                Operation::Images,
                r#"{"model":"m","prompt":"A lighthouse"}"#,
                r#"{"created":1,"data":[{"b64_json":"aGk="}]}"#,
            ),
            vec![event(r#"{"type":"image_generation.partial_image","partial_image_index":0,"b64_json":"Hello 日本"}"#)],
            vec![event(
                r#"{"type":"image_generation.completed","b64_json":"aGk=","usage":{"input_tokens":5,"output_tokens":9,"total_tokens":14}}"#,
            )],
            &["image_generation.completed"],
        ),
        Surface {
            form: FORM,
            request: form(false),
            streaming: form(true),
            beginning: vec![event(r#"{"type":"transcript.text.delta","delta":"Hello 日本"}"#)],
            rest: vec![event(r#"{"type":"transcript.text.done","text":"日本"}"#)],
            content: "Hello 日本",
            ends: &["transcript.text.done"],
            ..transcript
        },
        Surface {
            content_type: "audio/mpeg",
            stream_type: "audio/mpeg",
            whole: "sound".to_owned(),
            streaming: r#"{"model":"m","voice":"alloy","input":"Hello"}"#.to_owned(),
            beginning: vec!["Hello sound".to_owned()],
            rest: vec!["more".to_owned()],
            content: "Hello sound",
            ..plain("speech", Operation::Speech, r#"{"model":"m","voice":"alloy","input":"Hello"}"#, "")
        },
    ]
}

//! One good answer of each dialect, whole and as a stream, in the words of its documentation.

use crate::provider::{COMPLETION, DONE, HELLO, STOP, Step, answer, end, piece};

/// How an answer of a dialect looks on the wire.
pub struct Native {
    pub dialect: &'static str,
    pub whole: String,
    pub content_type: &'static str,
    /// Until there is content.
    pub beginning: Vec<String>,
    /// From there to the end mark.
    pub rest: Vec<String>,
    /// An error in place of an event, and of an answer.
    pub error: String,
    pub whole_error: String,
}

impl Native {
    pub fn answer(&self) -> Vec<Step> {
        answer(200, "application/json", &self.whole)
    }

    pub fn head(&self) -> Step {
        let kind = self.content_type;
        let head = format!("HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ntransfer-encoding: chunked\r\n\r\n");
        Step::Send(head.into_bytes())
    }

    /// A good stream.
    pub fn whole_stream(&self) -> Vec<Step> {
        std::iter::once(self.head()).chain(self.all().iter().map(piece)).chain([end()]).collect()
    }

    /// All of a good stream.
    pub fn all(&self) -> Vec<String> {
        self.beginning.iter().chain(&self.rest).cloned().collect()
    }
}

fn event(data: &str) -> String {
    format!("data: {data}\n\n")
}

/// A server that speaks OpenAI's chat completions, as most do.
pub fn openai(dialect: &'static str) -> Native {
    Native {
        dialect,
        whole: COMPLETION.to_owned(),
        content_type: "text/event-stream",
        beginning: vec![HELLO.to_owned()],
        rest: vec![STOP.to_owned(), DONE.to_owned()],
        error: event(r#"{"error":{"message":"out of coffee","code":500}}"#),
        whole_error: r#"{"error":{"message":"out of coffee","code":500}}"#.to_owned(),
    }
}

/// One for each dialect but the simulator's, which has no wire.
pub fn all() -> Vec<Native> {
    let named = |data: &str| {
        let kind = data.split('"').nth(3).unwrap_or_default();
        format!("event: {kind}\ndata: {data}\n\n")
    };
    vec![
        openai("openai"),
        openai("azure"),
        openai("deepseek"),
        openai("mistral"),
        Native {
            dialect: "anthropic",
            whole: r#"{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[{"type":"text","text":"Hello 日本"}],"stop_reason":"end_turn","usage":{"input_tokens":3,"output_tokens":2}}"#.to_owned(),
            content_type: "text/event-stream; charset=utf-8",
            beginning: vec![
                named(r#"{"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","content":[],"model":"m","usage":{"input_tokens":3,"output_tokens":1}}}"#),
                named(r#"{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}"#),
                named(r#"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hello 日本"}}"#),
            ],
            rest: vec![
                named(r#"{"type":"content_block_stop","index":0}"#),
                named(r#"{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":2}}"#),
                named(r#"{"type":"message_stop"}"#),
            ],
            error: named(r#"{"type":"error","error":{"type":"api_error","message":"out of coffee"}}"#),
            whole_error: r#"{"type":"error","error":{"type":"api_error","message":"out of coffee"}}"#.to_owned(),
        },
        Native {
            dialect: "gemini",
            whole: r#"{"candidates":[{"content":{"parts":[{"text":"Hello 日本"}],"role":"model"},"finishReason":"STOP","index":0}],"usageMetadata":{"promptTokenCount":3,"candidatesTokenCount":2}}"#.to_owned(),
            content_type: "text/event-stream",
            beginning: vec![event(r#"{"candidates":[{"content":{"parts":[{"text":"Hello 日本"}],"role":"model"},"index":0}]}"#)],
            rest: vec![event(r#"{"candidates":[{"content":{"parts":[],"role":"model"},"finishReason":"STOP","index":0}],"usageMetadata":{"promptTokenCount":3,"candidatesTokenCount":2}}"#)],
            error: event(r#"{"error":{"code":500,"message":"out of coffee","status":"INTERNAL"}}"#),
            whole_error: r#"{"error":{"code":500,"message":"out of coffee","status":"INTERNAL"}}"#.to_owned(),
        },
        Native {
            dialect: "ollama",
            whole: r#"{"model":"m","message":{"role":"assistant","content":"Hello 日本"},"done":true,"done_reason":"stop","prompt_eval_count":3,"eval_count":2}"#.to_owned(),
            content_type: "application/x-ndjson",
            beginning: vec!["{\"model\":\"m\",\"message\":{\"role\":\"assistant\",\"content\":\"Hello 日本\"},\"done\":false}\n".to_owned()],
            rest: vec!["{\"model\":\"m\",\"message\":{\"role\":\"assistant\",\"content\":\"\"},\"done\":true,\"done_reason\":\"stop\",\"prompt_eval_count\":3,\"eval_count\":2}\n".to_owned()],
            error: "{\"error\":\"out of coffee\"}\n".to_owned(),
            whole_error: r#"{"error":"out of coffee"}"#.to_owned(),
        },
        Native {
            dialect: "cohere",
            whole: r#"{"id":"c","finish_reason":"COMPLETE","message":{"role":"assistant","content":[{"type":"text","text":"Hello 日本"}]},"usage":{"billed_units":{"input_tokens":3,"output_tokens":2}}}"#.to_owned(),
            content_type: "text/event-stream",
            beginning: vec![
                named(r#"{"type":"message-start","id":"c","delta":{"message":{"role":"assistant"}}}"#),
                named(r#"{"type":"content-start","index":0,"delta":{"message":{"content":{"type":"text","text":""}}}}"#),
                named(r#"{"type":"content-delta","index":0,"delta":{"message":{"content":{"text":"Hello 日本"}}}}"#),
            ],
            rest: vec![
                named(r#"{"type":"content-end","index":0}"#),
                named(r#"{"type":"message-end","delta":{"finish_reason":"COMPLETE","usage":{"billed_units":{"input_tokens":3,"output_tokens":2}}}}"#),
            ],
            error: event(r#"{"message":"out of coffee"}"#),
            whole_error: r#"{"message":"out of coffee"}"#.to_owned(),
        },
    ]
}

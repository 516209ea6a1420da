//! libFuzzer's targets (`fuzz/fuzz_targets`) over their corpus (`fuzz/corpus`) and over what chance makes of it: a little in each test
//! run, and for as long as `PERPETUO_FUZZ_SECONDS` says.

use crate::{
    dialects::native,
    provider::{COMPLETION, DONE, HELLO, ROLE, STOP, USAGE, WORLD},
};
use gateway::probe::fuzz;
use std::{
    fs,
    panic::{AssertUnwindSafe, catch_unwind},
    path::PathBuf,
    time::{Duration, Instant},
};

mod targets;

/// How much chance makes of each input of the corpus in a test run.
const TIMES: usize = 12;

#[expect(clippy::disallowed_methods, reason = "what is fuzzed for how long is a choice of who runs it")]
fn setting(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

fn corpus(target: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target)
}

/// Numbers that look like chance, the same in each run (xorshift64*).
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let drawn = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33;
        usize::try_from(drawn).expect("31 bits") % bound.max(1)
    }

    /// What an input becomes: bytes changed, taken out, doubled, or put in from a list of words and from another input.
    fn change(&mut self, input: &[u8], other: &[u8]) -> Vec<u8> {
        const WORDS: &[&[u8]] = &[
            b"null",
            b"\"\"",
            b"[]",
            b"{}",
            b"-1",
            b"1e999",
            b"99999999999999999999",
            b"true",
            b"\n\n",
            b"\r\n\r\n",
            b"data: ",
            b"event: ",
            b"\\ud83d",
            b"\xff",
            b"\xe2\x80",
            b"[DONE]",
            b",",
            b":",
            b"}",
            b"]",
            b"\"type\":\"error\"",
            b"\0",
            b"\xef\xbb\xbf",
        ];
        let mut data = input.to_vec();
        for _ in 0..=self.below(4) {
            let at = self.below(data.len() + 1);
            let to = (at + self.below(24)).min(data.len());
            match self.below(6) {
                0 if at < data.len() => data[at] = u8::try_from(self.below(256)).expect("a byte"),
                1 => drop(data.drain(at..to)),
                2 => {
                    let piece = data[at..to].to_vec();
                    data.splice(at..at, piece);
                }
                3 => {
                    let from = self.below(other.len() + 1);
                    let until = (from + self.below(64)).min(other.len());
                    data.splice(at..at, other[from..until].iter().copied());
                }
                4 => {
                    data.splice(at..to, WORDS[self.below(WORDS.len())].iter().copied());
                }
                _ if at < data.len() => data[at] ^= 1 << self.below(8),
                _ => {}
            }
        }
        data
    }
}

/// Runs a target over its corpus and what chance makes of it.
fn run(target: &str, fuzz: impl Fn(&[u8])) {
    let mut inputs: Vec<_> =
        fs::read_dir(corpus(target)).expect("a corpus").map(|entry| entry.expect("a file").path()).collect();
    inputs.sort();
    let inputs: Vec<_> = inputs.iter().map(|path| fs::read(path).expect("a file")).collect();
    assert!(!inputs.is_empty(), "{target} has no corpus");
    let tried = |data: &[u8]| {
        let tried = catch_unwind(AssertUnwindSafe(|| fuzz(data)));
        assert!(tried.is_ok(), "{target} does not hold for b\"{}\"", data.escape_ascii());
    };
    inputs.iter().for_each(|input| tried(input));
    let seed = setting("PERPETUO_FUZZ_SEED").and_then(|seed| seed.parse().ok()).unwrap_or(20_261_128);
    let mut chance = Chance(seed);
    let seconds = setting("PERPETUO_FUZZ_SECONDS").and_then(|seconds| seconds.parse().ok()).unwrap_or(0);
    let (until, mut count) = (Instant::now() + Duration::from_secs(seconds), 0);
    while count < inputs.len() * TIMES || Instant::now() < until {
        let input = &inputs[chance.below(inputs.len())];
        let other = &inputs[chance.below(inputs.len())];
        let once = chance.change(input, other);
        let data = if chance.below(3) == 0 { chance.change(&once, other) } else { once };
        tried(&data);
        count += 1;
    }
    if seconds > 0 {
        #[expect(clippy::print_stdout, reason = "whoever fuzzes wants to know")]
        {
            println!("{target}: {count} inputs in {seconds} s");
        }
    }
}

#[test]
fn events_are_the_same_however_they_are_cut() {
    write();
    run("sse", targets::sse::run);
}

#[test]
fn requests_are_read_or_refused() {
    write();
    run("request", targets::request::run);
}

#[test]
fn answers_of_every_dialect_are_told_well_or_not_at_all() {
    write();
    assert_eq!(targets::ANSWERS.map(|(kind, _)| kind), fuzz::KINDS, "each has a target");
    std::thread::scope(|scope| {
        for (kind, target) in targets::ANSWERS {
            scope.spawn(move || run(&format!("answer-{kind}"), target));
        }
    });
}

/// Writes the corpus anew from the wire formats that the tests know, where `CORPUS=write` asks for it.
fn write() {
    if setting("CORPUS").as_deref() != Some("write") {
        return;
    }
    let keep = |target: &str, name: &str, data: Vec<u8>| {
        let folder = corpus(target);
        fs::create_dir_all(&folder).expect("a folder");
        fs::write(folder.join(name), data).expect("a file");
    };
    let with = |head: &[u8], text: &str| [head, text.as_bytes()].concat();
    let chat = [ROLE, HELLO, WORLD, STOP, USAGE, DONE].concat();
    keep("sse", "chunks", with(&[3], &chat));
    keep(
        "sse",
        "lines",
        with(&[1], "\u{feff}event: a\r\ndata: 1\rdata:2\n\n: comment\n\ndata\n\nid: 7\r\n\r\ndata: 日本"),
    );
    for native in native::all() {
        let target = format!("answer-{}", native.dialect);
        let stream = native.all().concat();
        if native.content_type.starts_with("text/") {
            keep("sse", native.dialect, with(&[5], &stream));
        }
        // In each client's words: whole, as a stream, and an error with a good and a bad status.
        for (surface, name) in ["chat", "completions", "responses", "messages", "generate", "ollama"].iter().enumerate()
        {
            let how = u8::try_from(surface << 3).expect("few");
            keep(&target, &format!("{name}-whole"), with(&[how, 9], &native.whole));
            keep(&target, &format!("{name}-stream"), with(&[how | 1, 7], &stream));
        }
        keep(&target, "error", with(&[0, 9], &native.whole_error));
        keep(&target, "error-500", with(&[6, 9], &native.whole_error));
        keep(&target, "error-event", with(&[1, 5], &[native.beginning.concat(), native.error.clone()].concat()));
    }
    keep("answer-openai", "completion", with(&[0, 4], COMPLETION));
    for (dialect, name, is_stream, text) in MORE {
        for surface in [0, 2, 3, 4, 5_u8] {
            let how = surface << 3 | u8::from(*is_stream);
            keep(&format!("answer-{dialect}"), &format!("{name}-{surface}"), with(&[how, 11], text));
        }
    }
    for (surface, name, body) in REQUESTS {
        keep("request", name, with(&[*surface], body));
    }
}

/// Calls of tools, thinking and usage, as the documentation of each shows them: dialect, name, whether it is a stream, text.
const MORE: &[(&str, &str, bool, &str)] = &[
    (
        "openai",
        "tools",
        true,
        "data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":null,\"tool_calls\":[{\"index\":0,\"id\":\"call_1\",\"type\":\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"\"}}]}}]}\n\ndata: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"{\\\"a\\\":1}\"}}]}}]}\n\ndata: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"tool_calls\"}]}\n\ndata: {\"choices\":[],\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":4,\"completion_tokens_details\":{\"reasoning_tokens\":2}}}\n\ndata: [DONE]\n\n",
    ),
    (
        "openai",
        "tools-whole",
        false,
        "{\"id\":\"c\",\"model\":\"m\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":null,\"refusal\":\"no\",\"reasoning_content\":\"Hm\",\"tool_calls\":[{\"id\":\"call_1\",\"type\":\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"{}\"}}]},\"finish_reason\":\"tool_calls\"}],\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":4}}",
    ),
    (
        "anthropic",
        "tools",
        true,
        "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"msg_1\",\"type\":\"message\",\"role\":\"assistant\",\"content\":[],\"model\":\"m\",\"usage\":{\"input_tokens\":25,\"cache_read_input_tokens\":4,\"output_tokens\":1}}}\n\nevent: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"thinking\",\"thinking\":\"\"}}\n\nevent: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"thinking_delta\",\"thinking\":\"Hm\"}}\n\nevent: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"signature_delta\",\"signature\":\"EqQ=\"}}\n\nevent: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":0}\n\nevent: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":1,\"content_block\":{\"type\":\"tool_use\",\"id\":\"toolu_1\",\"name\":\"f\",\"input\":{}}}\n\nevent: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":1,\"delta\":{\"type\":\"input_json_delta\",\"partial_json\":\"{\\\"a\\\":1}\"}}\n\nevent: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":1}\n\nevent: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"tool_use\"},\"usage\":{\"output_tokens\":15}}\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n",
    ),
    (
        "anthropic",
        "tools-whole",
        false,
        "{\"id\":\"msg_1\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"m\",\"content\":[{\"type\":\"thinking\",\"thinking\":\"Hm\",\"signature\":\"EqQ=\"},{\"type\":\"redacted_thinking\",\"data\":\"x\"},{\"type\":\"text\",\"text\":\"Hi\"},{\"type\":\"tool_use\",\"id\":\"toolu_1\",\"name\":\"f\",\"input\":{\"a\":1}}],\"stop_reason\":\"tool_use\",\"usage\":{\"input_tokens\":3,\"cache_creation\":{\"ephemeral_1h_input_tokens\":2},\"output_tokens\":2}}",
    ),
    (
        "gemini",
        "tools",
        true,
        "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"Hm\",\"thought\":true}],\"role\":\"model\"},\"index\":0}]}\n\ndata: {\"candidates\":[{\"content\":{\"parts\":[{\"functionCall\":{\"name\":\"f\",\"args\":{\"a\":1}},\"thoughtSignature\":\"sig\"}],\"role\":\"model\"},\"finishReason\":\"STOP\",\"index\":0}],\"usageMetadata\":{\"promptTokenCount\":3,\"candidatesTokenCount\":2,\"thoughtsTokenCount\":4,\"totalTokenCount\":9}}\n\n",
    ),
    (
        "gemini",
        "blocked",
        false,
        "{\"promptFeedback\":{\"blockReason\":\"SAFETY\"},\"usageMetadata\":{\"promptTokenCount\":3}}",
    ),
    (
        "cohere",
        "tools",
        true,
        "event: message-start\ndata: {\"type\":\"message-start\",\"id\":\"c\",\"delta\":{\"message\":{\"role\":\"assistant\"}}}\n\nevent: tool-plan-delta\ndata: {\"type\":\"tool-plan-delta\",\"delta\":{\"message\":{\"tool_plan\":\"I will\"}}}\n\nevent: tool-call-start\ndata: {\"type\":\"tool-call-start\",\"index\":0,\"delta\":{\"message\":{\"tool_calls\":{\"id\":\"f_1\",\"type\":\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"\"}}}}}\n\nevent: tool-call-delta\ndata: {\"type\":\"tool-call-delta\",\"index\":0,\"delta\":{\"message\":{\"tool_calls\":{\"function\":{\"arguments\":\"{}\"}}}}}\n\nevent: tool-call-end\ndata: {\"type\":\"tool-call-end\",\"index\":0}\n\nevent: message-end\ndata: {\"type\":\"message-end\",\"delta\":{\"finish_reason\":\"TOOL_CALL\",\"usage\":{\"tokens\":{\"input_tokens\":3,\"output_tokens\":2}}}}\n\n",
    ),
    (
        "ollama",
        "tools",
        true,
        "{\"model\":\"m\",\"message\":{\"role\":\"assistant\",\"content\":\"\",\"thinking\":\"Hm\"},\"done\":false}\n{\"model\":\"m\",\"message\":{\"role\":\"assistant\",\"content\":\"\",\"tool_calls\":[{\"function\":{\"name\":\"f\",\"arguments\":{\"a\":1}}}]},\"done\":false}\n{\"model\":\"m\",\"message\":{\"role\":\"assistant\",\"content\":\"\"},\"done\":true,\"done_reason\":\"stop\",\"eval_count\":2}\n",
    ),
    (
        "mistral",
        "thinking",
        true,
        "data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":[{\"type\":\"thinking\",\"thinking\":[{\"type\":\"text\",\"text\":\"Hm\"}]}]}}]}\n\ndata: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hi\"},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":2}}\n\ndata: [DONE]\n\n",
    ),
    (
        "deepseek",
        "thinking",
        true,
        "data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{\"reasoning_content\":\"Hm\",\"content\":null}}]}\n\ndata: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hi\"},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":2,\"prompt_cache_hit_tokens\":1}}\n\ndata: [DONE]\n\n",
    ),
];

/// Requests of each surface, by its number.
const REQUESTS: &[(u8, &str, &str)] = &[
    (
        0,
        "chat",
        r#"{"model":"m","messages":[{"role":"user","content":[{"type":"text","text":"Hi"}]}],"tools":[],"n":2,"max_tokens":5,"stream_options":{"include_usage":true}}"#,
    ),
    (
        1,
        "completions",
        r#"{"model":"m","prompt":["a","b"],"suffix":"z","logprobs":2,"stop":["x"],"echo":false,"max_tokens":5}"#,
    ),
    (
        2,
        "responses",
        r#"{"model":"m","instructions":"i","input":[{"role":"user","content":[{"type":"input_text","text":"Hi"},{"type":"input_image","image_url":"https://h/a.png"}]},{"type":"function_call","call_id":"c","name":"f","arguments":"{}"},{"type":"function_call_output","call_id":"c","output":"o"},{"type":"reasoning","summary":[]}],"tools":[{"type":"function","name":"f","parameters":{}}],"text":{"format":{"type":"json_schema","name":"n","schema":{}}},"reasoning":{"effort":"low"}}"#,
    ),
    (
        3,
        "messages",
        r#"{"model":"m","max_tokens":9,"system":[{"type":"text","text":"s","cache_control":{"type":"ephemeral"}}],"messages":[{"role":"user","content":[{"type":"image","source":{"type":"base64","media_type":"image/png","data":"aGk="}}]},{"role":"assistant","content":[{"type":"thinking","thinking":"t","signature":"s"},{"type":"tool_use","id":"t","name":"f","input":{"a":1}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":[{"type":"text","text":"r"}],"is_error":true}]}],"tools":[{"name":"f","input_schema":{}}],"tool_choice":{"type":"any"},"thinking":{"type":"enabled","budget_tokens":1024},"stop_sequences":["x"],"top_k":3}"#,
    ),
    (
        4,
        "generate",
        r#"{"model":"m","systemInstruction":{"parts":[{"text":"s"}]},"contents":[{"role":"user","parts":[{"text":"Hi"},{"inlineData":{"mimeType":"image/png","data":"aGk="}}]},{"role":"model","parts":[{"functionCall":{"name":"f","args":{"a":1}},"thoughtSignature":"s"}]},{"role":"user","parts":[{"functionResponse":{"name":"f","response":{"r":1}}}]}],"tools":[{"functionDeclarations":[{"name":"f","parameters":{"type":"OBJECT","properties":{"a":{"type":"INTEGER"}}}}]}],"generationConfig":{"maxOutputTokens":5,"responseMimeType":"application/json","responseSchema":{"type":"STRING"},"thinkingConfig":{"thinkingBudget":0},"stopSequences":["x"]}}"#,
    ),
    (
        5,
        "ollama",
        r#"{"model":"m","messages":[{"role":"system","content":"s"},{"role":"user","content":"Hi","images":["aGk="]},{"role":"assistant","content":"","tool_calls":[{"function":{"name":"f","arguments":{"a":1}}}]},{"role":"tool","tool_name":"f","content":"r"}],"tools":[{"type":"function","function":{"name":"f","parameters":{}}}],"format":{"type":"object"},"options":{"num_predict":5,"stop":["x"],"seed":1},"think":"low","stream":false}"#,
    ),
    (0, "embeddings", r#"{"model":"e","input":["a","b"],"dimensions":8}"#),
    (0, "images", r#"{"prompt":"p","n":3,"size":"1024x1024","quality":"hd"}"#),
    (0, "rerank", r#"{"model":"r","query":"q","documents":["a",{"text":"b"}],"top_n":1}"#),
    (0, "speech", r#"{"model":"tts-1","input":"ol\u00e1","voice":"alloy","stream_format":"sse"}"#),
    (
        6,
        "form",
        "--xy\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nwhisper-1\r\n--xy\r\nContent-Disposition: form-data; name=\"prompt\"\r\n\r\nHi\r\n--xy\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.wav\"\r\n\r\nRIFF\0\0\0\0WAVE\r\n--xy--\r\n",
    ),
];

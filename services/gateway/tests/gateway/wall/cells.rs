//! Which surfaces stand in front of which dialects, and how both look on the wire.

use crate::{
    dialects::{
        native::{self, Native},
        settings,
    },
    provider::{Provider, Step, answer, end, piece},
    surfaces::all::{self as surfaces, Surface},
    world::SECRET,
};
use bytes::Bytes;
use proto::{
    gateway::{CompleteRequest, Operation},
    workspace::OpenProvider,
};

/// Settings of a provider with this name and priority.
type Settings = Box<dyn Fn(&Provider, &str, i32) -> OpenProvider + Send + Sync>;

/// One surface in front of one dialect.
pub struct Cell {
    pub name: String,
    pub operation: Operation,
    pub streams: bool,
    pub settings: Settings,
    request: String,
    form: &'static str,
    pub wire: Wire,
    /// What the client sees of the content.
    pub content: &'static str,
    /// What only a stream has that ended well.
    pub end: &'static str,
}

/// How a provider answers it.
pub struct Wire {
    pub whole: Vec<Step>,
    pub head: Step,
    /// Until there is content; the last one is content.
    pub beginning: Vec<String>,
    pub rest: Vec<String>,
    /// Of lines there are no comments, and an event is a line.
    pub is_lines: bool,
    /// Sound can neither be malformed nor tell of an error.
    pub is_json: bool,
    /// An error in place of an event, and of an answer.
    pub error: String,
    pub whole_error: String,
}

impl Cell {
    pub fn request(&self, model: &str) -> CompleteRequest {
        let body = match self.form {
            "" => self.request.replacen("\"model\":\"m\"", &format!("\"model\":\"{model}\""), 1),
            _ => self.request.replacen("\r\n\r\nm\r\n", &format!("\r\n\r\n{model}\r\n"), 1),
        };
        CompleteRequest {
            operation: self.operation.into(),
            body: Bytes::from(body),
            content_type: self.form.to_owned(),
            ..CompleteRequest::default()
        }
    }

    /// A good answer.
    pub fn good(&self) -> Vec<Step> {
        if !self.streams {
            return self.wire.whole.clone();
        }
        self.begun().into_iter().chain(self.wire.rest.iter().map(piece)).chain([end()]).collect()
    }

    /// A good stream in pieces so small that they end within characters, lines and their ends.
    pub fn crumbs(&self) -> Vec<Step> {
        let all = [self.wire.beginning.concat(), self.wire.rest.concat()].concat();
        let crumbs = all.as_bytes().chunks(3).map(piece);
        std::iter::once(self.wire.head.clone()).chain(crumbs).chain([end()]).collect()
    }

    /// A stream until there is content.
    pub fn begun(&self) -> Vec<Step> {
        std::iter::once(self.wire.head.clone()).chain(self.wire.beginning.iter().map(piece)).collect()
    }
}

/// What clients of a surface send, and how its streams end: without and with a stream, content, end.
struct Front {
    name: &'static str,
    operation: Operation,
    asks: [String; 2],
    content: &'static str,
    end: &'static str,
}

/// The surfaces that every dialect can stand behind.
fn fronts() -> Vec<Front> {
    let front = |name, operation, more: &str, content, end| {
        let ask = |streams: bool| format!(r#"{{"model":"m","stream":{streams},{more}}}"#);
        Front { name, operation, asks: [ask(false), ask(true)], content, end }
    };
    let messages = r#""messages":[{"role":"user","content":"Hello"}]"#;
    let told = "Hello 日本";
    vec![
        front("chat", Operation::ChatCompletions, messages, told, "[DONE]"),
        front("completions", Operation::Completions, r#""prompt":"Hello""#, told, "[DONE]"),
        front("responses", Operation::Responses, r#""store":false,"input":"Hello""#, told, "response.completed"),
        front("messages", Operation::Messages, &format!("\"max_tokens\":50,{messages}"), told, "message_stop"),
        front(
            "generateContent",
            Operation::GenerateContent,
            r#""contents":[{"role":"user","parts":[{"text":"Hello"}]}]"#,
            told,
            "finishReason",
        ),
        front("Ollama's chat", Operation::OllamaChat, messages, told, "\"done\":true"),
    ]
}

/// All cells.
pub fn all() -> Vec<Cell> {
    let dialects = || native::all().into_iter().chain([native::openai("groq")]);
    let mut cells: Vec<Cell> = dialects().flat_map(|native| behind_all(&native)).collect();
    cells.extend(dialects().flat_map(|native| lists(&native)));
    cells.extend(surfaces::all().iter().flat_map(in_own_words));
    cells
}

/// A dialect behind each of the fronts.
fn behind_all(native: &Native) -> Vec<Cell> {
    let of = |front: &Front, streams: bool| {
        let (dialect, content_type) = (native.dialect, native.content_type);
        // Whoever has nothing but chat completions, so that all others are told as one.
        let options = if matches!(dialect, "openai" | "groq") { r#"{"native":[]}"# } else { "" };
        Cell {
            name: format!("{dialect} behind {}{}", front.name, if streams { ", streaming" } else { "" }),
            operation: front.operation,
            streams,
            settings: Box::new(move |provider, name, priority| OpenProvider {
                id: format!("prov_{name}"),
                name: name.to_owned(),
                priority,
                ..settings(dialect, options, provider)
            }),
            request: front.asks[usize::from(streams)].clone(),
            form: "",
            wire: Wire {
                whole: native.answer(),
                head: native.head(),
                beginning: native.beginning.clone(),
                rest: native.rest.clone(),
                is_lines: content_type == "application/x-ndjson",
                is_json: true,
                error: native.error.clone(),
                whole_error: native.whole_error.clone(),
            },
            content: if streams { front.content } else { "日本" },
            end: front.end,
        }
    };
    fronts().iter().flat_map(|front| [of(front, false), of(front, true)]).collect()
}

/// What dialects have beside conversations, and say in words of their own.
fn lists(native: &Native) -> Vec<Cell> {
    const EMBED: &str = r#"{"model":"m","input":"Hello"}"#;
    const EMBEDDED: &str = r#"{"object":"list","data":[{"object":"embedding","index":0,"embedding":[0.5]}],"usage":{"prompt_tokens":1,"total_tokens":1}}"#;
    let embeddings = |said| (Operation::Embeddings, EMBED, said, "0.5");
    let all = match native.dialect {
        "azure" | "mistral" => vec![embeddings(EMBEDDED)],
        "gemini" => vec![embeddings(r#"{"embeddings":[{"values":[0.5]}]}"#)],
        "ollama" => vec![embeddings(r#"{"model":"m","embeddings":[[0.5]],"prompt_eval_count":1}"#)],
        "cohere" => vec![
            embeddings(r#"{"id":"x","embeddings":{"float":[[0.5]]},"meta":{"billed_units":{"input_tokens":1}}}"#),
            (
                Operation::Rerank,
                r#"{"model":"m","query":"q","documents":["d"]}"#,
                r#"{"id":"x","results":[{"index":0,"relevance_score":0.5}],"meta":{"billed_units":{"search_units":1}}}"#,
                "0.5",
            ),
        ],
        "anthropic" => vec![(
            Operation::CountTokens,
            r#"{"model":"m","messages":[{"role":"user","content":"Hello"}]}"#,
            r#"{"input_tokens":14}"#,
            "14",
        )],
        _ => vec![],
    };
    let of = |(operation, request, said, content): (Operation, &str, &str, &'static str)| {
        let mut cell = behind_all(native).swap_remove(0);
        cell.name = format!("{operation:?} of {}", native.dialect);
        (cell.operation, cell.request, cell.content) = (operation, request.to_owned(), content);
        cell.wire.whole = answer(200, "application/json", said);
        cell
    };
    all.into_iter().map(of).collect()
}

/// Surfaces of OpenAI's kind in their own words, and those of its other operations.
fn in_own_words(surface: &Surface) -> Vec<Cell> {
    let error = r#"{"error":{"message":"out of coffee","type":"server_error","code":"x"}}"#;
    let native = surface.native;
    let of = |streams: bool| Cell {
        name: format!("openai behind {}{}, as it is", surface.name, if streams { ", streaming" } else { "" }),
        operation: surface.operation,
        streams,
        settings: Box::new(move |provider, name, priority| OpenProvider {
            id: format!("prov_{name}"),
            provider: "openai".to_owned(),
            name: name.to_owned(),
            base_url: provider.base_url(),
            priority,
            weight: 1,
            api_key: SECRET.to_owned(),
            options_json: format!("{{\"native\":[{native}]}}"),
            ..OpenProvider::default()
        }),
        request: if streams { surface.streaming.clone() } else { surface.request.clone() },
        form: surface.form,
        wire: Wire {
            whole: surface.answer(),
            head: surface.head(),
            beginning: surface.beginning.clone(),
            rest: surface.rest.clone(),
            is_lines: false,
            is_json: surface.is_json(),
            error: format!("data: {error}\n\n"),
            whole_error: error.to_owned(),
        },
        content: if streams { surface.content } else { "" },
        end: surface.ends.first().copied().unwrap_or_default(),
    };
    // Sound is a stream, whether it is asked for as one or not.
    let wholes = surface.is_json().then(|| of(false));
    wholes.into_iter().chain(surface.streams().then(|| of(true))).collect()
}

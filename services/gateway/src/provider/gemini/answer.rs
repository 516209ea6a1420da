//! Gemini's `GenerateContentResponse` as a chat completion.

use crate::provider::{
    Fault, FaultKind, Surroundings,
    translate::{
        answer::{Call, Choice, Counted, Face, Finish, Said, Usage, whole},
        refusal,
    },
};
use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// Where signatures are kept that a client may not send back.
pub(super) struct Memory {
    pub surroundings: Surroundings,
    pub provider: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Response {
    pub candidates: Option<Vec<Candidate>>,
    pub prompt_feedback: Option<Feedback>,
    pub usage_metadata: Option<Reported>,
    pub model_version: Option<String>,
    pub response_id: Option<String>,
    pub error: Option<Wrong>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Wrong {
    #[serde(default)]
    code: u16,
    #[serde(default)]
    message: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Candidate {
    #[serde(default)]
    pub index: i64,
    pub content: Option<Content>,
    pub finish_reason: Option<String>,
    pub finish_message: Option<String>,
    pub logprobs_result: Option<Logprobs>,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Content {
    #[serde(default)]
    pub parts: Vec<Part>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Part {
    text: Option<String>,
    thought: bool,
    thought_signature: Option<String>,
    function_call: Option<FunctionCall>,
    inline_data: Option<Blob>,
}

#[derive(Debug, Deserialize)]
struct FunctionCall {
    id: Option<String>,
    name: String,
    #[serde(default)]
    args: Map<String, Value>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Blob {
    mime_type: String,
    data: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Feedback {
    pub block_reason: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[derive(Default)]
pub(super) struct Logprobs {
    chosen_candidates: Vec<Token>,
    top_candidates: Vec<Top>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Top {
    candidates: Vec<Token>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Token {
    token: String,
    log_probability: f64,
}

impl Token {
    fn json(&self) -> Value {
        json!({"token": self.token, "logprob": self.log_probability, "bytes": self.token.as_bytes()})
    }
}

impl Logprobs {
    pub(super) fn json(&self) -> Value {
        let token = |(at, chosen): (usize, &Token)| {
            let mut token = chosen.json();
            let top = self.top_candidates.get(at).map(|top| top.candidates.iter().map(Token::json).collect());
            token["top_logprobs"] = Value::Array(top.unwrap_or_default());
            token
        };
        json!({"content": self.chosen_candidates.iter().enumerate().map(token).collect::<Vec<_>>(), "refusal": null})
    }
}

/// `usageMetadata`. Thinking is counted beside the answer, what is cached within the prompt.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Reported {
    prompt_token_count: i64,
    cached_content_token_count: i64,
    candidates_token_count: i64,
    thoughts_token_count: i64,
    tool_use_prompt_token_count: i64,
    prompt_tokens_details: Vec<Modality>,
    candidates_tokens_details: Vec<Modality>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Modality {
    modality: String,
    token_count: i64,
}

impl Reported {
    pub(super) fn usage(&self) -> Usage {
        let of = |all: &[Modality], kind: &str| -> i64 {
            all.iter().filter(|m| m.modality == kind).map(|m| m.token_count.max(0)).sum()
        };
        Usage::Counted(Counted {
            prompt: self.prompt_token_count.max(0) + self.tool_use_prompt_token_count.max(0),
            completion: self.candidates_token_count.max(0) + self.thoughts_token_count.max(0),
            cache_read: self.cached_content_token_count.max(0),
            audio_input: of(&self.prompt_tokens_details, "AUDIO"),
            image_input: of(&self.prompt_tokens_details, "IMAGE"),
            reasoning: self.thoughts_token_count.max(0),
            audio_output: of(&self.candidates_tokens_details, "AUDIO"),
            image_output: of(&self.candidates_tokens_details, "IMAGE"),
            ..Counted::default()
        })
    }
}

/// Why a candidate ended. Errors: the model broke, and what it said is no answer.
pub(super) fn finish(candidate: &Candidate, reason: &str, called: bool) -> Result<Finish, Fault> {
    Ok(match reason {
        "MAX_TOKENS" => Finish::Length,
        "SAFETY"
        | "RECITATION"
        | "LANGUAGE"
        | "BLOCKLIST"
        | "PROHIBITED_CONTENT"
        | "SPII"
        | "IMAGE_SAFETY"
        | "IMAGE_PROHIBITED_CONTENT"
        | "IMAGE_RECITATION"
        | "MODEL_ARMOR" => Finish::ContentFilter,
        "MALFORMED_FUNCTION_CALL"
        | "UNEXPECTED_TOOL_CALL"
        | "TOO_MANY_TOOL_CALLS"
        | "MISSING_THOUGHT_SIGNATURE"
        | "MALFORMED_RESPONSE" => {
            let why = candidate.finish_message.as_deref().map(|m| format!(": {m}")).unwrap_or_default();
            let said = format!("the model ended with {reason}{why}");
            return Err(Fault { may_have_worked: true, ..Fault::new(FaultKind::Reported(said)) });
        }
        _ if called => Finish::ToolCalls,
        _ => Finish::Stop,
    })
}

/// What is said of a prompt that was not answered.
pub(super) fn blocked(reason: &str) -> Said {
    Said { refusal: Some(format!("The provider did not answer this prompt: {reason}.")), ..Said::default() }
}

impl Memory {
    /// What these parts say. `first`: the number of the first call among them.
    pub(super) fn read(&self, parts: Vec<Part>, first: usize) -> Said {
        let mut said = Said::default();
        for part in parts {
            let signature = part.thought_signature.map(|s| json!({"google": {"thought_signature": s}}));
            if let Some(FunctionCall { id, name, args }) = part.function_call {
                let id = id.unwrap_or_else(|| format!("call_{}", self.surroundings.ids.uuid().simple()));
                if let Some(signature) = &signature {
                    let signature = signature["google"]["thought_signature"].clone();
                    self.surroundings.recall.keep(&self.provider, &id, signature);
                }
                let mut call = Call::whole(id, name, Value::Object(args).to_string());
                call.index = Some(first + said.tool_calls.len());
                call.extra_content = signature;
                said.tool_calls.push(call);
                continue;
            }
            if signature.is_some() && !part.thought {
                said.extra_content = signature;
            }
            match (part.text, part.inline_data) {
                (Some(text), _) if part.thought => said.reasoning_content.get_or_insert_default().push_str(&text),
                (Some(text), _) => said.content.get_or_insert_default().push_str(&text),
                (None, Some(Blob { mime_type, data })) if mime_type.starts_with("image/") => {
                    let url = format!("data:{mime_type};base64,{data}");
                    said.images.push(json!({"type": "image_url", "image_url": {"url": url}}));
                }
                _ => {}
            }
        }
        said
    }
}

/// An error in place of an answer.
pub(super) fn wrong(error: &Wrong) -> Fault {
    refusal::fault(if error.code == 0 { 500 } else { error.code }, &error.message)
}

pub(super) fn write(face: Face, response: Response, memory: &Memory) -> Result<Bytes, Fault> {
    if let Some(error) = &response.error {
        return Err(wrong(error));
    }
    let mut choices = Vec::new();
    for mut candidate in response.candidates.unwrap_or_default() {
        let parts = candidate.content.take().unwrap_or_default().parts;
        let mut said = memory.read(parts, 0);
        for call in &mut said.tool_calls {
            call.index = None;
        }
        let reason = candidate.finish_reason.as_deref().unwrap_or("STOP");
        let finish = finish(&candidate, reason, !said.tool_calls.is_empty())?;
        let logprobs = candidate.logprobs_result.as_ref().map(Logprobs::json);
        choices.push(Choice { index: candidate.index, said, finish, logprobs });
    }
    if choices.is_empty() {
        let reason = response.prompt_feedback.and_then(|f| f.block_reason);
        let reason = reason.ok_or_else(|| Fault::malformed("it has no candidates"))?;
        choices.push(Choice { index: 0, said: blocked(&reason), finish: Finish::ContentFilter, logprobs: None });
    }
    let face = Face {
        id: response.response_id.unwrap_or(face.id),
        model: response.model_version.unwrap_or(face.model),
        created: face.created,
    };
    Ok(whole(&face, choices, response.usage_metadata.map(|u| u.usage())))
}

//! A conversation as Gemini takes it: instructions apart, and turns of user and model made of parts.

use crate::{
    config::Timers,
    provider::{
        Fault, Surroundings,
        translate::{
            media::{Inline, Media, Wanted},
            request::{Content, Message, Part, Request, Role},
        },
    },
};
use serde_json::{Map, Value, json};

/// What Google documents for calls of another origin, which have no signature.
const UNSIGNED: &str = "skip_thought_signature_validator";
/// Addresses that Google reads itself.
const GOOGLES: &[&str] = &[
    "https://generativelanguage.googleapis.com/",
    "https://www.youtube.com/",
    "https://youtube.com/",
    "https://youtu.be/",
];

pub(super) struct Context<'a> {
    pub model: &'a str,
    pub surroundings: &'a Surroundings,
    pub provider: &'a str,
    pub timers: Timers,
}

/// Whether a model refuses its own calls without their signatures: from the third generation on.
pub(super) fn signs_calls(model: &str) -> bool {
    let generation = model.rsplit('/').next().and_then(|name| name.strip_prefix("gemini-"));
    generation.and_then(|rest| rest.split(['.', '-']).next()?.parse::<u32>().ok()).is_some_and(|major| major >= 3)
}

/// Instructions and turns.
pub(super) async fn native(
    request: &Request,
    context: &Context<'_>,
    dropped: &mut Vec<String>,
) -> Result<(Vec<Value>, Vec<Value>), Fault> {
    let (mut system, mut turns) = (Vec::new(), Vec::<(&str, Vec<Value>)>::new());
    let called = request.called();
    lost(request, dropped);
    for (at, message) in request.messages.iter().enumerate() {
        let (role, said) = match message.role {
            Role::System | Role::Developer => {
                system.push(json!({"text": message.text(at)?}));
                continue;
            }
            Role::User => ("user", parts(message, at, context).await?),
            Role::Tool | Role::Function => {
                let id = message.tool_call_id.as_deref().unwrap_or_default();
                let name = called.get(id).copied().or(message.name.as_deref());
                let name = name.ok_or_else(|| {
                    Fault::invalid(format!("messages[{at}].tool_call_id"), "is of no call in this conversation")
                })?;
                ("user", vec![response(id, name, &message.text(at)?)])
            }
            Role::Assistant => ("model", model(message, at, context).await?),
        };
        match turns.last_mut() {
            Some((before, content)) if *before == role => content.extend(said),
            _ => turns.push((role, said)),
        }
    }
    let turns = turns.into_iter().filter(|(_, parts)| !parts.is_empty());
    Ok((system, turns.map(|(role, parts)| json!({"role": role, "parts": parts})).collect()))
}

fn lost(request: &Request, dropped: &mut Vec<String>) {
    let marked = |m: &Message| m.cache_control.is_some() || m.parts().iter().any(|p| p.cache_control.is_some());
    if request.messages.iter().any(marked) {
        dropped.push("messages.cache_control".to_owned());
    }
    let named = |m: &Message| m.name.is_some() && !matches!(m.role, Role::Tool | Role::Function);
    if request.messages.iter().any(named) {
        dropped.push("messages.name".to_owned());
    }
}

async fn parts(message: &Message, at: usize, context: &Context<'_>) -> Result<Vec<Value>, Fault> {
    let mut out = Vec::new();
    if let Some(Content::Text(text)) = &message.content {
        out.push(json!({"text": text}));
    }
    for (index, part) in message.parts().into_iter().enumerate() {
        out.push(self::part(part, at, index, context).await?);
    }
    Ok(out)
}

async fn part(part: &Part, at: usize, index: usize, context: &Context<'_>) -> Result<Value, Fault> {
    let field = |name: &str| format!("messages[{at}].content[{index}].{name}");
    match part.kind.as_str() {
        "text" | "refusal" => Ok(json!({"text": part.text.as_ref().or(part.refusal.as_ref())})),
        "image_url" => {
            let url = part.image_url.as_deref().ok_or_else(|| Fault::invalid(field("image_url"), "is required"))?;
            if GOOGLES.iter().any(|prefix| url.starts_with(prefix)) {
                return Ok(json!({"fileData": {"fileUri": url}}));
            }
            let field = field("image_url.url");
            let media = Media::of(url, &field)?;
            Ok(data(media.inline(context.surroundings, context.timers, &field, Wanted::Medium).await?))
        }
        "input_audio" => {
            let audio = part.input_audio.as_ref();
            let audio = audio.ok_or_else(|| Fault::invalid(field("input_audio"), "is required"))?;
            Ok(data(Inline { media_type: format!("audio/{}", audio.format), base64: audio.data.clone() }))
        }
        "file" => {
            let file = part.file.as_ref().and_then(|file| file.file_data.as_deref());
            let name = field("file.file_data");
            let file = file.ok_or_else(|| Fault::unsupported(name.clone(), "is required by this provider"))?;
            let media = Media::of(file, &name)?;
            Ok(data(media.inline(context.surroundings, context.timers, &name, Wanted::Anything).await?))
        }
        _ => Err(part.unsupported(at, index)),
    }
}

fn data(inline: Inline) -> Value {
    json!({"inlineData": {"mimeType": inline.media_type, "data": inline.base64}})
}

/// What a tool gave back has to be an object.
fn response(id: &str, name: &str, text: &str) -> Value {
    let object = serde_json::from_str::<Map<String, Value>>(text).ok();
    let object = object.map_or_else(|| json!({"result": text}), Value::Object);
    let mut response = json!({"name": name, "response": object});
    if !id.is_empty() {
        response["id"] = id.into();
    }
    json!({"functionResponse": response})
}

/// What the model said before, signed as it was.
async fn model(message: &Message, at: usize, context: &Context<'_>) -> Result<Vec<Value>, Fault> {
    let mut said = parts(message, at, context).await?;
    said.retain(|part| part["text"] != "");
    if let (Some(last), Some(signature)) = (said.last_mut(), signature(message.extra_content.as_ref())) {
        last["thoughtSignature"] = signature;
    }
    for (index, call) in message.tool_calls.iter().enumerate() {
        let mut function = json!({"name": call.function.name, "args": message.arguments(at, index)?});
        let id = call.id.as_deref().unwrap_or_default();
        if !id.is_empty() {
            function["id"] = id.into();
        }
        let mut part = json!({"functionCall": function});
        let kept = || context.surroundings.recall.of(context.provider, id);
        let signed = signature(call.extra_content.as_ref()).or_else(kept);
        // Of calls that were made together the first one alone is signed.
        let unsigned = || (index == 0 && signs_calls(context.model)).then(|| UNSIGNED.into());
        if let Some(signature) = signed.or_else(unsigned) {
            part["thoughtSignature"] = signature;
        }
        said.push(part);
    }
    Ok(said)
}

fn signature(extra: Option<&Value>) -> Option<Value> {
    extra.and_then(|extra| extra["google"].get("thought_signature")).filter(|s| s.is_string()).cloned()
}

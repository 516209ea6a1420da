//! A conversation as Anthropic takes it: instructions apart, turns of two roles, tool results within the user's.

use super::request::Context;
use crate::provider::{
    Fault,
    translate::{
        media::{Inline, Media},
        request::{Content, Message, Part, Request, Role},
    },
};
use serde_json::{Value, json};

/// A tool result, and a tool call, may hold these characters in its id and no others.
fn id(id: &str) -> String {
    id.chars().map(|c| if c.is_ascii_alphanumeric() || c == '_' || c == '-' { c } else { '_' }).collect()
}

/// The instructions, the turns, and whether a tool call of the last turn lacks the thinking that led to it.
pub(super) fn native(
    request: &Request,
    context: &Context<'_>,
    dropped: &mut Vec<String>,
) -> Result<(Vec<Value>, Vec<Value>, bool), Fault> {
    let (mut system, mut turns, mut unthought) = (Vec::new(), Vec::<Turn>::new(), false);
    for (at, message) in request.messages.iter().enumerate() {
        if message.name.is_some() && !dropped.iter().any(|d| d == "messages.name") {
            dropped.push("messages.name".to_owned());
        }
        match message.role {
            Role::System | Role::Developer => system.extend(blocks(message, at, true)?),
            Role::User => push(&mut turns, "user", blocks(message, at, false)?),
            Role::Tool | Role::Function => push(&mut turns, "user", vec![result(message, at)?]),
            Role::Assistant => {
                let (said, thought) = assistant(message, at, context)?;
                unthought = !message.tool_calls.is_empty() && !thought;
                push(&mut turns, "assistant", said);
            }
        }
        // A question of the user begins anew: what was thought before it is not asked for.
        unthought &= message.role != Role::User;
    }
    let turns = turns.into_iter().filter(|turn| !turn.content.is_empty());
    Ok((system, turns.map(|turn| json!({"role": turn.role, "content": turn.content})).collect(), unthought))
}

struct Turn {
    role: &'static str,
    content: Vec<Value>,
}

/// Turns alternate: what several messages of one side say is one turn.
fn push(turns: &mut Vec<Turn>, role: &'static str, content: Vec<Value>) {
    match turns.last_mut() {
        Some(turn) if turn.role == role => turn.content.extend(content),
        _ => turns.push(Turn { role, content }),
    }
}

fn blocks(message: &Message, at: usize, text_only: bool) -> Result<Vec<Value>, Fault> {
    let mut blocks = Vec::new();
    if let Some(Content::Text(text)) = &message.content {
        blocks.extend(text_block(text));
    }
    for (index, part) in message.parts().into_iter().enumerate() {
        let block =
            if text_only && part.kind != "text" { Err(part.unsupported(at, index)) } else { block(part, at, index) };
        blocks.extend(block?.map(|block| cached(block, part.cache_control.as_ref())));
    }
    mark_last(&mut blocks, message);
    Ok(blocks)
}

fn block(part: &Part, at: usize, index: usize) -> Result<Option<Value>, Fault> {
    let field = |name: &str| format!("messages[{at}].content[{index}].{name}");
    Ok(match part.kind.as_str() {
        "text" => text_block(part.text.as_deref().unwrap_or_default()),
        "refusal" => text_block(part.refusal.as_deref().unwrap_or_default()),
        "image_url" => {
            let url = part.image_url.as_deref().ok_or_else(|| Fault::invalid(field("image_url"), "is required"))?;
            Some(match Media::of(url, &field("image_url.url"))? {
                Media::Inline(Inline { media_type, base64 }) => {
                    json!({"type": "image", "source": {"type": "base64", "media_type": media_type, "data": base64}})
                }
                Media::At(url) => json!({"type": "image", "source": {"type": "url", "url": url}}),
            })
        }
        "file" => Some(document(part, &field("file"))?),
        _ => return Err(part.unsupported(at, index)),
    })
}

fn document(part: &Part, field: &str) -> Result<Value, Fault> {
    let file = part.file.as_ref().ok_or_else(|| Fault::invalid(field, "is required"))?;
    let Some(data) = &file.file_data else {
        return Err(Fault::unsupported(format!("{field}.file_id"), "names a file of another provider: send file_data"));
    };
    let source = match Media::of(data, &format!("{field}.file_data"))? {
        Media::At(url) => json!({"type": "url", "url": url}),
        Media::Inline(Inline { media_type, base64 }) if media_type == "application/pdf" => {
            json!({"type": "base64", "media_type": media_type, "data": base64})
        }
        Media::Inline(_) => {
            return Err(Fault::unsupported(format!("{field}.file_data"), "must be a PDF for this provider"));
        }
    };
    let mut block = json!({"type": "document", "source": source});
    if let Some(name) = &file.filename {
        block["title"] = name.clone().into();
    }
    Ok(block)
}

fn result(message: &Message, at: usize) -> Result<Value, Fault> {
    let call = message.tool_call_id.as_deref().or(message.name.as_deref());
    let call = call.ok_or_else(|| Fault::invalid(format!("messages[{at}].tool_call_id"), "is required"))?;
    let mut result = json!({"type": "tool_result", "tool_use_id": id(call)});
    let mut content = blocks(message, at, false)?;
    // A mark at the message is one at the result as a whole.
    if let Some(mark) = &message.cache_control {
        result["cache_control"] = mark.clone();
        for block in &mut content {
            block.as_object_mut().and_then(|b| b.remove("cache_control"));
        }
    }
    if !content.is_empty() {
        result["content"] = content.into();
    }
    Ok(result)
}

/// What the model said before, and whether its thinking is with it.
fn assistant(message: &Message, at: usize, context: &Context<'_>) -> Result<(Vec<Value>, bool), Fault> {
    let is_thinking = |block: &&Value| matches!(block["type"].as_str(), Some("thinking" | "redacted_thinking"));
    let mut said: Vec<Value> = message.thinking_blocks.iter().filter(is_thinking).cloned().collect();
    if said.is_empty() {
        let first = message.tool_calls.first().and_then(|call| call.id.as_deref());
        if let Some(Value::Array(kept)) = first.and_then(|call| context.recall.of(context.provider, call)) {
            said.extend(kept);
        }
    }
    let thought = !said.is_empty();
    said.extend(blocks(message, at, false)?);
    if let Some(refusal) = &message.refusal {
        said.extend(text_block(refusal));
    }
    for (index, call) in message.tool_calls.iter().enumerate() {
        let input = message.arguments(at, index)?;
        let name = &call.function.name;
        let call = call.id.as_deref().unwrap_or(name);
        said.push(json!({"type": "tool_use", "id": id(call), "name": name, "input": input}));
    }
    if !message.tool_calls.is_empty() {
        mark_last(&mut said, message);
    }
    Ok((said, thought))
}

/// Empty ones are refused.
fn text_block(text: &str) -> Option<Value> {
    (!text.is_empty()).then(|| json!({"type": "text", "text": text}))
}

fn cached(mut block: Value, mark: Option<&Value>) -> Value {
    if let Some(mark) = mark {
        block["cache_control"] = mark.clone();
    }
    block
}

/// A mark at a message is one at its end.
fn mark_last(blocks: &mut [Value], message: &Message) {
    if let (Some(last), Some(mark)) = (blocks.last_mut(), &message.cache_control) {
        last["cache_control"] = mark.clone();
    }
}

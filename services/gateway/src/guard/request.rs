//! Looks at a request before anybody is asked.

use super::{Blocked, Guards, document, moderate, places, texts};
use crate::{operation::Operation, ticket::Ticket, wire::form};
use bytes::Bytes;
use proto::{gateway::CompleteRequest, guardrails::Stage};

/// The longest text that a model is given to judge, in bytes: the end of it, which is what is asked now.
const MOST_JUDGED: usize = 64 * 1024;

/// The request with what has to go taken out; None: as it is. Of a form what its client wrote is looked at, and no sound.
/// Errors: a rule does not let it pass.
pub(crate) async fn check(
    guards: &Guards,
    operation: Operation,
    request: &CompleteRequest,
    ticket: &Ticket,
) -> Result<Option<Bytes>, Blocked> {
    if guards.input.is_empty() {
        return Ok(None);
    }
    if operation == Operation::Transcriptions {
        return form(guards, request, ticket).await;
    }
    let Ok(json) = std::str::from_utf8(&request.body) else { return Ok(None) };
    let edited = document::look(guards, Stage::Input, json, texts::asked, &ticket.tally)?;
    if is_judged(guards) {
        judge(guards, &written(edited.as_deref().unwrap_or(json)), ticket).await?;
    }
    Ok(edited.map(Bytes::from))
}

/// A form whose texts are looked at. What is none is refused later.
async fn form(guards: &Guards, request: &CompleteRequest, ticket: &Ticket) -> Result<Option<Bytes>, Blocked> {
    let (mut edits, mut all) = (vec![], String::new());
    for at in form::written(&request.content_type, &request.body) {
        let Ok(text) = std::str::from_utf8(&request.body[at.clone()]) else { continue };
        let edited = document::plain(guards, Stage::Input, text, &ticket.tally)?;
        all.push_str(edited.as_deref().unwrap_or(text));
        all.push('\n');
        edits.extend(edited.map(|new| (at, new)));
    }
    if is_judged(guards) && !all.is_empty() {
        judge(guards, &all, ticket).await?;
    }
    if edits.is_empty() {
        return Ok(None);
    }
    let (mut out, mut from) = (Vec::with_capacity(request.body.len()), 0);
    for (at, new) in edits {
        out.extend_from_slice(&request.body[from..at.start]);
        out.extend_from_slice(new.as_bytes());
        from = at.end;
    }
    out.extend_from_slice(&request.body[from..]);
    Ok(Some(out.into()))
}

fn is_judged(guards: &Guards) -> bool {
    guards.input.iter().any(|rule| rule.moderation.is_some())
}

async fn judge(guards: &Guards, text: &str, ticket: &Ticket) -> Result<(), Blocked> {
    let from = text.floor_char_boundary(text.len().saturating_sub(MOST_JUDGED));
    moderate::judge(&guards.input, Stage::Input, &text[from..], ticket).await
}

/// All texts of a request, one a line.
fn written(json: &str) -> String {
    let mut all = String::new();
    places::visit(json, &mut |path, kind, at| {
        if kind != places::Kind::Text || texts::asked(path).is_none() {
            return;
        }
        let text = document::decoded(&json[at]);
        if !text.starts_with("data:") {
            all.push_str(&text);
            all.push('\n');
        }
    });
    all
}

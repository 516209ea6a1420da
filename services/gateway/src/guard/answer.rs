//! Looks at a whole answer before its client sees it.

use super::{Blocked, Guards, document, moderate, places, stream::Filter, texts};
use crate::{attempt::EVENT_STREAM, operation::Operation, ticket::Ticket, wire::answer::is_json};
use bytes::Bytes;
use proto::guardrails::Stage;
use std::sync::Arc;

/// The answer with what has to go taken out. Errors: a rule does not let it pass.
pub(crate) async fn check(
    guards: Option<&Arc<Guards>>,
    operation: Operation,
    content_type: &str,
    body: Bytes,
    ticket: &Ticket,
) -> Result<Bytes, Blocked> {
    let Some(guards) = guards.filter(|guards| guards.has_output()) else { return Ok(body) };
    // A kept stream is looked at as if it came now.
    if content_type.starts_with(EVENT_STREAM) {
        return match Filter::new(Some(guards), operation) {
            Some(mut filter) => filter.pass(body, true, ticket).await,
            None => Ok(body),
        };
    }
    let Ok(text) = std::str::from_utf8(&body) else { return Ok(body) };
    let is_json = is_json(content_type);
    let edited = if is_json {
        document::look(guards, Stage::Output, text, texts::answered, &ticket.tally)?
    } else {
        document::plain(guards, Stage::Output, text, &ticket.tally)?
    };
    if guards.output.iter().any(|rule| rule.moderation.is_some()) {
        let text = edited.as_deref().unwrap_or(text);
        let said = if is_json { said(text) } else { text.to_owned() };
        moderate::judge(&guards.output, Stage::Output, &said, ticket).await?;
    }
    Ok(edited.map_or(body, Bytes::from))
}

/// All texts of an answer, one a line.
fn said(json: &str) -> String {
    let mut all = String::new();
    places::visit(json, &mut |path, kind, at| {
        if kind == places::Kind::Text && texts::answered(path).is_some() {
            all.push_str(&document::decoded(&json[at]));
            all.push('\n');
        }
    });
    all
}

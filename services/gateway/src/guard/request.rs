//! Looks at a request before anybody is asked.

use super::{Blocked, Guards, document, moderate, places, texts};
use crate::{operation::Operation, ticket::Ticket};
use bytes::Bytes;
use proto::guardrails::Stage;

/// The longest text that a model is given to judge, in bytes: the end of it, which is what is asked now.
const MOST_JUDGED: usize = 64 * 1024;

/// The request with what has to go taken out; None: as it is. What is no JSON (a form with sound) is not looked at.
/// Errors: a rule does not let it pass.
pub(crate) async fn check(
    guards: &Guards,
    operation: Operation,
    body: &[u8],
    ticket: &Ticket,
) -> Result<Option<Bytes>, Blocked> {
    let Some(json) = std::str::from_utf8(body).ok().filter(|_| operation != Operation::Transcriptions) else {
        return Ok(None);
    };
    if guards.input.is_empty() {
        return Ok(None);
    }
    let edited = document::look(guards, Stage::Input, json, texts::asked, &ticket.tally)?;
    if guards.input.iter().any(|rule| rule.moderation.is_some()) {
        let text = written(edited.as_deref().unwrap_or(json));
        let from = text.floor_char_boundary(text.len().saturating_sub(MOST_JUDGED));
        moderate::judge(&guards.input, Stage::Input, &text[from..], ticket).await?;
    }
    Ok(edited.map(Bytes::from))
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

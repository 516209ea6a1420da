//! What does an answer say about itself? Read only where traces are made, and nothing of its content.

use serde::Deserialize;

/// What is longer is no id and no name.
const MOST: usize = 256;
/// Choices of one answer.
const MOST_REASONS: usize = 128;

/// Which answer it is, of which model, and why it ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Gist {
    pub id: Option<String>,
    pub model: Option<String>,
    /// One for each choice that ended.
    pub reasons: Vec<String>,
}

/// A whole answer or an event, of a chat, of Anthropic's messages or of responses.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Said {
    id: Option<String>,
    model: Option<String>,
    choices: Option<Vec<Choice>>,
    stop_reason: Option<String>,
    /// Of responses.
    status: Option<String>,
    /// Of Anthropic's first event.
    message: Option<Part>,
    /// Of its last but one.
    delta: Option<Part>,
    /// Of an event of responses.
    response: Option<Part>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Part {
    id: Option<String>,
    model: Option<String>,
    stop_reason: Option<String>,
    status: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Choice {
    finish_reason: Option<String>,
}

impl Gist {
    /// Adds what `data` says, if it is JSON of a known form.
    pub(crate) fn read(&mut self, data: &[u8]) {
        let Ok(said) = serde_json::from_slice::<Said>(data) else { return };
        let parts = [said.message, said.delta, said.response].into_iter().flatten();
        let own = Part { id: said.id, model: said.model, stop_reason: said.stop_reason, status: said.status };
        let ended = said.choices.into_iter().flatten().filter_map(|choice| choice.finish_reason);
        self.reasons.extend(ended);
        for part in parts.chain([own]) {
            self.id = self.id.take().or(part.id.filter(|id| id.len() <= MOST));
            self.model = self.model.take().or(part.model.filter(|model| model.len() <= MOST));
            // A response that goes on has not ended.
            let status = part.status.filter(|status| !matches!(status.as_str(), "queued" | "in_progress"));
            self.reasons.extend(part.stop_reason.or(status));
        }
        self.reasons.retain(|reason| reason.len() <= MOST);
        self.reasons.truncate(MOST_REASONS);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gist(said: &[&str]) -> (Option<String>, Option<String>, Vec<String>) {
        let mut gist = Gist::default();
        said.iter().for_each(|said| gist.read(said.as_bytes()));
        (gist.id, gist.model, gist.reasons)
    }

    fn is(id: &str, model: &str, reasons: &[&str]) -> (Option<String>, Option<String>, Vec<String>) {
        (Some(id.into()), Some(model.into()), reasons.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn whole_answers_and_events_of_each_form_say_which_they_are() {
        let chat = r#"{"id":"a","model":"m","choices":[{"finish_reason":"stop","message":{"content":"x"}},{"finish_reason":"length"}]}"#;
        assert_eq!(gist(&[chat]), is("a", "m", &["stop", "length"]));
        let chunk = r#"{"id":"a","model":"m","choices":[{"delta":{},"finish_reason":"stop"}],"usage":null}"#;
        assert_eq!(gist(&[chunk]), is("a", "m", &["stop"]));
        let message = r#"{"type":"message","id":"a","model":"m","content":[],"stop_reason":"end_turn"}"#;
        assert_eq!(gist(&[message]), is("a", "m", &["end_turn"]));
        let begun = r#"{"type":"message_start","message":{"id":"a","model":"m","stop_reason":null}}"#;
        let ended = r#"{"type":"message_delta","delta":{"stop_reason":"max_tokens"},"usage":{"output_tokens":1}}"#;
        assert_eq!(gist(&[begun, ended]), is("a", "m", &["max_tokens"]));
        let response = r#"{"type":"response.completed","response":{"id":"a","model":"m","status":"completed"}}"#;
        assert_eq!(gist(&[response]), is("a", "m", &["completed"]));
    }

    #[test]
    fn what_is_no_answer_says_nothing() {
        assert_eq!(gist(&["[1]", "x", r#"{"choices":5}"#]), (None, None, vec![]));
        let long = "x".repeat(MOST + 1);
        assert_eq!(gist(&[&format!(r#"{{"id":"{long}"}}"#)]), (None, None, vec![]));
    }
}

//! What is wrong with the input: every field at once, so that nobody repairs a form one field at a time.

use crate::Error;
use proto::Reason;

/// Collects what is wrong, by the names that the fields have over HTTP.
#[derive(Default)]
pub(crate) struct Problems {
    missing: Vec<(String, String)>,
    refused: Vec<(String, String)>,
}

impl Problems {
    /// A field is absent or not of its type: 400.
    pub(crate) fn missing(&mut self, field: impl Into<String>, problem: impl Into<String>) {
        self.missing.push((field.into(), problem.into()));
    }

    /// A field is well formed, and its value is not accepted: 422.
    pub(crate) fn refused(&mut self, field: impl Into<String>, problem: impl Into<String>) {
        self.refused.push((field.into(), problem.into()));
    }

    /// A text for people: one to `max` characters, none of them a control character, no space around it.
    pub(crate) fn text(&mut self, field: &'static str, text: &str, max: usize) -> String {
        let text = text.trim();
        if text.is_empty() {
            self.missing(field, "is required");
        } else if text.chars().count() > max {
            self.refused(field, format!("must have at most {max} characters"));
        } else if text.chars().any(char::is_control) {
            self.refused(field, "must not hold control characters such as line breaks");
        }
        text.to_owned()
    }

    /// Goes on if nothing is wrong. Errors: `INVALID_ARGUMENT` if anything is missing, else `REFUSED_VALUE`.
    pub(crate) fn none(self) -> Result<(), Error> {
        let reason = match (self.missing.is_empty(), self.refused.is_empty()) {
            (true, true) => return Ok(()),
            (false, _) => Reason::InvalidArgument,
            (true, false) => Reason::RefusedValue,
        };
        let all: Vec<_> = self.missing.into_iter().chain(self.refused).collect();
        let message = all.iter().map(|(field, problem)| format!("{field} {problem}")).collect::<Vec<_>>().join("; ");
        let failure = all.into_iter().fold(reason.with(message), |f, (field, problem)| f.field(field, problem));
        Err(failure.into())
    }
}

//! Why a call failed: one table from which gRPC, HTTP, OpenAI's shape and the documentation all read.
//!
//! A service maps its own errors to a [`Failure`]; it travels as a [`Status`] with `google.rpc.ErrorInfo` (and
//! `BadRequest`, `RetryInfo` where they apply). Callers branch on [`Reason::of`], never on text.

mod reasons;
mod status;

pub use reasons::Reason;
use std::time::Duration;

/// One failure, with everything that its reader may know. Nothing internal goes in here: it leaves the house.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    /// What kind of failure this is.
    pub reason: Reason,
    /// One English sentence that says what to change.
    pub message: String,
    /// Numbers and names for programs, by name.
    pub facts: Vec<(String, String)>,
    /// Which fields of the input are wrong, and how.
    pub fields: Vec<(String, String)>,
    /// When it makes sense to try again.
    pub retry_after: Option<Duration>,
}

impl Reason {
    /// A failure for this reason.
    pub fn with(self, message: impl Into<String>) -> Failure {
        Failure { reason: self, message: message.into(), facts: vec![], fields: vec![], retry_after: None }
    }
}

impl Failure {
    /// Adds a fact.
    #[must_use]
    pub fn fact(mut self, name: &str, value: impl ToString) -> Self {
        self.facts.push((name.to_owned(), value.to_string()));
        self
    }

    /// Names a field of the input that is wrong, and what it must be.
    #[must_use]
    pub fn field(mut self, name: impl Into<String>, problem: impl Into<String>) -> Self {
        self.fields.push((name.into(), problem.into()));
        self
    }

    /// Says when to try again.
    #[must_use]
    pub fn retry_after(mut self, wait: Duration) -> Self {
        self.retry_after = Some(wait);
        self
    }

    /// The value of a fact.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.facts.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }
}

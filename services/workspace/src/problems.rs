//! What is wrong with a request, field by field, so that one answer names everything at once.

use crate::error::Error;
use proto::{Failure, Reason};

/// Collects what is wrong with the fields of one request, under their names in the HTTP API.
#[derive(Debug, Default)]
pub(crate) struct Problems {
    /// Whether a field is missing or of the wrong type, rather than well formed and refused.
    malformed: bool,
    fields: Vec<(String, String)>,
}

impl Problems {
    /// Notes a field that is missing or of the wrong type.
    pub(crate) fn malformed(&mut self, field: impl Into<String>, problem: impl Into<String>) {
        self.malformed = true;
        self.fields.push((field.into(), problem.into()));
    }

    /// Notes a field whose value is well formed and not accepted.
    pub(crate) fn refused(&mut self, field: impl Into<String>, problem: impl Into<String>) {
        self.fields.push((field.into(), problem.into()));
    }

    /// The value of a check. A refused one is noted and leaves the default, which [`Problems::finish`] keeps from use.
    pub(crate) fn check<T: Default>(&mut self, field: &'static str, checked: Result<T, impl Into<String>>) -> T {
        checked.unwrap_or_else(|problem| {
            self.refused(field, problem);
            T::default()
        })
    }

    /// Ends the checks. Errors: `INVALID_ARGUMENT`, `REFUSED_VALUE`.
    pub(crate) fn finish(self) -> Result<(), Error> {
        if self.fields.is_empty() { Ok(()) } else { Err(Error::Refused(self.into())) }
    }
}

impl From<Problems> for Failure {
    fn from(problems: Problems) -> Self {
        let reason = if problems.malformed { Reason::InvalidArgument } else { Reason::RefusedValue };
        let message = match problems.fields.as_slice() {
            [(field, problem)] => format!("{field} {problem}"),
            fields => {
                let names: Vec<_> = fields.iter().map(|(field, _)| field.as_str()).collect();
                format!("these fields must be changed: {}", names.join(", "))
            }
        };
        problems
            .fields
            .into_iter()
            .fold(reason.with(message), |failure, (field, problem)| failure.field(field, problem))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_answer_names_every_field_and_a_missing_one_makes_it_a_400() {
        let mut problems = Problems::default();
        problems.refused("currency", "must be an ISO 4217 code");
        problems.malformed("name", "is required");
        let failure = Failure::from(problems);
        assert_eq!(failure.reason, Reason::InvalidArgument);
        assert_eq!(failure.fields.len(), 2);
        assert!(failure.message.contains("currency, name"), "{failure}");
    }
}

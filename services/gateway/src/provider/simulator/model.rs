//! The simulator's models: one that works, and one for each way to fail.

/// What a model does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Model {
    /// Answers.
    Chat,
    /// Closes the connection in the middle of the answer.
    Cut,
    /// Begins, and then says nothing more.
    Stall,
    /// Sends something that is no JSON.
    Malformed,
    /// Answers well, a few bytes at a time.
    Drip,
    /// Begins, and then reports an error in the answer.
    ErrorEvent,
    /// Sends a web page.
    WrongType,
    /// Sends nothing, with a good status.
    Empty,
    /// Closes the connection before any answer.
    Reset,
    /// Answers with this HTTP status.
    Status(u16),
}

const NAMED: &[(&str, Model)] = &[
    ("chat", Model::Chat),
    ("business", Model::Chat),
    ("embed", Model::Chat),
    ("moderation", Model::Chat),
    ("image", Model::Chat),
    ("transcribe", Model::Chat),
    ("speech", Model::Chat),
    ("rerank", Model::Chat),
    ("cut", Model::Cut),
    ("stall", Model::Stall),
    ("malformed", Model::Malformed),
    ("drip", Model::Drip),
    ("error-event", Model::ErrorEvent),
    ("wrong-type", Model::WrongType),
    ("empty", Model::Empty),
    ("reset", Model::Reset),
];

/// The names that lists show. `status-<code>` works beside them.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    NAMED.iter().map(|(name, _)| *name)
}

/// Whether the simulator has a model of this name.
pub(crate) fn knows(name: &str) -> bool {
    find(name).is_some()
}

fn find(name: &str) -> Option<Model> {
    let status = || name.strip_prefix("status-")?.parse().ok().filter(|s| (400..600).contains(s)).map(Model::Status);
    NAMED.iter().find(|(n, _)| *n == name).map(|(_, model)| *model).or_else(status)
}

impl Model {
    /// The model of this name. Any other name that a provider's settings list is one that works.
    pub(super) fn of(name: &str) -> Self {
        find(name).unwrap_or(Self::Chat)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_failing_status_can_be_asked_for_and_no_other() {
        assert_eq!(Model::of("status-429"), Model::Status(429));
        for name in ["status-200", "status-600", "status-", "status-x", "nonsense"] {
            assert!(!knows(name), "{name}");
        }
    }
}

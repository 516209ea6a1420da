//! What is an outcome called?

use proto::usage::Outcome;

/// Of what nobody settled.
pub(crate) const INCOMPLETE: &str = "incomplete";

/// Every outcome.
const NAMES: [&str; 10] = [
    "completed",
    "client_gone",
    "upstream_error",
    INCOMPLETE,
    "rejected",
    "budget_stopped",
    "cached",
    "replayed",
    "blocked",
    "outrun",
];

/// As tables and answers name it.
pub(crate) fn name(outcome: i32) -> &'static str {
    match Outcome::try_from(outcome) {
        Ok(Outcome::Completed) => "completed",
        Ok(Outcome::ClientGone) => "client_gone",
        Ok(Outcome::UpstreamError) => "upstream_error",
        Ok(Outcome::Rejected) => "rejected",
        Ok(Outcome::BudgetStopped) => "budget_stopped",
        Ok(Outcome::Cached) => "cached",
        Ok(Outcome::Replayed) => "replayed",
        Ok(Outcome::Blocked) => "blocked",
        Ok(Outcome::Outrun) => "outrun",
        Ok(Outcome::Incomplete | Outcome::Unspecified) | Err(_) => INCOMPLETE,
    }
}

/// The outcome of this name, as a row says it.
pub(crate) fn of(name: &str) -> &'static str {
    NAMES.iter().find(|known| **known == name).unwrap_or(&INCOMPLETE)
}

/// Whether the caller got what they asked for, of this attempt or of the one that was sooner.
pub(crate) fn is_success(name: &str) -> bool {
    matches!(name, "completed" | "cached" | "replayed" | "outrun")
}

/// Whether there is an outcome of this name.
pub(crate) fn exists(name: &str) -> bool {
    NAMES.contains(&name)
}

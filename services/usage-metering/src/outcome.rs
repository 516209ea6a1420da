//! What is an outcome called?

use proto::usage::Outcome;

/// Of what nobody settled.
pub(crate) const INCOMPLETE: &str = "incomplete";

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
        Ok(Outcome::Incomplete | Outcome::Unspecified) | Err(_) => INCOMPLETE,
    }
}

/// Whether the caller got what they asked for.
pub(crate) fn is_success(name: &str) -> bool {
    matches!(name, "completed" | "cached" | "replayed")
}

/// Whether there is an outcome of this name.
pub(crate) fn exists(name: &str) -> bool {
    matches!(
        name,
        "completed"
            | "client_gone"
            | "upstream_error"
            | "incomplete"
            | "rejected"
            | "budget_stopped"
            | "cached"
            | "replayed"
    )
}

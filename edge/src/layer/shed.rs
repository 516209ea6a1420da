//! What does an overloaded process still take on?

use crate::error::Error;
use host::Overload;

/// The refusal of a request that would begin more than the process can do. Probes are always answered, or an overloaded
/// process would be restarted and its load be given to the next one; so are payment providers, which tell of money.
pub(super) fn turned_away(overload: &Overload, path: &str) -> Option<Error> {
    let always = matches!(path, "/livez" | "/readyz" | "/health") || path.starts_with("/webhooks/");
    if always { None } else { overload.admit().err().map(Error::from) }
}

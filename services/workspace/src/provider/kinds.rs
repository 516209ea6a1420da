//! The kinds of provider that a workspace may add: those of the contract.

use proto::provider::{self, Kind};

/// The kind of this name, or what the field must be instead.
pub(crate) fn find(name: &str) -> Result<&'static Kind, String> {
    provider::find(name).ok_or_else(|| {
        let names: Vec<_> = provider::ALL.iter().map(|kind| kind.name).collect();
        format!("must be one of: {}", names.join(", "))
    })
}

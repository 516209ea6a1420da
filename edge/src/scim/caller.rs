//! Who may change what a directory has?

use crate::error::Result;
use proto::{Call, Permission};

/// Looked at before a change is worked out: whoever may not make it costs nothing. Errors: `PERMISSION_DENIED`, and what operators who act
/// for somebody are told.
pub(super) fn may_write(call: &Call) -> Result<()> {
    if call.impersonation.is_some() || !call.scopes.contains(Permission::MembersWrite) {
        return Err(call.denied(Permission::MembersWrite).into());
    }
    Ok(())
}

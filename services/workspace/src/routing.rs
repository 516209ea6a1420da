//! What the gateway needs to route for a workspace.

pub(crate) mod open;

//! What the outer layer knows of a request before any handler runs.

use proto::{Call, id::RequestId};
use std::{net::IpAddr, sync::Arc};
use tokio::time::Instant;

/// Facts of one request, put into its extensions by the layer.
#[derive(Clone, Debug)]
pub(crate) struct Arrival {
    /// Ours, `req_…`.
    pub request_id: RequestId,
    /// The client's address behind trusted proxies. None where requests don't come from a socket.
    pub client: Option<IpAddr>,
    /// When the caller stops waiting. None where the service decides.
    pub deadline: Option<Instant>,
    /// What the client calls itself, cut to a length.
    pub user_agent: Option<Arc<str>>,
    /// W3C `traceparent` that services continue.
    pub trace: Option<Arc<str>>,
}

impl Arrival {
    /// The call of nobody in particular.
    pub(crate) fn call(&self) -> Call {
        Call {
            client: self.client,
            deadline: self.deadline,
            trace: self.trace.clone(),
            user_agent: self.user_agent.clone(),
            ..Call::anonymous(self.request_id)
        }
    }
}

//! Who sent this gRPC request: a peer, a client with a credential, or nobody in particular?

use super::{Door, asserted};
use proto::{
    Call, Reason,
    id::{RequestId, WorkspaceId},
    rpc::{self, Auth, Caller, PEER_TOKEN, Rpc},
};
use tonic::{Extensions, Status, metadata::MetadataMap, transport::server::TcpConnectInfo};

/// Metadata key with which a client names the workspace that it means.
const WORKSPACE: &str = "x-perpetuo-workspace";

#[tonic::async_trait]
impl rpc::Door for Door {
    async fn open(
        &self,
        rpc: &'static Rpc,
        metadata: &MetadataMap,
        extensions: &Extensions,
    ) -> Result<(Caller, Call), Status> {
        let (caller, mut call) = match metadata.get(PEER_TOKEN) {
            Some(token) => self.peer(rpc, token.as_bytes(), metadata)?,
            None => (Caller::Client, self.client(rpc, metadata, extensions).await?),
        };
        crate::telemetry::describe(&call);
        // What follows is done in the span of this call.
        call.trace = crate::telemetry::trace_context().or(call.trace);
        Ok((caller, call))
    }
}

impl Door {
    fn peer(&self, rpc: &'static Rpc, token: &[u8], metadata: &MetadataMap) -> Result<(Caller, Call), Status> {
        let Some(verifier) = &self.verifier else {
            return Err(Reason::TokenInvalid.with("this process takes calls from no other").into());
        };
        let role = verifier.verify(token, rpc)?;
        let call = Call::read(metadata)?;
        asserted::check(role, &call)?;
        Ok((Caller::Peer(role), call))
    }

    async fn client(&self, rpc: &Rpc, metadata: &MetadataMap, extensions: &Extensions) -> Result<Call, Status> {
        let anonymous = self.stranger(metadata, extensions);
        let open_to_all = rpc.auth == Auth::Anonymous;
        match self.authenticate(metadata, extensions).await {
            Ok(call) => Ok(call),
            // A client that always sends its token must be able to log in again when that has expired.
            Err(status) if open_to_all && status.code() == tonic::Code::Unauthenticated => Ok(anonymous),
            Err(status) => Err(status),
        }
    }

    /// The call of a client that sent a credential of its own. Errors: `CREDENTIALS_MISSING`, and those of
    /// [`Door::identify`] and [`Door::call`].
    pub(crate) async fn authenticate(&self, metadata: &MetadataMap, extensions: &Extensions) -> Result<Call, Status> {
        let base = self.stranger(metadata, extensions);
        let credential = credential(metadata)?;
        let who = self.identify(credential, base.client, &base).await?;
        self.call(&who, workspace(metadata)?, base).await
    }

    /// What is known of a client before it says who it is. What it claims in `x-call-bin` does not count.
    fn stranger(&self, metadata: &MetadataMap, extensions: &Extensions) -> Call {
        let text = |key: &str| metadata.get(key).and_then(|v| v.to_str().ok()).map(Into::into);
        Call {
            client: extensions.get::<TcpConnectInfo>().and_then(TcpConnectInfo::remote_addr).map(|a| a.ip()),
            trace: text("traceparent"),
            idempotency_key: text("idempotency-key"),
            ..Call::anonymous(RequestId::from_uuid(self.ids.uuid()))
        }
    }
}

fn credential(metadata: &MetadataMap) -> Result<&str, Status> {
    let missing = |hint| Status::from(Reason::CredentialsMissing.with(hint));
    let Some(header) = metadata.get("authorization") else {
        return Err(missing("send `authorization: Bearer <access token or API key>`"));
    };
    let parts = header.to_str().ok().and_then(|h| h.split_once(' '));
    match parts {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") && !token.trim().is_empty() => Ok(token.trim()),
        _ => Err(missing("the authorization metadata must read `Bearer <access token or API key>`")),
    }
}

fn workspace(metadata: &MetadataMap) -> Result<Option<WorkspaceId>, Status> {
    let Some(id) = metadata.get(WORKSPACE) else { return Ok(None) };
    let id = id.to_str().ok().and_then(|id| id.parse().ok());
    id.map(Some).ok_or_else(super::no_such_workspace)
}

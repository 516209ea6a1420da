//! What every rpc shares: who may call it, and how peers prove who they are.

use crate::{Call, Permission, Principal, Reason, Role, impersonation::Class, trace};
use std::{
    sync::Arc,
    task::{Context, Poll},
};
use tokio::time::Instant;
use tonic::{
    Extensions, Request, Status,
    body::Body,
    codegen::{BoxFuture, Service, StdError, http},
    metadata::{Ascii, MetadataMap, MetadataValue},
};
use tracing::Span;

/// The largest message between services, in one process too, so that a laptop refuses what a cluster refuses.
pub const MAX_MESSAGE_BYTES: usize = 32 * 1024 * 1024;

/// Metadata key of the token with which a peer proves its role.
pub const PEER_TOKEN: &str = "x-peer-token";

/// One rpc as its proto declares it.
#[derive(Debug, PartialEq, Eq)]
pub struct Rpc {
    /// `perpetuo.identity.v1.Identity`
    pub service: &'static str,
    /// `ResolveKey`
    pub method: &'static str,
    /// The role that serves it.
    pub audience: Role,
    /// Who may call it.
    pub auth: Auth,
    /// What of it is for operators who act for somebody.
    pub impersonated: Class,
    /// `idempotency_level = NO_SIDE_EFFECTS`: safe to drop and to repeat.
    pub no_side_effects: bool,
    /// Answers with a stream.
    pub streams: bool,
}

/// Who may call an rpc: `(perpetuo.auth)`.
#[derive(Debug, PartialEq, Eq)]
pub enum Auth {
    /// Anybody.
    Anonymous,
    /// A caller whose scopes hold the permission.
    Permission(Permission),
    /// These roles of Perpetuo itself.
    Peer(&'static [Role]),
}

/// From where a call comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caller {
    /// From a role of Perpetuo, in this process or proven by its token.
    Peer(Role),
    /// From a gRPC client with a credential of its own.
    Client,
}

/// Says who sent a gRPC request. The server's half of the wire; [`Peer`] is the client's.
#[tonic::async_trait]
pub trait Door: Send + Sync + 'static {
    /// The caller and its call. Errors: `CREDENTIALS_MISSING`, `TOKEN_INVALID` and their like.
    async fn open(
        &self,
        rpc: &'static Rpc,
        metadata: &MetadataMap,
        extensions: &Extensions,
    ) -> Result<(Caller, Call), Status>;
}

/// Makes the tokens with which this process proves its roles to others.
pub trait Signer: Send + Sync + 'static {
    /// A token for one rpc, valid for a minute at most. Errors: `SERVICE_UNAVAILABLE` without the role's key.
    fn token(&self, caller: Role, rpc: &'static Rpc) -> Result<MetadataValue<Ascii>, Status>;
}

/// Why a request got no answer: the transport's error, or a status.
pub type BoxError = StdError;

/// Brings requests to a process that runs a role, and answers back.
pub trait Carrier: Send + Sync + 'static {
    /// The head of the answer, with a body that comes as it is sent. Errors: there is none.
    fn carry(&self, request: http::Request<Body>) -> BoxFuture<http::Response<Body>, BoxError>;
}

/// What a request to a peer is, in its extensions: a carrier decides by it whether the request may be sent again.
#[derive(Clone, Copy, Debug)]
pub struct Sent {
    /// Which rpc it calls.
    pub rpc: &'static Rpc,
    /// When its caller stops waiting.
    pub deadline: Option<Instant>,
}

/// Another process that runs a role.
#[derive(Clone)]
pub struct Peer {
    wire: Wire,
    signer: Arc<dyn Signer>,
}

/// A carrier as generated clients take it.
#[derive(Clone)]
pub struct Wire(Arc<dyn Carrier>);

impl Service<http::Request<Body>> for Wire {
    type Response = http::Response<Body>;
    type Error = BoxError;
    type Future = BoxFuture<http::Response<Body>, BoxError>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        self.0.carry(request)
    }
}

impl Rpc {
    /// Refuses a caller that the proto does not allow. Runs before the service in both modes.
    /// Errors: `CREDENTIALS_MISSING`, `PERMISSION_DENIED`, `IMPERSONATION_READ_ONLY`, `IMPERSONATION_FORBIDDEN`.
    pub fn check(&self, caller: Caller, call: &Call) -> Result<(), Status> {
        self.check_impersonation(call)?;
        match &self.auth {
            Auth::Anonymous => Ok(()),
            Auth::Permission(permission) if call.scopes.contains(*permission) => Ok(()),
            Auth::Permission(_) if call.principal == Principal::Anonymous => {
                Err(Reason::CredentialsMissing.with("send an access token or an API key").into())
            }
            Auth::Permission(permission) => Err(call.denied(*permission).into()),
            Auth::Peer(roles) => match caller {
                Caller::Peer(role) if roles.contains(&role) => Ok(()),
                _ => Err(Reason::PermissionDenied.with("only other parts of Perpetuo may call this").into()),
            },
        }
    }
}

impl Rpc {
    /// Refuses an operator who acts for somebody what is not theirs to do. Who calls, and where it runs, makes no difference.
    /// Errors: `IMPERSONATION_READ_ONLY`, `IMPERSONATION_FORBIDDEN`.
    pub fn check_impersonation(&self, call: &Call) -> Result<(), Status> {
        call.impersonation.map_or(Ok(()), |acting| acting.admits(self.impersonated).map_err(Status::from))
    }
}

impl Peer {
    /// A peer that `carrier` reaches, and to which `signer` proves who calls.
    pub fn new(carrier: Arc<dyn Carrier>, signer: Arc<dyn Signer>) -> Self {
        Self { wire: Wire(carrier), signer }
    }

    pub(crate) fn wire(&self) -> Wire {
        self.wire.clone()
    }

    pub(crate) fn request<T>(
        &self,
        caller: Caller,
        rpc: &'static Rpc,
        call: &Call,
        span: &Span,
        message: T,
    ) -> Result<Request<T>, Status> {
        let mut request = Request::new(message);
        match trace::context(span) {
            Some(context) => Call { trace: Some(context), ..call.clone() }.write(request.metadata_mut()),
            None => call.write(request.metadata_mut()),
        }
        let Caller::Peer(role) = caller else {
            // A client's own call ends at the process that it reached: nothing forwards it under another name.
            return Err(Reason::PermissionDenied.with("only other parts of Perpetuo may call this").into());
        };
        request.metadata_mut().insert(PEER_TOKEN, self.signer.token(role, rpc)?);
        request.extensions_mut().insert(Sent { rpc, deadline: call.deadline });
        if let Some(deadline) = call.deadline {
            request.set_timeout(deadline.saturating_duration_since(Instant::now()));
        }
        Ok(request)
    }
}

/// Refuses a message that is larger than the wire allows. Errors: `BODY_TOO_LARGE`.
pub(crate) fn fits(message: &impl prost::Message) -> Result<(), Status> {
    if message.encoded_len() <= MAX_MESSAGE_BYTES {
        return Ok(());
    }
    Err(Reason::BodyTooLarge.with("the message is too large").fact("limit_bytes", MAX_MESSAGE_BYTES).into())
}

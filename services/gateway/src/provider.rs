//! Providers as the gateway calls them. A dialect is the file of its name below this one, with an `open`; which there
//! are is listed by `build.rs`. A kind of provider is one file in `proto/providers`, which names its dialect.

pub(crate) mod body;
pub(crate) mod fault;
mod http;
mod retry_after;
mod screen;
mod translate;

include!(concat!(env!("OUT_DIR"), "/dialects.rs"));
pub(crate) use dialects::simulator;

use crate::{config::Timers, operation::Operation, wire::request::Peek};
use body::Body;
use bytes::Bytes;
use fault::{Fault, Kind as FaultKind};
use host::config::Secret;
use proto::{id::WorkspaceId, provider::Kind, routing::PLATFORM, usage::CredentialOwner, workspace::OpenProvider};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::time::Instant;
use translate::{answer::Face, recall::Recall};

/// Reads the settings of a provider of this kind.
type Open = fn(&'static Kind, &OpenProvider, &Surroundings) -> Opened;

/// The caller's side of a provider, or a sentence about settings that cannot work.
pub(crate) type Opened = Result<Box<dyn Dialect>, String>;

/// Shorter ones are no secrets, but words that may be anywhere.
const SHORTEST_SECRET: usize = 8;

/// What dialects need from the process.
#[derive(Clone)]
pub(crate) struct Surroundings {
    pub client: egress::Client,
    /// For addresses that callers put into requests.
    pub attachments: egress::Client,
    pub clock: host::Clock,
    pub ids: host::Ids,
    pub recall: Recall,
    /// Answers in place of every provider.
    #[cfg(feature = "probe")]
    pub line: Option<Arc<crate::probe::Line>>,
}

impl Surroundings {
    pub(crate) fn new(client: egress::Client, clock: host::Clock, ids: host::Ids) -> Self {
        let attachments = client.with_purpose(egress::Purpose::Attachment);
        Self {
            client,
            attachments,
            clock,
            ids,
            recall: Recall::default(),
            #[cfg(feature = "probe")]
            line: None,
        }
    }

    /// How an answer names itself whose provider does not.
    fn face(&self, model: &str) -> Face {
        let id = format!("chatcmpl-{}", self.ids.uuid().simple());
        Face { id, created: self.clock.now().timestamp(), model: model.to_owned() }
    }
}

/// How to speak with a kind of provider.
#[tonic::async_trait]
pub(crate) trait Dialect: Send + Sync + 'static {
    /// Sends a chat completion and waits for the head of the answer, whatever its status.
    async fn chat(&self, ask: Ask<'_>) -> Result<Upstream, Fault>;
    /// Whether it takes `operation` for `model` in the client's own words, or translates it itself, and answers in the
    /// words that belong to it. Of those that it does not take, some can be asked as chat completions: `pivot.rs`.
    fn takes(&self, operation: Operation, model: &str) -> bool {
        let _ = model;
        operation == Operation::Chat
    }
    /// Sends a request of an operation that it takes, and waits for the head of the answer, whatever its status.
    async fn call(&self, operation: Operation, ask: Ask<'_>) -> Result<Upstream, Fault> {
        match operation {
            Operation::Chat => self.chat(ask).await,
            other => Err(Fault::not_offered(other)),
        }
    }
    /// What the provider says it serves.
    async fn models(&self, timers: Timers) -> Result<Vec<Listed>, Fault>;
}

/// One request as a provider gets it.
#[derive(Clone, Copy)]
pub(crate) struct Ask<'a> {
    /// The client's own bytes, or those that were made of them.
    pub body: &'a Bytes,
    /// Their media type.
    pub content_type: &'a str,
    /// What the client says beside them, for a provider that speaks as it does.
    pub headers: &'a HashMap<String, String>,
    pub peek: &'a Peek,
    /// The model as this provider knows it.
    pub model: &'a str,
    /// W3C `traceparent`.
    pub trace: Option<&'a str>,
    pub timers: Timers,
}

/// The beginning of an answer.
pub(crate) struct Upstream {
    pub status: u16,
    pub content_type: String,
    pub retry_after: Option<Duration>,
    /// The gateway asked for the usage of this stream, and the client did not.
    pub spliced_usage: bool,
    /// Fields of the request that the provider cannot take, and was not sent.
    pub dropped: Vec<String>,
    pub body: Body,
}

/// A model that a provider lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Listed {
    pub id: String,
    /// Unix seconds.
    pub created: i64,
}

/// Who pays a provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Payer {
    /// The workspace, with a credential of its own.
    Workspace,
    /// The platform, which charges for it; on behalf of this workspace.
    Platform(WorkspaceId),
}

/// What a provider listed, and when.
pub(crate) type Listing = Arc<Mutex<Option<(Instant, Arc<[Listed]>)>>>;

/// One provider of a workspace, or of the platform for a workspace, ready to be called.
pub(crate) struct Provider {
    pub id: String,
    /// Under which what is learnt of it is remembered. One of the platform is called for many workspaces, which must neither
    /// see nor disturb each other.
    pub scope: String,
    pub kind: &'static str,
    /// Of the platform's with `platform/` before it, so that nobody takes it for one of the workspace's own.
    pub name: String,
    pub payer: Payer,
    pub free: bool,
    pub priority: i32,
    pub weight: u32,
    /// Empty: see `takes_any_model`.
    pub models: Vec<String>,
    pub takes_any_model: bool,
    pub dialect: Box<dyn Dialect>,
    /// What it was given, to be recognised in what it says.
    secret: Option<Secret>,
    listed: Listing,
}

impl Provider {
    /// The workspace's own provider with these settings. None for a kind that this release does not know.
    pub(crate) fn open(settings: OpenProvider, surroundings: &Surroundings) -> Option<Self> {
        Self::paid_by(Payer::Workspace, settings, surroundings, Listing::default())
    }

    /// The provider with these settings, and with what it listed before. None for a kind that this release does not know.
    pub(crate) fn paid_by(
        payer: Payer,
        mut settings: OpenProvider,
        surroundings: &Surroundings,
        listed: Listing,
    ) -> Option<Self> {
        let kind = proto::provider::find(&settings.provider);
        let known =
            kind.and_then(|kind| Some((kind, dialects::DIALECTS.iter().find(|(name, _)| *name == kind.dialect)?.1)));
        let Some((kind, open)) = known else {
            tracing::warn!(provider = settings.id, kind = settings.provider, "unknown kind of provider is left out");
            return None;
        };
        let id = settings.id.clone();
        if let Payer::Platform(workspace) = payer {
            settings.id = format!("{id}/{workspace}");
            settings.name = format!("{PLATFORM}/{}", settings.name);
        }
        let dialect = open(kind, &settings, surroundings).unwrap_or_else(|why| Box::new(Unusable(why)));
        let secret = (settings.api_key.len() >= SHORTEST_SECRET).then(|| Secret::from(settings.api_key));
        Some(Self {
            secret,
            id,
            scope: settings.id,
            kind: kind.name,
            name: settings.name,
            payer,
            free: kind.free,
            priority: settings.priority,
            weight: u32::try_from(settings.weight).unwrap_or(0),
            takes_any_model: !kind.own_models && settings.models.is_empty(),
            models: settings.models,
            dialect,
            listed,
        })
    }

    /// Whether the platform pays for it, and charges for it.
    pub(crate) const fn is_platform(&self) -> bool {
        matches!(self.payer, Payer::Platform(_))
    }

    /// Its name without what tells that it is the platform's.
    pub(crate) fn short_name(&self) -> &str {
        match self.payer {
            Payer::Workspace => &self.name,
            Payer::Platform(_) => {
                self.name.strip_prefix(PLATFORM).and_then(|n| n.strip_prefix('/')).unwrap_or(&self.name)
            }
        }
    }

    /// Whose credential it is called with.
    pub(crate) const fn credential_owner(&self) -> CredentialOwner {
        match self.payer {
            _ if self.free => CredentialOwner::Simulator,
            Payer::Workspace => CredentialOwner::Workspace,
            Payer::Platform(_) => CredentialOwner::Platform,
        }
    }

    /// What it listed less than `keep` ago.
    pub(crate) fn remembered(&self, keep: Duration) -> Option<Arc<[Listed]>> {
        let listed = self.listed.lock().unwrap_or_else(PoisonError::into_inner);
        listed.as_ref().filter(|(at, _)| at.elapsed() < keep).map(|(_, models)| models.clone())
    }

    /// It lists these.
    pub(crate) fn remember(&self, models: Vec<Listed>) -> Arc<[Listed]> {
        let models: Arc<[Listed]> = models.into();
        let mut listed = self.listed.lock().unwrap_or_else(PoisonError::into_inner);
        *listed = Some((Instant::now(), models.clone()));
        models
    }

    /// Whether its credential is in what it says.
    pub(crate) fn tells_secret(&self, said: &[u8]) -> bool {
        let finder = |secret: &Secret| memchr::memmem::find(said, secret.expose().as_bytes()).is_some();
        self.secret.as_ref().is_some_and(finder)
    }
}

/// A provider whose settings cannot work: it stays in its place and says why.
struct Unusable(String);

#[tonic::async_trait]
impl Dialect for Unusable {
    async fn chat(&self, _: Ask<'_>) -> Result<Upstream, Fault> {
        Err(Fault::new(FaultKind::Unreachable(self.0.clone())))
    }
    fn takes(&self, _: Operation, _: &str) -> bool {
        true
    }
    async fn call(&self, _: Operation, _: Ask<'_>) -> Result<Upstream, Fault> {
        Err(Fault::new(FaultKind::Unreachable(self.0.clone())))
    }
    async fn models(&self, _: Timers) -> Result<Vec<Listed>, Fault> {
        Err(Fault::new(FaultKind::Unreachable(self.0.clone())))
    }
}

//! A gateway with everything around it.

use crate::{
    fake::{Book, Fakes},
    provider::Provider,
};
use proto::{
    Call, Permission, Principal,
    feed::Event,
    gateway::Gateway,
    id::{KeyId, RequestId, WorkspaceId},
    identity::Identity,
    usage::Usage,
    workspace::{OpenProvider, Workspaces},
};
use std::{
    net::IpAddr,
    sync::{LazyLock, MutexGuard},
    time::Duration,
};
use uuid::Uuid;

/// The credential that tests give to providers.
pub const SECRET: &str = "sk-very-secret";

/// Made once per process: a client reads all the certificates of the machine.
static GUARD: LazyLock<egress::Guard> = LazyLock::new(|| egress::Guard::new(&egress::Config::default(), true, vec![]));

pub struct World {
    pub gateway: Gateway,
    pub fakes: Fakes,
    pub ids: host::Ids,
    pub tasks: host::Tasks,
    pub workspace: WorkspaceId,
}

/// Deadlines short enough to wait for.
pub fn quick() -> gateway::Config {
    gateway::Config {
        connect_ms: 1_000,
        first_byte_ms: 1_500,
        idle_ms: 1_500,
        total_ms: 10_000,
        heartbeat_ms: 5_000,
        // Most stories let a provider fail more often than a breaker would.
        breaker_failures: 0,
        ..gateway::Config::default()
    }
}

impl World {
    /// A world with these providers, first choice first.
    pub async fn new(providers: Vec<OpenProvider>) -> Self {
        Self::with(quick(), Book { providers, ..Book::default() }).await
    }

    pub async fn with(config: gateway::Config, book: Book) -> Self {
        Self::opened(config, book).await.expect("a gateway")
    }

    /// Errors: the folder for settlements cannot be used.
    pub fn opened(config: gateway::Config, book: Book) -> impl Future<Output = Result<Self, gateway::SpoolError>> {
        Self::guarded(config, book, GUARD.clone())
    }

    /// The same where other addresses may be called.
    pub async fn guarded(
        config: gateway::Config,
        book: Book,
        guard: egress::Guard,
    ) -> Result<Self, gateway::SpoolError> {
        let fakes = Fakes::new(book);
        let (tasks, clock) = (host::Tasks::new(), host::Clock::system());
        let ids = host::Ids::new(clock.clone());
        let deps = gateway::Deps {
            identity: Identity::local(fakes.clone(), tasks.tracker()),
            workspaces: Workspaces::local(fakes.clone(), tasks.tracker()),
            usage: Usage::local(fakes.clone(), tasks.tracker()),
            egress: egress::Client::new(guard, egress::Purpose::Provider),
            clock,
            ids: ids.clone(),
            tasks: tasks.clone(),
            simulator_enabled: true,
            redis_url: None,
            spool_dir: config.spool_dir.clone(),
        };
        let service = gateway::Gateway::new(config, deps).await?;
        let gateway = Gateway::local(service, tasks.tracker());
        let world = Self { gateway, fakes, workspace: WorkspaceId::from_uuid(ids.uuid()), ids, tasks };
        // The feeds are opened in the background; caches count from their first heartbeat on.
        tokio::time::sleep(Duration::from_millis(100)).await;
        Ok(world)
    }

    /// A call with an API key.
    pub fn call(&self) -> Call {
        Call {
            principal: Principal::Key { id: KeyId::from_uuid(Uuid::from_u128(7)) },
            workspace: Some(self.workspace),
            scopes: [
                Permission::Inference,
                Permission::ProvidersRead,
                Permission::ProvidersWrite,
                Permission::WorkspaceRead,
                Permission::LogsRead,
            ]
            .into_iter()
            .collect(),
            client: Some(IpAddr::from([203, 0, 113, 9])),
            ..Call::anonymous(RequestId::from_uuid(self.ids.uuid()))
        }
    }

    pub fn book(&self) -> MutexGuard<'_, Book> {
        self.fakes.book()
    }

    /// Waits until so many settlements have arrived, and gives them.
    pub async fn settled(&self, count: usize) -> Vec<proto::usage::SettleRequest> {
        eventually("settlements arrive", || self.book().settles.len() >= count).await;
        self.book().settles.clone()
    }

    /// Tells the gateway that something of the workspace changed.
    pub fn tell(&self, kind: &str, subject: &str) {
        self.fakes.tell(Event {
            position: 1,
            kind: kind.to_owned(),
            workspace_id: self.workspace.to_string(),
            subject: subject.to_owned(),
            ..Event::default()
        });
    }
}

/// Waits for at most five seconds.
pub async fn eventually(what: &str, holds: impl Fn() -> bool) {
    for _ in 0..500 {
        if holds() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("not within five seconds: {what}");
}

/// Settings of an OpenAI-compatible provider.
pub fn settings(name: &str, priority: i32, base_url: String) -> OpenProvider {
    OpenProvider {
        id: format!("prov_{name}"),
        provider: "openai".to_owned(),
        name: name.to_owned(),
        base_url,
        priority,
        weight: 1,
        api_key: SECRET.to_owned(),
        ..OpenProvider::default()
    }
}

/// A world with one provider that answers like this.
pub async fn one(script: Vec<crate::provider::Step>) -> (World, Provider) {
    let provider = Provider::start(script).await;
    (World::new(vec![settings("one", 0, provider.base_url())]).await, provider)
}

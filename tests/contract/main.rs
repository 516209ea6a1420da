//! What every service promises to its callers, held twice: with the services in this process behind `local` handles,
//! and behind `remote` handles to other processes over authenticated TCP. The same functions, the same expectations.

mod access;
mod billing;
mod directory;
mod engine;
mod feeds;
mod gateway;
mod identity;
mod local;
mod money;
mod roles;
mod sso;
mod teams;
mod usage;
mod webhooks;
mod workspace;

use futures::future::LocalBoxFuture;
use libtest_mimic::{Arguments, Failed, Trial};
use proto::{
    Call, Principal, Role, Scopes,
    billing::Billing,
    engine::AgentEngine,
    gateway::Gateway,
    id::{RequestId, SessionId, UserId, WorkspaceId},
    identity::{Identity, SignUpRequest, TokenPair},
    usage::Usage,
    workspace::{ResolveMemberRequest, Workspaces},
};
use std::{process::ExitCode, sync::Arc, time::Duration};
use tests::{
    Cluster,
    client::PASSWORD,
    cluster::{Options, Shape},
};
use tokio::{runtime::Runtime, sync::OnceCell};
use uuid::Uuid;

/// The handles of all services, wherever they run, as one role calls them.
#[derive(Clone)]
pub(crate) struct Handles {
    pub(crate) identity: Identity,
    pub(crate) workspaces: Workspaces,
    pub(crate) usage: Usage,
    pub(crate) billing: Billing,
    pub(crate) gateway: Gateway,
    pub(crate) engine: AgentEngine,
    /// Keeps what is behind the handles alive.
    _behind: Arc<Behind>,
}

/// What runs behind the handles.
pub(crate) enum Behind {
    /// Services in this process, in a directory of their own.
    Here { _dir: tempfile::TempDir },
    /// Other processes.
    Elsewhere { _cluster: Box<Cluster> },
}

/// Somebody who has signed up.
pub(crate) struct Somebody {
    pub(crate) user: UserId,
    pub(crate) workspace: WorkspaceId,
    pub(crate) tokens: TokenPair,
    pub(crate) email: String,
    /// What the edge would make of their access token.
    pub(crate) call: Call,
}

impl Handles {
    /// The same services as `role` calls them.
    pub(crate) fn called_by(&self, role: Role) -> Self {
        Self {
            identity: self.identity.called_by(role),
            workspaces: self.workspaces.called_by(role),
            usage: self.usage.called_by(role),
            billing: self.billing.called_by(role),
            gateway: self.gateway.called_by(role),
            engine: self.engine.called_by(role),
            _behind: self._behind.clone(),
        }
    }

    /// A new account.
    pub(crate) async fn somebody(&self) -> anyhow::Result<Somebody> {
        let email = format!("ada-{}@example.com", random().simple());
        let request = SignUpRequest {
            email: email.clone(),
            password: PASSWORD.to_owned(),
            name: "Ada".to_owned(),
            workspace_name: String::new(),
            ..SignUpRequest::default()
        };
        let answer = self.identity.sign_up(&anonymous(), request).await?;
        let user: UserId = answer.user.unwrap_or_default().id.parse()?;
        let workspace: WorkspaceId = answer.workspace.unwrap_or_default().workspace_id.parse()?;
        let tokens = answer.tokens.unwrap_or_default();
        let token =
            proto::identity::ResolveTokenRequest { access_token: tokens.access_token.clone(), ..Default::default() };
        let session: SessionId = self.identity.resolve_token(&anonymous(), token).await?.session_id.parse()?;
        let request = ResolveMemberRequest { workspace_id: workspace.to_string(), user_id: user.to_string() };
        let member = self.workspaces.resolve_member(&anonymous(), request).await?;
        let scopes = Scopes::parse(member.permissions.iter().map(String::as_str)).with(proto::Permission::Account);
        let call = Call {
            principal: Principal::User { id: user, session },
            workspace: Some(workspace),
            scopes,
            ..anonymous()
        };
        Ok(Somebody { user, workspace, tokens, email, call })
    }
}

/// A call without a credential.
pub(crate) fn anonymous() -> Call {
    Call::anonymous(RequestId::from_uuid(random()))
}

/// A new id, as the server would make it: the ledger reads the time from it.
pub(crate) fn random() -> Uuid {
    host::Ids::new(host::Clock::system()).uuid()
}

/// The reason of a refusal. Fails if it was none.
pub(crate) fn reason<T: std::fmt::Debug>(result: Result<T, tonic::Status>) -> anyhow::Result<proto::Reason> {
    match result {
        Ok(answer) => anyhow::bail!("was not refused: {answer:?}"),
        Err(status) => Ok(proto::Reason::of(&status)),
    }
}

/// A promise, checked through handles that the edge would hold.
pub(crate) type Check = (&'static str, fn(Handles) -> LocalBoxFuture<'static, anyhow::Result<()>>);

/// Lists the checks of a module.
macro_rules! checks {
    ($($name:ident),* $(,)?) => {
        /// The checks of this module.
        pub(crate) const ALL: &[crate::Check] = &[$((stringify!($name), |h| Box::pin(async move { $name(&h).await }))),*];
    };
}
pub(crate) use checks;

fn main() -> anyhow::Result<ExitCode> {
    let mut arguments = Arguments::from_args();
    arguments.test_threads = arguments.test_threads.or(Some(2));
    let runtime = Runtime::new()?;
    let here: Arc<OnceCell<Handles>> = Arc::default();
    let elsewhere: Arc<OnceCell<Handles>> = Arc::default();
    let mut trials = vec![];
    for (module, checks) in [
        ("access", access::ALL),
        ("billing", billing::ALL),
        ("directory", directory::ALL),
        ("engine", engine::ALL),
        ("feeds", feeds::ALL),
        ("gateway", gateway::ALL),
        ("identity", identity::ALL),
        ("money", money::ALL),
        ("roles", roles::ALL),
        ("sso", sso::ALL),
        ("usage", usage::ALL),
        ("teams", teams::ALL),
        ("webhooks", webhooks::ALL),
        ("workspace", workspace::ALL),
    ] {
        for (name, check) in checks {
            for (mode, handles) in [("local", here.clone()), ("remote", elsewhere.clone())] {
                let runtime = runtime.handle().clone();
                trials.push(Trial::test(format!("{mode}::{module}::{name}"), move || {
                    let run = async {
                        let handles = handles.get_or_try_init(async || open(mode).await).await?;
                        tokio::time::timeout(Duration::from_secs(60), check(handles.called_by(Role::Edge))).await?
                    };
                    runtime.block_on(run).map_err(|e: anyhow::Error| Failed::from(format!("{e:?}")))
                }));
            }
        }
    }
    let conclusion = libtest_mimic::run(&arguments, trials);
    runtime.block_on(async { drop((here, elsewhere)) });
    Ok(conclusion.exit_code())
}

async fn open(mode: &str) -> anyhow::Result<Handles> {
    if mode == "local" { local::handles().await } else { remote().await }
}

async fn remote() -> anyhow::Result<Handles> {
    let name = |key: &str, value: &str| (format!("PERPETUO__BILLING__{key}"), value.to_owned());
    let env = vec![name("ISSUER__NAME", "Perpetuo Ltda"), name("PAYMENT_INSTRUCTIONS__EN", "Bank 1, account 2")];
    let cluster = Cluster::start(Shape::Many, &Options { env, ..Options::default() }).await?;
    let keys = host::peer::Keys::load(&cluster.dir().join("keys/peers"), Role::ALL)?;
    let addresses = Role::ALL.iter().map(|&role| (role, vec![cluster.grpc(role)]));
    let channels = host::peer::Channels::open(addresses, keys.signer(host::Clock::system()))?;
    Ok(Handles {
        identity: Identity::remote(channels.peer(Role::Identity)?),
        workspaces: Workspaces::remote(channels.peer(Role::Workspace)?),
        usage: Usage::remote(channels.peer(Role::UsageMetering)?),
        billing: Billing::remote(channels.peer(Role::Billing)?),
        gateway: Gateway::remote(channels.peer(Role::Gateway)?),
        engine: AgentEngine::remote(channels.peer(Role::AgentEngine)?),
        _behind: Arc::new(Behind::Elsewhere { _cluster: Box::new(cluster) }),
    })
}

//! A workspace service on a fresh database, and the people who use it.

use crate::post::Post;
use chrono::DateTime;
use host::{Clock, ClockHand, Ids, Tasks};
use proto::{
    Call, Failure, Permission, Principal, Role, Scopes,
    id::{RequestId, SessionId, UserId, WorkspaceId},
    workspace::{CreateProviderRequest, Provider, ProvisionWorkspaceRequest, Workspaces},
};
use store::{
    Db,
    seal::MasterKey,
    testing::{self, Fresh},
};
use tonic::Status;
use workspace::{Config, Deps, SCHEMA, Workspace};

pub struct House {
    pub service: Workspace,
    pub workspaces: Workspaces,
    pub db: Db,
    pub hand: ClockHand,
    pub ids: Ids,
    pub tasks: Tasks,
    pub master: MasterKey,
    /// Where letters go.
    pub post: Post,
    clock: Clock,
    /// Where the database is; it is deleted at the end.
    pub fresh: Fresh,
}

/// A person with a workspace of their own.
#[derive(Clone, Copy, Debug)]
pub struct Person {
    pub user: UserId,
    pub workspace: WorkspaceId,
}

pub(crate) use store::on_both_databases;

impl House {
    pub async fn on_sqlite() -> Self {
        Self::open(testing::sqlite(&SCHEMA).await)
    }

    pub async fn on_postgres() -> Option<Self> {
        testing::postgres(&SCHEMA).await.map(Self::open)
    }

    fn open(fresh: Fresh) -> Self {
        let (clock, hand) = Clock::manual(DateTime::from_timestamp(1_800_000_000, 0).expect("a time"));
        let (ids, tasks, master) = (Ids::new(clock.clone()), Tasks::new(), MasterKey::generate());
        let (db, post) = (fresh.db.clone(), Post::new());
        let deps = Deps {
            db: db.clone(),
            clock: clock.clone(),
            ids: ids.clone(),
            tasks: tasks.clone(),
            master: master.clone(),
            guard: guard(),
            letters: Some(post.letters()),
        };
        let service = Workspace::new(Config::default(), deps);
        let workspaces = Workspaces::local(service.clone(), tasks.tracker());
        Self { service, workspaces, db, hand, ids, tasks, master, post, clock, fresh }
    }

    /// The service as another process on the same database runs it, under this master key.
    pub fn again(&self, master: MasterKey, config: Config) -> (Workspace, Workspaces) {
        self.beside(master, config, guard())
    }

    /// The same with a guard of its own, which goes on when the first process stops.
    pub fn beside(&self, master: MasterKey, config: Config, guard: egress::Guard) -> (Workspace, Workspaces) {
        let tasks = Tasks::new();
        let deps = Deps {
            db: self.db.clone(),
            clock: self.clock.clone(),
            ids: self.ids.clone(),
            tasks: tasks.clone(),
            master,
            guard,
            letters: None,
        };
        let service = Workspace::new(config, deps);
        (service.clone(), Workspaces::local(service, tasks.tracker()))
    }

    /// Somebody who has just signed up.
    pub async fn person(&self, name: &str) -> Person {
        let person =
            Person { user: UserId::from_uuid(self.ids.uuid()), workspace: WorkspaceId::from_uuid(self.ids.uuid()) };
        self.provision(self.provisioning(person, name)).await.expect("a new workspace");
        person
    }

    pub fn provisioning(&self, person: Person, name: &str) -> ProvisionWorkspaceRequest {
        ProvisionWorkspaceRequest {
            workspace_id: person.workspace.to_string(),
            owner_user_id: person.user.to_string(),
            owner_email: format!("{}@example.com", name.to_lowercase()),
            owner_name: name.to_owned(),
            ..ProvisionWorkspaceRequest::default()
        }
    }

    pub async fn provision(&self, request: ProvisionWorkspaceRequest) -> Result<(), Status> {
        let call = Call::service(Role::Identity, RequestId::from_uuid(self.ids.uuid()));
        self.workspaces.called_by(Role::Identity).provision_workspace(&call, request).await.map(drop)
    }

    /// A call of this person in their workspace, with every permission.
    pub fn call(&self, person: Person) -> Call {
        Call {
            principal: Principal::User { id: person.user, session: SessionId::from_uuid(self.ids.uuid()) },
            workspace: Some(person.workspace),
            scopes: Permission::ALL.iter().copied().collect(),
            ..self.nobody()
        }
    }

    /// A call that may do only this.
    pub fn only(&self, person: Person, permission: Permission) -> Call {
        Call { scopes: Scopes::NONE.with(permission), ..self.call(person) }
    }

    pub fn nobody(&self) -> Call {
        Call::anonymous(RequestId::from_uuid(self.ids.uuid()))
    }

    pub fn now(&self) -> DateTime<chrono::Utc> {
        self.clock.now()
    }

    /// A call of a role for itself.
    pub fn service_call(&self, role: Role) -> Call {
        Call::service(role, RequestId::from_uuid(self.ids.uuid()))
    }

    pub async fn add_provider(&self, person: Person, request: CreateProviderRequest) -> Result<Provider, Status> {
        let response = self.workspaces.create_provider(&self.call(person), request).await?;
        Ok(response.provider.expect("an answer holds the provider"))
    }
}

/// An OpenAI-compatible provider of this name.
pub fn openai(name: &str) -> CreateProviderRequest {
    CreateProviderRequest { provider: "openai".into(), name: name.into(), ..CreateProviderRequest::default() }
}

/// The failure of a call that must not succeed.
pub fn refused<T: std::fmt::Debug>(result: Result<T, Status>) -> Failure {
    Failure::from(&result.expect_err("this must be refused"))
}

fn guard() -> egress::Guard {
    egress::Guard::new(&egress::Config::default(), true, vec![5432])
}

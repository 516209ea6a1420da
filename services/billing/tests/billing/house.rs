//! A billing service and a workspace service, each on a fresh database.

use billing::{Billing, Config, Deps, SCHEMA};
use chrono::{DateTime, Utc};
use host::{Clock, ClockHand, Ids, Tasks};
use proto::{
    Call, Failure, Permission, PlatformRole, Principal, Role,
    billing::{self as api, Billing as Handle},
    id::{RequestId, SessionId, UserId, WorkspaceId},
    usage::Usage,
    workspace::{ProvisionWorkspaceRequest, Workspaces},
};
use std::time::Duration;
use store::{
    seal::MasterKey,
    testing::{self, Fresh},
};

pub struct House {
    pub service: Billing,
    pub billing: Handle,
    pub hand: ClockHand,
    clock: Clock,
    ids: Ids,
    workspaces: Workspaces,
    _tasks: Tasks,
    _fresh: [Fresh; 3],
}

pub(crate) use store::on_both_databases;

impl House {
    pub async fn on_sqlite() -> Self {
        Self::open([
            testing::sqlite(&SCHEMA).await,
            testing::sqlite(&workspace::SCHEMA).await,
            testing::sqlite(&usage_metering::SCHEMA).await,
        ])
        .await
    }

    pub async fn on_postgres() -> Option<Self> {
        let own = testing::postgres(&SCHEMA).await?;
        let beside = [testing::postgres(&workspace::SCHEMA).await?, testing::postgres(&usage_metering::SCHEMA).await?];
        let [of_workspace, of_usage] = beside;
        Some(Self::open([own, of_workspace, of_usage]).await)
    }

    async fn open(fresh: [Fresh; 3]) -> Self {
        let start: DateTime<Utc> = "2027-01-31T15:00:00Z".parse().expect("a time");
        let (clock, hand) = Clock::manual(start);
        let (ids, tasks) = (Ids::new(clock.clone()), Tasks::new());
        let [own, of_workspace, of_usage] = &fresh;
        let beside = workspace::Workspace::new(
            workspace::Config::default(),
            workspace::Deps {
                db: of_workspace.db.clone(),
                clock: clock.clone(),
                ids: ids.clone(),
                tasks: tasks.clone(),
                master: MasterKey::generate(),
                guard: egress::Guard::new(&egress::Config::default(), true, vec![]),
                letters: None,
            },
        );
        let workspaces = Workspaces::local(beside.clone(), tasks.tracker());
        let ledger = usage_metering::Usage::new(
            usage_metering::Config::default(),
            usage_metering::Deps {
                db: of_usage.db.clone(),
                data_dir: None,
                redis_url: None,
                clock: clock.clone(),
                ids: ids.clone(),
                master: MasterKey::generate(),
                guard: egress::Guard::new(&egress::Config::default(), true, vec![]),
                peers: None,
                letters: None,
                tasks: tasks.clone(),
            },
        );
        let ledger = ledger.await.expect("a ledger");
        let deps = Deps {
            db: own.db.clone(),
            workspaces: workspaces.called_by(Role::Billing),
            usage: Usage::local(ledger.clone(), tasks.tracker()).called_by(Role::Billing),
            clock: clock.clone(),
            ids: ids.clone(),
            tasks: tasks.clone(),
        };
        let service = Billing::new(Config::default(), deps).expect("the shipped plans");
        let billing = Handle::local(service.clone(), tasks.tracker()).called_by(Role::Edge);
        ledger.follow(billing.called_by(Role::UsageMetering), &tasks);
        beside.follow_billing(billing.called_by(Role::Workspace), &tasks);
        let house = Self { service, billing, hand, clock, ids, workspaces, _tasks: tasks, _fresh: fresh };
        house.until(async || house.service.check().await.is_ok()).await;
        house
    }

    /// Waits until something holds, for ten seconds at most.
    pub async fn until(&self, holds: impl AsyncFn() -> bool) {
        for _ in 0..500 {
            if holds().await {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("it does not come about");
    }

    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// Moves the clock there, and has what is due written down.
    pub async fn at(&self, when: DateTime<Utc>) {
        self.hand.advance(when - self.now());
        self.service.advance().await.expect("a round");
    }

    /// A new workspace in Brazil, and a call of its owner.
    pub async fn workspace(&self) -> Call {
        let (id, user) = (WorkspaceId::from_uuid(self.ids.uuid()), UserId::from_uuid(self.ids.uuid()));
        let request = ProvisionWorkspaceRequest {
            workspace_id: id.to_string(),
            owner_user_id: user.to_string(),
            owner_email: "ana@example.com".to_owned(),
            owner_name: "Ana".to_owned(),
            locale: "pt-BR".to_owned(),
            ..ProvisionWorkspaceRequest::default()
        };
        let call = Call::service(Role::Identity, RequestId::from_uuid(self.ids.uuid()));
        self.workspaces.called_by(Role::Identity).provision_workspace(&call, request).await.expect("a workspace");
        Call {
            principal: Principal::User { id: user, session: SessionId::from_uuid(self.ids.uuid()) },
            workspace: Some(id),
            scopes: Permission::ALL.iter().copied().filter(|permission| permission.is_of_workspaces()).collect(),
            ..Call::anonymous(RequestId::from_uuid(self.ids.uuid()))
        }
    }

    /// A call of an operator.
    pub fn operator(&self, like: &Call) -> Call {
        Call { workspace: None, scopes: PlatformRole::Admin.scopes(), ..like.clone() }
    }

    /// Puts the workspace of a call on a plan.
    pub async fn set(&self, call: &Call, plan: &str, trial_days: Option<i32>) -> api::Subscription {
        let request = api::SetSubscriptionRequest {
            workspace_id: call.workspace.expect("a workspace").to_string(),
            plan: plan.to_owned(),
            trial_days,
            ..api::SetSubscriptionRequest::default()
        };
        let answer = self.billing.set_subscription(&self.operator(call), request).await.expect("it is set");
        answer.subscription.expect("a subscription")
    }

    pub async fn get(&self, call: &Call) -> api::Subscription {
        let answer = self.billing.get_subscription(call, api::GetSubscriptionRequest {}).await.expect("an answer");
        answer.subscription.expect("a subscription")
    }

    pub async fn change(&self, call: &Call, plan: &str) -> Result<api::Subscription, Failure> {
        let request = api::ChangePlanRequest { plan: plan.to_owned(), ..api::ChangePlanRequest::default() };
        let answer = self.billing.change_plan(call, request).await.map_err(|status| Failure::from(&status))?;
        Ok(answer.subscription.expect("a subscription"))
    }

    /// What the workspace service knows of the plan.
    pub async fn plan_of(&self, call: &Call) -> String {
        let request = proto::workspace::GetWorkspaceRequest {};
        let found = self.workspaces.called_by(Role::Edge).get_workspace(call, request).await.expect("a workspace");
        found.workspace.expect("a workspace").plan
    }
}

/// A time of an answer.
pub fn time(at: Option<prost_types::Timestamp>) -> DateTime<Utc> {
    at.and_then(proto::time::from_proto).expect("a time")
}

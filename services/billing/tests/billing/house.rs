//! A billing service and a workspace service, each on a fresh database.

use crate::{bank::Bank, post::Post};
use billing::{Billing, Config, Deps, Issuer, SCHEMA, payment::Provider};
use chrono::{DateTime, Utc};
use host::{Clock, ClockHand, Ids, Tasks};
use proto::{
    Call, Failure, Permission, PlatformRole, Principal, Role,
    billing::{self as api, Billing as Handle},
    id::{RequestId, SessionId, UserId, WorkspaceId},
    usage::{AdmitRequest, CredentialOwner, Outcome, SettleRequest, Subject, SumPlatformUsageRequest, Tokens, Usage},
    workspace::{ProvisionWorkspaceRequest, Workspaces},
};
use std::{sync::Arc, time::Duration};
use store::{
    Db,
    seal::MasterKey,
    testing::{self, Fresh},
};

pub struct House {
    pub service: Billing,
    pub billing: Handle,
    pub hand: ClockHand,
    pub database: Db,
    /// A provider of payments that takes PIX.
    pub bank: Arc<Bank>,
    /// Where its letters arrive.
    pub post: Post,
    pub clock: Clock,
    pub ids: Ids,
    pub workspaces: Workspaces,
    /// What answers them.
    pub beside: workspace::Workspace,
    pub usage: Usage,
    tasks: Tasks,
    _fresh: [Fresh; 3],
}

pub(crate) use store::on_both_databases;

impl House {
    pub async fn on_sqlite() -> Self {
        Self::open(Self::sqlite().await).await
    }

    pub async fn on_postgres() -> Option<Self> {
        Some(Self::open(Self::postgres().await?).await)
    }

    async fn open(fresh: [Fresh; 3]) -> Self {
        Self::open_with(fresh, async |_| None).await
    }

    /// Where usage is counted with these exchange rates.
    pub async fn with_rates(fresh: [Fresh; 3], prices_file: String) -> Self {
        let metering = usage_metering::Config { prices_file, ..usage_metering::Config::default() };
        Self::furnished(fresh, metering, async |_| None).await
    }

    /// Three databases of PostgreSQL, if there is one.
    pub async fn postgres() -> Option<[Fresh; 3]> {
        let own = testing::postgres(&SCHEMA).await?;
        Some([own, testing::postgres(&workspace::SCHEMA).await?, testing::postgres(&usage_metering::SCHEMA).await?])
    }

    /// The same of SQLite.
    pub async fn sqlite() -> [Fresh; 3] {
        let own = testing::sqlite(&SCHEMA).await;
        [own, testing::sqlite(&workspace::SCHEMA).await, testing::sqlite(&usage_metering::SCHEMA).await]
    }

    /// With other providers of payments than the bank.
    pub async fn open_with(
        fresh: [Fresh; 3],
        providers: impl AsyncFnOnce(&Clock) -> Option<Vec<Arc<dyn Provider>>>,
    ) -> Self {
        Self::furnished(fresh, usage_metering::Config::default(), providers).await
    }

    async fn furnished(
        fresh: [Fresh; 3],
        metering: usage_metering::Config,
        providers: impl AsyncFnOnce(&Clock) -> Option<Vec<Arc<dyn Provider>>>,
    ) -> Self {
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
            metering,
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
        let database = own.db.clone();
        let usage = Usage::local(ledger.clone(), tasks.tracker()).called_by(Role::Gateway);
        let (bank, post) = (Arc::new(Bank::default()), Post::new());
        let providers = providers(&clock).await.unwrap_or_else(|| vec![bank.clone()]);
        let deps = Deps {
            db: own.db.clone(),
            workspaces: workspaces.called_by(Role::Billing),
            usage: usage.called_by(Role::Billing),
            providers,
            letters: Some(post.mailer()),
            clock: clock.clone(),
            ids: ids.clone(),
            tasks: tasks.clone(),
        };
        let service = Billing::new(config(), deps).expect("the shipped plans");
        let billing = Handle::local(service.clone(), tasks.tracker()).called_by(Role::Edge);
        ledger.follow(billing.called_by(Role::UsageMetering), &tasks);
        ledger.follow_workspaces(workspaces.called_by(Role::UsageMetering), &tasks);
        beside.follow_billing(billing.called_by(Role::Workspace), &tasks);
        service.follow(&tasks);
        let house = Self {
            service,
            billing,
            hand,
            database,
            bank,
            post,
            clock,
            ids,
            workspaces,
            beside,
            usage,
            tasks,
            _fresh: fresh,
        };
        house.until(async || house.service.check().await.is_ok()).await;
        house
    }

    /// The same service beside it, as one that takes no payments and names no account to pay to.
    pub fn without_payments(&self) -> Handle {
        let config = Config { payment_instructions: Default::default(), ..config() };
        let deps = Deps {
            db: self.database.clone(),
            workspaces: self.workspaces.called_by(Role::Billing),
            usage: self.usage.called_by(Role::Billing),
            providers: vec![],
            letters: None,
            clock: self.clock.clone(),
            ids: self.ids.clone(),
            tasks: self.tasks.clone(),
        };
        let service = Billing::new(config, deps).expect("the shipped plans");
        Handle::local(service, self.tasks.tracker()).called_by(Role::Edge)
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
        self.workspace_in("pt-BR").await
    }

    /// The same, of people who read this language.
    pub async fn workspace_in(&self, locale: &str) -> Call {
        let (id, user) = (WorkspaceId::from_uuid(self.ids.uuid()), UserId::from_uuid(self.ids.uuid()));
        let request = ProvisionWorkspaceRequest {
            workspace_id: id.to_string(),
            owner_user_id: user.to_string(),
            owner_email: "ana@example.com".to_owned(),
            owner_name: "Ana".to_owned(),
            locale: locale.to_owned(),
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

    /// A call of the edge for somebody whom it does not know.
    pub fn anonymous(&self) -> Call {
        Call::anonymous(RequestId::from_uuid(self.ids.uuid()))
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

    /// The same, with an invoice for each period.
    pub async fn invoiced(&self, call: &Call, plan: &str) -> api::Subscription {
        let request = api::SetSubscriptionRequest {
            workspace_id: call.workspace.expect("a workspace").to_string(),
            plan: plan.to_owned(),
            collection_method: "send_invoice".to_owned(),
            ..api::SetSubscriptionRequest::default()
        };
        let answer = self.billing.set_subscription(&self.operator(call), request).await.expect("it is set");
        self.at(self.now()).await;
        answer.subscription.expect("a subscription")
    }

    /// A model was called, with so many tokens of input.
    pub async fn used(&self, call: &Call, owner: CredentialOwner, tokens: i64) {
        self.used_on(call, "", owner, tokens).await.expect("it is admitted");
    }

    /// The same on a plan that may refuse it.
    pub async fn used_on(&self, call: &Call, plan: &str, owner: CredentialOwner, tokens: i64) -> Result<(), Failure> {
        let request = RequestId::from_uuid(self.ids.uuid());
        let workspace_id = call.workspace.expect("a workspace").to_string();
        let now = Some(proto::time::to_proto(self.now()));
        let admit = AdmitRequest {
            subject: Some(Subject {
                request_id: request.to_string(),
                workspace_id: workspace_id.clone(),
                operation: "chat.completions".to_owned(),
                requested_model: "openai/gpt-4o-mini".to_owned(),
                created_at: now,
                ..Subject::default()
            }),
            attempt: 1,
            instance_id: self.ids.uuid().to_string(),
            provider: "openai".to_owned(),
            provider_kind: "openai".to_owned(),
            model: "gpt-4o-mini".to_owned(),
            estimated_tokens: tokens,
            estimated_input_tokens: tokens,
            expires_at: Some(proto::time::to_proto(self.now() + chrono::TimeDelta::seconds(60))),
            credential_owner: owner.into(),
            currency: "USD".to_owned(),
            plan: plan.to_owned(),
            ..AdmitRequest::default()
        };
        let gateway = Call { workspace: call.workspace, ..Call::service(Role::Gateway, request) };
        let admitted = self.usage.admit(&gateway, admit).await.map_err(|status| Failure::from(&status))?;
        let grant_id = admitted.grant_id;
        let settle = SettleRequest {
            workspace_id,
            grant_id,
            outcome: Outcome::Completed.into(),
            tokens: Some(Tokens { input: tokens, ..Tokens::default() }),
            provider_status: 200,
            ..SettleRequest::default()
        };
        self.usage.settle(&gateway, settle).await.expect("it is settled");
        Ok(())
    }

    /// What usage-metering says that is to be charged, until a time.
    pub async fn charged(&self, call: &Call, to: DateTime<Utc>) -> Vec<(String, i64)> {
        let request = SumPlatformUsageRequest {
            from: Some(proto::time::to_proto(DateTime::UNIX_EPOCH)),
            to: Some(proto::time::to_proto(to)),
            currency: "USD".to_owned(),
        };
        let billing =
            Call { workspace: call.workspace, ..Call::service(Role::Billing, RequestId::from_uuid(self.ids.uuid())) };
        let found = self.usage.called_by(Role::Billing).sum_platform_usage(&billing, request).await.expect("sums");
        found.costs.into_iter().map(|cost| (cost.currency, cost.cost_nanos)).collect()
    }

    /// Usage-metering as the edge calls it.
    pub fn metering(&self) -> Usage {
        self.usage.called_by(Role::Edge)
    }

    /// Invoices, oldest first.
    pub async fn invoices(&self, call: &Call) -> Vec<api::Invoice> {
        let request = api::ListInvoicesRequest { page_size: 100, ..api::ListInvoicesRequest::default() };
        let mut found = self.billing.list_invoices(call, request).await.expect("a list").invoices;
        found.reverse();
        found
    }

    /// An operator writes down that something was paid.
    pub async fn pay(&self, call: &Call, invoice: &str, amount: i64, reference: &str) -> Result<api::Invoice, Failure> {
        let request = api::RecordPaymentRequest {
            invoice_id: invoice.to_owned(),
            amount,
            reference: reference.to_owned(),
            ..api::RecordPaymentRequest::default()
        };
        let answer = self.billing.record_payment(&self.operator(call), request).await;
        Ok(answer.map_err(|status| Failure::from(&status))?.invoice.expect("an invoice"))
    }

    /// What is left of credits in reais.
    pub async fn credits(&self, call: &Call) -> i64 {
        let found = self.billing.get_credits(call, api::GetCreditsRequest {}).await.expect("credits");
        found.balances.iter().find(|balance| balance.currency == "BRL").map_or(0, |balance| balance.amount)
    }

    /// Everything that has happened to the money of a workspace, to be read by whoever looks for a fault.
    pub async fn told(&self, call: &Call) -> String {
        let workspace_id = call.workspace.expect("a workspace").to_string();
        let request = api::GetBooksRequest { workspace_id, page_size: 200, ..api::GetBooksRequest::default() };
        let mut books = self.billing.get_books(&self.operator(call), request).await.expect("books");
        books.transactions.reverse();
        let one = |one: &api::LedgerTransaction| {
            let transfers = one.transfers.iter().map(|t| format!("  {} <- {} {}", t.debit, t.credit, t.amount));
            let lines: Vec<_> = transfers.collect();
            format!("{} {} {}\n{}", one.kind, one.source, one.invoice_id, lines.join("\n"))
        };
        books.transactions.iter().map(one).collect::<Vec<_>>().join("\n")
    }

    /// What each account stands at. In each currency they sum to zero.
    pub async fn books(&self, call: &Call) -> std::collections::BTreeMap<String, i64> {
        let workspace_id = call.workspace.expect("a workspace").to_string();
        let request = api::GetBooksRequest { workspace_id, ..api::GetBooksRequest::default() };
        let books = self.billing.get_books(&self.operator(call), request).await.expect("books");
        assert_eq!(books.balances.iter().map(|account| account.balance).sum::<i64>(), 0, "{books:?}");
        let mut by_kind = std::collections::BTreeMap::new();
        for account in books.balances {
            // One account for each grant of credits is more than a test wants to name.
            let kind = account.account.split(":crgr_").next().unwrap_or_default().to_owned();
            *by_kind.entry(kind).or_default() += account.balance;
        }
        by_kind.retain(|_, balance| *balance != 0);
        by_kind
    }

    pub async fn get(&self, call: &Call) -> api::Subscription {
        let answer = self.billing.get_subscription(call, api::GetSubscriptionRequest {}).await.expect("an answer");
        answer.subscription.expect("a subscription")
    }

    pub async fn change(&self, call: &Call, plan: &str) -> Result<api::Subscription, Failure> {
        self.wish(call, api::ChangePlanRequest { plan: plan.to_owned(), ..api::ChangePlanRequest::default() }).await
    }

    /// The same with everything that can be wished for.
    pub async fn wish(&self, call: &Call, request: api::ChangePlanRequest) -> Result<api::Subscription, Failure> {
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

pub fn config() -> Config {
    let issuer = Issuer { name: "Perpetuo Ltda".to_owned(), number_prefix: "PP-".to_owned(), ..Issuer::default() };
    let payment_instructions = [("en".to_owned(), "Bank 1, account 2".to_owned())].into();
    Config { issuer, payment_instructions, ..Config::default() }
}

/// A time of an answer.
pub fn time(at: Option<prost_types::Timestamp>) -> DateTime<Utc> {
    at.and_then(proto::time::from_proto).expect("a time")
}

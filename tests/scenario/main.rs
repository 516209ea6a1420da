//! What people do with Perpetuo, told once and run twice: on one process with SQLite and memory, and on a process per
//! role with PostgreSQL and Redis.

mod accounts;
mod audit;
mod backups;
mod bad_input;
mod budgets;
mod chat;
mod closed;
mod conformance;
mod counters;
mod deletion;
mod direct_grpc;
mod enumeration;
mod erasure;
mod executions;
mod exports;
mod guardrails;
mod impersonation;
mod input;
mod keys;
mod ledger;
mod limits;
mod mail;
mod members;
mod mfa;
mod money;
mod moving;
mod operations;
mod operators;
mod outages;
mod overload;
mod own_account;
mod passkeys;
mod payments;
mod peers;
mod plans;
mod platform;
mod pooler;
mod provider_faults;
mod providers;
mod quotas;
mod read_only;
mod readme;
mod revocation;
mod roles;
mod rotations;
mod routing;
mod scim;
mod shutdown;
mod sign_in;
mod sign_ups;
mod signing_keys;
mod silence;
mod sso;
mod start;
mod stored;
mod streams;
mod teams;
mod telemetry;
mod tenancy;
mod usage;
mod webhooks;
mod whole_workspace;
mod workspaces;

use futures::future::LocalBoxFuture;
use libtest_mimic::{Arguments, Failed, Trial};
use std::{process::ExitCode, sync::Arc, time::Duration};
use tests::{Cluster, cluster::Shape};
use tokio::runtime::{Handle, Runtime};

/// No scenario takes longer than this.
const LIMIT: Duration = Duration::from_secs(180);

/// One scenario.
pub struct Scenario {
    name: &'static str,
    run: Run,
}

/// What a scenario needs.
enum Run {
    /// The cluster that all gentle scenarios share.
    Shared(fn(Arc<Cluster>) -> LocalBoxFuture<'static, anyhow::Result<()>>),
    /// A cluster of its own, in either shape: it breaks or reconfigures things.
    Own(fn(Shape) -> LocalBoxFuture<'static, anyhow::Result<()>>),
    /// Makes sense once only.
    Once(fn() -> LocalBoxFuture<'static, anyhow::Result<()>>),
}

/// Lists scenarios of a module by function: `shared: a, b; own: c; once: d`.
macro_rules! scenarios {
    ($(shared: $($shared:ident),* $(,)?;)? $(own: $($own:ident),* $(,)?;)? $(once: $($once:ident),* $(,)?;)?) => {
        /// The scenarios of this module.
        pub fn all() -> Vec<crate::Scenario> {
            vec![
                $($(crate::Scenario { name: stringify!($shared), run: crate::Run::Shared(|c| Box::pin(async move { $shared(&c).await })) },)*)?
                $($(crate::Scenario { name: stringify!($own), run: crate::Run::Own(|s| Box::pin($own(s))) },)*)?
                $($(crate::Scenario { name: stringify!($once), run: crate::Run::Once(|| Box::pin($once())) },)*)?
            ]
        }
    };
}
pub(crate) use scenarios;

fn main() -> anyhow::Result<ExitCode> {
    let mut arguments = Arguments::from_args();
    // Two cores: more at once only makes each slower.
    arguments.test_threads = arguments.test_threads.or(Some(4));
    let runtime = Runtime::new()?;
    let modules = [
        ("accounts", accounts::all()),
        ("audit", audit::all()),
        ("backups", backups::all()),
        ("bad_input", bad_input::all()),
        ("budgets", budgets::all()),
        ("chat", chat::all()),
        ("closed", closed::all()),
        ("conformance", conformance::all()),
        ("counters", counters::all()),
        ("deletion", deletion::all()),
        ("direct_grpc", direct_grpc::all()),
        ("enumeration", enumeration::all()),
        ("erasure", erasure::all()),
        ("executions", executions::all()),
        ("keys", keys::all()),
        ("exports", exports::all()),
        ("guardrails", guardrails::all()),
        ("impersonation", impersonation::all()),
        ("input", input::all()),
        ("ledger", ledger::all()),
        ("limits", limits::all()),
        ("operations", operations::all()),
        ("mail", mail::all()),
        ("members", members::all()),
        ("mfa", mfa::all()),
        ("money", money::all()),
        ("moving", moving::all()),
        ("operators", operators::all()),
        ("outages", outages::all()),
        ("overload", overload::all()),
        ("payments", payments::all()),
        ("passkeys", passkeys::all()),
        ("peers", peers::all()),
        ("plans", plans::all()),
        ("platform", platform::all()),
        ("pooler", pooler::all()),
        ("providers", providers::all()),
        ("provider_faults", provider_faults::all()),
        ("quotas", quotas::all()),
        ("own_account", own_account::all()),
        ("read_only", read_only::all()),
        ("readme", readme::all()),
        ("revocation", revocation::all()),
        ("roles", roles::all()),
        ("rotations", rotations::all()),
        ("routing", routing::all()),
        ("scim", scim::all()),
        ("shutdown", shutdown::all()),
        ("sso", sso::all()),
        ("sign_in", sign_in::all()),
        ("signing_keys", signing_keys::all()),
        ("sign_ups", sign_ups::all()),
        ("silence", silence::all()),
        ("start", start::all()),
        ("stored", stored::all()),
        ("streams", streams::all()),
        ("teams", teams::all()),
        ("telemetry", telemetry::all()),
        ("tenancy", tenancy::all()),
        ("usage", usage::all()),
        ("webhooks", webhooks::all()),
        ("whole_workspace", whole_workspace::all()),
        ("workspaces", workspaces::all()),
    ];
    // Shared clusters start when the first scenario needs them, and stop when the last handle is dropped.
    let one = Lazy::new(Shape::One);
    let many = Lazy::new(Shape::Many);
    let mut trials = vec![];
    for (module, scenarios) in modules {
        for scenario in scenarios {
            let handle = runtime.handle().clone();
            match scenario.run {
                Run::Shared(run) => {
                    for (shape, cluster) in [("one", one.clone()), ("many", many.clone())] {
                        let handle = handle.clone();
                        trials.push(trial(shape, module, scenario.name, handle, async move || {
                            run(cluster.get().await?).await
                        }));
                    }
                }
                Run::Own(run) => {
                    for (shape, kind) in [("one", Shape::One), ("many", Shape::Many)] {
                        trials.push(trial(shape, module, scenario.name, handle.clone(), async move || run(kind).await));
                    }
                }
                Run::Once(run) => trials.push(trial("once", module, scenario.name, handle, async move || run().await)),
            }
        }
    }
    let conclusion = libtest_mimic::run(&arguments, trials);
    drop((one, many));
    Ok(conclusion.exit_code())
}

fn trial<F: Future<Output = anyhow::Result<()>>>(
    shape: &str,
    module: &str,
    name: &str,
    handle: Handle,
    run: impl FnOnce() -> F + Send + 'static,
) -> Trial {
    Trial::test(format!("{shape}::{module}::{name}"), move || {
        handle.block_on(async move {
            match tokio::time::timeout(LIMIT, run()).await {
                Ok(result) => result.map_err(|e| Failed::from(format!("{e:?}"))),
                Err(_) => Err(Failed::from(format!("took longer than {LIMIT:?}"))),
            }
        })
    })
}

/// A cluster that starts when it is first needed.
#[derive(Clone)]
struct Lazy {
    shape: Shape,
    cluster: Arc<tokio::sync::OnceCell<Arc<Cluster>>>,
}

impl Lazy {
    fn new(shape: Shape) -> Self {
        Self { shape, cluster: Arc::default() }
    }

    async fn get(&self) -> anyhow::Result<Arc<Cluster>> {
        let shape = self.shape;
        let start = async || Ok(Arc::new(Cluster::start(shape, &tests::cluster::Options::default()).await?));
        self.cluster.get_or_try_init(start).await.cloned()
    }
}

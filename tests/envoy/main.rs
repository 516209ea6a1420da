//! A real Envoy with the configuration that `perpetuo envoy-config` writes: what it accepts, and what it does in front of a
//! running Perpetuo.

mod combinations;
mod edges;
mod front;
mod grpc;
mod hooks;
mod pki;
mod refused;
mod replaced;
mod rolling;
mod traffic;
mod watched;
mod web;

use front::Shared;
use futures::future::LocalBoxFuture;
use libtest_mimic::{Arguments, Failed, Trial};
use std::{process::ExitCode, sync::Arc, time::Duration};
use tokio::runtime::{Handle, Runtime};

/// No test takes longer than this, but where its streams are made longer (`rolling.rs`).
const LIMIT: Duration = Duration::from_secs(300);

/// One test, and what it needs.
pub enum Run {
    /// The Perpetuo and the Envoy that all gentle tests share.
    Shared(fn(Arc<front::World>) -> LocalBoxFuture<'static, anyhow::Result<()>>),
    /// Its own, because it breaks or reconfigures things.
    Own(fn() -> LocalBoxFuture<'static, anyhow::Result<()>>),
}

/// Lists the tests of a module by function: `shared: a, b; own: c`.
macro_rules! cases {
    ($(shared: $($shared:ident),* $(,)?;)? $(own: $($own:ident),* $(,)?;)?) => {
        /// The tests of this module.
        pub fn all() -> Vec<(&'static str, crate::Run)> {
            vec![
                $($((stringify!($shared), crate::Run::Shared(|w| Box::pin(async move { $shared(&w).await }))),)*)?
                $($((stringify!($own), crate::Run::Own(|| Box::pin($own()))),)*)?
            ]
        }
    };
}
pub(crate) use cases;

fn main() -> anyhow::Result<ExitCode> {
    let mut arguments = Arguments::from_args();
    // Two cores, and several programs for each test.
    arguments.test_threads = arguments.test_threads.or(Some(2));
    let runtime = Runtime::new()?;
    let modules = [
        ("combinations", combinations::all()),
        ("traffic", traffic::all()),
        ("grpc", grpc::all()),
        ("refused", refused::all()),
        ("hooks", hooks::all()),
        ("replaced", replaced::all()),
        ("edges", edges::all()),
        ("rolling", rolling::all()),
        ("watched", watched::all()),
    ];
    let shared = Shared::default();
    let mut trials = vec![];
    for (module, tests) in modules {
        for (name, run) in tests {
            let (handle, shared) = (runtime.handle().clone(), shared.clone());
            trials.push(trial(format!("{module}::{name}"), handle, async move || match run {
                Run::Shared(run) => run(shared.get().await?).await,
                Run::Own(run) => run().await,
            }));
        }
    }
    let conclusion = libtest_mimic::run(&arguments, trials);
    drop(shared);
    Ok(conclusion.exit_code())
}

fn trial<F: Future<Output = anyhow::Result<()>>>(
    name: String,
    handle: Handle,
    run: impl FnOnce() -> F + Send + 'static,
) -> Trial {
    Trial::test(name, move || {
        handle.block_on(async move {
            match tokio::time::timeout(LIMIT + rolling::longer(), run()).await {
                Ok(result) => result.map_err(|e| Failed::from(format!("{e:?}"))),
                Err(_) => Err(Failed::from(format!("took longer than {LIMIT:?} and what streams take"))),
            }
        })
    })
}

//! `perpetuo serve`

mod banner;
pub mod prepare;

use crate::cli::{Serve, Source};
use crate::reload::Reload;
use crate::roles::Roles;
use crate::settings::Settings;
use crate::wire::{self, Base, Wired};
use crate::{ports, say};
use host::listen::bind;
use host::shutdown::Signals;
use host::{grpc, ops};
use proto::Role;
use std::process::ExitCode;
use tokio::net::TcpListener;

/// The ports of this process, taken before anything else is begun.
pub struct Listeners {
    edge: Option<TcpListener>,
    grpc: Option<TcpListener>,
    ops: TcpListener,
}

/// Runs until the process is told to stop, and ends everything in order.
pub async fn run(source: &Source, flags: Serve) -> anyhow::Result<ExitCode> {
    let (settings, layers) = source.load(flags.listen)?;
    let roles = flags.select.roles;
    settings.check(&roles)?;
    let _telemetry = host::telemetry::init(&settings.telemetry, &service_name(&roles))?;
    if settings.has_links_to_nowhere(&roles) {
        tracing::warn!(
            links = settings.link_base(),
            "set edge.public_url or mail.link_base: links in letters lead here"
        );
    }
    // Asked for first: a signal that comes while we start must not kill us half way.
    let signals = Signals::listen()?;
    let _lock = prepare::lock(&settings, &roles)?;
    let listeners = Listeners::take(&settings, &roles)?;
    let mut reload = Reload::new(source.clone(), flags.listen, roles.clone(), settings.clone(), layers);
    let base = Box::pin(prepare::base(settings, roles, &listeners, flags.migrate)).await?;
    let wired = wire::wire(&base).await?;
    let routes = wired.for_edge(&base).map(|services| edge::Routes::new(base.settings.edge.clone(), services));
    let urls = serve(&base, &wired, listeners, routes.as_ref())?;
    banner::print(&base, &urls).await;
    while signals.stop.run_until_cancelled(signals.reload.notified()).await.is_some() {
        base.certificates.refresh();
        reload.now(routes.as_ref());
    }
    // A second signal: somebody does not want to wait.
    let clean = signals.now.run_until_cancelled(stop(&base, &wired, reload.settings())).await.unwrap_or(false);
    Ok(if clean { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// What traces are filed under.
fn service_name(roles: &Roles) -> String {
    if roles.is_all() { "perpetuo".to_owned() } else { format!("perpetuo-{roles}") }
}

impl Listeners {
    fn take(settings: &Settings, roles: &Roles) -> Result<Self, host::listen::Error> {
        let edge = roles.has(Role::Edge).then(|| bind("edge.listen (--listen)", settings.edge.listen)).transpose()?;
        let grpc = roles.has_grpc().then(|| bind("grpc.listen", settings.grpc.listen)).transpose()?;
        Ok(Self { edge, grpc, ops: bind("ops.listen", settings.ops.listen)? })
    }

    /// Where we listen.
    fn addresses(&self) -> anyhow::Result<Vec<std::net::SocketAddr>> {
        let all = [self.edge.as_ref(), self.grpc.as_ref(), Some(&self.ops)];
        all.into_iter().flatten().map(ports::address).collect()
    }
}

/// Lets requests in.
fn serve(
    base: &Base,
    wired: &Wired,
    listeners: Listeners,
    routes: Option<&edge::Routes>,
) -> anyhow::Result<banner::Addresses> {
    let Listeners { edge, grpc, ops } = listeners;
    let doors = &base.stages.doors;
    base.overload.watch(doors);
    let addresses = banner::Addresses::of(edge.as_ref(), grpc.as_ref(), &ops)?;
    if let (Some(listener), Some(routes), Some(services)) = (edge, routes.cloned(), wired.for_edge(base)) {
        let config = base.settings.edge.clone();
        edge::follow_executions(&config, services, doors);
        let tasks = doors.clone();
        doors.spawn("edge", async move { edge::serve(listener, routes, &config, &tasks).await });
    }
    if let Some(listener) = grpc {
        let (serving, tasks) = (wired.for_grpc(base), doors.clone());
        doors.spawn("gRPC", async move {
            if let Err(error) = grpc::serve(listener, serving, &tasks, tasks.stopping()).await {
                tracing::error!(%error, "the gRPC listener broke");
            }
        });
    }
    // Probes are answered until the very end: they are how others see that we are stopping.
    let (config, readiness, last) = (base.settings.ops.clone(), base.readiness.clone(), &base.stages.usage);
    let stopping = last.stopping();
    last.spawn("operations port", async move {
        if let Err(error) = ops::serve(ops, &config, readiness, stopping).await {
            tracing::error!(%error, "the operations port is closed");
        }
    });
    Ok(addresses)
}

/// Ends everything in order. Whether everything had ended in time.
async fn stop(base: &Base, wired: &Wired, settings: &Settings) -> bool {
    let drain = settings.drain(&base.roles);
    base.readiness.fail("stopping");
    tracing::info!(drain_seconds = drain.as_secs(), "stopping: the readiness probe fails, requests are still accepted");
    tokio::time::sleep(drain).await;
    tracing::info!("no new requests; those that run may finish");
    let flush = async || {
        if let Some(ledger) = &wired.ledger
            && let Err(error) = ledger.flush().await
        {
            tracing::error!(%error, "the ledger was not written to the database before the end");
        }
    };
    let late = base.stages.stop(settings.grace(), flush).await;
    if late.is_empty() {
        tracing::info!("stopped");
    } else {
        let waited = settings.shutdown.grace_seconds;
        tracing::warn!(
            late = late.join(", "),
            "stopped after {waited} s (shutdown.grace_seconds) with work unfinished"
        );
    }
    say::line("stopped");
    late.is_empty()
}

//! Three places that judge a credential, each by itself: the edge over HTTP, gateway and usage-metering over gRPC.

use anyhow::{bail, ensure};
use futures::future::try_join_all;
use proto::{
    Reason, Role,
    gateway::{ListModelsRequest, gateway_client::GatewayClient},
    usage::{GetUsageRequest, usage_client::UsageClient},
};
use std::time::{Duration, Instant};
use tests::{Cluster, client::Client, eventually};
use tonic::{Code, Request, Status, transport::Channel};

/// How many places there are.
pub const PLACES: usize = 3;
/// What they are called.
pub const NAMES: [&str; PLACES] = ["edge", "gateway", "usage-metering"];
/// When a credential was last let in, by place.
pub type Last = [Instant; PLACES];

/// Between two uses of one credential at one place.
const PAUSE: Duration = Duration::from_millis(30);
/// So long it is tried again after it was refused: it must not be let in once more.
const AFTERWARDS: Duration = Duration::from_millis(300);
/// So long at most it may be let in before the test gives up.
const PATIENCE: Duration = Duration::from_secs(20);

/// The places of a cluster.
pub struct Doors {
    edge: Client,
    gateway: GatewayClient<Channel>,
    usage: UsageClient<Channel>,
}

/// What a place said.
#[derive(Debug, PartialEq, Eq)]
enum Said {
    Welcome,
    Refused,
    /// It cannot tell just now, so nobody gets in.
    Away,
}

impl Doors {
    /// Connects to all of them.
    pub async fn of(cluster: &Cluster) -> anyhow::Result<Self> {
        Ok(Self {
            edge: cluster.anybody(),
            gateway: GatewayClient::connect(cluster.grpc(Role::Gateway)).await?,
            usage: UsageClient::connect(cluster.grpc(Role::UsageMetering)).await?,
        })
    }

    /// Fails unless it is let in everywhere.
    pub async fn let_in(&self, credential: &str) -> anyhow::Result<()> {
        for (place, name) in NAMES.iter().enumerate() {
            eventually(async || match self.ask(place, credential).await? {
                Said::Welcome => Ok(()),
                other => bail!("{name}: {other:?}"),
            })
            .await?;
        }
        Ok(())
    }

    /// Fails unless it is refused everywhere.
    pub async fn refused(&self, credential: &str) -> anyhow::Result<()> {
        for (place, name) in NAMES.iter().enumerate() {
            let said = self.ask(place, credential).await?;
            ensure!(said != Said::Welcome, "{name} lets it in");
        }
        Ok(())
    }

    /// Uses a credential everywhere until each place has refused it for a while.
    pub async fn until_refused(&self, credential: &str) -> anyhow::Result<Last> {
        let all = try_join_all((0..PLACES).map(|place| self.until_refused_at(place, credential))).await?;
        Ok(std::array::from_fn(|place| all[place]))
    }

    async fn until_refused_at(&self, place: usize, credential: &str) -> anyhow::Result<Instant> {
        let began = Instant::now();
        let (mut last, mut refused) = (began, None);
        loop {
            let sent = Instant::now();
            match self.ask(place, credential).await? {
                Said::Welcome => {
                    ensure!(refused.is_none(), "{} lets in what it has refused", NAMES[place]);
                    last = sent;
                }
                Said::Refused => refused = refused.or(Some(sent)),
                Said::Away => {}
            }
            if refused.is_some_and(|at: Instant| at.elapsed() > AFTERWARDS) {
                return Ok(last);
            }
            ensure!(began.elapsed() < PATIENCE, "{} lets it in, still", NAMES[place]);
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Uses a credential everywhere until no place has let it in for so long. Fails after `end`.
    pub async fn until_not_let_in_for(&self, credential: &str, quiet: Duration, end: Instant) -> anyhow::Result<Last> {
        let all = try_join_all((0..PLACES).map(async |place| {
            let mut last = Instant::now();
            while last.elapsed() < quiet {
                let sent = Instant::now();
                if self.ask(place, credential).await? == Said::Welcome {
                    last = sent;
                }
                ensure!(Instant::now() < end, "{} lets it in, still", NAMES[place]);
                tokio::time::sleep(PAUSE).await;
            }
            Ok(last)
        }))
        .await?;
        Ok(std::array::from_fn(|place| all[place]))
    }

    async fn ask(&self, place: usize, credential: &str) -> anyhow::Result<Said> {
        let bearer: tonic::metadata::MetadataValue<_> = format!("Bearer {credential}").parse()?;
        let status = match place {
            0 => return self.ask_edge(credential).await,
            1 => {
                let mut request = Request::new(ListModelsRequest {});
                request.metadata_mut().insert("authorization", bearer);
                self.gateway.clone().list_models(request).await.err()
            }
            _ => {
                let mut request = Request::new(GetUsageRequest::default());
                request.metadata_mut().insert("authorization", bearer);
                self.usage.clone().get_usage(request).await.err()
            }
        };
        status.map_or(Ok(Said::Welcome), |status| judged(&status))
    }

    async fn ask_edge(&self, credential: &str) -> anyhow::Result<Said> {
        let answer = self.edge.with(credential).get("/v1/models").await?;
        match answer.status {
            200 => Ok(Said::Welcome),
            401 => Ok(Said::Refused),
            503 | 504 => Ok(Said::Away),
            status => bail!("the edge answers {status} {}", answer.text),
        }
    }
}

fn judged(status: &Status) -> anyhow::Result<Said> {
    match (Reason::of(status), status.code()) {
        (Reason::KeyRevoked | Reason::SessionEnded, _) => Ok(Said::Refused),
        (_, Code::Unavailable | Code::DeadlineExceeded | Code::ResourceExhausted) => Ok(Said::Away),
        _ => bail!("{status:?}"),
    }
}

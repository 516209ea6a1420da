//! A running Perpetuo under load, with servers of its own that may be killed.

use crate::{
    agree::{Broken, Evidence},
    ledger::{Place, Row},
    load::{Journal, Loader, SMALL},
    provider::Provider,
};
use anyhow::{Context as _, bail, ensure};
use proto::Role;
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};
use tests::{
    Cluster, Person,
    client::Client,
    cluster::{Options, Shape},
    eventually,
    server::{Postgres, Redis},
    within,
};

/// Silence after which a gateway's grants are swept: a heartbeat is due every 5 s.
const LEASE: &str = "7";
/// Until everything that can be settled or swept is.
const QUIET: Duration = Duration::from_secs(60);
/// Tokens that the capped key may use in a day. Used up early, so that what forgets would let more pass.
const CAP: i64 = 1_500;
/// At most so many differences are told.
const SHOWN: usize = 12;

pub struct World {
    pub cluster: Cluster,
    pub postgres: Option<Postgres>,
    pub redis: Option<Redis>,
    pub provider: Provider,
    pub person: Person,
    pub key: Client,
    /// May use [`CAP`] tokens.
    pub capped: Client,
    pub options: Options,
    pub seed: u64,
    broken: Vec<Broken>,
}

impl World {
    /// Starts one: in one process on SQLite, or a process per role on a PostgreSQL and a Redis of its own.
    pub async fn start(shape: Shape, seed: u64) -> anyhow::Result<Self> {
        let (mut postgres, mut redis) = (None, None);
        let mut options = Options::default();
        options.env.push(("PERPETUO__USAGE__LEASE_SECONDS".to_owned(), LEASE.to_owned()));
        if shape == Shape::Many {
            let (database, counters) = (Postgres::start().await?, Redis::start().await?);
            (options.postgres, options.redis) = (Some(database.url()), Some(counters.url()));
            (postgres, redis) = (Some(database), Some(counters));
        }
        let cluster = Cluster::start(shape, &options).await?;
        let provider = Provider::start().await?;
        let person = cluster.person().await?;
        person.provider(&provider.url, &json!({})).await?;
        let key = person.key().await?;
        let (capped, _) = person.key_with(&json!({"limits": {"tokens_per_day": CAP}})).await?;
        Ok(Self { cluster, postgres, redis, provider, person, key, capped, options, seed, broken: vec![] })
    }

    /// Clients that ask without pause.
    pub fn load(&self) -> Loader {
        Loader::start(&self.key, &self.capped, self.seed)
    }

    /// Kills the process of a role with SIGKILL. `still_since`: when it began to stand still.
    pub async fn kill(&mut self, role: Role, still_since: Instant) -> anyhow::Result<()> {
        self.cluster.process(role).kill().await?;
        if self.cluster.shape == Shape::One || matches!(role, Role::Edge | Role::Gateway) {
            self.broken.push(Broken { from: still_since, to: Instant::now() });
        }
        Ok(())
    }

    /// Starts the process of a role again, and waits for nothing. `points`: what its fault points do.
    pub fn respawn(&mut self, role: Role, points: Option<&str>) -> anyhow::Result<()> {
        let mut options = self.options.clone();
        options.env.extend(points.map(|points| ("FAILPOINTS".to_owned(), points.to_owned())));
        self.cluster.respawn(role, &options)
    }

    /// Waits until requests are answered again.
    pub async fn serves(&mut self) -> anyhow::Result<()> {
        self.cluster.ready(Duration::from_secs(60)).await?;
        let key = &self.key;
        within(Duration::from_secs(30), async || key.chat("simulator/chat", "back?").await?.expect(200).map(drop)).await
    }

    /// Waits until so many more requests have been answered.
    pub async fn answers(&self, journal: &Journal, more: usize) -> anyhow::Result<()> {
        let before = journal.finished();
        within(Duration::from_secs(60), async || {
            let now = journal.finished();
            ensure!(now >= before + more, "{} of {more} more requests were answered", now - before);
            Ok(())
        })
        .await
    }

    /// Stops the load, waits until nothing is open any more, and compares what everybody says.
    pub async fn agrees(&mut self, loader: Loader) -> anyhow::Result<()> {
        self.cap_is_reached(&loader.journal).await?;
        let journal = loader.stop().await?;
        self.serves().await?;
        let (place, entries, calls) = (self.place()?, journal.entries(), self.provider.calls());
        // Orphans are swept when their lease is over, and a journal is folded a moment later.
        let tally = within(QUIET, async || {
            let open = place.open_grants().await?;
            ensure!(open == 0, "{open} grants are still open");
            let mut rows = place.rows().await?;
            rows.retain(|row| row.model.contains('-'));
            let broken = &self.broken;
            let (faults, tally) = Evidence { entries: &entries, calls: &calls, rows: &rows, broken }.judge();
            let shown = faults[..faults.len().min(SHOWN)].join("\n");
            ensure!(faults.is_empty(), "{} differences ({tally}):\n{shown}", faults.len());
            cap_holds(&rows)?;
            Ok(tally)
        })
        .await?;
        eprintln!("{:?}, seed {}: {tally}", self.cluster.shape, self.seed);
        ensure!(tally.exact > 50, "too little happened to prove anything: {tally}");
        self.people_read_the_same(&journal).await?;
        self.sums_follow().await
    }

    /// Waits until the capped key is refused, after everything that has happened.
    async fn cap_is_reached(&self, journal: &Journal) -> anyhow::Result<()> {
        let before = journal.entries().len();
        within(QUIET, async || {
            let entries = journal.entries();
            let mut since = entries[before..].iter().filter(|entry| entry.tag.ends_with(SMALL));
            ensure!(since.any(|entry| entry.status == 402), "the cap was not reached: {:?}", entries.last());
            Ok(())
        })
        .await
    }

    /// Roll-ups are the sums of the ledger, also while everything runs; daily counters are once they are rebuilt: what
    /// was committed just before a kill may be missing in them.
    async fn sums_follow(&self) -> anyhow::Result<()> {
        if self.cluster.shape == Shape::Many {
            self.cluster.command(&["usage", "rebuild-counters", "--config", "cluster.yaml"]).await?;
            self.cluster.command(&["usage", "reconcile", "--config", "cluster.yaml"]).await?;
        } else {
            self.cluster.command(&["usage", "reconcile", "--data-dir", "data"]).await?;
        }
        Ok(())
    }

    /// The public reads say what the tables say.
    async fn people_read_the_same(&self, journal: &Arc<Journal>) -> anyhow::Result<()> {
        eventually(async || {
            // What was asked last may still be on its way into the tables.
            let mut rows = self.place()?.rows().await?;
            rows.retain(|row| !row.model.is_empty());
            let firsts = rows.iter().filter(|row| row.correction == 0 && row.attempt == 1).count();
            let input: i64 = rows.iter().map(|row| row.input + row.cached).sum();
            let output: i64 = rows.iter().map(|row| row.output).sum();
            let usage = self.person.usage().await?;
            let told = ["total_requests", "total_input_tokens", "total_output_tokens"].map(|name| usage[name].as_i64());
            let expected = [i64::try_from(firsts)?, input, output].map(Some);
            ensure!(told == expected, "usage says {told:?}, the ledger {expected:?}");
            Ok(())
        })
        .await?;
        let logs = self.logs().await?;
        for entry in journal.entries().iter().filter(|entry| entry.finished) {
            let log = logs.get(&entry.request_id).with_context(|| format!("{entry:?} is not in the logs"))?;
            ensure!(log["outcome"] == "completed", "its client has the whole answer: {log}");
        }
        Ok(())
    }

    async fn logs(&self) -> anyhow::Result<BTreeMap<String, Value>> {
        let (mut logs, mut cursor) = (BTreeMap::new(), String::new());
        for _ in 0..1_000 {
            let path = self.person.path(&format!("/logs?limit=200{cursor}"));
            let page = self.person.client.get(&path).await?.expect(200)?.json()?;
            for log in page["data"].as_array().into_iter().flatten() {
                let id = log["id"].as_str().unwrap_or_default().to_owned();
                ensure!(logs.insert(id, log.clone()).is_none(), "logged twice: {log}");
            }
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return Ok(logs),
            }
        }
        bail!("the logs do not end")
    }

    /// Where its ledger is.
    pub fn place(&self) -> anyhow::Result<Place> {
        Ok(match self.cluster.database() {
            Some(url) => Place::Postgres(url.to_owned()),
            None => Place::Sqlite(file(self.cluster.dir())),
        })
    }
}

/// Whatever was killed or forgotten, the capped key has not used more than it may. What was learnt only after a grant had
/// been given up, and its reservation back, is the one thing that may come on top.
fn cap_holds(rows: &[Row]) -> anyhow::Result<()> {
    let of = |row: &Row| row.input + row.cached + row.output;
    let small = || rows.iter().filter(|row| row.model.ends_with(SMALL));
    let used: i64 = small().map(of).sum();
    let late: i64 = small().filter(|row| row.correction > 0).map(of).sum();
    ensure!(used <= CAP + late.max(0), "{used} tokens were used of {CAP}, {late} of them learnt late");
    ensure!(used > CAP / 2, "only {used} tokens were used of {CAP}: that proves little");
    Ok(())
}

fn file(dir: &Path) -> std::path::PathBuf {
    dir.join("data").join("usage.db")
}

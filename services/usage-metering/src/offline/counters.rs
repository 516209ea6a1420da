//! Ledger and daily counters: what differs, and how is it mended?

use super::{Difference, SETTLES, Scope, values};
use crate::{Error, daily};
use ::redis::{Client, aio::MultiplexedConnection};
use chrono::{DateTime, Days, NaiveDate, Utc};
use host::config::Secret;
use proto::id::WorkspaceId;
use std::{collections::BTreeMap, time::Duration};
use store::{Db, Sql, WorkspaceTx, sql};

pub(super) const DAY: Sql = sql!("offline/day");
const EVENTS: Sql = sql!("offline/events");

/// How often to look again for counters that stand still.
const LOOKS: u32 = 5;

/// How long one call of Redis may take.
const PATIENCE: Duration = Duration::from_secs(10);

store::row! {
    /// What one workspace used on one day of one model.
    pub(super) struct DayRow {
        pub provider: String,
        pub provider_kind: String,
        pub model: String,
        pub currency: String,
        pub requests: i64,
        pub calls: i64,
        pub input_tokens: i64,
        pub output_tokens: i64,
        pub cost_nanos: i64,
        pub list_cost_nanos: i64,
    }
}

/// By key: what the ledger says, and what the counter does.
type Sides = BTreeMap<String, (i64, i64)>;

/// Every daily counter that is not the sum of its ledger rows. Errors: database or Redis cannot be used.
pub async fn compare_counters(
    db: &Db,
    redis: &Secret,
    scope: &Scope,
    now: DateTime<Utc>,
) -> Result<Vec<Difference>, Error> {
    let mut connection = connect(redis).await?;
    Ok(told(&certain(db, &mut connection, &scope.kept(now)).await?))
}

/// Makes the daily counters the sums of their ledger rows, and says which were not. A server may run meanwhile.
/// Errors: database or Redis cannot be used.
pub async fn rebuild_counters(
    db: &Db,
    redis: &Secret,
    scope: &Scope,
    now: DateTime<Utc>,
) -> Result<Vec<Difference>, Error> {
    let mut connection = connect(redis).await?;
    let sides = certain(db, &mut connection, &scope.kept(now)).await?;
    // What is missing is added, so that nothing is lost of what a server adds meanwhile.
    let missing: Vec<_> = sides.iter().map(|(key, (ledger, found))| (key.clone(), ledger - found)).collect();
    if !missing.is_empty() {
        daily::add(&mut connection, &missing).await.map_err(|_| Error::CountersAway)?;
    }
    Ok(told(&sides))
}

impl Scope {
    /// Without days whose counters have expired or may do so any moment.
    fn kept(&self, now: DateTime<Utc>) -> Self {
        let oldest = now.date_naive().checked_sub_days(Days::new(88)).unwrap_or(self.first);
        Self { first: self.first.max(oldest), ..*self }
    }
}

/// What differs in the same way twice: a running server counts a moment after it commits, or once Redis is back. Where
/// counts go on changing, what differed twice counts.
async fn certain(db: &Db, redis: &mut MultiplexedConnection, scope: &Scope) -> Result<Sides, Error> {
    let mut before = look(db, redis, scope).await?;
    for look_again in (0..LOOKS).rev() {
        if before.is_empty() {
            break;
        }
        tokio::time::sleep(SETTLES).await;
        let now = look(db, redis, scope).await?;
        let is_same = |(key, (ledger, found)): (&String, &(i64, i64))| {
            before.get(key).is_some_and(|(ledger_before, found_before)| ledger_before - found_before == ledger - found)
        };
        if look_again == 0 || (now.len() == before.len() && now.iter().all(is_same)) {
            return Ok(now.iter().filter(|side| is_same(*side)).map(|(key, sides)| (key.clone(), *sides)).collect());
        }
        before = now;
    }
    Ok(before)
}

async fn look(db: &Db, redis: &mut MultiplexedConnection, scope: &Scope) -> Result<Sides, Error> {
    let mut sides = counters(redis, scope).await.map_err(|_| Error::CountersAway)?;
    for workspace in scope.workspaces(db).await? {
        for day in scope.days() {
            for row in day_of(db, workspace, day).await? {
                let cost = (row.currency.as_str(), row.cost_nanos);
                let figures = daily::figures(row.requests, row.input_tokens, row.output_tokens, cost);
                for (resource, amount) in figures {
                    sides.entry(daily::key(workspace.uuid(), &resource, day)).or_default().0 += amount;
                }
            }
            for (resource, quantity) in events_of(db, workspace, day).await? {
                sides.entry(daily::key(workspace.uuid(), &resource, day)).or_default().0 += quantity;
            }
        }
    }
    sides.retain(|_, (ledger, found)| ledger != found);
    Ok(sides)
}

/// What one workspace used on one day. Errors: the database cannot be used.
pub(super) async fn day_of(db: &Db, workspace: WorkspaceId, day: NaiveDate) -> Result<Vec<DayRow>, Error> {
    let mut tx = WorkspaceTx::read(db, workspace).await?;
    Ok(tx.fetch_all(DAY, &values(workspace, day)).await?)
}

/// What one workspace recorded on one day, by resource. Errors: the database cannot be used.
async fn events_of(db: &Db, workspace: WorkspaceId, day: NaiveDate) -> Result<Vec<(String, i64)>, Error> {
    let [whose, _, _, from, to] = values(workspace, day);
    let mut tx = WorkspaceTx::read(db, workspace).await?;
    Ok(tx.fetch_all(EVENTS, &[whose, from, to]).await?)
}

/// Every counter in scope that there is.
async fn counters(redis: &mut MultiplexedConnection, scope: &Scope) -> ::redis::RedisResult<Sides> {
    let whose = scope.workspace.map_or_else(|| "*".to_owned(), |workspace| workspace.to_string());
    let pattern = format!("perpetuo:{{{whose}}}:usage:*");
    let (mut sides, mut cursor) = (Sides::new(), 0u64);
    loop {
        let mut scan = ::redis::cmd("SCAN");
        scan.arg(cursor).arg("MATCH").arg(&pattern).arg("COUNT").arg(1_000);
        let (next, keys): (u64, Vec<String>) = scan.query_async(redis).await?;
        for key in keys.into_iter().filter(|key| is_counted(key, scope)) {
            let found: Option<i64> = ::redis::cmd("GET").arg(&key).query_async(redis).await?;
            sides.insert(key, (0, found.unwrap_or(0)));
        }
        if next == 0 {
            return Ok(sides);
        }
        cursor = next;
    }
}

/// Whether ledger or metered events say what this counter must be.
fn is_counted(key: &str, scope: &Scope) -> bool {
    let Some((_, rest)) = key.split_once(":usage:") else { return false };
    let Some((_, day)) = rest.rsplit_once(':') else { return false };
    day.parse().is_ok_and(|day: NaiveDate| scope.first <= day && day <= scope.last)
}

fn told(sides: &Sides) -> Vec<Difference> {
    let difference = |(key, (ledger, found)): (&String, &(i64, i64))| {
        let (tag, rest) = key.split_once(":usage:").unwrap_or(("", key));
        let (figure, day) = rest.rsplit_once(':').unwrap_or((rest, ""));
        Difference {
            with: "counters",
            workspace: tag.trim_start_matches("perpetuo:").trim_matches(['{', '}']).to_owned(),
            of: day.to_owned(),
            figure: figure.to_owned(),
            ledger: *ledger,
            found: *found,
        }
    };
    sides.iter().map(difference).collect()
}

async fn connect(url: &Secret) -> Result<MultiplexedConnection, Error> {
    let client = Client::open(url.expose()).map_err(|_| Error::RedisUrl)?;
    let config = ::redis::AsyncConnectionConfig::new()
        .set_connection_timeout(Some(PATIENCE))
        .set_response_timeout(Some(PATIENCE));
    client.get_multiplexed_async_connection_with_config(&config).await.map_err(|_| Error::CountersAway)
}

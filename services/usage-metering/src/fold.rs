//! How do events become rows, exactly once?
//!
//! Both durabilities end here: the journal is folded with it, and the group commit is one. A grant that is admitted
//! and settled in the same batch never becomes a row of `open_grants`.

mod plan;
pub(crate) mod write;

use crate::{
    daily::Daily,
    event::{Admitted, Event, Refused, Settled},
    grant::GrantKey,
    limit::Limit,
    price::Prices,
    row::{self, Costs, Found, LedgerRow, LogRow, OpenRow, Rollup, Rows, Standing, StoredGrant, StoredSwept, SweptRow},
    units::Used,
};
use chrono::{DateTime, Utc};
use plan::Plan;
use proto::usage::RequestEnd;
use std::collections::HashMap;
use store::{Sql, Tx, Value, sql};

const TAKE: Sql = sql!(pair "open_grant/take");
const OPEN: Sql = sql!(pair "open_grant/insert");
const FIND: Sql = sql!(pair "ledger/find");
const SWEPT: Sql = sql!(pair "swept_grant/insert");
const TAKE_SWEPT: Sql = sql!(pair "swept_grant/take");
const COMPLETE: Sql = sql!("request_log/complete");

/// What became of an event.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Folded {
    Admitted,
    /// The grant was open. Admitted in an earlier batch, this is it.
    Settled {
        grant: Option<Box<Admitted>>,
    },
    AlreadySettled,
    /// It had been swept: a correction says what was really used.
    Corrected {
        late: Box<Late>,
    },
    /// It was settled before, with other numbers.
    Conflict,
    Unknown,
}

/// A grant whose settlement came after it was swept.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Late {
    /// The quotas of which it had reserved something.
    pub quotas: Vec<Limit>,
    /// What the sweep took it to have used.
    pub guessed: Used,
    pub provider_kind: String,
    pub model: String,
    pub credential_owner: String,
    pub created_at: DateTime<Utc>,
}

/// What is folded together, in the order in which it happened.
#[derive(Default)]
pub(crate) struct Batch<'a> {
    /// Grants whose caller was told that they were not given.
    pub withdrawn: &'a [GrantKey],
    pub events: Vec<&'a Event>,
    pub refusals: &'a [Refused],
}

/// What new rows add to what others count, once they are committed.
#[derive(Default)]
pub(crate) struct Added {
    /// To the daily counters.
    pub daily: Daily,
    /// To what operators see.
    pub costs: Costs,
    /// How many they are.
    pub rows: Rows,
}

impl Added {
    fn by(rollup: &Rollup<'_>) -> Self {
        Self { daily: rollup.daily(), costs: rollup.costs(), rows: rollup.rows() }
    }
}

/// Writes a batch. Folding an event again changes nothing. Answers what became of each event, and what the new rows add.
pub(crate) async fn fold(
    tx: &mut Tx,
    batch: &Batch<'_>,
    prices: &Prices,
) -> Result<(Vec<Folded>, Added), store::Error> {
    if !batch.withdrawn.is_empty() {
        tx.execute(TAKE, &[row::json(batch.withdrawn)]).await?;
    }
    let mut plan = Plan::of(&batch.events);
    let taken = take(tx, &plan).await?;
    let found = find(tx, &plan, &taken).await?;
    let (mut ledger, mut logs) = (Vec::with_capacity(plan.settled.len()), Vec::with_capacity(plan.settled.len()));
    for (grant, settled) in &plan.settled {
        ledger.push(LedgerRow::usage(grant, settled, prices));
        logs.extend(settled.end.as_ref().map(|end| LogRow::ended(grant, end)));
    }
    let mut late: Vec<(GrantKey, &RequestEnd)> = vec![];
    let mut corrected: Vec<(usize, GrantKey)> = vec![];
    for (index, settled) in &plan.elsewhere {
        let key = settled.key();
        plan.results[*index] = if let Some(grant) = taken.get(&key) {
            ledger.push(LedgerRow::usage(grant, settled, prices));
            logs.extend(settled.end.as_ref().map(|end| LogRow::ended(grant, end)));
            Folded::Settled { grant: Some(Box::new(grant.clone())) }
        } else {
            match found.get(&key).and_then(|rows| Standing::of(rows)) {
                Some(standing) if standing.guessed => {
                    ledger.extend(LedgerRow::corrections(&standing, settled, prices));
                    late.extend(settled.end.as_ref().map(|end| (key, end)));
                    corrected.push((*index, key));
                    Folded::Corrected { late: Box::new(standing.late()) }
                }
                Some(standing) if standing.used.is_same(&settled.used()) => Folded::AlreadySettled,
                Some(_) => Folded::Conflict,
                None => Folded::Unknown,
            }
        };
    }
    take_swept(tx, &mut plan, &corrected).await?;
    plan.answer_repeated();
    logs.extend(batch.refusals.iter().map(LogRow::refused));
    let mut rollup = Rollup::default();
    write::ledger(tx, &ledger, &mut rollup).await?;
    write::logs(tx, logs).await?;
    // After the ledger, so that a grant which was settled before it was admitted again stays closed.
    let open: Vec<_> = plan.open.values().map(|grant| OpenRow::from(*grant)).collect();
    if !open.is_empty() {
        tx.write(OPEN, &open).await?;
    }
    for (key, end) in late {
        complete(tx, key, end).await?;
    }
    write::rollup(tx, &rollup).await?;
    Ok((plan.results, Added::by(&rollup)))
}

/// Writes the rows of grants that nobody settled.
pub(crate) async fn sweep(tx: &mut Tx, grants: &[Admitted], now: i64, prices: &Prices) -> Result<Added, store::Error> {
    let ledger: Vec<_> = grants.iter().map(|grant| LedgerRow::swept(grant, now, prices)).collect();
    let logs = grants.iter().map(LogRow::swept).collect();
    let mut rollup = Rollup::default();
    write::ledger(tx, &ledger, &mut rollup).await?;
    write::logs(tx, logs).await?;
    let swept: Vec<_> = grants.iter().filter_map(|grant| SweptRow::of(grant, now)).collect();
    if !swept.is_empty() {
        tx.write(SWEPT, &swept).await?;
    }
    write::rollup(tx, &rollup).await?;
    Ok(Added::by(&rollup))
}

/// Finds the quotas that have to hear of late settlements.
async fn take_swept(tx: &mut Tx, plan: &mut Plan<'_>, corrected: &[(usize, GrantKey)]) -> Result<(), store::Error> {
    if corrected.is_empty() {
        return Ok(());
    }
    let keys: Vec<_> = corrected.iter().map(|(_, key)| *key).collect();
    let rows: Vec<StoredSwept> = tx.fetch_all(TAKE_SWEPT, &[row::json(&keys)]).await?;
    let mut found: HashMap<_, _> = rows.into_iter().map(StoredSwept::read).collect();
    for (index, key) in corrected {
        if let Folded::Corrected { late } = &mut plan.results[*index] {
            late.quotas = found.remove(key).unwrap_or_default();
        }
    }
    Ok(())
}

/// Takes the open grants that were admitted in an earlier batch.
async fn take(tx: &mut Tx, plan: &Plan<'_>) -> Result<HashMap<GrantKey, Admitted>, store::Error> {
    let keys: Vec<_> = plan.elsewhere.iter().map(|(_, settled)| settled.key()).collect();
    if keys.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<StoredGrant> = tx.fetch_all(TAKE, &[row::json(&keys)]).await?;
    Ok(rows.into_iter().map(Admitted::from).map(|grant| (grant.key(), grant)).collect())
}

/// Finds the ledger rows of grants that are not open.
async fn find(
    tx: &mut Tx,
    plan: &Plan<'_>,
    taken: &HashMap<GrantKey, Admitted>,
) -> Result<HashMap<GrantKey, Vec<Found>>, store::Error> {
    let keys: Vec<_> = plan.elsewhere.iter().map(|(_, s)| s.key()).filter(|key| !taken.contains_key(key)).collect();
    let mut found: HashMap<_, Vec<Found>> = HashMap::new();
    if keys.is_empty() {
        return Ok(found);
    }
    let mut rows: Vec<Found> = tx.fetch_all(FIND, &[row::json(&keys)]).await?;
    if rows.iter().any(|row| row.swept) {
        // It locked the rows. Whoever held them before may have added some, which only a new look sees.
        rows = tx.fetch_all(FIND, &[row::json(&keys)]).await?;
    }
    for row in rows {
        found.entry(row.key()).or_default().push(row);
    }
    Ok(found)
}

async fn complete(tx: &mut Tx, key: GrantKey, end: &RequestEnd) -> Result<(), store::Error> {
    let values: [Value; 11] = [
        key.workspace.into(),
        key.request.into(),
        end.status_code.into(),
        crate::outcome::name(end.outcome).into(),
        end.duration_ms.into(),
        end.ttft_ms.into(),
        end.error_code.as_str().into(),
        end.error_message.as_str().into(),
        end.dropped.join(",").into(),
        row::guarded::write(&end.guardrails).into(),
        end.explanation_json.as_str().into(),
    ];
    tx.execute(COMPLETE, &values).await.map(drop)
}

/// For signatures of [`plan`].
type Pair<'a> = (&'a Admitted, &'a Settled);

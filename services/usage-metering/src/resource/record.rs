//! Which of these events are new? Identity and sums are durable together: after any crash an event is counted once.

use super::{
    enforce::{Fits, Use, check, pass_gate},
    event::{Event, Name, Rules},
};
use crate::{
    Error,
    daily::Daily,
    event::Id,
    row::{self, hex, hex_digest},
    service::Inner,
};
use proto::{
    Call, Principal,
    id::WorkspaceId,
    usage::{RecordUsageRequest, RecordUsageResponse, RecordedEvent},
};
use serde::Serialize;
use std::collections::{BTreeMap, HashMap, HashSet};
use store::{Sql, Tx, WorkspaceTx, sql};

const INSERT: Sql = sql!(pair "event/insert");
const FIND: Sql = sql!(pair "event/find");
const CORRECTIONS: Sql = sql!(pair "event/corrections");
const RESERVED: Sql = sql!(pair "reservation/recorded");
const ADD: Sql = sql!(pair "resource/add");

/// Events of one request.
const MAX_EVENTS: usize = 1_000;
/// In microseconds.
const QUARTER: i64 = 15 * 60_000_000;

#[derive(Serialize)]
struct EventRow<'a> {
    #[serde(serialize_with = "hex")]
    workspace_id: Id,
    source: &'a str,
    id: &'a str,
    digest: &'a str,
    resource: &'a str,
    quantity: i64,
    at: i64,
    recorded_at: i64,
    properties: &'a str,
    corrects_source: Option<&'a str>,
    corrects_id: Option<&'a str>,
}

#[derive(Serialize)]
pub(super) struct SumRow<'a> {
    #[serde(serialize_with = "hex")]
    workspace_id: Id,
    pub at: i64,
    pub resource: &'a str,
    pub events: i64,
    pub quantity: i64,
}

store::row! {
    pub(super) struct StoredEvent {
        source: String,
        id: String,
        digest: Vec<u8>,
        pub resource: String,
        pub quantity: i64,
        corrects_id: Option<String>,
    }
}

store::row! {
    struct Corrected {
        source: String,
        id: String,
        quantity: i64,
    }
}

impl Inner {
    /// Records events, all of them or none. Errors: `EVENT_CONFLICT`, `INVALID_ARGUMENT`, `REFUSED_VALUE`,
    /// `SERVICE_UNAVAILABLE`; then nothing is written, and the names may be used again.
    pub async fn record_usage(&self, call: &Call, request: RecordUsageRequest) -> Result<RecordUsageResponse, Error> {
        let workspace = call.workspace().map_err(|_| Error::invalid("workspace_id", "must be given"))?;
        let now = self.clock.now();
        let oldest = self.config.retention.oldest_event(now);
        let rules = Rules { now, oldest, peer: matches!(call.principal, Principal::Service(_)) };
        if request.events.len() > MAX_EVENTS {
            return Err(Error::invalid("events", "must be at most 1,000"));
        }
        let read = |(n, event)| Event::read(event, rules).map_err(|error| error.at(n));
        let events = request.events.into_iter().enumerate().map(read).collect::<Result<Vec<_>, _>>()?;
        let distinct = distinct(&events)?;
        let mut tx = WorkspaceTx::begin(&self.db, workspace).await?;
        if request.limits.is_some() {
            pass_gate(&mut tx, workspace).await?;
        }
        let mut new = write(&mut tx, workspace, &distinct, rules).await?;
        let counted: Vec<&Event> = distinct.values().copied().filter(|event| new.contains(&event.name)).collect();
        let fits = match &request.limits {
            Some(limits) => {
                let uses: Vec<_> = counted.iter().map(|event| event.used()).collect();
                check(self, &mut tx, workspace, limits, &uses).await?
            }
            None => Fits::default(),
        };
        add(&mut tx, workspace, &counted).await?;
        tx.commit().await?;
        self.warnings.look(workspace.uuid(), &fits.limits, &fits.standings);
        let mut daily = Daily::default();
        for event in &counted {
            daily.add_resource(workspace.uuid(), event.at, &event.resource, event.quantity);
        }
        self.daily.add(daily);
        // The first of a name in the request is the one that counted.
        let recorded = |event: Event| {
            let duplicate = !new.remove(&event.name);
            RecordedEvent { source: event.name.source, id: event.name.id, duplicate }
        };
        Ok(RecordUsageResponse { events: events.into_iter().map(recorded).collect() })
    }
}

/// Each name once, in their order: so that of two who write the same names one waits for the other, and never each
/// for the other. Errors: `EVENT_CONFLICT` for a name with two payloads.
pub(super) fn distinct(events: &[Event]) -> Result<BTreeMap<&Name, &Event>, Error> {
    let mut distinct: BTreeMap<&Name, &Event> = BTreeMap::new();
    for event in events {
        let first = distinct.entry(&event.name).or_insert(event);
        if first.digest != event.digest {
            return Err(conflict(event, first.digest.clone()));
        }
    }
    Ok(distinct)
}

/// The names that were not there before.
async fn write(
    tx: &mut Tx,
    workspace: WorkspaceId,
    events: &BTreeMap<&Name, &Event>,
    rules: Rules,
) -> Result<HashSet<Name>, Error> {
    let now = rules.now.timestamp_micros();
    let rows: Vec<_> = events.values().map(|event| EventRow::of(workspace, event, now)).collect();
    if rows.is_empty() {
        return Ok(HashSet::new());
    }
    let new: Vec<(String, String)> = tx.fetch_all(INSERT, &[row::json(&rows)]).await?;
    let new: HashSet<Name> = new.into_iter().map(|(source, id)| Name { source, id }).collect();
    if new.len() < rows.len() {
        let old: Vec<&Name> = events.keys().copied().filter(|name| !new.contains(name)).collect();
        for stored in find(tx, workspace, &old).await? {
            let name = Name { source: stored.source, id: stored.id };
            let recorded = hex_digest(&stored.digest);
            if let Some(event) = events.get(&name).filter(|event| event.digest != recorded) {
                return Err(conflict(event, recorded));
            }
        }
    }
    let counted: Vec<&Event> = events.values().copied().filter(|event| new.contains(&event.name)).collect();
    check_corrections(tx, workspace, &counted, rules).await?;
    if !counted.is_empty() {
        // From here on it is recorded instead of reserved.
        let names: Vec<&Name> = counted.iter().map(|event| &event.name).collect();
        tx.execute(RESERVED, &[workspace.into(), row::json(&names)]).await?;
    }
    Ok(new)
}

/// Last in its transaction: until the commit, whoever adds to the same sums waits.
async fn add(tx: &mut Tx, workspace: WorkspaceId, counted: &[&Event]) -> Result<(), Error> {
    let sums = sums(workspace, counted);
    if !sums.is_empty() {
        tx.execute(ADD, &[row::json(&sums)]).await?;
    }
    Ok(())
}

/// The events of these names. Errors: the database cannot be used.
pub(super) async fn find(tx: &mut Tx, workspace: WorkspaceId, names: &[&Name]) -> Result<Vec<StoredEvent>, Error> {
    Ok(tx.fetch_all(FIND, &[workspace.into(), row::json(names)]).await?)
}

/// What is corrected must be there, of the same resource and no correction itself, and stay at least nothing.
async fn check_corrections(tx: &mut Tx, workspace: WorkspaceId, events: &[&Event], rules: Rules) -> Result<(), Error> {
    let corrections: Vec<(&Event, &Name)> =
        events.iter().filter_map(|event| Some((*event, event.corrects.as_ref()?))).collect();
    let mut targets: Vec<&Name> = corrections.iter().map(|(_, target)| *target).collect();
    targets.sort();
    targets.dedup();
    if targets.is_empty() {
        return Ok(());
    }
    let found = find(tx, workspace, &targets).await?;
    let found: HashMap<Name, StoredEvent> =
        found.into_iter().map(|e| (Name { source: e.source.clone(), id: e.id.clone() }, e)).collect();
    let sums: Vec<Corrected> = tx.fetch_all(CORRECTIONS, &[workspace.into(), row::json(&targets)]).await?;
    let sums: HashMap<Name, i64> =
        sums.into_iter().map(|sum| (Name { source: sum.source, id: sum.id }, sum.quantity)).collect();
    for (event, target) in corrections {
        let wrong = |problem: &str| Err(Error::Event("corrects", format!("{} {problem}", target.id)));
        match found.get(target) {
            None => return wrong("was not recorded"),
            Some(_) if target.is_reserved() && !rules.peer => return wrong("is not yours to correct"),
            Some(old) if old.resource != event.resource => return wrong("is of another resource"),
            Some(old) if old.corrects_id.is_some() => return wrong("is a correction itself: correct what it corrects"),
            Some(old) if old.quantity + sums.get(target).copied().unwrap_or(0) < 0 => {
                return wrong("would be less than nothing");
            }
            Some(_) => {}
        }
    }
    Ok(())
}

pub(super) fn sums<'a>(workspace: WorkspaceId, events: &[&'a Event]) -> Vec<SumRow<'a>> {
    let mut sums: BTreeMap<(i64, &str), (i64, i64)> = BTreeMap::new();
    for event in events {
        let at = event.at.timestamp_micros();
        let sum = sums.entry((at - at.rem_euclid(QUARTER), &event.resource)).or_default();
        sum.0 += i64::from(event.corrects.is_none());
        sum.1 += event.quantity;
    }
    let workspace_id = workspace.uuid().into();
    let rows = sums.into_iter();
    rows.map(|((at, resource), (events, quantity))| SumRow { workspace_id, at, resource, events, quantity }).collect()
}

fn conflict(event: &Event, recorded: String) -> Error {
    let Name { source, id } = event.name.clone();
    Error::EventConflict { from: source, id, recorded, sent: event.digest.clone() }
}

impl Event {
    fn used(&self) -> Use<'_> {
        Use { resource: &self.resource, quantity: self.quantity, at: self.at }
    }
}

impl<'a> EventRow<'a> {
    fn of(workspace: WorkspaceId, event: &'a Event, now: i64) -> Self {
        Self {
            workspace_id: workspace.uuid().into(),
            source: &event.name.source,
            id: &event.name.id,
            digest: &event.digest,
            resource: &event.resource,
            quantity: event.quantity,
            at: event.at.timestamp_micros(),
            recorded_at: now,
            properties: &event.properties,
            corrects_source: event.corrects.as_ref().map(|name| name.source.as_str()),
            corrects_id: event.corrects.as_ref().map(|name| name.id.as_str()),
        }
    }
}

//! Ledger and roll-ups: what differs, and how is it mended?

use super::{Difference, SETTLES, Scope, values};
use crate::Error;
use chrono::{DateTime, Days, NaiveDate, SecondsFormat, Utc};
use proto::id::WorkspaceId;
use serde_json::{Map, Value as Json, json};
use std::collections::{BTreeMap, BTreeSet};
use store::{Db, Sql, Tx, WorkspaceTx, sql};
use uuid::Uuid;

/// A roll-up: its name, its step in microseconds, how something is added to it.
struct Table {
    name: &'static str,
    step: i64,
    add: Sql,
}

const MINUTES: Table = Table { name: "minutes", step: 60_000_000, add: sql!(pair "rollup/minutes") };
const QUARTERS: Table = Table { name: "quarters", step: 900_000_000, add: sql!(pair "rollup/quarters") };
const STEPS: Sql = sql!(pair "offline/steps");

const FIGURES: [&str; 21] = [
    "requests",
    "attempts",
    "failed",
    "input_tokens",
    "cache_read_tokens",
    "cache_write_5m_tokens",
    "cache_write_1h_tokens",
    "audio_input_tokens",
    "image_input_tokens",
    "output_tokens",
    "audio_output_tokens",
    "image_output_tokens",
    "reasoning_tokens",
    "images",
    "audio_ms",
    "characters",
    "searches",
    "cost_nanos",
    "list_cost_nanos",
    "priced",
    "unpriced",
];

const SPANS: Sql = sql!("offline/spans");
const FORGET_SPANS: Sql = sql!("offline/forget_spans");
const ADD_SPANS: Sql = sql!(pair "rollup/spans");
const LOCK: Sql = sql!(pair "offline/lock");

/// Hours and days, seen from each side: each comes to the same.
const VIEWS: [(&str, &str); 6] =
    [("hour", "model"), ("hour", "caller"), ("hour", "plan"), ("day", "model"), ("day", "caller"), ("day", "plan")];

/// Minutes are kept for longer than this many days before today.
const MINUTES_DAYS: u64 = 6;

/// What the ledger says, and what the roll-up does.
type Sides = [[i64; FIGURES.len()]; 2];

/// Both sides of a key, and the team that follows from it.
#[derive(Default)]
struct Both {
    sides: Sides,
    team: Option<Uuid>,
}

/// One row of either side.
struct SideRow {
    of_ledger: bool,
    key: Key,
    figures: [i64; FIGURES.len()],
    team: Option<Uuid>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    at: DateTime<Utc>,
    provider: String,
    model: String,
    api_key_id: Uuid,
    user_id: Uuid,
    credential_owner: String,
    plan: String,
    operation: String,
    currency: String,
}

/// The sum of one view of a day.
struct SpanRow {
    span: String,
    face: String,
    figures: [i64; FIGURES.len()],
}

impl store::Row for SpanRow {
    fn read(cells: &store::Cells<'_>) -> Result<Self, store::Error> {
        Ok(Self { span: cells.get("span")?, face: cells.get("face")?, figures: figures(cells)? })
    }
}

fn figures(cells: &store::Cells<'_>) -> Result<[i64; FIGURES.len()], store::Error> {
    let mut figures = [0; FIGURES.len()];
    for (figure, name) in figures.iter_mut().zip(FIGURES) {
        *figure = cells.get(name)?;
    }
    Ok(figures)
}

impl store::Row for SideRow {
    fn read(cells: &store::Cells<'_>) -> Result<Self, store::Error> {
        let key = Key {
            at: cells.get("at")?,
            provider: cells.get("provider")?,
            model: cells.get("model")?,
            api_key_id: cells.get("api_key_id")?,
            user_id: cells.get("user_id")?,
            credential_owner: cells.get("credential_owner")?,
            plan: cells.get("plan")?,
            operation: cells.get("operation")?,
            currency: cells.get("currency")?,
        };
        let (figures, team) = (figures(cells)?, cells.get("team_id")?);
        Ok(Self { of_ledger: cells.get::<i64>("of_ledger")? == 1, key, figures, team })
    }
}

/// Every figure of the roll-ups that is not the sum of its ledger rows: each of minutes and quarters, and what hours
/// and days come to. `minutes_from`: from which day on minutes are kept. A server may run meanwhile.
/// Errors: the database cannot be used.
pub async fn compare_rollups(db: &Db, scope: &Scope, minutes_from: NaiveDate) -> Result<Vec<Difference>, Error> {
    let found = each(db, scope, minutes_from, false).await?;
    if found.is_empty() {
        return Ok(found);
    }
    // Between two looks of ours rows may have been added; what really differs does so again.
    tokio::time::sleep(SETTLES).await;
    let mut again = each(db, scope, minutes_from, false).await?;
    let off = |d: &Difference| (d.with, d.workspace.clone(), d.of.clone(), d.figure.clone(), d.ledger - d.found);
    let before: BTreeSet<_> = found.iter().map(off).collect();
    again.retain(|difference| before.contains(&off(difference)));
    Ok(again)
}

/// Makes the roll-ups the sums of their ledger rows, and says what was not. A server may run meanwhile.
/// Errors: the database cannot be used.
pub async fn rebuild_rollups(db: &Db, scope: &Scope, minutes_from: NaiveDate) -> Result<Vec<Difference>, Error> {
    each(db, scope, minutes_from, true).await
}

async fn each(db: &Db, scope: &Scope, minutes_from: NaiveDate, mend: bool) -> Result<Vec<Difference>, Error> {
    let mut differences = vec![];
    for workspace in scope.workspaces(db).await? {
        for day in scope.days() {
            let mut tx = if mend {
                let mut tx = WorkspaceTx::begin(db, workspace).await?;
                tx.execute(LOCK, &[]).await?;
                tx
            } else {
                WorkspaceTx::read(db, workspace).await?
            };
            let before = differences.len();
            spans(&mut tx, workspace, day, mend, &mut differences).await?;
            for table in [&QUARTERS, &MINUTES].into_iter().take(1 + usize::from(day >= minutes_from)) {
                let mut sides = look(&mut tx, table, workspace, day).await?;
                sides.retain(|_, Both { sides: [ledger, found], .. }| ledger != found);
                if mend && !sides.is_empty() {
                    let missing = |[ledger, found]: &Sides| std::array::from_fn(|n| ledger[n] - found[n]);
                    let rows =
                        sides.iter().map(|(key, both)| row(workspace, key, both.team, &missing(&both.sides))).collect();
                    tx.execute(table.add, &[Json::Array(rows).to_string().into()]).await?;
                }
                let of = |key: &Key| {
                    let at = key.at.to_rfc3339_opts(SecondsFormat::Secs, true);
                    format!("{at} {}/{}", key.provider, key.model)
                };
                differences
                    .extend(sides.iter().flat_map(|(key, both)| told(table.name, workspace, of(key), &both.sides)));
            }
            if mend && differences.len() > before {
                tx.commit().await?;
            }
        }
    }
    Ok(differences)
}

/// Hours and the day: what they come to, and if that is wrong, made again.
async fn spans(
    tx: &mut Tx,
    workspace: WorkspaceId,
    day: NaiveDate,
    mend: bool,
    differences: &mut Vec<Difference>,
) -> Result<(), Error> {
    let [id, .., from, to] = values(workspace, day);
    let period = [id, from, to];
    let ledger = look(tx, &QUARTERS, workspace, day).await?;
    let total = ledger
        .values()
        .fold([0; FIGURES.len()], |sum, Both { sides: [ledger, _], .. }| std::array::from_fn(|n| sum[n] + ledger[n]));
    let rows: Vec<SpanRow> = tx.fetch_all(SPANS, &period).await?;
    let before = differences.len();
    for (span, face) in VIEWS {
        let view = rows.iter().find(|row| row.span == span && row.face == face);
        let sides = [total, view.map_or([0; FIGURES.len()], |row| row.figures)];
        differences.extend(told("spans", workspace, format!("{day} by {span} and {face}"), &sides));
    }
    if mend && differences.len() > before {
        tx.execute(FORGET_SPANS, &period).await?;
        let rows = ledger.iter().map(|(key, both)| row(workspace, key, both.team, &both.sides[0])).collect();
        tx.execute(ADD_SPANS, &[Json::Array(rows).to_string().into()]).await?;
    }
    Ok(())
}

/// What both sides say, by key.
async fn look(
    tx: &mut Tx,
    table: &Table,
    workspace: WorkspaceId,
    day: NaiveDate,
) -> Result<BTreeMap<Key, Both>, Error> {
    let mut asked = values(workspace, day).to_vec();
    asked.extend([table.step.into(), table.name.into(), Uuid::nil().into()]);
    let rows: Vec<SideRow> = tx.fetch_all(STEPS, &asked).await?;
    let mut sides: BTreeMap<Key, Both> = BTreeMap::new();
    for row in rows {
        let both = sides.entry(row.key).or_default();
        both.sides[usize::from(!row.of_ledger)] = row.figures;
        both.team = both.team.or(row.team);
    }
    Ok(sides)
}

/// A row as the statements take it that add to roll-ups.
fn row(workspace: WorkspaceId, key: &Key, team: Option<Uuid>, figures: &[i64; FIGURES.len()]) -> Json {
    let mut row = Map::new();
    let texts = [
        ("workspace_id", workspace.uuid().simple().to_string()),
        ("provider", key.provider.clone()),
        ("model", key.model.clone()),
        ("api_key_id", key.api_key_id.simple().to_string()),
        ("user_id", key.user_id.simple().to_string()),
        ("credential_owner", key.credential_owner.clone()),
        ("plan", key.plan.clone()),
        ("operation", key.operation.clone()),
        ("currency", key.currency.clone()),
    ];
    row.extend(texts.map(|(name, text)| (name.to_owned(), Json::String(text))));
    row.insert("team_id".to_owned(), json!(team.map(|team| team.simple().to_string())));
    row.insert("at".to_owned(), json!(key.at.timestamp_micros()));
    row.extend(FIGURES.iter().zip(figures).map(|(name, figure)| ((*name).to_owned(), json!(figure))));
    Json::Object(row)
}

fn told(with: &'static str, workspace: WorkspaceId, of: String, [ledger, found]: &Sides) -> Vec<Difference> {
    let figures = FIGURES.iter().zip(ledger.iter().zip(found)).filter(|(_, (ledger, found))| ledger != found);
    let difference = |(figure, (ledger, found)): (&&str, (&i64, &i64))| Difference {
        with,
        workspace: workspace.to_string(),
        of: of.clone(),
        figure: (*figure).to_owned(),
        ledger: *ledger,
        found: *found,
    };
    figures.map(difference).collect()
}

/// From which day on minutes are certainly there.
pub fn minutes_from(now: DateTime<Utc>) -> NaiveDate {
    let today = now.date_naive();
    today.checked_sub_days(Days::new(MINUTES_DAYS)).unwrap_or(today)
}

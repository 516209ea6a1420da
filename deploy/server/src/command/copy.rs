//! `perpetuo copy`: from files to PostgreSQL, all of it or nothing.

mod staging;

use crate::cli::Source;
use crate::cli::move_data::Copy;
use crate::roles::Roles;
use crate::settings::Settings;
use crate::{keys, lock, say, tables};
use anyhow::{Context as _, bail};
use host::Clock;
use host::config::Secret;
use proto::Role;
use staging::Staging;
use std::process::ExitCode;
use store::copy::{self, Copied, Part, Progress};
use store::{Db, Schema};
use usage_metering::offline;
use workspace::Sealed;

/// A line about a table that is being written, whenever so many rows more are.
const TELL_EVERY: u64 = 50_000;

/// Copies, compares, and says what to do next.
pub async fn run(source: &Source, flags: &Copy) -> anyhow::Result<ExitCode> {
    let (settings, _) = source.load(None)?;
    let (from, to) = places(settings, flags)?;
    if !from.data_dir.join(format!("{}.db", identity::SCHEMA.name)).exists() {
        bail!("there is nothing to copy in {}: name the data directory with --from-data-dir", from.data_dir.display());
    }
    let _lock = lock::take(&from.data_dir)?;
    lock::refuse_half_restored(&from.data_dir)?;
    let staging = Staging::of(&from).await?;
    if flags.dry_run {
        return dry_run(&staging, &to).await;
    }
    let mut parts = vec![];
    for (role, schema, db) in staging.dbs() {
        let there = migrated(&to, role, schema).await?;
        let before =
            if role == Role::UsageMetering { offline::months(db, Clock::system().now()).await? } else { vec![] };
        parts.push(Part { from: db.clone(), to: there, before });
    }
    let copied = copy::copy(&parts, &mut told()).await?;
    let rows: u64 = copied.iter().map(|table| table.rows).sum();
    say::line(&format!("{rows} rows in {} tables, each read back and compared.", copied.len()));
    let opens = opens(&from, &parts).await;
    for part in parts {
        part.to.close().await;
    }
    staging.close().await;
    say::line(&next(&from, opens?));
    Ok(ExitCode::SUCCESS)
}

/// The settings of both sides. Errors: the target is no PostgreSQL.
fn places(settings: Settings, flags: &Copy) -> anyhow::Result<(Settings, Settings)> {
    let mut to = settings.clone();
    if let Some(url) = &flags.to {
        to.database.url = Some(Secret::from(url.as_str()));
        to.database.url_file = None;
    }
    if to.database.url.is_none() {
        bail!("name the database to copy to: --to postgres://user:password@host/database, or DATABASE_URL");
    }
    to.check(&Roles::default())?;
    // One connection reads what is there, another one writes.
    to.database.max_connections = to.database.max_connections.min(2);
    let mut from = settings;
    from.database.url = None;
    if let Some(dir) = &flags.from_data_dir {
        from.data_dir.clone_from(dir);
    }
    Ok((from, to))
}

async fn migrated(to: &Settings, role: Role, schema: &Schema) -> anyhow::Result<Db> {
    let db = tables::open(to, schema)?;
    db.migrate().await.with_context(|| format!("the tables of {role} on PostgreSQL cannot be brought up to date"))?;
    Ok(db)
}

fn told() -> impl FnMut(Progress<'_>) {
    let mut last = 0;
    move |progress| match progress {
        Progress::Writing(schema, table, rows) => {
            if rows < last {
                last = 0;
            }
            if rows - last >= TELL_EVERY {
                last = rows;
                say::error(&format!("{schema}.{table}: {rows} rows so far"));
            }
        }
        Progress::Compared(Copied { schema, table, rows, digest }) => {
            let name = format!("{schema}.{table}");
            say::line(&format!("{name:<32} {rows:>10} rows  sha256 {}", &digest[..16.min(digest.len())]));
        }
    }
}

/// What is there, and whether the target could take it.
async fn dry_run(staging: &Staging, to: &Settings) -> anyhow::Result<ExitCode> {
    let mut problem = None;
    for (role, schema, db) in staging.dbs() {
        for (table, rows) in copy::count(db).await? {
            let name = format!("{}.{table}", schema.name);
            say::line(&format!("{name:<32} {rows:>10} rows"));
        }
        let there = tables::open(to, schema)?;
        let pending =
            there.pending().await.with_context(|| format!("the tables of {role} on PostgreSQL cannot be read"))?;
        if !pending.is_empty() {
            say::line(&format!("{role}: {} migrations would be applied first", pending.len()));
        }
        if let Some(table) = copy::occupied(&there).await? {
            problem.get_or_insert(table);
        }
        there.close().await;
    }
    let code = match problem {
        Some(table) => {
            say::line(&format!("The target is not empty: {table} has rows. Give an empty database."));
            ExitCode::FAILURE
        }
        None => {
            say::line("Nothing was changed. Without --dry-run all of it is copied and compared.");
            ExitCode::SUCCESS
        }
    };
    Ok(code)
}

/// Whether the master key of the data directory opens what was copied; None where that key is not here.
async fn opens(from: &Settings, parts: &[Part]) -> anyhow::Result<Option<bool>> {
    let Ok(master) = keys::master(from) else { return Ok(None) };
    let of = |name: &str| parts.iter().map(|part| (&part.from, &part.to)).find(|(from, _)| from.name() == name);
    let (Some((_, identity)), Some((_, workspace))) = (of(identity::SCHEMA.name), of(workspace::SCHEMA.name)) else {
        return Ok(None);
    };
    let sealed = workspace::sealed_under(workspace, Some(&master)).await?;
    Ok(Some(sealed != Sealed::Locked && identity::opens(identity, &master).await?))
}

fn next(from: &Settings, opens: Option<bool>) -> String {
    let (data, keys) = (from.data_dir.display(), from.keys_dir());
    let keys = keys.display();
    let about_keys = match opens {
        Some(true) => format!("What is sealed opens with the master key in {keys}: take those keys along"),
        Some(false) => format!("The master key in {keys} does not open it: find the one that does"),
        None => format!("What is sealed opens with the master key of {data} only, which is not in {keys}: find it"),
    };
    format!(
        "{about_keys}.\nThe files in {data} are as they were, and must not go on by themselves: keep them until you are \
         content, and do not start perpetuo on them.\nNext: set DATABASE_URL (database.url) and keys.dir wherever \
         perpetuo runs, then `perpetuo doctor` and `perpetuo serve`. Letters in mail/ were not copied."
    )
}

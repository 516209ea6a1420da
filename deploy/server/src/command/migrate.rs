//! `perpetuo migrate`

use super::serve::prepare;
use crate::cli::Source;
use crate::roles::Roles;
use crate::settings::Settings;
use crate::{keys, say, tables};
use anyhow::{Context as _, bail, ensure};
use std::process::ExitCode;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// Between two looks at what is missing.
const PAUSE: Duration = Duration::from_secs(1);

/// Brings every schema up to date, or waits until somebody else has, for so many seconds.
pub async fn run(source: &Source, wait: Option<u64>) -> anyhow::Result<ExitCode> {
    let (settings, _) = source.load(None)?;
    let roles = Roles::default();
    if let Some(seconds) = wait {
        ensure!(settings.database.url.is_some(), "--wait is for PostgreSQL: set DATABASE_URL (database.url)");
        self::wait(&settings, &roles, Duration::from_secs(seconds)).await?;
        return Ok(ExitCode::SUCCESS);
    }
    let _lock = prepare::lock(&settings, &roles)?;
    if settings.is_embedded(&roles) {
        // Before there is data: data without a key is refused later.
        keys::master_or_first(&settings)?;
    }
    migrate(&settings, &roles).await?;
    Ok(ExitCode::SUCCESS)
}

/// Brings the schemas of these roles up to date, and says so.
///
/// # Errors
/// The first migration that fails; the ones before it stay.
pub async fn migrate(settings: &Settings, roles: &Roles) -> anyhow::Result<()> {
    for (role, schema) in tables::of(roles) {
        let db = tables::open(settings, &schema)?;
        let pending = db.pending().await.with_context(|| format!("the tables of {role} cannot be read"))?;
        if pending.is_empty() {
            say::error(&format!("{role}: up to date"));
        } else {
            say::error(&format!("{role}: applying {}", pending.join(", ")));
            db.migrate().await.with_context(|| format!("the tables of {role} cannot be brought up to date"))?;
        }
        db.close().await;
    }
    Ok(())
}

/// Waits until nothing is missing. A database that is away is waited for as well.
async fn wait(settings: &Settings, roles: &Roles, patience: Duration) -> anyhow::Result<()> {
    let end = Instant::now() + patience;
    for (role, schema) in tables::of(roles) {
        let db = tables::open(settings, &schema)?;
        loop {
            let why = match db.pending().await {
                Ok(pending) if pending.is_empty() => break,
                Ok(pending) => format!("{} is missing", pending.join(", ")),
                // Waiting does not make a release newer.
                Err(error @ store::Error::Setup(_)) => return Err(error.into()),
                Err(error) => error.to_string(),
            };
            if Instant::now() >= end {
                bail!("the tables of {role} are not up to date after {} s: {why}", patience.as_secs());
            }
            sleep(PAUSE).await;
        }
        say::error(&format!("{role}: up to date"));
        db.close().await;
    }
    Ok(())
}

//! `perpetuo migrate`

use super::serve::prepare;
use crate::cli::Source;
use crate::roles::Roles;
use crate::settings::Settings;
use crate::{keys, say, tables};
use anyhow::Context as _;
use std::process::ExitCode;

/// Brings every schema up to date.
pub async fn run(source: &Source) -> anyhow::Result<ExitCode> {
    let (settings, _) = source.load(None)?;
    let roles = Roles::default();
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

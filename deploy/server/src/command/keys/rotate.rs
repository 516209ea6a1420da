//! `perpetuo keys rotate-master`: seals again what old keys have sealed.

use super::sealed;
use crate::cli::Source;
use crate::roles::Roles;
use crate::{keys, say, tables};
use anyhow::{Context as _, bail};
use proto::Role;
use std::process::ExitCode;
use store::Db;
use store::seal::MasterKey;

/// Works on the databases themselves, whether processes run or not. Fails if something is left.
pub async fn run(source: &Source, dry_run: bool) -> anyhow::Result<ExitCode> {
    let (settings, _) = source.load(None)?;
    let ring = keys::master(&settings)?;
    let old: Vec<_> = ring.each().skip(1).map(|key| key.fingerprint()).collect();
    if old.is_empty() {
        bail!(
            "there is only one master key (fingerprint {}), so there is nothing to seal again: \
             `perpetuo keys rotate-master --help` shows the steps",
            ring.fingerprint()
        );
    }
    say::line(&format!("The key {} takes over from {}.", ring.fingerprint(), old.join(" and ")));
    let mut rest = Rest::default();
    for (role, schema) in tables::of(&Roles::default()) {
        if sealed::columns(role).is_empty() {
            continue;
        }
        let db = tables::up_to_date(&settings, &schema).await?;
        let done = of_role(&db, role, &ring, dry_run, &mut rest).await;
        db.close().await;
        done.with_context(|| format!("the tables of {role} were not done"))?;
    }
    let Rest { left, strange, damaged } = rest;
    if damaged > 0 {
        say::line(&format!(
            "{damaged} values do not open with the key that has sealed them, and were left as they are: each is named \
             above. A backup may have them whole."
        ));
    }
    if strange > 0 {
        say::line(&format!(
            "{strange} values were sealed by a key that is not here: give it too (keys.previous_master_files)."
        ));
    }
    Ok(match (dry_run, left + strange + damaged) {
        (_, 0) => {
            say::line(
                "Nothing is left: once no process seals with the old key any more, `perpetuo doctor` says so too.",
            );
            ExitCode::SUCCESS
        }
        (true, _) => ExitCode::SUCCESS,
        (false, _) => ExitCode::FAILURE,
    })
}

/// Values that the first key does not open.
#[derive(Default)]
struct Rest {
    /// Sealed by old keys, damaged ones included.
    left: u64,
    /// Sealed by keys that are not here.
    strange: u64,
    /// No key opens them.
    damaged: u64,
}

async fn of_role(db: &Db, role: Role, ring: &MasterKey, dry_run: bool, rest: &mut Rest) -> anyhow::Result<()> {
    for column in sealed::columns(role) {
        let mut tell = |found: String| {
            say::line(&found);
            rest.damaged += 1;
        };
        let done = if dry_run { 0 } else { column.rotate_past(db, ring, &mut tell).await? };
        let now = column.count(db, ring).await?;
        let old: u64 = now.by.iter().skip(1).sum();
        let label = format!("{role} {}", column.label());
        say::line(&format!("{label:<40} {done:>8} sealed again, {old:>8} left"));
        rest.left += old;
        rest.strange += now.by_others;
    }
    if role == Role::Workspace {
        let heads = workspace::sign_heads_again(db, ring, dry_run).await?;
        let (done, old) = if dry_run { (0, heads.before) } else { (heads.before, 0) };
        let label = format!("{role} ends of audit trails");
        say::line(&format!("{label:<40} {done:>8} signed again, {old:>8} left"));
        rest.left += old;
    }
    Ok(())
}

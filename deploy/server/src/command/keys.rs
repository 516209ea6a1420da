//! `perpetuo keys`

mod rotate;
pub mod sealed;

use crate::cli::Source;
use crate::cli::keys::Keys;
use crate::keys::{self, Made};
use crate::say;
use std::path::Path;
use std::process::ExitCode;

/// Makes or replaces keys, and says what to do with them.
pub async fn run(source: &Source, what: &Keys) -> anyhow::Result<ExitCode> {
    match what {
        Keys::Generate { dir } => generate(dir),
        Keys::NewMaster { file } => {
            let key = keys::new_master(file)?;
            say::line(&format!("wrote {} (fingerprint {})", file.display(), key.fingerprint()));
            say::line(
                "Next: `perpetuo keys rotate-master --help` shows the steps that put it in the place of another.",
            );
            Ok(ExitCode::SUCCESS)
        }
        Keys::RotateMaster { dry_run } => rotate::run(source, *dry_run).await,
    }
}

fn generate(dir: &Path) -> anyhow::Result<ExitCode> {
    let made = keys::generate(dir)?;
    let dir = dir.display();
    if let Made::Roles(roles) = made {
        for role in roles {
            say::line(&format!("wrote {dir}/peers/{role}.key and {role}.pub, and left everything else as it was"));
        }
        return Ok(ExitCode::SUCCESS);
    }
    say::line(&format!(
        "wrote {dir}/master.key        seals secrets at rest: for the roles identity, workspace and usage-metering"
    ));
    say::line(&format!("wrote {dir}/peers/<role>.key  proves a role: for the processes that run it"));
    say::line(&format!("wrote {dir}/peers/<role>.pub  for every process"));
    say::line(
        "Keep a copy of master.key away from your backups: without it nothing that was sealed can be read again.",
    );
    say::line(&format!("Next: set keys.dir to {dir} in the configuration of each process, then `perpetuo migrate`."));
    Ok(ExitCode::SUCCESS)
}

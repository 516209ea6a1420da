//! `perpetuo keys`

use crate::cli::Keys;
use crate::keys::{self, Made};
use crate::say;
use std::process::ExitCode;

/// Makes keys and says what to do with them.
pub fn run(what: &Keys) -> anyhow::Result<ExitCode> {
    let Keys::Generate { dir } = what;
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

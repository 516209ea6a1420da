//! `perpetuo audit`: is a trail what happened?

use crate::cli::Source;
use crate::cli::audit::{Audit, Verify};
use crate::{keys, say};
use anyhow::Context as _;
use std::fs::File;
use std::io::BufReader;
use std::path::Path;
use std::process::ExitCode;
use workspace::verify::{self, Known};

/// Does what the command line says about audit trails.
pub fn run(source: &Source, what: Audit) -> anyhow::Result<ExitCode> {
    match what {
        Audit::Verify(flags) => verify(&flags),
        Audit::Key => {
            let (settings, _) = source.load(None)?;
            let master = keys::master(&settings)?;
            say::line(&workspace::audit_public_key(&master));
            for before in master.each().skip(1) {
                let key = workspace::audit_public_key(&before);
                say::error(&format!("exports from before the master key was replaced: {key}"));
            }
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn verify(flags: &Verify) -> anyhow::Result<ExitCode> {
    let earlier = flags.after.as_deref().map(|file| {
        verify::head(&mut open(file)?).with_context(|| format!("{} cannot be compared with", file.display()))
    });
    let (public_key, earlier_key) = (flags.public_key.clone(), flags.earlier_key.clone());
    let known = Known { public_key, earlier: earlier.transpose()?, earlier_key };
    let head = match verify::verify(open(&flags.file)?, &known) {
        Ok(head) => head,
        Err(fault) => {
            say::error(&format!("{}: {fault}", flags.file.display()));
            return Ok(ExitCode::FAILURE);
        }
    };
    let until = head.at.format("%Y-%m-%d %H:%M:%S UTC");
    say::line(&format!(
        "{}: all {} entries of {} until {until} are whole",
        flags.file.display(),
        head.seq,
        head.workspace_id
    ));
    if known.public_key.is_none() {
        let key = &head.public_key;
        say::line(&format!(
            "signed with the key {key}: compare it with `perpetuo audit key`, or give it as --public-key"
        ));
    }
    Ok(ExitCode::SUCCESS)
}

fn open(file: &Path) -> anyhow::Result<BufReader<File>> {
    File::open(file).map(BufReader::new).with_context(|| format!("{} cannot be opened", file.display()))
}

//! The flags of `perpetuo keys`.

use clap::Subcommand;
use std::path::PathBuf;

/// What to do about keys.
#[derive(Debug, Subcommand)]
pub enum Keys {
    /// Write a master key, and a key pair for each role, into a new directory
    #[command(after_help = "Give each process master.key if it runs identity, workspace or usage-metering, its own \
                            role's private key, and all public keys. Keep a copy of master.key outside of your \
                            backups: without it nothing that was sealed can be read again.")]
    Generate {
        /// The directory; it is created, and nothing in it is overwritten
        #[arg(long, value_name = "DIR")]
        dir: PathBuf,
    },
    /// Write a new master key into a new file, to replace the one in use
    NewMaster {
        /// The file; such as keys/master.key.1
        #[arg(long, value_name = "FILE")]
        file: PathBuf,
    },
    /// Seal with the master key what others of the keys have sealed, while everything runs; safe to repeat
    #[command(after_help = ROTATION)]
    RotateMaster {
        /// Say what there is to do, and change nothing
        #[arg(long)]
        dry_run: bool,
    },
}

const ROTATION: &str = "\
Replacing the master key without downtime:
  1. perpetuo keys new-master --file keys/master.key.1   the new one; give it to every process that has the old one
  2. restart those processes one by one                  both open now, the old one seals
  3. let master.key and master.key.1 change places everywhere, and restart one by one: the new one seals
  4. perpetuo keys rotate-master                         on one of them; repeat until it says that nothing is left
  5. perpetuo doctor                                     says when the old key opens nothing any more: remove master.key.1,
                                                         and restart one by one

Keep the old key as long as the backups from before step 4. Whoever verifies exported audit trails needs the new key of
`perpetuo audit key`; links to exports in letters from before step 3 end with the old key.";

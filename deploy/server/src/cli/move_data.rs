//! The flags of the commands that take data from one place to another.

use clap::Args;
use std::path::PathBuf;

/// Flags of `backup`.
#[derive(Args, Debug)]
pub struct Backup {
    /// The directory to write to; a new one
    #[arg(long, value_name = "DIR")]
    pub to: PathBuf,
}

/// Flags of `restore`.
#[derive(Args, Debug)]
pub struct Restore {
    /// The directory that `perpetuo backup` has written
    #[arg(long, value_name = "DIR")]
    pub from: PathBuf,
}

/// Flags of `copy`.
#[derive(Args, Debug)]
pub struct Copy {
    /// The database to copy to, empty or migrated: postgres://user:password@host/database [default: database.url]
    #[arg(long, value_name = "URL")]
    pub to: Option<String>,
    /// The data directory to copy from [default: data_dir]
    #[arg(long, value_name = "DIR")]
    pub from_data_dir: Option<PathBuf>,
    /// Say what would be copied, and change nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// For `--help`.
pub const BACKUP_EXAMPLES: &str = "\
Examples:
  perpetuo backup --to /backups/2026-06-01                      of ./data, whether perpetuo runs or not
  perpetuo backup --to /backups/2026-06-01 --data-dir /var/lib/perpetuo

It is what a process that was killed at that instant would have left, and restoring it is starting again. Keys are not in
it: keep a copy of them elsewhere. PostgreSQL has tools of its own: deploy/backup/README.md.";

/// For `--help`.
pub const RESTORE_EXAMPLES: &str = "\
Examples:
  perpetuo restore --from /backups/2026-06-01 --data-dir ./restored
  cp -r /safe/keys ./restored/keys                              the keys of the installation, before or after
  perpetuo serve --data-dir ./restored";

/// For `--help`.
pub const COPY_EXAMPLES: &str = "\
Examples:
  perpetuo copy --to postgres://perpetuo@db.internal/perpetuo --dry-run
  DATABASE_URL=postgres://perpetuo:…@db.internal/perpetuo perpetuo copy --from-data-dir /var/lib/perpetuo

Stop perpetuo on the data directory first; its files stay as they are, and as much space again is needed beside them
meanwhile. database.admin_url (PERPETUO__DATABASE__ADMIN_URL) names the user who migrates and owns the tables. A run that
was interrupted has changed nothing: begin again.";

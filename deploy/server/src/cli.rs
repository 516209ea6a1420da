//! The command line.

pub mod admin;
pub mod audit;
pub mod billing;
pub mod envoy;
pub mod keys;
pub mod move_data;
pub mod records;

use crate::roles::Roles;
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::net::SocketAddr;
use std::path::PathBuf;

/// Perpetuo: an OpenAI-compatible gateway with accounts, workspaces, your own provider keys and metered usage.
///
/// `perpetuo serve` runs everything in one process, with its data in ./data: no database server, account or internet
/// connection is needed.
#[derive(Debug, Parser)]
#[command(name = "perpetuo", version, after_help = EXAMPLES, max_term_width = 110)]
pub struct Cli {
    /// What to do
    #[command(subcommand)]
    pub command: Command,
    /// Where the settings come from
    #[command(flatten)]
    pub source: Source,
}

/// Where the settings come from.
#[derive(Args, Clone, Debug, Default)]
pub struct Source {
    /// A YAML file with settings. Environment variables (PERPETUO__SECTION__KEY) and flags override it
    #[arg(long, short, global = true, value_name = "FILE", env = "PERPETUO_CONFIG")]
    pub config: Option<PathBuf>,
    /// Where data and keys are kept [default: ./data]
    #[arg(long, global = true, value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run Perpetuo until it is told to stop (Ctrl-C or SIGTERM)
    #[command(after_help = SERVE_EXAMPLES)]
    Serve(Serve),
    /// Bring the database up to date; safe to repeat, and to run from several places at once
    Migrate {
        /// Change nothing, and wait until somebody else has: at most so many seconds [default: 600]. Needs no more rights than
        /// `serve` does
        #[arg(long, value_name = "SECONDS", num_args = 0..=1, default_missing_value = "600")]
        wait: Option<u64>,
    },
    /// Ask the process that runs with these settings whether it is ready; exit code 0 if it is
    #[command(after_help = "For health checks where there is no HTTP client, as in the container image.")]
    Probe,
    /// Print the settings in force and where each comes from; secrets stay hidden
    Config,
    /// Check stores, keys, clock, ports and peers, and say what to do about each problem
    Doctor(Select),
    /// Print the OpenAPI 3.1 description of the HTTP API
    Openapi,
    /// Print a complete configuration for an Envoy in front, made from the settings that the services read
    #[command(after_help = envoy::help())]
    EnvoyConfig(envoy::EnvoyConfig),
    /// Sum up usage, and look after its records, on the database itself
    #[command(subcommand)]
    Usage(Usage),
    /// Compare money with the providers of payments, through a Perpetuo that runs
    #[command(subcommand)]
    Billing(billing::Billing),
    /// Say who operates the platform; on the host, on the database itself, whether Perpetuo runs or not
    #[command(subcommand)]
    Admin(admin::Admin),
    /// Check exported audit trails, anywhere, without the installation that wrote them
    #[command(subcommand)]
    Audit(audit::Audit),
    /// Copy what is embedded in files, while it runs; keys are left out
    #[command(after_help = move_data::BACKUP_EXAMPLES)]
    Backup(move_data::Backup),
    /// Put a backup into a new data directory
    #[command(after_help = move_data::RESTORE_EXAMPLES)]
    Restore(move_data::Restore),
    /// Move what is embedded in files to PostgreSQL, all of it or nothing, and compare every row
    #[command(after_help = move_data::COPY_EXAMPLES)]
    Copy(move_data::Copy),
    /// Make the keys that separate processes need, and replace the master key
    #[command(subcommand)]
    Keys(keys::Keys),
    /// Print a completion script for your shell
    #[command(
        after_help = "Example:\n  perpetuo completions bash > ~/.local/share/bash-completion/completions/perpetuo"
    )]
    Completions {
        /// The shell to complete in
        shell: clap_complete::Shell,
    },
}

/// Which roles a process runs.
#[derive(Args, Clone, Debug, Default)]
pub struct Select {
    /// Only these roles, separated by commas: edge, identity, workspace, gateway, usage-metering, billing,
    /// agent-engine
    #[arg(long = "role", value_name = "ROLES", default_value_t)]
    pub roles: Roles,
}

/// Flags of `serve`.
#[derive(Args, Debug)]
pub struct Serve {
    /// Which roles to run
    #[command(flatten)]
    pub select: Select,
    /// Where HTTP is served [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub listen: Option<SocketAddr>,
    /// Bring the database up to date first. Without PostgreSQL this always happens
    #[arg(long)]
    pub migrate: bool,
}

/// What to do about usage.
#[derive(Debug, Subcommand)]
pub enum Usage {
    /// Print what all workspaces used, whether Perpetuo runs or not
    #[command(after_help = SUMMARY_EXAMPLES)]
    Summary(Summary),
    /// Compare the ledger with everything that follows it, and with a provider's figures; fail on any difference
    #[command(after_help = RECONCILE_EXAMPLES)]
    Reconcile(records::Reconcile),
    /// Make the daily usage counters in Redis what the ledger says, and print which were wrong
    RebuildCounters(records::Rebuild),
    /// Make the roll-up tables what the ledger says, and print which sums were wrong
    RebuildRollups(records::Rebuild),
    /// Price a period again by the prices that hold now; what differs becomes rows of its own, and twice changes nothing
    ReRate(records::Rebuild),
}

/// What to sum up.
#[derive(Args, Clone, Debug)]
pub struct Summary {
    /// A line for each workspace, plan, provider or day (of UTC)
    #[arg(long, value_name = "WHAT", default_value = "workspace")]
    pub by: SummaryBy,
    /// From when: a date, or the beginning of an hour such as 2026-01-31T12:00:00Z [default: this calendar month, UTC]
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub from: Option<DateTime<Utc>>,
    /// Until when, exclusive [default: now]
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub to: Option<DateTime<Utc>>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// What a summary has a line for.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum SummaryBy {
    Workspace,
    Plan,
    Provider,
    Day,
}

/// A time on the command line: a date is its first moment in UTC.
pub(crate) fn time(text: &str) -> Result<DateTime<Utc>, &'static str> {
    let date = || text.parse::<NaiveDate>().ok().map(|date| date.and_time(NaiveTime::MIN).and_utc());
    let time = DateTime::parse_from_rfc3339(text).ok().map(|time| time.to_utc());
    time.or_else(date).ok_or("not a date such as 2026-01-31 nor a time such as 2026-01-31T12:00:00Z")
}

const EXAMPLES: &str = "\
Examples:
  perpetuo serve                                  everything, with data in ./data
  perpetuo serve --listen 0.0.0.0:8080            reachable from other machines
  DATABASE_URL=postgres://… perpetuo migrate      prepare a PostgreSQL database
  perpetuo doctor                                 what is wrong, and what to do about it";

const SERVE_EXAMPLES: &str = "\
Examples:
  perpetuo serve
  perpetuo serve --data-dir /var/lib/perpetuo --config /etc/perpetuo.yaml
  perpetuo serve --role edge,gateway --config cluster.yaml

With DATABASE_URL set to a PostgreSQL URL that database is used; otherwise SQLite files under the data directory.
With REDIS_URL set, limits are counted in Redis, as several usage-metering processes need.";

const SUMMARY_EXAMPLES: &str = "\
Examples:
  perpetuo usage summary                                     each workspace, this month
  perpetuo usage summary --by day --from 2026-01-01 --to 2026-02-01
  perpetuo usage summary --by provider --json";

const RECONCILE_EXAMPLES: &str = "\
Examples:
  perpetuo usage reconcile                                   this month, all workspaces
  perpetuo usage reconcile --from 2026-01-01 --to 2026-01-31 --provider-export openai.json --json

Perpetuo may run meanwhile. A provider's cost is compared with the cost by the list, its requests with the calls that
it worked for; days are those of UTC.";

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn settings_can_be_named_before_and_after_the_command() {
        for args in [&["perpetuo", "-c", "a.yaml", "serve"][..], &["perpetuo", "serve", "--config", "a.yaml"]] {
            assert_eq!(Cli::parse_from(args).source.config, Some("a.yaml".into()));
        }
    }

    #[test]
    fn an_unknown_role_is_refused_with_the_list_of_roles() {
        let error = Cli::try_parse_from(["perpetuo", "serve", "--role", "edge,chat"]).unwrap_err().to_string();
        assert!(error.contains("chat") && error.contains("usage-metering"), "{error}");
    }
}

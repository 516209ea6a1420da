//! Flags of the commands that look after the records of usage.

use chrono::NaiveDate;
use clap::Args;
use proto::id::WorkspaceId;
use std::path::PathBuf;

/// Which records.
#[derive(Args, Clone, Debug)]
pub struct Records {
    /// From which day on, such as 2026-01-31, in UTC [default: the first of this month]
    #[arg(long, value_name = "DAY")]
    pub from: Option<NaiveDate>,
    /// Until which day, this day included [default: today]
    #[arg(long, value_name = "DAY")]
    pub to: Option<NaiveDate>,
    /// Only this workspace (ws_…)
    #[arg(long, value_name = "ID")]
    pub workspace: Option<WorkspaceId>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// Flags of `usage reconcile`.
#[derive(Args, Clone, Debug)]
pub struct Reconcile {
    /// Which records
    #[command(flatten)]
    pub records: Records,
    /// A provider's own figures: OpenAI's usage export by day and model (JSON or CSV), or a CSV with the columns
    /// provider,model,day,input_tokens,output_tokens,requests and, where known, cost
    #[arg(long, value_name = "FILE")]
    pub provider_export: Option<PathBuf>,
}

/// Flags of `usage rebuild-counters`, `usage rebuild-rollups` and `usage re-rate`.
#[derive(Args, Clone, Debug)]
pub struct Rebuild {
    /// Which records
    #[command(flatten)]
    pub records: Records,
    /// Print what would be written, and change nothing
    #[arg(long)]
    pub dry_run: bool,
}

//! Flags of `perpetuo billing`.

use super::time;
use chrono::{DateTime, Utc};
use clap::{Args, Subcommand};

/// What to do about money.
#[derive(Debug, Subcommand)]
pub enum Billing {
    /// Compare what the providers of payments received with the ledger and the invoices, and write down what was missed;
    /// fail on any difference that nobody can explain
    #[command(after_help = EXAMPLES)]
    Reconcile(Reconcile),
}

/// Flags of `billing reconcile`.
#[derive(Args, Clone, Debug)]
pub struct Reconcile {
    /// From when: a date, or a time such as 2026-01-31T12:00:00Z [default: a day before --to]
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub from: Option<DateTime<Utc>>,
    /// Until when, exclusive; at most 31 days after --from [default: now]
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub to: Option<DateTime<Utc>>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

const EXAMPLES: &str = "\
Examples:
  perpetuo billing reconcile                                 the last day
  perpetuo billing reconcile --from 2026-01-01 --to 2026-02-01 --json

It asks the billing role that runs here, or where peers.billing says, with the key of the edge.";

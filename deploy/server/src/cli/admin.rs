//! The flags of `perpetuo admin`.

use clap::{Args, Subcommand};
use proto::PlatformRole;

/// What to do about operators.
#[derive(Debug, Subcommand)]
pub enum Admin {
    /// Make an account an operator of the platform. Its tokens say so from their next refresh
    #[command(
        after_help = "Example:\n  perpetuo admin grant ada@example.com\n  perpetuo admin grant bob@example.com --role developer"
    )]
    Grant(Grant),
    /// Take an operator's role away, on every running process within a second
    Revoke(Revoke),
    /// Invite an address to sign up, where not everybody may (identity.signup)
    #[command(
        after_help = "Examples:\n  perpetuo admin invite ada@example.com\n  perpetuo admin invite ada@example.com --mail --locale pt-BR"
    )]
    Invite(Invite),
    /// End every session of an account, or of everybody, within a second. API keys go on working
    #[command(after_help = "Example:\n  perpetuo admin log-out ada@example.com\n  perpetuo admin log-out --everybody")]
    LogOut(LogOut),
    /// Print who operates the platform
    List(Format),
    /// Print what operators did, the newest first
    Audit(Audit),
}

/// Whom to make what.
#[derive(Args, Debug)]
pub struct Grant {
    /// The address of an account that exists
    pub email: String,
    /// admin sees and changes, developer sees
    #[arg(long, default_value = "admin", value_name = "admin|developer")]
    pub role: PlatformRole,
}

/// Whose role to take away.
#[derive(Args, Debug)]
pub struct Revoke {
    /// The address of the account
    pub email: String,
    /// Only if it has this role
    #[arg(long, value_name = "admin|developer")]
    pub role: Option<PlatformRole>,
}

/// Whom to invite.
#[derive(Args, Debug)]
pub struct Invite {
    /// The address that may sign up
    pub email: String,
    /// Send the link in a letter as well
    #[arg(long)]
    pub mail: bool,
    /// In which language the letter is
    #[arg(long, default_value = "en", value_name = "en|pt-BR", value_parser = ["en", "pt-BR"], requires = "mail")]
    pub locale: String,
    /// How to print
    #[command(flatten)]
    pub format: Format,
}

/// Whom to log out.
#[derive(Args, Debug)]
#[group(required = true, multiple = false)]
pub struct LogOut {
    /// The address of the account
    pub email: Option<String>,
    /// Everybody who is logged in, operators too
    #[arg(long)]
    pub everybody: bool,
}

/// How to print.
#[derive(Args, Clone, Copy, Debug)]
pub struct Format {
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// How much of the trail to print.
#[derive(Args, Debug)]
pub struct Audit {
    /// How many records, at most
    #[arg(long, default_value_t = 50, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub limit: u32,
    /// How to print
    #[command(flatten)]
    pub format: Format,
}

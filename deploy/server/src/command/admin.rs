//! `perpetuo admin`: who operates the platform, and who may join it?
//!
//! It works on the database itself: nobody becomes an operator by what they can send over the network.

use crate::cli::Source;
use crate::cli::admin::{Admin, Audit, Format, Grant, Invite, LogOut, Revoke};
use crate::roles::Roles;
use crate::say;
use crate::settings::Settings;
use crate::tables;
use host::{Clock, Ids};
use identity::operators::{self, Host, Invited, Operator, Whose};
use serde_json::json;
use std::process::ExitCode;
use store::{
    Db,
    platform_audit::{self, Act},
};

/// Does what the command line says about operators.
pub async fn run(source: &Source, what: Admin) -> anyhow::Result<ExitCode> {
    let (settings, _) = source.load(None)?;
    // This command cannot see how the roles are spread; on PostgreSQL none of that is the embedded mode.
    let needs_mfa = settings.operators_need_mfa(&Roles::default());
    let db = tables::up_to_date(&settings, &identity::SCHEMA).await?;
    let clock = Clock::system();
    let host = Host { db, ids: Ids::new(clock.clone()), clock, actor: actor() };
    match what {
        Admin::Grant(flags) => grant(&host, &flags, needs_mfa).await?,
        Admin::Revoke(flags) => revoke(&host, &flags).await?,
        Admin::Invite(flags) => invite(&host, &flags, &settings).await?,
        Admin::LogOut(flags) => log_out(&host, &flags).await?,
        Admin::List(format) => list(&operators::list(&host.db).await?, format),
        Admin::Audit(Audit { limit, format }) => audit(&trail(&settings, &host.db, limit).await?, format),
    }
    host.db.close().await;
    Ok(ExitCode::SUCCESS)
}

/// What was done to the platform in every service that keeps a trail of that, the newest first.
async fn trail(settings: &Settings, identity: &Db, limit: u32) -> anyhow::Result<Vec<Act>> {
    let mut all = platform_audit::acts(identity, limit).await?;
    for schema in [&workspace::SCHEMA, &billing::SCHEMA] {
        let db = tables::up_to_date(settings, schema).await?;
        all.extend(platform_audit::acts(&db, limit).await?);
        db.close().await;
    }
    all.sort_by_key(|record| std::cmp::Reverse(record.at));
    all.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    Ok(all)
}

async fn grant(host: &Host, flags: &Grant, needs_mfa: bool) -> anyhow::Result<()> {
    let granted = operators::grant(host, &flags.email, flags.role).await?;
    let (email, role) = (&flags.email, flags.role);
    say::line(&match granted.before {
        Some(before) if before == role => format!("{email} is {role} of the platform already"),
        Some(before) => format!("{email} is {role} of the platform now, and was {before}"),
        None => format!("{email} is {role} of the platform from the next refresh of their tokens, or login, on"),
    });
    if needs_mfa && !granted.has_mfa {
        say::line(
            "They have no second factor yet, and the role counts only in sessions that have shown one: POST /me/mfa/totp or /me/passkeys.",
        );
    }
    Ok(())
}

async fn revoke(host: &Host, flags: &Revoke) -> anyhow::Result<()> {
    let revoked = operators::revoke(host, &flags.email, flags.role).await?;
    say::line(&match revoked.before {
        Some(before) => format!("{} is {before} of the platform no longer", flags.email),
        None => format!("{} has no role in the platform", flags.email),
    });
    Ok(())
}

async fn log_out(host: &Host, flags: &LogOut) -> anyhow::Result<()> {
    let whose = flags.email.as_deref().map_or(Whose::Everybody, Whose::Of);
    let ended = operators::log_out(host, whose).await?;
    let who = flags.email.as_deref().unwrap_or("Everybody");
    say::line(&format!(
        "{who} is logged out everywhere ({ended} sessions). API keys go on working: revoke those that must not."
    ));
    Ok(())
}

async fn invite(host: &Host, flags: &Invite, settings: &Settings) -> anyhow::Result<()> {
    // On one machine letters are files.
    let sends = settings.mail.smtp.host.is_some() || settings.is_embedded(&Roles::default());
    if flags.mail && !sends {
        anyhow::bail!("this installation sends no mail: set mail.smtp.host, or leave --mail out and pass the link on");
    }
    let letter = flags.mail.then_some(flags.locale.as_str());
    let Invited { email, token, until } = operators::invite(host, &flags.email, letter).await?;
    let link_base = settings.link_base();
    let link = format!("{link_base}/auth/signup?invitation={token}");
    if flags.format.json {
        let body =
            json!({ "email": email, "invitation": token, "link": link, "expires_at": until, "mailed": flags.mail });
        say::line(&format!("{body:#}"));
        return Ok(());
    }
    say::line(&format!("{email} may sign up until {}, with this link:", until.format("%Y-%m-%d %H:%M UTC")));
    say::line(&link);
    if flags.mail {
        say::line("They are sent a link of their own as well, as soon as identity runs; either works.");
    }
    say::line("Without a page there: POST /auth/signup with what follows invitation= in the field \"invitation\".");
    Ok(())
}

fn list(all: &[Operator], format: Format) {
    if format.json {
        let body = |o: &Operator| {
            json!({
                "id": o.id.to_string(), "email": o.email, "name": o.name, "role": o.role,
                "granted_at": o.granted_at, "granted_by": o.granted_by,
            })
        };
        return say::line(&format!("{:#}", json!({ "data": all.iter().map(body).collect::<Vec<_>>() })));
    }
    if all.is_empty() {
        say::line("Nobody operates the platform. `perpetuo admin grant <email>` names the first who does.");
    }
    let wide = all.iter().map(|o| o.email.len()).max().unwrap_or_default();
    for Operator { email, role, granted_at, granted_by, .. } in all {
        let since = granted_at.format("%Y-%m-%d %H:%M UTC");
        say::line(&format!("{email:<wide$}  {role:<9}  since {since} by {granted_by}"));
    }
}

fn audit(all: &[Act], format: Format) {
    if format.json {
        let body = |r: &Act| {
            json!({
                "at": r.at, "actor": r.actor, "action": r.action, "subject": r.subject,
                "request_id": r.request_id, "facts": r.facts,
            })
        };
        return say::line(&format!("{:#}", json!({ "data": all.iter().map(body).collect::<Vec<_>>() })));
    }
    for Act { at, actor, action, subject, facts, .. } in all {
        say::line(&format!("{}  {actor}  {action}  {subject}  {facts}", at.format("%Y-%m-%d %H:%M:%S UTC")));
    }
}

/// Who works on this host, as the login tells. It is a hint for whoever reads the trail, and proof of nothing.
fn actor() -> String {
    let environment = host::config::environment();
    let login = ["SUDO_USER", "USER", "LOGNAME"].into_iter().find_map(|name| environment.get(name));
    format!("operator:{}@host", login.unwrap_or("unknown"))
}

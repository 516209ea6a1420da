//! `perpetuo doctor`: what is wrong, and what to do about it.

mod certificates;
mod clock;
mod keys;
mod outside;
mod peers;
mod ports;
mod rotation;
mod stores;

use crate::cli::Source;
use crate::roles::Roles;
use crate::say;
use host::Clock;
use std::process::ExitCode;

/// What was found so far. Each line is printed as soon as it is known.
#[derive(Debug, Default)]
pub struct Findings(Vec<Finding>);

#[derive(Debug)]
struct Finding {
    ok: bool,
    text: String,
}

/// Checks everything that a process with these roles needs. Exits with 1 if something is wrong.
pub async fn run(source: &Source, roles: &Roles) -> anyhow::Result<ExitCode> {
    let (settings, _) = source.load(None)?;
    let mut findings = Findings::default();
    let kind = if settings.is_embedded(roles) { "everything in one process, on SQLite" } else { "PostgreSQL" };
    say::line(&format!("Checking role {roles} ({kind})"));
    match settings.check(roles) {
        Ok(()) => findings.ok("settings", "they go together".to_owned()),
        Err(error) => findings.fail("settings", error.to_string()),
    }
    match settings.usage.plan_names(&settings.billing.default_plan) {
        Ok(names) => {
            findings
                .ok("plans", format!("{}; new workspaces have {}", names.join(", "), settings.billing.default_plan));
        }
        Err(error) => findings.fail("plans", error.to_string()),
    }
    if settings.has_links_to_nowhere(roles) {
        let links = settings.link_base();
        findings.fail("letters", format!("their links lead to {links}: set edge.public_url or mail.link_base"));
    }
    clock::check(&Clock::system(), &settings.data_dir, &mut findings);
    let master = keys::check(&settings, roles, &mut findings);
    certificates::check(&settings, roles, Clock::system().now(), &mut findings);
    if roles.has(proto::Role::Edge) {
        outside::check(&settings, &mut findings).await;
    }
    stores::check(&settings, roles, master.as_ref(), &mut findings).await;
    if let Some(master) = &master {
        rotation::check(&settings, roles, master, &mut findings).await;
    }
    ports::check(&settings, roles, &mut findings).await;
    peers::check(&settings, roles, &mut findings).await;
    let failed = findings.problems().len();
    if failed == 0 {
        say::line("Everything is in order.");
        return Ok(ExitCode::SUCCESS);
    }
    say::line(&format!("{failed} of {} checks failed; each FAIL says what to do.", findings.0.len()));
    Ok(ExitCode::FAILURE)
}

impl Findings {
    /// All is well; `text` says what was seen.
    pub fn ok(&mut self, name: &str, text: String) {
        self.add(true, name, text);
    }

    /// Something is wrong; `text` says what, and what to do.
    pub fn fail(&mut self, name: &str, text: String) {
        self.add(false, name, text);
    }

    /// What is wrong.
    pub fn problems(&self) -> Vec<String> {
        self.0.iter().filter(|finding| !finding.ok).map(|finding| finding.text.clone()).collect()
    }

    fn add(&mut self, ok: bool, name: &str, text: String) {
        say::line(&format!("{} {name:<24} {text}", if ok { "ok  " } else { "FAIL" }));
        self.0.push(Finding { ok, text });
    }
}

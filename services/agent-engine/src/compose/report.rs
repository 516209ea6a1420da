//! The report, out of all that came out of an analysis.

use super::{actions, cells, headline, plain, risks};
use crate::{
    domain::{
        brief::Brief,
        conflict::Conflict,
        depth::Depth,
        finance::Scenarios,
        locale::Locale,
        meeting::Meeting,
        opinion::Opinion,
        report::{Cell, Finding, Missing, Quality, Report, Summary, VERSION},
    },
    prose::{clean, speaks},
    words,
};
use chrono::{DateTime, Datelike, Days, Utc};
use std::collections::BTreeMap;

/// All that a report is made from.
pub struct Parts<'a> {
    /// `exec_…`
    pub execution_id: &'a str,
    /// How thoroughly it was looked at.
    pub depth: Depth,
    /// When the analysis was begun: day 0 of the plan.
    pub created_at: DateTime<Utc>,
    /// The problem, with all facts that were found or assumed.
    pub brief: &'a Brief,
    /// Of everybody who gave one.
    pub opinions: &'a [Opinion],
    /// The gravest first.
    pub conflicts: &'a [Conflict],
    /// From the ballots to the decisions.
    pub meeting: &'a Meeting,
    /// What the decision does to the money.
    pub scenarios: Option<Scenarios>,
    /// What the reviewer found.
    pub findings: Vec<Finding>,
    /// What did not come to its end.
    pub missing: Vec<Missing>,
    /// What the chair wrote.
    pub wording: Wording,
}

/// Paragraphs as a model wrote them, with `{{cell}}` marks; of what is empty code writes a plain version.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wording {
    /// What an executive reads first.
    pub summary: Vec<String>,
    /// Why it was decided so.
    pub memo: Vec<String>,
    /// What was said.
    pub minutes: Vec<String>,
}

/// The report. The same parts are the same report, byte for byte.
pub fn report(parts: Parts<'_>) -> Report {
    let (brief, meeting, scenarios) = (parts.brief, parts.meeting, parts.scenarios.as_ref());
    let cells = cells(brief, parts.opinions, meeting, scenarios);
    let mut known = cells.clone();
    known.extend(years(parts.created_at, brief.horizon_days));
    let risks = risks(parts.opinions);
    let plain = plain::Plain::new(&parts, &cells, &known, &risks);
    let mut prose = Prose { known: &known, locale: brief.locale, findings: vec![] };
    // Two reviewers who find the same have found one thing.
    parts.findings.iter().for_each(|finding| prose.note(finding.clone()));
    let summary = prose.of(&parts.wording.summary, || plain.summary());
    let memo = prose.of(&parts.wording.memo, || plain.memo());
    let minutes = prose.of(&parts.wording.minutes, || plain.minutes());
    for unknown in &brief.unknown {
        let text = words::unknown(brief.locale, &unknown.question);
        prose.note(Finding { source: "check:unknown".into(), severity: "warning".into(), text });
    }
    let findings = prose.findings;
    let mut opinions = parts.opinions.to_vec();
    opinions.sort_by_key(|opinion| Depth::Deep.roster().iter().position(|role| *role == opinion.role));
    Report {
        version: VERSION,
        execution_id: parts.execution_id.to_owned(),
        depth: parts.depth,
        created_at: parts.created_at.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
        quality: if parts.missing.is_empty() { Quality::Full } else { Quality::Partial },
        missing: parts.missing.clone(),
        brief: brief.clone(),
        opinions,
        conflicts: parts.conflicts.to_vec(),
        meeting: meeting.clone(),
        summary: Summary { headline: headline(brief, meeting, scenarios, &cells), paragraphs: summary },
        memo,
        actions: actions(brief, meeting, parts.created_at),
        risks,
        scenarios: parts.scenarios.clone(),
        minutes,
        findings,
        cells,
    }
}

/// The years of the plan: prose may name them, and they are no numbers of the company.
fn years(created_at: DateTime<Utc>, horizon_days: u32) -> BTreeMap<String, Cell> {
    let first = created_at.date_naive();
    let last = first.checked_add_days(Days::new(horizon_days.into())).unwrap_or(first);
    let year = |year: i32| {
        let (text, origin) = (year.to_string(), "computed:year".to_owned());
        (format!("year_{year}"), Cell { value: year.into(), unit: "year".into(), label: text.clone(), text, origin })
    };
    // Ten years at most, whatever the horizon says.
    (first.year()..=last.year().min(first.year().saturating_add(10))).map(year).collect()
}

struct Prose<'a> {
    known: &'a BTreeMap<String, Cell>,
    locale: Locale,
    findings: Vec<Finding>,
}

impl Prose<'_> {
    /// What a model wrote, as far as it may be printed; if nothing of it may, what code writes.
    fn of(&mut self, written: &[String], plain: impl FnOnce() -> Vec<String>) -> Vec<String> {
        if speaks(&written.join(" "), self.locale) {
            let cleaned = clean(written, self.known, self.locale);
            for finding in cleaned.findings {
                self.note(finding);
            }
            if !cleaned.paragraphs.is_empty() {
                return cleaned.paragraphs;
            }
        } else {
            let text = words::foreign(self.locale).to_owned();
            self.note(Finding { source: "check:language".into(), severity: "warning".into(), text });
        }
        clean(&plain(), self.known, self.locale).paragraphs
    }

    fn note(&mut self, finding: Finding) {
        if !self.findings.contains(&finding) {
            self.findings.push(finding);
        }
    }
}

#[cfg(test)]
mod tests;

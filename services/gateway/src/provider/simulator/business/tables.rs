//! The words and rules of the expert system, which are data.

use serde::Deserialize;
use std::{collections::BTreeMap, sync::LazyLock};

/// An English and a Portuguese text.
pub type Pair = [String; 2];

/// A kind of problem.
#[derive(Debug, Default, Deserialize)]
pub struct Family {
    /// Its name.
    pub key: String,
    /// How much one word of it says.
    pub weight: f64,
    /// What it is measured by.
    pub metric: String,
    /// What people call it.
    pub name: Pair,
    /// Words by which one knows it, folded.
    pub cues: Vec<String>,
    /// What one has to know, the most important first.
    pub missing: Vec<String>,
    /// What each role would do: a play, and `?` a condition.
    pub plays: BTreeMap<String, Vec<String>>,
}

/// Something that can be done.
#[derive(Debug, Deserialize)]
pub struct Play {
    /// Its name.
    pub id: String,
    /// What is moved.
    pub lever: String,
    /// Which way.
    pub direction: String,
    /// From, to: a part of a month's revenue.
    pub cost: [f64; 2],
    /// Days from now.
    pub start: u32,
    /// How long it takes.
    pub days: u32,
    /// What it changes.
    pub metric: Option<String>,
    /// From, to: a part of the metric.
    pub rel: [f64; 2],
    /// The same where the metric is not known; of money a part of a month's revenue.
    pub abs: [f64; 2],
    /// Days after its end until all of the effect is there.
    pub lag: u32,
    /// It cannot be undone.
    pub one_way: bool,
    /// Levers that should be moved before.
    pub after: Vec<String>,
    /// What is done, as a verb.
    pub short: Pair,
    /// What is done, as a sentence without its end.
    pub text: Pair,
}

/// A text that is used under a condition.
#[derive(Debug, Deserialize)]
pub struct Line {
    /// Whose; empty for all.
    pub role: String,
    /// When.
    pub when: String,
    /// A template.
    pub text: Pair,
}

/// A play that the numbers ask for, whatever the problem is.
#[derive(Debug, Deserialize)]
pub struct Rule {
    /// Whose.
    pub role: String,
    /// When.
    pub when: String,
    /// Which.
    pub play: String,
}

/// How roles speak and think.
#[derive(Debug, Default, Deserialize)]
pub struct Roles {
    /// The first that holds is used.
    pub headlines: Vec<Line>,
    /// How a recommendation ends.
    pub tails: Vec<Line>,
    /// A second cause, where there are few numbers.
    pub seconds: BTreeMap<String, Pair>,
    /// How a forecast is worded.
    pub forecasts: BTreeMap<String, Pair>,
    /// By how much a metric improves.
    pub optimism: BTreeMap<String, f64>,
    /// Which part of the cash it would spend.
    pub budget: BTreeMap<String, f64>,
    /// See [`Rule`].
    pub rules: Vec<Rule>,
}

/// A statement about a number.
#[derive(Debug, Deserialize)]
pub struct ClaimRow {
    /// The number.
    pub fig: String,
    /// What it is called in claims.
    pub metric: String,
    /// Who would say so.
    pub roles: Vec<String>,
    /// When.
    pub when: String,
    /// Of the number; `end`: at the horizon.
    pub period: Option<String>,
    /// Where it goes.
    pub trend: Option<String>,
    /// A template.
    pub text: Pair,
}

/// Something that may go wrong.
#[derive(Debug, Deserialize)]
pub struct RiskRow {
    /// Who names it; empty for all.
    #[serde(default)]
    pub roles: Vec<String>,
    /// Probability, 1 to 5.
    pub p: i64,
    /// Impact, 1 to 5.
    pub i: i64,
    /// When it is more probable.
    pub up: String,
    /// When it is less.
    pub down: String,
    /// Who watches it.
    pub owner: String,
    /// A template.
    pub text: Pair,
    /// What is done about it.
    pub fix: Pair,
    /// How one sees it coming.
    pub sign: Pair,
}

/// All risks.
#[derive(Debug, Default, Deserialize)]
pub struct Risks {
    /// By the kind of problem.
    pub family: BTreeMap<String, RiskRow>,
    /// By roles.
    pub role: Vec<RiskRow>,
}

/// All tables.
#[derive(Debug, Default)]
pub struct Tables {
    /// Kinds of problems; the last is for all others.
    pub families: Vec<Family>,
    /// What can be done.
    pub plays: Vec<Play>,
    /// See [`Roles`].
    pub roles: Roles,
    /// Statements, the most telling first.
    pub claims: Vec<ClaimRow>,
    /// See [`Risks`].
    pub risks: Risks,
    /// What each role sees behind a kind of problem.
    pub theses: BTreeMap<String, BTreeMap<String, Pair>>,
}

static TABLES: LazyLock<Tables> = LazyLock::new(|| Tables {
    families: serde_json::from_str(include_str!("data/families.json")).unwrap_or_default(),
    plays: serde_json::from_str(include_str!("data/plays.json")).unwrap_or_default(),
    roles: serde_json::from_str(include_str!("data/roles.json")).unwrap_or_default(),
    claims: serde_json::from_str(include_str!("data/claims.json")).unwrap_or_default(),
    risks: serde_json::from_str(include_str!("data/risks.json")).unwrap_or_default(),
    theses: serde_json::from_str(include_str!("data/theses.json")).unwrap_or_default(),
});

/// All tables.
pub fn tables() -> &'static Tables {
    &TABLES
}

impl Tables {
    /// The play of this name.
    pub fn play(&self, id: &str) -> Option<&Play> {
        self.plays.iter().find(|play| play.id == id)
    }
}

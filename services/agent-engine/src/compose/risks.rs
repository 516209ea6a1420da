//! What may go wrong, once each?

use crate::{
    domain::{
        opinion::{Opinion, Risk},
        report::RiskEntry,
        role::Role,
    },
    prose::plain,
};
use std::collections::BTreeSet;

const MOST: usize = 12;
/// Statements that share so much of their words say the same.
const SAME: f64 = 0.6;

/// The risks of everybody, similar ones as one, the most exposed first. The order of the opinions does not matter.
pub fn risks(opinions: &[Opinion]) -> Vec<RiskEntry> {
    let mut named: Vec<(Role, &Risk)> =
        opinions.iter().flat_map(|opinion| opinion.risks.iter().map(|risk| (opinion.role, risk))).collect();
    named.sort_by(|(a, first), (b, second)| {
        let exposure = exposure(second).cmp(&exposure(first));
        exposure.then(a.cmp(b)).then_with(|| first.statement.cmp(&second.statement))
    });
    let mut found: Vec<(BTreeSet<String>, RiskEntry)> = Vec::new();
    for (role, risk) in named {
        let words = words(&risk.statement);
        match found.iter_mut().find(|(other, _)| shared(&words, other) >= SAME) {
            Some((_, entry)) => merge(entry, role, risk),
            None => found.push((words, entry(role, risk))),
        }
    }
    let mut risks: Vec<RiskEntry> = found.into_iter().map(|(_, entry)| entry).collect();
    risks.sort_by(|a, b| b.exposure.cmp(&a.exposure).then_with(|| a.risk.cmp(&b.risk)));
    risks.truncate(MOST);
    risks
}

fn exposure(risk: &Risk) -> u8 {
    risk.probability.saturating_mul(risk.impact)
}

fn entry(role: Role, risk: &Risk) -> RiskEntry {
    RiskEntry {
        risk: risk.statement.clone(),
        named_by: vec![role],
        probability: risk.probability,
        impact: risk.impact,
        exposure: exposure(risk),
        mitigation: risk.mitigation.clone(),
        trigger: risk.trigger.clone(),
        owner: risk.owner.clone(),
    }
}

fn merge(entry: &mut RiskEntry, role: Role, risk: &Risk) {
    if !entry.named_by.contains(&role) {
        entry.named_by.push(role);
        entry.named_by.sort();
    }
    entry.probability = entry.probability.max(risk.probability);
    entry.impact = entry.impact.max(risk.impact);
    entry.exposure = entry.probability.saturating_mul(entry.impact);
    let texts = [
        (&mut entry.mitigation, &risk.mitigation),
        (&mut entry.trigger, &risk.trigger),
        (&mut entry.owner, &risk.owner),
    ];
    for (known, other) in texts {
        if known.is_empty() {
            known.clone_from(other);
        }
    }
}

/// Words that say something: short ones only join others.
fn words(statement: &str) -> BTreeSet<String> {
    let plain = plain(statement);
    let words = plain.split(|c: char| !c.is_alphanumeric()).filter(|word| word.chars().count() > 3);
    words.map(|word| word.strip_suffix('s').unwrap_or(word).to_owned()).collect()
}

/// How much of both is the same.
fn shared(one: &BTreeSet<String>, other: &BTreeSet<String>) -> f64 {
    let all = one.len() + other.len();
    if all == 0 { 0.0 } else { 2.0 * one.intersection(other).count() as f64 / all as f64 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::opinion::Stance;

    fn opinion(role: Role, risks: &[(&str, u8, u8, &str)]) -> Opinion {
        let risk = |(statement, probability, impact, owner): &(&str, u8, u8, &str)| Risk {
            statement: (*statement).into(),
            probability: *probability,
            impact: *impact,
            mitigation: String::new(),
            trigger: String::new(),
            owner: (*owner).into(),
        };
        Opinion {
            role,
            stance: Stance::Support,
            headline: String::new(),
            claims: vec![],
            recommendations: vec![],
            assumptions: vec![],
            risks: risks.iter().map(risk).collect(),
            unknowns: vec![],
            confidence: 0.5,
        }
    }

    #[test]
    fn the_same_risk_in_other_words_is_one() {
        let opinions = [
            opinion(
                Role::Financial,
                &[("Aumento de preço pode causar perda de clientes", 2, 5, ""), ("Falta de caixa", 3, 3, "CFO")],
            ),
            opinion(Role::Analyst, &[("Perda de clientes com o aumento dos preços", 4, 3, "CMO")]),
        ];
        let found = risks(&opinions);
        let shown: Vec<(&str, u8, usize, &str)> = found
            .iter()
            .map(|risk| (risk.risk.as_str(), risk.exposure, risk.named_by.len(), risk.owner.as_str()))
            .collect();
        assert_eq!(
            shown,
            [("Perda de clientes com o aumento dos preços", 20, 2, "CMO"), ("Falta de caixa", 9, 1, "CFO")]
        );
        let turned: Vec<Opinion> = opinions.iter().rev().cloned().collect();
        assert_eq!(risks(&turned), found);
    }

    #[test]
    fn only_the_most_exposed_are_listed() {
        let names: Vec<String> = (0..20)
            .map(|n| {
                format!("{} {}", "abcdefghijklmnopqrst".chars().nth(n).expect("a letter").to_string().repeat(5), n)
            })
            .collect();
        let all: Vec<(&str, u8, u8, &str)> = names.iter().map(|name| (name.as_str(), 1, 1, "")).collect();
        assert_eq!(risks(&[opinion(Role::Market, &all)]).len(), MOST);
        assert!(risks(&[]).is_empty());
    }
}

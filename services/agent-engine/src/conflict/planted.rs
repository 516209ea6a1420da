//! Companies with conflicts whose truth is known: what rules must find, and what they must not.

mod clean;
mod near;
mod plant;
mod random;
mod recall;
mod say;

use crate::domain::{
    brief::{Brief, Constraint, ConstraintKind},
    conflict::Kind,
    locale::Locale,
    opinion::{Claim, Opinion, Recommendation},
    role::Role,
};
use random::Random;
use std::collections::{BTreeMap, BTreeSet};

/// One company, what is said about it, and which conflicts there are.
pub(super) struct Scenario {
    pub brief: Brief,
    pub opinions: Vec<Opinion>,
    /// Kind and topic.
    pub truth: BTreeSet<(Kind, String)>,
    locale: Locale,
    /// What each lever costs, whoever proposes it.
    costs: BTreeMap<String, f64>,
    /// In base units.
    world: BTreeMap<&'static str, f64>,
}

/// The same seed gives the same company in every language.
pub(super) fn scenario(seed: u64, locale: Locale) -> Scenario {
    let mut random = Random::new(seed);
    let mut made = clean::company(&mut random, locale);
    clean::claims(&mut made, &mut random);
    clean::proposals(&mut made, &mut random);
    for miss in near::ALL {
        if random.chance(0.5) {
            miss(&mut made, &mut random);
        }
    }
    for plant in plant::ALL {
        if random.chance(0.3) {
            plant(&mut made, &mut random);
        }
    }
    made.spend(&mut random);
    random.shuffle(&mut made.opinions);
    made
}

impl Scenario {
    /// Two different agents, of whom the second is one without whom nothing is decided.
    fn two(&self, random: &mut Random) -> (Role, Role) {
        let second = if random.chance(0.5) { Role::Analyst } else { Role::Financial };
        let others: Vec<Role> = self.opinions.iter().map(|o| o.role).filter(|role| !role.is_mandatory()).collect();
        (others[random.below(others.len())], second)
    }

    fn of(&mut self, role: Role) -> &mut Opinion {
        self.opinions.iter_mut().find(|opinion| opinion.role == role).expect("sits at the table")
    }

    fn claim(&mut self, role: Role, claim: Claim) {
        let opinion = self.of(role);
        let id = format!("{role}.c{}", opinion.claims.len() + 1);
        opinion.claims.push(Claim { id, ..claim });
    }

    fn propose(&mut self, role: Role, made: Recommendation) {
        if let Some(cost) = made.cost {
            self.costs.insert(made.lever.clone(), (cost.low + cost.high) / 2.0);
        }
        let opinion = self.of(role);
        let id = format!("{role}.r{}", opinion.recommendations.len() + 1);
        opinion.recommendations.push(Recommendation { id, ..made });
    }

    fn truth(&mut self, kind: Kind, topic: &str) {
        self.truth.insert((kind, topic.to_owned()));
    }

    /// Sets the cap: either all fits, to the cent, or it does not while each by itself does.
    fn spend(&mut self, random: &mut Random) {
        let sum: f64 = self.costs.values().sum();
        let most = self.costs.values().copied().fold(0.0, f64::max);
        let cap = if random.chance(0.4) && most * 1.2 < sum && self.costs.len() > 1 {
            self.truth(Kind::ResourceContention, "budget_cap");
            most + (sum - most) * 0.5
        } else {
            sum
        };
        let text = say::both(self.locale, "Do not spend more than this.", "Não gastar mais do que isto.");
        self.brief.constraints.push(Constraint { kind: ConstraintKind::BudgetCap, key: None, value: Some(cap), text });
    }
}

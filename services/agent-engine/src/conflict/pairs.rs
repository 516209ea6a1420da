//! Which statements may exclude each other without a rule being able to tell?

use super::table::Said;
use crate::domain::{
    conflict::Conflict,
    opinion::{Claim, ClaimKind, Opinion, Stance},
};
use serde::{Deserialize, Serialize};

/// More are not asked about.
const MOST: usize = 30;

/// Two claims that a judge is asked about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pair {
    /// `p<n>`, those put forward with most confidence first.
    pub id: String,
    /// The one whose id comes first.
    pub a: ClaimRef,
    /// The other one, of another agent.
    pub b: ClaimRef,
}

/// A claim, as a judge sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimRef {
    /// Of the claim.
    pub id: String,
    /// Word for word.
    pub statement: String,
}

/// Explanations and limits of the same topic by agents of different roles, as far as they are not in a conflict together. At
/// most 30. The order of the opinions does not matter.
pub fn pairs(opinions: &[Opinion], conflicts: &[Conflict]) -> Vec<Pair> {
    let said = sayings(opinions);
    let mut found: Vec<(&Said<Claim>, &Said<Claim>)> = vec![];
    for (n, a) in said.iter().enumerate() {
        let others = said.iter().skip(n + 1).filter(|b| b.role != a.role && b.statement != a.statement);
        let open = others.filter(|b| topic(a.item) == topic(b.item) && !together(conflicts, &a.id, &b.id));
        found.extend(open.map(|b| (a, b)));
    }
    let sure = |(a, b): &(&Said<Claim>, &Said<Claim>)| a.confidence.min(b.confidence);
    found.sort_by(|x, y| sure(y).total_cmp(&sure(x)).then_with(|| (&x.0.id, &x.1.id).cmp(&(&y.0.id, &y.1.id))));
    let numbered = found.into_iter().take(MOST).enumerate();
    numbered.map(|(n, (a, b))| Pair { id: format!("p{}", n + 1), a: reference(a), b: reference(b) }).collect()
}

/// A slug: case and hyphens do not matter.
pub(super) fn topic(claim: &Claim) -> String {
    claim.topic.trim().to_lowercase().replace(['-', ' '], "_")
}

fn sayings(opinions: &[Opinion]) -> Vec<Said<'_, Claim>> {
    let mut said = vec![];
    for opinion in opinions {
        let open = opinion.claims.iter().filter(|c| matches!(c.kind, ClaimKind::Causal | ClaimKind::Constraint));
        said.extend(open.filter(|claim| !topic(claim).is_empty()).map(|item| Said {
            role: opinion.role,
            stance: Stance::Abstain,
            id: item.id.clone(),
            statement: &item.statement,
            confidence: item.confidence,
            item,
        }));
    }
    said.sort_by(|a, b| a.id.cmp(&b.id));
    said
}

fn together(conflicts: &[Conflict], a: &str, b: &str) -> bool {
    let has = |conflict: &Conflict, id: &str| conflict.parties.iter().any(|party| party == id);
    conflicts.iter().any(|conflict| has(conflict, a) && has(conflict, b))
}

fn reference(said: &Said<Claim>) -> ClaimRef {
    ClaimRef { id: said.id.clone(), statement: said.statement.to_owned() }
}

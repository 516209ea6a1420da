//! Who is against what was decided?

use super::{count::Counted, standing::Standing, tally::votes};
use crate::domain::meeting::{Dissent, Outcome};

/// Those who voted against what is done, and those who voted for what is not. What is put off was not decided against.
pub(super) fn dissent(standings: &[Standing], counted: &Counted) -> Vec<Dissent> {
    let of_choice = |standing: &Standing| -> Vec<Dissent> {
        let otherwise = match standing.outcome {
            Outcome::Adopted => false,
            Outcome::Rejected => true,
            Outcome::Deferred | Outcome::Agreed => return vec![],
        };
        let topic = &standing.choice.id;
        let against = votes(counted, topic).filter(|(_, vote)| vote.approve == otherwise);
        against
            .map(|(role, vote)| Dissent {
                role,
                topic: topic.clone(),
                reason: vote.reason.clone(),
                would_change_if: vote.would_change_if.clone(),
            })
            .collect()
    };
    standings.iter().flat_map(of_choice).collect()
}

//! How was a choice voted on?

use super::Plain;
use crate::domain::{
    ballot::{Ballot, Choice, Vote},
    locale::Locale,
    role::Role,
};

/// Who is for a choice, and who against it.
pub(super) struct Votes<'a> {
    pub yes: Vec<(Role, &'a Vote)>,
    pub no: Vec<(Role, &'a Vote)>,
}

/// As the ballots stand after the talk; where there was none, as they were sealed.
pub(super) fn votes<'a>(plain: &Plain<'a>, choice: &Choice) -> Votes<'a> {
    let meeting = plain.parts.meeting;
    let ballots: &'a [Ballot] =
        if meeting.ballots_after.is_empty() { &meeting.ballots_before } else { &meeting.ballots_after };
    let cast = ballots.iter().flat_map(|ballot| ballot.votes.iter().map(|vote| (ballot.role, vote)));
    let mut votes: Vec<(Role, &Vote)> = cast.filter(|(_, vote)| vote.choice == choice.id).collect();
    votes.sort_by_key(|(role, _)| *role);
    let (yes, no) = votes.into_iter().partition(|(_, vote)| vote.approve);
    Votes { yes, no }
}

impl Votes<'_> {
    /// Such as `3 votos a favor e 1 contra`.
    pub fn count(&self, locale: Locale) -> String {
        let (yes, no) = (self.yes.len(), self.no.len());
        match (yes, no, locale) {
            (0, 0, Locale::En) => "without a vote".into(),
            (0, 0, Locale::PtBr) => "sem votos".into(),
            (_, 0, Locale::En) => "unanimously".into(),
            (_, 0, Locale::PtBr) => "por unanimidade".into(),
            (0, _, Locale::En) => "with all votes against".into(),
            (0, _, Locale::PtBr) => "com todos os votos contra".into(),
            (1, no, Locale::En) => format!("with 1 vote for and {no} against"),
            (1, no, Locale::PtBr) => format!("com 1 voto a favor e {no} contra"),
            (yes, no, Locale::En) => format!("with {yes} votes for and {no} against"),
            (yes, no, Locale::PtBr) => format!("com {yes} votos a favor e {no} contra"),
        }
    }

    /// The reason of the surest of one side that may be quoted.
    pub fn reason(&self, is_for: bool, plain: &Plain<'_>) -> Option<(Role, String)> {
        let mut side = if is_for { self.yes.clone() } else { self.no.clone() };
        side.sort_by(|a, b| b.1.confidence.total_cmp(&a.1.confidence).then(a.0.cmp(&b.0)));
        side.into_iter().find_map(|(role, vote)| Some((role, plain.quotes.quote(&vote.reason)?)))
    }
}

//! Counts, decides, computes. No model has a part in it.

use super::{
    detect::{Detected, Tabled},
    done,
    turn::Said,
};
use crate::{
    ask::Stop,
    domain::{
        ballot::Ballot,
        conflict::Conflict,
        finance::Scenarios,
        meeting::{Decision, Meeting, Round},
        opinion::Opinion,
        role::Role,
    },
    finance,
    journal::{Done, End, Event},
    plan::{Kind, Step},
    run::{Results, Run},
    vote,
};
use proto::Reason;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// What was decided, and what it does.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Decided {
    pub meeting: Meeting,
    pub conflicts: Vec<Conflict>,
    pub scenarios: Option<Scenarios>,
}

/// The decisions; or the end, where too few have an opinion. Errors: what came before cannot be read.
pub(super) fn decide(run: &Run, results: &Results, step: &Step) -> Result<Result<Done, End>, Stop> {
    let opinions = results.opinions(&run.plan)?;
    if let Some(end) = too_few(run, results, &opinions) {
        return Ok(Err(end));
    }
    let brief = results.brief()?;
    let detected: Detected = results.get("detect")?.unwrap_or_default();
    let tabled: Tabled = results.get("table")?.unwrap_or_default();
    let before: Vec<Ballot> = results.all(&run.plan, Kind::Ballot)?.into_iter().map(|(_, ballot)| ballot).collect();
    let (rounds, after) = talk(run, results, &before)?;
    let counted = vote::count(&before, &after, &rounds);
    let focus =
        vote::Focus { most: run.plan.limits.measures, worth: finance::worth(&brief, &opinions, &detected.choices) };
    let (decisions, dissent) =
        vote::decide(&brief, &opinions, &tabled.conflicts, &detected.choices, &counted, &rounds, &focus);
    let conflicts = vote::settle(tabled.conflicts, &detected.choices, &decisions, &rounds, &tabled.topics);
    let depth = crate::execution::depth(&run.depth);
    let scenarios = finance::scenarios(&brief, &opinions, &detected.choices, &decisions, depth);
    let events = decisions.iter().map(event).collect();
    let meeting = Meeting {
        topics: tabled.topics,
        rounds,
        choices: detected.choices,
        ballots_before: before,
        ballots_after: counted.ballots,
        decisions,
        dissent,
    };
    done(step, &Decided { meeting, conflicts, scenarios }, events).map(Ok)
}

/// What was said, round by round, and the last vote of each.
fn talk(run: &Run, results: &Results, before: &[Ballot]) -> Result<(Vec<Round>, Vec<Ballot>), Stop> {
    let mut rounds: Vec<Round> = vec![];
    let mut after = before.to_vec();
    for (step, said) in results.all::<Said>(&run.plan, Kind::Turn)? {
        let number = step.ask.as_ref().map_or(1, |ask| ask.number as usize);
        rounds.resize_with(rounds.len().max(number), Round::default);
        rounds[number - 1].turns.extend(said.turns);
        if let Some(ballot) = after.iter_mut().find(|ballot| ballot.role == said.ballot.role) {
            // A choice that it says nothing of stands as it was.
            for vote in said.ballot.votes {
                match ballot.votes.iter_mut().find(|known| known.choice == vote.choice) {
                    Some(known) => *known = vote,
                    None => ballot.votes.push(vote),
                }
            }
        }
    }
    Ok((rounds, after))
}

/// Why there is no decision, where there are too few opinions or one is missing without which there is none.
fn too_few(run: &Run, results: &Results, opinions: &[Opinion]) -> Option<End> {
    let has = |role: Role| opinions.iter().any(|opinion| opinion.role == role);
    let mandatory = Role::ALL.iter().filter(|role| role.is_mandatory()).all(|role| has(*role));
    if mandatory && opinions.len() >= run.plan.limits.quorum {
        return None;
    }
    let failures = run.plan.steps.iter().filter(|step| step.kind == Kind::Opinion);
    let failures = failures.filter_map(|step| results.row(&step.key)?.reason.clone().map(|reason| (step, reason)));
    let absent: Vec<String> = failures.map(|(step, reason)| format!("{} ({reason})", step.key)).collect();
    let message = format!("too few agents have an opinion; missing: {}", absent.join(", "));
    let code = if message.contains("budget") { Reason::BudgetExceeded } else { Reason::UpstreamFailed };
    Some(End::Failed { code: code.as_str().to_owned(), message })
}

fn event(decision: &Decision) -> Event {
    let Decision { topic, outcome, method, margin, conformity_flag, .. } = decision;
    let data = json!({
        "topic": topic,
        "outcome": outcome,
        "method": method,
        "margin": margin,
        "conformity_flag": conformity_flag,
    });
    Event::new("decision.made", data)
}

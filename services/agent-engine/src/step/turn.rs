//! What one agent says in one round about what is contested, and how it votes then.

use super::{
    asked,
    ballot::shown,
    detect::{Detected, Tabled},
    done, skipped,
};
use crate::{
    ask::Stop,
    domain::{ballot::Ballot, conflict::Conflict, meeting::Turn, opinion::Opinion, role::Role},
    journal::{Done, Event},
    plan::Step,
    read,
    run::{Results, Run},
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// What was said, and the votes after it.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Said {
    pub turns: Vec<Turn>,
    pub ballot: Ballot,
}

pub(super) async fn turn(run: &Run, results: &Results, step: &Step) -> Result<Done, Stop> {
    let (Some(ask), Some(tabled)) = (&step.ask, results.get::<Tabled>("table")?) else {
        return Ok(skipped(step, "nothing_contested"));
    };
    let before = vote_before(results, ask.role, ask.number)?;
    let opinions = results.opinions(&run.plan)?;
    let contested: Vec<Value> = tabled
        .conflicts
        .iter()
        .filter(|conflict| tabled.topics.contains(&conflict.id))
        .filter_map(|conflict| contested(conflict, ask.role, &opinions))
        .collect();
    let Some(before) = before else { return Ok(skipped(step, "absent")) };
    if contested.is_empty() {
        return Ok(skipped(step, "nothing_contested"));
    }
    let detected: Detected = results.get("detect")?.unwrap_or_default();
    let own: Vec<_> = before
        .votes
        .iter()
        .map(|vote| json!({"choice": vote.choice, "approve": vote.approve, "confidence": vote.confidence}))
        .collect();
    let more = json!({"own_votes": own, "contested": contested, "choices": shown(&detected.choices)});
    let (answer, ask) = asked(run, step, &results.brief()?, more).await?;
    let (turns, ballot) = read::turns(ask.role, &answer.value, &tabled.topics, &detected.choices);
    let events = turns.iter().map(|turn| event(ask.number, turn)).collect();
    done(step, &Said { turns, ballot }, events)
}

/// How it voted before this round.
fn vote_before(results: &Results, role: Role, round: u32) -> Result<Option<Ballot>, Stop> {
    for earlier in (1..round).rev() {
        if let Some(said) = results.get::<Said>(&format!("turn.{earlier}.{role}"))? {
            return Ok(Some(said.ballot));
        }
    }
    Ok(results.get(&format!("ballot.{role}"))?)
}

/// A conflict as a party to it sees it; None for who is no party, and for what has no other side.
fn contested(conflict: &Conflict, role: Role, opinions: &[Opinion]) -> Option<Value> {
    let said = |id: &String| {
        let author = id.split('.').next()?;
        let opinion = opinions.iter().find(|opinion| opinion.role.as_str() == author)?;
        let claims = opinion.claims.iter().map(|claim| (&claim.id, &claim.statement));
        let mut all = claims.chain(opinion.recommendations.iter().map(|r| (&r.id, &r.statement)));
        let statement = all.find(|(of, _)| *of == id)?.1;
        Some((opinion.role == role, json!({"id": id, "statement": statement})))
    };
    let (own, opposing): (Vec<_>, Vec<_>) = conflict.parties.iter().filter_map(said).partition(|(is_own, _)| *is_own);
    let strip = |side: Vec<(bool, Value)>| -> Vec<Value> { side.into_iter().map(|(_, said)| said).collect() };
    (!own.is_empty() && !opposing.is_empty()).then(|| {
        json!({
            "conflict": conflict.id,
            "kind": conflict.kind,
            "topic": conflict.topic,
            "own": strip(own),
            "opposing": strip(opposing),
        })
    })
}

fn event(round: u32, turn: &Turn) -> Event {
    let data = json!({
        "round": round,
        "role": turn.role,
        "conflict": turn.conflict,
        "action": turn.action,
        "text": turn.text,
    });
    Event::new("meeting.turn", data)
}

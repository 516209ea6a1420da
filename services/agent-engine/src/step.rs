//! What each kind of step does, from what came out of those before it.

mod ballot;
mod decide;
mod detect;
mod finish;
mod frame;
mod judge;
mod opinion;
mod review;
pub(crate) mod samples;
mod turn;
mod word;

use crate::{
    ask::{self, Answer, Question, Stop},
    domain::brief::Brief,
    journal::{Done, Event, State},
    plan::{Ask, Kind, Step},
    run::{Next, Results, Run},
};
use serde::Serialize;
use serde_json::Value;

/// Does it. Errors: why there is nothing to show for it.
pub(crate) async fn perform(run: &Run, results: &Results, step: &Step) -> Result<Next, Stop> {
    let done = match step.kind {
        Kind::Frame => frame::frame(run, step).await?,
        Kind::Intake => return frame::intake(run, results, step),
        Kind::Opinion => opinion::opinion(run, results, step).await?,
        Kind::Detect => detect::detect(run, results, step)?,
        Kind::Judge => judge::judge(run, results, step).await?,
        Kind::Table => detect::table(run, results, step)?,
        Kind::Ballot => ballot::ballot(run, results, step).await?,
        Kind::Turn => turn::turn(run, results, step).await?,
        Kind::Decide => match decide::decide(run, results, step)? {
            Ok(done) => done,
            Err(end) => return Ok(Next::End(end)),
        },
        Kind::Review => review::review(run, results, step).await?,
        Kind::Word => word::word(run, results, step).await?,
        Kind::Finish => return finish::finish(run, results).map(Next::End),
    };
    Ok(Next::Done(done))
}

/// Asks the model of a step. Errors: as [`ask::ask`]; a step that asks nobody is none.
async fn asked(run: &Run, step: &Step, brief: &Brief, more: Value) -> Result<(Answer, Ask), Stop> {
    let Some(ask) = &step.ask else { return Err(Stop::Invalid) };
    let mut data = ask::about(ask.role, brief.locale, brief);
    if let (Value::Object(data), Value::Object(more)) = (&mut data, more) {
        data.extend(more);
    }
    let question = Question { step, ask, data: &data, locale: brief.locale };
    Ok((ask::ask(run, &question).await?, ask.clone()))
}

/// The end of a step that has something to show.
fn done(step: &Step, output: &impl Serialize, events: Vec<Event>) -> Result<Done, Stop> {
    let output = serde_json::to_value(output).map_err(crate::Error::from)?;
    Ok(Done { key: step.key.clone(), state: State::Done, output, reason: None, events })
}

/// The end of a step that had nothing to do.
fn skipped(step: &Step, reason: &'static str) -> Done {
    Done { key: step.key.clone(), state: State::Skipped, output: Value::Null, reason: Some(reason), events: vec![] }
}

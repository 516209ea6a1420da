//! What providers do wrong, and what has to become of it.

use super::cells::Cell;
use crate::provider::{Step, answer, answer_with, end, piece};
use proto::{Reason, usage::Outcome};
use std::time::Duration;

const JSON: &str = "application/json";
/// A whole answer that drips ends by no other deadline than that of the request.
pub const DRIPS: &str = "drips";

/// One thing that goes wrong.
pub struct Fault {
    pub name: &'static str,
    pub script: Vec<Step>,
    pub expected: Expected,
    /// The provider would go on for ever: it has to be left.
    pub goes_on: bool,
    /// The client has seen content by then.
    pub begun: bool,
}

/// What a client hears where nobody else can answer.
#[derive(Clone, Copy)]
pub enum Expected {
    Failure(Reason, Outcome),
    /// The provider's own status and sentence.
    Status(u16),
}

const LATE: Expected = Expected::Failure(Reason::UpstreamTimeout, Outcome::UpstreamError);
const WRONG: Expected = Expected::Failure(Reason::UpstreamFailed, Outcome::UpstreamError);
const BUSY: Expected = Expected::Failure(Reason::UpstreamOverloaded, Outcome::UpstreamError);
const HALF: Expected = Expected::Failure(Reason::UpstreamIncomplete, Outcome::Incomplete);

fn fault(name: &'static str, expected: Expected, script: Vec<Step>) -> Fault {
    let goes_on = matches!(script.last(), Some(Step::Hang));
    Fault { name, script, expected, goes_on, begun: false }
}

/// Again and again, with pauses shorter than any deadline within an answer.
fn drips(first: Vec<Step>, drop: Step) -> Vec<Step> {
    let drops = [drop, Step::Pause(Duration::from_millis(60))];
    first.into_iter().chain(drops.iter().cycle().take(400).cloned()).chain([Step::Hang]).collect()
}

/// Those that take as long as a deadline.
pub fn slow(cell: &Cell) -> Vec<Fault> {
    let nothing = if cell.wire.is_lines { "\n" } else { ": hm\n\n" };
    let half = half(cell);
    let mut all = vec![fault("silent", LATE, vec![Step::Hang])];
    if !cell.streams {
        all.push(fault("stalls after its head", LATE, [half.clone(), vec![Step::Hang]].concat()));
        all.push(fault(DRIPS, LATE, drips(half, Step::Send(b" ".to_vec()))));
        return all;
    }
    all.push(fault("stalls after its head", LATE, vec![cell.wire.head.clone(), Step::Hang]));
    if cell.wire.is_json {
        all.push(fault("drips without content", LATE, drips(vec![cell.wire.head.clone()], piece(nothing))));
    }
    all.push(begun(cell, "stalls in its content", LATE, vec![Step::Hang]));
    let last = cell.wire.beginning.last().expect("content");
    all.push(begun(cell, "drips content for ever", LATE, drips(vec![], piece(last))));
    all
}

/// Those that are there at once.
pub fn quick(cell: &Cell) -> Vec<Fault> {
    let (error, retry) = (&cell.wire.whole_error, "retry-after: 7\r\n");
    let mut all = vec![
        fault("resets before its head", WRONG, vec![Step::Reset]),
        fault("closes before its head", WRONG, vec![Step::Close]),
        fault("of another type", WRONG, answer(200, "text/html", "<html>It works!</html>")),
        fault("an error within a good status", WRONG, answer(200, JSON, error)),
        fault("500", WRONG, answer(500, JSON, error)),
        fault("503 with Retry-After", BUSY, answer_with(503, JSON, retry, error)),
        fault("529 with Retry-After", BUSY, answer_with(529, JSON, retry, error)),
        fault("429 with Retry-After", Expected::Status(429), answer_with(429, JSON, retry, error)),
        fault("401", Expected::Status(401), answer(401, JSON, error)),
        fault("400", Expected::Status(400), answer(400, JSON, error)),
    ];
    if !cell.streams {
        let half = half(cell);
        all.push(fault("is cut", HALF, [half.clone(), vec![Step::Close]].concat()));
        all.push(fault("resets", HALF, [half, vec![Step::Reset]].concat()));
        all.push(fault("malformed", WRONG, answer(200, JSON, "{\"mess")));
        all.push(fault("empty", WRONG, answer(200, JSON, "")));
        return all;
    }
    let head = || cell.wire.head.clone();
    all.push(fault("is cut after its head", HALF, vec![head(), Step::Close]));
    all.push(fault("resets after its head", HALF, vec![head(), Step::Reset]));
    all.push(begun(cell, "is cut", HALF, vec![Step::Close]));
    all.push(begun(cell, "resets", HALF, vec![Step::Reset]));
    if cell.wire.is_json {
        let (garbage, broken) =
            if cell.wire.is_lines { ("{\"mess\n", "]\n") } else { ("data: {\"mess\n\n", "data: ]\n\n") };
        all.push(fault("empty", HALF, vec![head(), end()]));
        all.push(fault("malformed from the first", WRONG, vec![head(), piece(garbage), Step::Hang]));
        all.push(fault("an error in place of content", WRONG, vec![head(), piece(&cell.wire.error), Step::Hang]));
        all.push(begun(cell, "ends early", HALF, vec![end()]));
        all.push(begun(cell, "malformed", WRONG, vec![piece(broken), Step::Hang]));
        all.push(begun(cell, "an error", WRONG, vec![piece(&cell.wire.error), Step::Hang]));
    }
    all
}

/// After content, which has left before it happens.
fn begun(cell: &Cell, name: &'static str, expected: Expected, then: Vec<Step>) -> Fault {
    let script = [cell.begun(), vec![Step::Pause(Duration::from_millis(50))], then].concat();
    Fault { begun: true, ..fault(name, expected, script) }
}

/// The beginning of a whole answer, which announces more than will ever come.
fn half(cell: &Cell) -> Vec<Step> {
    let Some(Step::Send(whole)) = cell.wire.whole.first() else { panic!("{} has no answer", cell.name) };
    let text = String::from_utf8_lossy(whole);
    let (_, body) = text.split_once("\r\n\r\n").expect("a head");
    let first = body.chars().next().expect("a body");
    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 99999";
    vec![Step::Send(format!("{head}\r\n\r\n{first}").into_bytes())]
}

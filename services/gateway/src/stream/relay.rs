//! Passes a stream on until it ends, and settles it exactly when its end is known.

use super::{
    hold::Held,
    reader::{End, Piece, Reader},
    silence::{KEEP_ALIVE, Silence},
};
use crate::{
    answers::recorder::Recorder, guard::stream::Filter, meter::Meter, metrics::OpenStream, run::Run,
    settlement::Settlement, stored, ticket,
};
use bytes::Bytes;
use proto::{Failure, Reason};
use std::{sync::Arc, time::Duration};
use tokio::time::timeout;
use tonic::Status;

/// How long a provider may take to close its side after its end mark.
const CLOSING: Duration = Duration::from_millis(100);

/// What leaves in one write at most, of what has arrived together.
const MAX_BURST: usize = 32 * 1024;

/// A stream under way. Dropping it ends the provider's call and settles it as left by the client.
pub(crate) struct Relay {
    run: Arc<Run>,
    /// None once nothing more of it is wanted.
    reader: Option<Box<Reader>>,
    /// None once it is settled.
    settlement: Option<Settlement>,
    held: Option<Piece>,
    /// Looks at what the client is about to see, where guardrails want that.
    filter: Option<Box<Filter>>,
    /// Writes the answer down, where it may be given again.
    recorder: Option<Recorder>,
    /// Writes its events down, where a response is kept.
    events: Option<Recorder>,
    content_type: String,
    silence: Silence,
    /// Comes after the bytes that were passed on last.
    end: Option<End>,
    /// The number of the last event of a reader that is gone.
    last: Option<i64>,
    _open: OpenStream,
}

impl Relay {
    pub(crate) fn new(
        run: Arc<Run>,
        settlement: Settlement,
        content_type: String,
        reader: Box<Reader>,
        held: Held,
    ) -> Self {
        let (timers, open) = (run.gateway().timers, run.gateway().metrics.stream());
        // A comment would be noise in sound; by then its deadline has passed.
        let is_sound = run.asked.operation.is_sound() && !run.asked.peek.stream;
        let silence = Silence::new(if is_sound { timers.total * 2 } else { timers.heartbeat });
        let held = Some(Piece { bytes: held.bytes, end: held.end, ..Piece::default() });
        let reader = Some(reader);
        let recorder = if is_sound && !run.is_claimed() { None } else { run.recorder() };
        let events = run.keeps().map(|_| Recorder::new(stored::keep::MOST_BYTES));
        let filter = if is_sound { None } else { Filter::new(run.guards.as_ref(), run.asked.operation) };
        Self {
            run,
            reader,
            settlement: Some(settlement),
            held,
            filter,
            recorder,
            events,
            content_type,
            silence,
            end: None,
            last: None,
            _open: open,
        }
    }

    pub(crate) fn run(&self) -> &Run {
        &self.run
    }

    /// Whether somebody may come back for the whole of it, and it can be kept until then.
    pub(crate) fn is_awaited(&self) -> bool {
        self.settlement.is_some()
            && self.recorder.as_ref().is_some_and(|recorder| !recorder.is_too_long())
            && self.run.outlives_client()
    }

    /// The next bytes for the client; None after a good end. Errors, once: why the data is incomplete.
    pub(crate) async fn next(&mut self) -> Option<Result<Bytes, Status>> {
        loop {
            match self.end.take() {
                Some(End::Done) => {
                    // A connection whose answer was read to its end can carry the next request.
                    if let Some(mut reader) = self.reader.take() {
                        drop(timeout(CLOSING, reader.drain()).await);
                    }
                }
                Some(End::Spent) => return Some(Err(self.numbered(spent()).into())),
                Some(End::Blocked(blocked)) => return Some(Err(self.numbered(Failure::from(&blocked)).into())),
                Some(End::Fault(fault)) => {
                    let failure = self.numbered(self.run.failure(fault).into());
                    return Some(Err(failure.into()));
                }
                None => {}
            }
            let settlement = self.settlement.as_mut()?;
            let mut piece = match self.held.take() {
                Some(held) => held,
                None => {
                    let reader = self.reader.as_mut()?;
                    let read = reader.next(&mut settlement.meter);
                    let piece = tokio::select! {
                        biased;
                        piece = read => piece,
                        () = self.silence.passed() => return Some(Ok(Bytes::from_static(KEEP_ALIVE))),
                    };
                    // A stream that outlives its client loses nothing if that leaves here.
                    let held = self.held.insert(piece);
                    burst(held, reader, &mut settlement.meter).await;
                    self.held.take()?
                }
            };
            if piece.end.is_none() && settlement.meter.is_spent() {
                // The provider stops working, and charging, now, however slowly the client reads.
                self.last = self.reader.take().and_then(|reader| reader.last_number());
                piece.end = Some(End::Spent);
            } else if piece.end.is_none() && settlement.meter.take_news() {
                settlement.note();
            }
            self.run.thought(&piece.bytes);
            if self.filter.is_some() {
                piece = self.looked_at(piece).await;
            }
            let (recorded, events) = self.record(&piece);
            if let Some(end) = piece.end {
                self.settle(&end);
                self.end = Some(end);
            }
            if matches!(self.end, Some(End::Done)) {
                // Both begin at once: a client that leaves now loses neither.
                let (run, content_type) = (&self.run, &self.content_type);
                let events = events.and_then(Recorder::finish);
                tokio::join!(stored::keep::streamed(run, &piece.bytes, events), keep(run, content_type, recorded));
            }
            if !piece.bytes.is_empty() {
                self.silence.broken();
                return Some(Ok(piece.bytes));
            }
        }
    }

    /// What of the piece may leave.
    async fn looked_at(&mut self, mut piece: Piece) -> Piece {
        let Some(filter) = &mut self.filter else { return piece };
        // A client that leaves here takes the piece with it: what has a hole is kept for nobody.
        let recorders = (self.recorder.take(), self.events.take());
        let passed = filter.pass(piece.bytes, piece.end.is_some(), &self.run.ticket).await;
        (self.recorder, self.events) = recorders;
        match passed {
            Ok(bytes) => {
                piece.bytes = bytes;
                piece
            }
            Err(blocked) => {
                self.last = self.reader.take().and_then(|reader| reader.last_number());
                Piece { end: Some(End::Blocked(blocked)), ..Piece::default() }
            }
        }
    }

    /// What the client gets is written down; only a good end makes it an answer.
    fn record(&mut self, piece: &Piece) -> (Option<Recorder>, Option<Recorder>) {
        for recorder in [&mut self.recorder, &mut self.events].into_iter().flatten() {
            recorder.add(&piece.bytes);
        }
        match piece.end {
            None => (None, None),
            Some(End::Done) => (self.recorder.take(), self.events.take()),
            Some(_) => {
                (self.recorder, self.events) = (None, None);
                (None, None)
            }
        }
    }

    /// Where events are numbered, so is the one that tells of the failure.
    fn numbered(&self, failure: Failure) -> Failure {
        match self.reader.as_ref().and_then(|reader| reader.last_number()).or(self.last) {
            Some(last) => failure.fact("sequence_number", last.saturating_add(1)),
            None => failure,
        }
    }

    /// Settles before the last bytes leave: a client that sees the end may ask again at once, and finds its place free.
    fn settle(&mut self, end: &End) {
        let Some(settlement) = self.settlement.take() else { return };
        match end {
            End::Done => settlement.completed(200),
            End::Spent => settlement.stopped(&spent()),
            End::Blocked(blocked) => settlement.stopped(&Failure::from(blocked)),
            End::Fault(fault) => {
                let (code, message) = (fault.reason().as_str(), fault.for_log());
                let status = fault.reason().openai_http();
                settlement.failed(fault, Some(&ticket::End { outcome: fault.outcome(), status, code, message }))
            }
        };
    }
}

/// Who asks for the same, or for this again, gets what was written down.
async fn keep(run: &Run, content_type: &str, recorded: Option<Recorder>) {
    if run.asked.operation.is_sound() && !run.asked.peek.stream {
        // It is long, and seldom asked for twice.
        if let Some(body) = recorded.and_then(Recorder::finish) {
            run.keep_claimed(content_type, body).await;
        }
    } else {
        run.keep(recorded, content_type).await;
    }
}

/// Adds to `piece` what has arrived as well. Each chunk is looked at as if it were alone.
async fn burst(piece: &mut Piece, reader: &mut Reader, meter: &mut Meter) {
    while piece.end.is_none() && piece.bytes.len() < MAX_BURST && !meter.is_spent() {
        let Some(next) = reader.at_once(meter).await else { return };
        piece.append(next);
    }
}

/// What the client is told in place of the rest.
fn spent() -> Failure {
    Reason::BudgetExceeded.with("the stream ends here, because the quota or budget that paid for it is spent")
}

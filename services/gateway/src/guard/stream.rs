//! Guardrails over a stream: events are held back until it is certain that their text may leave, and leave as they came
//! where nothing was found in it.

mod channel;
mod event;

use super::{Blocked, Guards, Tally, document, moderate, tally::holds_back, texts};
use crate::{
    operation::Operation,
    ticket::Ticket,
    wire::sse::{Event, Splitter},
};
use bytes::{Bytes, BytesMut};
use channel::Channel;
use event::Seen;
use proto::guardrails::{Action, Stage};
use std::{collections::VecDeque, ops::Range, sync::Arc};

/// What is held back at most, in bytes: beyond that, what is known decides. A text whose neighbours go on without it
/// would hold them for ever.
const MOST_HELD: usize = 256 * 1024;
/// After how much text a model is asked to judge it, in bytes.
const SEGMENT: usize = 1024;
/// How much of the text before it sees again, in bytes.
const BEFORE: usize = 256;
/// How much is judged at once where nothing waits for it, in bytes.
const MOST_JUDGED: usize = 64 * 1024;

/// Looks at the events of one answer, in the words in which its client reads them.
pub(crate) struct Filter {
    guards: Arc<Guards>,
    operation: Operation,
    splitter: Splitter,
    channels: Vec<(String, Channel)>,
    held: VecDeque<Held>,
    held_bytes: usize,
    /// Counts nothing: for texts that are told a second time.
    silent: Tally,
    later: Option<Later>,
}

/// What a model has to judge.
struct Later {
    text: String,
    /// How much of the text it has seen.
    seen: usize,
    /// How many events it has judged, and how many came.
    judged: usize,
    came: usize,
    /// What it does not like stops the answer, so that nothing leaves before.
    holds: bool,
}

/// An event that waits.
struct Held {
    raw: Bytes,
    spans: Vec<Span>,
    number: usize,
}

/// A piece of a text in an event.
struct Span {
    channel: usize,
    /// In the text.
    of: Range<usize>,
    /// In the event's data.
    at: Range<usize>,
}

impl Filter {
    /// None, where answers are not looked at.
    pub(crate) fn new(guards: Option<&Arc<Guards>>, operation: Operation) -> Option<Box<Self>> {
        let guards = guards.filter(|guards| guards.has_output())?;
        let mut judges = guards.output.iter().filter(|rule| rule.moderation.is_some()).peekable();
        let is_judged = judges.peek().is_some();
        let holds = judges.any(|rule| rule.action != Action::Flag);
        Some(Box::new(Self {
            guards: guards.clone(),
            operation,
            splitter: Splitter::default(),
            channels: vec![],
            held: VecDeque::new(),
            held_bytes: 0,
            silent: Tally::silent(),
            later: is_judged.then(|| Later { text: String::new(), seen: 0, judged: 0, came: 0, holds }),
        }))
    }

    /// What may leave, now that these bytes have come. `is_end`: nothing else comes. Errors: a rule stops the answer, of which
    /// nothing else may leave.
    pub(crate) async fn pass(&mut self, bytes: Bytes, is_end: bool, ticket: &Ticket) -> Result<Bytes, Blocked> {
        self.take(bytes, is_end, &ticket.tally)?;
        self.judge(is_end, ticket).await?;
        self.leave(&ticket.tally)
    }

    /// Takes in what has come, and decides about its texts.
    fn take(&mut self, bytes: Bytes, is_end: bool, tally: &Tally) -> Result<(), Blocked> {
        if self.splitter.push(bytes).is_err() {
            return Err(self.unreadable());
        }
        while let Some(at) = self.splitter.next_event() {
            let raw = self.splitter.take(at);
            self.look(raw, tally)?;
        }
        let rest = self.splitter.rest();
        if is_end && !rest.is_empty() {
            self.look(rest, tally)?;
        }
        for (_, channel) in &mut self.channels {
            channel.decide(&self.guards.output, is_end, tally)?;
        }
        Ok(())
    }

    /// What may leave now.
    fn leave(&mut self, tally: &Tally) -> Result<Bytes, Blocked> {
        let mut out = BytesMut::new();
        self.release(&mut out);
        if self.held_bytes > MOST_HELD {
            for (_, channel) in &mut self.channels {
                channel.decide(&self.guards.output, true, tally)?;
            }
            self.release(&mut out);
        }
        Ok(out.freeze())
    }

    /// The same as `pass`, where no model has to judge.
    #[cfg(test)]
    fn step(&mut self, bytes: Bytes, is_end: bool, tally: &Tally) -> Result<Bytes, Blocked> {
        self.take(bytes, is_end, tally)?;
        self.leave(tally)
    }

    /// Takes an event in. Errors: a rule stops a text that it tells at once.
    fn look(&mut self, raw: Bytes, tally: &Tally) -> Result<(), Blocked> {
        let event = Event::parse(&raw);
        let text = event.data.as_deref().and_then(|data| std::str::from_utf8(data).ok());
        let Some(json) = text.filter(|text| text.trim_start().starts_with('{')) else {
            self.hold(raw.clone(), vec![]);
            return Ok(());
        };
        let seen = Seen::of(self.operation, json);
        let mut spans = Vec::with_capacity(seen.pieces.len());
        for (key, at, kind) in seen.pieces {
            let channel = self.channel(key, kind);
            let piece = document::decoded(&json[at.clone()]);
            if let Some(later) = &mut self.later {
                later.text.push_str(&piece);
            }
            spans.push(Span { channel, of: self.channels[channel].1.push(&piece), at });
        }
        // A text that came in pieces is told again as a whole: it was counted.
        let tally = if self.channels.is_empty() { tally } else { &self.silent };
        let told = if spans.is_empty() {
            document::look(&self.guards, Stage::Output, json, texts::told, tally)?
        } else {
            None
        };
        let raw = match told {
            Some(json) => rewritten(event.name, &json),
            None => raw.clone(),
        };
        self.hold(raw, spans);
        Ok(())
    }

    fn channel(&mut self, key: String, kind: texts::Text) -> usize {
        match self.channels.iter().position(|(name, _)| *name == key) {
            Some(index) => index,
            None => {
                self.channels.push((key, Channel::new(kind, &self.guards.output)));
                self.channels.len() - 1
            }
        }
    }

    fn hold(&mut self, raw: Bytes, spans: Vec<Span>) {
        self.held_bytes += raw.len();
        let number = match &mut self.later {
            Some(later) => {
                later.came += 1;
                later.came
            }
            None => 0,
        };
        self.held.push_back(Held { raw, spans, number });
    }

    /// Has a model judge what came, once there is enough of it. Errors: it does not like it, or says nothing.
    async fn judge(&mut self, is_end: bool, ticket: &Ticket) -> Result<(), Blocked> {
        let Some(later) = &mut self.later else { return Ok(()) };
        let enough = if later.holds { SEGMENT } else { MOST_JUDGED };
        let is_due = later.text.len() - later.seen >= enough || (is_end && later.text.len() > later.seen);
        if is_due {
            moderate::judge(&self.guards.output, Stage::Output, &later.text, ticket).await?;
            let from = later.text.floor_char_boundary(later.text.len().saturating_sub(BEFORE));
            later.text.drain(..from);
            later.seen = later.text.len();
        }
        if is_due || is_end || later.text.len() == later.seen {
            later.judged = later.came;
        }
        Ok(())
    }

    /// What may leave, in its order.
    fn release(&mut self, out: &mut BytesMut) {
        let rules = &self.guards.output;
        let judged = self.later.as_ref().filter(|later| later.holds).map_or(usize::MAX, |later| later.judged);
        while let Some(front) = self.held.front() {
            let is_certain = |span: &Span| span.of.end <= self.channels[span.channel].1.certain(rules);
            if front.number > judged || !front.spans.iter().all(is_certain) {
                break;
            }
            let Some(held) = self.held.pop_front() else { break };
            self.held_bytes -= held.raw.len();
            out.extend_from_slice(&self.written(&held));
            for span in &held.spans {
                self.channels[span.channel].1.left(span.of.end);
            }
        }
    }

    /// The event as it leaves: as it came, but for what has to go.
    fn written(&self, held: &Held) -> Bytes {
        let event = Event::parse(&held.raw);
        let text = event.data.as_deref().and_then(|data| std::str::from_utf8(data).ok());
        let Some(json) = text.filter(|_| !held.spans.is_empty()) else { return held.raw.clone() };
        let edits: Vec<_> = held
            .spans
            .iter()
            .filter_map(|span| {
                let piece = document::decoded(&json[span.at.clone()]);
                let new = self.channels[span.channel].1.edited(&span.of, &piece)?;
                Some((span.at.clone(), document::quoted(&new)))
            })
            .collect();
        if edits.is_empty() { held.raw.clone() } else { rewritten(event.name, &document::with_edits(json, edits)) }
    }

    /// What is no stream of events is let through by nobody.
    fn unreadable(&self) -> Blocked {
        let rule = self.guards.output.iter().find(|rule| holds_back(rule.action)).or(self.guards.output.first());
        Blocked {
            rule: rule.map(|rule| rule.name.clone()).unwrap_or_default(),
            stage: Stage::Output,
            is_unjudged: true,
        }
    }
}

/// An event of this name with other data.
fn rewritten(name: &[u8], json: &str) -> Bytes {
    // Line ends are nothing but blanks in JSON, and would end the data here.
    let data = json.replace(['\n', '\r'], " ");
    let head: &[&[u8]] = if name.is_empty() { &[] } else { &[b"event: ", name, b"\n"] };
    [head.concat().as_slice(), b"data: ", data.as_bytes(), b"\n\n"].concat().into()
}

#[cfg(test)]
mod tests;

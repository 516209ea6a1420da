//! Do the three agree: the loader's journal, the provider's own count, and the ledger?

use crate::{
    ledger::Row,
    load::{Entry, Manner},
    provider::{Call, Charged},
};
use proto::id::RequestId;
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    time::{Duration, Instant},
};

/// Between the provider's last word and the moment at which the gateway has certainly kept it, on a busy machine.
const SLACK: Duration = Duration::from_secs(3);

/// Between the end of a process and the moment at which those who talked to it have noticed, on a busy machine: whose
/// client is gone does not read on.
const NOTICE: Duration = Duration::from_secs(1);

/// A time in which what a client or the gateway held may have been lost on the way: one of them was killed.
#[derive(Clone, Copy, Debug)]
pub struct Broken {
    /// When the process that was killed began to stand still.
    pub from: Instant,
    /// When it was gone.
    pub to: Instant,
}

/// What all three say.
pub struct Evidence<'a> {
    pub entries: &'a [Entry],
    pub calls: &'a [Call],
    pub rows: &'a [Row],
    /// Kills of what carries an answer from the provider to the client.
    pub broken: &'a [Broken],
}

/// How many of what there were.
#[derive(Default)]
pub struct Tally {
    pub asked: usize,
    pub finished: usize,
    pub called: usize,
    pub exact: usize,
    pub estimated: usize,
    pub unsent: usize,
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { asked, finished, called, exact, estimated, unsent } = self;
        write!(
            f,
            "{asked} asked, {finished} answered to the end, {called} calls of the provider; rows: {exact} exact, "
        )?;
        write!(f, "{estimated} without the provider's figures, {unsent} that were never sent")
    }
}

impl Evidence<'_> {
    /// Every difference, in words; and what there was.
    pub fn judge(&self) -> (Vec<String>, Tally) {
        let mut calls: BTreeMap<&str, Vec<&Call>> = BTreeMap::new();
        for call in self.calls {
            calls.entry(&call.tag).or_default().push(call);
        }
        let mut rows: BTreeMap<&str, Vec<&Row>> = BTreeMap::new();
        for row in self.rows {
            rows.entry(&row.model).or_default().push(row);
        }
        let mut tally = Tally { asked: self.entries.len(), called: self.calls.len(), ..Tally::default() };
        let mut faults = vec![];
        for entry in self.entries {
            tally.finished += usize::from(entry.finished);
            let calls = calls.remove(entry.tag.as_str()).unwrap_or_default();
            let rows = rows.remove(entry.tag.as_str()).unwrap_or_default();
            if let Err(fault) = self.request(entry, &calls, &rows, &mut tally) {
                faults.push(format!("{fault}\n    client   {entry:?}\n    provider {calls:?}\n    ledger   {rows:?}"));
            }
        }
        faults.extend(calls.keys().map(|tag| format!("{tag}: the provider was called, and nobody asked")));
        faults.extend(rows.keys().map(|tag| format!("{tag}: the ledger has a row, and nobody asked")));
        (faults, tally)
    }

    fn request(&self, entry: &Entry, calls: &[&Call], rows: &[&Row], tally: &mut Tally) -> Result<(), String> {
        let attempts: BTreeSet<_> = rows.iter().map(|row| (&row.request, row.attempt)).collect();
        // The workspace has one provider, so that a request has one attempt.
        match (calls, attempts.len()) {
            ([], 0) if !entry.finished => return Ok(()),
            ([], 0) => return Err("lost: answered, but neither called nor recorded".to_owned()),
            ([_], 0) => return Err("lost: the provider was called, and there is no row".to_owned()),
            ([] | [_], 1) => {}
            ([] | [_], n) => return Err(format!("doubled: {n} attempts of one request")),
            _ => return Err("the provider was called twice for one request".to_owned()),
        }
        let row = rows.last().ok_or("no row")?;
        let recorded = rows.iter().fold([0; 4], |sum, row| {
            let row = [row.input, row.cached, row.output, row.reasoning];
            std::array::from_fn(|n| sum[n] + row[n])
        });
        self.matches_answer(entry, row)?;
        let Some(call) = calls.first() else {
            tally.unsent += 1;
            // Killed between admission and call: nothing says what it used, or that it used nothing.
            let honest = row.outcome != "completed" && (row.estimated || recorded == [0; 4]);
            return if honest { Ok(()) } else { Err("doubled: recorded as used, never called".to_owned()) };
        };
        if recorded == buckets(call.charged) && !row.estimated {
            tally.exact += 1;
            return Ok(());
        }
        tally.estimated += 1;
        match self.why_exact(entry, call, row) {
            None => Ok(()),
            Some(why) => Err(format!("not the provider's count, though {why}")),
        }
    }

    /// The request id that the client was told is the one of the row.
    fn matches_answer(&self, entry: &Entry, row: &Row) -> Result<(), String> {
        if entry.finished && row.outcome != "completed" {
            return Err(format!("its client has the whole answer, and its row says {}", row.outcome));
        }
        let Ok(id) = entry.request_id.parse::<RequestId>() else { return Ok(()) };
        let same = id.uuid().simple().to_string() == row.request;
        if same { Ok(()) } else { Err("recorded under another request id than the client was told".to_owned()) }
    }

    /// Why the gateway must have had the provider's own figures. None: it may have been without.
    fn why_exact(&self, entry: &Entry, call: &Call, row: &Row) -> Option<&'static str> {
        let told = call.told?;
        // What a client has seen to its end is in a journal or a spool by then: nothing excuses an estimate of it.
        if entry.finished {
            return Some("the client has seen the end of the answer");
        }
        let is_cut = self.broken.iter().any(|b| told + SLACK > b.from && told < b.to);
        // The provider's last word came when the client was gone, and the gateway had just stopped listening.
        let is_left = row.outcome == "client_gone" && self.broken.iter().any(|b| told >= b.to && told < b.to + NOTICE);
        let is_cut = is_cut || is_left;
        (entry.manner != Manner::Leaves && !is_cut).then_some("nobody was killed who carried the answer")
    }
}

/// As the ledger keeps it: input without what was read from a cache, reasoning inside of the output.
fn buckets(charged: Charged) -> [i64; 4] {
    [charged.prompt - charged.cached, charged.cached, charged.completion, charged.reasoning]
}

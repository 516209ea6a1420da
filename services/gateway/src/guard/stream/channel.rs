//! One text that comes in pieces: what is found in it, wherever it was cut, and up to where that is certain.

use crate::guard::{
    Blocked, Tally,
    document::{Cut, judge, merged},
    rule::Rule,
    tally::holds_back,
    texts::Text,
    unescape::Unescaped,
};
use proto::guardrails::Stage;
use std::{ops::Range, sync::Arc};

/// A match that goes on for longer is one up to here: a text is not held back for ever.
const MOST_UNDECIDED: usize = 8 * 1024;
/// What is kept before the first place that is looked at: finders look at the character before a match.
const BEFORE: usize = 4;

pub(super) struct Channel {
    /// What may still matter of the text, as it is meant.
    text: Unescaped,
    /// How much of the text has come, as it is written.
    came: usize,
    /// Up to where each finder has decided, by rule and finder, in the whole text as it is meant.
    decided: Vec<usize>,
    /// What has to go, in the whole text as it is written; in order.
    cuts: Vec<Cut>,
    /// Something came since the last decision.
    is_new: bool,
}

impl Channel {
    pub(super) fn new(kind: Text, rules: &[Arc<Rule>]) -> Self {
        let finders = rules.iter().map(|rule| rule.finders.len()).sum();
        Self {
            text: Unescaped::new(kind == Text::Json),
            came: 0,
            decided: vec![0; finders],
            cuts: vec![],
            is_new: false,
        }
    }

    /// The next piece. Where it stands in the whole text.
    pub(super) fn push(&mut self, piece: &str) -> Range<usize> {
        let from = self.came;
        self.came += piece.len();
        self.text.push(piece);
        self.is_new = true;
        from..self.came
    }

    /// Looks at what has come. `is_end`: nothing else comes. Errors: a rule stops it.
    pub(super) fn decide(&mut self, rules: &[Arc<Rule>], is_end: bool, tally: &Tally) -> Result<(), Blocked> {
        if !self.is_new && !is_end {
            return Ok(());
        }
        self.is_new = false;
        if is_end {
            self.text.end();
        }
        let (text, base) = (self.text.text(), self.text.base());
        let mut found = vec![];
        let finders = rules.iter().flat_map(|rule| rule.finders.iter().map(move |finder| (rule, finder)));
        for ((rule, finder), decided) in finders.zip(&mut self.decided) {
            let limit = if is_end { text.len() } else { finder.undecided(text) };
            let mut from = *decided - base;
            let mut is_open = false;
            while let Some(at) = finder.find(text, from).filter(|at| at.start < limit) {
                if at.end > limit && text.len() - at.start < MOST_UNDECIDED {
                    (from, is_open) = (at.start, true);
                    break;
                }
                from = at.end;
                tally.found(rule, Stage::Output, finder.what);
                judge(rule, Stage::Output)?;
                if holds_back(rule.action) {
                    found.push(Cut { at, replacement: finder.replacement.clone() });
                }
            }
            *decided = base + if is_open { from } else { from.max(limit) };
        }
        self.add(found);
        self.forget();
        Ok(())
    }

    /// Up to where the text may leave, as it is written.
    pub(super) fn certain(&self, rules: &[Arc<Rule>]) -> usize {
        let holding = rules.iter().flat_map(|rule| rule.finders.iter().map(|_| holds_back(rule.action)));
        let decided = holding.zip(&self.decided).filter(|(holds, _)| *holds).map(|(_, decided)| *decided);
        decided.min().map_or(usize::MAX, |decided| self.text.written(decided))
    }

    /// A piece of the text that stands there, with what has to go taken out. None: it may stay as it is.
    pub(super) fn edited(&self, at: &Range<usize>, piece: &str) -> Option<String> {
        let mut out = String::new();
        let (mut from, mut is_changed) = (at.start, false);
        for cut in self.cuts.iter().filter(|cut| cut.at.start < at.end && at.start < cut.at.end) {
            is_changed = true;
            if cut.at.start >= at.start {
                out.push_str(piece.get(from - at.start..cut.at.start - at.start)?);
                out.push_str(&cut.replacement);
            }
            from = cut.at.end.min(at.end);
        }
        out.push_str(piece.get(from - at.start..)?);
        is_changed.then_some(out)
    }

    /// Everything up to here has left.
    pub(super) fn left(&mut self, up_to: usize) {
        self.cuts.retain(|cut| cut.at.end > up_to);
    }

    /// Notes cuts that are given by their place in what came last.
    fn add(&mut self, found: Vec<Cut>) {
        self.cuts.extend(found.into_iter().map(|cut| cut.written(&self.text)));
        self.cuts = merged(std::mem::take(&mut self.cuts));
    }

    /// Lets go of what all have decided about.
    fn forget(&mut self) {
        let (text, base) = (self.text.text(), self.text.base());
        let least = self.decided.iter().copied().min().unwrap_or(base + text.len());
        let up_to = text.floor_char_boundary((least - base).saturating_sub(BEFORE));
        if up_to > 0 {
            self.text.forget(up_to);
        }
    }
}

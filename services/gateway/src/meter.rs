//! What has one attempt used so far?

use crate::{trace::Gist, wire::usage};
use proto::usage::{Tokens, Units};
use tokio::time::Instant;

/// A token is about four bytes of text in most languages and tokenizers.
pub(crate) const fn tokens_of_bytes(bytes: i64) -> i64 {
    bytes / 4 + (bytes % 4 != 0) as i64
}

/// Counts while an attempt runs, so that its row is right however it ends.
#[derive(Debug)]
pub(crate) struct Meter {
    began: Instant,
    /// Our estimate of the input.
    input: i64,
    /// What the provider says was used.
    usage: Option<Tokens>,
    /// What is asked for that may be billed by something else than tokens.
    asked: Units,
    /// What the answer says of it.
    units: Option<Units>,
    /// Bytes of content that arrived.
    bytes: i64,
    /// HTTP status of the provider, 0 if none arrived.
    pub status: u16,
    /// Fields of the request that the provider was not sent.
    pub dropped: Vec<String>,
    /// When it arrived.
    head: Option<Instant>,
    /// When the first content arrived.
    first: Option<Instant>,
    working: bool,
    /// Output tokens after which a stream is not to go on.
    most_output: Option<i64>,
    /// The provider's last word is written down nowhere.
    is_news: bool,
    gist: Gist,
}

impl Meter {
    pub(crate) fn new(input: i64, asked: Units) -> Self {
        Self {
            began: Instant::now(),
            input,
            usage: None,
            asked,
            units: None,
            bytes: 0,
            status: 0,
            dropped: Vec::new(),
            head: None,
            first: None,
            working: false,
            most_output: None,
            is_news: false,
            gist: Gist::default(),
        }
    }

    /// The request is on its way: from now on the provider may charge for the input.
    pub(crate) const fn asked(&mut self) {
        self.working = true;
    }

    /// The head of the answer arrived.
    pub(crate) fn answers(&mut self, status: u16) {
        (self.status, self.head) = (status, Some(Instant::now()));
    }

    /// When the head of the answer arrived.
    pub(crate) const fn head(&self) -> Option<Instant> {
        self.head
    }

    /// The provider says that it did nothing; what it sent before counts all the same.
    pub(crate) const fn did_not_work(&mut self) {
        self.working &= self.bytes > 0;
    }

    /// Content arrived.
    pub(crate) fn content(&mut self, bytes: usize) {
        self.first.get_or_insert_with(Instant::now);
        self.bytes = self.bytes.saturating_add(i64::try_from(bytes).unwrap_or(i64::MAX));
    }

    /// The provider said what was used; the last word counts.
    pub(crate) fn reported(&mut self, usage: Tokens) {
        self.is_news |= self.usage != Some(usage);
        self.usage = Some(usage);
    }

    /// The answer shows that this was used beside tokens, and maybe more than before.
    pub(crate) fn told(&mut self, more: Units) {
        let units = self.units.get_or_insert_default();
        units.images = units.images.saturating_add(more.images);
        units.audio_ms = units.audio_ms.max(more.audio_ms);
        units.searches = units.searches.max(more.searches);
        if !more.image_class.is_empty() {
            units.image_class = more.image_class;
        }
        self.is_news = true;
    }

    /// An answer, or an event that says something about it. Only where traces are made.
    pub(crate) fn says(&mut self, data: &[u8]) {
        if host::telemetry::exporting() {
            self.gist.read(data);
        }
    }

    /// What the answer said about itself.
    pub(crate) const fn gist(&self) -> &Gist {
        &self.gist
    }

    /// Whether the provider has said something new about what was used since this was asked last.
    pub(crate) const fn take_news(&mut self) -> bool {
        std::mem::replace(&mut self.is_news, false)
    }

    /// What is paid for.
    pub(crate) const fn stop_after(&mut self, output: Option<i64>) {
        self.most_output = output;
    }

    /// Whether as much was answered as is paid for.
    pub(crate) fn is_spent(&self) -> bool {
        self.most_output.is_some_and(|most| usage::sums(&self.tokens().0).1 >= most)
    }

    /// The provider's count, or ours; and whether it is ours.
    pub(crate) fn tokens(&self) -> (Tokens, bool) {
        match self.usage {
            Some(usage) => (usage, false),
            None if !self.working => (Tokens::default(), false),
            // It is counted by something else.
            None if self.units.is_some() => (Tokens::default(), false),
            None => (Tokens { input: self.input, output: tokens_of_bytes(self.bytes), ..Tokens::default() }, true),
        }
    }

    /// What was used that may be billed by something else than tokens: what the answer says, or what was asked and needs
    /// nothing to be made.
    pub(crate) fn units(&self) -> Units {
        if !self.working {
            return Units::default();
        }
        let Some(told) = &self.units else {
            return Units { images: 0, image_class: String::new(), ..self.asked.clone() };
        };
        let class = if told.image_class.is_empty() { &self.asked.image_class } else { &told.image_class };
        let image_class = if told.images > 0 { class.clone() } else { String::new() };
        Units { image_class, characters: self.asked.characters, ..told.clone() }
    }

    /// Tokens of content that arrived, as we count them.
    pub(crate) const fn answered(&self) -> i64 {
        tokens_of_bytes(self.bytes)
    }

    pub(crate) fn has_usage(&self) -> bool {
        self.usage.is_some()
    }

    pub(crate) fn duration_ms(&self) -> i64 {
        millis_between(self.began, Instant::now())
    }

    /// Until the first content, 0 if none arrived.
    pub(crate) fn ttft_ms(&self) -> i64 {
        self.first.map_or(0, |first| millis_between(self.began, first).max(1))
    }

    /// The same, as a time.
    pub(crate) fn latency(&self) -> Option<std::time::Duration> {
        self.first.map(|first| first.saturating_duration_since(self.began))
    }

    /// When the first content arrived.
    pub(crate) const fn first(&self) -> Option<Instant> {
        self.first
    }
}

pub(crate) fn millis_between(from: Instant, to: Instant) -> i64 {
    i64::try_from(to.saturating_duration_since(from).as_millis()).unwrap_or(i64::MAX)
}

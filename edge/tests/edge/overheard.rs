//! What is logged and traced while a test listens.

use std::{
    fmt::{Debug, Write as _},
    sync::{Arc, Mutex},
};
use tracing::{
    Event, Metadata, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
    subscriber::DefaultGuard,
};

/// The fields of every span and event, of whatever level.
#[derive(Clone, Default)]
pub struct Overheard(Arc<Mutex<String>>);

impl Overheard {
    /// Listens on this thread, where the tasks of a test run, until the guard is dropped.
    pub fn here(&self) -> DefaultGuard {
        tracing::subscriber::set_default(self.clone())
    }

    pub fn text(&self) -> String {
        self.0.lock().unwrap().clone()
    }
}

impl Visit for Overheard {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        writeln!(self.0.lock().unwrap(), "{field} = {value:?}").expect("writing to a string");
    }
}

impl Subscriber for Overheard {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        span.record(&mut self.clone());
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        values.record(&mut self.clone());
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        event.record(&mut self.clone());
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

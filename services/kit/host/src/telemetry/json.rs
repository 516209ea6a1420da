//! How does a log line look to a machine?

mod fields;

use fields::Fields;
use std::{cell::RefCell, io::Write as _};
use tracing::{
    Event, Metadata, Subscriber,
    span::{Attributes, Id, Record},
};
use tracing_subscriber::{
    Layer,
    fmt::{
        MakeWriter,
        format::Writer,
        time::{FormatTime as _, SystemTime},
    },
    layer::Context,
    registry::LookupSpan,
};

/// In every line, and null where they do not apply, so that they are always found in the same place.
const ALWAYS: [&str; 4] = ["message", "request_id", "workspace_id", "user_id"];

/// What fields begin with that spans have for traces alone.
const TRACED: [&str; 3] = ["otel.", "http.", "rpc."];

/// One flat JSON object per line: what the spans around an event say lies beside what the event says, but for what is
/// there for traces.
///
/// Written by hand, because every request logs a line: the layer that `tracing_subscriber` has parses what a span has
/// said so far each time that something is added to it.
pub(super) struct Lines<W>(W);

/// Kept from line to line, so that a line needs no memory of its own.
#[derive(Default)]
struct Scratch {
    fields: Fields,
    line: String,
}

thread_local! {
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

impl<W> Lines<W> {
    /// Lines that go to `out`, each in one write.
    pub(super) const fn to(out: W) -> Self {
        Self(out)
    }
}

impl<S, W> Layer<S> for Lines<W>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    W: for<'w> MakeWriter<'w> + 'static,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        span.extensions_mut().replace(fields);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        if let Some(fields) = span.extensions_mut().get_mut::<Fields>() {
            values.record(fields);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let write = |scratch: &mut Scratch| {
            scratch.gather(event, &context);
            scratch.render(event.metadata());
            // Where a line cannot be written, neither can one that says so.
            drop(self.0.make_writer_for(event.metadata()).write_all(scratch.line.as_bytes()));
        };
        SCRATCH.with(|scratch| match scratch.try_borrow_mut() {
            Ok(mut scratch) => write(&mut scratch),
            // Logged by a value while it was being written into another line.
            Err(_) => write(&mut Scratch::default()),
        });
    }
}

impl Scratch {
    /// What the event says, then what its spans say: an inner one says it more exactly than an outer one.
    fn gather<S: Subscriber + for<'a> LookupSpan<'a>>(&mut self, event: &Event<'_>, context: &Context<'_, S>) {
        self.fields.clear();
        event.record(&mut self.fields);
        for span in context.event_scope(event).into_iter().flatten() {
            if let Some(fields) = span.extensions().get::<Fields>() {
                self.fields.inherit(fields, |name| !TRACED.iter().any(|prefix| name.starts_with(prefix)));
            }
        }
    }

    fn render(&mut self, metadata: &Metadata<'_>) {
        let Self { fields, line } = self;
        line.clear();
        line.push_str("{\"timestamp\":\"");
        // A line without a time is worth more than none.
        let _ = SystemTime.format_time(&mut Writer::new(line));
        for text in ["\",\"level\":\"", metadata.level().as_str(), "\",\"target\":\"", metadata.target(), "\""] {
            line.push_str(text);
        }
        let mut add = |name: &str, value: &str| {
            for text in [",\"", name, "\":", value] {
                line.push_str(text);
            }
        };
        for name in ALWAYS {
            add(name, fields.get(name).unwrap_or("null"));
        }
        for (name, value) in fields.iter().filter(|(name, _)| !ALWAYS.contains(name)) {
            add(name, value);
        }
        line.push_str("}\n");
    }
}

//! What is the process doing? Logs on stderr, and traces over OTLP where a collector is named.
//!
//! Spans with the target `otel` are for traces alone: statements, scripts, calls between services. No log level shows them,
//! and where no traces are made nothing of them is built.

mod json;
mod trace;

pub use trace::{Sampler, context_of, exporting, join, set_parent, set_words, trace_context};

use opentelemetry_sdk::trace::SdkTracerProvider;
use proto::{Call, Principal};
use serde::{Deserialize, Serialize};
use std::{
    backtrace::{Backtrace, BacktraceStatus},
    io::{IsTerminal as _, stderr},
    panic,
    sync::OnceLock,
};
use tracing::{Span, Subscriber};
use tracing_subscriber::{
    Layer, Registry, filter::Targets, fmt, layer::SubscriberExt as _, registry::LookupSpan, reload,
    util::SubscriberInitExt as _,
};

/// Settings of logs and traces.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// How log lines look.
    pub log_format: LogFormat,
    /// What is logged: `error`, `warn`, `info`, `debug`, `trace`, or directives like `info,gateway=debug`.
    pub log_level: String,
    /// Where a collector is, such as `http://localhost:4317`. Over HTTP traces go to `/v1/traces` below it. Not set, and
    /// [`otlp_traces_endpoint`](Self::otlp_traces_endpoint) neither: none are made.
    pub otlp_endpoint: Option<String>,
    /// Where traces go, with their path. Stronger than `otlp_endpoint`.
    pub otlp_traces_endpoint: Option<String>,
    /// How they go there: `grpc` or `http/protobuf`. Others are refused, so that nobody waits for what was sent into a void.
    pub otlp_protocol: String,
    /// Who decides whether a trace is kept.
    pub sampler: Sampler,
    /// Which share of the traces that begin here is kept, from 0 to 1.
    pub trace_share: f64,
    /// What traces are filed under. Not set: `perpetuo`, with the roles of the process where it does not run all.
    pub service_name: Option<String>,
    /// No traces are made, whatever else is set.
    pub traces_disabled: bool,
}

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// Text on a terminal, JSON elsewhere.
    Auto,
    /// One JSON object per line.
    Json,
    /// For people.
    Text,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            log_format: LogFormat::Auto,
            log_level: "info".to_owned(),
            otlp_endpoint: None,
            otlp_traces_endpoint: None,
            otlp_protocol: "grpc".to_owned(),
            sampler: Sampler::ParentBasedTraceIdRatio,
            trace_share: 1.0,
            service_name: None,
            traces_disabled: false,
        }
    }
}

/// Why telemetry cannot start.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The level cannot be read.
    #[error(
        "telemetry.log_level {0:?} is not a level: use error, warn, info, debug, trace, or directives like info,gateway=debug"
    )]
    Level(String),
    /// The address of the collector cannot be used.
    #[error("telemetry.otlp_endpoint {endpoint:?} cannot be used: {problem}")]
    Endpoint {
        /// What was given.
        endpoint: String,
        /// What is wrong with it.
        problem: String,
    },
    /// Traces cannot be sent in this way.
    #[error(
        "telemetry.otlp_protocol (OTEL_EXPORTER_OTLP_PROTOCOL) is {0:?}, which is not spoken: set it to grpc or \
         http/protobuf, and telemetry.otlp_endpoint to the collector's port for it, which is mostly 4317 or 4318"
    )]
    Protocol(String),
    /// No share.
    #[error("telemetry.trace_share (OTEL_TRACES_SAMPLER_ARG) is {0}, and must be from 0 to 1")]
    Share(f64),
    /// [`init`] has been called before.
    #[error("telemetry has been started already")]
    Twice,
}

/// Sends what is left of the traces when dropped. Keep it until the end of `main`, inside the runtime.
#[must_use = "dropping it stops the traces"]
pub struct Guard(Option<SdkTracerProvider>);

/// By target alone: a filter that also knows spans looks for each of them whenever it is entered and left.
type LevelHandle = reload::Handle<Targets, Registry>;
static LEVEL: OnceLock<LevelHandle> = OnceLock::new();

/// What other crates may log at most, unless the level names them: their debug lines hold headers and statements.
/// What devices answer is judged, and logged, by who asked them: whoever sends nonsense shall not write errors.
const QUIET: &str = "h2=info,hyper=info,hyper_util=info,tonic=info,tower=info,rustls=warn,sqlx=warn,\
                     opentelemetry=warn,opentelemetry_sdk=warn,opentelemetry_otlp=warn,otel=off,\
                     webauthn_rs=off";

/// What is in traces, at whatever level is logged: a trace with holes is none.
const TRACED: &str = "info,h2=warn,hyper=warn,hyper_util=warn,tonic=warn,tower=warn,rustls=off,sqlx=off,\
                      opentelemetry=off,opentelemetry_sdk=off,opentelemetry_otlp=off,otel=trace,\
                      webauthn_rs=off";

/// Starts logs and traces for the whole process; panics are logged, once, where they happen. `service` is what traces
/// are filed under. Call it inside the runtime. Errors: [`Error`].
pub fn init(config: &Config, service: &str) -> Result<Guard, Error> {
    let (filter, handle) = reload::Layer::new(filter(&config.log_level)?);
    let provider = trace::provider(config, service)?;
    let registry = tracing_subscriber::registry();
    let begun = match &provider {
        // One filter in front of everything: what it refuses costs next to nothing.
        None => registry.with(filter).with(lines(config)).try_init(),
        // What is logged and what is traced are two things.
        Some(provider) => {
            let traced: Targets = TRACED.parse().map_err(|_| Error::Level(TRACED.to_owned()))?;
            registry.with(lines(config).with_filter(filter)).with(trace::layer(provider).with_filter(traced)).try_init()
        }
    };
    begun.map_err(|_| Error::Twice)?;
    proto::trace::install(proto::trace::Hooks { join: trace::join, context: trace::context_of });
    // Only the first initialisation gets here.
    drop(LEVEL.set(handle));
    panic::set_hook(Box::new(|panic| {
        let message = panic.payload_as_str().unwrap_or("a value that is no text");
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        let backtrace = Backtrace::capture();
        let backtrace = (backtrace.status() == BacktraceStatus::Captured).then(|| backtrace.to_string());
        tracing::error!(panic = message, place, backtrace, "panicked");
    }));
    Ok(Guard(provider))
}

/// Changes what is logged while the process runs. Errors: [`Error::Level`].
pub fn set_log_level(level: &str) -> Result<(), Error> {
    let filter = filter(level)?;
    let changed = LEVEL.get().map(|handle| handle.reload(filter));
    changed.transpose().map(|_| ()).map_err(|_| Error::Level(level.to_owned()))
}

/// Names the caller in the current span, so that every line logged for it says who it was. The span must declare the
/// fields `request_id`, `workspace_id`, `user_id`, `impersonator_id` and `key_id`.
pub fn describe(call: &Call) {
    let span = Span::current();
    if span.is_disabled() {
        return;
    }
    span.record("request_id", tracing::field::display(call.request_id));
    if let Some(workspace) = call.workspace {
        span.record("workspace_id", tracing::field::display(workspace));
    }
    match call.principal {
        Principal::User { id, .. } => span.record("user_id", tracing::field::display(id)),
        Principal::Key { id } => span.record("key_id", tracing::field::display(id)),
        Principal::Anonymous | Principal::Service(_) => &span,
    };
    if let Some(acting) = call.impersonation {
        span.record("impersonator_id", tracing::field::display(acting.operator));
    }
}

fn lines<S: Subscriber + for<'a> LookupSpan<'a>>(config: &Config) -> Box<dyn Layer<S> + Send + Sync> {
    let json = match config.log_format {
        LogFormat::Auto => !stderr().is_terminal(),
        LogFormat::Json => true,
        LogFormat::Text => false,
    };
    if json {
        json::Lines::to(stderr).boxed()
    } else {
        fmt::layer().compact().with_ansi(stderr().is_terminal()).with_writer(stderr).boxed()
    }
}

fn filter(level: &str) -> Result<Targets, Error> {
    let words: Vec<&str> = level.split(',').map(str::trim).collect();
    // The parser takes a lone word that is no level for the name of a target, and silences everything else.
    let is_level = |w: &&str| ["off", "error", "warn", "info", "debug", "trace"].contains(w);
    let plausible = words.iter().all(|w| w.contains('=') || is_level(w)) && words.iter().any(is_level);
    let parsed = format!("{QUIET},{}", words.join(",")).parse::<Targets>();
    parsed.ok().filter(|_| plausible).ok_or_else(|| Error::Level(level.to_owned()))
}

impl Drop for Guard {
    fn drop(&mut self) {
        if let Some(provider) = self.0.take()
            && let Err(error) = provider.shutdown_with_timeout(std::time::Duration::from_secs(3))
        {
            tracing::warn!(%error, "the last traces could not be sent");
        }
    }
}

#[cfg(test)]
mod tests;

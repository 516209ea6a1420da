use super::*;
use bytes::Bytes;
use http_body_util::BodyExt as _;
use proto::{
    Call,
    id::{RequestId, UserId, WorkspaceId},
};
use std::{
    io::Write,
    sync::{Arc, Mutex},
};
use tracing_subscriber::fmt::MakeWriter;
use uuid::Uuid;

#[derive(Clone, Default)]
struct Memory(Arc<Mutex<Vec<u8>>>);

impl Write for Memory {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Memory {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

fn logged(work: impl FnOnce()) -> Vec<serde_json::Value> {
    let memory = Memory::default();
    let lines = json::Lines::to(memory.clone());
    tracing::subscriber::with_default(tracing_subscriber::registry().with(lines), work);
    let text = String::from_utf8(memory.0.lock().unwrap().clone()).expect("text");
    text.lines().map(|l| serde_json::from_str(l).expect("each line is JSON")).collect()
}

#[test]
fn times_of_lines_are_in_utc() {
    let began = chrono::DateTime::from_timestamp_micros(0).expect("a time");
    let lines = logged(|| tracing::warn!("now"));
    let at = lines[0]["timestamp"].as_str().expect("a time");
    assert!(at.ends_with('Z'), "{at}");
    let read: chrono::DateTime<chrono::Utc> = at.parse().expect("as RFC 3339 has it");
    assert!(read > began, "{at}");
}

/// Whoever writes into a log what looks like the end of a line has written a value and nothing else.
#[test]
fn a_value_begins_no_line_and_no_field_of_its_own() {
    let said = "x\r\n{\"level\":\"ERROR\"}\u{2028}\",\"user_id\":\"usr_admin\",\"\u{1b}[31m";
    let lines = logged(|| tracing::info!(client_request_id = said, shown = ?said, "request"));
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert_eq!((lines[0]["client_request_id"].as_str(), lines[0]["level"].as_str()), (Some(said), Some("INFO")));
    assert!(lines[0]["user_id"].is_null() && lines[0]["shown"].is_string(), "{}", lines[0]);
}

#[test]
fn every_json_line_says_for_whom_it_was_logged() {
    let call = Call {
        principal: Principal::User {
            id: UserId::from_uuid(Uuid::from_u128(1)),
            session: proto::id::SessionId::from_uuid(Uuid::from_u128(2)),
        },
        impersonation: Some(proto::Impersonation { operator: UserId::from_uuid(Uuid::from_u128(5)), may_write: false }),
        workspace: Some(WorkspaceId::from_uuid(Uuid::from_u128(3))),
        ..Call::anonymous(RequestId::from_uuid(Uuid::from_u128(4)))
    };
    let lines = logged(|| {
        tracing::info!("before");
        let empty = tracing::field::Empty;
        let span = tracing::info_span!(
            "request",
            request_id = empty,
            workspace_id = empty,
            user_id = empty,
            impersonator_id = empty
        );
        span.in_scope(|| {
            describe(&call);
            tracing::info!(status = 200, "done\n\"quoted\"");
        });
    });
    assert!(lines[0].get("request_id").is_some_and(serde_json::Value::is_null), "{}", lines[0]);
    assert_eq!(lines[1]["request_id"], call.request_id.to_string());
    assert_eq!(lines[1]["workspace_id"], call.workspace.expect("one").to_string());
    assert_eq!(lines[1]["user_id"], call.actor());
    assert_eq!(lines[1]["impersonator_id"], UserId::from_uuid(Uuid::from_u128(5)).to_string());
    assert_eq!((lines[1]["status"].as_u64(), lines[1]["message"].as_str()), (Some(200), Some("done\n\"quoted\"")));
}

#[test]
fn the_inner_span_and_the_later_word_count() {
    let lines = logged(|| {
        let outer = tracing::info_span!("outer", task = "fold", otel.kind = "server", attempt = 1);
        let inner = tracing::info_span!(parent: &outer, "inner", attempt = tracing::field::Empty, left = 0.5);
        inner.record("attempt", 2);
        inner.record("attempt", 3);
        inner.in_scope(|| tracing::warn!(left = f64::NAN, control = "\u{1}\t\u{fc}\\", ok = true));
        outer.in_scope(|| tracing::warn!(task = ?Some("sweep"), less = -1, "no"));
    });
    let (first, second) = (&lines[0], &lines[1]);
    assert_eq!((first["task"].as_str(), first["attempt"].as_u64()), (Some("fold"), Some(3)), "{first}");
    assert_eq!((&first["left"], first["control"].as_str()), (&serde_json::Value::Null, Some("\u{1}\t\u{fc}\\")));
    assert!(first["message"].is_null() && first["ok"] == true && first["level"] == "WARN", "{first}");
    assert!(first["target"].as_str().is_some_and(|t| t.starts_with("host::")), "{first}");
    assert_eq!((second["attempt"].as_u64(), second["less"].as_i64()), (Some(1), Some(-1)), "{second}");
    assert_eq!(second["task"], "Some(\"sweep\")");
    assert!(lines.iter().all(|l| l.get("otel.kind").is_none()), "that is for traces");
    let time = first["timestamp"].as_str().expect("a time");
    assert!(chrono::DateTime::parse_from_rfc3339(time).is_ok() && time.ends_with('Z'), "{time}");
}

#[test]
fn a_value_may_log_while_it_is_logged() {
    struct Chatty;
    impl std::fmt::Debug for Chatty {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            tracing::info!("inside");
            f.write_str("chatty")
        }
    }
    let lines = logged(|| tracing::info!(value = ?Chatty, "outside"));
    let outside = lines.iter().find(|l| l["message"] == "outside").expect("the line itself");
    assert_eq!(outside["value"], "chatty");
}

#[test]
fn a_level_that_is_none_is_refused_with_a_hint() {
    for level in ["", "loud", "info,", "gateway=debug", "info,gateway=loud"] {
        assert!(filter(level).is_err(), "{level:?}");
    }
    for level in ["info", "debug", "warn,gateway=debug", "info, edge=trace"] {
        assert!(filter(level).is_ok(), "{level:?}");
    }
    assert!(Error::Level("loud".to_owned()).to_string().contains("info,gateway=debug"));
}

#[test]
fn debug_logs_never_show_headers_of_connections() {
    let shown = filter("trace").expect("a level").to_string();
    assert!(shown.contains("otel=off"), "{shown}");
    let shown = filter("debug").expect("a level").to_string();
    assert!(shown.contains("h2=info") && shown.contains("hyper=info") && shown.contains("sqlx=warn"), "{shown}");
}

/// A collector that keeps what it is sent.
#[derive(Clone, Default)]
struct Collector(Arc<Mutex<Vec<Bytes>>>);

impl tonic::server::NamedService for Collector {
    const NAME: &'static str = "opentelemetry.proto.collector.trace.v1.TraceService";
}

impl tower::Service<http::Request<tonic::body::Body>> for Collector {
    type Response = http::Response<tonic::body::Body>;
    type Error = std::convert::Infallible;
    type Future = futures::future::BoxFuture<'static, Result<Self::Response, Self::Error>>;

    fn poll_ready(&mut self, _: &mut std::task::Context<'_>) -> std::task::Poll<Result<(), Self::Error>> {
        std::task::Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<tonic::body::Body>) -> Self::Future {
        let kept = self.0.clone();
        Box::pin(async move {
            let body = request.into_body().collect().await.expect("a body").to_bytes();
            kept.lock().unwrap().push(body);
            Ok(tonic::Status::ok("").into_http())
        })
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_collector_a_span_joins_the_trace_of_its_caller() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let endpoint = format!("http://{}", listener.local_addr().expect("an address"));
    let collector = Collector::default();
    let server = tonic::transport::Server::builder().add_service(collector.clone());
    let incoming = tonic::transport::server::TcpIncoming::from(listener);
    let tasks = crate::Tasks::new();
    tasks.tracker().spawn(server.serve_with_incoming(incoming));

    let config = Config { otlp_endpoint: Some(endpoint), ..Config::default() };
    let provider = trace::provider(&config, "perpetuo").expect("a provider").expect("traces");
    let subscriber = tracing_subscriber::registry().with(trace::layer(&provider));
    let caller = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let passed_on = tracing::subscriber::with_default(subscriber, || {
        let span = tracing::info_span!("request");
        set_parent(&span, caller);
        span.in_scope(trace_context).expect("a context")
    });
    assert!(passed_on.starts_with("00-4bf92f3577b34da6a3ce929d0e0e4736-") && passed_on.ends_with("-01"), "{passed_on}");
    assert_ne!(&*passed_on, caller, "the next one is called by this span, not by its parent");
    drop(Guard(Some(provider)));
    let trace_id = 0x4bf9_2f35_77b3_4da6_a3ce_929d_0e0e_4736_u128.to_be_bytes();
    let sent = collector.0.lock().unwrap().iter().any(|body| body.windows(16).any(|w| w == trace_id));
    assert!(sent, "what is left is sent at the end");
}

/// Counts the spans that are built.
#[derive(Clone, Default)]
struct Built(Arc<std::sync::atomic::AtomicUsize>);

impl<S: Subscriber> Layer<S> for Built {
    fn on_new_span(
        &self,
        _: &tracing::span::Attributes<'_>,
        _: &tracing::span::Id,
        _: tracing_subscriber::layer::Context<'_, S>,
    ) {
        self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    }
}

#[test]
fn what_is_for_traces_is_built_only_where_they_are_made() {
    let value = std::cell::Cell::new(0);
    let statement = || {
        let look = || {
            value.set(value.get() + 1);
            "value"
        };
        let span = tracing::trace_span!(target: "otel", "sql", db.query.summary = look());
        span.in_scope(|| tracing::info!("a line"));
    };
    let built = |filter: Targets| {
        let built = Built::default();
        let subscriber = tracing_subscriber::registry().with(filter).with(built.clone());
        tracing::subscriber::with_default(subscriber, statement);
        built.0.load(std::sync::atomic::Ordering::Relaxed)
    };
    for level in ["info", "debug", "trace"] {
        assert_eq!(built(filter(level).expect("a level")), 0, "{level}");
    }
    assert_eq!(value.get(), 0, "its values are not even looked at");
    assert_eq!((built(TRACED.parse().expect("a filter")), value.get()), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_that_nobody_listens_for_slows_nothing_and_fills_nothing() {
    let nobody = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port").local_addr().expect("an address");
    let config = Config { otlp_endpoint: Some(format!("http://{nobody}")), ..Config::default() };
    let provider = trace::provider(&config, "perpetuo").expect("a provider").expect("traces");
    let subscriber = tracing_subscriber::registry().with(trace::layer(&provider));
    let resident = || {
        let text = String::from_utf8(crate::metrics::text()).expect("text");
        let line = text.lines().find(|line| line.starts_with("process_resident_memory_bytes "));
        line.and_then(|line| line.split(' ').nth(1)?.parse::<f64>().ok()).unwrap_or_default()
    };
    let spans = |number: usize| {
        for _ in 0..number {
            drop(tracing::info_span!("request", otel.kind = "server", route = "/v1/chat/completions").entered());
        }
    };
    let (took, grown) = tracing::subscriber::with_default(subscriber, || {
        spans(5_000);
        let (before, began) = (resident(), std::time::Instant::now());
        spans(100_000);
        (began.elapsed(), resident() - before)
    });
    assert!(took < std::time::Duration::from_secs(20), "100,000 spans took {took:?}");
    assert!(grown < 64e6, "{grown} bytes are kept of what nobody takes");
    let began = std::time::Instant::now();
    drop(Guard(Some(provider)));
    assert!(began.elapsed() < std::time::Duration::from_secs(10), "the end waits for nobody: {:?}", began.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trace_begins_with_a_request_and_not_with_what_runs_beside_them() {
    let config = Config { otlp_endpoint: Some("http://127.0.0.1:1".to_owned()), ..Config::default() };
    let provider = trace::provider(&config, "perpetuo").expect("a provider").expect("traces");
    let subscriber = tracing_subscriber::registry().with(trace::layer(&provider));
    let flags = |span: &Span| context_of(span).map(|context| context[53..].to_owned());
    tracing::subscriber::with_default(subscriber, || {
        let task = tracing::error_span!(parent: None, "task");
        let statement = task.in_scope(|| tracing::trace_span!(target: "otel", "sql", otel.kind = "client"));
        assert_eq!((flags(&task).as_deref(), flags(&statement).as_deref()), (Some("00"), Some("00")));
        let request = tracing::info_span!("request", otel.kind = "server");
        let statement = request.in_scope(|| tracing::trace_span!(target: "otel", "sql", otel.kind = "client"));
        assert_eq!((flags(&request).as_deref(), flags(&statement).as_deref()), (Some("01"), Some("01")));
        // What goes on in a task after its request is in the trace of the request.
        let of = context_of(&request).expect("a context");
        let late = task.in_scope(|| {
            let late = tracing::trace_span!(target: "otel", "call", otel.kind = "client");
            join(&late, Some(&of));
            late
        });
        assert_eq!(context_of(&late).expect("a context")[..36], of[..36]);
        let inside = request.in_scope(|| {
            let inside = tracing::trace_span!(target: "otel", "call", otel.kind = "client");
            join(&inside, Some("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"));
            inside
        });
        assert_eq!(context_of(&inside).expect("a context")[..36], of[..36], "the span around it is nearer");
    });
}

#[test]
fn the_standard_variables_are_settings() {
    #[derive(Debug, Default, serde::Serialize, serde::Deserialize)]
    #[serde(default)]
    struct Settings {
        telemetry: Config,
    }
    let variables = [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://all:4317"),
        ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://traces:4317"),
        ("OTEL_TRACES_SAMPLER", "traceidratio"),
        ("OTEL_TRACES_SAMPLER_ARG", "0.25"),
        ("OTEL_SERVICE_NAME", "gateway-eu"),
        ("OTEL_SDK_DISABLED", "true"),
    ];
    let layers = crate::config::Layers::new().environment(&variables.into_iter().collect());
    let found = layers.load::<Settings>().expect("settings").telemetry;
    let expected = Config {
        otlp_endpoint: Some("http://all:4317".to_owned()),
        otlp_traces_endpoint: Some("http://traces:4317".to_owned()),
        sampler: Sampler::TraceIdRatio,
        trace_share: 0.25,
        service_name: Some("gateway-eu".to_owned()),
        traces_disabled: true,
        ..Config::default()
    };
    assert_eq!(found, expected);
    assert!(trace::provider(&found, "perpetuo").expect("settings").is_none(), "disabled");
}

#[test]
fn what_cannot_be_spoken_is_refused_with_what_to_do() {
    let endpoint = Some("http://localhost:4318".to_owned());
    let http = Config { otlp_endpoint: endpoint.clone(), otlp_protocol: "http/json".to_owned(), ..Config::default() };
    let error = trace::provider(&http, "perpetuo").expect_err("no protocol of ours").to_string();
    assert!(error.contains("OTEL_EXPORTER_OTLP_PROTOCOL") && error.contains("grpc or http/protobuf"), "{error}");
    let share = Config { otlp_endpoint: endpoint, trace_share: 1.5, ..Config::default() };
    assert!(trace::provider(&share, "perpetuo").expect_err("no share").to_string().contains("from 0 to 1"));
}

#[test]
fn a_collector_without_an_address_is_refused() {
    let config = Config { otlp_endpoint: Some("http://[collector".to_owned()), ..Config::default() };
    let error = trace::provider(&config, "perpetuo").expect_err("no address").to_string();
    assert!(error.starts_with("telemetry.otlp_endpoint"), "{error}");
    assert!(trace::provider(&Config::default(), "perpetuo").expect("settings").is_none(), "none unless asked for");
}

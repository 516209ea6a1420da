//! One request seen from outside: one trace of it, and the metrics that it leaves.

use crate::scenarios;
use anyhow::{Context as _, ensure};
use proto::Role;
use reqwest::Method;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use tests::{
    Answer, Cluster, Collector, Upstream,
    client::{Client, PASSWORD, chat},
    cluster::{Options, Shape},
    collector::Span,
    eventually,
    upstream::Script,
    within,
};

scenarios! {
    shared: every_metric_of_a_running_process_is_in_the_list;
    own: a_collector_that_is_not_there_costs_nothing;
    once: one_trace_goes_from_the_door_to_the_provider, one_process_makes_one_trace_too,
        traces_go_over_http_where_a_collector_speaks_that;
}

const PROMPT: &str = "zqxprompt: what is the capital of Acre?";
const ANSWER: &str = "zqxanswer: Rio Branco.";

/// What a trace of one chat completion is expected to hold.
struct Traced {
    collector: Collector,
    upstream: Upstream,
    trace: String,
    /// The span of the client, which is not ours.
    client: String,
    cluster: Cluster,
}

impl Traced {
    /// Sends one chat completion, under limits, from within a trace of the client.
    async fn chat(shape: Shape) -> anyhow::Result<Self> {
        let (collector, upstream) = (Collector::start().await?, Upstream::start().await?);
        let variables = [
            ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", collector.url.as_str()),
            ("OTEL_EXPORTER_OTLP_HEADERS", "x-tenant=ops"),
            ("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=scenario"),
            ("OTEL_BSP_SCHEDULE_DELAY", "200"),
            // What nobody asked us to keep is not kept; what the client keeps is.
            ("OTEL_TRACES_SAMPLER", "parentbased_traceidratio"),
            ("OTEL_TRACES_SAMPLER_ARG", "0"),
            // No level of logs takes anything out of a trace.
            ("PERPETUO__TELEMETRY__LOG_LEVEL", "error"),
        ];
        let env = variables.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        let cluster = Cluster::start(shape, &Options { env, ..Options::default() }).await?;
        let person = cluster.person().await?;
        person.provider(&upstream.url, &json!({"name": "up"})).await?;
        upstream.on("tiny", Script::text(ANSWER));
        let (key, _) = person.key_with(&json!({"limits": {"rpm": 100}})).await?;
        let (trace, client) = ("4bf92f3577b34da6a3ce929d0e0e4736".to_owned(), "00f067aa0ba902b7".to_owned());
        let request = key.request(Method::POST, "/v1/chat/completions").json(&chat("up/tiny", PROMPT));
        Answer::of(request.header("traceparent", format!("00-{trace}-{client}-01"))).await?.expect(200)?;
        Ok(Self { collector, upstream, trace, client, cluster })
    }

    /// The spans, once the last of them has come.
    async fn spans(&self, last: &[&str]) -> anyhow::Result<Vec<Span>> {
        eventually(async || {
            let spans = self.collector.trace(&self.trace);
            for name in last {
                let names: BTreeSet<_> = spans.iter().map(|span| span.name.as_str()).collect();
                ensure!(spans.iter().any(|span| span.name.ends_with(name)), "no span {name}: {names:?}");
            }
            let ids: BTreeSet<_> = spans.iter().map(|span| span.id.as_str()).chain([self.client.as_str()]).collect();
            let orphan = spans.iter().find(|span| !ids.contains(span.parent.as_str()));
            ensure!(orphan.is_none(), "its parent is not in the trace: {orphan:?}");
            Ok(spans)
        })
        .await
    }

    /// What is true of the call of the provider in every shape.
    fn provider_call<'a>(&self, spans: &'a [Span]) -> anyhow::Result<&'a Span> {
        let call = spans.iter().find(|span| span.name == "chat tiny").context("no call of the provider")?;
        let expected = [
            ("gen_ai.operation.name", "chat"),
            ("gen_ai.provider.name", "openai"),
            ("gen_ai.request.model", "tiny"),
            ("gen_ai.response.model", "tiny"),
            ("gen_ai.response.finish_reasons", "stop"),
            ("server.address", "127.0.0.1"),
            ("http.response.status_code", "200"),
        ];
        for (name, value) in expected {
            ensure!(call.attributes.get(name).is_some_and(|v| v == value), "{name}: {:?}", call.attributes);
        }
        for name in ["gen_ai.usage.input_tokens", "gen_ai.usage.output_tokens"] {
            let tokens = call.attributes.get(name).and_then(|n| n.parse::<i64>().ok());
            ensure!(tokens.is_some_and(|n| n > 0), "{name}: {:?}", call.attributes);
        }
        ensure!(call.attributes.contains_key("gen_ai.response.id"), "{:?}", call.attributes);
        let received = self.upstream.received();
        let told = received.last().and_then(|r| r.headers.get("traceparent")?.to_str().ok()).unwrap_or_default();
        ensure!(told == format!("00-{}-{}-01", self.trace, call.id), "the provider was told {told}, not {}", call.id);
        Ok(call)
    }
}

fn service(span: &Span) -> &str {
    span.resource.get("service.name").map_or("", String::as_str)
}

/// The only span of this name in this service.
fn the<'a>(spans: &'a [Span], in_service: &str, name: &str, kind: &str) -> anyhow::Result<&'a Span> {
    let is_it = |s: &&Span| service(s) == in_service && s.name.ends_with(name) && format!("{:?}", s.kind) == kind;
    let found: Vec<_> = spans.iter().filter(is_it).collect();
    ensure!(found.len() == 1, "{} spans {name} ({kind}) of {in_service} in {spans:#?}", found.len());
    Ok(found[0])
}

/// Whether `inner` is somewhere inside of `outer`.
fn is_inside(spans: &[Span], inner: &Span, outer: &Span) -> bool {
    let mut at = inner;
    loop {
        if at.parent == outer.id {
            return true;
        }
        let Some(above) = spans.iter().find(|span| span.id == at.parent) else { return false };
        at = above;
    }
}

async fn one_trace_goes_from_the_door_to_the_provider() -> anyhow::Result<()> {
    let traced = Traced::chat(Shape::Many).await?;
    let spans = traced.spans(&["chat tiny", "Usage/Settle", "Usage/Admit", "Identity/ResolveKey"]).await?;
    let request = the(&spans, "perpetuo-edge", "POST /v1/chat/completions", "Server")?;
    ensure!(request.parent == traced.client, "the client's span is not the parent: {request:?}");
    // From process to process: who calls is the parent of who is called.
    let hops = [
        ("perpetuo-edge", "perpetuo-identity", "Identity/ResolveKey"),
        ("perpetuo-edge", "perpetuo-gateway", "Gateway/Complete"),
        ("perpetuo-gateway", "perpetuo-usage-metering", "Usage/Admit"),
        ("perpetuo-gateway", "perpetuo-usage-metering", "Usage/Settle"),
    ];
    for (from, to, rpc) in hops {
        let (calling, called) = (the(&spans, from, rpc, "Client")?, the(&spans, to, rpc, "Server")?);
        ensure!(called.parent == calling.id, "{rpc}: {called:?} is not inside of {calling:?}");
    }
    let gateway = the(&spans, "perpetuo-gateway", "Gateway/Complete", "Server")?;
    ensure!(
        the(&spans, "perpetuo-edge", "Gateway/Complete", "Client")?.parent == request.id,
        "not inside of the request"
    );
    for rpc in ["Usage/Admit", "Usage/Settle"] {
        let call = the(&spans, "perpetuo-gateway", rpc, "Client")?;
        ensure!(is_inside(&spans, call, gateway), "{call:?}");
    }
    let call = traced.provider_call(&spans)?;
    ensure!(call.parent == gateway.id && service(call) == "perpetuo-gateway", "{call:?}");
    // Statements by the file that they are in, and scripts by name.
    let identity = the(&spans, "perpetuo-identity", "Identity/ResolveKey", "Server")?;
    let system = |span: &Span| span.attributes.get("db.system.name").cloned().unwrap_or_default();
    let sql: Vec<_> = spans.iter().filter(|span| system(span) == "postgresql").collect();
    let named = |s: &&&Span| s.attributes.get("db.query.summary").is_some_and(|name| name.contains('/'));
    let statement = sql.iter().filter(named).find(|statement| is_inside(&spans, statement, identity));
    ensure!(statement.is_some(), "no statement of identity: {sql:?}");
    let script = spans.iter().find(|span| span.name == "EVALSHA reserve").context("no script")?;
    let admit = the(&spans, "perpetuo-usage-metering", "Usage/Admit", "Server")?;
    ensure!(system(script) == "redis" && is_inside(&spans, script, admit), "{script:?}");
    // Nothing of what was asked and answered, and nothing that nobody asked to keep.
    let all = format!("{:?}", traced.collector.spans());
    for secret in ["zqxprompt", "zqxanswer", "sk-test-canary", "pk_"] {
        ensure!(!all.contains(secret), "{secret} is in a span");
    }
    let stray: Vec<_> = traced.collector.spans().into_iter().filter(|span| span.trace != traced.trace).collect();
    ensure!(stray.is_empty(), "nobody asked for these: {stray:?}");
    // The standard variables.
    ensure!(
        spans.iter().all(|s| s.resource.get("deployment.environment.name").is_some_and(|v| v == "scenario")),
        "{spans:?}"
    );
    ensure!(
        traced.collector.headers().iter().all(|headers| headers.get("x-tenant").is_some_and(|v| v == "ops")),
        "headers"
    );
    drop(traced.cluster);
    Ok(())
}

async fn one_process_makes_one_trace_too() -> anyhow::Result<()> {
    let traced = Traced::chat(Shape::One).await?;
    let spans = traced.spans(&["chat tiny", "Usage/Settle"]).await?;
    let request = the(&spans, "perpetuo", "POST /v1/chat/completions", "Server")?;
    ensure!(request.parent == traced.client, "{request:?}");
    let gateway = the(&spans, "perpetuo", "Gateway/Complete", "Internal")?;
    ensure!(gateway.parent == request.id, "{gateway:?}");
    let call = traced.provider_call(&spans)?;
    ensure!(is_inside(&spans, call, gateway), "{call:?}");
    ensure!(is_inside(&spans, the(&spans, "perpetuo", "Usage/Settle", "Internal")?, request), "the settlement");
    drop(traced.cluster);
    Ok(())
}

async fn a_collector_that_is_not_there_costs_nothing(shape: Shape) -> anyhow::Result<()> {
    let nobody = format!("http://127.0.0.1:{}", tests::free_port()?);
    let variable = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let env = vec![variable("OTEL_EXPORTER_OTLP_ENDPOINT", &nobody), variable("OTEL_BSP_SCHEDULE_DELAY", "100")];
    let mut cluster = Cluster::start(shape, &Options { env, ..Options::default() }).await?;
    let person = cluster.person().await?;
    let key = person.key().await?;
    for _ in 0..20 {
        // A machine that builds something beside this may make one too slow, with a collector or without.
        eventually(async || key.chat("simulator/chat", "hi").await?.expect(200)).await?;
    }
    // Once, whoever listens or not; and the end does not wait for what nobody takes.
    let gateway = cluster.process(Role::Gateway);
    eventually(async || {
        let said = gateway.output().matches("traces are not taken").count();
        ensure!(said == 1, "it was said {said} times");
        Ok(())
    })
    .await?;
    gateway.terminate()?;
    let status = gateway.ended(std::time::Duration::from_secs(20)).await?;
    ensure!(status.success(), "{status}");
    Ok(())
}

async fn traces_go_over_http_where_a_collector_speaks_that() -> anyhow::Result<()> {
    let whole = Collector::over_http("/ingest/traces").await?;
    let below = Collector::over_http("/otlp/v1/traces").await?;
    let addresses = [
        (&whole, "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", format!("{}/ingest/traces", whole.url)),
        (&below, "OTEL_EXPORTER_OTLP_ENDPOINT", format!("{}/otlp", below.url)),
    ];
    for (collector, name, address) in addresses {
        let variables = [
            (name, address.as_str()),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"),
            ("OTEL_EXPORTER_OTLP_HEADERS", "x-tenant=ops"),
            ("OTEL_BSP_SCHEDULE_DELAY", "200"),
        ];
        let env = variables.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        let cluster = Cluster::start(Shape::One, &Options { env, ..Options::default() }).await?;
        let person = cluster.person().await?;
        person.key().await?.chat("simulator/chat", PROMPT).await?.expect(200)?;
        eventually(async || {
            let spans = collector.spans();
            let names: BTreeSet<_> = spans.iter().map(|span| span.name.as_str()).collect();
            ensure!(names.contains("POST /v1/chat/completions") && names.contains("chat chat"), "{names:?}");
            Ok(())
        })
        .await?;
        let headers = collector.headers();
        ensure!(headers.iter().all(|headers| headers.get("x-tenant").is_some_and(|v| v == "ops")), "{headers:?}");
    }
    Ok(())
}

/// Name → kind and labels, as the list has them.
fn listed() -> anyhow::Result<BTreeMap<String, (String, BTreeSet<String>)>> {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/prometheus/METRICS.md");
    let text = std::fs::read_to_string(path)?;
    let rows = text.lines().filter_map(|line| line.strip_prefix("| `"));
    Ok(rows
        .filter_map(|row| {
            let mut cells = row.split(" | ");
            let name = cells.next()?.trim_end_matches('`').to_owned();
            let kind = cells.next()?.to_owned();
            let labels = cells.next()?.split(", ").map(|label| label.trim_matches('`').to_owned());
            Some((name, (kind, labels.filter(|label| !label.is_empty()).collect())))
        })
        .collect())
}

/// The labels of a sample: `name{a="x",b="y"} 1`.
fn labels(sample: &str) -> BTreeSet<String> {
    let inside = sample.split_once('{').and_then(|(_, rest)| rest.rsplit_once('}')).map_or("", |(inside, _)| inside);
    // Values hold no `="` of their own.
    let names = inside.split("=\"").filter_map(|part| part.rsplit([',', '"']).next());
    let count = inside.matches("=\"").count();
    names.take(count).map(str::to_owned).filter(|name| name != "le").collect()
}

/// What each role is seen to show.
const SHOWN: &[(Role, &str)] = &[
    (Role::Edge, "perpetuo_ready{check=\"all\"} 1"),
    (Role::Edge, "perpetuo_feed_silent_seconds{feed="),
    (Role::Edge, "tokio_workers "),
    (Role::Gateway, "perpetuo_gateway_tokens_total{kind=\"output\",provider_kind=\"openai\"}"),
    (Role::UsageMetering, "perpetuo_usage_refusals_total{layer=\"api_key\",limit=\"requests_per_minute\"}"),
    (Role::UsageMetering, "perpetuo_usage_ledger_lag_seconds "),
    (Role::UsageMetering, "perpetuo_db_connections{schema=\"usage\",state=\"idle\"}"),
    (Role::UsageMetering, "perpetuo_mails_waiting{service=\"usage-metering\"} "),
    (Role::Identity, "perpetuo_db_connections_max{schema=\"identity\"}"),
    (Role::Identity, "perpetuo_identity_logins_total{outcome=\"ok\"}"),
    (Role::Identity, "perpetuo_mails_waiting{service=\"identity\"}"),
    (Role::Workspace, "perpetuo_mails_waiting{service=\"workspace\"} "),
    (Role::Billing, "perpetuo_mails_waiting{service=\"billing\"} "),
    (Role::Billing, "perpetuo_billing_notifications_waiting "),
    (Role::Billing, "perpetuo_db_statement_failures_total{kind=\"unavailable\",schema=\"billing\"} 0"),
    (Role::AgentEngine, "perpetuo_engine_executions{state=\"running\"}"),
];

async fn every_metric_of_a_running_process_is_in_the_list(cluster: &Cluster) -> anyhow::Result<()> {
    let person = cluster.person().await?;
    person.key().await?.chat("simulator/chat", "hi").await?.expect(200)?;
    let upstream = Upstream::start().await?;
    person.provider(&upstream.url, &json!({"name": "up"})).await?;
    // The gateway hears of the provider a moment later.
    let key = person.key().await?;
    eventually(async || key.chat("up/tiny", "hi").await?.expect(200)).await?;
    let login = json!({"email": person.email, "password": PASSWORD});
    cluster.anybody().post("/auth/login", &login).await?.expect(200)?;
    let (limited, _) = person.key_with(&json!({"limits": {"rpm": 1}})).await?;
    turned_away(&limited).await?;
    let listed = listed()?;
    for role in Role::ALL {
        for text in cluster.metrics(*role).await? {
            let mut of = "";
            for line in text.lines() {
                if let Some(declared) = line.strip_prefix("# TYPE ") {
                    let (name, kind) = declared.split_once(' ').context("a type")?;
                    let (expected, _) = listed.get(name).with_context(|| format!("{name} is not in METRICS.md"))?;
                    ensure!(kind == expected, "{name} is a {kind}");
                    of = name;
                } else if !line.starts_with('#') {
                    let (found, expected) = (labels(line), &listed[of].1);
                    ensure!(found == *expected, "{line}: labels {found:?}, and {expected:?} in the list");
                }
            }
        }
    }
    for (role, sample) in SHOWN {
        let shown = within(std::time::Duration::from_secs(20), async || {
            let texts = cluster.metrics(*role).await?;
            ensure!(texts.iter().any(|text| text.contains(sample)), "{role} does not show {sample}");
            Ok(())
        });
        shown.await?;
    }
    Ok(())
}

/// Sends requests until one is turned away.
async fn turned_away(key: &Client) -> anyhow::Result<()> {
    for _ in 0..10 {
        if key.chat("simulator/chat", "hi").await?.status == 429 {
            return Ok(());
        }
    }
    anyhow::bail!("ten requests a minute fit into one")
}

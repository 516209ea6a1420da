//! `deploy/prometheus/METRICS.md` lists the metrics as the sources make them.
//!
//! `GOLDEN=write cargo test --workspace --test architecture -- metrics` writes it anew.

use std::{collections::BTreeMap, fmt::Write as _, path::Path};

const LIST: &str = "deploy/prometheus/METRICS.md";
const HEAD: &str = "# Metrics

Every process answers `GET /metrics` on its operations port (`ops.listen`), with `Authorization: Bearer <ops.token>` where a
token is set. Labels are bounded: no workspace, person, key or model is ever one. A counter begins at zero with its process,
and a metric appears with the first thing that it counts.

Made from the sources: `GOLDEN=write cargo test --workspace --test architecture -- metrics` writes this file anew.

| Name | Type | Labels | Meaning | Roles |
|---|---|---|---|---|
";

const TABLES: &str = "workspace, identity, usage-metering, billing, agent-engine";
const LETTERS: &str = "workspace, identity, usage-metering, billing";
/// Who has the metrics of a folder. The first that fits.
const ROLES: &[(&str, &str)] = &[
    ("edge/", "edge"),
    ("services/gateway/", "gateway"),
    ("services/identity/", "identity"),
    ("services/workspace/", "workspace"),
    ("services/usage-metering/", "usage-metering"),
    ("services/billing/", "billing"),
    ("services/agent-engine/", "agent-engine"),
    ("services/kit/mail/", LETTERS),
    ("services/kit/host/src/grpc/", "all but edge"),
    ("services/kit/host/", "all"),
    ("deploy/server/src/wire/pools.rs", TABLES),
];

/// Constructors of `host::metrics`, and what they make.
const CONSTRUCTORS: &[(&str, &str)] = &[
    ("counter", "counter"),
    ("counter_vec", "counter"),
    ("gauge", "gauge"),
    ("gauge_vec", "gauge"),
    ("float_gauge", "gauge"),
    ("float_gauge_vec", "gauge"),
    ("histogram", "histogram"),
    ("histogram_vec", "histogram"),
];

#[derive(Debug, PartialEq, Eq)]
struct Metric {
    kind: String,
    labels: Vec<String>,
    help: String,
    roles: &'static str,
}

/// What is left of a call's arguments.
struct Arguments<'a>(&'a str);

impl Arguments<'_> {
    /// The next argument, if it is a text.
    fn text(&mut self) -> Option<String> {
        let mut text = String::new();
        let mut rest = self.0.trim_start().trim_start_matches(',').trim_start().strip_prefix('"')?;
        loop {
            let at = rest.find(['"', '\\'])?;
            text.push_str(&rest[..at]);
            let special = &rest[at..];
            if let Some(after) = special.strip_prefix('"') {
                self.0 = after;
                return Some(text);
            }
            // A line that goes on, or a character that stands for itself.
            let escaped = &special[1..];
            let mut characters = escaped.chars();
            match characters.next()? {
                '\n' => rest = escaped.trim_start(),
                itself => {
                    text.push(itself);
                    rest = characters.as_str();
                }
            }
        }
    }

    /// The next argument, if it is a list of texts.
    fn texts(&mut self) -> Option<Vec<String>> {
        let rest = self.0.trim_start().trim_start_matches(',').trim_start().strip_prefix("&[")?;
        let (inside, after) = rest.split_once(']')?;
        self.0 = after;
        Some(inside.split('"').skip(1).step_by(2).map(str::to_owned).collect())
    }
}

/// Every metric of the sources that ship, by name.
fn declared() -> BTreeMap<String, Metric> {
    let mut found = BTreeMap::new();
    let shipped = |path: &str| path.contains("/src/") && !path.starts_with("tests/") && !path.ends_with("tests.rs");
    for (path, text) in crate::sources::all().into_iter().filter(|(path, _)| shipped(path)) {
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        for (function, kind) in CONSTRUCTORS {
            for (at, _) in code.match_indices(&format!("{function}(")) {
                let before = code[..at].chars().next_back();
                if before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '.') {
                    continue;
                }
                let mut arguments = Arguments(&code[at + function.len() + 1..]);
                let Some(name) = arguments.text() else { continue };
                let help = arguments.text().unwrap_or_else(|| panic!("{path}: the help of {name} is no literal"));
                let labels = if function.ends_with("_vec") { arguments.texts() } else { Some(vec![]) };
                let labels = labels.unwrap_or_else(|| panic!("{path}: the labels of {name} are no literals"));
                add(&mut found, &path, name, Metric { kind: (*kind).to_owned(), labels, help, roles: roles(&path) });
            }
        }
        for (at, call) in code.match_indices("line(out, \"").chain(code.match_indices("line(&mut out, \"")) {
            let mut arguments = Arguments(&code[at + call.len() - 1..]);
            let texts = [arguments.text(), arguments.text(), arguments.text()];
            let [Some(name), Some(kind), Some(help)] = texts else { panic!("{path}: a metric without literals") };
            let labels = if name.ends_with("_info") { vec!["version".to_owned()] } else { vec![] };
            add(&mut found, &path, name, Metric { kind, labels, help, roles: roles(&path) });
        }
    }
    found
}

fn add(found: &mut BTreeMap<String, Metric>, path: &str, name: String, metric: Metric) {
    if let Some(other) = found.get(&name) {
        assert_eq!(*other, metric, "{path}: {name} is declared differently elsewhere");
    }
    found.insert(name, metric);
}

fn roles(path: &str) -> &'static str {
    let fits = ROLES.iter().find(|(folder, _)| path.starts_with(folder));
    fits.unwrap_or_else(|| panic!("{path}: which roles have its metrics? Say it in ROLES")).1
}

fn list(metrics: &BTreeMap<String, Metric>) -> String {
    let mut text = HEAD.to_owned();
    for (name, Metric { kind, labels, help, roles }) in metrics {
        let labels: Vec<_> = labels.iter().map(|label| format!("`{label}`")).collect();
        let help = help.replace('|', "\\|");
        writeln!(text, "| `{name}` | {kind} | {} | {help} | {roles} |", labels.join(", "))
            .expect("writing to a string");
    }
    text
}

#[test]
fn metrics_are_listed_as_the_sources_make_them() {
    let metrics = declared();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(LIST);
    let text = list(&metrics);
    #[expect(clippy::disallowed_methods, reason = "whoever runs the tests says whether the list is to be written anew")]
    if std::env::var("GOLDEN").is_ok_and(|how| how == "write") {
        std::fs::write(&path, &text).expect("the list can be written");
    }
    let listed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        listed == text,
        "{LIST} is not what the sources make. If they are right, write it anew with\n\
         GOLDEN=write cargo test --workspace --test architecture -- metrics"
    );
}

#[test]
fn metrics_are_named_by_convention() {
    for (name, Metric { kind, labels, help, .. }) in declared() {
        let ours = ["perpetuo_", "process_", "tokio_"].iter().any(|prefix| name.starts_with(prefix));
        assert!(ours && name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'), "{name}");
        assert_eq!(kind == "counter", name.ends_with("_total"), "{name}: counters, and only they, end in _total");
        assert!(kind != "histogram" || name.ends_with("_seconds"), "{name}: durations are in seconds, and say so");
        assert!(help.ends_with('.') && !help.contains('\n'), "{name}: {help}");
        for label in labels {
            let unbounded = ["workspace", "user", "key", "model", "address", "path", "email"];
            assert!(!unbounded.contains(&label.as_str()), "{name} has a label for each {label}");
        }
    }
}

#[test]
fn a_call_is_read_as_the_compiler_reads_it() {
    let mut arguments = Arguments(" \"a_total\",\n \"One \\\n   text, \\\"quoted\\\".\", &[\"x\", \"y\"])");
    assert_eq!(arguments.text().as_deref(), Some("a_total"));
    assert_eq!(arguments.text().as_deref(), Some("One text, \"quoted\"."));
    assert_eq!(arguments.texts(), Some(vec!["x".to_owned(), "y".to_owned()]));
    assert!(Arguments("name, help)").text().is_none());
}

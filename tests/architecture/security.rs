//! SECURITY.md says what the code does: each of its tables is compared with what it tells of.

pub(crate) mod page;

use crate::shipped::shipped;
use page::{Page, cells, read};
use std::collections::{BTreeMap, BTreeSet};

fn one_yaml() -> serde_json::Value {
    yaml_serde::from_str(&read("deploy/config/one.yaml")).expect("YAML")
}

/// The setting of a path such as `identity.session.idle_days`.
fn setting<'a>(all: &'a serde_json::Value, path: &str) -> Option<&'a serde_json::Value> {
    path.split('.').try_fold(all, |at, name| at.get(name))
}

/// Every setting of the page is one of `one.yaml`, which a test of the server holds against the code.
fn settings_are_there(page: &Page) -> usize {
    let all = one_yaml();
    let sections: Vec<_> = all.as_object().expect("sections").keys().cloned().collect();
    let named: Vec<_> = page
        .code()
        .filter(|text| text.split_once('.').is_some_and(|(s, _)| sections.contains(&s.to_owned())))
        .collect();
    for path in &named {
        assert!(setting(&all, path).is_some(), "SECURITY.md: {path} is no setting");
    }
    named.len()
}

#[test]
fn sessions_last_as_long_as_is_written() {
    let page = Page::section("Sessions");
    let settings = one_yaml();
    let mut seen = 0;
    for row in page.rows() {
        let (number, unit) = row[1].split_once(' ').expect("a number and a unit");
        let place = row[2].trim_matches('`');
        if let Some(days) = setting(&settings, place) {
            assert_eq!((days.to_string().as_str(), unit), (number, "days"), "{}", row[0]);
        } else {
            let code = read(place);
            let said = [format!("TimeDelta::minutes({number})"), format!("LIFETIME_SECONDS: i32 = {number} * 60;")];
            assert!(said.iter().any(|said| code.contains(said)) && unit == "minutes", "{place} does not say {number}");
        }
        seen += 1;
    }
    assert!(seen >= 5, "{seen} times");
    let text = page.text();
    assert!(
        text.contains("any number of sessions") && text.contains("`perpetuo admin log-out"),
        "how many, and who ends them"
    );
    let limit = shipped()
        .into_iter()
        .find(|(path, text)| path.starts_with("services/identity/") && text.contains("max_sessions"));
    assert!(limit.is_none(), "{limit:?}");
}

#[test]
fn every_way_to_sign_in_is_written_down() {
    let page = Page::section("Ways in");
    let document: serde_json::Value = serde_json::from_str(&edge::openapi()).expect("JSON");
    let opens = |item: &serde_json::Value| {
        let answers = item["post"]["responses"].to_string();
        answers.contains("schemas/Session\"")
    };
    let paths = document["paths"].as_object().expect("paths").iter().filter(|(_, item)| opens(item));
    let routes: BTreeSet<_> = paths.map(|(path, _)| path.trim_start_matches("/api/v1").to_owned()).collect();
    let written: BTreeSet<_> = page.rows().flat_map(|row| cells(&row[0])).collect();
    assert_eq!(written, routes);
    assert!(page.text().contains("tells us of no logout"), "what providers have to do with sessions");
    assert!(settings_are_there(&page) >= 3, "settings of sign-ins");
}

#[test]
fn permissions_are_written_down() {
    let table = read("services/workspace/src/member/roles.rs");
    let page = Page::section("Who may what");
    let written: BTreeMap<_, _> =
        page.rows().map(|row| (row[0].trim_matches('`').to_owned(), row[1].clone())).collect();
    let known: BTreeSet<_> = proto::Permission::ALL.iter().map(|permission| permission.as_str().to_owned()).collect();
    assert_eq!(written.keys().cloned().collect::<BTreeSet<_>>(), known);
    for permission in proto::Permission::ALL.iter().filter(|permission| permission.is_of_workspaces()) {
        let row = format!("({permission:?}, [");
        let row = table.split(&row).nth(1).unwrap_or_else(|| panic!("{permission:?} is in no role"));
        let held = row.split(']').next().unwrap_or_default().split(", ").map(|held| held == "YES");
        let roles = ["owner", "admin", "member", "viewer"].into_iter().zip(held).filter(|(_, held)| *held);
        let roles: Vec<_> = roles.map(|(role, _)| role).collect();
        assert_eq!(written[permission.as_str()], roles.join(", "), "{permission:?}");
    }
}

/// What protos mark as not to be printed is what has a rule of its own.
#[test]
fn fields_with_rules_of_their_own_are_written_down() {
    let page = Page::section("Fields with rules of their own");
    let written: BTreeSet<_> = page.rows().flat_map(|row| cells(&row[0])).collect();
    let mut seen = 0;
    for file in page::files("proto/perpetuo", "proto") {
        for line in read(&file).lines().filter(|line| line.contains("debug_redact")) {
            let field = line.split(" = ").next().and_then(|left| left.split_whitespace().last()).unwrap_or_default();
            assert!(written.contains(field), "{file}: {field} has no rule in SECURITY.md");
            seen += 1;
        }
    }
    assert!(seen > 50, "{seen} fields");
}

#[test]
fn every_key_and_every_algorithm_is_written_down() {
    let keys = Page::section("Keys");
    assert!(keys.rows().count() >= 10 && keys.rows().all(|row| row.iter().all(|cell| !cell.is_empty())));
    let replays = |service: &str| format!("{service}.replays.answer");
    let sealed =
        [("identity", identity_columns()), ("workspace", workspace_columns()), ("usage-metering", usage_columns())];
    let sealed = sealed.into_iter().flat_map(|(service, columns)| {
        columns.into_iter().map(move |label| format!("{service}.{label}")).chain([replays(service)])
    });
    let sealed: BTreeSet<_> = sealed.collect();
    let named = |text: &&str| {
        text.matches('.').count() == 2 && sealed.iter().any(|one| one.split('.').next() == text.split('.').next())
    };
    let settings = one_yaml();
    let written: BTreeSet<_> =
        keys.code().filter(named).filter(|text| setting(&settings, text).is_none()).map(str::to_owned).collect();
    assert_eq!(written, sealed, "what the master key seals");
    let algorithms = Page::section("Algorithms").text();
    let password = setting(&settings, "identity.password").expect("settings of passwords").clone();
    let (memory, passes, lanes) = (&password["memory_kib"], &password["iterations"], &password["parallelism"]);
    let said = format!("argon2id, {memory} KiB, {passes} passes, {lanes} lane");
    assert!(algorithms.contains(&said), "{said}");
    for (place, code, words) in [
        ("services/kit/store/src/seal/sealer.rs", "Aes256GcmSiv", "AES-256-GCM-SIV"),
        ("services/kit/store/src/seal/master.rs", "Hmac::<Sha256>", "HMAC-SHA-256"),
        ("services/identity/src/token/rotate.rs", "Ed25519KeyPair", "EdDSA (Ed25519)"),
        ("services/kit/host/src/peer/keys.rs", "Ed25519KeyPair", "EdDSA (Ed25519)"),
        ("services/identity/src/password/hash.rs", "Argon2id", "argon2id"),
    ] {
        assert!(read(place).contains(code) && algorithms.contains(words), "{place}: {words}");
    }
    let days = setting(&settings, "identity.signing.rotate_days").expect("a setting");
    assert!(keys.text().contains(&format!("every {days} days by themselves (`identity.signing.rotate_days`)")));
}

fn identity_columns() -> Vec<String> {
    identity::SEALED.iter().map(store::seal::rotate::Column::label).filter(|label| label != "replays.answer").collect()
}

fn workspace_columns() -> Vec<String> {
    workspace::SEALED.iter().map(store::seal::rotate::Column::label).filter(|label| label != "replays.answer").collect()
}

fn usage_columns() -> Vec<String> {
    usage_metering::SEALED
        .iter()
        .map(store::seal::rotate::Column::label)
        .filter(|label| label != "replays.answer")
        .collect()
}

#[test]
fn every_connection_is_written_down() {
    let page = Page::section("Connections");
    let written: BTreeSet<_> = page.code().map(str::to_owned).collect();
    let mut addresses = vec![];
    each("", &one_yaml(), &mut |path, _| {
        let last = path.rsplit('.').next().unwrap_or_default();
        let is_one = last.ends_with("url")
            || last.ends_with("url_file")
            || last.ends_with("_urls")
            || last.ends_with("endpoint");
        let of_peers =
            path.strip_prefix("peers.").is_some_and(|peer| !peer.contains(['.', '_']) && peer != "plaintext");
        if is_one || of_peers || ["listen", "host", "link_base", "oidc"].contains(&last) {
            addresses.push(path.to_owned());
        }
    });
    assert!(addresses.len() > 18, "{addresses:?}");
    for address in addresses {
        assert!(written.contains(&address), "SECURITY.md does not say who is called at {address}");
    }
    let guard = read("services/kit/egress/src/guard.rs");
    let purposes =
        guard.split("pub enum Purpose {").nth(1).and_then(|rest| rest.split("\n}").next()).expect("purposes");
    for purpose in purposes.lines().filter_map(|line| line.trim().strip_suffix(',')) {
        assert!(written.contains(purpose), "SECURITY.md does not say who is called as {purpose}");
    }
    settings_are_there(&page);
}

fn each(path: &str, value: &serde_json::Value, found: &mut dyn FnMut(&str, &serde_json::Value)) {
    let serde_json::Value::Object(fields) = value else { return found(path, value) };
    for (name, field) in fields {
        each(format!("{path}.{name}").trim_start_matches('.'), field, found);
    }
}

#[test]
fn every_table_has_a_class() {
    let page = Page::section("Classes of data");
    let mut written: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in page.rows().filter(|row| row.len() == 5) {
        written.insert(row[0].clone(), row[1..].iter().flat_map(|cell| cells(cell)).collect());
    }
    for service in ["identity", "workspace", "usage-metering", "billing", "agent-engine"] {
        let said = &written[service];
        let mut once = said.clone();
        once.sort();
        once.dedup();
        assert_eq!(once.len(), said.len(), "{service}: a table is in two classes");
        let mut there: BTreeSet<String> = BTreeSet::new();
        for file in page::files(&format!("services/{service}/migrations/sqlite"), "sql") {
            let text = read(&file).to_lowercase();
            let after = |words: &str| {
                let names =
                    text.split(words).skip(1).map(|rest| rest.trim_start().trim_start_matches("if not exists "));
                let name =
                    |rest: &str| rest.split(|c: char| !c.is_alphanumeric() && c != '_').next().map(str::to_owned);
                names.filter_map(name).collect::<Vec<_>>()
            };
            there.extend(after("create table "));
            there.retain(|table| !after("drop table ").contains(table));
            there.extend(
                ["outbox", "replay"]
                    .iter()
                    .filter(|kind| text.contains(&format!("-- include: {kind}")))
                    .map(|kind| if *kind == "replay" { "replays".to_owned() } else { (*kind).to_owned() }),
            );
        }
        for table in &there {
            assert!(said.contains(table), "SECURITY.md: {service}.{table} has no class");
        }
        for table in said {
            assert!(there.contains(table), "SECURITY.md: {service} has no table {table}");
        }
    }
    settings_are_there(&page);
}

/// Whatever the master key seals is in a table of the highest class.
#[test]
fn what_is_said_to_be_sealed_is_sealed() {
    let page = Page::section("Classes of data");
    for (service, columns) in
        [("identity", identity_columns()), ("workspace", workspace_columns()), ("usage-metering", usage_columns())]
    {
        let row = page.rows().find(|row| row[0] == service).expect("a row");
        let secret = cells(&row[1]);
        assert!(!columns.is_empty() && secret.contains(&"replays".to_owned()), "{service}");
        for column in columns {
            let table = column.split('.').next().unwrap_or_default().to_owned();
            assert!(secret.contains(&table), "{service}.{table} holds a sealed secret");
        }
    }
    // Nothing of the highest class is printed: what holds it has no Debug of its own.
    let secret = read("services/kit/host/src/config/secret.rs");
    assert!(
        secret.contains("impl fmt::Debug for Secret") || secret.contains("secrecy"),
        "a Secret that could be printed"
    );
}

#[test]
fn addresses_hold_no_credential() {
    let document: serde_json::Value = serde_json::from_str(&edge::openapi()).expect("JSON");
    let secrets = ["token", "key", "secret", "password", "code", "state", "credential", "session", "passkey", "totp"];
    let mut found = BTreeSet::new();
    let mut seen = 0;
    for (path, item) in document["paths"].as_object().expect("paths") {
        let of = |item: &serde_json::Value| item["parameters"].as_array().cloned().unwrap_or_default();
        let all = item.as_object().expect("operations").values().flat_map(of).chain(of(item));
        for parameter in all.filter(|parameter| parameter["in"] == "query" || parameter["in"] == "path") {
            let name = parameter["name"].as_str().unwrap_or_default();
            seen += 1;
            if name.split(['_', '-']).any(|word| secrets.contains(&word)) && !name.ends_with("_id") {
                found.insert(format!("{path} {name}"));
            }
        }
    }
    assert!(seen > 100, "{seen} parameters");
    // The way to a provider and back, as OAuth has it, and the link to one file in a letter: spent, or at an end by themselves.
    // The code of an error's page is its name.
    let known = [
        "callback code",
        "callback state",
        "start code_challenge",
        "/exports/download token",
        "/docs/errors/{code} code",
    ];
    let strange: Vec<_> = found.iter().filter(|name| !known.iter().any(|known| name.ends_with(known))).collect();
    assert!(strange.is_empty(), "{strange:?}");
}

#[test]
fn every_log_is_written_down() {
    let page = Page::section("Logs");
    let text = page.text();
    let mut trails = BTreeSet::new();
    for service in ["identity", "workspace", "usage-metering", "billing", "agent-engine"] {
        for file in page::files(&format!("services/{service}/migrations/sqlite"), "sql") {
            let sql = read(&file).to_lowercase();
            let tables = sql.split("create table ").skip(1).filter_map(|rest| rest.split_whitespace().next());
            trails.extend(
                tables
                    .filter(|table| {
                        table.contains("audit_events") || table.ends_with("_audit") || table.ends_with("_logs")
                    })
                    .map(str::to_owned),
            );
        }
    }
    assert!(trails.len() >= 3, "{trails:?}");
    for trail in trails {
        assert!(text.contains(&format!("`{}`", trail.trim_end_matches('('))), "SECURITY.md does not tell of {trail}");
    }
    let settings = one_yaml();
    for (days, path) in [("90 days", "usage.retention.logs_days"), ("30 days", "workspace.keep_deliveries_days")] {
        let kept = setting(&settings, path).expect("a setting").to_string() + " days";
        assert!(kept == days && text.contains(&format!("{days} (`{path}`)")), "{path}: {kept}");
    }
    for reason in page.code().filter(|code| code.chars().all(|c| c.is_ascii_uppercase() || c == '_')) {
        let known =
            proto::Reason::ALL.iter().any(|known| known.as_str() == reason) || reason == "JSON" || reason == "OTLP";
        assert!(known, "SECURITY.md: {reason} is no reason");
    }
    // Nothing else writes logs: no library for files or other services, and no printing.
    let lock = read("Cargo.lock");
    for other in ["tracing-appender", "syslog", "tracing-journald", "log4rs", "fern", "sentry", "simplelog"] {
        assert!(!lock.contains(&format!("name = \"{other}\"")), "{other} writes logs that nobody knows of");
    }
    assert!(read("Cargo.toml").contains("print_stdout = \"warn\""));
    settings_are_there(&page);
}

#[test]
fn what_is_expensive_is_written_down_with_its_bounds() {
    let page = Page::section("What is expensive");
    assert!(page.rows().count() >= 8);
    assert!(settings_are_there(&page) >= 20, "bounds are settings");
}

//! Configuration as an operator meets it.

use super::*;
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Settings {
    edge: Edge,
    database: Database,
    peers: BTreeMap<String, String>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Edge {
    listen: SocketAddr,
    trusted_proxies: Vec<String>,
    body_bytes: u32,
}

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Database {
    url: Option<String>,
    password: Option<Secret>,
}

impl Default for Edge {
    fn default() -> Self {
        Self { listen: ([127, 0, 0, 1], 8080).into(), trusted_proxies: vec![], body_bytes: 1024 }
    }
}

fn variables(list: &[(&str, &str)]) -> Variables {
    list.iter().copied().collect()
}

fn complaint(layers: &Layers) -> String {
    layers.load::<Settings>().expect_err("a mistake").to_string()
}

#[test]
fn each_layer_is_stronger_than_the_one_before() {
    let file = "edge: {listen: '127.0.0.1:1', body_bytes: 2, trusted_proxies: [10.0.0.0/8, 172.16.0.0/12]}";
    let layers = Layers::new()
        .yaml("perpetuo.yaml", file)
        .and_then(|l| l.yaml("second.yaml", "edge: {trusted_proxies: [192.168.0.0/16]}"))
        .expect("yaml")
        .environment(&variables(&[("PERPETUO__EDGE__BODY_BYTES", "3"), ("PERPETUO__EDGE__LISTEN", "127.0.0.1:3")]))
        .flag("--listen", "edge.listen", "127.0.0.1:4");
    let settings: Settings = layers.load().expect("settings");
    assert_eq!(settings.edge.listen.port(), 4);
    assert_eq!(settings.edge.body_bytes, 3);
    assert_eq!(settings.edge.trusted_proxies, ["192.168.0.0/16"], "a list is replaced, not added to");
    assert!(settings.database.url.is_none());
}

#[test]
fn nothing_at_all_gives_the_defaults() {
    let settings: Settings = Layers::new().yaml("empty.yaml", "# nothing\n").expect("yaml").load().expect("settings");
    assert_eq!(settings.edge.listen.port(), 8080);
}

#[test]
fn well_known_variables_count_and_ours_are_stronger() {
    let url = [("PERPETUO__DATABASE__URL", "postgres://ours"), ("DATABASE_URL", "postgres://theirs")];
    let both: Settings = Layers::new().environment(&variables(&url)).load().expect("settings");
    assert_eq!(both.database.url.as_deref(), Some("postgres://ours"));
    let theirs: Settings = Layers::new().environment(&variables(&url[1..])).load().expect("settings");
    assert_eq!(theirs.database.url.as_deref(), Some("postgres://theirs"));
    let empty: Settings = Layers::new().environment(&variables(&[("DATABASE_URL", "")])).load().expect("settings");
    assert!(empty.database.url.is_none(), "an empty variable counts as unset");
}

#[test]
fn text_from_the_environment_is_taken_as_it_is() {
    for text in ["12345", "true", "1e3", "a: b", "#hash", "p #q", " spaced ", "[x", "{a: 1}", "*star", "- dash", "1.10"]
    {
        let layers = Layers::new().environment(&variables(&[("PERPETUO__DATABASE__PASSWORD", text)]));
        let settings: Settings = layers.load().unwrap_or_else(|e| panic!("{text:?}: {e}"));
        assert_eq!(settings.database.password.as_ref().map(Secret::expose), Some(text));
    }
}

#[test]
fn lists_can_come_from_the_environment() {
    let layers =
        Layers::new().environment(&variables(&[("PERPETUO__EDGE__TRUSTED_PROXIES", "[10.0.0.0/8, \"::1/128\"]")]));
    let settings: Settings = layers.load().expect("settings");
    assert_eq!(settings.edge.trusted_proxies, ["10.0.0.0/8", "::1/128"]);
}

#[test]
fn an_unknown_key_is_named_with_its_source_and_the_nearest_known_one() {
    let file = Layers::new().yaml("perpetuo.yaml", "edge: {lisen: 1}").expect("yaml");
    assert_eq!(complaint(&file), "there is no setting `edge.lisen` (file perpetuo.yaml): did you mean `edge.listen`?");
    let variable = Layers::new().environment(&variables(&[("PERPETUO__DATABSE__URL", "x")]));
    let expected = "there is no setting `databse` (environment PERPETUO__DATABSE__URL): did you mean `database`?";
    assert_eq!(complaint(&variable), expected);
    let far = Layers::new().flag("--x", "edge.completely_different", "1");
    let expected =
        "there is no setting `edge.completely_different` (flag --x): there are listen, trusted_proxies, body_bytes";
    assert_eq!(complaint(&far), expected);
}

#[test]
fn a_wrong_type_is_named_with_path_source_and_what_it_must_be() {
    let file = Layers::new().yaml("perpetuo.yaml", "edge: {listen: 'localhost'}").expect("yaml");
    let text = complaint(&file);
    assert!(text.starts_with("the setting `edge.listen` (file perpetuo.yaml) is not right:"), "{text}");
    assert!(text.contains("socket address"), "{text}");
    let variable = Layers::new().environment(&variables(&[("PERPETUO__EDGE__BODY_BYTES", "many")]));
    let text = complaint(&variable);
    assert!(
        text.contains("`edge.body_bytes` (environment PERPETUO__EDGE__BODY_BYTES)") && text.contains("u32"),
        "{text}"
    );
    let list = Layers::new().yaml("p.yaml", "edge: {trusted_proxies: [a, {b: c}]}").expect("yaml");
    assert!(complaint(&list).contains("`edge.trusted_proxies.1` (file p.yaml)"), "{}", complaint(&list));
}

#[test]
fn no_message_repeats_a_secret() {
    let layers = Layers::new().yaml("p.yaml", "database: 'postgres://me:hunter2@db/perpetuo'").expect("yaml");
    assert!(!complaint(&layers).contains("hunter2"), "{}", complaint(&layers));
    let number = Layers::new().yaml("p.yaml", "database: {password: 987654}").expect("yaml");
    assert!(!complaint(&number).contains("987654"), "{}", complaint(&number));
    let layers = Layers::new().yaml("p.yaml", "database: {password: hunter2}").expect("yaml");
    let layers = layers.environment(&variables(&[("PERPETUO__DATABASE__URL", "hunter2")]));
    assert!(!format!("{layers:?}").contains("hunter2"), "{layers:?}");
}

#[test]
fn a_broken_file_says_where() {
    let error = Layers::new().yaml("p.yaml", "edge:\n  listen: [1\n").expect_err("broken").to_string();
    assert!(error.starts_with("p.yaml cannot be understood:") && error.contains("line"), "{error}");
    assert!(Layers::new().yaml("p.yaml", "- a list").is_err());
    let missing = Layers::new().file(Path::new("/nowhere/perpetuo.yaml")).expect_err("missing").to_string();
    assert!(missing.contains("/nowhere/perpetuo.yaml cannot be read"), "{missing}");
}

#[test]
fn an_operator_sees_each_value_with_its_source_and_no_secret() {
    let layers = Layers::new()
        .yaml("p.yaml", "edge: {body_bytes: 7}\npeers: {identity: 'http://a:1'}")
        .expect("yaml")
        .environment(&variables(&[
            ("DATABASE_URL", "postgres://me:hunter2@db/p?sslmode=require&password=x"),
            ("PERPETUO__DATABASE__PASSWORD", "hunter3"),
        ]))
        .flag("--listen", "edge.listen", "127.0.0.1:9");
    let settings: Settings = layers.load().expect("settings");
    let shown: Vec<_> =
        layers.explain(&settings).into_iter().map(|s| format!("{} = {} ({})", s.path, s.value, s.source)).collect();
    assert_eq!(
        shown,
        [
            "database.password = [hidden] (environment PERPETUO__DATABASE__PASSWORD)",
            "database.url = postgres://me:[hidden]@db/p?sslmode=require&password=[hidden] (environment DATABASE_URL)",
            "edge.body_bytes = 7 (file p.yaml)",
            "edge.listen = 127.0.0.1:9 (flag --listen)",
            "edge.trusted_proxies = [] (default)",
            "peers.identity = http://a:1 (file p.yaml)",
        ]
    );
}

#[test]
fn what_has_changed_is_named_and_a_secret_too_but_never_shown() {
    let read = |text: &str| {
        let layers = Layers::new().yaml("perpetuo.yaml", text).expect("yaml");
        let settings: Settings = layers.load().expect("settings");
        (layers, settings)
    };
    let (before, ours) = read("edge: {body_bytes: 2}\ndatabase: {password: hunter2, url: 'postgres://me:one@db/x'}");
    let changes = |text: &str| {
        let (after, theirs) = read(text);
        before.changes(&ours, &after, &theirs)
    };
    assert!(
        changes("database: {password: 'hunter2', url: 'postgres://me:one@db/x'}\nedge: {body_bytes: 2}").is_empty()
    );
    assert_eq!(changes("database: {password: hunter2, url: 'postgres://me:one@db/x'}"), ["edge.body_bytes"]);
    let secrets = "edge: {body_bytes: 2}\ndatabase: {password: hunter3, url: 'postgres://me:two@db/x'}";
    assert_eq!(changes(secrets), ["database.password", "database.url"]);
    let peers = "edge: {body_bytes: 2}\ndatabase: {password: hunter2, url: 'postgres://me:one@db/x'}\npeers: {a: b}";
    assert_eq!(changes(peers), ["peers", "peers.a"]);
}

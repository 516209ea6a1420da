//! Who may depend on whom.

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand};
use std::collections::{BTreeMap, BTreeSet};

/// Arrows between our crates. A new one is a decision: write it in ARCHITECTURE.md first.
const OURS: &[(&str, &[&str])] = &[
    ("perpetuo-proto", &[]),
    ("perpetuo-store", &["perpetuo-proto"]),
    ("perpetuo-egress", &["perpetuo-proto"]),
    ("perpetuo-host", &["perpetuo-proto"]),
    ("perpetuo-mail", &["perpetuo-host"]),
    ("perpetuo-identity", SERVICE),
    ("perpetuo-workspace", SERVICE),
    ("perpetuo-gateway", SERVICE),
    ("perpetuo-usage-metering", SERVICE),
    ("perpetuo-billing", SERVICE),
    // Not egress and not mail: it calls the gateway and nobody else.
    ("perpetuo-agent-engine", &["perpetuo-proto", "perpetuo-store", "perpetuo-host"]),
    ("perpetuo-edge", &["perpetuo-proto", "perpetuo-host"]),
    // It is told what it has to know.
    ("perpetuo-envoy", &[]),
];
const SERVICE: &[&str] = &["perpetuo-proto", "perpetuo-store", "perpetuo-egress", "perpetuo-host", "perpetuo-mail"];

/// Libraries that have one home, and the crates in which they may be used.
const HOMES: &[(&str, &[&str])] = &[
    ("axum", &["perpetuo-edge"]),
    ("tower-http", &["perpetuo-edge"]),
    ("utoipa", &["perpetuo-edge"]),
    ("scim_v2", &["perpetuo-edge"]),
    ("sqlx", &["perpetuo-store"]),
    ("aes-gcm-siv", &["perpetuo-store"]),
    ("hyper-rustls", &["perpetuo-egress", "perpetuo-host"]),
    ("reqwest", &[]),
    ("redis", &["perpetuo-host", "perpetuo-usage-metering", "perpetuo-gateway", "perpetuo-identity"]),
    ("object_store", &["perpetuo-usage-metering"]),
    ("argon2", &["perpetuo-identity"]),
    ("totp-rs", &["perpetuo-identity"]),
    ("zxcvbn", &["perpetuo-identity"]),
    ("openidconnect", &["perpetuo-identity"]),
    ("webauthn-rs", &["perpetuo-identity"]),
    ("serde_cbor_2", &["perpetuo-identity"]),
    ("lettre", &["perpetuo-mail"]),
    (
        "minijinja",
        &["perpetuo-mail", "perpetuo-identity", "perpetuo-usage-metering", "perpetuo-workspace", "perpetuo-billing"],
    ),
    ("async-stripe-billing", &["perpetuo-billing"]),
    ("async-stripe-checkout", &["perpetuo-billing"]),
    ("async-stripe-core", &["perpetuo-billing"]),
    ("async-stripe-client-core", &["perpetuo-billing"]),
    ("pdf-writer", &["perpetuo-billing", "perpetuo-agent-engine"]),
    ("p12-keystore", &["perpetuo-egress"]),
    ("hickory-resolver", &["perpetuo-egress"]),
    ("psl", &["perpetuo-identity"]),
    ("tokio-rustls", &["perpetuo-egress", "perpetuo-host"]),
    ("h2", &["perpetuo-host"]),
    ("pprof", &["perpetuo-host"]),
    ("x509-parser", &["perpetuo-host"]),
    ("yaml_serde", &["perpetuo-host", "perpetuo-server"]),
    ("sqlparser", &[]),
    ("clap", &["perpetuo-server"]),
    ("prometheus", &["perpetuo-host", "perpetuo-edge", "perpetuo-gateway", "perpetuo-usage-metering"]),
];
/// The composition root and the tests see everything.
const FREE: &[&str] = &["perpetuo-server", "perpetuo-tests"];

fn metadata() -> Metadata {
    MetadataCommand::new()
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
        .no_deps()
        .exec()
        .expect("cargo metadata works in the workspace")
}

/// Package → what it depends on outside of its tests and build script.
fn dependencies() -> BTreeMap<String, BTreeSet<String>> {
    let normal = |p: &cargo_metadata::Package| {
        p.dependencies.iter().filter(|d| d.kind == DependencyKind::Normal).map(|d| d.name.clone()).collect()
    };
    metadata().packages.iter().map(|p| (p.name.to_string(), normal(p))).collect()
}

#[test]
fn crates_depend_only_on_whom_they_may() {
    let found = dependencies();
    for (package, dependencies) in &found {
        if FREE.contains(&package.as_str()) {
            continue;
        }
        let (_, allowed) =
            OURS.iter().find(|(p, _)| p == package).unwrap_or_else(|| panic!("{package} is not on the map"));
        let ours = dependencies.iter().filter(|d| found.contains_key(*d));
        for dependency in ours {
            assert!(allowed.contains(&dependency.as_str()), "{package} may not depend on {dependency}");
        }
    }
}

#[test]
fn libraries_stay_at_home() {
    for (package, dependencies) in dependencies() {
        for (library, homes) in HOMES {
            let at_home = homes.contains(&package.as_str()) || FREE.contains(&package.as_str());
            assert!(at_home || !dependencies.contains(*library), "{library} is not for {package}");
        }
    }
}

#[test]
fn plain_cargo_run_starts_the_product() {
    let metadata = metadata();
    let default = metadata.workspace_default_packages();
    assert_eq!(default.iter().map(|p| p.name.as_str()).collect::<Vec<_>>(), ["perpetuo-server"]);
}

#[test]
fn only_builds_for_tests_have_fault_points() {
    let asks = |d: &cargo_metadata::Dependency| d.name == "fail" && !d.features.is_empty();
    for package in metadata().packages {
        for dependency in package.dependencies.iter().filter(|d| asks(d)) {
            let for_tests = package.name.as_str() == "perpetuo-tests" && dependency.kind == DependencyKind::Development;
            assert!(for_tests, "{} switches the features of fail on outside of tests", package.name);
        }
    }
}

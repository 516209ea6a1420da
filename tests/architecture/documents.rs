//! Documents that must be there, and tables in them that must equal the code.

use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|e| panic!("{path}: {e}"))
}

const SERVICES: &[&str] = &["identity", "workspace", "gateway", "usage-metering", "billing", "agent-engine"];

#[test]
fn every_service_says_what_it_owns() {
    for service in SERVICES {
        let text = read(&format!("services/{service}/README.md")).to_lowercase();
        assert!(
            text.contains("owns") && text.contains("never"),
            "services/{service}/README.md says not what it owns, or what it never does"
        );
    }
    for kit in ["store", "egress", "host"] {
        read(&format!("services/kit/{kit}/README.md"));
    }
}

#[test]
fn the_usual_documents_are_there() {
    for document in ["README.md", "ARCHITECTURE.md", "CHANGELOG.md", "LICENSE"] {
        assert!(read(document).len() > 200, "{document} is next to empty");
    }
    let readme = read("README.md");
    assert!(readme.contains("make run") && readme.contains("make test"), "the README's two commands");
}

/// Whoever writes a rule for a scanner copies it from one of these.
#[test]
fn the_pattern_of_keys_is_published_as_it_is() {
    let pattern = host::door::key::PATTERN;
    for document in ["README.md", "services/identity/README.md"] {
        assert!(read(document).contains(&format!("`{pattern}`")), "{document} does not say {pattern}");
    }
    let described: serde_json::Value = serde_json::from_str(&edge::openapi()).expect("JSON");
    let bearer = described["components"]["securitySchemes"]["bearer"]["description"].as_str().unwrap_or_default();
    assert!(bearer.contains(&format!("`{pattern}`")), "{bearer}");
}

#[test]
fn every_rpc_is_exercised_by_the_contract_suite() {
    let suite: String =
        walk(&root().join("tests/contract")).iter().map(|p| std::fs::read_to_string(p).expect("readable")).collect();
    for rpc in proto::rpcs() {
        let call = format!(".{}(", snake(rpc.method));
        assert!(suite.contains(&call), "{}/{} is not in tests/contract", rpc.service, rpc.method);
    }
}

#[test]
fn every_reason_explains_itself() {
    for reason in proto::Reason::ALL {
        assert!(reason.title().len() > 10 && reason.help().ends_with('.'), "{}", reason.as_str());
        assert!((400..600).contains(&reason.http()), "{}", reason.as_str());
        assert_eq!(reason.as_str(), reason.as_str().to_uppercase(), "{}", reason.as_str());
    }
}

fn walk(dir: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(dir).unwrap_or_else(|e| panic!("{}: {e}", dir.display())).flatten();
    entries.flat_map(|e| if e.path().is_dir() { walk(&e.path()) } else { vec![e.path()] }).collect()
}

fn snake(name: &str) -> String {
    let mut out = String::new();
    for (i, c) in name.chars().enumerate() {
        if c.is_uppercase() && i > 0 {
            out.push('_');
        }
        out.extend(c.to_lowercase());
    }
    out
}

/// The catalogue finds prices by the kind of a provider: a name that is none would price nothing.
#[test]
fn whoever_has_prices_is_a_kind_of_provider() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../services/usage-metering/prices");
    let mut seen = 0;
    for entry in std::fs::read_dir(folder).expect("a readable folder").flatten() {
        let text = std::fs::read_to_string(entry.path()).unwrap_or_default();
        let Ok(prices) = serde_json::from_str::<serde_json::Value>(&text) else { continue };
        if let Some(kind) = prices["kind"].as_str() {
            assert!(proto::provider::find(kind).is_some(), "{kind} has prices and is no kind of provider");
            seen += 1;
        }
    }
    assert!(seen >= 10, "{seen}");
}

//! The agent engine knows nobody: neither its contract, nor its tables and prompts, nor what it is made of has a word for whose an
//! execution is or what it costs them.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// As parts of names in protos and SQL.
const WORDS: &[&str] = &[
    "tenant",
    "workspace",
    "user",
    "organi",
    "account",
    "plan_id",
    "subscription",
    "price",
    "billing",
    "invoice",
    "email",
    "stripe",
    "api_key",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn files(dir: &Path, into: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).unwrap_or_else(|e| panic!("{}: {e}", dir.display())).flatten() {
        if entry.path().is_dir() {
            files(&entry.path(), into);
        } else {
            into.push(entry.path());
        }
    }
}

/// Names, without what comments say.
fn code(text: &str) -> String {
    let line = |line: &str| {
        line.split("//").next().and_then(|line| line.split("--").next()).unwrap_or_default().to_lowercase()
    };
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn its_contract_and_its_tables_name_nobody() {
    let mut found = vec![root().join("proto/perpetuo/engine/v1/engine.proto")];
    for folder in ["sql", "migrations"] {
        files(&root().join("services/agent-engine").join(folder), &mut found);
    }
    assert!(found.len() > 20, "the folders have moved");
    for file in found {
        let text = code(&fs::read_to_string(&file).expect("readable"));
        for word in WORDS {
            assert!(!text.contains(word), "{}: {word}", file.display());
        }
    }
}

#[test]
fn clients_are_told_every_metric_and_lever() {
    let read = |path: &str| fs::read_to_string(root().join(path)).expect("readable");
    let told = read("edge/src/api/executions/new.rs");
    let registry: serde_json::Value =
        serde_json::from_str(&read("services/agent-engine/data/registry.json")).expect("JSON");
    for list in ["metrics", "levers"] {
        let entries = registry[list].as_array().expect("a list");
        assert!(entries.len() > 20, "{list}");
        for entry in entries {
            let key = entry["key"].as_str().expect("a key");
            assert!(told.contains(&format!("`{key}`")), "{list}: {key} is not in the description of POST /executions");
        }
    }
}

/// The built-in provider may not read the engine's files, and has to name numbers as the engine does.
#[test]
fn the_built_in_provider_knows_the_same_metrics_and_levers() {
    let read = |path: &str| -> serde_json::Value {
        serde_json::from_str(&fs::read_to_string(root().join(path)).expect("readable")).expect("JSON")
    };
    let registry = read("services/agent-engine/data/registry.json");
    let copy = read("services/gateway/src/provider/simulator/business/data/names.json");
    for (list, fields) in [("metrics", &["key", "unit", "period", "good"][..]), ("levers", &["key", "owner"])] {
        let told = |of: &serde_json::Value| -> Vec<Vec<serde_json::Value>> {
            let entries = of[list].as_array().expect("a list").iter();
            entries.map(|entry| fields.iter().map(|field| entry[*field].clone()).collect()).collect()
        };
        assert!(told(&registry).len() > 20, "{list}");
        assert_eq!(told(&copy), told(&registry), "{list}");
    }
}

#[test]
fn nothing_in_it_names_a_provider() {
    let mut found = vec![];
    for folder in ["src", "prompts", "data"] {
        files(&root().join("services/agent-engine").join(folder), &mut found);
    }
    for file in found {
        let text = fs::read_to_string(&file).expect("readable").to_lowercase();
        for word in ["simulator", "anthropic", "gemini", "perpetuo_workspace"] {
            assert!(!text.contains(word), "{}: {word}", file.display());
        }
    }
}

//! Who works across workspaces. Each line of `system_tx.txt` was a decision.

use crate::{services, statements::files};

/// `file: purpose` for each transaction across workspaces, in order.
fn callers() -> Vec<String> {
    let root = services();
    let mut found = vec![];
    for path in files(&root, "rs") {
        let name = path.strip_prefix(&root).unwrap().to_string_lossy().into_owned();
        // Code that ships: not tests, and not the store itself but for its outbox.
        if !name.contains("/src/") || name.ends_with("tests.rs") || name == "kit/store/src/tx.rs" {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        for call in ["SystemTx::begin(", "SystemTx::read("] {
            for (at, _) in code.match_indices(call) {
                let arguments = code[at + call.len()..].split(';').next().unwrap_or_default();
                let purpose = arguments.split('"').nth(1).unwrap_or("(a purpose that its caller names)");
                found.push(format!("{name}: {purpose}"));
            }
        }
    }
    found.sort();
    found.dedup();
    found
}

#[test]
fn who_works_across_workspaces_is_written_down() {
    let found = callers();
    let listed: Vec<&str> = include_str!("system_tx.txt").lines().collect();
    assert_eq!(
        found,
        listed,
        "tests/store/system_tx.txt lists who works across workspaces. If this is meant, make it:\n{}\n",
        found.join("\n")
    );
}

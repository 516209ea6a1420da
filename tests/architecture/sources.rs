//! The shape of the sources: short files, one place for what is ambient, no leftovers.

use std::path::{Path, PathBuf};

const LONGEST: usize = 500;
/// Half of all files are at most this long.
const MEDIAN: usize = 150;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Every Rust file of ours, with its path from the root and its text.
pub(crate) fn all() -> Vec<(String, String)> {
    let mut found = vec![];
    for top in ["proto", "services", "edge", "deploy", "tests"] {
        collect(&root().join(top), &mut found);
    }
    let relative = |p: PathBuf| p.strip_prefix(root()).expect("below the root").display().to_string();
    found.into_iter().map(|p| (relative(p.clone()), std::fs::read_to_string(p).expect("a readable source"))).collect()
}

fn collect(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).expect("a readable folder").flatten() {
        let path = entry.path();
        if path.is_dir() && !path.ends_with("target") && !path.ends_with("node_modules") {
            collect(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn files_are_short() {
    let mut lengths: Vec<(usize, String)> =
        all().into_iter().map(|(path, text)| (text.lines().count(), path)).collect();
    lengths.sort();
    let (longest, path) = lengths.last().expect("there are sources");
    assert!(*longest <= LONGEST, "{path} has {longest} lines: which second question does it answer?");
    let (median, _) = lengths[lengths.len() / 2];
    assert!(median <= MEDIAN, "half of all files are longer than {median} lines");
}

#[test]
fn modules_are_files_with_names() {
    for (path, _) in all() {
        assert!(!path.ends_with("/mod.rs"), "{path}: use foo.rs beside foo/");
        for vague in ["utils", "util", "common", "helpers", "misc", "types"] {
            assert!(!path.ends_with(&format!("/src/{vague}.rs")), "{path}: which question does it answer?");
        }
    }
}

/// What somebody tried a statement with is not to be taken for a part of the service.
#[test]
fn a_service_has_nothing_lying_about() {
    for folder in ["services", "services/kit"] {
        for service in std::fs::read_dir(root().join(folder)).expect("a folder").flatten() {
            let Ok(entries) = std::fs::read_dir(service.path()) else { continue };
            for file in entries.flatten().map(|entry| entry.path()).filter(|path| path.is_file()) {
                let name = file.file_name().and_then(|name| name.to_str()).expect("a name");
                let known = ["Cargo.toml", "build.rs"].contains(&name) || name.ends_with(".md");
                assert!(known, "{}: what is it for?", file.display());
            }
        }
    }
}

#[test]
fn nothing_is_left_for_later() {
    // Written apart, so that this file does not find itself.
    let leftovers =
        [concat!("to", "do!("), concat!("unimpl", "emented!("), concat!("FIX", "ME"), concat!("#[ig", "nore")];
    for (path, text) in all() {
        for leftover in leftovers {
            assert!(!text.contains(leftover), "{path} holds {leftover}");
        }
    }
}

#[test]
fn databases_are_spoken_to_in_the_store_only() {
    for (path, text) in all() {
        let home = path.starts_with("services/kit/store/") || path.starts_with("tests/");
        assert!(home || !text.contains(concat!("sql", "x::")), "{path} uses sqlx");
    }
}

#[test]
fn services_do_not_know_that_they_are_tested() {
    for (path, text) in
        all().into_iter().filter(|(p, _)| p.starts_with("services/") && p.contains("/src/") && !p.contains("/tests"))
    {
        let tested =
            text.contains(concat!("PERPETUO_", "TEST_")) && !path.starts_with("services/kit/store/src/testing");
        assert!(!tested, "{path} reads a test's variable");
    }
}

/// Binary fractions have no cents. What is drawn on paper (in points), waited for, or compared by likeness may be one.
#[test]
fn money_and_usage_are_whole_numbers() {
    let counting = ["services/usage-metering/src/", "services/billing/src/", "proto/src/money"];
    let drawing = "services/billing/src/invoice/render/pdf";
    let is_test = |path: &str| path.contains("/tests/") || path.ends_with("/tests.rs");
    let mut looked_at = 0;
    for (path, text) in all() {
        if !counting.iter().any(|home| path.starts_with(home)) || path.starts_with(drawing) || is_test(&path) {
            continue;
        }
        looked_at += 1;
        let mut words = text.split(|c: char| !c.is_alphanumeric() && c != '_');
        let float = words.find(|word| ["f32", "f64"].contains(&word.trim_start_matches(|c: char| c.is_ascii_digit())));
        assert!(float.is_none(), "{path} counts with {}", float.unwrap_or_default());
    }
    assert!(looked_at > 200, "{looked_at} files: where has the money gone?");
    for migration in migrations() {
        let text = std::fs::read_to_string(&migration).expect("a readable migration").to_lowercase();
        let mut words = text.split(|c: char| !c.is_alphanumeric() && c != '_');
        let float = words.find(|word| ["real", "float", "float4", "float8", "double"].contains(word));
        assert!(float.is_none(), "{}: a column of {}", migration.display(), float.unwrap_or_default());
    }
}

/// The tables of everything that counts.
fn migrations() -> Vec<PathBuf> {
    let services = ["usage-metering", "billing"].map(|service| root().join("services").join(service));
    let folders = services.iter().flat_map(|s| ["postgres", "sqlite"].map(|kind| s.join("migrations").join(kind)));
    let files = folders.flat_map(|folder| std::fs::read_dir(folder).expect("a folder of migrations").flatten());
    let files: Vec<PathBuf> = files.map(|file| file.path()).collect();
    assert!(files.len() > 20, "{files:?}");
    files
}

/// `cargo fmt` follows `mod` lines, and those of the dialects are written by the gateway's build script.
#[test]
fn dialects_are_formatted_too() {
    let folder = root().join("services/gateway/src/provider");
    let files = std::fs::read_dir(folder).expect("a readable folder").flatten().map(|entry| entry.path());
    let files = files.filter(|path| path.extension().is_some_and(|e| e == "rs"));
    let check = std::process::Command::new("rustfmt")
        .args(["--check", "--edition", "2024", "--config-path"])
        .arg(root())
        .args(files)
        .output()
        .expect("rustfmt is installed with cargo fmt");
    assert!(check.status.success(), "{}", String::from_utf8_lossy(&check.stdout));
}

//! A citation: a test of a file, looked for in the file as it is written.

use std::path::Path;

/// What was cited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Citation {
    /// The file, from the root of the project.
    pub file: String,
    /// Modules of the file around the function.
    pub modules: Vec<String>,
    /// The function.
    pub function: String,
}

/// Attributes that make a test of a function.
const TESTS: &[&str] = &["#[test]", "#[tokio::test]", "#[tokio::test("];
/// Our own lists of tests, for programs that find theirs by them.
const LISTS: &[&str] = &["scenarios!", "checks!", "cases!", "on_both_databases!"];

impl Citation {
    /// Reads `path::function`.
    pub fn read(text: &str) -> Result<Self, String> {
        let mut parts = text.split("::").map(str::to_owned);
        let file = parts.next().unwrap_or_default();
        let mut names: Vec<String> = parts.collect();
        let function = names.pop().ok_or_else(|| format!("{text}: a test is cited as path::function"))?;
        let named = |name: &String| !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        if !named(&function) || !names.iter().all(named) || file.contains("..") || file.starts_with('/') {
            return Err(format!("{text}: a test is cited as path::function"));
        }
        Ok(Self { file, modules: names, function })
    }

    /// Is it a test that runs? Says what is wrong if not.
    pub fn check(&self, root: &Path) -> Result<(), String> {
        let text = std::fs::read_to_string(root.join(&self.file)).map_err(|_| format!("{} is not there", self.file))?;
        if self.file.ends_with(".rs") { self.check_rust(&text) } else { self.check_python(root, &text) }
    }

    fn check_rust(&self, text: &str) -> Result<(), String> {
        let Self { file, function, .. } = self;
        if let Some(module) = self.modules.iter().find(|module| !text.contains(&format!("mod {module}"))) {
            return Err(format!("{file} has no module {module}"));
        }
        let mut found = false;
        for (at, _) in text.match_indices(&format!("fn {function}(")) {
            let attributes = attributes(&text[..at]);
            if attributes.contains(concat!("#[ig", "nore")) || attributes.contains("#[cfg(") {
                return Err(format!("{file}::{function} does not always run"));
            }
            found |= TESTS.iter().any(|test| attributes.contains(test));
            found |= LISTS.iter().any(|list| lists(text, list).any(|list| has_word(list, function)));
        }
        if found { Ok(()) } else { Err(format!("{file} has no test {function}")) }
    }

    /// Those of `tests/ops` that `.ci/run` picks, and the checks of `tests/k8s`, which are files with a `run`.
    fn check_python(&self, root: &Path, text: &str) -> Result<(), String> {
        let Self { file, function, .. } = self;
        let read = |path: &str| std::fs::read_to_string(root.join(path)).map_err(|e| format!("{path}: {e}"));
        let defined = text.lines().any(|line| line.starts_with(&format!("def {function}(")));
        let skipped = text.contains("mark.skip") || text.contains("pytest.skip") || text.contains("mark.xfail");
        if !defined || skipped {
            return Err(format!("{file} has no test {function}, or skips some"));
        }
        let all = read(".ci/run")?;
        let stem = Path::new(file).file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        let run = if file.starts_with("tests/ops/test_") && function.starts_with("test_") {
            let picked =
                all.lines().filter_map(|line| line.strip_prefix("tests/ops/check -k ")).next().unwrap_or_default();
            picked.trim_matches('"').split(" or ").any(|word| stem.contains(word))
        } else if file.starts_with("tests/k8s/checks/") && function == "run" {
            all.lines().any(|line| line == "make k8s-check")
                && read("tests/k8s/main.py")?.contains(&format!("    \"{stem}\","))
        } else {
            false
        };
        if run { Ok(()) } else { Err(format!("{file}::{function} is none of the tests that .ci/run runs")) }
    }
}

/// What stands between the item before and a function.
fn attributes(before: &str) -> &str {
    let end = before.rfind(['}', ';']).map_or(0, |at| at + 1);
    // An attribute may hold either character in a text.
    let lines = before.rfind("\n\n").map_or(0, |at| at + 2);
    &before[end.max(lines)..]
}

/// The insides of a macro's uses.
fn lists<'a>(text: &'a str, open: &'a str) -> impl Iterator<Item = &'a str> {
    let inside = |rest: &'a str| rest.trim_start().strip_prefix(['{', '(', '['])?.split(['}', ')', ']']).next();
    text.split(open).skip(1).filter_map(inside)
}

fn has_word(text: &str, word: &str) -> bool {
    text.split(|c: char| !c.is_alphanumeric() && c != '_').any(|found| found == word)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, function: &str) -> Result<(), String> {
        Citation::read(&format!("a/b.rs::{function}")).unwrap().check_rust(text)
    }

    #[test]
    fn a_citation_is_a_path_and_a_function() {
        let read = Citation::read("a/b.rs::on_sqlite::holds").unwrap();
        assert_eq!((read.file.as_str(), read.function.as_str()), ("a/b.rs", "holds"));
        assert_eq!(read.modules, ["on_sqlite"]);
        for wrong in ["a/b.rs", "a/b.rs::", "../a.rs::b", "/a.rs::b", "a.rs::b c"] {
            assert!(Citation::read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn tests_of_every_kind_are_found() {
        check("#[test]\nfn holds() {}", "holds").unwrap();
        check("#[tokio::test(flavor = \"multi_thread\")]\nasync fn holds() {}", "holds").unwrap();
        check("scenarios! {\n shared: other, holds;\n}\nasync fn holds(cluster: &Cluster) {}", "holds").unwrap();
        check("checks![other, holds];\nasync fn holds(h: &Handles) {}", "holds").unwrap();
    }

    #[test]
    fn what_is_no_test_or_does_not_run_is_refused() {
        let cases = [
            ("", "holds"),
            ("fn holds() {}", "holds"),
            ("#[test]\nfn other() {}\nfn holds() {}", "holds"),
            (concat!("#[test]\n#[ig", "nore = \"slow\"]\nfn holds() {}"), "holds"),
            ("#[cfg(windows)]\n#[test]\nfn holds() {}", "holds"),
            ("#[test]\nfn holds_more() {}", "holds"),
            ("scenarios! {\n shared: holds_not;\n}\nasync fn holds(cluster: &Cluster) {}", "holds"),
            ("scenarios! {\n shared: holds;\n}", "holds"),
            ("#[test]\nfn holds() {}", "elsewhere::holds"),
        ];
        for (text, function) in cases {
            assert!(check(text, function).is_err(), "{text}");
        }
    }

    #[test]
    fn of_other_languages_only_what_always_runs_counts() {
        let root = crate::security::root();
        let check = |cited: &str| Citation::read(cited).unwrap().check(&root);
        check("tests/ops/test_rules.py::test_alerts_fire_when_they_should").unwrap();
        check("tests/k8s/checks/hardening.py::run").unwrap();
        for wrong in [
            "tests/ops/test_alerts.py::test_a_killed_process_is_an_alert_until_it_runs_again",
            "tests/ops/test_rules.py::test_that_nobody_wrote",
            "tests/k8s/checks/hardening.py::blind",
            "tests/k8s/world.py::render",
            "tests/gone.py::test_it",
        ] {
            assert!(check(wrong).is_err(), "{wrong}");
        }
    }
}

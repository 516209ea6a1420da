//! The tests that built programs have, asked for with `--list`.

use super::citation::Citation;
use serde_json::Value;
use std::{
    path::{Path, PathBuf},
    process::Command,
};

/// A program of tests.
#[derive(Debug)]
pub struct Program {
    /// The file that its sources begin with, from the root of the project.
    pub source: PathBuf,
    /// The tests that it names.
    pub tests: Vec<String>,
}

/// What `cargo test --no-run --message-format=json` has built, each asked for its tests.
pub fn programs(messages: &str, root: &Path) -> Result<Vec<Program>, String> {
    let root = root.canonicalize().map_err(|e| e.to_string())?;
    let mut programs = vec![];
    for message in messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()) {
        let built = (message["reason"] == "compiler-artifact" && message["profile"]["test"] == true)
            .then(|| Some((message["executable"].as_str()?, message["target"]["src_path"].as_str()?)));
        let Some((program, source)) = built.flatten() else { continue };
        let listed = Command::new(program).arg("--list").output().map_err(|e| format!("{program}: {e}"))?;
        if !listed.status.success() {
            return Err(format!("{program} --list ended with {}", listed.status));
        }
        let tests = tests(&String::from_utf8_lossy(&listed.stdout));
        let source = Path::new(source).strip_prefix(&root).unwrap_or(Path::new(source)).to_owned();
        programs.push(Program { source, tests });
    }
    Ok(programs)
}

/// `module::function: test`, as both the standard harness and ours write it.
fn tests(list: &str) -> Vec<String> {
    list.lines().filter_map(|line| line.trim().strip_suffix(": test")).map(str::to_owned).collect()
}

/// Does one of the programs run it?
pub fn runs(programs: &[Program], cited: &Citation) -> bool {
    let file = Path::new(&cited.file);
    programs.iter().filter(|program| holds(program, file)).any(|program| {
        let modules = modules(program, file);
        program.tests.iter().any(|test| {
            let mut names = test.split("::").collect::<Vec<_>>();
            let last = names.pop() == Some(cited.function.as_str());
            last && modules.iter().chain(&cited.modules).all(|module| names.contains(&module.as_str()))
        })
    })
}

/// Programs are made of their first file and of what is in their folder.
fn holds(program: &Program, file: &Path) -> bool {
    program.source == file || file.starts_with(folder(&program.source))
}

/// Beside a `main.rs` or `lib.rs`; else the folder that is called like the file.
fn folder(source: &Path) -> PathBuf {
    let is_first = source.file_name().is_some_and(|name| name == "main.rs" || name == "lib.rs");
    if is_first { source.parent().map_or_else(PathBuf::new, Path::to_owned) } else { source.with_extension("") }
}

/// The modules on the way to a file. One that a list names elsewhere has only the first.
fn modules(program: &Program, file: &Path) -> Vec<String> {
    let inside = file.strip_prefix(folder(&program.source)).unwrap_or(file);
    if program.source == file {
        return vec![];
    }
    inside.with_extension("").iter().map(|part| part.to_string_lossy().into_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_citation_that_leads_nowhere_is_told_from_one_that_runs() {
        let list = "mfa::codes::tests::holds: test\nmfa::other: benchmark\n\n1 test, 1 benchmark\n";
        let programs = [
            Program { source: "services/x/src/lib.rs".into(), tests: tests(list) },
            Program { source: "tests/scenario/main.rs".into(), tests: tests("one::keys::holds: test\n") },
            Program { source: "services/x/tests/client.rs".into(), tests: tests("alone: test\nquota::full: test\n") },
        ];
        let runs = |cited: &str| super::runs(&programs, &Citation::read(cited).unwrap());
        assert!(runs("services/x/src/mfa/codes.rs::holds"));
        assert!(runs("services/x/src/mfa/codes.rs::tests::holds"));
        assert!(runs("tests/scenario/keys.rs::holds"));
        assert!(runs("services/x/tests/client.rs::alone"));
        assert!(runs("services/x/tests/client/quota.rs::full"));
        for broken in [
            "services/x/src/mfa/codes.rs::hold",
            "services/x/src/mfa/codes.rs::other",
            "services/x/src/mfa.rs::codes",
            "services/x/src/key/codes.rs::holds",
            "services/x/src/mfa/codes.rs::on_sqlite::holds",
            "services/y/src/mfa/codes.rs::holds",
            "tests/scenario/mfa.rs::holds",
            "tests/contract/keys.rs::holds",
            "services/x/tests/other.rs::alone",
            "services/x/tests/client/other.rs::full",
        ] {
            assert!(!runs(broken), "{broken}");
        }
    }

    #[test]
    fn only_programs_of_tests_are_asked() {
        let built = r#"{"reason":"compiler-artifact","profile":{"test":false},"executable":"/bin/false","target":{"src_path":"/x"}}"#;
        assert!(programs(built, &super::super::root()).unwrap().is_empty());
        let failing = built.replace("false}", "true}");
        assert!(programs(&failing, &super::super::root()).is_err());
    }
}

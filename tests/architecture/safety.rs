//! What no source of ours does, because there would be no end of looking whether it does so safely.

use crate::sources;
use std::path::Path;

/// Sources of what runs in production, with what stands before their own tests.
fn shipped() -> Vec<(String, String)> {
    let is_shipped = |path: &str| {
        let is_ours = ["proto/", "services/", "edge/", "deploy/"].iter().any(|top| path.starts_with(top));
        is_ours && path.contains("/src/") && !path.ends_with("/tests.rs") && !path.contains("/tests/")
    };
    let all = sources::all().into_iter().filter(|(path, _)| is_shipped(path));
    let all: Vec<_> = all
        .map(|(path, text)| {
            let until = text.find("#[cfg(test)]\nmod ").unwrap_or(text.len());
            (path, text[..until].to_owned())
        })
        .collect();
    assert!(all.len() > 800, "{} sources", all.len());
    all
}

/// Places that hold one of these words.
fn holding(words: &[&str]) -> Vec<String> {
    let found = shipped().into_iter().flat_map(|(path, text)| {
        let lines = text.lines().map(str::trim_start).filter(|line| !line.starts_with("//"));
        let found = lines.filter(|line| words.iter().any(|word| line.contains(word)));
        found.map(|line| format!("{path}: {line}")).collect::<Vec<_>>()
    });
    found.collect()
}

fn manifest(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Names and folders of all crates of ours.
fn crates() -> Vec<(String, String)> {
    let metadata = cargo_metadata::MetadataCommand::new().no_deps().exec().expect("cargo metadata");
    let root = metadata.workspace_root.as_str().to_owned();
    let members = metadata.packages.iter();
    let folder = |package: &cargo_metadata::Package| {
        let folder = package.manifest_path.parent().expect("a folder").as_str();
        folder.strip_prefix(&root).unwrap_or(folder).trim_start_matches('/').to_owned()
    };
    members.map(|package| (package.name.to_string(), folder(package))).collect()
}

#[test]
fn no_code_of_ours_can_be_unsafe() {
    let root = manifest("Cargo.toml");
    assert!(root.contains("\nunsafe_code = \"forbid\"\n"), "forbidden is what no line can allow again");
    for (name, folder) in crates() {
        assert!(manifest(&format!("{folder}/Cargo.toml")).contains("[lints]\nworkspace = true"), "{name}");
    }
}

#[test]
fn numbers_that_leave_their_range_end_their_request_in_a_release_too() {
    let root = manifest("Cargo.toml");
    let (_, release) = root.split_once("\n[profile.release.package]\n").expect("the crates of a release");
    for (name, _) in crates().into_iter().filter(|(name, _)| name != "perpetuo-tests") {
        assert!(release.lines().any(|line| line == format!("{name}.overflow-checks = true")), "{name} may wrap");
    }
}

#[test]
fn no_other_program_is_started() {
    let found = holding(&["process::Command", "Command::new(", "libc::system"]);
    assert!(found.is_empty(), "what is told to a shell cannot be quoted safely: {found:#?}");
}

/// Templates and scripts are constants, and what people write are values in them.
#[test]
fn nothing_that_somebody_writes_is_run() {
    let scripts = holding(&["Script::new("]);
    let made_here = |place: &String| place.contains("include_str!");
    assert!(!scripts.is_empty() && scripts.iter().all(made_here), "a script that is made while running: {scripts:#?}");
    let rendered = holding(&["render_str(", "render_named_str(", "template_from_str(", "template_from_named_str("]);
    assert!(rendered.iter().all(|place| place.contains("render_str(TEMPLATE,")), "{rendered:#?}");
    // Their texts live as long as the program (`&'static str`), and only constants do.
    let templates = holding(&["Templates::new("]);
    assert!(
        templates.len() >= 4 && templates.iter().all(|place| place.contains("Templates::new(TEXTS)")),
        "{templates:#?}"
    );
    let leaked = holding(&["leak("]);
    let is_statement = |place: &String| place.starts_with("services/kit/store/src/tx/many.rs: ");
    assert!(leaked.iter().all(is_statement), "a text that only pretends to be constant: {leaked:#?}");
    let engines = [
        "name = \"rhai\"",
        "name = \"mlua\"",
        "name = \"rlua\"",
        "name = \"boa_engine\"",
        "name = \"deno_core\"",
        "name = \"wasmtime\"",
    ];
    let lock = manifest("Cargo.lock");
    assert!(engines.iter().all(|engine| !lock.contains(engine)), "an interpreter");
}

/// `rand::random` and `rand::rng()` are ChaCha with a seed of the operating system; `SystemRandom` and `fill` are AWS-LC's.
#[test]
fn secrets_come_from_generators_that_nobody_can_predict() {
    let weak =
        ["SmallRng", "StdRng", "seed_from_u64", "from_seed(", "fastrand", "Pcg", "Xoshiro", "oorandom", "thread_rng"];
    let found = holding(&weak);
    assert!(found.is_empty(), "{found:#?}");
    let used = holding(&["rand::random", "rand::rng()", "SystemRandom::new()", "rand::fill("]);
    assert!(used.len() >= 10, "{used:#?}");
}

/// The database is asked with statements that are files, and what people write is bound to them (`store::sql!`).
#[test]
fn no_statement_is_put_together_from_what_somebody_wrote() {
    let outside: Vec<_> = shipped()
        .into_iter()
        .filter(|(path, _)| !path.starts_with("services/kit/store/") && !path.starts_with("deploy/server/"))
        .collect();
    for (path, text) in outside {
        for line in text.lines().map(str::trim_start).filter(|line| !line.starts_with("//")) {
            let lower = line.to_lowercase();
            let is_statement = ["\"select ", "\"insert into", "\"update ", "\"delete from", "order by {", "where {"];
            let is_made = (line.contains("format!(") || line.contains("concat!(") || line.contains("push_str("))
                && is_statement.iter().any(|word| lower.contains(word));
            assert!(!is_made, "{path}: {line}");
        }
    }
}

//! SECURITY.md, section by section.

use std::path::{Path, PathBuf};

/// A section.
pub(crate) struct Page(String);

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// A file, by its path from the root.
pub(crate) fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|e| panic!("{path}: {e}"))
}

/// The files of a kind in and below a folder, in order.
pub(crate) fn files(folder: &str, kind: &str) -> Vec<String> {
    let mut found = vec![];
    for entry in std::fs::read_dir(root().join(folder)).unwrap_or_else(|e| panic!("{folder}: {e}")).flatten() {
        let path = format!("{folder}/{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            found.extend(files(&path, kind));
        } else if path.ends_with(&format!(".{kind}")) {
            found.push(path);
        }
    }
    found.sort();
    found
}

impl Page {
    /// The section with this title.
    pub(crate) fn section(title: &str) -> Self {
        let text = read("SECURITY.md");
        let section = text.split("\n## ").find_map(|section| section.strip_prefix(&format!("{title}\n")));
        Self(section.unwrap_or_else(|| panic!("SECURITY.md has no section {title}")).to_owned())
    }

    pub(crate) fn text(&self) -> String {
        self.0.clone()
    }

    /// The rows of its tables, without their heads.
    pub(crate) fn rows(&self) -> impl Iterator<Item = Vec<String>> {
        let lines: Vec<_> = self.0.lines().collect();
        let is_rule = |line: &str| line.starts_with("|---");
        let heads = |at: usize| lines.get(at + 1).is_some_and(|next| is_rule(next));
        let rows = lines.iter().enumerate().filter(|(at, line)| line.starts_with('|') && !is_rule(line) && !heads(*at));
        let cells = |line: &str| {
            let inside = line.strip_prefix('|').and_then(|line| line.strip_suffix('|')).unwrap_or(line);
            inside.split('|').map(|cell| cell.trim().to_owned()).collect()
        };
        let rows: Vec<Vec<String>> = rows.map(|(_, line)| cells(line)).collect();
        assert!(!rows.is_empty(), "a section without a table");
        rows.into_iter()
    }

    /// What stands between backticks.
    pub(crate) fn code(&self) -> impl Iterator<Item = &str> {
        self.0.split('`').skip(1).step_by(2)
    }
}

/// What stands between backticks in a cell.
pub(crate) fn cells(cell: &str) -> Vec<String> {
    cell.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

//! Do the layers say what the settings can be?

use super::{
    Error, Layers, Source,
    explain::hide_passwords,
    tree::{at, is_at_or_below, join},
};
use serde::de::DeserializeOwned;
use serde_path_to_error::Segment;
use yaml_serde::Value;

impl Layers {
    /// The settings. Errors: [`Error::Unknown`], [`Error::Invalid`].
    pub fn load<T: DeserializeOwned>(&self) -> Result<T, Error> {
        let mut tree = self.tree.clone();
        if tree.is_null() {
            tree = Value::Mapping(yaml_serde::Mapping::new());
        }
        loop {
            let error = match serde_path_to_error::deserialize::<_, T>(tree.clone()) {
                Ok(settings) => return Ok(settings),
                Err(error) => error,
            };
            let path = dotted(error.path());
            // `PERPETUO__DATABASE__PASSWORD=12345` is a string, though YAML reads a number: only the type can tell.
            if !self.retry_as_text(&mut tree, &path) {
                return Err(self.describe(&path, &error.into_inner().to_string()));
            }
        }
    }

    /// Whether there was a value at `path` that is worth another try as the text that was given.
    fn retry_as_text(&self, tree: &mut Value, path: &str) -> bool {
        let Some((top, text)) = self.texts.iter().find(|(top, _)| is_at_or_below(path, top)) else { return false };
        let text = Value::String(text.expose().to_owned());
        let Some(value) = at(tree, top).filter(|v| **v != text) else { return false };
        *value = text;
        true
    }

    /// A mistake, where it was made and what would be right.
    fn describe(&self, path: &str, problem: &str) -> Error {
        if let Some((key, known)) = unknown(problem) {
            // Whether the path ends in the unknown key or in its section depends on how far serde had come.
            let section = path.strip_suffix(key).map_or(path, |p| p.trim_end_matches('.'));
            let full = join(section, key);
            let nearest = known.iter().map(|k| (distance(key, k), k)).min().filter(|(d, k)| *d <= 1 + k.len() / 3);
            return Error::Unknown {
                source_of: self.source(&full),
                nearest: nearest.map(|(_, k)| join(section, k)),
                known: known.join(", "),
                path: full,
            };
        }
        Error::Invalid { source_of: self.source(path), path: path.to_owned(), problem: hide_passwords(problem) }
    }

    /// Who set the value at `path`, something in it, or what it is in.
    pub(super) fn source(&self, path: &str) -> Source {
        let inside = |(p, _): &(&String, &Source)| is_at_or_below(p, path);
        let around = |(p, _): &(&String, &Source)| is_at_or_below(path, p);
        let exact = self.sources.get(path);
        let near = || self.sources.iter().rfind(around).or_else(|| self.sources.iter().find(inside)).map(|(_, s)| s);
        exact.or_else(near).cloned().unwrap_or(Source::Default)
    }
}

fn dotted(path: &serde_path_to_error::Path) -> String {
    let mut out = String::new();
    for segment in path {
        match segment {
            Segment::Map { key } | Segment::Enum { variant: key } => out = join(&out, key),
            Segment::Seq { index } => out = join(&out, &index.to_string()),
            Segment::Unknown => {}
        }
    }
    out
}

/// The key and its known neighbours, if this is serde's complaint about an unknown one.
fn unknown(problem: &str) -> Option<(&str, Vec<&str>)> {
    let rest =
        problem.strip_prefix("unknown field `").or_else(|| problem.split_once(": unknown field `").map(|p| p.1))?;
    let (key, rest) = rest.split_once('`')?;
    let known = rest.split('`').skip(1).step_by(2).collect();
    Some((key, known))
}

/// How many letters have to be changed, added or left out (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, y) in b.iter().enumerate() {
            let changed = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

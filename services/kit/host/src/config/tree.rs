//! How do layers become one tree?

use super::{Layers, Source};
use yaml_serde::{Mapping, Value};

impl Layers {
    /// Puts `layer` over what is there: sections are merged, everything else (lists too) is replaced.
    pub(super) fn merge(&mut self, layer: Value, source: &Source) {
        let mut tree = std::mem::take(&mut self.tree);
        self.merge_at("", &mut tree, layer, source);
        self.tree = tree;
    }

    fn merge_at(&mut self, path: &str, below: &mut Value, above: Value, source: &Source) {
        match above {
            Value::Mapping(entries) if !entries.is_empty() => {
                if !below.is_mapping() {
                    self.forget(path);
                    *below = Value::Mapping(Mapping::new());
                }
                let Value::Mapping(known) = below else { return };
                for (key, value) in entries {
                    let path = join(path, &name(&key));
                    self.merge_at(&path, known.entry(key).or_insert(Value::Null), value, source);
                }
            }
            leaf => {
                self.forget(path);
                self.sources.insert(path.to_owned(), source.clone());
                *below = leaf;
            }
        }
    }

    /// Sets one value from `text`, as the environment and flags give it.
    pub(super) fn set(&mut self, path: &str, text: &str, source: Source) {
        let mut layer = parse(text);
        for key in path.rsplit('.') {
            layer = Value::Mapping(Mapping::from_iter([(Value::String(key.to_owned()), layer)]));
        }
        self.merge(layer, &source);
        // A mapping has left sources for its own leaves; if the text turns out to be a string, this is its source.
        self.sources.insert(path.to_owned(), source);
        self.texts.insert(path.to_owned(), text.into());
    }

    /// A value that is replaced takes its source with it, and those of everything below it.
    fn forget(&mut self, path: &str) {
        self.sources.retain(|p, _| !is_at_or_below(p, path));
        self.texts.retain(|p, _| !is_at_or_below(p, path));
    }
}

/// Reads `text` as YAML where that cannot lose anything: `8`, `true`, `[a, b]`, `"quoted"`.
fn parse(text: &str) -> Value {
    let quoted = text.starts_with(['"', '\'']);
    match yaml_serde::from_str::<Value>(text) {
        // Comments and spaces around a plain string would vanish, and they may be part of a password.
        Ok(Value::String(_)) if !quoted => Value::String(text.to_owned()),
        Ok(Value::Null) if !matches!(text, "null" | "~") => Value::String(text.to_owned()),
        Ok(value) => value,
        Err(_) => Value::String(text.to_owned()),
    }
}

/// The dotted path of `key` below `path`.
pub(super) fn join(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}

/// Whether `path` is `top` or something in it.
pub(super) fn is_at_or_below(path: &str, top: &str) -> bool {
    top.is_empty() || path.strip_prefix(top).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// A key as it appears in paths.
pub(super) fn name(key: &Value) -> String {
    key.as_str().map_or_else(|| yaml_serde::to_string(key).unwrap_or_default().trim().to_owned(), str::to_owned)
}

/// The value at a dotted path.
pub(super) fn at<'a>(tree: &'a mut Value, path: &str) -> Option<&'a mut Value> {
    path.split('.').try_fold(tree, |value, key| value.get_mut(key))
}

//! What is in force, and who said so?

use super::{Layers, Source, secret::HIDDEN, tree};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use yaml_serde::Value;

/// One setting as it is in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// The dotted path.
    pub path: String,
    /// The value; a secret is hidden.
    pub value: String,
    /// Who set it.
    pub source: Source,
}

impl Layers {
    /// Every setting of `settings`, which [`Self::load`] gave, sorted by path. Secrets are hidden: values of type
    /// [`super::Secret`], and passwords in addresses.
    pub fn explain(&self, settings: &impl Serialize) -> Vec<Setting> {
        let mut out = Vec::new();
        let value = yaml_serde::to_value(settings).unwrap_or_default();
        self.collect("", &value, &mut out);
        out.sort_by(|a, b| a.path.cmp(&b.path));
        out
    }

    /// The paths of what is another value in `theirs`, which `other` gave, than in `ours`, which these layers gave.
    pub fn changes(&self, ours: &impl Serialize, other: &Self, theirs: &impl Serialize) -> Vec<String> {
        let by_path = |all: Vec<Setting>| -> BTreeMap<_, _> { all.into_iter().map(|s| (s.path, s.value)).collect() };
        let (ours, theirs) = (by_path(self.explain(ours)), by_path(other.explain(theirs)));
        let is_other = |path: &&String| match (ours.get(*path), theirs.get(*path)) {
            // What is hidden looks the same whatever it is: then counts what was written.
            (Some(a), Some(b)) if a == b => a.contains(HIDDEN) && self.written(path) != other.written(path),
            (a, b) => a != b,
        };
        let paths: BTreeSet<_> = ours.keys().chain(theirs.keys()).collect();
        paths.into_iter().filter(is_other).cloned().collect()
    }

    /// What a layer says at a path, or above it.
    fn written(&self, path: &str) -> Option<&Value> {
        let mut value = &self.tree;
        for key in path.split('.') {
            match value.get(key) {
                Some(below) => value = below,
                None => return (!value.is_mapping()).then_some(value),
            }
        }
        Some(value)
    }

    fn collect(&self, path: &str, value: &Value, out: &mut Vec<Setting>) {
        if let Value::Mapping(entries) = value
            && !entries.is_empty()
        {
            for (key, value) in entries {
                self.collect(&tree::join(path, &tree::name(key)), value, out);
            }
            return;
        }
        out.push(Setting { path: path.to_owned(), value: show(value), source: self.source(path) });
    }
}

fn show(value: &Value) -> String {
    match value {
        Value::Null => "(not set)".to_owned(),
        Value::String(text) => hide_passwords(text),
        Value::Bool(_) | Value::Number(_) => yaml_serde::to_string(value).unwrap_or_default().trim().to_owned(),
        Value::Sequence(_) | Value::Mapping(_) | Value::Tagged(_) => {
            hide_passwords(&serde_json::to_string(value).unwrap_or_default())
        }
    }
}

/// The same text without the passwords of addresses in it: `postgres://me:secret@host` and `…?password=secret`.
pub fn hide_passwords(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("://") {
        out.push_str(before);
        out.push_str("://");
        let end = after.find([' ', '"', '\'', '`', ',', '<', '>']).unwrap_or(after.len());
        out.push_str(&hide_in_address(&after[..end]));
        rest = &after[end..];
    }
    out.push_str(rest);
    out
}

/// `address` is what follows `://`.
fn hide_in_address(address: &str) -> String {
    // A password may hold a slash that should have been escaped: what counts is the last @ before the query.
    let (place, query) = address.split_once('?').map_or((address, None), |(p, q)| (p, Some(q)));
    let place = match place.rsplit_once('@') {
        Some((user, host)) => match user.split_once(':') {
            Some((user, _)) => format!("{user}:{HIDDEN}@{host}"),
            None => format!("{user}@{host}"),
        },
        None => place.to_owned(),
    };
    let Some(query) = query else { return place };
    let hide = |pair: &str| match pair.split_once('=') {
        Some((name, _)) if ["password", "secret", "token", "key"].iter().any(|s| name.to_lowercase().ends_with(s)) => {
            format!("{name}={HIDDEN}")
        }
        _ => pair.to_owned(),
    };
    format!("{place}?{}", query.split('&').map(hide).collect::<Vec<_>>().join("&"))
}

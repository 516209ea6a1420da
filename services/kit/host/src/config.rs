//! What is the process told to do, and by whom?
//!
//! Four layers, each stronger than the one before: built-in defaults (`Default` of the settings), a YAML file, the
//! environment, flags. The source of every value is remembered, so that a mistake is named where it was made.
//!
//! Every settings type derives `Serialize`, `Deserialize` and `Default`, with `#[serde(default, deny_unknown_fields)]`.

mod environment;
mod error;
mod explain;
mod load;
mod secret;
mod tree;

pub use environment::{Variables, environment};
pub use error::Error;
pub use explain::{Setting, hide_passwords};
pub use secret::Secret;

use std::{collections::BTreeMap, fmt, fs, path::Path};
use yaml_serde::Value;

/// The layers above the defaults, merged.
#[derive(Clone, Default)]
pub struct Layers {
    tree: Value,
    /// Where each leaf of the tree comes from, by its dotted path.
    sources: BTreeMap<String, Source>,
    /// The text of leaves that come from the environment or from flags, where nobody quotes strings.
    texts: BTreeMap<String, Secret>,
}

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// Nobody said otherwise.
    Default,
    /// A YAML file.
    File(String),
    /// A variable of the environment.
    Environment(String),
    /// A flag on the command line.
    Flag(String),
}

impl Layers {
    /// Only the defaults.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the YAML file at `path`. Errors: [`Error::File`], [`Error::Yaml`].
    pub fn file(self, path: &Path) -> Result<Self, Error> {
        let name = path.display().to_string();
        let text = fs::read_to_string(path).map_err(|source| Error::File { path: name.clone(), source })?;
        self.yaml(&name, &text)
    }

    /// Adds YAML `text`, named `name` in messages. Errors: [`Error::Yaml`].
    pub fn yaml(mut self, name: &str, text: &str) -> Result<Self, Error> {
        let fault = |problem: String| Error::Yaml { path: name.to_owned(), problem };
        let mut value: Value = yaml_serde::from_str(text).map_err(|e| fault(e.to_string()))?;
        value.apply_merge().map_err(|e| fault(e.to_string()))?;
        match value {
            Value::Null => Ok(self),
            Value::Mapping(_) => {
                self.merge(value, &Source::File(name.to_owned()));
                Ok(self)
            }
            _ => Err(fault("it must hold settings as `section:` and, below, `key: value`".to_owned())),
        }
    }

    /// Adds variables of the environment: `PERPETUO__SECTION__KEY`, and a few names that everybody knows.
    #[must_use]
    pub fn environment(mut self, variables: &Variables) -> Self {
        for (name, path, text) in variables.settings() {
            self.set(&path, text, Source::Environment(name.to_owned()));
        }
        self
    }

    /// Adds a flag such as `--listen` that sets the value at `path`, such as `edge.listen`.
    #[must_use]
    pub fn flag(mut self, flag: &str, path: &str, text: &str) -> Self {
        self.set(path, text, Source::Flag(flag.to_owned()));
        self
    }
}

impl fmt::Debug for Layers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The tree does not know which of its values are secrets.
        f.debug_struct("Layers").field("sources", &self.sources).finish_non_exhaustive()
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File(path) => write!(f, "file {path}"),
            Self::Environment(name) => write!(f, "environment {name}"),
            Self::Flag(name) => write!(f, "flag {name}"),
        }
    }
}

#[cfg(test)]
mod tests;

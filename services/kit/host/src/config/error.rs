//! What is wrong with the configuration?

use super::Source;

/// Why the configuration cannot be used. Each is one sentence for the person who wrote it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file cannot be read.
    #[error("the configuration file {path} cannot be read: {source}")]
    File {
        /// Which file.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// The file is not YAML.
    #[error("{path} cannot be understood: {problem}")]
    Yaml {
        /// Which file.
        path: String,
        /// What, and where in the file.
        problem: String,
    },
    /// No setting has this name.
    #[error("there is no setting `{path}` ({source_of}): {}", hint(nearest.as_deref(), known))]
    Unknown {
        /// The dotted path that was given.
        path: String,
        /// Who gave it.
        source_of: Source,
        /// A setting with nearly this name.
        nearest: Option<String>,
        /// The names that this section has.
        known: String,
    },
    /// A value is of the wrong type, or missing.
    #[error("the setting `{path}` ({source_of}) is not right: {problem}")]
    Invalid {
        /// The dotted path.
        path: String,
        /// Who set it.
        source_of: Source,
        /// What it is, and what it must be.
        problem: String,
    },
}

fn hint(nearest: Option<&str>, known: &str) -> String {
    match (nearest, known) {
        (Some(nearest), _) => format!("did you mean `{nearest}`?"),
        (None, "") => "this section has no settings".to_owned(),
        (None, known) => format!("there are {known}"),
    }
}

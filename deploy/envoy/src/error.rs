//! Why is there no configuration?

/// Why there is none; each says what to change.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum Error {
    /// There is no such option.
    #[error("there is no option {given:?}; the options are:\n{list}")]
    Unknown {
        /// What was given.
        given: String,
        /// All keys, each on a line of its own.
        list: String,
    },
    /// An option without a value.
    #[error("--set takes key=value, such as --set listen=0.0.0.0:8443, not {0:?}")]
    NoValue(String),
    /// The value cannot be read.
    #[error("{key} is {given:?} and must be {expected}")]
    Value {
        /// The option.
        key: &'static str,
        /// What was given.
        given: String,
        /// What is taken.
        expected: &'static str,
    },
    /// An address of a service cannot be read.
    #[error("{0:?} is no address of a service: it looks like http://10.0.0.5:9090 or https://gateway.internal:9090")]
    Place(String),
    /// Options or settings that do not go together.
    #[error("{0}")]
    Together(String),
}

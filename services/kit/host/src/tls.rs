//! What keeps others from reading calls between processes? Certificates in files, read again when they change.
//!
//! Who may call what is not decided here: peers prove their role with tokens ([`crate::peer`]), clients send a credential.

mod accept;
mod connect;
mod current;
mod files;

pub use accept::Secured;
pub use connect::Client;
pub use current::Current;
pub use files::{ClientFiles, Seen, ServerFiles, Usable};

pub(crate) use accept::incoming;

use std::path::PathBuf;

/// Why certificates cannot be used, in words for an operator; never what is in a file.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// One of a pair of settings.
    #[error("{0} needs {1}: set both, or neither")]
    Half(&'static str, &'static str),
    /// Nobody says whom to trust.
    #[error("{0} needs {1}: a file with the certificates (PEM) of the authorities that signed those of the others")]
    Untrusting(&'static str, &'static str),
    /// The file cannot be read.
    #[error("{setting}: {path} cannot be read: {source}")]
    File {
        /// Which setting names it.
        setting: &'static str,
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// No certificate in it.
    #[error(
        "{setting}: {path} holds no certificate that can be read: it has to be PEM with `-----BEGIN CERTIFICATE-----`"
    )]
    NoCertificate {
        /// Which setting names it.
        setting: &'static str,
        /// Which file.
        path: PathBuf,
    },
    /// No key in it.
    #[error("{setting}: {path} holds no private key that can be read: it has to be PEM, without a password")]
    NoKey {
        /// Which setting names it.
        setting: &'static str,
        /// Which file.
        path: PathBuf,
    },
    /// Certificate and key do not fit.
    #[error(
        "{0} and {1} do not belong together: the key is another certificate's, or of a kind that is not known here"
    )]
    Mismatch(&'static str, &'static str),
    /// A name that no certificate can have.
    #[error("peers.tls.server_name {0:?} is not a name that a certificate can have")]
    Name(String),
}

#[cfg(test)]
mod tests;

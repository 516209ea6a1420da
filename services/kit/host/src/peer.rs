//! How do processes prove to each other which role they run?
//!
//! Each role has an Ed25519 key: `<role>.key` where the role runs, `<role>.pub` everywhere. A caller signs a token that
//! lives for a minute and is good for one rpc of one role; a token that leaks opens nothing else, and not for long.

mod carry;
mod channel;
mod connect;
mod fate;
mod keys;
mod replica;
mod replicas;
mod resolve;
mod sign;
mod verify;

pub use channel::{Channels, Ways};
pub use keys::Keys;
pub use replica::Said;
pub use resolve::Resolve;
pub use verify::Verifier;

use proto::{Role, rpc::Rpc};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// Seconds that a token lives.
const LIFETIME: i64 = 60;
/// Header `typ`: none of our other tokens can be taken for one of these.
const TYPE: &str = "peer+jwt";

/// What a token says.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Claims {
    /// The role that calls.
    iss: String,
    /// The role that is called.
    aud: String,
    /// `perpetuo.identity.v1.Identity/ResolveKey`
    sub: String,
    iat: i64,
    exp: i64,
}

/// Why peers cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A key that this process needs is not there.
    #[error(
        "there is no key for the role {role} at {path}: `perpetuo keys generate` makes the keys of all roles, and peers.keys_dir says where they are"
    )]
    Missing {
        /// Whose key.
        role: Role,
        /// Where it should be.
        path: PathBuf,
    },
    /// A file is not what it should be.
    #[error("{path} is not an Ed25519 key in PEM: generate it again with `perpetuo keys generate`")]
    Malformed {
        /// Which file.
        path: PathBuf,
    },
    /// A file or directory cannot be read or written.
    #[error("{path} cannot be read or written: {source}")]
    File {
        /// Which one.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The machine gives no randomness.
    #[error("no key can be generated: the system gives no random bytes")]
    Randomness,
    /// An address in `peers` is not one.
    #[error("peers.{role}: {address:?} is not an address like https://{role}.internal:9090")]
    Address {
        /// Whose address.
        role: Role,
        /// What was given.
        address: String,
    },
    /// Nobody has said whom to trust.
    #[error("peers.{role}: {address} needs peers.tls.ca_file, the authorities that signed the certificates of peers")]
    Unprotected {
        /// Whose address.
        role: Role,
        /// What was given.
        address: String,
    },
    /// No address is known for a role that does not run here.
    #[error("peers.{0} is not set: this process does not run the role {0}, and must know where it runs")]
    Unknown(Role),
}

fn subject(rpc: &Rpc) -> String {
    format!("{}/{}", rpc.service, rpc.method)
}

#[cfg(test)]
mod tests;

//! Where are the roles that this process does not run?

use host::tls::ClientFiles;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// Where the roles are that this process does not run: `https://host:port` of their gRPC listeners, or `http://`
/// where nothing protects the calls. They are spread over the addresses of a role, and over those that a name stands for.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Peers {
    /// Keys with which roles prove who they are, made by `perpetuo keys generate`. Default: `<keys.dir>/peers`.
    pub keys_dir: Option<PathBuf>,
    /// Whom to trust behind `https://` addresses, and what to show them.
    pub tls: ClientFiles,
    /// Whether `http://` addresses of other machines are meant: calls to them can be read on the network.
    pub plaintext: bool,
    /// The identity role.
    pub identity: Addresses,
    /// The workspace role.
    pub workspace: Addresses,
    /// The gateway role.
    pub gateway: Addresses,
    /// The usage-metering role.
    pub usage_metering: Addresses,
    /// The billing role.
    pub billing: Addresses,
    /// The agent-engine role.
    pub agent_engine: Addresses,
}

/// Addresses of one role: a list, or a text with commas between them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(from = "OneOrMany")]
pub struct Addresses(pub Vec<String>);

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

impl From<OneOrMany> for Addresses {
    fn from(given: OneOrMany) -> Self {
        let all = match given {
            OneOrMany::One(text) => text.split(',').map(str::to_owned).collect(),
            OneOrMany::Many(list) => list,
        };
        Self(all.iter().map(|address| address.trim().to_owned()).filter(|address| !address.is_empty()).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_has_one_address_or_several() {
        let read = |yaml: &str| yaml_serde::from_str::<Addresses>(yaml).unwrap().0;
        assert_eq!(read("http://a:9090"), ["http://a:9090"]);
        assert_eq!(read("'http://a:9090, http://b:9090'"), ["http://a:9090", "http://b:9090"]);
        assert_eq!(read("[http://a:9090, http://b:9090]"), ["http://a:9090", "http://b:9090"]);
        assert!(read("''").is_empty());
    }
}

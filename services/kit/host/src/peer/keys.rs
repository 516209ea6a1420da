//! Where are the roles' keys?

use super::{Error, Verifier, sign};
use crate::Clock;
use aws_lc_rs::{
    rand::SystemRandom,
    signature::{Ed25519KeyPair, KeyPair as _},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use jsonwebtoken::{DecodingKey, EncodingKey};
use proto::{Role, rpc::Signer};
use std::{
    collections::HashMap,
    fs,
    io::{ErrorKind, Write as _},
    path::{Path, PathBuf},
    sync::Arc,
};

/// An Ed25519 public key as SubjectPublicKeyInfo is these bytes and the 32 of the key.
const SPKI: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

/// The private keys of the roles that run here, and everybody's public ones.
pub struct Keys {
    own: HashMap<Role, EncodingKey>,
    public: HashMap<Role, DecodingKey>,
}

impl Keys {
    /// Writes `<role>.key` (0600) and `<role>.pub` for each role into `dir`. Keys that exist stay as they are.
    /// Errors: [`Error::File`], [`Error::Malformed`], [`Error::Randomness`].
    pub fn generate(dir: &Path, roles: &[Role]) -> Result<(), Error> {
        use std::os::unix::fs::DirBuilderExt as _;
        // Others on this machine need not even list it; the files have their own modes on top.
        let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(dir);
        made.map_err(|source| Error::File { path: dir.to_owned(), source })?;
        for &role in roles {
            let (private, public) = paths(dir, role);
            // jsonwebtoken takes version 1 of PKCS#8 only.
            let document = match fs::read_to_string(&private) {
                Ok(pem) => from_pem(&pem).ok_or_else(|| Error::Malformed { path: private.clone() })?,
                Err(e) if e.kind() == ErrorKind::NotFound => {
                    let made = Ed25519KeyPair::generate_pkcs8v1(&SystemRandom::new()).map_err(|_| Error::Randomness)?;
                    write(&private, &to_pem("PRIVATE KEY", made.as_ref()), 0o600)?;
                    made.as_ref().to_vec()
                }
                Err(source) => return Err(Error::File { path: private, source }),
            };
            let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(&document)
                .map_err(|_| Error::Malformed { path: private.clone() })?;
            let spki = [&SPKI[..], pair.public_key().as_ref()].concat();
            write(&public, &to_pem("PUBLIC KEY", &spki), 0o644)?;
        }
        Ok(())
    }

    /// Reads the private keys of `own_roles` and every public key in `dir`.
    /// Errors: [`Error::Missing`] for a private key, [`Error::File`], [`Error::Malformed`].
    pub fn load(dir: &Path, own_roles: &[Role]) -> Result<Self, Error> {
        let mut keys = Self { own: HashMap::new(), public: HashMap::new() };
        for &role in own_roles {
            let path = paths(dir, role).0;
            let pem = read(&path)?.ok_or_else(|| Error::Missing { role, path: path.clone() })?;
            let document = from_pem(&pem).ok_or_else(|| Error::Malformed { path: path.clone() })?;
            Ed25519KeyPair::from_pkcs8_maybe_unchecked(&document).map_err(|_| Error::Malformed { path })?;
            keys.own.insert(role, EncodingKey::from_ed_der(&document));
        }
        for &role in Role::ALL {
            let path = paths(dir, role).1;
            let Some(pem) = read(&path)? else { continue };
            let spki = from_pem(&pem).filter(|d| d.len() == SPKI.len() + 32 && d.starts_with(&SPKI));
            let spki = spki.ok_or(Error::Malformed { path })?;
            keys.public.insert(role, DecodingKey::from_ed_der(&spki[SPKI.len()..]));
        }
        Ok(keys)
    }

    /// Signs in the name of the own roles.
    pub fn signer(&self, clock: Clock) -> Arc<dyn Signer> {
        Arc::new(sign::Tokens::new(self.own.clone(), clock))
    }

    /// Verifies what the other roles sign.
    pub fn verifier(&self, clock: Clock) -> Verifier {
        Verifier::new(self.public.clone(), clock)
    }
}

fn paths(dir: &Path, role: Role) -> (PathBuf, PathBuf) {
    (dir.join(format!("{role}.key")), dir.join(format!("{role}.pub")))
}

fn read(path: &Path) -> Result<Option<String>, Error> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(None),
        Err(source) => Err(Error::File { path: path.to_owned(), source }),
    }
}

/// Whole or not at all: a process killed meanwhile must not leave half a key behind.
fn write(path: &Path, text: &str, mode: u32) -> Result<(), Error> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let unfinished = path.with_extension("tmp");
    let result = (|| {
        let mut file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(mode).open(&unfinished)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        fs::rename(&unfinished, path)
    })();
    result.map_err(|source| Error::File { path: path.to_owned(), source })
}

fn to_pem(label: &str, der: &[u8]) -> String {
    // Both kinds of key fit into one line of 64 characters.
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", STANDARD.encode(der))
}

fn from_pem(text: &str) -> Option<Vec<u8>> {
    let body: String = text.lines().filter(|l| !l.starts_with("-----")).flat_map(str::chars).collect();
    STANDARD.decode(body.trim()).ok()
}

//! With which certificate is Efí called, now that the file may have been replaced?

use egress::{Authorities, Client, Guard, Identity, Purpose, Tls};
use host::config::Secret;
use sha2::{Digest as _, Sha256};
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

/// What calls one of the two APIs.
pub(super) enum Line {
    /// The API of charges asks for no certificate.
    Plain(Client),
    /// The API Pix asks for ours on every connection.
    Certified(Certified),
}

/// A client whose certificate is in a file.
pub(super) struct Certified {
    guard: Guard,
    authorities: Authorities,
    file: PathBuf,
    password: Option<Secret>,
    now: Mutex<Now>,
}

struct Now {
    /// What the file held when it was looked at last; None when it could not be read.
    seen: Option<[u8; 32]>,
    client: Client,
}

impl Line {
    /// A client that shows no certificate. Errors: a sentence.
    pub(super) fn plain(guard: Guard, authorities: Authorities) -> Result<Self, String> {
        let tls = Tls { identity: None, authorities };
        Client::with_tls(guard, Purpose::Payment, &tls).map(Self::Plain).map_err(|why| why.to_string())
    }

    /// One that shows the certificate in `file`. Errors: a sentence about the file.
    pub(super) fn certified(
        guard: Guard,
        authorities: Authorities,
        file: PathBuf,
        password: Option<Secret>,
    ) -> Result<Self, String> {
        let bytes = std::fs::read(&file).map_err(|why| format!("cannot be read: {why}"))?;
        let client = dial(&guard, &authorities, &bytes, password.as_ref())?;
        let now = Mutex::new(Now { seen: Some(digest(&bytes)), client });
        Ok(Self::Certified(Certified { guard, authorities, file, password, now }))
    }

    /// The client of now. A call is rare and waits for a network, so the file is simply read each time: that also finds
    /// what a time of change hides, such as two changes within a second.
    pub(super) async fn client(&self) -> Client {
        match self {
            Self::Plain(client) => client.clone(),
            Self::Certified(certified) => {
                let read = tokio::fs::read(&certified.file).await;
                certified.follow(read.as_deref().ok())
            }
        }
    }
}

impl Certified {
    /// The client for what the file holds. What cannot be used is said once, and the last certificate that could be used
    /// stays in use: a file that is being written is not whole for a moment.
    fn follow(&self, bytes: Option<&[u8]>) -> Client {
        let mut now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        let seen = bytes.map(digest);
        if seen == now.seen {
            return now.client.clone();
        }
        now.seen = seen;
        let Some(bytes) = bytes else {
            tracing::warn!("billing.efi.certificate_file cannot be read; the certificate read before stays in use");
            return now.client.clone();
        };
        match dial(&self.guard, &self.authorities, bytes, self.password.as_ref()) {
            Ok(client) => {
                tracing::info!("the certificate for Efí was replaced");
                now.client = client;
            }
            Err(why) => {
                tracing::warn!(
                    why,
                    "billing.efi.certificate_file cannot be used; the certificate read before stays in use"
                );
            }
        }
        now.client.clone()
    }
}

fn dial(guard: &Guard, authorities: &Authorities, file: &[u8], password: Option<&Secret>) -> Result<Client, String> {
    let identity = Identity::read(file, password.map_or("", Secret::expose)).map_err(|why| why.to_string())?;
    let tls = Tls { identity: Some(identity), authorities: authorities.clone() };
    Client::with_tls(guard.clone(), Purpose::Payment, &tls).map_err(|why| why.to_string())
}

fn digest(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

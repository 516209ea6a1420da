//! What an operator may set about Efí.

mod automatic;
mod due;

pub use automatic::Automatic;
pub use due::Due;

use crate::Error;
use egress::{Guard, Purpose};
use host::config::Secret;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use url::Url;

/// `billing.efi` in the configuration. Efí was named Gerencianet until 2023; older hosts of that name are not used.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The Client_Id of your application at Efí. Default: none, and nothing is paid through Efí.
    pub client_id: Option<String>,
    /// The Client_Secret that belongs to it.
    pub client_secret: Option<Secret>,
    /// The certificate of the application, as Efí gave it out (`.p12`), or PEM with its key. It is needed for PIX, and read
    /// again when it changes.
    pub certificate_file: Option<PathBuf>,
    /// The password of the `.p12` file. Default: an empty one, which is what Efí gives out.
    pub certificate_password: Option<Secret>,
    /// The PIX key (chave) of your account to which is paid. Default: none, and nothing is paid by PIX.
    pub key: Option<String>,
    /// PIX charges with a due date.
    pub due: Due,
    /// PIX Automático.
    pub automatic: Automatic,
    /// Whether boletos are issued. They need no certificate; the application needs the API of charges (API Cobranças).
    pub boletos: bool,
    /// Whether Efí's test environment (homologação) is called. It has credentials and certificates of its own. There, PIX
    /// charges of up to 10 reais are paid at once by Efí, and others never.
    pub sandbox: bool,
    /// Where Efí says that something has happened to a boleto: the public URL of your edge for that. Default: none, and
    /// news of boletos are asked for.
    pub notification_url: Option<String>,
    /// What Efí repeats as `?hmac=` when it calls: at least 16 characters of your choice. For PIX register
    /// `https://…/webhooks/efi/pix?hmac=<it>&ignorar=`; for boletos it is added to `notification_url`. Default: none, and
    /// nobody is listened to.
    pub webhook_secret: Option<Secret>,
    /// Where the API Pix is. Default: Efí's, by `sandbox`.
    pub pix_url: Option<String>,
    /// Where the API of charges is, with its version. Default: Efí's, by `sandbox`.
    pub charges_url: Option<String>,
    /// Certificates (PEM) of authorities that are trusted for these two besides those of the machine. Default: none.
    pub ca_file: Option<PathBuf>,
    /// How many seconds Efí may take to answer, 1 to 120.
    pub timeout_seconds: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            client_id: None,
            client_secret: None,
            certificate_file: None,
            certificate_password: None,
            key: None,
            due: Due::default(),
            automatic: Automatic::default(),
            boletos: false,
            sandbox: false,
            notification_url: None,
            webhook_secret: None,
            pix_url: None,
            charges_url: None,
            ca_file: None,
            timeout_seconds: 30,
        }
    }
}

impl Config {
    /// Whether anything is to be paid through Efí.
    pub const fn is_on(&self) -> bool {
        self.client_id.is_some()
    }

    /// Where the API Pix is (github.com/efipay/sdk-node-apis-efi, constants).
    pub(super) fn pix_base(&self) -> &str {
        let usual = if self.sandbox { "https://pix-h.api.efipay.com.br" } else { "https://pix.api.efipay.com.br" };
        self.pix_url.as_deref().unwrap_or(usual)
    }

    /// Where the API of charges is (the same source).
    pub(super) fn charges_base(&self) -> &str {
        let usual = if self.sandbox {
            "https://cobrancas-h.api.efipay.com.br/v1"
        } else {
            "https://cobrancas.api.efipay.com.br/v1"
        };
        self.charges_url.as_deref().unwrap_or(usual)
    }

    /// The address that Efí is told for news of a boleto: it repeats the secret in it.
    pub(super) fn notified_at(&self) -> Option<String> {
        let (url, secret) = self.notification_url.as_deref().zip(self.webhook_secret.as_ref())?;
        let mut url = Url::parse(url).ok()?;
        url.query_pairs_mut().append_pair("hmac", secret.expose());
        Some(url.into())
    }

    /// What can be said of the settings without reading a file. Errors: [`Error::Settings`].
    pub(super) fn check(&self, guard: &Guard) -> Result<(), Error> {
        if self.key.is_none() && !self.boletos {
            return Err(refused("key or boletos", "has to be set: without both of them there is no way to pay"));
        }
        if self.key.as_ref().is_some_and(|key| key.is_empty() || key.len() > 77) {
            return Err(refused(
                "key",
                "has to be a PIX key: a telephone number, an address, a CPF or CNPJ, or a random key",
            ));
        }
        if self.key.is_some() && self.certificate_file.is_none() {
            return Err(refused("certificate_file", "has to be set: Efí takes no call for PIX without a certificate"));
        }
        if !(1..=120).contains(&self.timeout_seconds) {
            return Err(refused("timeout_seconds", "must be 1 to 120"));
        }
        if self.webhook_secret.as_ref().is_some_and(|secret| secret.expose().len() < 16) {
            return Err(refused("webhook_secret", "must have at least 16 characters"));
        }
        self.due.check()?;
        self.automatic.check()?;
        if self.automatic.enabled && self.key.is_none() {
            return Err(refused("key", "has to be set for automatic"));
        }
        if let Some(url) = &self.notification_url {
            secure("notification_url", url)?;
            if self.webhook_secret.is_none() {
                return Err(refused("webhook_secret", "has to be set with notification_url: Efí repeats it there"));
            }
        }
        for (field, url) in [("pix_url", self.pix_base()), ("charges_url", self.charges_base())] {
            let url = secure(field, url)?;
            guard
                .check_url(&url, Purpose::Payment)
                .map_err(|why| refused(field, format!("cannot be called: {why}")))?;
        }
        Ok(())
    }
}

/// A URL to which credentials can be sent.
fn secure(field: &str, url: &str) -> Result<Url, Error> {
    let parsed = Url::parse(url).ok().filter(|url| url.scheme() == "https" && url.host().is_some());
    parsed.ok_or_else(|| refused(field, "has to begin with https://"))
}

/// A setting that cannot be worked with.
pub(super) fn refused(field: &str, problem: impl std::fmt::Display) -> Error {
    Error::Settings(format!("billing.efi.{field} {problem}"))
}

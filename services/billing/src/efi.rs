//! Efí (formerly Gerencianet), the Brazilian provider: how PIX and boletos are paid through it.
//!
//! Efí has two APIs that know nothing of each other: the API Pix (amounts as texts of reais, a client certificate on every
//! connection) and the API of charges (centavos, no certificate). Both were checked against github.com/efipay/sdk-node-apis-efi
//! (2728b67, MIT) and github.com/bacen/pix-api (v2.9.0, Apache-2.0) in November 2026.

mod api;
mod boleto;
mod config;
mod fault;
mod line;
mod notification;
mod pix;
mod problem;
mod reais;
mod time;
mod token;
mod webhook;

use crate::{
    Error,
    payment::{
        About, Agreed, Created, Known, Mandate, Method, Notification, Order, Provider, Received, Refund, RefundStatus,
        Trouble, Truth, Unverified,
    },
};
use api::Api;
use chrono::{DateTime, NaiveDate, Utc};
use egress::{Authorities, Guard};
use host::{Clock, config::Secret};
use line::Line;
use proto::id::{MandateId, PaymentId};
use std::{fmt, time::Duration};

pub use config::{Automatic, Config, Due};

const NO_PIX: Trouble = Trouble::Unsupported("no PIX key is set for Efí (billing.efi.key)");
const NO_BOLETOS: Trouble = Trouble::Unsupported("boletos are not switched on for Efí (billing.efi.boletos)");
const OTHER_METHOD: Trouble = Trouble::Unsupported("Efí is used for PIX and boletos only");

/// Efí as a [`Provider`]. `Debug` shows nothing of what it was set up with.
pub struct Efi {
    pix: Option<pix::Pix>,
    boletos: Option<boleto::Boletos>,
    webhook_secret: Option<Secret>,
}

impl fmt::Debug for Efi {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (pix, boletos) = (self.pix.is_some(), self.boletos.is_some());
        f.debug_struct("Efi").field("pix", &pix).field("boletos", &boletos).finish_non_exhaustive()
    }
}

impl Efi {
    /// Sets it up; nothing is called yet. `guard` decides whether the two addresses may be called; `clock` says when tokens
    /// and charges are over.
    ///
    /// # Errors
    /// [`Error::Settings`] with a sentence that names the setting; the certificate is read here for the first time.
    pub fn new(config: &Config, guard: &Guard, clock: &Clock) -> Result<Self, Error> {
        let (Some(id), Some(secret)) = (&config.client_id, &config.client_secret) else {
            return Err(config::refused("client_id", "and client_secret have to be set together"));
        };
        config.check(guard)?;
        let authorities = match &config.ca_file {
            None => Authorities::default(),
            Some(file) => std::fs::read(file)
                .map_err(|why| why.to_string())
                .and_then(|pem| Authorities::read(&pem).map_err(|why| why.to_string()))
                .map_err(|why| config::refused("ca_file", format!("cannot be used: {why}")))?,
        };
        let api = |base: &str, token_path, line| Api {
            base: base.to_owned(),
            token_path,
            line,
            basic: Secret::from(pix::base64(format!("{id}:{}", secret.expose()).as_bytes())),
            secret: secret.clone(),
            tokens: token::Tokens::default(),
            timeout: Duration::from_secs(config.timeout_seconds),
            clock: clock.clone(),
        };
        let pix = match (&config.key, &config.certificate_file) {
            (Some(key), Some(file)) => {
                let line = Line::certified(
                    guard.clone(),
                    authorities.clone(),
                    file.clone(),
                    config.certificate_password.clone(),
                )
                .map_err(|why| config::refused("certificate_file", why))?;
                let api = api(config.pix_base(), "/oauth/token", line);
                Some(pix::Pix { api, key: key.clone(), due: config.due.clone(), automatic: config.automatic.clone() })
            }
            _ => None,
        };
        let boletos = if config.boletos {
            let line = Line::plain(guard.clone(), authorities).map_err(|why| config::refused("ca_file", why))?;
            let api = api(config.charges_base(), "/authorize", line);
            Some(boleto::Boletos::new(api, config.notified_at()))
        } else {
            None
        };
        Ok(Self { pix, boletos, webhook_secret: config.webhook_secret.clone() })
    }

    fn pix(&self) -> Result<&pix::Pix, Trouble> {
        self.pix.as_ref().ok_or(NO_PIX)
    }

    fn boletos(&self) -> Result<&boleto::Boletos, Trouble> {
        self.boletos.as_ref().ok_or(NO_BOLETOS)
    }
}

#[tonic::async_trait]
impl Provider for Efi {
    fn name(&self) -> &'static str {
        "efi"
    }

    fn methods(&self, currency: &str) -> Vec<Method> {
        let pix = self.pix.as_ref().map(|_| Method::Pix);
        let boleto = self.boletos.as_ref().map(|_| Method::Boleto);
        if currency == CURRENCY { pix.into_iter().chain(boleto).collect() } else { vec![] }
    }

    async fn create(&self, order: &Order) -> Result<Created, Trouble> {
        if order.currency != CURRENCY {
            return Err(Trouble::Unsupported("Efí takes BRL only"));
        }
        match order.method {
            Method::Pix => self.pix()?.create(order).await,
            Method::PixAutomatic => self.pix()?.take(order).await,
            Method::Boleto => self.boletos()?.create(order).await,
            Method::Card | Method::Transfer => Err(OTHER_METHOD),
        }
    }

    fn reference(&self, payment: PaymentId, method: Method) -> Option<String> {
        match method {
            Method::PixAutomatic => Some(pix::recurring_txid(payment)),
            Method::Pix | Method::Boleto | Method::Card | Method::Transfer => None,
        }
    }

    async fn look(&self, known: &Known) -> Result<Truth, Trouble> {
        match known.method {
            Method::Pix => self.pix()?.look(known).await,
            Method::PixAutomatic => self.pix()?.look_taken(known).await,
            Method::Boleto => self.boletos()?.look(known).await,
            Method::Card | Method::Transfer => Err(OTHER_METHOD),
        }
    }

    async fn cancel(&self, known: &Known) -> Result<(), Trouble> {
        match known.method {
            Method::Pix => self.pix()?.cancel(known).await,
            Method::PixAutomatic => self.pix()?.leave(known).await,
            Method::Boleto => self.boletos()?.cancel(known).await,
            Method::Card | Method::Transfer => Err(OTHER_METHOD),
        }
    }

    async fn refund(&self, refund: &Refund) -> Result<RefundStatus, Trouble> {
        match refund.method {
            Method::Pix | Method::PixAutomatic if refund.currency == CURRENCY => self.pix()?.refund(refund).await,
            Method::Pix | Method::PixAutomatic => Err(Trouble::Unsupported("Efí takes BRL only")),
            Method::Boleto => Err(Trouble::Unsupported(
                "Efí gives back no boletos: send the money by PIX or transfer, and record that",
            )),
            Method::Card | Method::Transfer => Err(OTHER_METHOD),
        }
    }

    fn has_mandates(&self, currency: &str) -> bool {
        currency == CURRENCY && self.pix.as_ref().is_some_and(|pix| pix.automatic.enabled)
    }

    async fn mandate(&self, wanted: &Mandate) -> Result<Agreed, Trouble> {
        self.pix()?.mandate(wanted).await
    }

    async fn look_mandate(
        &self,
        id: MandateId,
        reference: &str,
        since: Option<DateTime<Utc>>,
    ) -> Result<Agreed, Trouble> {
        self.pix()?.look_mandate(id, reference, since).await
    }

    async fn end_mandate(&self, id: MandateId, reference: &str) -> Result<(), Trouble> {
        self.pix()?.end_mandate(id, reference).await
    }

    async fn try_again(&self, known: &Known, on: NaiveDate) -> Result<(), Trouble> {
        self.pix()?.retry(known, on).await
    }

    fn verify(&self, notification: &Notification) -> Result<String, Unverified> {
        self.verified(notification)
    }

    async fn read(&self, notification: &Notification) -> Result<Vec<About>, Trouble> {
        self.about(notification).await
    }

    async fn received(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> Result<Vec<Received>, Trouble> {
        let mut found = match &self.pix {
            Some(pix) => pix.received(from, to).await?,
            None => vec![],
        };
        if let Some(boletos) = &self.boletos {
            found.extend(boletos.received(from, to).await?);
        }
        Ok(found)
    }
}

/// All that Efí takes.
const CURRENCY: &str = "BRL";

/// Whether a text is a name in one of Efí's APIs, which then can stand in an address: letters and digits, at least and at
/// most so many.
fn is_name(text: &str, least: usize, most: usize) -> bool {
    (least..=most).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric())
}

/// At most so many characters of a text, for fields that take no more.
fn cut(text: &str, most: usize) -> String {
    text.chars().filter(|c| !c.is_control()).take(most).collect()
}

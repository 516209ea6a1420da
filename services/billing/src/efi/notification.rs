//! What does Efí tell by itself, and is it Efí?

use super::{Efi, webhook};
use crate::payment::{About, Notification, Trouble, Unverified};
use sha2::{Digest as _, Sha256};

/// Where webhooks of the API Pix come in, and notifications of the API of charges.
const PIX: &str = "efi.pix";
const CHARGES: &str = "efi.charges";
/// Of a notification, which is a token and nothing else.
const MOST: usize = 2 * 1024;

impl Efi {
    /// [`crate::payment::Provider::verify`]. The API Pix repeats a secret that it was told in the address; the body is not
    /// signed in any way. So do notifications of the API of charges, in the address that each charge was made with; they
    /// are a token, and only Efí can say what it stands for.
    pub(super) fn verified(&self, notification: &Notification) -> Result<String, Unverified> {
        match notification.channel.as_str() {
            PIX if self.pix.is_some() && self.webhook_secret.is_some() => {
                if !self.is_caller(&notification.secret) {
                    return Err(Unverified::Unproved);
                }
                webhook::read(&notification.body).map_err(|_| Unverified::Malformed)?;
                // A webhook has no name. What was sent before says nothing new.
                Ok(format!("pix:{}", hex::encode(Sha256::digest(&notification.body))))
            }
            CHARGES if self.boletos.is_some() && self.webhook_secret.is_some() => {
                // The address that Efí calls is one that we gave it, with the secret in it.
                if !self.is_caller(&notification.secret) {
                    return Err(Unverified::Unproved);
                }
                if notification.body.len() > MOST {
                    return Err(Unverified::Malformed);
                }
                let token = token(&notification.body).ok_or(Unverified::Malformed)?;
                // A charge has the same token all its life, so that each notification of it is another one.
                Ok(format!("charges:{token}:{}", notification.at.timestamp_micros()))
            }
            _ => Err(Unverified::Unused),
        }
    }

    /// [`crate::payment::Provider::read`]
    pub(super) async fn about(&self, notification: &Notification) -> Result<Vec<About>, Trouble> {
        match notification.channel.as_str() {
            PIX => {
                let hints = webhook::read(&notification.body).map_err(|_| unreadable())?;
                if hints.is_cut {
                    tracing::warn!("a webhook of Efí is longer than is looked at; reconciliation finds the rest");
                }
                let payments = hints.payments.into_iter().map(About::Payment);
                Ok(payments.chain(hints.mandates.into_iter().map(About::Mandate)).collect())
            }
            CHARGES => {
                let token = token(&notification.body).ok_or_else(unreadable)?;
                // To Efí a notification counts as delivered when its token was asked for.
                match self.boletos()?.notified(&token).await {
                    // Somebody has made it up.
                    Err(Trouble::Unknown) => Ok(vec![]),
                    found => Ok(found?.into_iter().map(About::Payment).collect()),
                }
            }
            _ => Ok(vec![]),
        }
    }

    /// How long this takes says nothing about the secret.
    fn is_caller(&self, presented: &str) -> bool {
        let digest = |text: &str| Sha256::digest(text.as_bytes());
        self.webhook_secret.as_ref().is_some_and(|secret| digest(secret.expose()) == digest(presented))
    }
}

/// The token in a form: `notification=<token>`. None for what cannot be one, which then asks for nothing.
fn token(body: &[u8]) -> Option<String> {
    let is_token = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    let (_, token) = url::form_urlencoded::parse(body).find(|(name, _)| name == "notification")?;
    ((1..=100).contains(&token.len()) && token.bytes().all(is_token)).then(|| token.into_owned())
}

fn unreadable() -> Trouble {
    Trouble::Unexpected("a notification that could be read can be read no more".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_read_from_its_form_and_what_could_lead_elsewhere_is_none() {
        assert_eq!(token(b"a=b&notification=1d7e0b33-1a4f_X").as_deref(), Some("1d7e0b33-1a4f_X"));
        let long = format!("notification={}", "a".repeat(101));
        let bodies = ["", "notification=", "notification=..%2Fcharge", "notification=a%20b", "{}", "token=a", &long];
        for body in bodies {
            assert_eq!(token(body.as_bytes()), None, "{body}");
        }
    }
}

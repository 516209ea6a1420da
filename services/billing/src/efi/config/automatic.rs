//! What an operator may set about PIX Automático.

use crate::Error;
use serde::{Deserialize, Serialize};

/// `billing.efi.automatic` in the configuration: customers allow once, in the application of their bank, that each invoice of their
/// subscription is taken from their account (PIX Automático).
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Automatic {
    /// Whether it is offered. The application at Efí needs the scopes `rec.*`, `cobr.*` and `payloadlocation.*`; register
    /// `https://…/webhooks/efi/pix?hmac=<secret>&ignorar=` as its webhooks of mandates and of their charges.
    pub enabled: bool,
    /// The number of your account at Efí, to which is paid.
    pub account: Option<String>,
    /// Of which kind it is: `PAGAMENTO` (default), `CORRENTE` or `POUPANCA`.
    pub account_kind: Option<String>,
    /// Its branch (agência), at most four digits. Default: none.
    pub branch: Option<String>,
}

impl Automatic {
    pub(super) fn check(&self) -> Result<(), Error> {
        let is_number =
            |text: &str, most| (1..=most).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric());
        if self.enabled && !self.account.as_deref().is_some_and(|account| is_number(account, 20)) {
            return Err(super::refused(
                "automatic.account",
                "has to be set: the number of your account, without punctuation",
            ));
        }
        if !["PAGAMENTO", "CORRENTE", "POUPANCA"].contains(&self.kind()) {
            return Err(super::refused("automatic.account_kind", "must be PAGAMENTO, CORRENTE or POUPANCA"));
        }
        if self.branch.as_deref().is_some_and(|branch| !is_number(branch, 4)) {
            return Err(super::refused("automatic.branch", "must be at most four digits"));
        }
        Ok(())
    }

    pub(in crate::efi) fn kind(&self) -> &str {
        self.account_kind.as_deref().unwrap_or("PAGAMENTO")
    }
}

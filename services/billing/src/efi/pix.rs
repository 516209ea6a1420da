//! How is something paid by PIX?

mod charge;
mod create;
mod due;
mod mandate;
mod received;
mod recurring;
mod refund;

use super::{Automatic, Due, api::Api, fault::Fault, is_name};
use crate::payment::{Known, Received, State, Trouble, Truth};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use charge::{Charge, Paid};
use http::Method;
use proto::id::PaymentId;
use serde::de::DeserializeOwned;
use serde_json::json;
use uuid::Uuid;

/// The API Pix, and the key to which is paid.
pub(super) struct Pix {
    pub(super) api: Api,
    pub(super) key: String,
    pub(super) due: Due,
    pub(super) automatic: Automatic,
}

/// What names of charges with a due date begin with; no hexadecimal digit is like that.
const DUE: &str = "cv";
/// The same of charges by mandate.
const RECURRING: &str = "cr";

/// The name of a payment's charge: the 32 hexadecimal digits of its uuid, so that the same order has the same name. Names of
/// charges are 26 to 35 letters and digits (`TxId` of the API Pix).
fn txid(payment: PaymentId) -> String {
    payment.uuid().simple().to_string()
}

/// The same of a charge with a due date (`cobv`). It says what it is, since the API keeps them apart.
fn due_txid(payment: PaymentId) -> String {
    format!("{DUE}{}", txid(payment))
}

/// The same of a charge by mandate (`cobr`).
pub(super) fn recurring_txid(payment: PaymentId) -> String {
    format!("{RECURRING}{}", txid(payment))
}

/// The payment from which the charge of this name (txid) has it; None for one that is none of ours. Whether there is such a
/// payment it does not say.
pub(super) fn payment_of(txid: &str) -> Option<PaymentId> {
    let txid = txid.strip_prefix(DUE).or_else(|| txid.strip_prefix(RECURRING)).unwrap_or(txid);
    let uuid = Uuid::try_parse(txid).ok().filter(|uuid| uuid.simple().to_string() == txid)?;
    Some(PaymentId::from_uuid(uuid))
}

/// As in a header of RFC 7617.
pub(super) fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

impl Pix {
    /// [`crate::payment::Provider::look`]
    pub(super) async fn look(&self, known: &Known) -> Result<Truth, Trouble> {
        let charge = self.charge(&known.reference).await?;
        if !self.is_ours(&charge.chave) {
            return Err(Trouble::Unexpected(format!("the charge {} is to be paid to another key", known.reference)));
        }
        let received = self.received_by(&charge.pix, &known.reference);
        Ok(Truth { state: charge.state(self.api.clock.now()), received, disputes: vec![], again: None })
    }

    /// What came for a charge. Without a key it was paid to the account by its number; with another one it is not for us.
    fn received_by(&self, all: &[Paid], reference: &str) -> Vec<Received> {
        let ours = all.iter().filter(|paid| {
            let is_ours = paid.chave.as_ref().is_none_or(|key| self.is_ours(key));
            if !is_ours {
                tracing::warn!(txid = reference, pix = paid.end_to_end_id, "a PIX to another key is not counted");
            }
            is_ours
        });
        ours.map(|paid| paid.received(Some(reference))).collect()
    }

    /// [`crate::payment::Provider::cancel`]
    pub(super) async fn cancel(&self, known: &Known) -> Result<(), Trouble> {
        let path = charge_path(&known.reference)?;
        let body = json!({ "status": charge::REMOVED_BY_US });
        let refused = match self.api.send::<Charge>(Method::PATCH, &path, &body).await {
            Ok(_) => return Ok(()),
            Err(fault @ Fault::Refused(_)) => fault,
            Err(fault) => return Err(fault.into()),
        };
        // It may be over already; then there is nothing to do.
        match self.charge(&known.reference).await?.state(self.api.clock.now()) {
            State::Open => Err(refused.into()),
            State::Paid | State::Gone => Ok(()),
        }
    }

    async fn charge(&self, reference: &str) -> Result<Charge, Trouble> {
        Ok(self.api.get(&charge_path(reference)?).await?)
    }

    /// What is at `path`, if it is there although Efí has not said that it made it: it was made by an earlier try, or by this
    /// one, whose answer was lost. Otherwise what is wrong.
    async fn made_all_the_same<T: DeserializeOwned>(&self, path: &str, fault: Fault) -> Result<T, Trouble> {
        if matches!(fault, Fault::Unsent(_) | Fault::Garbled(_)) {
            return Err(fault.into());
        }
        match self.api.get(path).await {
            Ok(made) => Ok(made),
            Err(Fault::Missing(_)) => Err(fault.into()),
            // Whether it was refused because it is there already is not known before Efí says what there is.
            Err(unknown) if matches!(fault, Fault::Refused(_)) => Err(unknown.into()),
            Err(_) => Err(fault.into()),
        }
    }

    /// Keys are the same in upper and lower case.
    fn is_ours(&self, key: &str) -> bool {
        key.eq_ignore_ascii_case(&self.key)
    }
}

/// Errors: [`Trouble::Unknown`] for what is the name of no charge.
fn charge_path(txid: &str) -> Result<String, Trouble> {
    let kind = match txid {
        _ if txid.starts_with(DUE) => "cobv",
        // A name that an order of ours does not have may begin like that as well.
        _ if txid.starts_with(RECURRING) => "cobr",
        _ => "cob",
    };
    if is_name(txid, 26, 35) { Ok(format!("/v2/{kind}/{txid}")) } else { Err(Trouble::Unknown) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_payment_is_found_by_the_name_of_its_charge_and_by_no_other_spelling(bits: u128) {
            let payment = PaymentId::from_uuid(Uuid::from_u128(bits));
            let name = txid(payment);
            for name in [&name, &due_txid(payment), &recurring_txid(payment)] {
                prop_assert!(is_name(name, 26, 35));
                prop_assert_eq!(payment_of(name), Some(payment));
            }
            prop_assert_eq!(payment_of(&payment.uuid().to_string()), None);
            let upper = name.to_uppercase();
            prop_assert_eq!(payment_of(&upper).is_some(), upper == name);
        }
    }
}

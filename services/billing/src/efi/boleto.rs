//! How is something paid by boleto?

mod charge;
mod create;
mod customer;
mod list;
mod notified;
mod received;

use super::{api::Api, fault::Fault};
use crate::payment::{Known, State, Trouble, Truth};
use bytes::Bytes;
use charge::{Answer, Charge};
use http::Method;
use proto::id::PaymentId;
use tokio::sync::Mutex;

/// The API of charges.
pub(super) struct Boletos {
    api: Api,
    notification_url: Option<String>,
    /// Two tries to make the same boleto follow each other: each looks first whether it is there.
    making: [Mutex<()>; 16],
}

impl Boletos {
    pub(super) fn new(api: Api, notification_url: Option<String>) -> Self {
        Self { api, notification_url, making: Default::default() }
    }

    /// [`crate::payment::Provider::look`]
    pub(super) async fn look(&self, known: &Known) -> Result<Truth, Trouble> {
        let charge = self.charge(&known.reference).await?;
        self.check_owner(&charge, known.payment)?;
        Ok(charge.truth(&known.reference, self.api.clock.now()))
    }

    /// [`crate::payment::Provider::cancel`]
    pub(super) async fn cancel(&self, known: &Known) -> Result<(), Trouble> {
        let path = format!("{}/cancel", charge_path(&known.reference)?);
        let refused = match self.api.call(Method::PUT, &path, Bytes::new()).await {
            Ok(_) => return Ok(()),
            Err(fault @ Fault::Refused(_)) => fault,
            Err(fault) => return Err(fault.into()),
        };
        // It may be over already; then there is nothing to do.
        match self.look(known).await?.state {
            State::Open => Err(refused.into()),
            State::Paid | State::Gone => Ok(()),
        }
    }

    async fn charge(&self, reference: &str) -> Result<Charge, Trouble> {
        Ok(self.api.get::<Answer<Charge>>(&charge_path(reference)?).await?.data)
    }

    /// That a charge is the one that was made for this payment. Errors: [`Trouble::Unexpected`].
    fn check_owner(&self, charge: &Charge, payment: PaymentId) -> Result<(), Trouble> {
        if charge.custom_id.as_deref() == Some(payment.to_string().as_str()) {
            return Ok(());
        }
        Err(Trouble::Unexpected(format!("a charge that should be that of {payment} is of somebody else")))
    }
}

/// Errors: [`Trouble::Unknown`] for what is the name of no charge.
fn charge_path(reference: &str) -> Result<String, Trouble> {
    let is_number = (1..=19).contains(&reference.len()) && reference.bytes().all(|b| b.is_ascii_digit());
    if is_number { Ok(format!("/charge/{reference}")) } else { Err(Trouble::Unknown) }
}

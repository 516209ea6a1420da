//! How is one boleto made of an order, however often it is sent?

use super::{
    Boletos,
    charge::{Answer, Billet, Charge},
    customer::customer,
    list::Window,
};
use crate::brazil;
use crate::efi::{cut, fault::Fault};
use crate::payment::{Created, Order, Trouble};
use chrono::{DateTime, Days, TimeDelta, Utc};
use http::Method;
use proto::id::PaymentId;
use serde::Deserialize;
use serde_json::{Value, json};

/// What `POST /v1/charge/one-step` answers.
#[derive(Deserialize)]
struct Made {
    charge_id: i64,
    #[serde(flatten)]
    billet: Billet,
}

impl Boletos {
    /// [`crate::payment::Provider::create`]. This API has no keys that make repeating safe: a boleto is looked for by the
    /// payment that is written on it (`custom_id`) before it is made, and again when the answer is lost.
    pub(in crate::efi) async fn create(&self, order: &Order) -> Result<Created, Trouble> {
        let body = self.asked(order)?;
        let turn = usize::try_from(order.payment.uuid().as_u128() % 16).unwrap_or(0);
        let _turn = self.making[turn].lock().await;
        if let Some(made) = self.made_before(order).await? {
            return Ok(made);
        }
        match self.api.send::<Answer<Made>>(Method::POST, "/charge/one-step", &body).await.map_err(Fault::while_making)
        {
            Ok(Answer { data }) => Ok(created(data.charge_id.to_string(), &data.billet)),
            Err(fault @ Fault::Away(_)) => self.made_before(order).await.ok().flatten().ok_or_else(|| fault.into()),
            Err(fault) => Err(fault.into()),
        }
    }

    /// The boleto of this payment, if there is one.
    async fn made_before(&self, order: &Order) -> Result<Option<Created>, Trouble> {
        let now = self.api.clock.now();
        let begin = written_in(order.payment).filter(|at| *at < now).unwrap_or(now - TimeDelta::days(90));
        let window = Window::of_creation(begin, now, order.payment);
        let mut found = self.list(&window).await?;
        found.retain(|charge| self.check_owner(charge, order.payment).is_ok());
        // One that was cancelled is gone for ever; beside it another one may have been made.
        found.sort_by_key(|charge| (charge.status == "canceled", charge.charge_id));
        let Some(first) = found.first() else { return Ok(None) };
        if found.iter().filter(|charge| charge.status != "canceled").count() > 1 {
            tracing::warn!(payment = %order.payment, charge = first.charge_id, "there are several boletos of one payment");
        }
        if first.total != order.amount {
            let text = format!("the charge {} of this payment exists already, of another amount", first.charge_id);
            return Err(Trouble::Unexpected(text));
        }
        let charge: Charge = self.charge(&first.reference()).await?;
        self.check_owner(&charge, order.payment)?;
        let billet = charge.billet().ok_or_else(|| Trouble::Unexpected("a charge has no boleto".to_owned()))?;
        Ok(Some(created(charge.reference(), billet)))
    }

    fn asked(&self, order: &Order) -> Result<Value, Trouble> {
        let now = self.api.clock.now();
        if order.expires_at <= now {
            return Err(Trouble::Refused(
                "the time in which it could have been paid is over: order it anew".to_owned(),
            ));
        }
        // A time at midnight is the end of the day before.
        let due = brazil::day(order.expires_at - TimeDelta::seconds(1)).max(brazil::day(now));
        let mut metadata = json!({ "custom_id": order.payment.to_string() });
        if let Some(url) = &self.notification_url {
            metadata["notification_url"] = url.as_str().into();
        }
        Ok(json!({
            "items": [{ "name": cut(&order.description, 255), "value": order.amount, "amount": 1 }],
            "metadata": metadata,
            "payment": { "banking_billet": {
                "customer": customer(&order.payer)?,
                "expire_at": due.to_string(),
                "configurations": { "days_to_write_off": 0 },
            } },
        }))
    }
}

fn created(reference: String, billet: &Billet) -> Created {
    Created { reference, instructions: billet.instructions(), expires_at: billet.ends_at() }
}

/// When a payment was first written down, which its id says (UUID version 7), less a day for clocks that differ.
fn written_in(payment: PaymentId) -> Option<DateTime<Utc>> {
    let (seconds, _) = payment.uuid().get_timestamp()?.to_unix();
    DateTime::from_timestamp(i64::try_from(seconds).ok()?, 0)?.checked_sub_days(Days::new(1))
}

//! What does the API of charges tell about a boleto?

use crate::brazil;
use crate::efi::{CURRENCY, time};
use crate::payment::{Instructions, Received, State, Truth};
use chrono::{DateTime, NaiveDate, Utc};
use serde::Deserialize;

/// What every answer of this API has around it.
#[derive(Deserialize)]
pub(super) struct Answer<T> {
    pub(super) data: T,
}

/// A charge as `GET /v1/charge/{id}` shows it, and shorter in a list of them. Amounts are centavos.
#[derive(Clone, Deserialize)]
pub(super) struct Charge {
    /// In lists it is `id`.
    #[serde(alias = "id")]
    pub(super) charge_id: i64,
    pub(super) total: i64,
    pub(super) status: String,
    pub(super) custom_id: Option<String>,
    created_at: Option<String>,
    paid_value: Option<i64>,
    payment: Option<Payment>,
    /// What has happened, the first first.
    #[serde(default)]
    history: Vec<Event>,
}

#[derive(Clone, Default, Deserialize)]
#[serde(default)]
struct Payment {
    paid_at: Option<String>,
    received_by_bank_at: Option<String>,
    paid_value: Option<i64>,
    banking_billet: Option<Billet>,
}

#[derive(Clone, Deserialize)]
struct Event {
    created_at: Option<String>,
}

/// The boleto itself, in the answer to one-step and in details.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Billet {
    barcode: Option<String>,
    link: Option<String>,
    billet_link: Option<String>,
    pdf: Option<Pdf>,
    pix: Option<Pix>,
    expire_at: Option<String>,
}

#[derive(Clone, Deserialize)]
struct Pdf {
    charge: Option<String>,
}

/// With which a "Bolix" can be paid as well.
#[derive(Clone, Deserialize)]
struct Pix {
    qrcode: Option<String>,
    qrcode_image: Option<String>,
}

impl Billet {
    pub(super) fn instructions(&self) -> Instructions {
        let pix = self.pix.as_ref();
        Instructions {
            url: self.billet_link.clone().or_else(|| self.link.clone()),
            pix_copy_paste: pix.and_then(|pix| pix.qrcode.clone()),
            pix_qr_png: pix
                .and_then(|pix| pix.qrcode_image.clone())
                .filter(|image| image.starts_with("data:image/png")),
            boleto_barcode: self.barcode.clone(),
            boleto_pdf_url: self.pdf.as_ref().and_then(|pdf| pdf.charge.clone()),
        }
    }

    /// When it cannot be paid any more. We have it written off on the day on which it is due (`days_to_write_off` 0), and
    /// banks take it until the next day on which they work.
    pub(super) fn ends_at(&self) -> Option<DateTime<Utc>> {
        let due: NaiveDate = self.expire_at.as_deref().and_then(time::day)?;
        Some(brazil::end_of(brazil::last_payable(due, 0)))
    }
}

impl Charge {
    pub(super) fn reference(&self) -> String {
        self.charge_id.to_string()
    }

    pub(super) fn billet(&self) -> Option<&Billet> {
        self.payment.as_ref()?.banking_billet.as_ref()
    }

    /// By the statuses that Efí documents for charges. What is none of them changes nothing, and is said.
    pub(super) fn truth(&self, reference: &str, now: DateTime<Utc>) -> Truth {
        let is_over = || self.billet().and_then(Billet::ends_at).is_some_and(|end| now >= end);
        let state = match self.status.as_str() {
            "paid" | "settled" | "refunded" | "contested" => State::Paid,
            "canceled" | "expired" => State::Gone,
            // `unpaid` is what becomes of one that was not paid in time.
            "new" | "waiting" | "link" | "unpaid" if is_over() => State::Gone,
            // The bank has seen money that it has not confirmed: it stays open as long as that takes.
            "new" | "waiting" | "link" | "unpaid" | "identified" => State::Open,
            status => {
                tracing::warn!(status, charge = reference, "a charge at Efí has a status that is not known here");
                State::Open
            }
        };
        if self.status == "contested" {
            tracing::warn!(
                charge = reference,
                "the payer contests a charge at Efí; it counts as paid until it is refunded"
            );
        }
        Truth { state, received: self.received().into_iter().collect(), disputes: vec![], again: None }
    }

    /// The money, if it has come. `settled` is what somebody has marked as paid at Efí: it counts as paid in full.
    pub(super) fn received(&self) -> Option<Received> {
        let refunded = match self.status.as_str() {
            "paid" | "settled" | "contested" => false,
            "refunded" => true,
            _ => return None,
        };
        let amount = self.paid().unwrap_or(self.total);
        Some(Received {
            id: self.reference(),
            reference: Some(self.reference()),
            amount,
            currency: CURRENCY.to_owned(),
            at: self.paid_at().or_else(|| self.changed_at()).unwrap_or_default(),
            refunded: if refunded { amount } else { 0 },
            ..Received::default()
        })
    }

    /// Whether it says how much came and when. Lists often leave that out.
    pub(super) fn is_detailed(&self) -> bool {
        self.paid().is_some() && self.paid_at().is_some()
    }

    fn paid(&self) -> Option<i64> {
        self.payment.as_ref().and_then(|payment| payment.paid_value).or(self.paid_value)
    }

    fn paid_at(&self) -> Option<DateTime<Utc>> {
        let payment = self.payment.as_ref()?;
        [&payment.paid_at, &payment.received_by_bank_at].into_iter().flatten().find_map(|text| time::read(text))
    }

    /// When something happened to it last.
    fn changed_at(&self) -> Option<DateTime<Utc>> {
        let last = self.history.iter().rev().find_map(|event| event.created_at.as_deref());
        last.or(self.created_at.as_deref()).and_then(time::read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn charge(status: &str) -> Charge {
        serde_json::from_value(json!({
            "charge_id": 7, "total": 5990, "status": status, "custom_id": null, "created_at": "2027-02-01 10:00:00",
            "history": [{ "message": "Pagamento efetuado", "created_at": "2027-02-03 08:00:00" }],
            "payment": { "method": "banking_billet", "banking_billet": { "expire_at": "2027-02-06" } }
        }))
        .unwrap()
    }

    #[test]
    fn each_status_has_its_meaning_and_an_unknown_one_changes_nothing() {
        // Saturday before Carnival: banks take it until Ash Wednesday.
        let (in_time, late) = ["2027-02-11T02:59:59Z", "2027-02-11T03:00:00Z"].map(|at| at.parse().unwrap()).into();
        for (status, at_first, at_last, received) in [
            ("new", State::Open, State::Gone, None),
            ("waiting", State::Open, State::Gone, None),
            ("link", State::Open, State::Gone, None),
            ("unpaid", State::Open, State::Gone, None),
            ("identified", State::Open, State::Open, None),
            ("approved", State::Open, State::Open, None),
            ("from_the_future", State::Open, State::Open, None),
            ("canceled", State::Gone, State::Gone, None),
            ("expired", State::Gone, State::Gone, None),
            ("paid", State::Paid, State::Paid, Some((5990, 0))),
            ("settled", State::Paid, State::Paid, Some((5990, 0))),
            ("contested", State::Paid, State::Paid, Some((5990, 0))),
            ("refunded", State::Paid, State::Paid, Some((5990, 5990))),
        ] {
            let charge = charge(status);
            assert_eq!(charge.truth("7", in_time).state, at_first, "{status}");
            let truth = charge.truth("7", late);
            assert_eq!(truth.state, at_last, "{status}");
            assert_eq!(truth.received.first().map(|r| (r.amount, r.refunded)), received, "{status}");
        }
    }

    #[test]
    fn what_was_paid_and_when_is_taken_from_where_efi_says_it() {
        let mut paid = charge("paid");
        assert!(!paid.is_detailed());
        let at = |charge: &Charge| charge.received().unwrap().at.to_rfc3339();
        assert_eq!(at(&paid), "2027-02-03T11:00:00+00:00");
        paid.paid_value = Some(6000);
        paid.payment.as_mut().unwrap().received_by_bank_at = Some("2027-02-02".to_owned());
        assert_eq!((at(&paid).as_str(), paid.received().unwrap().amount), ("2027-02-02T03:00:00+00:00", 6000));
        paid.payment.as_mut().unwrap().paid_at = Some("2027-02-03T07:00:00.000Z".to_owned());
        paid.payment.as_mut().unwrap().paid_value = Some(6001);
        assert_eq!((at(&paid).as_str(), paid.received().unwrap().amount), ("2027-02-03T07:00:00+00:00", 6001));
        assert!(paid.is_detailed());
    }
}

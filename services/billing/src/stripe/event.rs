//! What is a webhook about?

use super::{is_charge, is_name, requests};
use proto::id::PaymentId;
use serde::Deserialize;
use serde_json::Value;

/// That something has happened. Nothing else of a webhook is read: events come twice, late and in any order, so
/// what is true is what Stripe answers when it is asked.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Event {
    /// Stripe's name for it (`evt_…`), the same when it is sent again.
    pub(super) id: String,
    /// What has happened, such as `checkout.session.completed`.
    pub(super) kind: String,
    /// The version of the API in which it is written.
    pub(super) api_version: Option<String>,
    /// Whether that version was known when this was written. Where it was not, an operator has to be told: what the event is
    /// about may stand in another place now, and then nothing is looked at.
    pub(super) is_known_version: bool,
    /// What to look at; None for what is none of our business.
    pub(super) about: Option<Lookup>,
}

/// Something to look at.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Lookup {
    /// A payment of ours, if there is one.
    Payment(PaymentId),
    /// A Checkout Session, which is the reference of a payment or somebody else's.
    Session(String),
    /// A payment intent, which may be somebody else's.
    Intent(String),
    /// A charge, which may be somebody else's.
    Charge(String),
}

#[derive(Deserialize)]
struct Body {
    id: String,
    #[serde(rename = "type")]
    kind: String,
    api_version: Option<String>,
    #[serde(default)]
    data: Data,
}

#[derive(Default, Deserialize)]
struct Data {
    #[serde(default)]
    object: Value,
}

/// Reads an event whose signature has been checked. None for a body that is none.
pub(super) fn read(body: &[u8]) -> Option<Event> {
    // A list would be read as the fields of an object, in their order.
    let is_object = body.trim_ascii_start().first() == Some(&b'{');
    let Body { id, kind, api_version, data } = serde_json::from_slice(body).ok().filter(|_| is_object)?;
    let is_known_version = api_version.as_deref().is_some_and(requests::is_known_version);
    let about = about(&kind, &data.object);
    Some(Event { id, kind, api_version, is_known_version, about })
}

/// A payment where it is named, and otherwise what leads to one.
fn about(kind: &str, object: &Value) -> Option<Lookup> {
    let families = ["checkout.session.", "payment_intent.", "charge.", "refund."];
    if !families.iter().any(|family| kind.starts_with(family)) {
        return None;
    }
    let payment = || payment(object).map(Lookup::Payment);
    let own = object.get("id");
    match object.get("object")?.as_str()? {
        "checkout.session" => payment().or_else(|| name(own, |id| is_name(id, "cs_")).map(Lookup::Session)),
        "payment_intent" => payment().or_else(|| intent(own)),
        "charge" => payment().or_else(|| intent(object.get("payment_intent"))).or_else(|| charge(own)),
        "refund" | "dispute" => intent(object.get("payment_intent")).or_else(|| charge(object.get("charge"))),
        _ => None,
    }
}

fn payment(object: &Value) -> Option<PaymentId> {
    let noted = object.get("metadata").and_then(|metadata| metadata.get(requests::PAYMENT_ID));
    noted.or_else(|| object.get("client_reference_id"))?.as_str()?.parse().ok()
}

fn intent(value: Option<&Value>) -> Option<Lookup> {
    name(value, |id| is_name(id, "pi_")).map(Lookup::Intent)
}

fn charge(value: Option<&Value>) -> Option<Lookup> {
    name(value, is_charge).map(Lookup::Charge)
}

/// The name of an object that stands there by its name or as a whole.
fn name(value: Option<&Value>, is: impl Fn(&str) -> bool) -> Option<String> {
    let value = value?;
    let id = value.get("id").unwrap_or(value).as_str()?;
    Some(id.to_owned()).filter(|id| is(id))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_no_event_is_refused() {
        for body in
            ["", "[]", "event", r#"{"id":7,"type":"a"}"#, r#"{"id":"evt_1"}"#, r#"["evt_1","a",null,{}]"#, "\u{0}"]
        {
            assert_eq!(read(body.as_bytes()), None, "{body}");
        }
    }

    #[test]
    fn a_name_that_would_lead_somewhere_else_is_none() {
        for id in [r#""cs_/../../refunds""#, r#""cs_""#, r#""ch_1""#, "7", "null", "{}", r#"{"id":7}"#, "[]"] {
            let object = format!(r#"{{"object":"checkout.session","id":{id}}}"#);
            let body = format!(r#"{{"id":"evt_1","type":"checkout.session.completed","data":{{"object":{object}}}}}"#);
            assert_eq!(read(body.as_bytes()).unwrap().about, None, "{id}");
        }
    }

    proptest! {
        #[test]
        fn no_body_makes_it_panic_or_name_what_is_no_name(body in any::<Vec<u8>>(), text in ".{0,40}", kind in ".{0,9}") {
            let _ = read(&body);
            for family in ["checkout.session", "payment_intent", "charge", "refund", "dispute"] {
                let object = serde_json::json!({
                    "object": family, "id": text, "charge": text, "payment_intent": { "id": text },
                    "client_reference_id": text, "metadata": text,
                });
                let event = serde_json::json!({ "id": "evt_1", "type": format!("charge.{kind}"), "data": { "object": object } });
                if let Some(Lookup::Session(id) | Lookup::Intent(id) | Lookup::Charge(id)) =
                    read(event.to_string().as_bytes()).unwrap().about
                {
                    prop_assert!(id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'));
                }
            }
        }
    }
}

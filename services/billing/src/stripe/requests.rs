//! Which calls are made, and how are they written? The only file that knows async-stripe.
//!
//! Its types know the names of all parameters of one version of Stripe's API; what they write is sent by [`super::api`]. Its
//! types of answers are not used: they refuse an answer in which a field is missing that nobody here needs.

mod customer;
mod dispute;

pub(super) use customer::{customer, customer_of, new_customer, portal};
pub(super) use dispute::{disputes, disputes_of, refunds};

use crate::payment::{Order, Refund};
use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use http::{HeaderValue, Method};
use std::collections::HashMap;
use stripe_checkout::checkout_session as checkout;
use stripe_client_core::{ApiVersion, RequestBuilder, StripeMethod, StripeRequest};
use stripe_core::{charge, refund};
use stripe_shared::{CheckoutSessionMode, CheckoutSessionStatus};
use stripe_types::{Currency, RangeBoundsTs, RangeQueryTs};

/// The version of the API that every call asks for, and that the webhook endpoint should have: the one that async-stripe was
/// generated from. A test compares them.
pub const API_VERSION: &str = "2026-09-30.endive";
pub(super) const VERSION: HeaderValue = HeaderValue::from_static(API_VERSION);

/// Under these names our ids stand in the metadata of what is made.
pub(super) const WORKSPACE_ID: &str = "workspace_id";
pub(super) const PAYMENT_ID: &str = "payment_id";
pub(super) const REFUND_ID: &str = "refund_id";

/// As many as one page can have.
const PAGE: i64 = 100;
/// A product without a name is refused.
const LONGEST_NAME: usize = 250;
/// The limits for the end of a session, and how much clocks may differ.
const SHORTEST: TimeDelta = TimeDelta::minutes(31);
const LONGEST: TimeDelta = TimeDelta::minutes(24 * 60 - 5);

/// A call that can be sent.
pub(super) struct Ask {
    pub(super) method: Method,
    /// After `/v1`, with its query.
    pub(super) path: String,
    pub(super) body: Option<Bytes>,
}

fn ask(request: RequestBuilder) -> Ask {
    let method = match request.method {
        StripeMethod::Get => Method::GET,
        StripeMethod::Post => Method::POST,
        StripeMethod::Delete => Method::DELETE,
    };
    let query = request.query.filter(|query| !query.is_empty());
    let path = query.map_or_else(|| request.path.clone(), |query| format!("{}?{query}", request.path));
    Ask { method, path, body: request.body.map(Bytes::from) }
}

/// Whether a version of Stripe's API is one that was known when this was written. Of an unknown one nobody knows which shape
/// its objects have.
pub(super) fn is_known_version(version: &str) -> bool {
    // Whoever reads it without a failure reads every text.
    version.parse::<ApiVersion>().is_ok_and(|version| !matches!(version, ApiVersion::Unknown(_)))
}

/// A Checkout Session for an order, of an account that is there or of nobody yet. `success_url` is one that Stripe cannot do
/// without.
pub(super) fn create(order: &Order, customer: Option<&str>, success_url: &str, now: DateTime<Utc>) -> Ask {
    let id = order.payment.to_string();
    let metadata = HashMap::from([(PAYMENT_ID.to_owned(), id.clone())]);
    let name = Some(order.description.trim()).filter(|text| !text.is_empty()).unwrap_or(&id);
    let name: String = name.chars().take(LONGEST_NAME).collect();
    let mut price = checkout::CreateCheckoutSessionLineItemsPriceData::new(currency(&order.currency));
    price.unit_amount = Some(order.amount);
    price.product_data = Some(checkout::ProductData::new(name.clone()));
    let mut item = checkout::CreateCheckoutSessionLineItems::new();
    item.quantity = Some(1);
    item.price_data = Some(price);
    let mut intent = checkout::CreateCheckoutSessionPaymentIntentData::new();
    intent.metadata = Some(metadata.clone());
    intent.description = Some(name);
    // What is charged is what the invoice says, in its currency.
    let mut pricing = checkout::CreateCheckoutSessionAdaptivePricing::new();
    pricing.enabled = Some(false);
    let mut request = checkout::CreateCheckoutSession::new()
        .mode(CheckoutSessionMode::Payment)
        .allowed_payment_method_types([checkout::CreateCheckoutSessionAllowedPaymentMethodTypes::Card])
        .adaptive_pricing(pricing)
        .client_reference_id(id)
        .metadata(metadata)
        .payment_intent_data(intent)
        .line_items([item])
        .success_url(success_url);
    if let Some(url) = &order.cancel_url {
        request = request.cancel_url(url.clone());
    }
    request = match (customer, &order.payer.email) {
        // Who has an account is offered the cards that are kept there.
        (Some(customer), _) => request.customer(customer),
        (None, Some(email)) => request
            .customer_creation(checkout::CreateCheckoutSessionCustomerCreation::IfRequired)
            .customer_email(email.clone()),
        (None, None) => request.customer_creation(checkout::CreateCheckoutSessionCustomerCreation::IfRequired),
    };
    if let Some(end) = end(order.expires_at, now) {
        request = request.expires_at(end.timestamp());
    }
    ask(request.build())
}

/// When a session ends that is made now: 30 minutes to 24 hours from then. None for the longest, which Stripe counts itself:
/// a repeated order should have the same parameters, since Stripe compares them.
fn end(wished: DateTime<Utc>, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    if wished >= now + LONGEST { None } else { Some(wished.max(now + SHORTEST)) }
}

/// One session. `id` has to be a name ([`super::is_name`]), as in all of the following: it stands in a path.
pub(super) fn session(id: &str) -> Ask {
    ask(checkout::RetrieveCheckoutSession::new(id).build())
}

/// Closes one session.
pub(super) fn expire(id: &str) -> Ask {
    ask(checkout::ExpireCheckoutSession::new(id).build())
}

/// Sessions made in a time, the newest first.
pub(super) fn sessions(from: DateTime<Utc>, to: Option<DateTime<Utc>>, is_complete: bool, after: Option<&str>) -> Ask {
    let mut request = checkout::ListCheckoutSession::new().created(between(from, to)).limit(PAGE);
    if is_complete {
        request = request.status(CheckoutSessionStatus::Complete);
    }
    if let Some(after) = after {
        request = request.starting_after(after);
    }
    ask(request.build())
}

/// The session that a payment intent belongs to.
pub(super) fn session_of(intent: &str) -> Ask {
    ask(checkout::ListCheckoutSession::new().payment_intent(intent).limit(1).build())
}

/// One charge.
pub(super) fn charge(id: &str) -> Ask {
    ask(charge::RetrieveCharge::new(id).build())
}

/// All charges of a payment intent, also those that did not work.
pub(super) fn charges_of(intent: &str, after: Option<&str>) -> Ask {
    let request = charge::ListCharge::new().payment_intent(intent).limit(PAGE);
    ask(after.map_or(request.clone(), |after| request.starting_after(after)).build())
}

/// All charges of a time.
pub(super) fn charges(from: DateTime<Utc>, to: DateTime<Utc>, after: Option<&str>) -> Ask {
    let request = charge::ListCharge::new().created(between(from, Some(to))).limit(PAGE);
    ask(after.map_or(request.clone(), |after| request.starting_after(after)).build())
}

/// Gives back a part of a charge.
pub(super) fn refund(wanted: &Refund) -> Ask {
    let metadata = HashMap::from([(REFUND_ID.to_owned(), wanted.id.clone())]);
    let request = refund::CreateRefund::new().charge(wanted.received.clone()).amount(wanted.amount).metadata(metadata);
    ask(request.build())
}

/// All that was given back of a charge.
pub(super) fn refunds_of(charge: &str, after: Option<&str>) -> Ask {
    let request = refund::ListRefund::new().charge(charge).limit(PAGE);
    ask(after.map_or(request.clone(), |after| request.starting_after(after)).build())
}

/// Stripe counts whole seconds: what was made in the second of a time was made before it, unless it is a whole second too.
fn between(from: DateTime<Utc>, to: Option<DateTime<Utc>>) -> RangeQueryTs {
    let whole = |time: DateTime<Utc>| time.timestamp() + i64::from(time.timestamp_subsec_nanos() > 0);
    RangeQueryTs::Bounds(RangeBoundsTs { gt: None, gte: Some(whole(from)), lt: to.map(whole), lte: None })
}

fn currency(code: &str) -> Currency {
    let code = code.to_ascii_lowercase();
    code.parse().unwrap_or(Currency::Unknown(code))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_the_one_that_the_calls_were_generated_from() {
        assert_eq!(stripe_client_core::VERSION.as_str(), API_VERSION);
        for known in [API_VERSION, "2026-07-29.dahlia", "2024-06-20", "2022-11-15"] {
            assert!(is_known_version(known), "{known}");
        }
        for unknown in ["", "2026-09-30", "2027-03-25.fennel", "latest"] {
            assert!(!is_known_version(unknown), "{unknown}");
        }
    }

    #[test]
    fn a_session_ends_when_the_order_does_within_what_stripe_allows() {
        let now: DateTime<Utc> = "2026-11-29T10:00:00Z".parse().unwrap();
        let (hour, day) = (now + TimeDelta::hours(1), now + TimeDelta::days(3));
        assert_eq!(end(hour, now), Some(hour));
        assert_eq!(end(now, now), Some(now + SHORTEST));
        assert_eq!(end(now + TimeDelta::minutes(30), now), Some(now + SHORTEST));
        assert_eq!(end(day, now), None);
        assert_eq!(end(day, now + TimeDelta::hours(2)), None, "the same order later has the same parameters");
    }

    #[test]
    fn a_time_is_cut_into_whole_seconds_so_that_two_that_meet_have_nothing_in_common() {
        let (from, to) = ("2026-11-29T10:00:00Z".parse().unwrap(), "2026-11-29T10:00:01.5Z".parse().unwrap());
        let RangeQueryTs::Bounds(bounds) = between(from, Some(to)) else { panic!("bounds") };
        assert_eq!((bounds.gte, bounds.lt), (Some(from.timestamp()), Some(to.timestamp() + 1)));
        let RangeQueryTs::Bounds(next) = between(to, None) else { panic!("bounds") };
        assert_eq!((next.gte, next.lt), (bounds.lt, None));
    }
}

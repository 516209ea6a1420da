//! Which parameters does a call have? What is not in the table is refused, so a misspelt name is found.

use super::call::{Call, Reply};

/// Whether a parameter has to be there.
#[derive(Clone, Copy, PartialEq)]
enum Is {
    Needed,
    Possible,
}
use Is::{Needed, Possible};

type Params = &'static [(&'static str, Is)];

/// The calls that are made, and what they may carry of what Stripe takes.
const TABLE: &[(&str, &str, Params)] = &[
    (
        "POST",
        "/v1/checkout/sessions",
        &[
            ("mode", Needed),
            ("success_url", Needed),
            ("line_items[0][price_data][currency]", Needed),
            ("line_items[0][price_data][unit_amount]", Needed),
            ("line_items[0][price_data][product_data][name]", Needed),
            ("line_items[0][quantity]", Needed),
            ("client_reference_id", Needed),
            ("metadata[payment_id]", Needed),
            ("payment_intent_data[metadata][payment_id]", Needed),
            ("payment_intent_data[description]", Possible),
            ("allowed_payment_method_types[0]", Possible),
            ("adaptive_pricing[enabled]", Possible),
            ("cancel_url", Possible),
            ("customer", Possible),
            ("customer_creation", Possible),
            ("customer_email", Possible),
            ("expires_at", Possible),
        ],
    ),
    (
        "GET",
        "/v1/checkout/sessions",
        &[
            ("limit", Possible),
            ("starting_after", Possible),
            ("created[gte]", Possible),
            ("created[lt]", Possible),
            ("status", Possible),
            ("payment_intent", Possible),
        ],
    ),
    ("GET", "/v1/checkout/sessions/{}", &[]),
    ("POST", "/v1/checkout/sessions/{}/expire", &[]),
    (
        "GET",
        "/v1/charges",
        &[
            ("limit", Possible),
            ("starting_after", Possible),
            ("created[gte]", Possible),
            ("created[lt]", Possible),
            ("payment_intent", Possible),
        ],
    ),
    ("GET", "/v1/charges/{}", &[]),
    (
        "POST",
        "/v1/customers",
        &[
            ("metadata[workspace_id]", Needed),
            ("name", Possible),
            ("email", Possible),
            ("preferred_locales[0]", Possible),
        ],
    ),
    ("GET", "/v1/customers/search", &[("query", Needed), ("limit", Possible)]),
    ("GET", "/v1/customers/{}", &[]),
    ("POST", "/v1/billing_portal/sessions", &[("customer", Needed), ("return_url", Needed)]),
    ("POST", "/v1/refunds", &[("charge", Needed), ("amount", Needed), ("metadata[refund_id]", Needed)]),
    (
        "GET",
        "/v1/refunds",
        &[
            ("limit", Possible),
            ("starting_after", Possible),
            ("charge", Possible),
            ("created[gte]", Possible),
            ("created[lt]", Possible),
        ],
    ),
    (
        "GET",
        "/v1/disputes",
        &[
            ("limit", Possible),
            ("starting_after", Possible),
            ("charge", Possible),
            ("created[gte]", Possible),
            ("created[lt]", Possible),
        ],
    ),
];

/// The call's place in the table, and the name that its path has in it. Errors: what Stripe answers.
pub(super) fn check(call: &Call) -> Result<(&'static str, String), Reply> {
    let found = TABLE.iter().find_map(|(method, path, params)| {
        let id = named(path, &call.path).filter(|_| *method == call.method)?;
        Some((*path, id, *params))
    });
    let unknown = || Reply::error(404, "invalid_request_error", "", "Unrecognized request URL");
    let (path, id, params) = found.ok_or_else(unknown)?;
    let refused = |param: &str, problem: &str| {
        let message = format!("{problem}: {param}");
        Err(Reply::error(400, "invalid_request_error", param, &message))
    };
    for (name, value) in &call.params {
        if !params.iter().any(|(known, _)| known == name) {
            return refused(name, "Received unknown parameter");
        }
        if value.is_empty() {
            return refused(name, "You passed an empty string");
        }
    }
    for (name, is) in params {
        if *is == Needed && call.get(name).is_none() {
            return refused(name, "Missing required param");
        }
    }
    Ok((path, id))
}

fn named(pattern: &str, path: &str) -> Option<String> {
    let Some((start, end)) = pattern.split_once("{}") else {
        return (pattern == path).then(String::new);
    };
    let id = path.strip_prefix(start)?.strip_suffix(end)?;
    (!id.is_empty() && !id.contains('/')).then(|| id.to_owned())
}

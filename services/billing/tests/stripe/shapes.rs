//! The stand-in is held to what Stripe's objects have (`fake/facts.rs`): would it be noticed?

use crate::fake::facts::hold;
use serde_json::{Value, json};

#[test]
fn what_stripe_does_not_have_is_noticed() {
    let is_held = |shown: &Value| std::panic::catch_unwind(|| hold(shown)).is_ok();
    assert!(is_held(&json!({ "object": "refund", "amount": 1, "charge": null })));
    for odd in [
        json!({ "object": "refund", "sum": 1 }),
        json!({ "object": "refund", "amount": "1" }),
        json!({ "object": "refund", "amount": null }),
        json!({ "object": "charge", "status": "paid" }),
        json!({ "object": "list", "data": [{ "object": "dispute", "status": "open" }] }),
        json!({ "object": "invention", "id": "x" }),
    ] {
        assert!(!is_held(&odd), "{odd}");
    }
}

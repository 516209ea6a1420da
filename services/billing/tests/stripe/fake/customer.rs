//! Customers, and the page on which they look after their cards.

use super::{
    State,
    call::{Call, Reply},
    perform::{missing, refused},
};
use serde_json::{Value, json};

#[derive(Clone)]
pub(crate) struct Customer {
    pub(crate) id: String,
    pub(crate) workspace: String,
    pub(crate) name: Option<String>,
    pub(crate) email: Option<String>,
    pub(crate) deleted: bool,
}

impl Customer {
    fn show(&self) -> Value {
        if self.deleted {
            return json!({ "id": self.id, "object": "customer", "deleted": true });
        }
        json!({
            "id": self.id,
            "object": "customer",
            "name": self.name,
            "email": self.email,
            "metadata": { "workspace_id": self.workspace },
            "livemode": false,
        })
    }
}

impl State {
    pub(super) fn new_customer(&mut self, call: &Call) -> Reply {
        let text = |name: &str| call.get(name).map(str::to_owned);
        let customer = Customer {
            id: format!("cus_{}", self.customers.len()),
            workspace: call.text("metadata[workspace_id]"),
            name: text("name"),
            email: text("email"),
            deleted: false,
        };
        self.customers.push(customer.clone());
        Reply::ok(customer.show())
    }

    pub(super) fn show_customer(&self, id: &str) -> Reply {
        let found = self.customers.iter().find(|customer| customer.id == id);
        found.map_or_else(missing, |customer| Reply::ok(customer.show()))
    }

    /// What was made just now is not found, as at Stripe, for as long as `search_lags`.
    pub(super) fn search_customers(&self, call: &Call) -> Reply {
        let query = call.text("query");
        let asked = query.strip_prefix("metadata['workspace_id']:'").and_then(|rest| rest.strip_suffix('\''));
        let Some(asked) = asked else { return refused("query", "cannot be read") };
        let is_found = |customer: &&Customer| customer.workspace == asked && !customer.deleted && !self.search_lags;
        let found: Vec<Value> = self.customers.iter().rev().filter(is_found).map(Customer::show).collect();
        Reply::ok(json!({ "object": "search_result", "url": call.path, "has_more": false, "data": found }))
    }

    pub(super) fn open_portal(&self, call: &Call) -> Reply {
        let of = call.text("customer");
        if !self.customers.iter().any(|customer| customer.id == of && !customer.deleted) {
            return refused("customer", "No such customer");
        }
        Reply::ok(json!({
            "id": "bps_1",
            "object": "billing_portal.session",
            "customer": of,
            "return_url": call.text("return_url"),
            "url": format!("https://billing.stripe.com/p/session/test_{of}"),
        }))
    }
}

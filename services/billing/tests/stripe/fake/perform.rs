//! What is done when it is asked for?

use super::{
    State,
    call::{Call, Reply},
    list,
    object::{Refund, Session},
    params,
};

pub(super) fn refused(param: &str, message: &str) -> Reply {
    Reply::error(400, "invalid_request_error", param, message)
}

pub(super) fn missing() -> Reply {
    Reply::error(404, "invalid_request_error", "id", "No such object")
}

impl State {
    pub(super) fn perform(&mut self, call: &Call) -> Reply {
        let (path, id) = match params::check(call) {
            Ok(found) => found,
            Err(reply) => return reply,
        };
        match (call.method.as_str(), path) {
            ("POST", "/v1/checkout/sessions") => self.create(call),
            ("GET", "/v1/checkout/sessions") => self.list_sessions(call),
            (_, "/v1/checkout/sessions/{}") => self.show_session(&id),
            (_, "/v1/checkout/sessions/{}/expire") => self.expire(&id),
            (_, "/v1/charges") => self.list_charges(call),
            (_, "/v1/charges/{}") => {
                let found = self.charges.iter().find(|charge| charge.id == id);
                found.map_or_else(missing, |charge| Reply::ok(charge.show(self.shape)))
            }
            ("POST", "/v1/refunds") => self.refund(call),
            (_, "/v1/refunds") => {
                let found = self.refunds.iter().rev().filter(|refund| {
                    let is_of = call.get("charge").is_none_or(|asked| asked == refund.charge);
                    is_of && list::is_between(call, refund.created)
                });
                list::page(call, found.map(Refund::show).collect())
            }
            (_, "/v1/disputes") => self.list_disputes(call),
            (_, "/v1/customers") => self.new_customer(call),
            (_, "/v1/customers/search") => self.search_customers(call),
            (_, "/v1/customers/{}") => self.show_customer(&id),
            (_, "/v1/billing_portal/sessions") => self.open_portal(call),
            _ => missing(),
        }
    }

    fn create(&mut self, call: &Call) -> Reply {
        let (day, least) = (self.now + 86_400, self.now + 1_800);
        let expires_at = call.number("expires_at").unwrap_or(day);
        let amount = call.number("line_items[0][price_data][unit_amount]").unwrap_or_default();
        let currency = call.text("line_items[0][price_data][currency]");
        if call.text("mode") != "payment" || call.get("adaptive_pricing[enabled]") != Some("false") {
            return refused("mode", "another amount than ours could be asked for");
        }
        if !(least..=day).contains(&expires_at) {
            return refused("expires_at", "has to be 30 minutes to 24 hours from now");
        }
        if amount <= 0
            || call.text("line_items[0][quantity]") != "1"
            || !currency.bytes().all(|b| b.is_ascii_lowercase())
        {
            return refused("line_items", "no amount");
        }
        let customer = call.get("customer").map(str::to_owned);
        if customer.as_ref().is_some_and(|id| !self.customers.iter().any(|one| one.id == *id && !one.deleted)) {
            return refused("customer", "No such customer");
        }
        if customer.is_some() && (call.get("customer_email").is_some() || call.get("customer_creation").is_some()) {
            return refused("customer_email", "You may only specify one of these parameters: customer, customer_email");
        }
        let session = Session {
            customer,
            id: format!("cs_test_{}", self.sessions.len()),
            amount: amount + self.on_top,
            currency,
            status: "open",
            payment_status: "unpaid",
            client_reference_id: Some(call.text("client_reference_id")),
            payment: Some(call.text("metadata[payment_id]")),
            intent: None,
            intent_payment: Some(call.text("payment_intent_data[metadata][payment_id]")),
            created: self.now,
            expires_at,
        };
        let shown = session.show(self.shape);
        self.sessions.push(session);
        Reply::ok(shown)
    }

    fn show_session(&self, id: &str) -> Reply {
        let found = self.sessions.iter().find(|session| session.id == id);
        found.map_or_else(missing, |session| Reply::ok(session.show(self.shape)))
    }

    fn list_sessions(&self, call: &Call) -> Reply {
        let is_asked_for = |session: &&Session| {
            let has = |name: &str, value: Option<&str>| call.get(name).is_none_or(|asked| Some(asked) == value);
            list::is_between(call, session.created)
                && has("status", Some(session.status))
                && has("payment_intent", session.intent.as_deref())
        };
        let found = self.sessions.iter().rev().filter(is_asked_for);
        list::page(call, found.map(|session| session.show(self.shape)).collect())
    }

    fn list_charges(&self, call: &Call) -> Reply {
        let found = self.charges.iter().rev().filter(|charge| {
            let is_of = call.get("payment_intent").is_none_or(|asked| Some(asked) == charge.intent.as_deref());
            is_of && !self.charges_lag && list::is_between(call, charge.created)
        });
        list::page(call, found.map(|charge| charge.show(self.shape)).collect())
    }

    fn expire(&mut self, id: &str) -> Reply {
        let shape = self.shape;
        let Some(session) = self.sessions.iter_mut().find(|session| session.id == id) else { return missing() };
        if session.status != "open" {
            return refused("", "Only Checkout Sessions with a status in [\"open\"] can be expired.");
        }
        session.status = "expired";
        Reply::ok(session.show(shape))
    }

    fn refund(&mut self, call: &Call) -> Reply {
        let (of, amount) = (call.text("charge"), call.number("amount").unwrap_or_default());
        let Some(charge) = self.charges.iter_mut().find(|charge| charge.id == of) else { return missing() };
        if amount <= 0 || amount > charge.amount - charge.refunded {
            return refused("amount", "Refund amount is greater than unrefunded amount on charge");
        }
        charge.refunded += amount;
        let refund = Refund {
            id: format!("re_{}", self.refunds.len()),
            charge: of,
            amount,
            status: self.refunds_begin,
            refund_id: call.text("metadata[refund_id]"),
            created: self.now,
        };
        let shown = refund.show();
        self.refunds.push(refund);
        Reply::ok(shown)
    }
}

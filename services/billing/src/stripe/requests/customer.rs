//! Calls about customers, and the page on which they look after their cards.

use super::{Ask, WORKSPACE_ID, ask};
use crate::payment::Customer;
use proto::id::WorkspaceId;
use std::collections::HashMap;
use stripe_billing::billing_portal_session::CreateBillingPortalSession;
use stripe_client_core::StripeRequest as _;
use stripe_core::customer;

/// Stripe takes no longer names.
const LONGEST_NAME: usize = 256;

/// One customer, or that it was deleted. `id` has to be a name ([`crate::stripe::is_name`]): it stands in a path.
pub(in crate::stripe) fn customer(id: &str) -> Ask {
    ask(customer::RetrieveCustomer::new(id).build())
}

/// Those of a workspace. What was made within a minute may not be found.
pub(in crate::stripe) fn customer_of(workspace: WorkspaceId) -> Ask {
    let query = format!("metadata['{WORKSPACE_ID}']:'{workspace}'");
    ask(customer::SearchCustomer::new(query).limit(100).build())
}

/// Makes one.
pub(in crate::stripe) fn new_customer(wanted: &Customer) -> Ask {
    let metadata = HashMap::from([(WORKSPACE_ID.to_owned(), wanted.workspace.to_string())]);
    let mut request = customer::CreateCustomer::new().metadata(metadata);
    let name: String = wanted.payer.name.trim().chars().take(LONGEST_NAME).collect();
    if !name.is_empty() {
        request = request.name(name);
    }
    if let Some(email) = &wanted.payer.email {
        request = request.email(email.clone());
    }
    if !wanted.locale.is_empty() {
        request = request.preferred_locales([wanted.locale.clone()]);
    }
    ask(request.build())
}

/// Opens the page for one.
pub(in crate::stripe) fn portal(customer: &str, return_url: &str) -> Ask {
    ask(CreateBillingPortalSession::new().customer(customer).return_url(return_url).build())
}

//! The page of a provider on which a workspace looks after its cards.

use crate::house::{House, on_both_databases};
use proto::{
    Call, Failure, Reason,
    billing::{OpenPortalRequest, PayInvoiceRequest, PaymentChoice},
};
use std::sync::atomic::Ordering;

on_both_databases!(
    a_workspace_gets_to_its_own_account_and_to_no_other,
    where_there_is_no_page_it_is_said_what_is_missing
);

async fn open(h: &House, call: &Call, return_url: &str) -> Result<String, Failure> {
    let request = OpenPortalRequest { return_url: return_url.to_owned() };
    h.billing.open_portal(call, request).await.map(|opened| opened.url).map_err(|status| Failure::from(&status))
}

async fn a_workspace_gets_to_its_own_account_and_to_no_other(h: &House) {
    let (ada, bob) = (h.workspace().await, h.workspace().await);
    for _ in 0..2 {
        let url = open(h, &ada, "https://app.example.com").await.expect("a page");
        assert_eq!(url, "https://bank.example/account 0?back=https://app.example.com");
    }
    let url = open(h, &bob, "https://app.example.com").await.expect("a page");
    assert_eq!(url, "https://bank.example/account 1?back=https://app.example.com");
    // What is paid from then on is paid with that account.
    let pending = h.change(&ada, "basic").await.expect("it waits").pending_update.expect("an update");
    let payment = Some(PaymentChoice { method: "pix".to_owned(), ..PaymentChoice::default() });
    let request = PayInvoiceRequest { invoice_id: pending.invoice_id, payment };
    h.billing.pay_invoice(&ada, request).await.expect("a way to pay");
    assert_eq!(h.bank.ordered_by(), [Some("account 0".to_owned())]);
}

async fn where_there_is_no_page_it_is_said_what_is_missing(h: &House) {
    let ada = h.workspace().await;
    let wrong = ["", "http://app.example.com", "javascript:alert(1)", "https://ours@theirs.example", "https://a b"];
    for url in wrong {
        let refused = open(h, &ada, url).await.expect_err("no page");
        assert_eq!(refused.reason, Reason::RefusedValue, "{url}");
    }
    h.bank.is_away.store(true, Ordering::Relaxed);
    let away = open(h, &ada, "https://app.example.com").await.expect_err("nobody is there");
    assert_eq!(away.reason, Reason::ServiceUnavailable);
    h.bank.is_away.store(false, Ordering::Relaxed);
    h.bank.has_no_portal.store(true, Ordering::Relaxed);
    let none = open(h, &ada, "https://app.example.com").await.expect_err("no page");
    assert_eq!(none.reason, Reason::PaymentsNotConfigured);
    assert!(none.to_string().contains("billing.stripe"), "{none}");
}

//! Money that customers want back from their banks, and money that was to be given back and did not arrive.

use crate::{
    house::{House, on_both_databases},
    payments::{charged, reconciled, tell},
};
use billing::payment::{Dispute, DisputeStatus};
use chrono::TimeDelta;
use proto::{
    Call, Reason,
    billing::{CreditInvoiceRequest, ListDisputesRequest},
};
use std::{collections::BTreeMap, sync::atomic::Ordering};

on_both_databases!(
    what_a_dispute_takes_and_gives_back_is_in_the_books_and_operators_see_it,
    what_a_lost_dispute_has_taken_is_a_loss,
    a_dispute_that_nobody_told_of_is_found_by_reconciliation_and_looked_after_until_its_end,
    an_answer_about_a_dispute_that_was_long_on_its_way_changes_nothing,
    a_refund_that_does_not_arrive_is_credits_and_can_be_made_again,
);

fn dispute(h: &House, reference: &str, status: DisputeStatus, withdrawn: i64) -> Dispute {
    Dispute {
        reference: "D1".to_owned(),
        received: "E1".to_owned(),
        paid: Some(reference.to_owned()),
        amount: 29_700,
        currency: "BRL".to_owned(),
        status,
        withdrawn,
        reason: "fraudulent".to_owned(),
        respond_by: Some(h.now() + TimeDelta::days(7)),
        at: h.now(),
    }
}

/// A workspace that has paid for `basic`.
async fn paid(h: &House) -> (Call, String, String) {
    let (call, invoice, reference) = charged(h).await;
    h.bank.pay(&reference, "E1", 29_700, h.now());
    h.hand.advance(TimeDelta::seconds(1));
    reconciled(h, &call).await;
    assert_eq!(h.get(&call).await.effective_plan, "basic");
    (call, invoice, reference)
}

/// The bank says something, and tells us.
async fn says(h: &House, number: usize, dispute: Dispute) {
    let reference = dispute.paid.clone().expect("ours");
    h.bank.dispute(dispute);
    tell(h, &format!("{number} {reference}"), "secret").await.expect("it is kept");
    h.at(h.now()).await;
}

async fn listed(h: &House, call: &Call, status: &str) -> Vec<(String, String, i64)> {
    let workspace_id = call.workspace.expect("a workspace").to_string();
    let request = ListDisputesRequest { workspace_id, status: status.to_owned(), ..ListDisputesRequest::default() };
    let found = h.billing.list_disputes(&h.operator(call), request).await.expect("a list").disputes;
    found.into_iter().map(|one| (one.reference, one.status, one.amount)).collect()
}

fn accounts(expected: &[(&str, i64)]) -> BTreeMap<String, i64> {
    expected.iter().map(|(account, balance)| ((*account).to_owned(), *balance)).collect()
}

async fn what_a_dispute_takes_and_gives_back_is_in_the_books_and_operators_see_it(h: &House) {
    let (call, invoice, reference) = paid(h).await;
    let before = h.books(&call).await;
    says(h, 1, dispute(h, &reference, DisputeStatus::Inquiry, 0)).await;
    assert_eq!(h.books(&call).await, before, "the bank only asks");
    assert_eq!(listed(h, &call, "inquiry").await, [("D1".to_owned(), "inquiry".to_owned(), 29_700)]);
    says(h, 2, dispute(h, &reference, DisputeStatus::NeedsResponse, 29_700)).await;
    let taken = accounts(&[("disputed:bank", 29_700), ("revenue:plans", -29_700)]);
    assert_eq!(h.books(&call).await, taken);
    says(h, 3, dispute(h, &reference, DisputeStatus::UnderReview, 29_700)).await;
    assert_eq!(h.books(&call).await, taken, "nothing has moved");
    says(h, 4, dispute(h, &reference, DisputeStatus::Won, 0)).await;
    assert_eq!(h.books(&call).await, before);
    assert_eq!(listed(h, &call, "").await, [("D1".to_owned(), "won".to_owned(), 29_700)]);
    assert_eq!(listed(h, &call, "needs_response").await, []);
    let paid = h.invoices(&call).await.into_iter().find(|one| one.id == invoice).expect("the invoice");
    assert_eq!((paid.status.as_str(), paid.amount_paid), ("paid", 29_700), "what becomes of it operators decide");
    let odd = ListDisputesRequest { status: "odd".to_owned(), ..ListDisputesRequest::default() };
    let odd = h.billing.list_disputes(&h.operator(&call), odd).await.map_err(|status| Reason::of(&status));
    assert_eq!(odd.map(drop), Err(Reason::RefusedValue));
    let other = h.workspace().await;
    assert_eq!(listed(h, &other, "").await, []);
}

async fn what_a_lost_dispute_has_taken_is_a_loss(h: &House) {
    let (call, _, reference) = paid(h).await;
    says(h, 1, dispute(h, &reference, DisputeStatus::NeedsResponse, 29_700)).await;
    says(h, 2, dispute(h, &reference, DisputeStatus::Lost, 29_700)).await;
    let lost = accounts(&[("revenue:disputes", 29_700), ("revenue:plans", -29_700)]);
    assert_eq!(h.books(&call).await, lost);
    // Banks change their minds.
    says(h, 3, dispute(h, &reference, DisputeStatus::Won, 0)).await;
    says(h, 4, dispute(h, &reference, DisputeStatus::Lost, 29_700)).await;
    assert_eq!(h.books(&call).await, lost);
    assert!(reconciled(h, &call).await.differences.is_empty());
}

async fn a_dispute_that_nobody_told_of_is_found_by_reconciliation_and_looked_after_until_its_end(h: &House) {
    let (call, _, reference) = paid(h).await;
    h.bank.dispute(dispute(h, &reference, DisputeStatus::NeedsResponse, 29_700));
    h.hand.advance(TimeDelta::seconds(1));
    let found = reconciled(h, &call).await.differences;
    let found: Vec<_> = found.iter().map(|one| (one.reference.as_str(), one.kind.as_str(), one.is_explained)).collect();
    assert_eq!(found, [("D1", "missed", true)]);
    assert_eq!(h.books(&call).await["disputed:bank"], 29_700);
    assert!(reconciled(h, &call).await.differences.is_empty());
    // Weeks later, out of the time that is compared, and nobody tells.
    h.at(h.now() + TimeDelta::days(20)).await;
    let end = Dispute { at: h.now() - TimeDelta::days(20), ..dispute(h, &reference, DisputeStatus::Won, 0) };
    h.bank.dispute(end);
    h.at(h.now() + TimeDelta::hours(7)).await;
    assert_eq!(h.books(&call).await.get("disputed:bank"), None);
    let asked = h.bank.asked.load(Ordering::Relaxed);
    h.at(h.now() + TimeDelta::hours(7)).await;
    assert_eq!(h.bank.asked.load(Ordering::Relaxed), asked, "it has ended");
}

async fn an_answer_about_a_dispute_that_was_long_on_its_way_changes_nothing(h: &House) {
    let (call, _, reference) = paid(h).await;
    let late = dispute(h, &reference, DisputeStatus::NeedsResponse, 29_700);
    h.hand.advance(TimeDelta::seconds(5));
    says(h, 1, dispute(h, &reference, DisputeStatus::Won, 0)).await;
    // A process whose clock stands still asks, and another one writes what it was told before.
    h.hand.set(h.now() - TimeDelta::seconds(3));
    says(h, 2, late).await;
    assert_eq!(listed(h, &call, "").await, [("D1".to_owned(), "won".to_owned(), 29_700)]);
    assert_eq!(h.books(&call).await.get("disputed:bank"), None);
}

async fn a_refund_that_does_not_arrive_is_credits_and_can_be_made_again(h: &House) {
    let (call, invoice, reference) = paid(h).await;
    let credit = |amount| CreditInvoiceRequest {
        invoice_id: invoice.clone(),
        amount,
        refund_to: "provider".to_owned(),
        reason: "it was a mistake".to_owned(),
    };
    h.billing.credit_invoice(&h.operator(&call), credit(9_700)).await.expect("it is given back");
    h.bank.take_back(&reference, "E1", 9_700);
    for round in 1..3 {
        tell(h, &format!("{round} {reference}"), "secret").await.expect("it is kept");
        h.at(h.now()).await;
        assert_eq!(h.credits(&call).await, 9_700, "once, however often it is told");
    }
    let back = accounts(&[
        ("cash:bank", 29_700),
        ("credits", -9_700),
        ("revenue:credit_notes", 9_700),
        ("revenue:plans", -29_700),
    ]);
    assert_eq!(h.books(&call).await, back);
    // Somebody gives it back once more, on the provider's own page, and this time it arrives.
    h.bank.give_back(&reference, "E1", 9_700);
    h.hand.advance(TimeDelta::seconds(1));
    let found = reconciled(h, &call).await;
    assert!(found.differences.iter().all(|one| one.is_explained), "{found:?}");
    assert_eq!((h.credits(&call).await, h.books(&call).await["cash:bank"]), (0, 20_000));
    // One that came and went between two looks is the same in the end.
    h.bank.give_back(&reference, "E1", 1_000);
    h.bank.take_back(&reference, "E1", 1_000);
    let found = reconciled(h, &call).await;
    assert!(!found.differences.is_empty() && found.differences.iter().all(|one| one.is_explained), "{found:?}");
    assert_eq!((h.credits(&call).await, h.books(&call).await["cash:bank"]), (1_000, 20_000));
    assert!(reconciled(h, &call).await.differences.is_empty());
}

//! Payments through a provider, which tells too much, too little, too late, twice and in any order.

use crate::house::{House, on_both_databases, time};
use chrono::TimeDelta;
use proptest::{prelude::*, strategy::ValueTree as _, test_runner::TestRunner};
use proto::{
    Call, Failure, Reason,
    billing::{
        Checkout, CreditInvoiceRequest, PayInvoiceRequest, PaymentChoice, ReceiveNotificationRequest, ReconcileRequest,
        ReconcileResponse,
    },
};
use std::{collections::BTreeMap, sync::atomic::Ordering};

on_both_databases!(
    what_is_paid_is_in_force_when_the_provider_says_so_and_not_when_somebody_says_it_did,
    a_flood_of_notifications_is_turned_away,
    an_answer_that_is_lost_makes_no_second_charge,
    what_nobody_told_is_found_by_reconciliation_and_what_nobody_can_explain_is_named,
    what_is_refunded_is_given_back_once_and_found_when_the_provider_did_it_alone,
    who_paid_in_time_has_what_they_paid_for_whenever_it_is_told,
    a_refund_goes_through_the_payment_that_brought_the_money_and_is_one_however_often_it_is_asked_for,
    money_that_came_twice_and_is_given_back_is_no_credit_any_more,
    a_charge_is_closed_when_its_invoice_is_paid_otherwise,
    what_is_charged_for_being_late_is_earned_and_pays_nothing_else,
    any_order_of_notifications_with_any_of_them_twice_or_lost_ends_the_same,
);

async fn checkout(h: &House, call: &Call, invoice_id: &str) -> Result<Checkout, Failure> {
    let request = PayInvoiceRequest {
        invoice_id: invoice_id.to_owned(),
        payment: Some(PaymentChoice { method: "pix".to_owned(), ..PaymentChoice::default() }),
    };
    let answer = h.billing.pay_invoice(call, request).await.map_err(|status| Failure::from(&status))?;
    Ok(answer.checkout.expect("a checkout"))
}

/// A workspace that wants `basic`, and the charge for it.
pub async fn charged(h: &House) -> (Call, String, String) {
    let call = h.workspace().await;
    let pending = h.change(&call, "basic").await.expect("it waits").pending_update.expect("an update");
    let checkout = checkout(h, &call, &pending.invoice_id).await.expect("a way to pay");
    assert_eq!((checkout.amount, checkout.pix_copy_paste.is_empty()), (29_700, false));
    (call, pending.invoice_id, format!("charge of {}", checkout.id))
}

pub async fn tell(h: &House, text: &str, secret: &str) -> Result<(), Reason> {
    let request = ReceiveNotificationRequest {
        channel: "bank".to_owned(),
        body: text.to_owned().into(),
        secret: secret.to_owned(),
        ..ReceiveNotificationRequest::default()
    };
    h.billing.receive_notification(&h.anonymous(), request).await.map(drop).map_err(|status| Reason::of(&status))
}

pub async fn reconciled(h: &House, call: &Call) -> ReconcileResponse {
    h.billing.reconcile(&h.operator(call), ReconcileRequest::default()).await.expect("a comparison")
}

async fn what_is_paid_is_in_force_when_the_provider_says_so_and_not_when_somebody_says_it_did(h: &House) {
    let (call, _, reference) = charged(h).await;
    assert_eq!(tell(h, &format!("1 {reference}"), "guessed").await, Err(Reason::PermissionDenied));
    tell(h, &format!("1 {reference}"), "secret").await.expect("it is kept");
    h.at(h.now()).await;
    assert_eq!(h.get(&call).await.status, "incomplete", "nothing was paid, whoever says so");
    h.bank.pay(&reference, "E1", 29_700, h.now());
    h.at(h.now()).await;
    assert_eq!(h.get(&call).await.status, "incomplete", "nobody has told us");
    tell(h, &format!("2 {reference}"), "secret").await.expect("it is kept");
    h.at(h.now()).await;
    assert_eq!(h.get(&call).await.effective_plan, "basic");
    h.until(async || h.plan_of(&call).await == "basic").await;
    let unknown = tell(h, "3 charge of nobody", "secret").await;
    assert_eq!(unknown, Ok(()), "what is about nothing of ours is kept, and nothing comes of it");
    h.at(h.now()).await;
    let books = h.books(&call).await;
    assert_eq!((books["cash:bank"], books["revenue:plans"]), (29_700, -29_700));
}

async fn a_flood_of_notifications_is_turned_away(h: &House) {
    let (_, _, reference) = charged(h).await;
    for n in 0..300 {
        tell(h, &format!("{n} {reference}"), "secret").await.expect("it is kept");
    }
    assert_eq!(tell(h, &format!("300 {reference}"), "secret").await, Err(Reason::Overloaded));
    h.hand.advance(TimeDelta::seconds(61));
    tell(h, &format!("300 {reference}"), "secret").await.expect("it is kept");
}

async fn an_answer_that_is_lost_makes_no_second_charge(h: &House) {
    let call = h.workspace().await;
    let pending = h.change(&call, "basic").await.expect("it waits").pending_update.expect("an update");
    h.bank.loses_answers.store(true, Ordering::Relaxed);
    let lost = checkout(h, &call, &pending.invoice_id).await.map_err(|failure| failure.reason);
    assert_eq!(lost.map(drop), Err(Reason::ServiceUnavailable));
    h.bank.loses_answers.store(false, Ordering::Relaxed);
    let first = checkout(h, &call, &pending.invoice_id).await.expect("a way to pay");
    let again = checkout(h, &call, &pending.invoice_id).await.expect("the same");
    assert_eq!((first.id.as_str(), h.bank.made()), (again.id.as_str(), 1));
}

async fn what_nobody_told_is_found_by_reconciliation_and_what_nobody_can_explain_is_named(h: &House) {
    let (call, invoice, reference) = charged(h).await;
    h.hand.advance(TimeDelta::seconds(5));
    h.bank.pay(&reference, "E1", 29_700, h.now());
    h.bank.gift("E2", 1, h.now());
    h.hand.advance(TimeDelta::seconds(5));
    let found = reconciled(h, &call).await;
    let kinds: BTreeMap<_, _> =
        found.differences.iter().map(|one| (one.reference.as_str(), (one.kind.as_str(), one.is_explained))).collect();
    assert_eq!(kinds, [("E1", ("missed", true)), ("E2", ("unknown", false))].into());
    assert_eq!(h.get(&call).await.effective_plan, "basic");
    let again = reconciled(h, &call).await;
    let left: Vec<_> = again.differences.iter().map(|one| (one.reference.as_str(), one.provider_amount)).collect();
    assert_eq!(left, [("E2", 1)], "one centavo that nobody asked for");
    assert_eq!((again.providers[0].received[0].amount, again.providers[0].ledger[0].amount), (29_701, 29_700));
    assert_eq!(h.invoices(&call).await[0].id, invoice);
    h.bank.is_away.store(true, Ordering::Relaxed);
    let away = h.billing.reconcile(&h.operator(&call), ReconcileRequest::default()).await;
    assert_eq!(away.map(drop).map_err(|status| Reason::of(&status)), Err(Reason::ServiceUnavailable));
}

async fn what_is_refunded_is_given_back_once_and_found_when_the_provider_did_it_alone(h: &House) {
    let (call, invoice, reference) = charged(h).await;
    h.bank.pay(&reference, "E1", 29_700, h.now());
    h.hand.advance(TimeDelta::seconds(1));
    reconciled(h, &call).await;
    let credit = |amount| CreditInvoiceRequest {
        invoice_id: invoice.clone(),
        amount,
        refund_to: "provider".to_owned(),
        reason: "it was a mistake".to_owned(),
    };
    let keyed = Call { idempotency_key: Some("one".into()), ..h.operator(&call) };
    for _ in 0..2 {
        let back =
            h.billing.credit_invoice(&keyed, credit(9_700)).await.expect("it is given back").invoice.expect("one");
        assert_eq!((back.status.as_str(), back.amount_paid, back.credited), ("paid", 20_000, 9_700));
    }
    let refused =
        h.billing.credit_invoice(&h.operator(&call), credit(20_001)).await.map_err(|status| Reason::of(&status));
    assert_eq!(refused.map(drop), Err(Reason::Conflict), "more than is left");
    // Somebody refunds the rest on the provider's own page.
    h.bank.give_back(&reference, "E1", 5_000);
    h.hand.advance(TimeDelta::seconds(1));
    let found = reconciled(h, &call).await;
    assert!(found.differences.iter().all(|one| one.is_explained), "{found:?}");
    let books = h.books(&call).await;
    assert_eq!(-books["revenue:credit_notes"] - books["revenue:plans"], books["cash:bank"], "{books:?}");
}

async fn who_paid_in_time_has_what_they_paid_for_whenever_it_is_told(h: &House) {
    let (call, invoice, reference) = charged(h).await;
    let expires_at = h.get(&call).await.pending_update.expect("an update").expires_at;
    h.hand.advance(time(expires_at) - h.now() - TimeDelta::seconds(1));
    h.bank.pay(&reference, "E1", 29_700, h.now());
    h.bank.is_away.store(true, Ordering::Relaxed);
    h.at(h.now() + TimeDelta::hours(3)).await;
    let open = h.invoices(&call).await.into_iter().find(|one| one.id == invoice).expect("the invoice");
    assert_eq!(open.status, "open", "nobody could be asked whether it was paid");
    h.bank.is_away.store(false, Ordering::Relaxed);
    h.at(h.now() + TimeDelta::minutes(2)).await;
    assert_eq!((h.get(&call).await.effective_plan.as_str(), h.credits(&call).await), ("basic", 0));
    // Who did not pay is given up as soon as the provider says so.
    let (call, invoice, reference) = charged(h).await;
    let expires_at = h.get(&call).await.pending_update.expect("an update").expires_at;
    h.at(time(expires_at)).await;
    h.at(h.now()).await;
    h.at(h.now()).await;
    let gone = h.invoices(&call).await.into_iter().find(|one| one.id == invoice).expect("the invoice");
    assert_eq!((gone.status.as_str(), h.get(&call).await.status.as_str()), ("void", "cancelled"));
    assert!(!h.bank.is_open(&reference));
}

async fn a_refund_goes_through_the_payment_that_brought_the_money_and_is_one_however_often_it_is_asked_for(h: &House) {
    let (call, invoice, first) = charged(h).await;
    // Something is paid otherwise: a newer charge is for what is left, and the older one is what somebody pays.
    h.pay(&call, &invoice, 700, "cash").await.expect("a part");
    let second = checkout(h, &call, &invoice).await.expect("a way to pay");
    assert_eq!((second.amount, h.bank.made()), (29_000, 2));
    h.bank.pay(&first, "E1", 29_000, h.now());
    h.hand.advance(TimeDelta::seconds(1));
    reconciled(h, &call).await;
    assert_eq!(h.get(&call).await.effective_plan, "basic");
    let all = CreditInvoiceRequest {
        invoice_id: invoice,
        refund_to: "provider".to_owned(),
        reason: "it was a mistake".to_owned(),
        ..CreditInvoiceRequest::default()
    };
    let keyed = Call { idempotency_key: Some("all".into()), ..h.operator(&call) };
    for is_again in [false, true, true] {
        let back = h.billing.credit_invoice(&keyed, all.clone()).await.expect("it is given back");
        let invoice = back.invoice.expect("one");
        assert_eq!((back.replayed, invoice.amount_paid, invoice.credited), (is_again, 700, 29_000));
    }
    let other = CreditInvoiceRequest { amount: 5, ..all };
    let refused = h.billing.credit_invoice(&keyed, other).await.map_err(|status| Reason::of(&status));
    assert_eq!(refused.map(drop), Err(Reason::Conflict), "another amount under the same key");
    assert_eq!(h.books(&call).await.get("cash:bank"), None, "it came and went");
}

async fn money_that_came_twice_and_is_given_back_is_no_credit_any_more(h: &House) {
    let (call, _, reference) = charged(h).await;
    h.bank.pay(&reference, "E1", 29_700, h.now());
    h.bank.pay(&reference, "E2", 29_700, h.now());
    h.hand.advance(TimeDelta::seconds(1));
    reconciled(h, &call).await;
    assert_eq!(h.credits(&call).await, 29_700);
    h.bank.give_back(&reference, "E2", 29_700);
    reconciled(h, &call).await;
    assert_eq!((h.credits(&call).await, h.get(&call).await.effective_plan.as_str()), (0, "basic"));
    let books = h.books(&call).await;
    assert_eq!((books["cash:bank"], books["revenue:plans"], books.len()), (29_700, -29_700, 2));
}

async fn a_charge_is_closed_when_its_invoice_is_paid_otherwise(h: &House) {
    let (call, invoice, reference) = charged(h).await;
    h.pay(&call, &invoice, 0, "cash").await.expect("it is paid");
    h.at(h.now()).await;
    assert!(!h.bank.is_open(&reference), "nobody is to pay twice");
    // Who was faster than that has credits.
    let (call, invoice, reference) = charged(h).await;
    h.bank.pay(&reference, "E9", 29_700, h.now());
    h.pay(&call, &invoice, 0, "cash").await.expect("it is paid");
    h.at(h.now()).await;
    assert_eq!(h.credits(&call).await, 29_700);
}

async fn what_is_charged_for_being_late_is_earned_and_pays_nothing_else(h: &House) {
    let (call, invoice, reference) = charged(h).await;
    h.bank.pay(&reference, "E1", 30_300, h.now());
    h.bank.was_late(&reference, "E1", 600);
    h.hand.advance(TimeDelta::seconds(1));
    reconciled(h, &call).await;
    let books = h.books(&call).await;
    let expected = [("cash:bank", 30_300), ("revenue:late", -600), ("revenue:plans", -29_700)];
    assert_eq!(books, expected.map(|(account, balance)| (account.to_owned(), balance)).into());
    let paid = h.invoices(&call).await.into_iter().find(|one| one.id == invoice).expect("the invoice");
    assert_eq!((paid.status.as_str(), paid.amount_paid, h.credits(&call).await), ("paid", 29_700, 0));
    let all = CreditInvoiceRequest {
        invoice_id: invoice,
        refund_to: "provider".to_owned(),
        reason: "it was a mistake".to_owned(),
        ..CreditInvoiceRequest::default()
    };
    let back = h.billing.credit_invoice(&h.operator(&call), all).await.expect("it is given back").invoice;
    assert_eq!(back.expect("one").amount_paid, 0);
    assert_eq!(h.books(&call).await["cash:bank"], 600, "what was for being late is kept");
}

/// Three PIX for one charge (two of them parts, the third too much), and five notifications of them.
async fn any_order_of_notifications_with_any_of_them_twice_or_lost_ends_the_same(h: &House) {
    let mut runner = TestRunner::new(ProptestConfig::with_cases(1));
    let numbers: Vec<usize> = (0..8).collect();
    for round in 0..40 {
        let orders = (Just(numbers.clone()).prop_shuffle(), proptest::collection::vec(0usize..3, 8));
        let (order, times) = orders.new_tree(&mut runner).expect("an order").current();
        let (call, _, reference) = charged(h).await;
        let steps: [(&str, i64); 3] = [("a", 10_000), ("b", 15_000), ("c", 5_000)];
        for (n, which) in order.iter().enumerate() {
            if let Some((id, amount)) = steps.get(n) {
                h.bank.pay(&reference, &format!("{round}{id}"), *amount, h.now());
            }
            for _ in 0..times[n] {
                tell(h, &format!("{which} {reference}"), "secret").await.expect("it is kept");
            }
            h.at(h.now()).await;
        }
        h.hand.advance(TimeDelta::seconds(1));
        let found = reconciled(h, &call).await;
        assert!(found.differences.iter().all(|one| one.is_explained), "{order:?} {times:?} {found:?}");
        let books = h.books(&call).await;
        let expected = [("cash:bank", 30_000), ("credits", -300), ("revenue:plans", -29_700)];
        let expected: BTreeMap<_, _> = expected.map(|(account, balance)| (account.to_owned(), balance)).into();
        assert_eq!(books, expected, "{order:?} {times:?}");
        assert_eq!(h.get(&call).await.effective_plan, "basic");
    }
}

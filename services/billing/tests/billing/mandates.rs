//! That invoices are taken by themselves, once somebody has allowed it.

use crate::{
    house::{House, on_both_databases, time},
    letters::arrived,
    payments::{reconciled, tell},
};
use billing::payment::MandateStatus;
use chrono::TimeDelta;
use proto::{
    Call, Reason,
    billing::{
        BillingDetails, CancelMandateRequest, CancelSubscriptionRequest, CreateMandateRequest, CreditInvoiceRequest,
        GetMandateRequest, Mandate, Plan, Price, PublishPlansRequest, PutBillingDetailsRequest, SetSubscriptionRequest,
    },
};
use std::sync::atomic::Ordering;
use store::{Sql, SystemTx};

on_both_databases!(
    what_is_allowed_once_is_taken_each_month_until_it_is_ended,
    an_invoice_that_was_paid_otherwise_is_not_taken_and_one_that_could_not_be_taken_is_tried_again,
    a_mandate_is_one_however_often_and_whatever_happens_to_the_answers,
    where_nothing_is_invoiced_there_is_nothing_to_allow,
    letters_say_that_nobody_has_to_do_anything,
    what_is_allowed_for_months_takes_nothing_of_years,
    what_nobody_uses_any_more_is_ended,
    what_nobody_told_of_is_found_by_reconciliation,
    an_order_whose_answer_was_lost_is_cancelled_when_its_invoice_is_paid_otherwise,
    an_order_that_never_arrived_is_sent_again_only_while_it_is_owed,
    an_order_that_arrives_late_is_cancelled,
    what_is_taken_is_what_is_left,
    what_was_due_before_is_not_taken,
    what_is_refused_is_asked_for_once_and_then_its_payer_is_asked,
    what_was_ordered_is_not_taken_after_the_end,
    what_must_not_be_tried_again_is_not_asked_for_all_the_time,
    mandates_hold_up_no_payments,
);

async fn create(h: &House, call: &Call) -> Result<Mandate, Reason> {
    let made = h.billing.create_mandate(call, CreateMandateRequest {}).await;
    made.map(|made| made.mandate.expect("a mandate")).map_err(|status| Reason::of(&status))
}

async fn get(h: &House, call: &Call) -> Mandate {
    h.billing.get_mandate(call, GetMandateRequest {}).await.expect("an answer").mandate.expect("a mandate")
}

async fn end(h: &House, call: &Call) -> Mandate {
    h.billing.cancel_mandate(call, CancelMandateRequest {}).await.expect("it ends").mandate.expect("a mandate")
}

/// A workspace whose first period is paid.
async fn subscribed(h: &House) -> Call {
    let call = h.workspace().await;
    h.invoiced(&call, "basic").await;
    let first = h.invoices(&call).await.remove(0);
    h.pay(&call, &first.id, 0, "cash").await.expect("it is paid");
    call
}

/// The next period begins, and its invoice is there.
async fn next_period(h: &House, call: &Call) -> String {
    h.at(time(h.get(call).await.current_period_end)).await;
    h.at(h.now()).await;
    let invoice = h.invoices(call).await.pop().expect("an invoice");
    assert_eq!((invoice.status.as_str(), invoice.billing_reason.as_str()), ("open", "subscription_cycle"));
    invoice.id
}

async fn what_is_allowed_once_is_taken_each_month_until_it_is_ended(h: &House) {
    let call = subscribed(h).await;
    let asked = create(h, &call).await.expect("a mandate");
    assert_eq!((asked.status.as_str(), asked.interval.as_str()), ("pending", "month"));
    assert_eq!(asked.pix_copy_paste, "00020180");
    assert_eq!(create(h, &call).await, Ok(asked.clone()));
    h.bank.say_to_mandates(MandateStatus::Active);
    h.at(h.now() + TimeDelta::minutes(3)).await;
    let active = get(h, &call).await;
    assert_eq!((active.status.as_str(), active.pix_copy_paste.as_str()), ("active", ""));
    assert_eq!(h.bank.taken(), [""; 0], "what was paid is not taken");
    for month in 1..3 {
        next_period(h, &call).await;
        for _ in 0..2 {
            h.at(h.now() + TimeDelta::hours(1)).await;
        }
        let taken = h.bank.taken();
        assert_eq!(taken.len(), month, "each invoice once");
        let open = taken.iter().find(|reference| h.bank.is_open(reference)).expect("one that is not paid");
        h.bank.pay(open, &format!("E{month}"), 29_700, h.now());
        h.at(h.now() + TimeDelta::minutes(16)).await;
        assert_eq!(h.invoices(&call).await.last().expect("an invoice").status, "paid");
    }
    assert_eq!(h.books(&call).await["cash:bank"], 59_400);
    for _ in 0..2 {
        assert_eq!(end(h, &call).await.status, "ended");
    }
    next_period(h, &call).await;
    h.at(h.now() + TimeDelta::hours(2)).await;
    assert_eq!(h.bank.taken().len(), 2, "nothing is taken any more");
    let again = create(h, &call).await.expect("another one");
    assert_ne!(again.id, asked.id);
}

async fn an_invoice_that_was_paid_otherwise_is_not_taken_and_one_that_could_not_be_taken_is_tried_again(h: &House) {
    let call = subscribed(h).await;
    create(h, &call).await.expect("a mandate");
    h.bank.say_to_mandates(MandateStatus::Active);
    h.at(h.now() + TimeDelta::minutes(3)).await;
    let invoice = next_period(h, &call).await;
    h.at(h.now() + TimeDelta::hours(1)).await;
    let taken = h.bank.taken().remove(0);
    h.bank.tried_again.lock().expect("nobody panicked").insert(taken.clone(), None);
    h.at(h.now() + TimeDelta::minutes(16)).await;
    let tried = h.bank.tried_again.lock().expect("nobody panicked")[&taken];
    assert!(tried.is_some(), "it is tried again");
    h.at(h.now() + TimeDelta::minutes(16)).await;
    assert_eq!(failed(h, &call).await, [tried.map(|day| day.to_string())], "it is told once, with the day");
    h.pay(&call, &invoice, 0, "otherwise").await.expect("it is paid");
    h.at(h.now()).await;
    assert!(!h.bank.is_open(&taken));
    // Somebody ends it at their bank, which tells us.
    h.bank.say_to_mandates(MandateStatus::Ended);
    tell(h, &format!("1 mandate {}", get(h, &call).await.id), "secret").await.expect("it is kept");
    h.at(h.now()).await;
    assert_eq!(get(h, &call).await.status, "ended");
}

async fn a_mandate_is_one_however_often_and_whatever_happens_to_the_answers(h: &House) {
    let call = subscribed(h).await;
    h.bank.loses_answers.store(true, Ordering::Relaxed);
    assert_eq!(create(h, &call).await, Err(Reason::ServiceUnavailable));
    h.bank.loses_answers.store(false, Ordering::Relaxed);
    let kept = get(h, &call).await;
    // It is made up for without anybody asking.
    h.at(h.now() + TimeDelta::minutes(3)).await;
    assert_eq!(get(h, &call).await.pix_copy_paste, "00020180");
    let again = create(h, &call).await.expect("the same");
    assert_eq!((again.id, h.bank.mandates()), (kept.id, 1));
    // A taking whose answer is lost is asked for again, and is one.
    h.bank.say_to_mandates(MandateStatus::Active);
    h.at(h.now() + TimeDelta::hours(1)).await;
    next_period(h, &call).await;
    h.bank.loses_answers.store(true, Ordering::Relaxed);
    h.at(h.now() + TimeDelta::hours(1)).await;
    h.bank.loses_answers.store(false, Ordering::Relaxed);
    h.at(h.now() + TimeDelta::minutes(3)).await;
    h.at(h.now() + TimeDelta::hours(1)).await;
    assert_eq!(h.bank.taken().len(), 1);
}

async fn where_nothing_is_invoiced_there_is_nothing_to_allow(h: &House) {
    let call = h.workspace().await;
    assert_eq!(create(h, &call).await, Err(Reason::Conflict));
    h.set(&call, "basic", None).await;
    assert_eq!(create(h, &call).await, Err(Reason::Conflict), "it is paid elsewhere");
    let none = h.billing.get_mandate(&call, GetMandateRequest {}).await.map_err(|status| Reason::of(&status));
    assert_eq!(none.map(drop), Err(Reason::NotFound));
    let none = h.billing.cancel_mandate(&call, CancelMandateRequest {}).await.map_err(|status| Reason::of(&status));
    assert_eq!(none.map(drop), Err(Reason::NotFound));
}

/// What was told of invoices that could not be taken: the days on which they are tried again, oldest first.
async fn failed(h: &House, call: &Call) -> Vec<Option<String>> {
    let text =
        "select payload from outbox where kind = 'invoice.payment_failed' and workspace_id = $1 order by position";
    let mut tx = SystemTx::read(&h.database, "read").await.expect("a database");
    let sql = Sql { name: "test", postgres: text, sqlite: text };
    let rows: Vec<(String,)> = tx.fetch_all(sql, &[call.workspace.expect("a workspace").into()]).await.expect("events");
    let day = |payload: &str| serde_json::from_str::<serde_json::Value>(payload).expect("JSON")["next_attempt"].clone();
    rows.iter().map(|(payload,)| day(payload).as_str().map(str::to_owned)).collect()
}

/// What the trail says of mandates, oldest first.
async fn trail(h: &House, call: &Call) -> Vec<String> {
    let text = "select payload from outbox where kind = 'mandate.changed' and workspace_id = $1 order by position";
    let mut tx = SystemTx::read(&h.database, "read").await.expect("a database");
    let sql = Sql { name: "test", postgres: text, sqlite: text };
    let rows: Vec<(String,)> = tx.fetch_all(sql, &[call.workspace.expect("a workspace").into()]).await.expect("events");
    let status = |payload: &str| serde_json::from_str::<serde_json::Value>(payload).expect("JSON")["status"].clone();
    rows.iter().map(|(payload,)| status(payload).as_str().expect("a status").to_owned()).collect()
}

/// Asked for, and allowed.
async fn allowed(h: &House, call: &Call) -> Mandate {
    create(h, call).await.expect("a mandate");
    h.bank.say_to_mandates(MandateStatus::Active);
    h.at(h.now() + TimeDelta::minutes(3)).await;
    get(h, call).await
}

async fn letters_say_that_nobody_has_to_do_anything(h: &House) {
    let call = subscribed(h).await;
    let details = BillingDetails { email: "ana@example.com".to_owned(), ..BillingDetails::default() };
    let request = PutBillingDetailsRequest { details: Some(details) };
    h.billing.put_billing_details(&call, request).await.expect("details");
    allowed(h, &call).await;
    next_period(h, &call).await;
    let letter = arrived(h).await.pop().expect("a letter");
    assert!(letter.text.contains("será debitada da sua conta por PIX Automático"), "{}", letter.text);
    // The bank has given it up: somebody has to pay.
    h.at(h.now() + TimeDelta::hours(1)).await;
    h.bank.give_up(&h.bank.taken().remove(0));
    h.at(h.now() + TimeDelta::hours(1)).await;
    h.at(h.now() + TimeDelta::days(7)).await;
    let letter = arrived(h).await.pop().expect("a letter");
    assert!(!letter.text.contains("PIX Automático") && letter.text.contains("PP-"), "{}", letter.text);
    assert_eq!(failed(h, &call).await, [None]);
}

async fn what_is_allowed_for_months_takes_nothing_of_years(h: &House) {
    let call = subscribed(h).await;
    allowed(h, &call).await;
    let plan = Plan {
        name: "yearly".to_owned(),
        titles: [("en".to_owned(), "Yearly".to_owned())].into(),
        prices: vec![Price { currency: "BRL".to_owned(), interval: "year".to_owned(), unit_amount: 297_000 }],
        ..Plan::default()
    };
    let publish = PublishPlansRequest { plans: vec![plan] };
    h.billing.publish_plans(&h.operator(&call), publish).await.expect("it is published");
    let yearly = SetSubscriptionRequest {
        workspace_id: call.workspace.expect("a workspace").to_string(),
        plan: "yearly".to_owned(),
        interval: "year".to_owned(),
        collection_method: "send_invoice".to_owned(),
        ..SetSubscriptionRequest::default()
    };
    h.billing.set_subscription(&h.operator(&call), yearly).await.expect("it is set");
    h.at(h.now()).await;
    assert_eq!(create(h, &call).await, Err(Reason::Conflict));
    let first = h.invoices(&call).await.pop().expect("an invoice").id;
    h.pay(&call, &first, 0, "a year").await.expect("it is paid");
    next_period(h, &call).await;
    h.at(h.now() + TimeDelta::hours(2)).await;
    assert_eq!(h.bank.taken(), [""; 0]);
    end(h, &call).await;
    assert_eq!(create(h, &call).await.expect("another one").interval, "year");
}

async fn what_nobody_uses_any_more_is_ended(h: &House) {
    let call = subscribed(h).await;
    allowed(h, &call).await;
    h.billing.cancel_subscription(&call, CancelSubscriptionRequest::default()).await.expect("it ends");
    h.at(time(h.get(&call).await.current_period_end)).await;
    h.at(h.now() + TimeDelta::days(29)).await;
    assert_eq!(get(h, &call).await.status, "active", "somebody may come back");
    h.at(h.now() + TimeDelta::days(2)).await;
    assert_eq!(get(h, &call).await.status, "ended");
    assert_eq!(trail(h, &call).await, ["pending", "active", "ended"]);
}

async fn what_nobody_told_of_is_found_by_reconciliation(h: &House) {
    let call = subscribed(h).await;
    allowed(h, &call).await;
    next_period(h, &call).await;
    h.at(h.now() + TimeDelta::hours(1)).await;
    let taken = h.bank.taken().remove(0);
    // It is taken, and then the mandate is ended: webhooks of both get lost.
    h.bank.pay(&taken, "E1", 29_700, h.now());
    h.bank.say_to_mandates(MandateStatus::Ended);
    h.hand.advance(TimeDelta::seconds(5));
    let found = reconciled(h, &call).await;
    let kinds: Vec<_> = found.differences.iter().map(|one| (one.kind.as_str(), one.is_explained)).collect();
    assert_eq!(kinds, [("missed", true)]);
    assert_eq!(h.invoices(&call).await.last().expect("an invoice").status, "paid");
    // Nobody waits for that: the next round asks.
    h.at(h.now()).await;
    assert_eq!(get(h, &call).await.status, "ended");
    assert!(reconciled(h, &call).await.differences.is_empty());
}

async fn an_order_whose_answer_was_lost_is_cancelled_when_its_invoice_is_paid_otherwise(h: &House) {
    let call = subscribed(h).await;
    allowed(h, &call).await;
    h.bank.loses_answers_to_orders.store(true, Ordering::Relaxed);
    let invoice = next_period(h, &call).await;
    assert_eq!(h.bank.to_take(), [29_700], "nobody knows of it but the bank and the database");
    h.pay(&call, &invoice, 0, "otherwise").await.expect("it is paid");
    h.at(h.now()).await;
    assert_eq!(h.bank.to_take(), [0i64; 0]);
}

async fn an_order_that_never_arrived_is_sent_again_only_while_it_is_owed(h: &House) {
    let call = subscribed(h).await;
    allowed(h, &call).await;
    h.bank.loses_orders.store(true, Ordering::Relaxed);
    next_period(h, &call).await;
    assert_eq!(h.bank.taken(), [""; 0]);
    h.bank.loses_orders.store(false, Ordering::Relaxed);
    h.at(h.now() + TimeDelta::hours(1)).await;
    assert_eq!(h.bank.to_take(), [29_700]);
    let taken = h.bank.taken().remove(0);
    h.bank.pay(&taken, "E1", 29_700, h.now());
    h.at(h.now() + TimeDelta::minutes(16)).await;
    h.bank.loses_orders.store(true, Ordering::Relaxed);
    let invoice = next_period(h, &call).await;
    h.bank.loses_orders.store(false, Ordering::Relaxed);
    h.pay(&call, &invoice, 0, "otherwise").await.expect("it is paid");
    for _ in 0..3 {
        h.at(h.now() + TimeDelta::hours(1)).await;
    }
    assert_eq!((h.bank.taken().len(), h.bank.to_take().len()), (1, 0), "nobody wants it any more");
    assert_eq!(h.books(&call).await["cash:bank"], 29_700);
}

async fn an_order_that_arrives_late_is_cancelled(h: &House) {
    let call = subscribed(h).await;
    allowed(h, &call).await;
    h.bank.loses_orders.store(true, Ordering::Relaxed);
    let invoice = next_period(h, &call).await;
    h.pay(&call, &invoice, 0, "otherwise").await.expect("it is paid");
    h.at(h.now()).await;
    h.bank.what_was_lost_arrives();
    assert_eq!(h.bank.to_take(), [29_700]);
    h.at(h.now() + TimeDelta::minutes(16)).await;
    assert_eq!(h.bank.to_take(), [0i64; 0]);
}

async fn what_is_taken_is_what_is_left(h: &House) {
    let call = subscribed(h).await;
    allowed(h, &call).await;
    let invoice = next_period(h, &call).await;
    h.at(h.now() + TimeDelta::hours(1)).await;
    assert_eq!(h.bank.to_take(), [29_700]);
    h.pay(&call, &invoice, 10_000, "a part").await.expect("it is paid");
    h.at(h.now()).await;
    assert_eq!(h.bank.to_take(), [19_700]);
    let part = CreditInvoiceRequest {
        invoice_id: invoice.clone(),
        amount: 700,
        reason: "it was slow".to_owned(),
        ..CreditInvoiceRequest::default()
    };
    h.billing.credit_invoice(&h.operator(&call), part).await.expect("it is credited");
    h.at(h.now()).await;
    h.at(h.now() + TimeDelta::hours(1)).await;
    assert_eq!(h.bank.to_take(), [19_000]);
    let open = h.bank.taken().into_iter().find(|reference| h.bank.is_open(reference)).expect("one");
    h.bank.pay(&open, "E1", 19_000, h.now());
    h.at(h.now() + TimeDelta::minutes(16)).await;
    let paid = h.invoices(&call).await.pop().expect("an invoice");
    assert_eq!((paid.status.as_str(), paid.amount_remaining), ("paid", 0));
    assert_eq!((h.bank.taken().len(), h.bank.to_take().len()), (3, 0));
}

async fn what_was_due_before_is_not_taken(h: &House) {
    let call = subscribed(h).await;
    let old = next_period(h, &call).await;
    // What is allowed now begins with the next invoice.
    allowed(h, &call).await;
    h.at(h.now() + TimeDelta::hours(2)).await;
    assert_eq!(h.bank.taken(), [""; 0]);
    h.pay(&call, &old, 0, "cash again").await.expect("it is paid");
    next_period(h, &call).await;
    h.at(h.now() + TimeDelta::hours(1)).await;
    assert_eq!(h.bank.to_take(), [29_700]);
}

async fn what_is_refused_is_asked_for_once_and_then_its_payer_is_asked(h: &House) {
    let call = subscribed(h).await;
    let details = BillingDetails { email: "ana@example.com".to_owned(), ..BillingDetails::default() };
    let request = PutBillingDetailsRequest { details: Some(details) };
    h.billing.put_billing_details(&call, request).await.expect("details");
    allowed(h, &call).await;
    h.bank.refuses_orders.store(true, Ordering::Relaxed);
    next_period(h, &call).await;
    for _ in 0..4 {
        h.at(h.now() + TimeDelta::hours(1)).await;
    }
    assert_eq!(h.bank.refused.load(Ordering::Relaxed), 1);
    h.at(h.now() + TimeDelta::days(7)).await;
    // Rounds of the background write letters too, whenever they come by.
    let asks = |letter: &crate::post::Arrived| !letter.text.contains("PIX Automático") && letter.text.contains("PP-");
    h.until(async || arrived(h).await.last().is_some_and(asks)).await;
    assert_eq!(failed(h, &call).await, [None]);
    assert_eq!(get(h, &call).await.status, "active", "the next one may be taken");
}

async fn what_was_ordered_is_not_taken_after_the_end(h: &House) {
    let call = subscribed(h).await;
    allowed(h, &call).await;
    next_period(h, &call).await;
    h.at(h.now() + TimeDelta::hours(1)).await;
    assert_eq!(h.bank.to_take(), [29_700]);
    assert_eq!(end(h, &call).await.status, "ended");
    h.at(h.now()).await;
    assert_eq!(h.bank.to_take(), [0i64; 0]);
    assert_eq!(h.invoices(&call).await.pop().expect("an invoice").status, "open", "it is owed all the same");
}

async fn what_must_not_be_tried_again_is_not_asked_for_all_the_time(h: &House) {
    let call = subscribed(h).await;
    allowed(h, &call).await;
    next_period(h, &call).await;
    h.at(h.now() + TimeDelta::hours(1)).await;
    let taken = h.bank.taken().remove(0);
    h.bank.tried_again.lock().expect("nobody panicked").insert(taken.clone(), None);
    h.bank.refuses_tries.store(true, Ordering::Relaxed);
    for _ in 0..4 {
        h.at(h.now() + TimeDelta::hours(1)).await;
    }
    assert_eq!(h.bank.refused_tries.load(Ordering::Relaxed), 1);
    // What came meanwhile is found.
    h.bank.pay(&taken, "E1", 29_700, h.now());
    h.at(h.now() + TimeDelta::hours(6)).await;
    assert_eq!(h.invoices(&call).await.pop().expect("an invoice").status, "paid");
}

async fn mandates_hold_up_no_payments(h: &House) {
    for _ in 0..3 {
        create(h, &subscribed(h).await).await.expect("a mandate");
    }
    h.hand.advance(TimeDelta::minutes(3));
    h.bank.is_away.store(true, Ordering::Relaxed);
    let before = h.bank.asked.load(Ordering::Relaxed);
    h.at(h.now()).await;
    assert_eq!(h.bank.asked.load(Ordering::Relaxed), before + 1, "who is away is asked once in a round");
}

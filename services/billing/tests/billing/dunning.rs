//! Fourteen months of customers who pay late or never: each invoice is reminded of exactly as often as the settings say, and the plan
//! ends when its grace is over.

use crate::house::{House, on_both_databases, time};
use chrono::TimeDelta;
use proto::{
    Call,
    billing::{BillingDetails, PutBillingDetailsRequest},
};
use std::collections::BTreeMap;
use store::{Sql, SystemTx};

on_both_databases!(
    who_pays_late_for_fourteen_months_is_reminded_of_each_invoice_exactly_as_often_as_it_is_set,
    who_never_pays_is_reminded_as_often_and_then_never_again,
);

/// The days of the settings.
const REMINDERS: [&str; 4] = ["reminder:-3", "reminder:0", "reminder:3", "reminder:7"];

/// A workspace with an address to write to, on a plan with invoices.
async fn customer(h: &House) -> Call {
    let call = h.workspace().await;
    let details = BillingDetails { email: "ana@example.com".to_owned(), ..BillingDetails::default() };
    let request = PutBillingDetailsRequest { details: Some(details) };
    h.billing.put_billing_details(&call, request).await.expect("details");
    h.invoiced(&call, "pro").await;
    call
}

/// How many letters of each kind have been sent.
async fn sent(h: &House) -> BTreeMap<String, i64> {
    let text = "select kind, count(*) as n from letters where status = 'sent' group by kind";
    let mut tx = SystemTx::read(&h.database, "look").await.expect("a database");
    let rows: Vec<(String, i64)> =
        tx.fetch_all(Sql { name: "test", postgres: text, sqlite: text }, &[]).await.expect("letters");
    rows.into_iter().collect()
}

async fn settled(h: &House) {
    let text = "select count(*) as n from letters where status = 'queued'";
    h.until(async || {
        let mut tx = SystemTx::read(&h.database, "look").await.expect("a database");
        let sql = Sql { name: "test", postgres: text, sqlite: text };
        let (waiting,): (i64,) = tx.fetch_one(sql, &[]).await.expect("a number");
        waiting == 0
    })
    .await;
}

fn each(n: i64, also: &[&str]) -> BTreeMap<String, i64> {
    REMINDERS.iter().chain(also).map(|kind| ((*kind).to_owned(), n)).collect()
}

async fn who_pays_late_for_fourteen_months_is_reminded_of_each_invoice_exactly_as_often_as_it_is_set(h: &House) {
    let call = customer(h).await;
    for month in 1..=14 {
        let subscription = h.get(&call).await;
        let (start, end) = (time(subscription.current_period_start), time(subscription.current_period_end));
        // Due after seven days, late until the fifteenth, which is within the grace.
        for day in 1..=15 {
            h.at(start + TimeDelta::days(day)).await;
            settled(h).await;
            let expected = if day < 7 { "active" } else { "past_due" };
            assert_eq!(h.get(&call).await.status, expected, "month {month}, day {day}");
        }
        let invoice = h.invoices(&call).await.pop().expect("an invoice");
        h.pay(&call, &invoice.id, 0, &invoice.id).await.expect("it is paid");
        for day in 16..28 {
            h.at(start + TimeDelta::days(day)).await;
        }
        settled(h).await;
        assert_eq!(sent(h).await, each(month, &["invoice", "receipt"]), "month {month}");
        assert_eq!(h.get(&call).await.status, "active");
        h.at(end).await;
    }
    let books = h.books(&call).await;
    assert_eq!((books["cash:manual"], books["receivable"]), (14 * 89_700, 89_700), "the fifteenth is open");
}

async fn who_never_pays_is_reminded_as_often_and_then_never_again(h: &House) {
    let call = customer(h).await;
    let start = time(h.get(&call).await.current_period_start);
    let mut states = vec![];
    for day in 1..=60 {
        h.at(start + TimeDelta::days(day)).await;
        settled(h).await;
        let now = h.get(&call).await;
        if states.last().is_none_or(|(_, status, _)| *status != now.status) {
            states.push((day, now.status, now.effective_plan));
        }
    }
    let seen: Vec<_> = states.iter().map(|(day, status, plan)| (*day, status.as_str(), plan.as_str())).collect();
    // From a 31st of January the period ends after 28 days.
    assert_eq!(seen, [(1, "active", "pro"), (7, "past_due", "pro"), (21, "unpaid", "free"), (28, "cancelled", "free")]);
    assert_eq!(sent(h).await, each(1, &["invoice"]));
    assert_eq!(h.invoices(&call).await.len(), 1, "nobody asks for more of what is not in force");
}

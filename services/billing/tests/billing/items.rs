//! What operators charge beside plans and usage, told by a clock that moves.

use crate::house::{House, on_both_databases, time};
use futures::future::join_all;
use proto::{
    Call, Failure, Reason,
    billing::{
        AddInvoiceItemRequest, AddInvoiceItemResponse, InvoiceItem, ListInvoiceItemsRequest, VoidInvoiceRequest,
    },
};
use std::sync::Arc;

on_both_databases!(
    what_is_written_down_is_a_line_of_the_next_invoice_once,
    an_invoice_of_its_own_is_owed_at_once,
    the_same_request_by_many_at_once_is_one_item,
    what_makes_no_sense_is_refused_and_changes_nothing,
    what_was_on_an_invoice_that_is_void_comes_with_the_next,
);

fn item(call: &Call, description: &str, unit_amount: i64) -> AddInvoiceItemRequest {
    AddInvoiceItemRequest {
        workspace_id: call.workspace.expect("a workspace").to_string(),
        description: description.to_owned(),
        unit_amount,
        ..AddInvoiceItemRequest::default()
    }
}

async fn add(
    h: &House,
    call: &Call,
    key: &str,
    request: AddInvoiceItemRequest,
) -> Result<AddInvoiceItemResponse, Failure> {
    let call = Call { idempotency_key: Some(Arc::from(key)), ..h.operator(call) };
    h.billing.add_invoice_item(&call, request).await.map_err(|status| Failure::from(&status))
}

async fn listed(h: &House, call: &Call) -> Vec<InvoiceItem> {
    let workspace_id = call.workspace.expect("a workspace").to_string();
    let request = ListInvoiceItemsRequest { workspace_id, ..ListInvoiceItemsRequest::default() };
    h.billing.list_invoice_items(&h.operator(call), request).await.expect("a list").items
}

async fn what_is_written_down_is_a_line_of_the_next_invoice_once(h: &House) {
    let call = h.workspace().await;
    let begun = h.invoiced(&call, "basic").await;
    h.pay(&call, &h.invoices(&call).await[0].id, 0, "1").await.expect("it is paid");
    let workshop = AddInvoiceItemRequest { quantity: 3, ..item(&call, "Workshop", 10_000) };
    let made = add(h, &call, "a", workshop.clone()).await.expect("it is written down");
    assert!(
        !made.replayed && made.item.as_ref().is_some_and(|item| item.amount == 30_000 && item.invoice_id.is_empty())
    );
    let again = add(h, &call, "a", workshop.clone()).await.expect("the same");
    assert_eq!((again.replayed, &again.item), (true, &made.item));
    let other = AddInvoiceItemRequest { quantity: 4, ..workshop.clone() };
    assert_eq!(add(h, &call, "a", other).await.map_err(|failure| failure.reason), Err(Reason::Conflict));
    add(h, &call, "b", item(&call, "Goodwill", -700)).await.expect("it is written down");
    let dollars = AddInvoiceItemRequest { currency: "USD".to_owned(), ..item(&call, "Elsewhere", 5) };
    add(h, &call, "c", dollars).await.expect("it waits for an invoice in dollars");
    // What is paid to have another plan is what its preview has said.
    let waiting = h.change(&call, "pro").await.expect("it waits").pending_update.expect("an update");
    let update = h.invoices(&call).await.into_iter().find(|one| one.id == waiting.invoice_id).expect("an invoice");
    assert!(update.lines.iter().all(|line| line.kind != "manual"), "{update:?}");
    h.at(time(begun.current_period_end)).await;
    let next = h.invoices(&call).await.pop().expect("an invoice");
    let lines: Vec<_> = next
        .lines
        .iter()
        .map(|l| (l.kind.as_str(), l.description.as_str(), l.quantity, l.unit_amount, l.amount))
        .collect();
    let expected = [
        ("period", "Basic", 1, 29_700, 29_700),
        ("manual", "Workshop", 3, 10_000, 30_000),
        ("manual", "Goodwill", 1, -700, -700),
    ];
    assert_eq!((lines, next.total), (expected.to_vec(), 59_000));
    let books = h.books(&call).await;
    assert_eq!((books["revenue:other"], books["revenue:plans"]), (-29_300, -2 * 29_700));
    // It is there once, also when it is asked for again.
    assert!(add(h, &call, "a", workshop).await.expect("the same").replayed);
    h.pay(&call, &next.id, 0, "2").await.expect("it is paid");
    h.at(time(h.get(&call).await.current_period_end)).await;
    assert_eq!(h.invoices(&call).await.pop().expect("an invoice").total, 29_700);
    let items = listed(h, &call).await;
    let on: Vec<_> = items.iter().map(|item| (item.description.as_str(), !item.invoice_id.is_empty())).collect();
    assert_eq!(on, [("Elsewhere", false), ("Goodwill", true), ("Workshop", true)], "newest first");
}

async fn an_invoice_of_its_own_is_owed_at_once(h: &House) {
    let call = h.workspace().await;
    let request = AddInvoiceItemRequest { own_invoice: true, ..item(&call, "Migration", 120_000) };
    let made = add(h, &call, "own", request.clone()).await.expect("it is written down").item.expect("an item");
    let invoice = h.invoices(&call).await.remove(0);
    assert_eq!((&invoice.id, invoice.status.as_str(), invoice.total), (&made.invoice_id, "open", 120_000));
    assert_eq!((invoice.billing_reason.as_str(), invoice.lines[0].description.as_str()), ("manual", "Migration"));
    assert_eq!(time(invoice.due_at), h.now() + chrono::TimeDelta::days(7));
    assert!(add(h, &call, "own", request).await.expect("the same").replayed);
    assert_eq!(h.invoices(&call).await.len(), 1);
    let paid = h.pay(&call, &invoice.id, 0, "1").await.expect("it is paid");
    assert_eq!((paid.status.as_str(), h.get(&call).await.effective_plan.as_str()), ("paid", "free"));
}

async fn the_same_request_by_many_at_once_is_one_item(h: &House) {
    let call = h.workspace().await;
    let request = AddInvoiceItemRequest { own_invoice: true, ..item(&call, "Once", 1_000) };
    let answers = join_all((0..64).map(|_| add(h, &call, "same", request.clone()))).await;
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    assert_eq!(answers.iter().filter(|answer| answer.as_ref().is_ok_and(|made| !made.replayed)).count(), 1);
    assert_eq!((listed(h, &call).await.len(), h.invoices(&call).await.len()), (1, 1));
}

async fn what_makes_no_sense_is_refused_and_changes_nothing(h: &House) {
    let call = h.workspace().await;
    let good = item(&call, "Good", 1);
    for (wrong, field) in [
        (item(&call, "", 1), "description"),
        (item(&call, &"x".repeat(201), 1), "description"),
        (item(&call, "a\nb", 1), "description"),
        (item(&call, "x", 0), "unit_amount"),
        (item(&call, "x", i64::MIN), "unit_amount"),
        (item(&call, "x", i64::MAX), "unit_amount"),
        (AddInvoiceItemRequest { quantity: 1_000_000, ..item(&call, "x", 1_000_001) }, "unit_amount"),
        (AddInvoiceItemRequest { own_invoice: true, ..item(&call, "x", -1) }, "unit_amount"),
        (AddInvoiceItemRequest { quantity: -1, ..good.clone() }, "quantity"),
        (AddInvoiceItemRequest { currency: "reais".to_owned(), ..good.clone() }, "currency"),
    ] {
        let failure = add(h, &call, "x", wrong.clone()).await.expect_err("it is refused");
        assert_eq!((failure.reason, failure.fields[0].0.as_str()), (Reason::RefusedValue, field), "{wrong:?}");
    }
    let nobody = AddInvoiceItemRequest { workspace_id: "ws_x".to_owned(), ..good.clone() };
    assert_eq!(add(h, &call, "x", nobody).await.map_err(|failure| failure.reason), Err(Reason::NotFound));
    let theirs = h.billing.add_invoice_item(&call, good).await.map_err(|status| Reason::of(&status));
    assert_eq!(theirs.map(drop), Err(Reason::PermissionDenied));
    assert!(listed(h, &call).await.is_empty() && h.invoices(&call).await.is_empty());
}

async fn void(h: &House, call: &Call, invoice_id: &str) {
    let request = VoidInvoiceRequest { invoice_id: invoice_id.to_owned() };
    h.billing.void_invoice(&h.operator(call), request).await.expect("it is void");
}

async fn what_was_on_an_invoice_that_is_void_comes_with_the_next(h: &House) {
    let call = h.workspace().await;
    let begun = h.invoiced(&call, "basic").await;
    h.pay(&call, &h.invoices(&call).await[0].id, 0, "1").await.expect("it is paid");
    add(h, &call, "a", item(&call, "Workshop", 10_000)).await.expect("it is written down");
    let own = AddInvoiceItemRequest { own_invoice: true, ..item(&call, "Migration", 120_000) };
    add(h, &call, "own", own).await.expect("it is written down");
    let alone = h.invoices(&call).await.pop().expect("an invoice of its own");
    h.at(time(begun.current_period_end)).await;
    let next = h.invoices(&call).await.pop().expect("an invoice");
    assert_eq!(next.total, 39_700);
    void(h, &call, &next.id).await;
    void(h, &call, &alone.id).await;
    let items = listed(h, &call).await;
    let on: Vec<_> = items.iter().map(|item| (item.description.as_str(), item.invoice_id.as_str())).collect();
    assert_eq!(on, [("Migration", alone.id.as_str()), ("Workshop", "")], "what had one of its own went with it");
    h.at(time(h.get(&call).await.current_period_end)).await;
    let after = h.invoices(&call).await.pop().expect("an invoice");
    assert_eq!((after.total, after.lines.iter().filter(|line| line.kind == "manual").count()), (39_700, 1));
    assert_eq!(h.books(&call).await["revenue:other"], -10_000, "it is charged once");
}

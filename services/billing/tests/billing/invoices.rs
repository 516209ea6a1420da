//! Invoices, told by a clock that moves: what is owed, what was paid, and what comes of it.

use crate::house::{House, on_both_databases, time};
use chrono::TimeDelta;
use futures::future::join_all;
use proto::{
    Reason,
    billing::{
        CancelSubscriptionRequest, CreditInvoiceRequest, GetInvoiceRequest, Invoice, Plan, PreviewChangeRequest, Price,
        PublishPlansRequest, RecordSubscriptionEventRequest, RenderInvoiceRequest, SetSubscriptionRequest, UsageTerms,
        VoidInvoiceRequest,
    },
    usage::CredentialOwner,
};

on_both_databases!(
    fourteen_months_are_fifteen_invoices_and_no_number_is_left_out,
    who_pays_too_late_loses_the_plan_and_has_it_back_when_they_pay,
    a_plan_that_has_to_be_paid_waits_for_its_invoice,
    what_nobody_pays_in_time_is_void_and_money_that_comes_later_is_credits,
    an_upgrade_costs_what_the_preview_said_and_is_in_force_when_it_is_paid,
    the_same_payment_told_by_many_at_once_is_one,
    payments_in_parts_and_too_much_leave_nothing_unexplained,
    a_credit_note_gives_back_money_or_credits_and_taxes_with_it,
    what_was_closed_never_changes,
    numbers_are_each_taken_once_by_many_at_once,
    a_plan_that_costs_nothing_but_what_is_used_ends_for_who_does_not_pay_that,
    what_the_platform_paid_for_is_charged_with_the_next_period_and_what_they_paid_themselves_never_is,
);

async fn fourteen_months_are_fifteen_invoices_and_no_number_is_left_out(h: &House) {
    let call = h.workspace().await;
    let mut subscription = h.invoiced(&call, "pro").await;
    for month in 0..15 {
        let invoices = h.invoices(&call).await;
        assert_eq!(invoices.len(), month + 1);
        let newest = invoices.last().expect("an invoice");
        assert_eq!((newest.status.as_str(), newest.total, newest.amount_remaining), ("open", 89_700, 89_700));
        assert_eq!(time(newest.due_at), time(subscription.current_period_start) + TimeDelta::days(7));
        assert_eq!(newest.lines[0].period_start, subscription.current_period_start);
        assert_eq!(newest.lines[0].period_end, subscription.current_period_end);
        h.pay(&call, &newest.id, 0, &format!("transfer {month}")).await.expect("it is paid");
        h.at(time(subscription.current_period_end)).await;
        subscription = h.get(&call).await;
        assert_eq!((subscription.status.as_str(), subscription.effective_plan.as_str()), ("active", "pro"));
    }
    let numbers: Vec<_> = h.invoices(&call).await.into_iter().map(|invoice| invoice.number).collect();
    let first: u64 = numbers[0].strip_prefix("PP-").and_then(|n| n.parse().ok()).expect("a number");
    let expected: Vec<_> = (first..first + 16).map(|n| format!("PP-{n:06}")).collect();
    assert_eq!(numbers, expected);
    let books = h.books(&call).await;
    assert_eq!(
        (books["cash:manual"], books["revenue:plans"], books["receivable"]),
        (15 * 89_700, -16 * 89_700, 89_700)
    );
}

async fn who_pays_too_late_loses_the_plan_and_has_it_back_when_they_pay(h: &House) {
    let call = h.workspace().await;
    h.invoiced(&call, "pro").await;
    let invoice = h.invoices(&call).await.remove(0);
    h.at(time(invoice.due_at) - TimeDelta::seconds(1)).await;
    assert_eq!(h.get(&call).await.status, "active");
    h.at(time(invoice.due_at)).await;
    let late = h.get(&call).await;
    assert_eq!((late.status.as_str(), late.effective_plan.as_str()), ("past_due", "pro"));
    assert_eq!(
        h.change(&call, "enterprise").await.map_err(|failure| failure.reason),
        Err(Reason::RefusedValue),
        "it has no price"
    );
    h.at(h.now() + TimeDelta::days(14)).await;
    assert_eq!(h.get(&call).await.effective_plan, "free");
    // Nobody can say that it was paid but the invoice.
    let request = RecordSubscriptionEventRequest {
        workspace_id: call.workspace.expect("a workspace").to_string(),
        event: "paid".to_owned(),
    };
    let said = h.billing.record_subscription_event(&h.operator(&call), request).await.map_err(|s| Reason::of(&s));
    assert_eq!(said.map(drop), Err(Reason::Conflict));
    h.pay(&call, &invoice.id, 0, "late").await.expect("it is paid");
    let back = h.get(&call).await;
    assert_eq!((back.status.as_str(), back.effective_plan.as_str()), ("active", "pro"));
    h.until(async || h.plan_of(&call).await == "pro").await;
}

async fn a_plan_that_has_to_be_paid_waits_for_its_invoice(h: &House) {
    let call = h.workspace().await;
    let waiting = h.change(&call, "pro").await.expect("it waits");
    assert_eq!((waiting.status.as_str(), waiting.effective_plan.as_str()), ("incomplete", "free"));
    let pending = waiting.pending_update.clone().expect("an update");
    // Asking again is the same invoice, another plan is another one in its place.
    assert_eq!(h.change(&call, "pro").await.expect("the same").pending_update, Some(pending.clone()));
    let other = h.change(&call, "basic").await.expect("another").pending_update.expect("an update");
    let states: Vec<_> = h.invoices(&call).await.into_iter().map(|invoice| (invoice.id, invoice.status)).collect();
    assert_eq!(states, [(pending.invoice_id, "void".to_owned()), (other.invoice_id.clone(), "open".to_owned())]);
    h.hand.advance(TimeDelta::hours(5));
    let paid = h.pay(&call, &other.invoice_id, 0, "1").await.expect("it is paid");
    assert_eq!((paid.status.as_str(), paid.amount_paid, paid.amount_remaining), ("paid", 29_700, 0));
    let begun = h.get(&call).await;
    assert_eq!((begun.status.as_str(), begun.effective_plan.as_str()), ("active", "basic"));
    assert_eq!((time(begun.current_period_start), begun.pending_update), (h.now(), None), "it begins when it is paid");
    h.until(async || h.plan_of(&call).await == "basic").await;
    h.at(time(begun.current_period_end)).await;
    let next = h.invoices(&call).await.pop().expect("an invoice");
    assert_eq!(
        (next.billing_reason.as_str(), next.status.as_str(), next.total),
        ("subscription_cycle", "open", 29_700)
    );
}

async fn what_nobody_pays_in_time_is_void_and_money_that_comes_later_is_credits(h: &House) {
    let call = h.workspace().await;
    let pending = h.change(&call, "basic").await.expect("it waits").pending_update.expect("an update");
    h.pay(&call, &pending.invoice_id, 10_000, "a part").await.expect("a part is paid");
    h.at(time(pending.expires_at)).await;
    let of = async || h.invoices(&call).await.into_iter().find(|i| i.id == pending.invoice_id).expect("the invoice");
    assert_eq!((of().await.status.as_str(), h.credits(&call).await), ("void", 10_000));
    assert_eq!((h.get(&call).await.status.as_str(), h.get(&call).await.effective_plan.as_str()), ("cancelled", "free"));
    h.pay(&call, &pending.invoice_id, 29_700, "too late").await.expect("it is written down");
    assert_eq!(h.credits(&call).await, 39_700);
    let books = h.books(&call).await;
    assert_eq!((books["cash:manual"], books["credits"], books.len()), (39_700, -39_700, 2));
    // Credits pay what is asked for next, and what is paid is in force.
    let active = h.change(&call, "basic").await.expect("it is paid");
    assert_eq!((active.status.as_str(), active.effective_plan.as_str()), ("active", "basic"));
    assert_eq!(h.credits(&call).await, 10_000);
    let paid = h.invoices(&call).await.pop().expect("an invoice");
    assert_eq!((paid.status.as_str(), paid.credited, paid.amount_paid), ("paid", 29_700, 0));
}

async fn an_upgrade_costs_what_the_preview_said_and_is_in_force_when_it_is_paid(h: &House) {
    let call = h.workspace().await;
    h.invoiced(&call, "basic").await;
    h.pay(&call, &h.invoices(&call).await[0].id, 0, "1").await.expect("it is paid");
    h.at(h.now() + TimeDelta::days(14)).await;
    let request = PreviewChangeRequest { plan: "pro".to_owned(), ..PreviewChangeRequest::default() };
    let preview = h.billing.preview_change(&call, request).await.expect("a preview");
    let waiting = h.change(&call, "pro").await.expect("it waits");
    assert_eq!((waiting.status.as_str(), waiting.effective_plan.as_str()), ("active", "basic"));
    let invoice = h.invoices(&call).await.pop().expect("an invoice");
    assert_eq!((invoice.total, invoice.billing_reason.as_str()), (preview.total, "subscription_update"));
    let amounts = |lines: Vec<i64>| lines;
    assert_eq!(
        amounts(invoice.lines.iter().map(|line| line.amount).collect()),
        amounts(preview.lines.iter().map(|line| line.amount).collect())
    );
    h.pay(&call, &invoice.id, 0, "2").await.expect("it is paid");
    let now = h.get(&call).await;
    assert_eq!((now.plan.as_str(), now.current_period_end), ("pro", waiting.current_period_end));
    // The next period costs the new price, and ending at once owes nothing more.
    h.at(time(now.current_period_end)).await;
    assert_eq!(h.invoices(&call).await.pop().expect("an invoice").total, 89_700);
    h.billing.cancel_subscription(&call, CancelSubscriptionRequest { at_once: true }).await.expect("it ends");
    h.at(h.now() + TimeDelta::days(60)).await;
    assert_eq!(h.invoices(&call).await.len(), 3);
}

async fn the_same_payment_told_by_many_at_once_is_one(h: &House) {
    let call = h.workspace().await;
    h.invoiced(&call, "basic").await;
    let invoice = h.invoices(&call).await.remove(0);
    let told = join_all((0..64).map(|_| h.pay(&call, &invoice.id, 40_000, "E2E-1"))).await;
    assert!(told.iter().all(|answer| answer.as_ref().is_ok_and(|paid| paid.status == "paid")), "{told:?}");
    let books = h.books(&call).await;
    assert_eq!((books["cash:manual"], books["credits"], books["revenue:plans"]), (40_000, -10_300, -29_700));
    let other = h.pay(&call, &invoice.id, 1, "E2E-1").await.map_err(|failure| failure.reason);
    assert_eq!(other.map(drop), Err(Reason::Conflict), "another amount under the same reference");
}

async fn payments_in_parts_and_too_much_leave_nothing_unexplained(h: &House) {
    let call = h.workspace().await;
    h.invoiced(&call, "basic").await;
    let invoice = h.invoices(&call).await.remove(0);
    let part = h.pay(&call, &invoice.id, 9_700, "1").await.expect("a part");
    assert_eq!((part.status.as_str(), part.amount_paid, part.amount_remaining), ("open", 9_700, 20_000));
    let void = VoidInvoiceRequest { invoice_id: invoice.id.clone() };
    let refused = h.billing.void_invoice(&h.operator(&call), void).await.map_err(|status| Reason::of(&status));
    assert_eq!(refused.map(drop), Err(Reason::Conflict), "money was paid for it");
    for (amount, reason) in [(-1, Reason::RefusedValue), (i64::MAX, Reason::RefusedValue)] {
        let refused = h.pay(&call, &invoice.id, amount, "x").await.map_err(|failure| failure.reason);
        assert_eq!(refused.map(drop), Err(reason));
    }
    let rest = h.pay(&call, &invoice.id, 25_000, "2").await.expect("the rest and more");
    assert_eq!((rest.status.as_str(), rest.amount_paid, rest.amount_remaining), ("paid", 29_700, 0));
    assert_eq!(h.credits(&call).await, 5_000);
    let again = h.pay(&call, &invoice.id, 0, "3").await.map_err(|failure| failure.reason);
    assert_eq!(again.map(drop), Err(Reason::Conflict), "nothing is left to pay");
}

async fn a_credit_note_gives_back_money_or_credits_and_taxes_with_it(h: &House) {
    let call = h.workspace().await;
    h.invoiced(&call, "basic").await;
    let invoice = h.invoices(&call).await.remove(0);
    let credit = async |amount: i64, to: &str| {
        let request = CreditInvoiceRequest {
            invoice_id: invoice.id.clone(),
            amount,
            refund_to: to.to_owned(),
            reason: "it did not work for a day".to_owned(),
        };
        let answer = h.billing.credit_invoice(&h.operator(&call), request).await;
        answer.map(|answer| answer.invoice.expect("an invoice")).map_err(|status| Reason::of(&status))
    };
    let lowered = credit(1_000, "").await.expect("it is lowered");
    assert_eq!((lowered.status.as_str(), lowered.credited, lowered.amount_remaining), ("open", 1_000, 28_700));
    assert_eq!(credit(1_000, "outside").await.map(drop), Err(Reason::Conflict), "no money was paid yet");
    h.pay(&call, &invoice.id, 0, "1").await.expect("it is paid");
    let back = credit(8_700, "outside").await.expect("money is sent back");
    assert_eq!((back.amount_paid, back.credited, back.amount_remaining), (20_000, 9_700, 0));
    credit(0, "credits").await.expect("the rest as credits");
    assert_eq!(h.credits(&call).await, 20_000);
    assert_eq!(credit(1, "").await.map(drop), Err(Reason::Conflict), "all of it is credited");
    let books = h.books(&call).await;
    assert_eq!(books["cash:manual"], 20_000);
    assert_eq!((books["revenue:plans"], books["revenue:credit_notes"]), (-29_700, 29_700));
}

async fn what_was_closed_never_changes(h: &House) {
    let call = h.workspace().await;
    h.invoiced(&call, "pro").await;
    let invoice = h.invoices(&call).await.remove(0);
    let render = async |format: &str| {
        let request = RenderInvoiceRequest {
            invoice_id: invoice.id.clone(),
            format: format.to_owned(),
            language: "pt-BR".to_owned(),
        };
        h.billing.render_invoice(&call, request).await.map_err(|status| Reason::of(&status))
    };
    let mut before = vec![];
    for format in ["pdf", "html", "csv", "json"] {
        before.push(render(format).await.expect("bytes"));
    }
    assert!(before[0].content.starts_with(b"%PDF-"));
    assert_eq!(hex::encode(<sha2::Sha256 as sha2::Digest>::digest(&before[3].content)), invoice.digest);
    h.pay(&call, &invoice.id, 100, "1").await.expect("a part");
    h.at(h.now() + TimeDelta::days(100)).await;
    for (format, before) in ["pdf", "html", "csv", "json"].into_iter().zip(before) {
        assert!(render(format).await.expect("bytes") == before, "{format}");
    }
    assert_eq!(render("docx").await.map(drop), Err(Reason::RefusedValue));
    let stranger = h.workspace().await;
    let request = GetInvoiceRequest { invoice_id: invoice.id.clone() };
    let seen = h.billing.get_invoice(&stranger, request).await.map_err(|status| Reason::of(&status));
    assert_eq!(seen.map(drop), Err(Reason::NotFound));
}

async fn numbers_are_each_taken_once_by_many_at_once(h: &House) {
    let mut calls = vec![];
    for _ in 0..12 {
        calls.push(h.workspace().await);
    }
    join_all(calls.iter().map(|call| h.change(call, "basic")))
        .await
        .into_iter()
        .for_each(|made| drop(made.expect("it waits")));
    let mut numbers = vec![];
    for call in &calls {
        numbers.extend(h.invoices(call).await.into_iter().map(|Invoice { number, .. }| number));
    }
    numbers.sort();
    let expected: Vec<_> = (1..=12).map(|n| format!("PP-{n:06}")).collect();
    assert_eq!(numbers, expected);
}

async fn a_plan_that_costs_nothing_but_what_is_used_ends_for_who_does_not_pay_that(h: &House) {
    let call = h.workspace().await;
    let metered = Plan {
        name: "as-you-go".to_owned(),
        titles: [("en".to_owned(), "As you go".to_owned())].into(),
        prices: vec![Price { currency: "USD".to_owned(), interval: "month".to_owned(), unit_amount: 0 }],
        usage: Some(UsageTerms::default()),
        ..Plan::default()
    };
    let publish = PublishPlansRequest { plans: vec![metered] };
    h.billing.publish_plans(&h.operator(&call), publish).await.expect("it is published");
    let request = SetSubscriptionRequest {
        workspace_id: call.workspace.expect("a workspace").to_string(),
        plan: "as-you-go".to_owned(),
        currency: "USD".to_owned(),
        collection_method: "send_invoice".to_owned(),
        ..SetSubscriptionRequest::default()
    };
    let set = h.billing.set_subscription(&h.operator(&call), request).await.expect("it is set");
    let begun = set.subscription.expect("a subscription");
    // Nothing is used in the first month, and nothing is owed.
    h.at(time(begun.current_period_end)).await;
    assert!(h.invoices(&call).await.is_empty());
    h.hand.advance(TimeDelta::hours(1));
    h.used(&call, CredentialOwner::Platform, 10_000_000).await;
    h.until(async || h.charged(&call, h.now() + TimeDelta::days(1)).await.len() == 1).await;
    h.at(time(h.get(&call).await.current_period_end)).await;
    let invoice = h.invoices(&call).await.pop().expect("an invoice");
    assert_eq!((invoice.status.as_str(), invoice.total), ("open", 150));
    assert_eq!(h.get(&call).await.payment_due_at, invoice.due_at);
    h.at(time(invoice.due_at)).await;
    assert_eq!(h.get(&call).await.status, "past_due");
    h.pay(&call, &invoice.id, 0, "late").await.expect("it is paid");
    assert_eq!((h.get(&call).await.status.as_str(), h.get(&call).await.payment_due_at), ("active", None));
}

async fn what_the_platform_paid_for_is_charged_with_the_next_period_and_what_they_paid_themselves_never_is(h: &House) {
    let call = h.workspace().await;
    let metered = Plan {
        name: "metered".to_owned(),
        titles: [("en".to_owned(), "Metered".to_owned())].into(),
        prices: vec![Price { currency: "USD".to_owned(), interval: "month".to_owned(), unit_amount: 1_000 }],
        usage: Some(UsageTerms { markup_percent: "20".to_owned(), included: [("USD".to_owned(), 50)].into() }),
        ..Plan::default()
    };
    let publish = PublishPlansRequest { plans: vec![metered] };
    h.billing.publish_plans(&h.operator(&call), publish).await.expect("it is published");
    let request = SetSubscriptionRequest {
        workspace_id: call.workspace.expect("a workspace").to_string(),
        plan: "metered".to_owned(),
        currency: "USD".to_owned(),
        collection_method: "send_invoice".to_owned(),
        ..SetSubscriptionRequest::default()
    };
    let set = h.billing.set_subscription(&h.operator(&call), request).await.expect("it is set");
    let end = time(set.subscription.expect("a subscription").current_period_end);
    h.at(h.now()).await;
    h.pay(&call, &h.invoices(&call).await[0].id, 0, "1").await.expect("it is paid");
    h.hand.advance(TimeDelta::hours(1));
    // US$ 0.15 for a million tokens of input.
    h.used(&call, CredentialOwner::Platform, 10_000_000).await;
    h.used(&call, CredentialOwner::Workspace, 90_000_000).await;
    h.until(async || h.charged(&call, end).await == [("USD".to_owned(), 1_500_000_000)]).await;
    h.at(end).await;
    let invoice = h.invoices(&call).await.pop().expect("an invoice");
    let lines: Vec<_> = invoice.lines.iter().map(|line| (line.kind.as_str(), line.amount)).collect();
    assert_eq!(lines, [("period", 1_000), ("usage", 180 - 50)]);
    // The rest is charged when it ends, and nothing twice.
    h.hand.advance(TimeDelta::hours(1));
    h.used(&call, CredentialOwner::Platform, 10_000_000).await;
    h.hand.advance(TimeDelta::hours(1));
    h.until(async || h.charged(&call, h.now()).await == [("USD".to_owned(), 3_000_000_000)]).await;
    h.billing.cancel_subscription(&call, CancelSubscriptionRequest { at_once: true }).await.expect("it ends");
    h.at(h.now()).await;
    let last = h.invoices(&call).await.pop().expect("an invoice");
    let lines: Vec<_> = last.lines.iter().map(|line| (line.kind.as_str(), line.amount)).collect();
    assert_eq!(lines, [("usage", 180 - 50)]);
    h.at(h.now() + TimeDelta::days(40)).await;
    assert_eq!(h.invoices(&call).await.len(), 3);
}

//! How many of a plan: seats that come and go, told by a clock that moves.

use crate::house::{House, on_both_databases, time};
use proto::{
    Call, Reason,
    billing::{
        ChangePlanRequest, Plan, PreviewChangeRequest, Price, PublishPlansRequest, RenderInvoiceRequest,
        SetSubscriptionRequest, Subscription,
    },
    entitlement::limit,
};

on_both_databases!(
    more_seats_are_paid_for_the_rest_of_the_period_and_fewer_come_with_the_next,
    seats_are_bounded_and_what_is_refused_changes_nothing,
    what_is_for_a_seat_multiplies_and_what_is_for_the_plan_does_not,
    an_operator_agrees_on_seats_and_invoices_show_them,
);

async fn team(h: &House, call: &Call) {
    let price = |interval: &str, unit_amount| Price { currency: "BRL".into(), interval: interval.into(), unit_amount };
    let team = Plan {
        name: "team".to_owned(),
        titles: [("en".to_owned(), "Team".to_owned()), ("pt-BR".to_owned(), "Equipe".to_owned())].into(),
        prices: vec![price("month", 4_900), price("year", 49_000)],
        entitlements: [("team_members", limit(2)), ("storage_gb", limit(10)), ("tickets_per_month", limit(30))]
            .map(|(key, value)| (key.to_owned(), value))
            .into(),
        max_quantity: 50,
        scaled_entitlements: vec!["team_members".to_owned()],
        ..Plan::default()
    };
    h.billing.publish_plans(&h.operator(call), PublishPlansRequest { plans: vec![team] }).await.expect("published");
}

fn seats(quantity: i64) -> ChangePlanRequest {
    ChangePlanRequest { plan: "team".to_owned(), quantity, ..ChangePlanRequest::default() }
}

async fn subscribed(h: &House, call: &Call, quantity: i64) -> Subscription {
    let waiting = h.wish(call, seats(quantity)).await.expect("it waits");
    let pending = waiting.pending_update.expect("an update");
    assert_eq!(pending.quantity, quantity);
    h.pay(call, &pending.invoice_id, 0, &pending.invoice_id).await.expect("it is paid");
    h.get(call).await
}

fn allowed(subscription: &Subscription, key: &str) -> i64 {
    match subscription.entitlements[key].value {
        Some(proto::billing::entitlement::Value::Limit(limit)) => limit,
        ref other => panic!("{other:?}"),
    }
}

async fn more_seats_are_paid_for_the_rest_of_the_period_and_fewer_come_with_the_next(h: &House) {
    let call = h.workspace().await;
    team(h, &call).await;
    let begun = subscribed(h, &call, 3).await;
    assert_eq!((begun.quantity, begun.price.map(|price| price.unit_amount)), (3, Some(4_900)));
    let first = h.invoices(&call).await.remove(0);
    assert_eq!((first.total, first.lines[0].quantity, first.lines[0].unit_amount), (14_700, 3, 4_900));
    let (start, end) = (time(begun.current_period_start), time(begun.current_period_end));
    h.at(start + (end - start) / 2).await;
    let request = PreviewChangeRequest { plan: "team".into(), quantity: 5, ..PreviewChangeRequest::default() };
    let preview = h.billing.preview_change(&call, request).await.expect("a preview");
    let shown: Vec<_> = preview.lines.iter().map(|l| (l.kind.as_str(), l.quantity, l.unit_amount, l.amount)).collect();
    assert_eq!(shown, [("unused_time", 3, 4_900, -7_350), ("remaining_time", 5, 4_900, 12_250)]);
    let waiting = h.wish(&call, seats(5)).await.expect("it waits");
    assert_eq!((waiting.quantity, waiting.current_period_end), (3, begun.current_period_end), "until it is paid");
    let more = subscribed(h, &call, 5).await;
    assert_eq!((more.quantity, more.current_period_end), (5, begun.current_period_end));
    assert_eq!(h.invoices(&call).await.pop().expect("an invoice").total, preview.total);
    // Fewer: nothing is given back, and the next period has them.
    let fewer = h.wish(&call, seats(1)).await.expect("it waits");
    assert_eq!((fewer.quantity, fewer.scheduled_quantity, fewer.scheduled_plan.as_str()), (5, 1, "team"));
    h.at(end).await;
    let next = h.invoices(&call).await.pop().expect("an invoice");
    assert_eq!((next.total, next.lines[0].quantity, h.get(&call).await.quantity), (4_900, 1, 1));
}

async fn seats_are_bounded_and_what_is_refused_changes_nothing(h: &House) {
    let call = h.workspace().await;
    team(h, &call).await;
    for wrong in [51, -1, i64::MAX, i64::MIN] {
        let refused = h.wish(&call, seats(wrong)).await.map_err(|failure| (failure.reason, failure.fields));
        let (reason, fields) = refused.expect_err("it is refused");
        assert_eq!((reason, fields[0].0.as_str()), (Reason::RefusedValue, "quantity"), "{wrong}");
    }
    let pro = ChangePlanRequest { plan: "pro".to_owned(), quantity: 2, ..ChangePlanRequest::default() };
    assert_eq!(h.wish(&call, pro).await.map_err(|failure| failure.reason), Err(Reason::RefusedValue));
    assert!(h.invoices(&call).await.is_empty() && h.get(&call).await.id.is_empty());
    subscribed(h, &call, 50).await;
    let same = h.wish(&call, seats(50)).await.map_err(|failure| failure.reason);
    assert_eq!(same, Err(Reason::Conflict), "it is in force");
    let paused = h.invoices(&call).await.len();
    assert_eq!(paused, 1);
}

async fn what_is_for_a_seat_multiplies_and_what_is_for_the_plan_does_not(h: &House) {
    let call = h.workspace().await;
    team(h, &call).await;
    let begun = subscribed(h, &call, 4).await;
    let table = ["team_members", "storage_gb", "tickets_per_month"].map(|key| allowed(&begun, key));
    assert_eq!(table, [8, 10, 30]);
    // What is not in force multiplies with nothing.
    h.at(time(begun.current_period_end) + chrono::TimeDelta::days(60)).await;
    let gone = h.get(&call).await;
    assert_eq!((gone.effective_plan.as_str(), allowed(&gone, "team_members")), ("free", 1));
}

async fn an_operator_agrees_on_seats_and_invoices_show_them(h: &House) {
    let call = h.workspace().await;
    team(h, &call).await;
    let set = |quantity, plan: &str| SetSubscriptionRequest {
        workspace_id: call.workspace.expect("a workspace").to_string(),
        plan: plan.to_owned(),
        collection_method: "send_invoice".to_owned(),
        quantity,
        ..SetSubscriptionRequest::default()
    };
    let operator = h.operator(&call);
    for (quantity, plan) in [(-1, "team"), (100_001, "team"), (2, "pro")] {
        let refused = h.billing.set_subscription(&operator, set(quantity, plan)).await;
        assert_eq!(refused.map(drop).map_err(|status| Reason::of(&status)), Err(Reason::RefusedValue), "{quantity}");
    }
    // More than is sold to everybody.
    h.billing.set_subscription(&operator, set(1_200, "team")).await.expect("it is set");
    h.at(h.now()).await;
    let invoice = h.invoices(&call).await.remove(0);
    assert_eq!((invoice.total, invoice.lines[0].quantity), (5_880_000, 1_200));
    let render = async |format: &str, language: &str| {
        let request = RenderInvoiceRequest {
            invoice_id: invoice.id.clone(),
            format: format.to_owned(),
            language: language.to_owned(),
        };
        h.billing.render_invoice(&call, request).await.expect("bytes").content
    };
    let page = render("html", "pt-BR").await;
    let page = String::from_utf8(page.to_vec()).expect("text");
    assert!(page.contains("Equipe (1.200 × R$"), "{page}");
    assert!(render("pdf", "en").await.starts_with(b"%PDF-"));
}

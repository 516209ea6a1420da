//! A subscription's life, told by a clock that moves.

use crate::house::{House, on_both_databases, time};
use chrono::TimeDelta;
use proto::{
    Call, Reason,
    billing::{
        CancelSubscriptionRequest, Plan, Price, PublishPlansRequest, RecordSubscriptionEventRequest,
        ResumeSubscriptionRequest, SetSubscriptionRequest,
    },
};

on_both_databases!(
    fourteen_months_are_fourteen_periods_and_the_plan_stays_in_force,
    a_trial_that_somebody_began_ends_by_itself_and_there_is_no_second_one,
    what_is_scheduled_comes_into_force_and_is_told,
    a_late_payment_ends_the_plan_after_the_days_of_grace,
    what_cannot_happen_is_refused_in_every_status_and_changes_nothing,
    two_who_change_at_once_leave_one_of_both,
    what_was_missed_while_nobody_ran_is_made_up_for,
);

async fn fourteen_months_are_fourteen_periods_and_the_plan_stays_in_force(h: &House) {
    let call = h.workspace().await;
    let mut subscription = h.set(&call, "pro", None).await;
    let first = subscription.id.clone();
    assert_eq!(
        subscription.price.as_ref().map(|price| (price.currency.as_str(), price.unit_amount)),
        Some(("BRL", 89_700))
    );
    for _ in 0..14 {
        let end = time(subscription.current_period_end);
        h.at(end - TimeDelta::seconds(1)).await;
        assert_eq!(h.get(&call).await.current_period_end, subscription.current_period_end);
        h.at(end).await;
        subscription = h.get(&call).await;
        assert_eq!((time(subscription.current_period_start), subscription.status.as_str()), (end, "active"));
    }
    assert_eq!(h.now().to_rfc3339(), "2028-03-31T15:00:00+00:00");
    assert_eq!((subscription.id, subscription.effective_plan.as_str()), (first, "pro"));
}

async fn a_trial_that_somebody_began_ends_by_itself_and_there_is_no_second_one(h: &House) {
    let call = h.workspace().await;
    let trial = Plan {
        name: "trial".to_owned(),
        titles: [("en".to_owned(), "Trial".to_owned())].into(),
        prices: vec![Price { currency: "BRL".to_owned(), interval: "month".to_owned(), unit_amount: 5_000 }],
        trial_days: 14,
        ..Plan::default()
    };
    let publish = PublishPlansRequest { plans: vec![trial] };
    h.billing.publish_plans(&h.operator(&call), publish).await.expect("it is published");
    let begun = h.change(&call, "trial").await.expect("a trial");
    assert_eq!((begun.status.as_str(), begun.cancel_at_period_end), ("trialing", true));
    assert_eq!(time(begun.trial_end), h.now() + TimeDelta::days(14));
    h.until(async || h.plan_of(&call).await == "trial").await;
    // Whoever resumes it agrees to pay for what follows it; this one thinks better of it.
    let resumed = h.billing.resume_subscription(&call, ResumeSubscriptionRequest {}).await.expect("it is resumed");
    assert!(!resumed.subscription.expect("a subscription").cancel_at_period_end);
    h.change(&call, "free").await.expect("it ends with the trial");
    h.at(h.now() + TimeDelta::days(14)).await;
    let ended = h.get(&call).await;
    assert_eq!((ended.status.as_str(), ended.effective_plan.as_str()), ("cancelled", "free"));
    h.until(async || h.plan_of(&call).await == "free").await;
    let again = h.change(&call, "trial").await.expect("a second time it has to be paid");
    assert_eq!((again.status.as_str(), again.effective_plan.as_str()), ("incomplete", "free"));
}

async fn what_is_scheduled_comes_into_force_and_is_told(h: &House) {
    let call = h.workspace().await;
    let set = h.set(&call, "pro", None).await;
    h.until(async || h.plan_of(&call).await == "pro").await;
    let scheduled = h.change(&call, "basic").await.expect("a downgrade");
    assert_eq!((scheduled.scheduled_plan.as_str(), scheduled.effective_plan.as_str()), ("basic", "pro"));
    h.at(time(set.current_period_end)).await;
    let changed = h.get(&call).await;
    assert_eq!((changed.plan.as_str(), changed.scheduled_plan.as_str()), ("basic", ""));
    assert_eq!(changed.price.map(|price| price.unit_amount), Some(29_700));
    assert_eq!(time(changed.current_period_end).to_rfc3339(), "2027-03-31T15:00:00+00:00", "the 31st is kept");
    h.until(async || h.plan_of(&call).await == "basic").await;
}

async fn a_late_payment_ends_the_plan_after_the_days_of_grace(h: &House) {
    let call = h.workspace().await;
    h.set(&call, "pro", None).await;
    let report = async |event: &str| {
        let request = RecordSubscriptionEventRequest {
            workspace_id: call.workspace.expect("a workspace").to_string(),
            event: event.to_owned(),
        };
        let answer = h.billing.record_subscription_event(&h.operator(&call), request).await.expect("it can happen");
        answer.subscription.expect("a subscription").status
    };
    assert_eq!(report("payment_failed").await, "past_due");
    h.at(h.now() + TimeDelta::days(13)).await;
    assert_eq!(h.get(&call).await.effective_plan, "pro");
    h.at(h.now() + TimeDelta::days(1)).await;
    let unpaid = h.get(&call).await;
    assert_eq!((unpaid.status.as_str(), unpaid.effective_plan.as_str()), ("unpaid", "free"));
    h.until(async || h.plan_of(&call).await == "free").await;
    assert_eq!(report("paid").await, "active");
    h.until(async || h.plan_of(&call).await == "pro").await;
}

/// What is reported, and what a subscription of each status becomes by it; empty where that cannot happen.
const REPORTS: [&str; 5] = ["paid", "payment_failed", "given_up", "paused", "unpaused"];
const OUTCOMES: [(&str, [&str; 5]); 7] = [
    // Its invoice says what was paid.
    ("incomplete", ["", "", "", "", ""]),
    ("trialing", ["trialing", "", "", "", ""]),
    ("active", ["active", "past_due", "", "paused", ""]),
    ("past_due", ["active", "past_due", "unpaid", "", ""]),
    ("unpaid", ["active", "unpaid", "", "", ""]),
    ("paused", ["", "", "", "", "active"]),
    ("cancelled", ["", "", "", "", ""]),
];

async fn report(h: &House, call: &Call, event: &str) -> Result<String, Reason> {
    let workspace_id = call.workspace.expect("a workspace").to_string();
    let request = RecordSubscriptionEventRequest { workspace_id, event: event.to_owned() };
    let answer = h.billing.record_subscription_event(&h.operator(call), request).await;
    answer.map(|answer| answer.subscription.expect("one").status).map_err(|status| Reason::of(&status))
}

/// A workspace whose subscription has this status.
async fn with_status(h: &House, status: &str) -> Call {
    let call = h.workspace().await;
    match status {
        "incomplete" => drop(h.change(&call, "basic").await.expect("it waits")),
        "trialing" => drop(h.set(&call, "pro", Some(7)).await),
        _ => drop(h.set(&call, "pro", None).await),
    }
    let reports: &[&str] = match status {
        "past_due" => &["payment_failed"],
        "unpaid" => &["payment_failed", "given_up"],
        "paused" => &["paused"],
        _ => &[],
    };
    for event in reports {
        report(h, &call, event).await.expect("it can happen");
    }
    if status == "cancelled" {
        let at_once = CancelSubscriptionRequest { at_once: true };
        h.billing.cancel_subscription(&call, at_once).await.expect("it ends");
    }
    assert_eq!(h.get(&call).await.status, status);
    call
}

async fn what_cannot_happen_is_refused_in_every_status_and_changes_nothing(h: &House) {
    for (status, outcomes) in OUTCOMES {
        for (event, expected) in REPORTS.into_iter().zip(outcomes) {
            let call = with_status(h, status).await;
            let before = h.get(&call).await;
            let found = report(h, &call, event).await;
            if expected.is_empty() {
                assert_eq!(found, Err(Reason::Conflict), "{event} of {status}");
                assert_eq!(h.get(&call).await, before, "{event} of {status}");
            } else {
                assert_eq!(found.as_deref(), Ok(expected), "{event} of {status}");
            }
        }
    }
}

async fn two_who_change_at_once_leave_one_of_both(h: &House) {
    let call = h.workspace().await;
    // The first subscription of a workspace is one row, whoever is faster; the other one is told to look again.
    let request = |plan: &str| SetSubscriptionRequest {
        workspace_id: call.workspace.expect("a workspace").to_string(),
        plan: plan.to_owned(),
        ..SetSubscriptionRequest::default()
    };
    let operator = h.operator(&call);
    let both = ["pro", "basic"].map(|plan| h.billing.set_subscription(&operator, request(plan)));
    let mut made = vec![];
    for answer in futures::future::join_all(both).await {
        match answer {
            Ok(answer) => made.extend(answer.subscription),
            Err(status) => assert_eq!(Reason::of(&status), Reason::Conflict, "{status:?}"),
        }
    }
    let kept = h.get(&call).await;
    assert!(made.contains(&kept), "{kept:?} is none of {made:?}");
}

async fn what_was_missed_while_nobody_ran_is_made_up_for(h: &House) {
    let calls = [h.workspace().await, h.workspace().await];
    for call in &calls {
        h.set(call, "pro", Some(7)).await;
    }
    h.change(&calls[0], "free").await.expect("it ends with the trial");
    // Months pass in one step: a reader sees what is true now, before anybody has written it down.
    h.hand.advance(TimeDelta::days(100));
    let [ended, going] = [h.get(&calls[0]).await, h.get(&calls[1]).await];
    assert_eq!(
        (ended.status.as_str(), time(ended.ended_at).to_rfc3339().as_str()),
        ("cancelled", "2027-02-07T15:00:00+00:00")
    );
    assert_eq!(going.status, "active");
    assert!(time(going.current_period_start) <= h.now() && h.now() < time(going.current_period_end));
    h.at(h.now()).await;
    assert_eq!(h.get(&calls[1]).await, going);
    h.until(async || h.plan_of(&calls[0]).await == "free").await;
    h.until(async || h.plan_of(&calls[1]).await == "pro").await;
}

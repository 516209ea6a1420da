//! Plans that are published, by settings and by operators.

use crate::house::{House, on_both_databases};
use proto::billing::{ListPlansRequest, Plan, PublishPlansRequest};

on_both_databases!(what_an_operator_publishes_counts_until_the_settings_are_asked_for);

async fn what_an_operator_publishes_counts_until_the_settings_are_asked_for(h: &House) {
    let call = h.workspace().await;
    let operator = h.operator(&call);
    let basic = async || {
        let plans = h.billing.list_plans(&call, ListPlansRequest {}).await.expect("plans").plans;
        plans.into_iter().find(|plan| plan.name == "basic").expect("a plan")
    };
    let shipped = basic().await;
    let dearer = Plan { trial_days: 30, ..shipped.clone() };
    let publish = async |plans: Vec<Plan>| {
        let request = PublishPlansRequest { plans };
        h.billing.publish_plans(&operator, request).await.expect("it is published").published
    };
    assert_eq!(publish(vec![dearer]).await, ["basic"]);
    let now = basic().await;
    assert_eq!((now.version, now.trial_days), (shipped.version + 1, 30));
    // The configuration, again: only what differs from it.
    assert_eq!(publish(vec![]).await, ["basic"]);
    assert_eq!((basic().await.version, basic().await.trial_days), (shipped.version + 2, 0));
    assert!(publish(vec![]).await.is_empty());
}

//! What billing promises.

use crate::{Handles, Somebody, anonymous, checks, reason};
use anyhow::{Context as _, ensure};
use proto::{
    Call, Permission, PlatformRole, Reason,
    billing::*,
    entitlement,
    feed::WatchRequest,
    usage::{RecordUsageRequest, UsageEvent},
    workspace::GetWorkspaceRequest,
};
use std::time::Duration;
use tests::within;

checks!(
    plans_are_for_everybody_to_read,
    a_workspace_is_on_the_default_plan_until_somebody_says_otherwise,
    what_an_operator_sets_is_the_plan_of_the_workspace_soon_after,
    what_cannot_be_had_is_refused_and_what_costs_less_waits,
    only_operators_publish_and_a_change_is_a_new_version,
    what_is_used_of_a_plan_is_what_was_counted,
    operators_publish_coupons_and_customers_redeem_them_once,
    the_feed_tells_of_plans,
);

/// What the edge would make of an operator's session.
fn operator(somebody: &Somebody) -> Call {
    Call { scopes: PlatformRole::Admin.scopes(), workspace: None, ..somebody.call.clone() }
}

async fn plans(h: &Handles) -> anyhow::Result<Vec<Plan>> {
    // The plans of the configuration are published right after the start.
    within(Duration::from_secs(10), async || {
        let plans = h.billing.list_plans(&anonymous(), ListPlansRequest {}).await?.plans;
        ensure!(!plans.is_empty(), "no plans yet");
        Ok(plans)
    })
    .await
}

/// Puts a workspace on a plan.
pub(crate) async fn set(h: &Handles, of: &Somebody, plan: &str) -> anyhow::Result<Subscription> {
    plans(h).await?;
    let request = SetSubscriptionRequest {
        workspace_id: of.workspace.to_string(),
        plan: plan.to_owned(),
        currency: "BRL".to_owned(),
        ..SetSubscriptionRequest::default()
    };
    let answer = h.billing.set_subscription(&operator(of), request).await?;
    answer.subscription.context("no subscription")
}

async fn plans_are_for_everybody_to_read(h: &Handles) -> anyhow::Result<()> {
    let plans = plans(h).await?;
    let names: Vec<_> = plans.iter().map(|plan| plan.name.as_str()).collect();
    let known = ["free", "basic", "pro", "enterprise"];
    ensure!(known.iter().all(|name| names.contains(name)), "{names:?}");
    ensure!(names.first() == Some(&"free"), "what costs nothing comes first: {names:?}");
    let pro = plans.iter().find(|plan| plan.name == "pro").context("no pro")?;
    let month = |currency: &str| pro.prices.iter().find(|p| p.currency == currency).map(|price| price.unit_amount);
    ensure!((month("BRL"), month("USD")) == (Some(89_700), Some(9_900)), "{:?}", pro.prices);
    ensure!(entitlement::write(&pro.entitlements["tickets_per_month"]) == 60, "{:?}", pro.entitlements);
    Ok(())
}

async fn a_workspace_is_on_the_default_plan_until_somebody_says_otherwise(h: &Handles) -> anyhow::Result<()> {
    plans(h).await?;
    let ada = h.somebody().await?;
    let found = h.billing.get_subscription(&ada.call, GetSubscriptionRequest {}).await?.subscription;
    let found = found.context("nothing")?;
    ensure!(found.id.is_empty() && found.effective_plan == "free" && found.status == "active", "{found:?}");
    ensure!(entitlement::write(&found.entitlements["storage_gb"]) == 5, "{:?}", found.entitlements);
    let cancelled = h.billing.cancel_subscription(&ada.call, CancelSubscriptionRequest { at_once: true }).await;
    ensure!(reason(cancelled)? == Reason::Conflict);
    let resumed = h.billing.resume_subscription(&ada.call, ResumeSubscriptionRequest {}).await;
    ensure!(reason(resumed)? == Reason::Conflict);
    Ok(())
}

async fn what_an_operator_sets_is_the_plan_of_the_workspace_soon_after(h: &Handles) -> anyhow::Result<()> {
    let ada = h.somebody().await?;
    let set = set(h, &ada, "pro").await?;
    ensure!(set.status == "active" && set.effective_plan == "pro", "{set:?}");
    ensure!(set.price.as_ref().map(|price| price.unit_amount) == Some(89_700), "{set:?}");
    let plan = async || {
        let found = h.workspaces.get_workspace(&ada.call, GetWorkspaceRequest {}).await?;
        Ok::<_, anyhow::Error>(found.workspace.unwrap_or_default().plan)
    };
    within(Duration::from_secs(5), async || {
        let plan = plan().await?;
        ensure!(plan == "pro", "{plan}");
        Ok(())
    })
    .await?;
    let operator = operator(&ada);
    let event = |event: &str| RecordSubscriptionEventRequest {
        workspace_id: ada.workspace.to_string(),
        event: event.to_owned(),
    };
    let late = h.billing.record_subscription_event(&operator, event("payment_failed")).await?.subscription;
    ensure!(late.is_some_and(|s| s.status == "past_due" && s.effective_plan == "pro"), "grace");
    ensure!(reason(h.billing.record_subscription_event(&operator, event("unpaused")).await)? == Reason::Conflict);
    ensure!(reason(h.billing.record_subscription_event(&operator, event("won")).await)? == Reason::RefusedValue);
    let gone = h.billing.record_subscription_event(&operator, event("given_up")).await?.subscription;
    ensure!(gone.is_some_and(|s| s.status == "unpaid" && s.effective_plan == "free"), "the plan is gone");
    within(Duration::from_secs(5), async || {
        let plan = plan().await?;
        ensure!(plan == "free", "{plan}");
        Ok(())
    })
    .await?;
    let seen = GetWorkspaceSubscriptionRequest { workspace_id: ada.workspace.to_string() };
    let seen = h.billing.get_workspace_subscription(&operator, seen).await?.subscription;
    ensure!(seen.is_some_and(|s| s.status == "unpaid"), "as operators see it");
    let nobody = SetSubscriptionRequest {
        workspace_id: proto::id::WorkspaceId::from_uuid(crate::random()).to_string(),
        plan: "pro".to_owned(),
        ..SetSubscriptionRequest::default()
    };
    ensure!(reason(h.billing.set_subscription(&operator, nobody).await)? == Reason::NotFound);
    Ok(())
}

async fn what_is_used_of_a_plan_is_what_was_counted(h: &Handles) -> anyhow::Result<()> {
    plans(h).await?;
    let ada = h.somebody().await?;
    let used = async || {
        let found = h.billing.get_entitlement_usage(&ada.call, GetEntitlementUsageRequest {}).await?;
        ensure!(found.plan == "free" && found.status == "active", "{found:?}");
        let of = |key: &str| found.entitlements.iter().find(|one| one.key == key).cloned().context("no such key");
        let storage = of("storage_gb")?;
        ensure!(storage.used.is_none() && storage.resets_at.is_none(), "nobody counts it here: {storage:?}");
        of("tickets_per_month")
    };
    let before = within(Duration::from_secs(10), async || {
        let before = used().await?;
        ensure!(before.used.is_some(), "usage-metering has not heard of the plan yet");
        Ok(before)
    })
    .await?;
    ensure!((before.used, before.remaining) == (Some(0), Some(15)), "{before:?}");
    ensure!(before.resets_at.is_some(), "{before:?}");
    let event = UsageEvent {
        source: "helpdesk".to_owned(),
        id: "ticket-1".to_owned(),
        resource: "tickets".to_owned(),
        quantity: 2,
        at: Some(proto::time::to_proto(host::Clock::system().now())),
        ..UsageEvent::default()
    };
    let may = Call { scopes: ada.call.scopes.with(Permission::UsageWrite), ..ada.call.clone() };
    h.usage.record_usage(&may, RecordUsageRequest { events: vec![event], ..RecordUsageRequest::default() }).await?;
    within(Duration::from_secs(5), async || {
        let now = used().await?;
        ensure!((now.used, now.remaining) == (Some(2), Some(13)), "{now:?}");
        Ok(())
    })
    .await
}

async fn what_cannot_be_had_is_refused_and_what_costs_less_waits(h: &Handles) -> anyhow::Result<()> {
    let ada = h.somebody().await?;
    set(h, &ada, "basic").await?;
    let preview = |plan: &str| PreviewChangeRequest { plan: plan.to_owned(), ..PreviewChangeRequest::default() };
    let change = |plan: &str| ChangePlanRequest { plan: plan.to_owned(), ..ChangePlanRequest::default() };
    let dearer = h.billing.preview_change(&ada.call, preview("pro")).await?;
    ensure!(dearer.currency == "BRL" && dearer.lines.len() == 2, "{dearer:?}");
    ensure!(dearer.total == dearer.lines.iter().map(|line| line.amount).sum::<i64>(), "{dearer:?}");
    // Right after the beginning of a period nearly all of it is left.
    ensure!((59_900..=60_000).contains(&dearer.total), "{dearer:?}");
    ensure!(reason(h.billing.change_plan(&ada.call, change("basic")).await)? == Reason::Conflict);
    ensure!(reason(h.billing.change_plan(&ada.call, change("gold")).await)? == Reason::RefusedValue);
    ensure!(reason(h.billing.change_plan(&ada.call, change("enterprise")).await)? == Reason::RefusedValue);
    let down = h.billing.change_plan(&ada.call, change("free")).await?.subscription.context("nothing")?;
    ensure!(down.cancel_at_period_end && down.effective_plan == "basic", "{down:?}");
    let back = h.billing.resume_subscription(&ada.call, ResumeSubscriptionRequest {}).await?.subscription;
    ensure!(back.is_some_and(|s| !s.cancel_at_period_end), "taken back");
    for _ in 0..2 {
        let request = CancelSubscriptionRequest { at_once: true };
        let ended = h.billing.cancel_subscription(&ada.call, request).await?.subscription.context("nothing")?;
        ensure!(ended.status == "cancelled" && ended.effective_plan == "free", "{ended:?}");
    }
    Ok(())
}

async fn operators_publish_coupons_and_customers_redeem_them_once(h: &Handles) -> anyhow::Result<()> {
    let ada = h.somebody().await?;
    plans(h).await?;
    let (admin, coupon_id) = (operator(&ada), format!("c-{}", &crate::random().simple().to_string()[20..]));
    let coupon = |percent: &str| PublishCouponRequest {
        coupon: Some(Coupon {
            id: coupon_id.clone(),
            titles: [("en".to_owned(), "Launch".to_owned())].into(),
            percent_off: percent.to_owned(),
            duration: "forever".to_owned(),
            ..Coupon::default()
        }),
    };
    ensure!(reason(h.billing.publish_coupon(&ada.call, coupon("50")).await)? == Reason::PermissionDenied);
    ensure!(reason(h.billing.publish_coupon(&admin, coupon("0")).await)? == Reason::RefusedValue);
    let published = h.billing.publish_coupon(&admin, coupon("50")).await?;
    ensure!(published.is_changed && published.coupon.is_some_and(|coupon| coupon.version == 1));
    ensure!(!h.billing.publish_coupon(&admin, coupon("50")).await?.is_changed, "the same again is nothing new");
    let found = h.billing.get_coupon(&admin, GetCouponRequest { coupon_id: coupon_id.clone() }).await?;
    ensure!(found.versions.len() == 1 && found.versions[0].percent_off == "50", "{found:?}");
    let listed = h.billing.list_coupons(&admin, ListCouponsRequest {}).await?.coupons;
    ensure!(listed.iter().any(|coupon| coupon.id == coupon_id), "{listed:?}");
    let code = coupon_id.to_uppercase();
    let create =
        CreatePromotionCodeRequest { code: coupon_id.clone(), coupon_id: coupon_id.clone(), ..Default::default() };
    let made = h.billing.create_promotion_code(&admin, create.clone()).await?.promotion_code.context("no code")?;
    ensure!(made.code == code && h.billing.create_promotion_code(&admin, create).await?.replayed, "{made:?}");
    let wish = PreviewChangeRequest { plan: "pro".into(), promotion_code: coupon_id.clone(), ..Default::default() };
    let preview = h.billing.preview_change(&ada.call, wish).await?;
    ensure!(preview.lines.iter().map(|line| line.amount).collect::<Vec<_>>() == [9_900, -4_950], "{preview:?}");
    ensure!(preview.lines[1].kind == "discount" && preview.lines[1].promotion_code == code, "{preview:?}");
    let change = |promotion_code: &str| ChangePlanRequest {
        plan: "pro".to_owned(),
        promotion_code: promotion_code.to_owned(),
        ..ChangePlanRequest::default()
    };
    ensure!(reason(h.billing.change_plan(&ada.call, change("NONE-SUCH")).await)? == Reason::PromotionCodeInvalid);
    let waiting = h.billing.change_plan(&ada.call, change(&code)).await?.subscription.context("nothing")?;
    ensure!(waiting.pending_update.is_some_and(|pending| pending.promotion_code == code), "it waits");
    let list = ListPromotionCodesRequest { coupon_id: coupon_id.clone(), ..ListPromotionCodesRequest::default() };
    let codes = h.billing.list_promotion_codes(&admin, list).await?.promotion_codes;
    ensure!(codes.len() == 1 && codes[0].times_redeemed == 1, "{codes:?}");
    let off = UpdatePromotionCodeRequest { promotion_code_id: made.id, is_active: false };
    ensure!(h.billing.update_promotion_code(&admin, off).await?.promotion_code.is_some_and(|code| !code.is_active));
    let bob = h.somebody().await?;
    ensure!(reason(h.billing.change_plan(&bob.call, change(&code)).await)? == Reason::PromotionCodeInvalid);
    let none = UpdatePromotionCodeRequest { promotion_code_id: "promo_x".to_owned(), is_active: true };
    ensure!(reason(h.billing.update_promotion_code(&admin, none).await)? == Reason::NotFound);
    Ok(())
}

async fn only_operators_publish_and_a_change_is_a_new_version(h: &Handles) -> anyhow::Result<()> {
    let ada = h.somebody().await?;
    let operator = operator(&ada);
    let name = format!("deal-{}", &crate::random().simple().to_string()[20..]);
    let plan = |limit| Plan {
        name: name.clone(),
        titles: [("en".to_owned(), "Deal".to_owned())].into(),
        entitlements: [("tickets_per_month".to_owned(), entitlement::limit(limit))].into(),
        is_hidden: true,
        ..Plan::default()
    };
    let publish = |limit| PublishPlansRequest { plans: vec![plan(limit)] };
    let versions = async |limit| {
        let answer = h.billing.publish_plans(&operator, publish(limit)).await?;
        let version = answer.plans.first().context("no plan")?.version;
        anyhow::Ok((version, answer.published.len()))
    };
    ensure!(versions(1).await? == (1, 1));
    ensure!(versions(1).await? == (1, 0), "the same again is nothing new");
    ensure!(versions(2).await? == (2, 1));
    let wrong = Plan { entitlements: [("v1_rpm".to_owned(), entitlement::limit(0))].into(), ..plan(1) };
    let refused = h.billing.publish_plans(&operator, PublishPlansRequest { plans: vec![plan(3), wrong] }).await;
    ensure!(reason(refused)? == Reason::RefusedValue);
    ensure!(versions(2).await? == (2, 0), "all or nothing");
    let offered = plans(h).await?;
    ensure!(offered.iter().all(|plan| plan.name != name), "it is hidden");
    let seen = h.billing.list_all_plans(&operator, ListAllPlansRequest {}).await?.plans;
    ensure!(seen.iter().any(|plan| plan.name == name && plan.version == 2), "operators see it");
    Ok(())
}

async fn the_feed_tells_of_plans(h: &Handles) -> anyhow::Result<()> {
    use futures::StreamExt as _;
    plans(h).await?;
    let mut feed = h.billing.watch(&anonymous(), WatchRequest { after: Some(0) }).await?;
    let batch = tokio::time::timeout(Duration::from_secs(5), async {
        loop {
            let batch = feed.next().await.context("the feed ended")??;
            if batch.events.iter().any(|event| event.kind == "plan.published" && event.subject == "free") {
                return anyhow::Ok(batch);
            }
        }
    });
    let batch = batch.await.context("nothing was told")??;
    let free = batch.events.iter().find(|event| event.subject == "free").context("no event")?;
    let payload: serde_json::Value = serde_json::from_str(&free.payload)?;
    ensure!(payload["entitlements"]["storage_gb"] == 5 && free.workspace_id.is_empty(), "{payload}");
    Ok(())
}

//! Discounts, told by a clock that moves: who gets them, of what, for how long, and how often.

use crate::house::{House, on_both_databases, time};
use chrono::{Months, TimeDelta};
use futures::future::join_all;
use proto::{
    Call, Failure, Reason,
    billing::{
        ChangePlanRequest, Coupon, CreatePromotionCodeRequest, GetCouponRequest, Invoice, ListCouponsRequest,
        ListPromotionCodesRequest, Plan, PreviewChangeRequest, Price, PromotionCode, PublishCouponRequest,
        PublishPlansRequest, Subscription, UpdatePromotionCodeRequest,
    },
};
use std::collections::BTreeMap;

on_both_databases!(
    three_months_have_it_and_the_fourth_has_not,
    what_was_entered_is_shown_line_by_line_and_paid_like_that,
    an_upgrade_gives_back_what_was_paid_and_not_what_was_taken_off,
    of_sixty_four_at_once_as_many_get_it_as_there_are,
    what_nobody_pays_can_be_redeemed_again,
    a_code_that_cannot_be_redeemed_says_why_and_changes_nothing,
    a_coupon_has_versions_and_what_was_agreed_on_stays,
    all_of_it_for_nothing_is_an_invoice_of_zero_that_is_paid,
    a_trial_has_its_discount_when_it_is_over,
    codes_are_switched_off_and_listed,
    what_waits_for_ones_own_payment_can_be_entered_for_another_plan,
    what_a_code_pays_whole_needs_no_way_to_pay,
);

async fn publish(h: &House, call: &Call, coupon: Coupon) -> Result<Coupon, Failure> {
    let request = PublishCouponRequest { coupon: Some(coupon) };
    let answer = h.billing.publish_coupon(&h.operator(call), request).await.map_err(|status| Failure::from(&status))?;
    Ok(answer.coupon.expect("a coupon"))
}

fn coupon(id: &str, percent_off: &str, months: i32) -> Coupon {
    Coupon {
        id: id.to_owned(),
        titles: [("en".to_owned(), id.to_owned())].into(),
        percent_off: percent_off.to_owned(),
        duration: if months == 0 { "forever" } else { "repeating" }.to_owned(),
        duration_in_months: months,
        ..Coupon::default()
    }
}

async fn code(h: &House, call: &Call, of: Coupon, code: &str) -> PromotionCode {
    let coupon_id = publish(h, call, of).await.expect("a coupon").id;
    let request = CreatePromotionCodeRequest { code: code.to_owned(), coupon_id, ..Default::default() };
    let made = h.billing.create_promotion_code(&h.operator(call), request).await.expect("a code");
    made.promotion_code.expect("a code")
}

async fn times(h: &House, call: &Call, id: &str) -> (i64, Vec<i64>) {
    let request = GetCouponRequest { coupon_id: id.to_owned() };
    let found = h.billing.get_coupon(&h.operator(call), request).await.expect("a coupon");
    let request = ListPromotionCodesRequest { coupon_id: id.to_owned(), ..Default::default() };
    let codes = h.billing.list_promotion_codes(&h.operator(call), request).await.expect("codes").promotion_codes;
    (found.versions[0].times_redeemed, codes.iter().map(|code| code.times_redeemed).collect())
}

fn wish(plan: &str, code: &str) -> ChangePlanRequest {
    ChangePlanRequest { plan: plan.to_owned(), promotion_code: code.to_owned(), ..ChangePlanRequest::default() }
}

fn amounts(invoice: &Invoice) -> Vec<(String, i64)> {
    invoice.lines.iter().map(|line| (line.kind.clone(), line.amount)).collect()
}

fn lines(expected: &[(&str, i64)]) -> Vec<(String, i64)> {
    expected.iter().map(|(kind, amount)| ((*kind).to_owned(), *amount)).collect()
}

/// Subscribes and pays.
async fn subscribed(h: &House, call: &Call, wish: ChangePlanRequest) -> Subscription {
    let waiting = h.wish(call, wish).await.expect("it waits");
    let pending = waiting.pending_update.expect("an update");
    h.pay(call, &pending.invoice_id, 0, &pending.invoice_id).await.expect("it is paid");
    h.get(call).await
}

async fn why(h: &House, call: &Call, plan: &str, code: &str) -> String {
    let refused = h.wish(call, wish(plan, code)).await.expect_err("it cannot be redeemed");
    assert_eq!(refused.reason, Reason::PromotionCodeInvalid, "{refused:?}");
    assert_eq!(refused.fields[0].0, "promotion_code");
    refused.get("why").expect("why").to_owned()
}

async fn three_months_have_it_and_the_fourth_has_not(h: &House) {
    let call = h.workspace().await;
    code(h, &call, coupon("quarter", "25", 3), "QUARTER").await;
    let begun = subscribed(h, &call, wish("basic", " quarter ")).await;
    let discount = begun.discount.clone().expect("a discount");
    assert_eq!((discount.promotion_code.as_str(), discount.percent_off.as_str()), ("QUARTER", "25"));
    assert_eq!((discount.period_amount, discount.started_at), (7_425, begun.current_period_start));
    // From a 31st of January, by the calendar of the customer: the 30th of April.
    let start = time(begun.current_period_start);
    assert_eq!(time(discount.ends_at), start.checked_add_months(Months::new(3)).expect("a time"));
    for month in 1..5 {
        h.at(time(h.get(&call).await.current_period_end)).await;
        let newest = h.invoices(&call).await.pop().expect("an invoice");
        let off = if month < 3 { 7_425 } else { 0 };
        assert_eq!((newest.total, newest.lines.len()), (29_700 - off, if off == 0 { 1 } else { 2 }), "month {month}");
        h.pay(&call, &newest.id, 0, &newest.id).await.expect("it is paid");
    }
    assert_eq!(h.get(&call).await.discount, None, "it is over");
    let books = h.books(&call).await;
    assert_eq!((books["revenue:plans"], books["revenue:discounts"]), (-5 * 29_700, 3 * 7_425));
    assert_eq!(books["cash:manual"], 5 * 29_700 - 3 * 7_425);
    assert_eq!(why(h, &call, "pro", "QUARTER").await, "redeemed", "each workspace once");
    assert_eq!(times(h, &call, "quarter").await, (1, vec![1]));
}

async fn what_was_entered_is_shown_line_by_line_and_paid_like_that(h: &House) {
    let call = h.workspace().await;
    let ten =
        Coupon { amount_off: 1_000, currency: "BRL".to_owned(), percent_off: String::new(), ..coupon("ten", "", 0) };
    code(h, &call, Coupon { duration: "once".to_owned(), ..ten }, "TEN").await;
    let request = PreviewChangeRequest { plan: "basic".into(), promotion_code: "ten".into(), ..Default::default() };
    let preview = h.billing.preview_change(&call, request).await.expect("a preview");
    let shown: Vec<_> = preview.lines.iter().map(|line| (line.kind.clone(), line.amount)).collect();
    assert_eq!((shown.clone(), preview.total), (lines(&[("period", 29_700), ("discount", -1_000)]), 28_700));
    assert_eq!(times(h, &call, "ten").await, (0, vec![0]), "whoever looks has redeemed nothing");
    let waiting = h.wish(&call, wish("basic", "TEN")).await.expect("it waits");
    let pending = waiting.pending_update.clone().expect("an update");
    assert_eq!((pending.promotion_code.as_str(), waiting.discount), ("TEN", None));
    // The same again is the same invoice, with the code and without it.
    for code in ["TEN", "ten", ""] {
        let again = h.wish(&call, wish("basic", code)).await.expect("the same");
        assert_eq!(again.pending_update.as_ref(), Some(&pending), "{code:?}");
    }
    let invoice = h.invoices(&call).await.remove(0);
    assert_eq!((amounts(&invoice), invoice.total), (shown, 28_700));
    assert_eq!(invoice.lines[1].description, "Discount");
    h.pay(&call, &invoice.id, 0, "1").await.expect("it is paid");
    assert_eq!(h.get(&call).await.discount.map(|discount| discount.period_amount), Some(1_000));
    h.at(time(h.get(&call).await.current_period_end)).await;
    let next = h.invoices(&call).await.pop().expect("an invoice");
    assert_eq!((amounts(&next), h.get(&call).await.discount), (lines(&[("period", 29_700)]), None));
}

async fn an_upgrade_gives_back_what_was_paid_and_not_what_was_taken_off(h: &House) {
    let call = h.workspace().await;
    code(h, &call, coupon("half", "50", 0), "HALF").await;
    let begun = subscribed(h, &call, wish("basic", "HALF")).await;
    let (start, end) = (time(begun.current_period_start), time(begun.current_period_end));
    h.at(start + (end - start) / 2).await;
    let preview =
        h.billing.preview_change(&call, PreviewChangeRequest { plan: "pro".into(), ..Default::default() }).await;
    let preview = preview.expect("a preview");
    let expected = [("unused_time", -14_850), ("discount", 7_425), ("remaining_time", 44_850), ("discount", -22_425)];
    let shown: Vec<_> = preview.lines.iter().map(|line| (line.kind.clone(), line.amount)).collect();
    assert_eq!((shown, preview.total), (lines(&expected), 15_000));
    let now = subscribed(h, &call, wish("pro", "")).await;
    let invoice = h.invoices(&call).await.pop().expect("an invoice");
    assert_eq!(
        (amounts(&invoice), invoice.lines[1].description.as_str()),
        (lines(&expected), "Discount on unused time")
    );
    assert_eq!(now.discount.map(|discount| discount.period_amount), Some(22_425));
    h.at(end).await;
    let next = h.invoices(&call).await.pop().expect("an invoice");
    assert_eq!(amounts(&next), lines(&[("period", 89_700), ("discount", -44_850)]));
}

async fn of_sixty_four_at_once_as_many_get_it_as_there_are(h: &House) {
    let first = h.workspace().await;
    let mut calls = vec![];
    for _ in 0..64 {
        calls.push(h.workspace().await);
    }
    code(h, &first, Coupon { max_redemptions: 7, ..coupon("few", "10", 0) }, "FEW").await;
    let asked = join_all(calls.iter().map(|call| h.wish(call, wish("basic", "FEW")))).await;
    let (got, refused): (Vec<_>, Vec<_>) = asked.into_iter().partition(Result::is_ok);
    assert_eq!((got.len(), refused.len()), (7, 57));
    for failure in refused {
        let failure = failure.expect_err("refused");
        assert_eq!((failure.reason, failure.get("why")), (Reason::PromotionCodeInvalid, Some("used_up")));
    }
    assert_eq!(times(h, &first, "few").await, (7, vec![7]));
    let mut with = 0;
    for call in &calls {
        let pending = h.get(call).await.pending_update;
        with += i32::from(pending.as_ref().is_some_and(|pending| pending.promotion_code == "FEW"));
        assert_eq!(pending.is_some(), !h.invoices(call).await.is_empty(), "who was refused owes nothing");
    }
    assert_eq!(with, 7);
}

async fn what_nobody_pays_can_be_redeemed_again(h: &House) {
    let (call, other) = (h.workspace().await, h.workspace().await);
    code(h, &call, Coupon { max_redemptions: 1, ..coupon("single", "10", 0) }, "SINGLE").await;
    code(h, &call, Coupon { max_redemptions: 1, ..coupon("second", "20", 0) }, "SECOND").await;
    let waiting = h.wish(&call, wish("basic", "SINGLE")).await.expect("it waits").pending_update.expect("an update");
    assert_eq!(why(h, &other, "basic", "SINGLE").await, "used_up", "it is reserved");
    // Another wish takes its place, with the same code or with another one.
    h.wish(&call, wish("pro", "SINGLE")).await.expect("it waits");
    assert_eq!(times(h, &call, "single").await, (1, vec![1]));
    h.wish(&call, wish("pro", "SECOND")).await.expect("it waits");
    assert_eq!((times(h, &call, "single").await, times(h, &call, "second").await), ((0, vec![0]), (1, vec![1])));
    // A wish that is refused leaves what waits as it is.
    assert_eq!(why(h, &call, "basic", "NONE").await, "unknown");
    let kept = h.get(&call).await.pending_update.expect("an update");
    assert_eq!((kept.plan.as_str(), kept.promotion_code.as_str()), ("pro", "SECOND"));
    assert_eq!(times(h, &call, "second").await, (1, vec![1]));
    h.at(time(waiting.expires_at) + TimeDelta::hours(1)).await;
    assert_eq!(times(h, &call, "second").await, (0, vec![0]), "nobody has paid");
    subscribed(h, &other, wish("basic", "SECOND")).await;
    h.at(h.now() + TimeDelta::days(10)).await;
    assert_eq!(times(h, &call, "second").await, (1, vec![1]), "what was paid for stays redeemed");
}

async fn a_code_that_cannot_be_redeemed_says_why_and_changes_nothing(h: &House) {
    let call = h.workspace().await;
    let soon = Some(proto::time::to_proto(h.now() + TimeDelta::hours(1)));
    code(h, &call, Coupon { redeem_by: soon, ..coupon("short", "10", 0) }, "SHORT").await;
    code(h, &call, Coupon { plans: vec!["pro".to_owned()], ..coupon("for-pro", "10", 0) }, "PRO-ONLY").await;
    let dollars = Coupon { amount_off: 5, currency: "USD".to_owned(), ..coupon("dollars", "", 0) };
    code(h, &call, dollars, "DOLLARS").await;
    h.hand.advance(TimeDelta::hours(1));
    for (plan, code, expected) in [
        ("basic", "NOBODY-KNOWS", "unknown"),
        ("basic", "a b", "unknown"),
        ("basic", "' or 1=1 --", "unknown"),
        ("basic", "SHORT", "expired"),
        ("basic", "PRO-ONLY", "plan"),
        ("basic", "DOLLARS", "currency"),
    ] {
        assert_eq!(why(h, &call, plan, code).await, expected, "{code}");
        let request = PreviewChangeRequest { plan: plan.into(), promotion_code: code.into(), ..Default::default() };
        let refused = h.billing.preview_change(&call, request).await.expect_err("it cannot be redeemed");
        assert_eq!(Reason::of(&refused), Reason::PromotionCodeInvalid, "{code}");
    }
    h.invoiced(&call, "pro").await;
    h.pay(&call, &h.invoices(&call).await[0].id, 0, "1").await.expect("it is paid");
    assert_eq!(why(h, &call, "free", "PRO-ONLY").await, "plan");
    code(h, &call, coupon("any", "10", 0), "ANY").await;
    assert_eq!(why(h, &call, "free", "ANY").await, "nothing_to_discount");
    let after = h.get(&call).await;
    assert_eq!((after.discount, after.cancel_at_period_end, h.invoices(&call).await.len()), (None, false, 1));
    for id in ["short", "for-pro", "dollars", "any"] {
        assert_eq!(times(h, &call, id).await, (0, vec![0]), "{id}");
    }
}

async fn a_coupon_has_versions_and_what_was_agreed_on_stays(h: &House) {
    let call = h.workspace().await;
    code(h, &call, coupon("loyal", "30", 0), "LOYAL").await;
    subscribed(h, &call, wish("basic", "LOYAL")).await;
    let request = PublishCouponRequest { coupon: Some(coupon("loyal", "30", 0)) };
    let same = h.billing.publish_coupon(&h.operator(&call), request).await.expect("the same");
    assert_eq!((same.is_changed, same.coupon.map(|coupon| coupon.version)), (false, Some(1)));
    let less = publish(h, &call, coupon("loyal", "5", 2)).await.expect("a version");
    assert_eq!((less.version, less.times_redeemed), (2, 1));
    let request = GetCouponRequest { coupon_id: "loyal".to_owned() };
    let all = h.billing.get_coupon(&h.operator(&call), request).await.expect("versions").versions;
    let said: Vec<_> = all.iter().map(|one| (one.version, one.percent_off.as_str())).collect();
    assert_eq!(said, [(2, "5"), (1, "30")]);
    h.at(time(h.get(&call).await.current_period_end)).await;
    assert_eq!(h.invoices(&call).await.pop().expect("an invoice").total, 20_790, "what was agreed on stays");
    let other = h.workspace().await;
    let begun = subscribed(h, &other, wish("basic", "LOYAL")).await;
    assert_eq!(
        begun.discount.map(|discount| (discount.coupon_version, discount.percent_off)),
        Some((2, "5".to_owned()))
    );
    let listed = h.billing.list_coupons(&h.operator(&call), ListCouponsRequest {}).await.expect("a list").coupons;
    assert!(listed.iter().any(|one| one.id == "loyal" && one.version == 2), "{listed:?}");
    for wrong in
        [coupon("Loyal", "5", 2), coupon("x", "101", 0), Coupon { plans: vec!["none".into()], ..coupon("x", "1", 0) }]
    {
        assert_eq!(publish(h, &call, wrong).await.map_err(|failure| failure.reason), Err(Reason::RefusedValue));
    }
    let request = GetCouponRequest { coupon_id: "x".to_owned() };
    let none = h.billing.get_coupon(&h.operator(&call), request).await.map_err(|status| Reason::of(&status));
    assert_eq!(none.map(drop), Err(Reason::NotFound));
}

async fn all_of_it_for_nothing_is_an_invoice_of_zero_that_is_paid(h: &House) {
    let call = h.workspace().await;
    code(h, &call, coupon("friends", "100", 2), "FRIENDS").await;
    let begun = h.wish(&call, wish("pro", "FRIENDS")).await.expect("it is in force");
    assert_eq!((begun.status.as_str(), begun.effective_plan.as_str()), ("active", "pro"));
    h.at(time(begun.current_period_end)).await;
    let now = h.get(&call).await;
    assert_eq!((now.status.as_str(), now.payment_due_at), ("active", None), "nobody waits for nothing");
    let shown: Vec<_> = h.invoices(&call).await.into_iter().map(|one| (one.status, one.subtotal, one.total)).collect();
    assert_eq!(shown, [("paid".to_owned(), 0, 0), ("paid".to_owned(), 0, 0)]);
    h.at(time(now.current_period_end)).await;
    let third = h.invoices(&call).await.pop().expect("an invoice");
    assert_eq!((third.status.as_str(), third.total), ("open", 89_700));
}

async fn a_trial_has_its_discount_when_it_is_over(h: &House) {
    let call = h.workspace().await;
    let tried = Plan {
        name: "tried".to_owned(),
        titles: [("en".to_owned(), "Tried".to_owned())].into(),
        prices: vec![Price { currency: "BRL".to_owned(), interval: "month".to_owned(), unit_amount: 10_000 }],
        trial_days: 14,
        entitlements: BTreeMap::new(),
        ..Plan::default()
    };
    let publish = PublishPlansRequest { plans: vec![tried] };
    h.billing.publish_plans(&h.operator(&call), publish).await.expect("it is published");
    code(h, &call, coupon("after", "40", 1), "AFTER").await;
    let begun = h.wish(&call, wish("tried", "AFTER")).await.expect("a trial");
    assert_eq!((begun.status.as_str(), begun.discount.as_ref().map(|one| one.period_amount)), ("trialing", Some(0)));
    assert_eq!(begun.discount.and_then(|discount| discount.started_at), None, "its time has not begun");
    h.billing.resume_subscription(&call, Default::default()).await.expect("it goes on");
    h.at(time(begun.current_period_end)).await;
    assert_eq!(amounts(&h.invoices(&call).await[0]), lines(&[("period", 10_000), ("discount", -4_000)]));
    h.pay(&call, &h.invoices(&call).await[0].id, 0, "1").await.expect("it is paid");
    h.at(time(h.get(&call).await.current_period_end)).await;
    assert_eq!(amounts(&h.invoices(&call).await[1]), lines(&[("period", 10_000)]));
}

async fn codes_are_switched_off_and_listed(h: &House) {
    let call = h.workspace().await;
    let made = code(h, &call, coupon("season", "10", 0), "season-1").await;
    assert_eq!((made.code.as_str(), made.is_active), ("SEASON-1", true));
    let operator = h.operator(&call);
    let request = |code: &str, coupon_id: &str, max_redemptions| CreatePromotionCodeRequest {
        code: code.to_owned(),
        coupon_id: coupon_id.to_owned(),
        max_redemptions,
        ..Default::default()
    };
    let again = h.billing.create_promotion_code(&operator, request("SEASON-1", "season", 0)).await.expect("the same");
    assert_eq!((again.replayed, again.promotion_code), (true, Some(made.clone())));
    for (wrong, reason) in [
        (request("SEASON-1", "season", 5), Reason::Conflict),
        (request("SEASON-2", "none", 0), Reason::NotFound),
        (request("x", "season", 0), Reason::RefusedValue),
        (request("SEASON-2", "season", -1), Reason::RefusedValue),
    ] {
        let refused = h.billing.create_promotion_code(&operator, wrong).await.map_err(|status| Reason::of(&status));
        assert_eq!(refused.map(drop), Err(reason));
    }
    let switch = async |is_active| {
        let request = UpdatePromotionCodeRequest { promotion_code_id: made.id.clone(), is_active };
        h.billing.update_promotion_code(&operator, request).await.expect("it is switched").promotion_code
    };
    assert_eq!(switch(false).await.map(|code| code.is_active), Some(false));
    assert_eq!(why(h, &call, "basic", "SEASON-1").await, "unknown");
    assert_eq!(switch(true).await.map(|code| code.is_active), Some(true));
    h.billing.create_promotion_code(&operator, request("SEASON-2", "season", 1)).await.expect("another one");
    let list = async |page_token: String| {
        let request = ListPromotionCodesRequest { coupon_id: "season".into(), page_size: 1, page_token };
        h.billing.list_promotion_codes(&operator, request).await.expect("a page")
    };
    let first = list(String::new()).await;
    let second = list(first.next_page_token.clone()).await;
    let codes = [first, second].map(|page| page.promotion_codes[0].code.clone());
    assert_eq!(codes, ["SEASON-2", "SEASON-1"]);
    let (one, two) = (h.workspace().await, h.workspace().await);
    h.wish(&one, wish("basic", "SEASON-2")).await.expect("it waits");
    assert_eq!(why(h, &two, "basic", "SEASON-2").await, "used_up", "of the code, not of the coupon");
    h.wish(&two, wish("basic", "SEASON-1")).await.expect("it waits");
}

async fn what_waits_for_ones_own_payment_can_be_entered_for_another_plan(h: &House) {
    let call = h.workspace().await;
    code(h, &call, Coupon { max_redemptions: 1, ..coupon("last", "10", 0) }, "LAST").await;
    h.wish(&call, wish("basic", "LAST")).await.expect("it waits for its payment");
    let request = PreviewChangeRequest { plan: "pro".into(), promotion_code: "last".into(), ..Default::default() };
    let preview = h.billing.preview_change(&call, request.clone()).await.expect("it is one's own");
    assert_eq!(preview.total, 89_700 - 8_970);
    assert_eq!(times(h, &call, "last").await, (1, vec![1]), "a preview changes nothing");
    let other = h.workspace().await;
    let refused = h.billing.preview_change(&other, request).await.expect_err("it is reserved");
    assert_eq!(Failure::from(&refused).get("why"), Some("used_up"));
    // What was previewed is what it costs.
    let waiting = h.wish(&call, wish("pro", "LAST")).await.expect("it waits").pending_update.expect("an update");
    let invoice = h.invoices(&call).await.into_iter().find(|one| one.id == waiting.invoice_id).expect("an invoice");
    assert_eq!((invoice.total, times(h, &call, "last").await), (preview.total, (1, vec![1])));
}

async fn what_a_code_pays_whole_needs_no_way_to_pay(h: &House) {
    // Nobody takes payments, and no account is named to pay to.
    let bare = h.without_payments();
    let call = h.workspace().await;
    code(h, &call, coupon("gift", "100", 0), "GIFT").await;
    code(h, &call, coupon("most", "99", 0), "MOST").await;
    for wish in [wish("pro", ""), wish("pro", "MOST")] {
        let refused = bare.change_plan(&call, wish).await.map_err(|status| Reason::of(&status));
        assert_eq!(refused.map(drop), Err(Reason::PaymentsNotConfigured), "something is left to pay");
    }
    assert!(h.invoices(&call).await.is_empty() && h.get(&call).await.pending_update.is_none(), "nothing has changed");
    assert_eq!(times(h, &call, "most").await, (0, vec![0]));
    let begun = bare.change_plan(&call, wish("pro", "GIFT")).await.expect("nothing is to be paid");
    let begun = begun.subscription.expect("a subscription");
    assert_eq!((begun.status.as_str(), begun.effective_plan.as_str()), ("active", "pro"));
    let invoices = h.invoices(&call).await;
    assert_eq!(invoices.iter().map(|one| (one.status.as_str(), one.total)).collect::<Vec<_>>(), [("paid", 0)]);
}

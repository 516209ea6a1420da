use super::super::begin::begin;
use super::*;
use crate::coupon::tests::{Duration, amount, percent};
use chrono_tz::Tz;
use proptest::prelude::*;
use proto::{billing::Price, id::SubscriptionId};
use uuid::Uuid;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("a time")
}

fn plan(name: &str, month: i64, trial_days: i32) -> Plan {
    let price = |interval: &str, unit_amount| Price { currency: "BRL".into(), interval: interval.into(), unit_amount };
    let prices = vec![price("month", month), price("year", 10 * month)];
    Plan { name: name.to_owned(), version: 1, prices, trial_days, ..Plan::default() }
}

fn anchor(when: &str, interval: Interval) -> Anchor {
    Anchor { at: at(when), zone: Tz::UTC, interval }
}

fn on(plan: &Plan, when: &str) -> Subscription {
    let price = Money { currency: "BRL".to_owned(), amount: plan.prices[0].unit_amount };
    begin(SubscriptionId::from_uuid(Uuid::from_u128(1)), plan, Some(price), anchor(when, Interval::Month), 0)
}

fn judged(live: Option<&Subscription>, plan: &Plan, anchor: Anchor) -> Result<Change, Error> {
    wished(live, plan, anchor, 0, None)
}

fn wished(
    live: Option<&Subscription>,
    plan: &Plan,
    anchor: Anchor,
    quantity: i64,
    discount: Option<&Discount>,
) -> Result<Change, Error> {
    judge(live, &Wish { plan, quantity, discount, anchor, currency: "BRL", default: "free", in_force: "free" })
}

fn amounts(change: &Change) -> Vec<(&str, i64)> {
    change.lines.iter().map(|line| (line.kind.as_str(), line.amount)).collect()
}

#[test]
fn what_costs_more_pays_for_the_rest_of_the_period() {
    let (basic, pro) = (plan("basic", 29_700, 0), plan("pro", 89_700, 0));
    let live = on(&basic, "2027-06-01T00:00:00Z");
    let half = judged(Some(&live), &pro, anchor("2027-06-16T00:00:00Z", Interval::Month)).expect("an upgrade");
    assert_eq!((half.kind, half.at), (Kind::Upgrade, at("2027-06-16T00:00:00Z")));
    assert_eq!(amounts(&half), [("unused_time", -14_850), ("remaining_time", 44_850)]);
    let yearly = judged(Some(&live), &pro, anchor("2027-06-16T00:00:00Z", Interval::Year)).expect("an upgrade");
    assert_eq!(amounts(&yearly), [("unused_time", -14_850), ("period", 897_000)]);
}

#[test]
fn what_was_paid_elsewhere_lowers_the_price_and_is_never_given_back_from_here() {
    let (basic, pro) = (plan("basic", 29_700, 0), plan("pro", 89_700, 0));
    let year = begin(
        SubscriptionId::from_uuid(Uuid::from_u128(1)),
        &basic,
        Some(Money { currency: "BRL".to_owned(), amount: 297_000 }),
        anchor("2027-06-01T00:00:00Z", Interval::Year),
        0,
    );
    let now = anchor("2027-06-16T00:00:00Z", Interval::Month);
    let elsewhere = judged(Some(&year), &pro, now).expect("an upgrade");
    assert_eq!(amounts(&elsewhere), [("unused_time", -89_700), ("period", 89_700)]);
    let here = Subscription { collection: Collection::Invoice, ..year };
    let paid = judged(Some(&here), &pro, now).expect("an upgrade");
    assert_eq!(amounts(&paid), [("unused_time", -284_828), ("period", 89_700)]);
    // What nobody has paid yet is not given back either.
    let owed = Subscription { payment_due: Some(at("2027-06-20T00:00:00Z")), ..here };
    assert!(matches!(judged(Some(&owed), &pro, now), Err(Error::Conflict(_))));
}

#[test]
fn what_costs_less_waits_for_the_next_period_and_the_default_plan_ends_it() {
    let (free, basic, pro) = (plan("free", 0, 0), plan("basic", 29_700, 0), plan("pro", 89_700, 0));
    let live = on(&pro, "2027-06-01T00:00:00Z");
    let now = anchor("2027-06-16T00:00:00Z", Interval::Month);
    let less = judged(Some(&live), &basic, now).expect("a downgrade");
    assert_eq!((less.kind, less.at, amounts(&less)), (Kind::Downgrade, live.end, vec![("period", 29_700)]));
    let end = judged(Some(&live), &free, now).expect("an end");
    assert_eq!((end.kind, end.at, end.lines.len()), (Kind::Cancel, live.end, 0));
    assert!(matches!(judged(Some(&live), &pro, now), Err(Error::InForce)));
}

#[test]
fn who_has_nothing_may_try_once_what_can_be_tried() {
    let (free, pro) = (plan("free", 0, 0), plan("pro", 89_700, 14));
    let now = anchor("2027-06-16T00:00:00Z", Interval::Month);
    let first = judged(None, &pro, now).expect("a trial");
    assert_eq!((first.kind, first.lines[0].period_start), (Kind::Trial, Some(to_proto(at("2027-06-30T00:00:00Z")))));
    let mut ended = on(&pro, "2027-01-01T00:00:00Z");
    ended.ended_at = Some(ended.end);
    assert_eq!(judged(Some(&ended), &pro, now).expect("no trial").kind, Kind::Upgrade);
    assert!(matches!(judged(None, &free, now), Err(Error::InForce)));
}

#[test]
fn who_only_tries_a_plan_gets_none_that_has_to_be_paid() {
    let (free, basic, pro) = (plan("free", 0, 0), plan("basic", 29_700, 0), plan("pro", 89_700, 14));
    let price = Money { currency: "BRL".to_owned(), amount: 89_700 };
    let begun = anchor("2027-06-01T00:00:00Z", Interval::Month);
    let agreed = begin(SubscriptionId::from_uuid(Uuid::from_u128(1)), &pro, Some(price), begun, 14);
    let tried = Subscription { cancel_at_period_end: true, ..agreed.clone() };
    let now = anchor("2027-06-08T00:00:00Z", Interval::Month);
    let kind = |live: &Subscription, plan: &Plan| judged(Some(live), plan, now).expect("a change").kind;
    assert_eq!((kind(&tried, &basic), kind(&tried, &free)), (Kind::Upgrade, Kind::Cancel));
    assert_eq!(kind(&agreed, &basic), Kind::Downgrade, "an operator has agreed on what comes after this one");
}

#[test]
fn what_is_not_offered_or_has_no_such_price_is_refused() {
    let now = anchor("2027-06-16T00:00:00Z", Interval::Month);
    let hidden = Plan { is_hidden: true, ..plan("deal", 1, 0) };
    assert!(matches!(judged(None, &hidden, now), Err(Error::Refused(_))));
    assert!(matches!(judged(None, &Plan { prices: vec![], ..plan("enterprise", 1, 0) }, now), Err(Error::Refused(_))));
    let pro = plan("pro", 89_700, 0);
    let wish = Wish {
        plan: &pro,
        quantity: 0,
        discount: None,
        anchor: now,
        currency: "USD",
        default: "free",
        in_force: "free",
    };
    let dollars = judge(None, &wish);
    assert!(dollars.is_err_and(|error| error.to_string().contains("BRL per month")));
}

fn seats(name: &str, month: i64) -> Plan {
    Plan { max_quantity: 100, ..plan(name, month, 0) }
}

#[test]
fn more_of_a_plan_is_paid_for_the_rest_and_fewer_come_with_the_next_period() {
    let team = seats("team", 1_000);
    let five = Subscription { quantity: 5, collection: Collection::Invoice, ..on(&team, "2027-06-01T00:00:00Z") };
    let now = anchor("2027-06-16T00:00:00Z", Interval::Month);
    let more = wished(Some(&five), &team, now, 8, None).expect("more");
    assert_eq!((more.kind, more.quantity), (Kind::Upgrade, 8));
    assert_eq!(amounts(&more), [("unused_time", -2_500), ("remaining_time", 4_000)]);
    assert_eq!((more.lines[0].quantity, more.lines[1].quantity, more.lines[1].unit_amount), (5, 8, 1_000));
    let fewer = wished(Some(&five), &team, now, 2, None).expect("fewer");
    assert_eq!((fewer.kind, fewer.at, amounts(&fewer)), (Kind::Downgrade, five.end, vec![("period", 2_000)]));
    assert!(matches!(wished(Some(&five), &team, now, 5, None), Err(Error::InForce)));
    for wrong in [-1, 101, i64::MAX] {
        assert!(matches!(wished(Some(&five), &team, now, wrong, None), Err(Error::Refused(_))), "{wrong}");
    }
    // What was agreed on may be more than is sold today, and costs what was agreed on.
    let many = Subscription { quantity: 500, version: 7, ..five.clone() };
    let dearer = Plan { version: 8, ..seats("team", 9_000) };
    let fewer = wished(Some(&many), &dearer, now, 400, None).expect("fewer");
    assert_eq!((fewer.price.amount, fewer.version, amounts(&fewer)), (1_000, 7, vec![("period", 400_000)]));
    // Another plan has as many, if it is sold in several at all.
    let kept = wished(Some(&five), &seats("max", 3_000), now, 0, None).expect("another plan");
    assert_eq!((kept.quantity, amounts(&kept)), (5, vec![("unused_time", -2_500), ("remaining_time", 7_500)]));
    let whole = wished(Some(&five), &plan("pro", 89_700, 0), now, 0, None).expect("another plan");
    assert_eq!(whole.quantity, 1);
    assert!(matches!(wished(Some(&five), &plan("pro", 89_700, 0), now, 2, None), Err(Error::Refused(_))));
    let tried = Subscription { status: Status::Trialing, ..five };
    let tried = wished(Some(&tried), &team, now, 6, None).expect("more to try");
    assert_eq!((tried.kind, tried.at, amounts(&tried)), (Kind::Tried, now.at, vec![("period", 6_000)]));
}

#[test]
fn what_a_discount_took_off_is_not_given_back_and_the_new_plan_has_it_too() {
    let (basic, pro) = (plan("basic", 29_700, 0), plan("pro", 89_700, 0));
    let from = at("2027-06-01T00:00:00Z");
    let fifth = percent("20", Duration::Forever);
    let live = Subscription {
        collection: Collection::Invoice,
        discount: Some(fifth.used(from)),
        taken: Some(Taken { amount: 5_940, from }),
        ..on(&basic, "2027-06-01T00:00:00Z")
    };
    let now = anchor("2027-06-16T00:00:00Z", Interval::Month);
    let change = judged(Some(&live), &pro, now).expect("an upgrade");
    let expected = [("unused_time", -14_850), ("discount", 2_970), ("remaining_time", 44_850), ("discount", -8_970)];
    assert_eq!(amounts(&change), expected);
    assert_eq!(change.taken, Some(Taken { amount: 8_970, from: now.at }));
    // What was for the first invoice only is no part of the second.
    let once = Subscription { discount: Some(percent("20", Duration::Once).used(from)), ..live.clone() };
    let change = judged(Some(&once), &pro, now).expect("an upgrade");
    assert_eq!(amounts(&change), expected[..3]);
    // One that is entered now takes the place of the one there is, and no invoice goes below zero.
    let all = percent("100", Duration::Once);
    let change = wished(Some(&live), &pro, now, 0, Some(&all)).expect("an upgrade");
    assert_eq!(change.lines.iter().map(|line| line.amount).sum::<i64>(), 0, "{:?}", change.lines);
    assert_eq!(change.discount.and_then(|discount| discount.since), Some(now.at));
    let less = wished(Some(&live), &plan("mini", 100, 0), now, 0, Some(&all)).expect("a downgrade");
    assert_eq!((less.kind, amounts(&less)), (Kind::Downgrade, vec![("period", 100), ("discount", -100)]));
    assert_eq!((less.taken, less.discount.and_then(|discount| discount.since)), (None, None), "it is not used yet");
}

#[test]
fn a_code_that_has_nothing_to_take_off_is_refused() {
    let (free, zero) = (plan("free", 0, 0), plan("zero", 0, 0));
    let now = anchor("2027-06-16T00:00:00Z", Interval::Month);
    let code = percent("20", Duration::Once);
    let why = |found: Result<Change, Error>| match found {
        Err(Error::Refused(failure)) => failure.get("why").map(str::to_owned),
        other => panic!("{other:?}"),
    };
    let nothing = Some("nothing_to_discount".to_owned());
    assert_eq!(why(wished(None, &zero, now, 0, Some(&code))), nothing);
    let live = on(&plan("pro", 89_700, 0), "2027-06-01T00:00:00Z");
    assert_eq!(why(wished(Some(&live), &free, now, 0, Some(&code))), nothing);
    // It is paid elsewhere.
    assert_eq!(why(wished(Some(&live), &plan("basic", 1, 0), now, 0, Some(&code))), nothing);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]
    #[test]
    fn whatever_is_changed_when_nobody_pays_below_zero_and_nobody_gets_back_what_they_have_not_paid(
        old in 1i64..1_000_000, more in 1i64..1_000_000, seats_then in 1i64..50, seats_now in 1i64..50,
        millionths in 0i64..=1_000_000, off in 0i64..2_000_000, after in 0i64..30 * 86_400, is_new: bool,
    ) {
        let rate = format!("{}.{:04}", millionths / 10_000, millionths % 10_000);
        let had = percent(&rate, Duration::Forever);
        let cost = old * seats_then;
        let start = at("2027-06-01T00:00:00Z");
        let live = on(&seats("basic", old), "2027-06-01T00:00:00Z");
        let first = had.takes("basic", cost, start, Tz::UTC);
        let live = Subscription {
            quantity: seats_then,
            collection: Collection::Invoice,
            discount: Some(had.used(start)),
            taken: (first > 0).then_some(Taken { amount: first, from: start }),
            ..live
        };
        let now = Anchor { at: live.start + chrono::TimeDelta::seconds(after), ..live.anchor };
        let entered = amount(off, Duration::Once);
        let change = wished(Some(&live), &seats("pro", old + more), now, seats_now, Some(&entered).filter(|_| is_new))
            .expect("a change");
        let of = |kind: &str, sign: i64| -> i64 {
            change.lines.iter().filter(|l| l.kind == kind && l.amount.signum() == sign).map(|l| l.amount).sum()
        };
        let total: i64 = change.lines.iter().map(|line| line.amount).sum();
        prop_assert_eq!(total, of("unused_time", -1) + of("discount", 1) + of("remaining_time", 1) + of("period", 1) + of("discount", -1));
        if change.kind == Kind::Upgrade {
            // What comes back is at most what was paid for that time.
            let back = -(of("unused_time", -1) + of("discount", 1));
            prop_assert!((0..=cost - first + 1).contains(&back), "{back} of {cost} less {first}");
            // A discount brings nothing below what there was without it.
            let without = total - of("discount", -1);
            prop_assert!(total >= 0.min(without), "{:?}", change.lines);
            prop_assert_eq!(change.taken.map_or(0, |taken| taken.amount), -of("discount", -1));
        } else {
            prop_assert!(total >= 0 && change.taken.is_none());
        }
    }
}

proptest! {
    #[test]
    fn an_upgrade_never_costs_more_than_the_new_plan_nor_gives_money_back(
        old in 1i64..1_000_000, more in 1i64..1_000_000, after in 0i64..30 * 86_400,
    ) {
        let live = on(&plan("basic", old, 0), "2027-06-01T00:00:00Z");
        let now = Anchor { at: live.start + chrono::TimeDelta::seconds(after), ..live.anchor };
        let change = judged(Some(&live), &plan("pro", old + more, 0), now).expect("an upgrade");
        let total: i64 = change.lines.iter().map(|line| line.amount).sum();
        // Each of the two parts is rounded by less than one unit.
        prop_assert!((-1..=more).contains(&total), "{total} for {more}");
    }
}

#[test]
fn the_same_plan_again_is_in_force_whether_or_not_a_price_was_agreed_on() {
    let basic = plan("basic", 29_700, 0);
    let live = on(&basic, "2027-06-01T00:00:00Z");
    let elsewhere = Subscription { price: None, collection: Collection::External, ..live.clone() };
    let now = anchor("2027-06-16T00:00:00Z", Interval::Month);
    for live in [&live, &elsewhere] {
        for quantity in [0, 1] {
            let same = wished(Some(live), &basic, now, quantity, None);
            assert!(matches!(same, Err(Error::InForce)), "{same:?}");
        }
    }
    let more = wished(Some(&elsewhere), &Plan { max_quantity: 5, ..basic }, now, 2, None);
    assert!(matches!(more, Err(Error::Refused(_))), "what one more costs nobody has agreed on: {more:?}");
}

use super::super::begin::begin;
use super::*;
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
    judge(live, &Wish { plan, anchor, currency: "BRL", default: "free", in_force: "free" })
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
    let dollars = judge(None, &Wish { plan: &pro, anchor: now, currency: "USD", default: "free", in_force: "free" });
    assert!(dollars.is_err_and(|error| error.to_string().contains("BRL per month")));
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

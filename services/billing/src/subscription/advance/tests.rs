use super::super::begin::begin;
use super::super::state::Pending;
use super::*;
use crate::{
    coupon::tests::{Duration, amount, percent},
    money::Interval,
};
use chrono::TimeDelta;
use chrono_tz::Tz;
use proptest::prelude::*;
use proto::{
    billing::Plan,
    id::{InvoiceId, SubscriptionId},
};
use uuid::Uuid;

const TERMS: Terms = Terms { grace: TimeDelta::days(14), net: TimeDelta::days(7) };

fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("a time")
}

fn started(when: &str, trial_days: i32) -> Subscription {
    let plan = Plan { name: "pro".to_owned(), version: 3, ..Plan::default() };
    let price = Money { currency: "BRL".to_owned(), amount: 89_700 };
    let anchor = Anchor { at: at(when), zone: Tz::America__Sao_Paulo, interval: Interval::Month };
    begin(SubscriptionId::from_uuid(Uuid::from_u128(1)), &plan, Some(price), anchor, trial_days)
}

fn waits(next: Scheduled, expires_at: DateTime<Utc>) -> Pending {
    let invoice = InvoiceId::from_uuid(Uuid::from_u128(2));
    Pending { next, invoice, expires_at, code: String::new(), discount: None, taken: None }
}

fn day(at: DateTime<Utc>) -> String {
    at.with_timezone(&Tz::America__Sao_Paulo).format("%y-%m-%d").to_string()
}

#[test]
fn fourteen_months_from_a_31st_are_fourteen_periods_on_the_last_days() {
    let mut subscription = started("2027-01-31T15:00:00Z", 0);
    let mut ends = vec![];
    for _ in 0..14 {
        ends.push(day(subscription.end));
        let end = subscription.end;
        assert!(!advance(&mut subscription, end - TimeDelta::microseconds(1), &TERMS).has_changed);
        assert!(advance(&mut subscription, end, &TERMS).has_changed);
        assert_eq!((subscription.start, subscription.status), (end, Status::Active));
    }
    let expected = [
        "27-02-28", "27-03-31", "27-04-30", "27-05-31", "27-06-30", "27-07-31", "27-08-31", "27-09-30", "27-10-31",
        "27-11-30", "27-12-31", "28-01-31", "28-02-29", "28-03-31",
    ];
    assert_eq!(ends, expected);
}

#[test]
fn a_trial_becomes_a_subscription_whose_periods_begin_with_its_end() {
    let mut subscription = started("2027-03-10T12:00:00Z", 14);
    assert_eq!((subscription.status, day(subscription.end).as_str()), (Status::Trialing, "27-03-24"));
    advance(&mut subscription, at("2027-03-24T12:00:00Z"), &TERMS);
    assert_eq!((subscription.status, day(subscription.end).as_str()), (Status::Active, "27-04-24"));
    let mut ending = Subscription { cancel_at_period_end: true, ..started("2027-03-10T12:00:00Z", 14) };
    advance(&mut ending, at("2027-06-01T00:00:00Z"), &TERMS);
    assert_eq!((ending.status, ending.ended_at), (Status::Cancelled, Some(at("2027-03-24T12:00:00Z"))));
}

#[test]
fn what_is_scheduled_comes_with_the_next_period_at_its_price() {
    let mut subscription = started("2027-01-10T12:00:00Z", 0);
    let next = |interval| Scheduled { plan: "basic".to_owned(), version: 2, interval, amount: 29_700, quantity: 1 };
    subscription.scheduled = Some(next(Interval::Month));
    let mut yearly = Subscription { scheduled: Some(next(Interval::Year)), ..subscription.clone() };
    advance(&mut subscription, at("2027-02-10T12:00:00Z"), &TERMS);
    assert_eq!((subscription.plan.as_str(), subscription.version), ("basic", 2));
    assert_eq!(subscription.price.as_ref().map(|price| price.amount), Some(29_700));
    assert_eq!((day(subscription.end).as_str(), subscription.scheduled.is_none()), ("27-03-10", true));
    advance(&mut yearly, at("2027-02-10T12:00:00Z"), &TERMS);
    assert_eq!(day(yearly.end), "28-02-10");
}

#[test]
fn who_does_not_pay_loses_the_plan_after_the_days_of_grace_and_not_before() {
    let mut subscription = started("2027-01-10T12:00:00Z", 0);
    subscription.happens(Event::PaymentFailed, at("2027-01-20T00:00:00Z")).expect("it can happen");
    subscription.happens(Event::PaymentFailed, at("2027-01-25T00:00:00Z")).expect("it can happen again");
    advance(&mut subscription, at("2027-02-02T23:59:59Z"), &TERMS);
    assert_eq!(subscription.effective("free"), "pro");
    advance(&mut subscription, at("2027-02-03T00:00:00Z"), &TERMS);
    assert_eq!((subscription.status, subscription.effective("free")), (Status::Unpaid, "free"));
    subscription.happens(Event::Paid, at("2027-02-05T00:00:00Z")).expect("late is better than never");
    assert_eq!((subscription.effective("free"), subscription.past_due_at), ("pro", None));
}

#[test]
fn time_stands_still_for_what_rests() {
    let mut subscription = started("2027-01-10T12:00:00Z", 0);
    subscription.happens(Event::Paused, at("2027-01-20T00:00:00Z")).expect("it can rest");
    assert_eq!(due(&subscription, &TERMS), None);
    assert!(!advance(&mut subscription, at("2028-01-20T00:00:00Z"), &TERMS).has_changed);
    subscription.happens(Event::Unpaused, at("2028-01-20T12:00:00Z")).expect("it can go on");
    assert_eq!((subscription.start, day(subscription.end).as_str()), (at("2028-01-20T12:00:00Z"), "28-02-20"));
}

#[test]
fn an_invoice_that_nobody_pays_ends_the_plan_after_its_days_and_the_days_of_grace_and_then_the_subscription() {
    let mut subscription = Subscription { collection: Collection::Invoice, ..started("2027-01-10T12:00:00Z", 0) };
    let passed = advance(&mut subscription, at("2027-02-10T12:00:00Z"), &TERMS);
    let [renewal] = passed.renewals.as_slice() else { panic!("{passed:?}") };
    assert_eq!((renewal.start, day(renewal.end).as_str()), (at("2027-02-10T12:00:00Z"), "27-03-10"));
    assert_eq!((renewal.due_at, renewal.price.amount), (at("2027-02-17T12:00:00Z"), 89_700));
    advance(&mut subscription, at("2027-02-17T11:59:59Z"), &TERMS);
    assert_eq!(subscription.status, Status::Active);
    advance(&mut subscription, at("2027-02-17T12:00:00Z"), &TERMS);
    assert_eq!((subscription.status, subscription.effective("free")), (Status::PastDue, "pro"));
    advance(&mut subscription, at("2027-03-03T12:00:00Z"), &TERMS);
    assert_eq!((subscription.status, subscription.effective("free")), (Status::Unpaid, "free"));
    let passed = advance(&mut subscription, at("2027-03-10T12:00:00Z"), &TERMS);
    assert_eq!((subscription.status, passed.renewals.len()), (Status::Cancelled, 0), "nobody asks for more");
}

#[test]
fn what_waits_for_its_payment_is_given_up_when_its_time_is_over_and_is_in_force_when_it_is_paid() {
    let next = Scheduled { plan: "max".to_owned(), version: 1, interval: Interval::Month, amount: 99_700, quantity: 1 };
    let expires_at = at("2027-01-13T12:00:00Z");
    let pending = waits(next, expires_at);
    let mut first = Subscription { pending: Some(pending.clone()), ..started("2027-01-10T12:00:00Z", 0) };
    (first.status, first.end, first.cancel_at_period_end) = (Status::Incomplete, expires_at, true);
    let mut paid = first.clone();
    assert_eq!(first.effective("free"), "free");
    advance(&mut first, expires_at, &TERMS);
    assert_eq!((first.status, first.pending.is_none()), (Status::Cancelled, true));
    paid.take(pending.clone(), at("2027-01-12T12:00:00Z")).expect("it is paid");
    assert_eq!((paid.effective("free"), day(paid.start), day(paid.end)), ("max", "27-01-12".into(), "27-02-12".into()));
    // Whoever rests it wants no other plan now.
    let mut rests = Subscription { pending: Some(pending.clone()), ..started("2027-01-02T12:00:00Z", 0) };
    rests.happens(Event::Paused, at("2027-01-11T12:00:00Z")).expect("it can rest");
    assert_eq!(rests.pending, None);
    // Of what goes on, the period stays as it is.
    let mut live = Subscription { pending: Some(pending.clone()), ..started("2027-01-02T12:00:00Z", 0) };
    let mut waited = live.clone();
    advance(&mut waited, expires_at, &TERMS);
    assert!(waited.pending.is_some(), "who paid in time may be heard of later");
    advance(&mut waited, expires_at + PENDING_LINGERS, &TERMS);
    assert_eq!((waited.plan.as_str(), waited.pending.is_none()), ("pro", true));
    live.take(pending, at("2027-01-12T12:00:00Z")).expect("it is paid");
    assert_eq!((live.plan.as_str(), day(live.start), day(live.end)), ("max", "27-01-02".into(), "27-02-02".into()));
}

#[test]
fn a_discount_is_taken_off_of_as_many_periods_as_it_says_and_its_time_begins_with_the_first() {
    let offs = |discount, quantity, trial_days| {
        let mut subscription = Subscription {
            collection: Collection::Invoice,
            discount: Some(discount),
            quantity,
            ..started("2027-01-31T15:00:00Z", trial_days)
        };
        let passed =
            advance(&mut subscription, at("2027-08-15T15:00:00Z"), &Terms { grace: TimeDelta::days(365), ..TERMS });
        passed.renewals.iter().map(|renewal| renewal.off.as_ref().map_or(0, |(off, _)| *off)).collect::<Vec<_>>()
    };
    assert_eq!(offs(percent("50", Duration::Once), 1, 10), [44_850, 0, 0, 0, 0, 0, 0]);
    assert_eq!(offs(percent("50", Duration::Repeating { months: 3 }), 2, 10), [89_700, 89_700, 89_700, 0, 0, 0, 0]);
    assert_eq!(offs(amount(1_000_000, Duration::Forever), 1, 0), [89_700; 6], "never below zero");
    let mut free = Subscription {
        collection: Collection::Invoice,
        discount: Some(percent("100", Duration::Forever)),
        ..started("2027-01-31T15:00:00Z", 0)
    };
    advance(&mut free, at("2027-04-15T15:00:00Z"), &TERMS);
    assert_eq!((free.status, free.payment_due), (Status::Active, None), "nobody waits for nothing");
}

proptest! {
    #[test]
    fn many_small_steps_are_one_large_one(
        begins in 1_700_000_000i64..1_900_000_000, trial in 0i32..40, steps in proptest::collection::vec(0i64..4_000_000, 1..40),
        cancels: bool, quantity in 1i64..100, months in proptest::option::of(1u32..30), late in proptest::option::of(0i64..3_000_000), invoiced: bool, pays in proptest::option::of(1usize..40),
    ) {
        let begins = DateTime::from_timestamp(begins, 0).expect("a time");
        let mut stepwise = started(&begins.to_rfc3339(), trial);
        stepwise.cancel_at_period_end = cancels && steps.len() % 2 == 0;
        stepwise.past_due_at = late.filter(|_| trial == 0).map(|late| begins + TimeDelta::seconds(late));
        if stepwise.past_due_at.is_some() {
            stepwise.status = Status::PastDue;
        }
        if invoiced {
            stepwise.collection = Collection::Invoice;
        }
        stepwise.quantity = quantity;
        stepwise.discount = months.map(|months| percent("12.5", Duration::Repeating { months }));
        if let Some(hours) = pays {
            let next = Scheduled { plan: "max".to_owned(), version: 1, interval: Interval::Month, amount: 99_700, quantity: 1 };
            let expires_at = begins + TimeDelta::hours(i64::try_from(hours).unwrap_or(1));
            stepwise.pending = Some(waits(next, expires_at));
        }
        let mut at_once = stepwise.clone();
        let mut now = begins;
        let mut renewals = vec![];
        for step in steps {
            now += TimeDelta::seconds(step);
            renewals.extend(advance(&mut stepwise, now, &TERMS).renewals);
            prop_assert!(due(&stepwise, &TERMS).is_none_or(|due| due > now));
        }
        let passed = advance(&mut at_once, now, &TERMS);
        prop_assert_eq!(&stepwise, &at_once);
        prop_assert_eq!(&renewals, &passed.renewals);
        prop_assert!(invoiced || renewals.is_empty());
        // Periods that are paid for follow each other without a gap.
        prop_assert!(renewals.windows(2).all(|two| two[0].end == two[1].start));
        // What is taken off is the same part of each, for so many months.
        let cost = |renewal: &Renewal| renewal.price.amount * renewal.quantity;
        let is_eighth = |renewal: &Renewal| renewal.off.as_ref().is_none_or(|(off, _)| (off * 8 - cost(renewal)).abs() < 8);
        prop_assert!(renewals.iter().all(is_eighth));
        let most = usize::try_from(months.unwrap_or(0)).unwrap_or(0);
        prop_assert!(renewals.iter().filter(|renewal| renewal.off.is_some()).count() <= most);
        // And so do the times of which the usage is charged.
        let used: Vec<_> = renewals.iter().filter_map(|renewal| renewal.used.as_ref()).collect();
        prop_assert!(used.windows(2).all(|two| two[0].to == two[1].from));
        prop_assert!(stepwise.is_over() || (stepwise.start <= now && now < stepwise.end));
    }
}

//! Money that goes back: refunds that do not arrive, and disputes.

use crate::house::House;
use billing::payment::{Claims, Dispute, DisputeStatus, Provider as _};
use chrono::TimeDelta;

#[tokio::test]
async fn a_refund_that_does_not_arrive_is_with_us_again() {
    let house = House::new().await;
    let (order, known) = house.created().await;
    let (first, charge) = house.fake.with(|state| {
        let charge = state.pay(&known.reference);
        state.give_back(&charge, 300);
        (state.give_back(&charge, 2_000), charge)
    });
    let sums = async || {
        let received = house.stripe.look(&known).await.unwrap().received;
        assert_eq!((received.len(), received[0].amount), (1, order.amount));
        (received[0].refunded, received[0].refund_failed)
    };
    assert_eq!(sums().await, (2_300, 0));
    house.fake.with(|state| state.fail_refund(&first));
    assert_eq!(sums().await, (300, 2_000));
    house.fake.with(|state| state.give_back(&charge, 2_000));
    assert_eq!(sums().await, (2_300, 2_000));
}

#[tokio::test]
async fn a_dispute_is_told_with_what_it_has_moved() {
    let house = House::new().await;
    let (order, known) = house.created().await;
    let charge = house.fake.with(|state| state.pay(&known.reference));
    assert_eq!(house.stripe.look(&known).await.unwrap().disputes, []);
    let asked = house.fake.with(|state| state.asked.iter().filter(|call| call.contains("disputes")).count());
    assert_eq!(asked, 0, "nobody asks where the charge says that there is none");
    let id = house.fake.with(|state| state.open_dispute(&charge, "warning_needs_response"));
    let told = async || house.stripe.look(&known).await.unwrap().disputes;
    let inquiry = Dispute {
        reference: id.clone(),
        received: charge,
        paid: Some(known.reference.clone()),
        amount: order.amount,
        currency: "BRL".to_owned(),
        status: DisputeStatus::Inquiry,
        withdrawn: 0,
        reason: "fraudulent".to_owned(),
        respond_by: Some(house.clock.now() + TimeDelta::days(7)),
        at: house.clock.now(),
    };
    assert_eq!(told().await, std::slice::from_ref(&inquiry));
    house.fake.with(|state| {
        state.dispute(&id).status = "needs_response";
        state.dispute(&id).moved.push(-order.amount);
    });
    let taken = Dispute { status: DisputeStatus::NeedsResponse, withdrawn: order.amount, ..inquiry.clone() };
    assert_eq!(told().await, [taken], "without Stripe's fee");
    house.fake.with(|state| {
        state.dispute(&id).status = "won";
        state.dispute(&id).moved.push(order.amount);
    });
    assert_eq!(told().await, [Dispute { status: DisputeStatus::Won, ..inquiry }]);
}

#[tokio::test]
async fn what_was_claimed_in_a_time_is_there_whenever_it_was_paid() {
    let house = House::new().await;
    let ((_, paid), (_, other), (_, disputed)) = (house.created().await, house.created().await, house.created().await);
    let [paid_by, _, disputed_by] =
        [&paid, &other, &disputed].map(|known| house.fake.with(|state| state.pay(&known.reference)));
    house.later(TimeDelta::days(40));
    let from = house.clock.now();
    house.fake.with(|state| {
        let failed = state.give_back(&paid_by, 100);
        state.fail_refund(&failed);
        state.open_dispute(&disputed_by, "needs_response")
    });
    house.later(TimeDelta::minutes(1));
    let Claims { received, disputes } = house.stripe.claims(from, house.clock.now()).await.unwrap();
    let mut told: Vec<_> = received.into_iter().map(|money| (money.reference, money.refund_failed)).collect();
    told.sort();
    let mut expected = vec![(Some(paid.reference), 100), (Some(disputed.reference.clone()), 0)];
    expected.sort();
    assert_eq!(told, expected);
    assert_eq!(disputes.iter().map(|one| one.paid.clone()).collect::<Vec<_>>(), [Some(disputed.reference)]);
    let before = house.stripe.claims(from - TimeDelta::days(1), from).await.unwrap();
    assert_eq!(before, Claims::default());
}

#[tokio::test]
async fn a_dispute_of_money_that_is_not_ours_is_nobodys() {
    let house = House::new().await;
    let (_, known) = house.created().await;
    house.fake.with(|state| {
        let charge = state.pay(&known.reference);
        // Somebody has written our payment on a charge of their own.
        state.charges[0].intent = Some("pi_foreign".to_owned());
        state.open_dispute(&charge, "lost")
    });
    let from = house.clock.now() - TimeDelta::hours(1);
    let claims = house.stripe.claims(from, from + TimeDelta::days(1)).await.unwrap();
    assert_eq!((claims.received[0].reference.clone(), claims.disputes[0].paid.clone()), (None, None));
}

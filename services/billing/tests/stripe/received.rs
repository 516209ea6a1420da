//! What came in a time?

use crate::{
    fake::{Charge, Shape},
    house::House,
};
use billing::payment::{Provider as _, Received};
use chrono::{DateTime, TimeDelta, Utc};

fn foreign(house: &House, id: &str, after: i64) {
    house.fake.with(|state| {
        let created = state.now + after;
        state.charges.push(Charge {
            id: id.to_owned(),
            intent: None,
            amount: 100,
            refunded: 0,
            currency: "usd".to_owned(),
            status: "succeeded",
            created,
            payment: None,
            disputed: false,
        });
    });
}

async fn received(house: &House, from: DateTime<Utc>, to: DateTime<Utc>) -> Vec<Received> {
    house.stripe.received(from, to).await.unwrap()
}

#[tokio::test]
async fn everything_that_came_is_there_page_by_page_and_nothing_twice() {
    let house = House::new().await;
    for n in 0..250 {
        foreign(&house, &format!("ch_foreign{n}"), n);
    }
    let start = house.clock.now();
    let mut ids: Vec<String> =
        received(&house, start, start + TimeDelta::hours(1)).await.into_iter().map(|money| money.id).collect();
    assert_eq!(ids.len(), 250);
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 250);
    let asked = house.fake.with(|state| state.asked.clone());
    assert_eq!(asked, ["GET /v1/charges"; 3], "nobody asks for sessions where nothing is ours");
    // Two times that meet share nothing, wherever between two seconds they do.
    for middle in [TimeDelta::seconds(100), TimeDelta::milliseconds(100_500)] {
        let first = received(&house, start, start + middle).await.len();
        let second = received(&house, start + middle, start + TimeDelta::hours(1)).await.len();
        assert_eq!(first + second, 250);
    }
}

#[tokio::test]
async fn ours_have_their_session_and_others_have_none() {
    for shape in [Shape::New, Shape::Old] {
        let house = House::new().await;
        house.fake.with(|state| state.shape = shape);
        let ((order, known), (_, other)) = (house.created().await, house.created().await);
        // Paid a day after the session was made, and looked for in that day only.
        house.later(TimeDelta::hours(23));
        let from = house.clock.now();
        let ours = house.fake.with(|state| {
            state.try_to_pay(&known.reference, "failed");
            state.pay(&known.reference)
        });
        foreign(&house, "ch_foreign", 0);
        let claimed = house.fake.with(|state| {
            let claimed = state.pay(&other.reference);
            state.charges.last_mut().unwrap().payment = Some(order.payment.to_string());
            claimed
        });
        let found = received(&house, from, from + TimeDelta::days(1)).await;
        let by_id = |id: &str| found.iter().find(|money| money.id == id).unwrap();
        assert_eq!(found.len(), 3, "{shape:?}: what did not work is not there");
        assert_eq!(by_id(&ours).reference.as_ref(), Some(&known.reference));
        assert_eq!((by_id(&ours).amount, by_id(&ours).currency.as_str()), (order.amount, "BRL"));
        assert_eq!(by_id("ch_foreign").reference, None);
        assert_eq!(
            by_id(&claimed).reference,
            None,
            "a charge that claims to be of a payment whose session it does not have"
        );
    }
}

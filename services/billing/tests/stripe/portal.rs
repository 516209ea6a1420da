//! Which account at Stripe is a workspace's, and how does one get to its page?

use crate::{fake::Fault, house::House};
use billing::payment::{Customer, Method, Payer, Provider as _, Trouble};
use proto::id::WorkspaceId;
use uuid::Uuid;

fn wanted(workspace: u128) -> Customer {
    Customer {
        workspace: WorkspaceId::from_uuid(Uuid::from_u128(workspace)),
        known: None,
        payer: Payer { name: "Ana".to_owned(), email: Some("ana@example.com".to_owned()), ..Payer::default() },
        locale: "pt-BR".to_owned(),
    }
}

fn made(house: &House) -> usize {
    house.fake.with(|state| state.customers.len())
}

#[tokio::test]
async fn a_workspace_has_one_account_and_a_page_for_it() {
    let house = House::new().await;
    assert!(house.stripe.has_portal());
    let first = house.stripe.customer(&wanted(1)).await.unwrap();
    let known = Customer { known: Some(first.clone()), ..wanted(1) };
    for again in [&wanted(1), &known] {
        assert_eq!(house.stripe.customer(again).await, Ok(first.clone()));
    }
    let other = house.stripe.customer(&wanted(2)).await.unwrap();
    assert_ne!(other, first);
    assert_eq!(made(&house), 2);
    let (name, email) = house.fake.with(|state| (state.customers[0].name.clone(), state.customers[0].email.clone()));
    assert_eq!((name.as_deref(), email.as_deref()), (Some("Ana"), Some("ana@example.com")));
    let url = house.stripe.portal(&first, "https://app.example.com/?a=1&b=2").await.unwrap();
    assert_eq!(url, format!("https://billing.stripe.com/p/session/test_{first}"));
    let sent = house.fake.with(|state| state.sent.clone());
    assert!(sent.contains(&("return_url".to_owned(), "https://app.example.com/?a=1&b=2".to_owned())), "{sent:?}");
}

#[tokio::test]
async fn a_lost_answer_and_two_at_once_make_one_account() {
    let house = House::new().await;
    // A search finds nothing of what was made just now.
    house.fake.with(|state| state.search_lags = true);
    house.fake.fail([Fault::Drop, Fault::Drop]);
    assert!(matches!(house.stripe.customer(&wanted(1)).await, Err(Trouble::Away(_))));
    let (customer, other) = (wanted(1), wanted(1));
    let (one, two) = futures::join!(house.stripe.customer(&customer), house.stripe.customer(&other));
    assert_eq!((one.unwrap(), two.unwrap()), ("cus_0".to_owned(), "cus_0".to_owned()));
    // Days later Stripe knows no key any more, and finds what it has.
    house.fake.with(|state| {
        state.search_lags = false;
        state.forget_keys();
    });
    assert_eq!(house.stripe.customer(&wanted(1)).await.unwrap(), "cus_0");
    house.fake.fail([Fault::Break { done: true }]);
    assert_eq!(house.stripe.customer(&wanted(2)).await.unwrap(), "cus_1");
    assert_eq!(made(&house), 2);
}

#[tokio::test]
async fn an_account_that_was_deleted_or_is_of_another_workspace_is_not_used() {
    let house = House::new().await;
    let (mine, theirs) =
        (house.stripe.customer(&wanted(1)).await.unwrap(), house.stripe.customer(&wanted(2)).await.unwrap());
    for foreign in [theirs.as_str(), "cus_none", "cus_/../../charges", "ch_1", ""] {
        let named = Customer { known: Some(foreign.to_owned()), ..wanted(1) };
        assert_eq!(house.stripe.customer(&named).await.unwrap(), mine, "{foreign}");
    }
    house.fake.with(|state| state.customers[0].deleted = true);
    let known = Customer { known: Some(mine.clone()), ..wanted(1) };
    let next = house.stripe.customer(&known).await.unwrap();
    assert_eq!((next.as_str(), made(&house)), ("cus_2", 3));
    assert_eq!(house.stripe.customer(&known).await.unwrap(), next, "the same again");
    assert!(matches!(house.stripe.portal(&mine, "https://app.example.com").await, Err(Trouble::Refused(_))));
}

#[tokio::test]
async fn who_has_an_account_pays_with_it_and_whose_was_deleted_without_one() {
    let house = House::new().await;
    let customer = house.stripe.customer(&wanted(1)).await.unwrap();
    let of = |house: &House| house.fake.with(|state| state.sessions.last().unwrap().customer.clone());
    let mut order = house.order();
    order.customer = Some(customer.clone());
    house.create(&order).await.unwrap();
    assert_eq!(of(&house), Some(customer));
    house.fake.with(|state| state.customers[0].deleted = true);
    let next = billing::payment::Order { method: Method::Card, customer: order.customer, ..house.order() };
    house.create(&next).await.unwrap();
    assert_eq!(of(&house), None);
    let sent = house.fake.with(|state| state.sent.clone());
    assert!(sent.contains(&("customer_email".to_owned(), "ana@example.com".to_owned())), "{sent:?}");
}

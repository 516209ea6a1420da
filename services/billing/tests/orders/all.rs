//! All orders of each stage, on SQLite.

use crate::{
    explore::{Explorer, Seen},
    house::House,
    sample::fresh,
    stages::{Boleto, Card, Claimed, Pix, Stage, Taken},
};
use proto::Call;
use std::path::PathBuf;
use store::{Backend, testing::Fresh};

#[expect(clippy::print_stdout, reason = "how many steps it took, for who wants to know")]
async fn explored<S: Stage>(begin: PathBuf, house: &House, stage: &S, call: &Call) -> Seen {
    let found = Explorer::new(begin, house, stage, call).explore().await;
    println!("{} orders, {} steps", found.orders, found.steps);
    assert_eq!(found.orders, (1..=S::EVENTS as u64).product::<u64>(), "an order was left out");
    found.end
}

fn folder(fresh: &Fresh) -> PathBuf {
    match &fresh.backend {
        Backend::Sqlite { dir } => dir.clone(),
        Backend::Postgres { .. } => panic!("it is none of SQLite"),
    }
}

fn end(expected: &[(&str, &str)]) -> Seen {
    expected.iter().map(|(what, is)| ((*what).to_owned(), (*is).to_owned())).collect()
}

/// What is there when the plan is paid, and all is as it was asked for.
const PAID: [(&str, &str); 2] = [("subscription", "active basic"), ("invoice 0", "paid paid 29700 credited 0 left 0")];

#[tokio::test]
async fn a_card_that_is_declined_and_one_that_works() {
    let fresh = fresh(false).await.unwrap();
    let begin = folder(&fresh[0]);
    let (house, shop) = House::with_shop(fresh).await;
    let (stage, call) = Card::of(&house, &shop).await;
    let expected = [PAID.as_slice(), &[("cash:stripe BRL", "29700"), ("revenue:plans BRL", "-29700")]].concat();
    assert_eq!(explored(begin, &house, &stage, &call).await, end(&expected));
}

#[tokio::test]
async fn a_refund_that_does_not_arrive_and_a_dispute_that_is_won() {
    let fresh = fresh(false).await.unwrap();
    let begin = folder(&fresh[0]);
    let (house, shop) = House::with_shop(fresh).await;
    let (stage, call) = Claimed::of(&house, &shop).await;
    let expected = [
        ("subscription", "active basic"),
        ("invoice 0", "paid paid 26700 credited 3000 left 0"),
        ("cash:stripe BRL", "29700"),
        ("credits BRL", "-3000"),
        ("to use BRL", "3000"),
        ("revenue:credit_notes BRL", "3000"),
        ("revenue:plans BRL", "-29700"),
        ("dispute 0", "won 29700"),
    ];
    let seen = explored(begin, &house, &stage, &call).await;
    assert_eq!(seen, end(&expected));
}

#[tokio::test]
async fn a_pix_in_parts_of_which_one_goes_back() {
    let fresh = fresh(false).await.unwrap();
    let begin = folder(&fresh[0]);
    let (house, bank) = House::with_bank(fresh).await;
    let (stage, call) = Pix::of(&house, &bank).await;
    let expected = [PAID.as_slice(), &[("cash:efi BRL", "29700"), ("revenue:plans BRL", "-29700")]].concat();
    assert_eq!(explored(begin, &house, &stage, &call).await, end(&expected));
}

#[tokio::test]
async fn a_boleto_that_is_paid_and_two_that_are_not_ours() {
    let fresh = fresh(false).await.unwrap();
    let begin = folder(&fresh[0]);
    let (house, bank) = House::with_bank(fresh).await;
    let (stage, call) = Boleto::of(&house, &bank).await;
    let expected = [PAID.as_slice(), &[("cash:efi BRL", "29700"), ("revenue:plans BRL", "-29700")]].concat();
    assert_eq!(explored(begin, &house, &stage, &call).await, end(&expected));
}

#[tokio::test]
async fn an_invoice_that_is_taken_at_the_second_try_and_a_mandate_that_is_ended_at_the_bank() {
    let fresh = fresh(false).await.unwrap();
    let begin = folder(&fresh[0]);
    let (house, bank) = House::with_bank(fresh).await;
    let (stage, call) = Taken::of(&house, &bank).await;
    let expected = [
        PAID.as_slice(),
        &[
            ("invoice 1", "paid paid 29700 credited 0 left 0"),
            ("mandate", "ended"),
            ("cash:efi BRL", "29700"),
            ("cash:manual BRL", "29700"),
            ("revenue:plans BRL", "-59400"),
        ],
    ]
    .concat();
    assert_eq!(explored(begin, &house, &stage, &call).await, end(&expected));
}

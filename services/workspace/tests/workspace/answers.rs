//! Answers of models that are given again under an Idempotency-Key.

use crate::house::{House, Person, on_both_databases, refused};
use chrono::TimeDelta;
use proto::{Reason, Role, id::RequestId, workspace::*};
use tonic::Status;

on_both_databases! {
    the_first_request_has_the_place_and_the_others_its_answer,
    another_request_under_the_key_is_a_mismatch_also_while_the_first_is_under_way,
    a_place_that_was_given_back_or_whose_holder_died_is_free_again,
    an_answer_is_given_again_for_a_day_and_not_after_it_was_erased,
    nobody_gets_the_answer_of_another_workspace_and_nothing_of_it_can_be_read,
}

const LEASE_MS: i64 = 60_000;

fn place(house: &House, person: Person, key: u8, request: u8) -> AnswerPlace {
    AnswerPlace {
        workspace_id: person.workspace.to_string(),
        key_sha256: vec![key; 32].into(),
        request_sha256: vec![request; 32].into(),
        holder: RequestId::from_uuid(house.ids.uuid()).to_string(),
    }
}

async fn claim(house: &House, place: &AnswerPlace) -> Result<Option<Vec<u8>>, Status> {
    let request = ClaimAnswerRequest { place: Some(place.clone()), lease_ms: LEASE_MS };
    let gateway = house.workspaces.called_by(Role::Gateway);
    let found = gateway.claim_answer(&house.service_call(Role::Gateway), request).await?;
    Ok(found.answer.map(|answer| answer.to_vec()))
}

async fn keep(house: &House, place: &AnswerPlace, answer: &str) {
    let request = KeepAnswerRequest { place: Some(place.clone()), answer: answer.to_owned().into() };
    let gateway = house.workspaces.called_by(Role::Gateway);
    gateway.keep_answer(&house.service_call(Role::Gateway), request).await.unwrap();
}

async fn release(house: &House, place: &AnswerPlace) {
    let request = ReleaseAnswerRequest { place: Some(place.clone()) };
    let gateway = house.workspaces.called_by(Role::Gateway);
    gateway.release_answer(&house.service_call(Role::Gateway), request).await.unwrap();
}

async fn the_first_request_has_the_place_and_the_others_its_answer(house: &House) {
    let ana = house.person("Ana").await;
    let first = place(house, ana, 1, 1);
    assert_eq!(claim(house, &first).await.unwrap(), None);
    let failure = refused(claim(house, &place(house, ana, 1, 1)).await);
    assert_eq!(failure.reason, Reason::Conflict);
    assert!(failure.retry_after.is_some());
    keep(house, &first, "hello").await;
    assert_eq!(claim(house, &place(house, ana, 1, 1)).await.unwrap().as_deref(), Some(&b"hello"[..]));
    assert_eq!(claim(house, &place(house, ana, 2, 1)).await.unwrap(), None, "another key");
}

async fn another_request_under_the_key_is_a_mismatch_also_while_the_first_is_under_way(house: &House) {
    let ana = house.person("Ana").await;
    let first = place(house, ana, 1, 1);
    claim(house, &first).await.unwrap();
    for _ in 0..2 {
        assert_eq!(refused(claim(house, &place(house, ana, 1, 2)).await).reason, Reason::IdempotencyMismatch);
        keep(house, &first, "hello").await;
    }
}

async fn a_place_that_was_given_back_or_whose_holder_died_is_free_again(house: &House) {
    let ana = house.person("Ana").await;
    let (first, second) = (place(house, ana, 1, 1), place(house, ana, 1, 1));
    claim(house, &first).await.unwrap();
    release(house, &first).await;
    assert_eq!(claim(house, &second).await.unwrap(), None);
    house.hand.advance(TimeDelta::milliseconds(LEASE_MS + 1));
    let third = place(house, ana, 1, 2);
    assert_eq!(claim(house, &third).await.unwrap(), None, "the second has died");
    keep(house, &second, "too late").await;
    release(house, &second).await;
    keep(house, &third, "hello").await;
    assert_eq!(claim(house, &place(house, ana, 1, 2)).await.unwrap().as_deref(), Some(&b"hello"[..]));
}

async fn an_answer_is_given_again_for_a_day_and_not_after_it_was_erased(house: &House) {
    let ana = house.person("Ana").await;
    let first = place(house, ana, 1, 1);
    claim(house, &first).await.unwrap();
    keep(house, &first, "hello").await;
    house.hand.advance(TimeDelta::hours(23));
    assert!(claim(house, &place(house, ana, 1, 1)).await.unwrap().is_some());
    house.hand.advance(TimeDelta::hours(2));
    let second = place(house, ana, 1, 1);
    assert_eq!(claim(house, &second).await.unwrap(), None);
    keep(house, &second, "hello").await;
    house.workspaces.erase_answers(&house.call(ana), EraseAnswersRequest {}).await.unwrap();
    assert_eq!(claim(house, &place(house, ana, 1, 1)).await.unwrap(), None);
}

async fn nobody_gets_the_answer_of_another_workspace_and_nothing_of_it_can_be_read(house: &House) {
    let (ana, bob) = (house.person("Ana").await, house.person("Bob").await);
    let first = place(house, ana, 1, 1);
    claim(house, &first).await.unwrap();
    keep(house, &first, "a canary sings").await;
    assert_eq!(claim(house, &place(house, bob, 1, 1)).await.unwrap(), None);
    let stored = crate::credentials::everything_stored(house).await;
    assert!(!crate::credentials::contains(&stored, b"canary sings"));
}

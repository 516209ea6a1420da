//! Responses that their clients may come back to.

use crate::house::{House, Person, on_both_databases, refused};
use chrono::TimeDelta;
use proto::{
    Reason, Role,
    routing::{Responses, Settings},
    workspace::*,
};
use tonic::Status;

on_both_databases! {
    a_response_is_kept_until_its_days_are_over_or_it_is_erased,
    a_conversation_is_opened_from_its_beginning_and_is_nothing_without_it,
    nobody_opens_or_erases_the_response_of_another_workspace_and_nothing_of_it_can_be_read,
    a_workspace_that_keeps_less_means_what_it_has_as_well,
    the_oldest_go_where_there_are_too_many,
    a_conversation_that_would_fit_nowhere_is_refused,
}

async fn keep(house: &House, person: Person, id: &str, previous: &str, content: &[u8], days: i32) {
    let response = KeptResponse {
        response_id: id.to_owned(),
        previous_response_id: previous.to_owned(),
        provider_id: "prov_x".to_owned(),
        content: content.to_vec().into(),
    };
    let workspace_id = person.workspace.to_string();
    let request = KeepResponseRequest { workspace_id, response: Some(response), days };
    let gateway = house.workspaces.called_by(Role::Gateway);
    gateway.keep_response(&house.service_call(Role::Gateway), request).await.unwrap();
}

async fn open(house: &House, person: Person, id: &str, with_previous: bool) -> Result<Vec<KeptResponse>, Status> {
    let request =
        OpenResponseRequest { workspace_id: person.workspace.to_string(), response_id: id.to_owned(), with_previous };
    let gateway = house.workspaces.called_by(Role::Gateway);
    Ok(gateway.open_response(&house.service_call(Role::Gateway), request).await?.responses)
}

async fn erase(house: &House, person: Person, id: &str) -> Result<DeleteResponseResponse, Status> {
    let request = DeleteResponseRequest { workspace_id: person.workspace.to_string(), response_id: id.to_owned() };
    house.workspaces.called_by(Role::Gateway).delete_response(&house.service_call(Role::Gateway), request).await
}

fn ids(responses: &[KeptResponse]) -> Vec<&str> {
    responses.iter().map(|response| response.response_id.as_str()).collect()
}

async fn a_response_is_kept_until_its_days_are_over_or_it_is_erased(house: &House) {
    let ana = house.person("Ana").await;
    keep(house, ana, "resp_1", "", b"one", 30).await;
    keep(house, ana, "resp_1", "", b"another under its name", 30).await;
    let opened = open(house, ana, "resp_1", false).await.unwrap();
    assert_eq!((opened[0].content.as_ref(), opened[0].provider_id.as_str()), (&b"one"[..], "prov_x"));
    house.hand.advance(TimeDelta::days(29));
    assert!(open(house, ana, "resp_1", true).await.is_ok());
    house.hand.advance(TimeDelta::days(1));
    let failure = refused(open(house, ana, "resp_1", false).await);
    assert_eq!((failure.reason, failure.get("response_id")), (Reason::NotFound, Some("resp_1")));
    assert_eq!(refused(erase(house, ana, "resp_1").await).reason, Reason::NotFound);
    keep(house, ana, "resp_2", "", b"two", 30).await;
    erase(house, ana, "resp_2").await.unwrap();
    assert_eq!(refused(open(house, ana, "resp_2", false).await).reason, Reason::NotFound);
}

async fn a_conversation_is_opened_from_its_beginning_and_is_nothing_without_it(house: &House) {
    let ana = house.person("Ana").await;
    keep(house, ana, "resp_1", "", b"one", 30).await;
    keep(house, ana, "resp_2", "resp_1", b"two", 30).await;
    keep(house, ana, "resp_3", "resp_2", b"three", 30).await;
    assert_eq!(ids(&open(house, ana, "resp_3", true).await.unwrap()), ["resp_1", "resp_2", "resp_3"]);
    assert_eq!(ids(&open(house, ana, "resp_3", false).await.unwrap()), ["resp_3"]);
    erase(house, ana, "resp_1").await.unwrap();
    let failure = refused(open(house, ana, "resp_3", true).await);
    assert_eq!((failure.reason, failure.get("response_id")), (Reason::NotFound, Some("resp_1")));
    assert_eq!(ids(&open(house, ana, "resp_3", false).await.unwrap()), ["resp_3"], "it can still be read");
}

async fn nobody_opens_or_erases_the_response_of_another_workspace_and_nothing_of_it_can_be_read(house: &House) {
    let (ana, bob) = (house.person("Ana").await, house.person("Bob").await);
    keep(house, ana, "resp_1", "", b"a canary sings", 30).await;
    for with_previous in [false, true] {
        assert_eq!(refused(open(house, bob, "resp_1", with_previous).await).reason, Reason::NotFound);
    }
    assert_eq!(refused(erase(house, bob, "resp_1").await).reason, Reason::NotFound);
    keep(house, bob, "resp_2", "resp_1", b"a guess", 30).await;
    assert_eq!(refused(open(house, bob, "resp_2", true).await).reason, Reason::NotFound);
    assert!(open(house, ana, "resp_1", false).await.is_ok());
    let stored = crate::credentials::everything_stored(house).await;
    assert!(!crate::credentials::contains(&stored, b"canary sings"));
}

async fn a_workspace_that_keeps_less_means_what_it_has_as_well(house: &House) {
    let (ana, bob) = (house.person("Ana").await, house.person("Bob").await);
    for person in [ana, bob] {
        keep(house, person, "resp_1", "", b"one", 30).await;
    }
    house.hand.advance(TimeDelta::days(2));
    keep(house, ana, "resp_2", "", b"two", 30).await;
    let put = |keep_days| async move {
        let routing = Settings { responses: Some(Responses { keep_days }), ..Settings::default() };
        house.workspaces.put_routing(&house.call(ana), PutRoutingRequest { routing: Some(routing) }).await
    };
    put(1).await.unwrap();
    assert_eq!(refused(open(house, ana, "resp_1", false).await).reason, Reason::NotFound, "it is two days old");
    assert!(open(house, ana, "resp_2", false).await.is_ok());
    house.hand.advance(TimeDelta::days(1));
    assert_eq!(refused(open(house, ana, "resp_2", false).await).reason, Reason::NotFound);
    assert!(open(house, bob, "resp_1", false).await.is_ok(), "of another workspace");
    let request = OpenRoutingRequest { workspace_id: ana.workspace.to_string() };
    let gateway = house.workspaces.called_by(Role::Gateway);
    let opened = gateway.open_routing(&house.service_call(Role::Gateway), request).await.unwrap();
    assert_eq!(opened.keep_responses_days, 1);
    let failure = refused(put(366).await);
    assert_eq!((failure.reason, failure.fields[0].0.as_str()), (Reason::RefusedValue, "responses.keep_days"));
}

async fn the_oldest_go_where_there_are_too_many(house: &House) {
    let (ana, bob) = (house.person("Ana").await, house.person("Bob").await);
    for n in 0..5 {
        keep(house, ana, &format!("resp_{n}"), "", b"small", 30).await;
        house.hand.advance(TimeDelta::seconds(1));
    }
    for n in 0..3 {
        keep(house, bob, &format!("resp_{n}"), "", &[b'x'; 1_400], 30).await;
        house.hand.advance(TimeDelta::seconds(1));
    }
    // A process that starts looks at once.
    let config = workspace::Config { max_responses: 3, max_responses_bytes: 3_000, ..workspace::Config::default() };
    house.again(house.master.clone(), config);
    for _ in 0..500 {
        if open(house, ana, "resp_0", false).await.is_err() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    for (person, n, is_there) in
        [(ana, 1, false), (ana, 2, true), (ana, 4, true), (bob, 0, false), (bob, 1, true), (bob, 2, true)]
    {
        assert_eq!(open(house, person, &format!("resp_{n}"), false).await.is_ok(), is_there, "resp_{n}");
    }
}

async fn a_conversation_that_would_fit_nowhere_is_refused(house: &House) {
    let ana = house.person("Ana").await;
    let large = vec![b'x'; 6 * 1024 * 1024];
    for n in 1..=3 {
        let previous = if n == 1 { String::new() } else { format!("resp_{}", n - 1) };
        keep(house, ana, &format!("resp_{n}"), &previous, &large, 30).await;
    }
    assert_eq!(open(house, ana, "resp_2", true).await.unwrap().len(), 2);
    assert_eq!(refused(open(house, ana, "resp_3", true).await).reason, Reason::RefusedValue);
}

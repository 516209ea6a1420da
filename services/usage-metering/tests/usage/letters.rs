//! Exports that go to people.

use crate::{
    export::{create, done, download, get, owner, three, wish},
    house::Arrived,
    world::*,
};
use chrono::TimeDelta;
use futures::StreamExt as _;
use proto::{
    Failure, Permission, Reason,
    id::UserId,
    usage::{download_export_response::Part, *},
};
use std::time::Duration;
use usage_metering::{Config, LetterLimits};

const BOUND: Duration = Duration::from_secs(30);
const READS: &[Permission] = &[Permission::UsageRead, Permission::LogsRead, Permission::ExportsRead];

pub fn to(addresses: &[&str]) -> Option<ExportDestination> {
    let to = addresses.iter().map(|address| (*address).to_owned()).collect();
    Some(ExportDestination { to: Some(export_destination::To::Email(EmailDestination { to })) })
}

fn sent(kind: &str, format: &str, addresses: &[&str]) -> CreateExportRequest {
    CreateExportRequest { destination: to(addresses), ..wish(kind, format) }
}

fn reader(world: &World, email: &str, locale: &str) -> UserId {
    world.house.member(world.workspace, email, locale, READS)
}

/// The export once its delivery is as it should be.
async fn delivery(world: &World, id: &str, is: impl Fn(&ExportDelivery) -> bool) -> ExportDelivery {
    eventually(BOUND, async || get(world, id).await.unwrap().delivery.filter(|delivery| is(delivery))).await
}

async fn delivered(world: &World, id: &str) -> ExportDelivery {
    delivery(world, id, |delivery| delivery.status == "delivered").await
}

fn limits(letters: LetterLimits) -> Config {
    Config { letters, ..quick() }
}

async fn follow(world: &World, token: &str) -> Result<Vec<u8>, Failure> {
    let failed = |status| Failure::from(&status);
    let request = DownloadLinkedExportRequest { token: token.to_owned() };
    let anybody = proto::Call::anonymous(world.call().request_id);
    let mut parts = world.usage.download_linked_export(&anybody, request).await.map_err(failed)?;
    let mut bytes = vec![];
    while let Some(part) = parts.next().await {
        if let Some(Part::Data(data)) = part.map_err(failed)?.part {
            bytes.extend_from_slice(&data);
        }
    }
    Ok(bytes)
}

fn only(mut letters: Vec<Arrived>) -> Arrived {
    assert_eq!(letters.len(), 1, "{letters:?}");
    letters.remove(0)
}

#[tokio::test]
async fn each_member_gets_the_file_in_a_letter_of_their_own_language() {
    for world in everywhere().await {
        three(&world).await;
        reader(&world, "ana@example.com", "pt-BR");
        reader(&world, "bob@example.com", "en");
        // Named twice, once in another case.
        let request = sent("usage", "csv", &["bob@example.com", "Ana@example.com", "ana@example.com"]);
        let made = create(&world, request).await.unwrap();
        assert_eq!(made.delivery.unwrap().status, "waiting");
        let delivery = delivered(&world, &made.id).await;
        assert_eq!(delivery.location, "mailto:bob@example.com,Ana@example.com");
        assert_eq!((delivery.failures, delivery.error.as_str()), (0, ""));
        let (file, bytes) = download(&world, &made.id).await.unwrap();
        let letters = world.house.letters_there();
        let seen: Vec<_> = letters.iter().map(|letter| (letter.to.as_str(), letter.file.as_ref().unwrap())).collect();
        let whole = (file.name, bytes);
        assert_eq!(seen, [("ana@example.com", &whole), ("bob@example.com", &whole)]);
        assert_eq!(letters[1].subject, "Usage of Acme Win money, 2026-11-01 00:00 UTC to 2026-11-21 08:21 UTC");
        assert!(letters[1].text.contains("in 4 rows"), "{letters:?}");
        assert!(letters[0].text.contains("linhas") && letters.iter().all(|letter| letter.token.is_empty()));
    }
}

#[tokio::test]
async fn only_members_who_may_read_it_are_written_to() {
    let world = World::embedded().await;
    reader(&world, "ana@example.com", "en");
    let other = proto::id::WorkspaceId::from_uuid(world.ids.uuid());
    world.house.member(other, "eve@example.com", "en", READS);
    let ten: Vec<_> = (0..11).map(|_| "ana@example.com").collect();
    for (kind, addresses) in [
        ("usage", &["nobody@example.com"][..]),
        ("usage", &["ana@example.com", "eve@example.com"]),
        ("usage", &["ana@example.com\r\nBcc: eve@example.com"]),
        ("usage", &[]),
        ("usage", &ten),
        ("audit", &["ana@example.com"]),
    ] {
        let call = owner(&world, world.workspace);
        let call = proto::Call { scopes: call.scopes.with(Permission::AuditRead), ..call };
        let answer = world.usage.create_export(&call, sent(kind, "csv", addresses)).await;
        let failure = Failure::from(&answer.unwrap_err());
        assert_eq!(
            (failure.reason, failure.fields[0].0.as_str()),
            (Reason::RefusedValue, "destination.to"),
            "{failure:?}"
        );
    }
    let schedule = CreateExportScheduleRequest {
        kind: "usage".into(),
        format: "csv".into(),
        cron: "0 6 * * *".into(),
        time_zone: String::new(),
        destination: to(&["nobody@example.com"]),
    };
    let call = owner(&world, world.workspace);
    let refused = world.usage.create_export_schedule(&call, schedule).await.unwrap_err();
    assert_eq!(Reason::of(&refused), Reason::RefusedValue);
    assert!(world.house.letters_there().is_empty());
}

#[tokio::test]
async fn whoever_has_left_gets_nothing_and_a_new_address_is_followed() {
    let world = World::embedded().await;
    let (ana, bob) = (reader(&world, "ana@example.com", "en"), reader(&world, "bob@example.com", "en"));
    world.house.shut();
    let id = create(&world, sent("usage", "json", &["ana@example.com", "bob@example.com"])).await.unwrap().id;
    let waiting = delivery(&world, &id, |delivery| delivery.failures == 1).await;
    assert!(waiting.error.contains("mail server") && waiting.next_try_at.is_some(), "{waiting:?}");
    world.house.leaves(world.workspace, bob);
    world.house.state().people.iter_mut().find(|user| user.id == ana.to_string()).unwrap().email =
        "ana@new.example".into();
    world.house.open();
    world.hand.advance(TimeDelta::minutes(1));
    let delivery = delivered(&world, &id).await;
    assert!(delivery.error.contains("bob@example.com is no member any more"), "{delivery:?}");
    assert_eq!(only(world.house.letters_there()).to, "ana@new.example");
    // With nobody left it is given up at once: no pause makes them members again.
    world.house.leaves(world.workspace, ana);
    world.house.member(world.workspace, "cy@example.com", "en", READS);
    world.house.shut();
    let id = create(&world, sent("usage", "csv", &["cy@example.com"])).await.unwrap().id;
    self::delivery(&world, &id, |delivery| delivery.failures == 1).await;
    world.house.state().members.clear();
    world.house.open();
    world.hand.advance(TimeDelta::minutes(1));
    let given_up = self::delivery(&world, &id, |delivery| delivery.status == "failed").await;
    assert!(given_up.error.contains("cy@example.com is no member any more"), "{given_up:?}");
}

#[tokio::test]
async fn a_letter_that_does_not_leave_is_tried_again_and_nobody_gets_it_twice() {
    for world in everywhere().await {
        reader(&world, "ana@example.com", "en");
        reader(&world, "bob@example.com", "en");
        let id = create(&world, sent("usage", "csv", &["ana@example.com", "bob@example.com"])).await.unwrap().id;
        delivered(&world, &id).await;
        // As a process leaves it that is killed between two letters.
        let half = "update exports set delivery = 'waiting', letters = $1";
        let ana = world.house.state().people[0].id.clone();
        let mut tx = store::SystemTx::begin(&world.db, "test").await.unwrap();
        let text = format!("{{\"{ana}\":\"\"}}");
        tx.execute(store::Sql { name: "test/half", postgres: half, sqlite: half }, &[text.into()]).await.unwrap();
        tx.commit().await.unwrap();
        world.house.shut();
        world.house.open();
        // The house is away for the first try.
        world.house.state().away = true;
        set_due(&world).await;
        let waiting = delivery(&world, &id, |delivery| delivery.failures > 0).await;
        assert!(waiting.error.contains("another service failed"), "{waiting:?}");
        world.house.state().away = false;
        world.hand.advance(TimeDelta::minutes(2));
        assert_eq!(delivered(&world, &id).await.location, "mailto:ana@example.com,bob@example.com");
        assert_eq!(only(world.house.letters_there()).to, "bob@example.com");
    }
}

async fn set_due(world: &World) {
    let due = "update exports set deliver_at = $1";
    let mut tx = store::SystemTx::begin(&world.db, "test").await.unwrap();
    let sql = store::Sql { name: "test/due", postgres: due, sqlite: due };
    tx.execute(sql, &[world.clock.now().into()]).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn a_file_that_is_too_large_for_a_letter_comes_as_a_link_that_ends() {
    let limits = limits(LetterLimits { attachment_max_bytes: 100, ..LetterLimits::default() });
    for place in [Place::Embedded, Place::Group, Place::Postgres] {
        let Some(world) = World::at(place, limits.clone()).await else { continue };
        three(&world).await;
        let ana = reader(&world, "ana@example.com", "en");
        let id = create(&world, sent("usage", "csv", &["ana@example.com"])).await.unwrap().id;
        delivered(&world, &id).await;
        let letter = only(world.house.letters_there());
        assert!(letter.file.is_none() && letter.text.contains("too much for a letter"), "{letter:?}");
        assert!(letter.text.contains("https://api.example.com/api/v1/exports/download?token="), "{letter:?}");
        let whole = download(&world, &id).await.unwrap().1;
        assert_eq!(follow(&world, &letter.token).await.unwrap(), whole);
        assert_eq!(follow(&world, &letter.token).await.unwrap(), whole, "as often as it is needed");
        // Nobody makes one, and no table has it.
        let mut forged = letter.token.clone().into_bytes();
        let last = forged.len() / 2;
        forged[last] = if forged[last] == b'A' { b'B' } else { b'A' };
        let forged = String::from_utf8(forged).unwrap();
        for token in [forged.as_str(), "", "x", &"A".repeat(600)] {
            assert_eq!(follow(&world, token).await.unwrap_err().reason, Reason::NotFound, "{token}");
        }
        assert!(!format!("{:?}", get(&world, &id).await.unwrap()).contains(&letter.token));
        world.house.state().away = true;
        assert_eq!(follow(&world, &letter.token).await.unwrap_err().reason, Reason::ServiceUnavailable);
        world.house.state().away = false;
        let may = world.house.state().members.clone();
        world.house.leaves(world.workspace, ana);
        assert_eq!(follow(&world, &letter.token).await.unwrap_err().reason, Reason::NotFound);
        world.house.state().members = may;
        world.hand.advance(TimeDelta::days(7));
        assert_eq!(follow(&world, &letter.token).await.unwrap_err().reason, Reason::ExportGone);
    }
}

#[tokio::test]
async fn a_workspace_sends_so_many_letters_a_day_and_the_others_wait_for_the_next() {
    let limits = limits(LetterLimits { per_day: 1, ..LetterLimits::default() });
    for place in [Place::Embedded, Place::Group, Place::Postgres] {
        let Some(world) = World::at(place, limits.clone()).await else { continue };
        reader(&world, "ana@example.com", "en");
        reader(&world, "bob@example.com", "en");
        let both = || sent("usage", "csv", &["ana@example.com", "bob@example.com"]);
        let id = create(&world, both()).await.unwrap().id;
        let waiting = delivery(&world, &id, |delivery| !delivery.error.is_empty()).await;
        assert_eq!((waiting.status.as_str(), waiting.failures), ("waiting", 0), "{waiting:?}");
        let midnight = "2026-11-22T00:00:00Z".parse().unwrap();
        assert_eq!(waiting.next_try_at, Some(proto::time::to_proto(midnight)));
        assert_eq!(only(world.house.letters_there()).to, "ana@example.com");
        let refused = create(&world, both()).await.unwrap_err();
        assert!(refused.reason == Reason::Conflict && refused.message.contains("tomorrow"), "{refused:?}");
        world.hand.set(midnight);
        delivered(&world, &id).await;
        assert_eq!(world.house.letters_there().len(), 2);
    }
    let none = World::at(Place::Embedded, self::limits(LetterLimits { per_day: 0, ..LetterLimits::default() }));
    let world = none.await.unwrap();
    reader(&world, "ana@example.com", "en");
    let refused = create(&world, sent("usage", "csv", &["ana@example.com"])).await.unwrap_err();
    assert_eq!(refused.reason, Reason::MailNotConfigured);
}

#[tokio::test]
async fn a_schedule_writes_to_people_and_goes_on_from_what_they_got() {
    let world = World::embedded().await;
    three(&world).await;
    reader(&world, "ana@example.com", "pt-BR");
    let call = owner(&world, world.workspace);
    let schedule = CreateExportScheduleRequest {
        kind: "logs".into(),
        format: "csv".into(),
        cron: "0 6 * * *".into(),
        time_zone: "America/Sao_Paulo".into(),
        destination: to(&["ana@example.com"]),
    };
    world.usage.create_export_schedule(&call, schedule).await.unwrap();
    world.hand.set("2026-11-22T09:00:00Z".parse().unwrap());
    let letter = eventually(BOUND, async || world.house.letters_there().pop()).await;
    assert!(letter.text.contains("agendamento"), "{letter:?}");
    let (name, bytes) = letter.file.unwrap();
    assert_eq!(name, "logs-20261120T0300Z-20261122T0300Z.csv");
    assert_eq!(csv::Reader::from_reader(&bytes[..]).records().count(), 3);
    let covered = Some(proto::time::to_proto("2026-11-22T03:00:00Z".parse().unwrap()));
    eventually(BOUND, async || {
        let listed = world.usage.list_export_schedules(&call, ListExportSchedulesRequest::default()).await.unwrap();
        (listed.schedules[0].covered_until == covered).then_some(())
    })
    .await;
}

#[tokio::test]
async fn where_no_mail_is_sent_nobody_is_promised_any() {
    let world = World::alone(quick()).await;
    let refused = create(&world, sent("usage", "csv", &["ana@example.com"])).await.unwrap_err();
    assert_eq!(refused.reason, Reason::MailNotConfigured);
    let id = create(&world, wish("usage", "csv")).await.unwrap().id;
    done(&world, &id).await;
}

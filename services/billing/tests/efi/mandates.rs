//! PIX Automático: what is allowed once and taken each month.

use crate::fake::Fault;
use crate::house::{House, known, payer};
use billing::efi::{Automatic, Config, Efi};
use billing::payment::{Mandate, MandateStatus, Method, Order, Payer, Provider as _, State, Trouble};
use chrono::{DateTime, TimeDelta, Utc};
use proto::id::MandateId;
use serde_json::json;
use uuid::Uuid;

async fn house() -> House {
    House::with(|config| {
        config.timeout_seconds = 1;
        config.automatic = Automatic { enabled: true, account: Some("123456".to_owned()), ..Automatic::default() };
    })
    .await
}

fn wanted(house: &House, id: u128) -> Mandate {
    Mandate {
        id: MandateId::from_uuid(Uuid::from_u128(id)),
        since: house.clock.now(),
        interval: "month".to_owned(),
        first_at: house.clock.now() + TimeDelta::days(30),
        description: "Perpetuo".to_owned(),
        payer: payer(),
    }
}

/// One that was allowed: its name, and an order that is taken by it.
async fn allowed(house: &House) -> Order {
    let due_at = house.clock.now() + TimeDelta::days(7);
    Order { due_at: Some(due_at), ..allowed_from(house, 1, due_at).await }
}

/// One whose first invoice is due then, and an order for now.
async fn allowed_from(house: &House, id: u128, first_at: DateTime<Utc>) -> Order {
    let reference = house.efi.mandate(&Mandate { first_at, ..wanted(house, id) }).await.unwrap().reference;
    house.fake.state().recs.last_mut().unwrap().status = "APROVADA";
    let due_at = Some(house.clock.now());
    Order { mandate: Some(reference), due_at, ..house.order(Method::PixAutomatic, 29_700) }
}

#[tokio::test]
async fn somebody_is_asked_once_and_allows_it() {
    let house = house().await;
    assert!(house.efi.has_mandates("BRL") && !house.efi.has_mandates("USD"));
    let wanted = wanted(&house, 1);
    let first = house.efi.mandate(&wanted).await.unwrap();
    assert_eq!((first.status, first.reference.len()), (MandateStatus::Pending, 29));
    assert!(first.instructions.pix_copy_paste.is_some());
    assert_eq!(house.efi.mandate(&wanted).await, Ok(first.clone()));
    let body = house.fake.state().recs[0].body.clone();
    assert_eq!(body["calendario"], json!({ "dataInicial": "2027-03-03", "periodicidade": "MENSAL" }));
    assert_eq!(body["vinculo"]["devedor"], json!({ "cnpj": "12ABC34501DE35", "nome": "Empresa Exemplo Ltda" }));
    assert_eq!(body["vinculo"]["contrato"], wanted.id.uuid().simple().to_string());
    for (told, is) in [
        ("APROVADA", MandateStatus::Active),
        ("REJEITADA", MandateStatus::Ended),
        ("EXPIRADA", MandateStatus::Ended),
        ("CANCELADA", MandateStatus::Ended),
        ("SOMETHING_NEW", MandateStatus::Pending),
    ] {
        house.fake.state().recs[0].status = told;
        assert_eq!(house.efi.look_mandate(wanted.id, &first.reference, None).await.unwrap().status, is, "{told}");
    }
    let other = MandateId::from_uuid(Uuid::from_u128(2));
    assert!(matches!(house.efi.look_mandate(other, &first.reference, None).await, Err(Trouble::Unexpected(_))));
    for reference in ["", "../rec", "RR1234567820240115abcdefghijkl", "RR1234567820240115abcdefghijk"] {
        assert_eq!(house.efi.look_mandate(wanted.id, reference, None).await, Err(Trouble::Unknown), "{reference}");
    }
}

#[tokio::test]
async fn a_mandate_whose_answer_was_lost_is_one() {
    let house = house().await;
    for (count, fault) in [Fault::Lost, Fault::Silent].into_iter().enumerate() {
        let wanted = wanted(&house, count as u128 + 1);
        house.fake.next("POST /v2/rec", fault.clone());
        let made = house.efi.mandate(&wanted).await.unwrap();
        assert_eq!(house.efi.mandate(&wanted).await.unwrap(), made);
        assert_eq!(house.fake.state().recs.len(), count + 1, "{fault:?}");
    }
    let nobody = Mandate { payer: Payer::default(), ..wanted(&house, 9) };
    let Err(Trouble::Refused(text)) = house.efi.mandate(&nobody).await else { panic!("nobody was taken") };
    assert!(text.contains("tax_id"), "{text}");
}

#[tokio::test]
async fn of_a_mandate_that_was_made_twice_the_one_that_was_allowed_is_left() {
    let house = house().await;
    let wanted = wanted(&house, 1);
    let first = house.efi.mandate(&wanted).await.unwrap().reference;
    let second = {
        // What was asked for at the same time, or came late.
        let mut fake = house.fake.state();
        let mut twin = fake.recs[0].clone();
        twin.id = format!("{}Z", &first[..28]);
        fake.recs.push(twin.clone());
        twin.id
    };
    let since = Some(wanted.since);
    let statuses = || house.fake.state().recs.iter().map(|rec| rec.status).collect::<Vec<_>>();
    assert_eq!(house.efi.look_mandate(wanted.id, &second, None).await.unwrap().reference, second);
    assert_eq!(statuses(), ["CRIADA", "CRIADA"]);
    house.fake.state().recs[1].status = "APROVADA";
    let agreed = house.efi.look_mandate(wanted.id, &first, since).await.unwrap();
    assert_eq!((agreed.reference, agreed.status), (second.clone(), MandateStatus::Active));
    assert_eq!(statuses(), ["CANCELADA", "APROVADA"]);
    assert_eq!(house.efi.mandate(&wanted).await.unwrap().reference, second);
    house.fake.state().recs.iter_mut().for_each(|rec| rec.status = "CRIADA");
    let kept = house.efi.look_mandate(wanted.id, &second, since).await.unwrap();
    assert_eq!((kept.reference, statuses()), (second, vec!["CANCELADA", "CRIADA"]), "the one that is known");
}

#[tokio::test]
async fn what_was_due_before_a_mandate_begins_is_not_taken_by_it() {
    let house = house().await;
    let order = allowed_from(&house, 1, house.clock.now() + TimeDelta::days(30)).await;
    assert!(matches!(house.efi.create(&order).await, Err(Trouble::Refused(_))));
    assert_eq!(house.efi.reference(order.payment, Method::PixAutomatic).map(|name| name.len()), Some(34));
    assert_eq!(house.efi.reference(order.payment, Method::Pix), None);
}

#[tokio::test]
async fn a_mandate_is_ended_as_often_as_one_likes() {
    let house = house().await;
    let wanted = wanted(&house, 1);
    let reference = house.efi.mandate(&wanted).await.unwrap().reference;
    for _ in 0..2 {
        assert_eq!(house.efi.end_mandate(wanted.id, &reference).await, Ok(()));
    }
    assert_eq!(house.efi.look_mandate(wanted.id, &reference, None).await.unwrap().status, MandateStatus::Ended);
}

#[tokio::test]
async fn an_invoice_is_ordered_once_and_what_was_taken_is_what_came() {
    let house = house().await;
    let order = allowed(&house).await;
    house.fake.next("PUT /v2/cobr", Fault::Lost);
    let created = house.efi.create(&order).await.unwrap();
    assert_eq!(created.reference, format!("cr{}", order.payment.uuid().simple()));
    assert_eq!(house.efi.create(&order).await, Ok(created.clone()));
    let body = {
        let fake = house.fake.state();
        assert_eq!(fake.cobrs.len(), 1);
        fake.cobrs[0].body.clone()
    };
    assert_eq!(
        (&body["valor"]["original"], &body["calendario"]["dataDeVencimento"]),
        (&json!("297.00"), &json!("2027-02-08"))
    );
    assert_eq!(body["recebedor"], json!({ "conta": "123456", "tipoConta": "PAGAMENTO" }));
    let known = known(&order, &created.reference);
    assert_eq!(house.efi.look(&known).await.unwrap().state, State::Open);
    house.hand.advance(TimeDelta::days(7));
    house.fake.state().try_to_take(&created.reference, "PAGA");
    let truth = house.efi.look(&known).await.unwrap();
    assert_eq!((truth.state, truth.received.len(), truth.received[0].amount), (State::Paid, 1, 29_700));
    let dearer = Order { amount: 1, ..order.clone() };
    assert!(matches!(house.efi.create(&dearer).await, Err(Trouble::Unexpected(_))));
    let second = Order { payment: house.order(Method::PixAutomatic, 1).payment, ..order };
    assert!(matches!(house.efi.create(&second).await, Err(Trouble::Refused(_))), "one in each period");
    let late = allowed_from(&house, 2, house.clock.now()).await;
    house.efi.create(&late).await.unwrap();
    assert_eq!(house.fake.state().cobrs[1].body["calendario"]["dataDeVencimento"], "2027-02-10", "banks tell before");
}

#[tokio::test]
async fn what_could_not_be_taken_is_tried_three_times_within_seven_days() {
    let house = house().await;
    let order = allowed(&house).await;
    let known = known(&order, &house.efi.create(&order).await.unwrap().reference);
    assert_eq!(house.efi.look(&known).await.unwrap().again, None, "nothing has failed");
    house.hand.advance(TimeDelta::days(7));
    for (tries, day) in ["2027-02-09", "2027-02-10", "2027-02-11"].into_iter().enumerate() {
        // Some banks try more than once on a day, which takes nothing of what we may ask for.
        for _ in 0..=usize::from(tries == 0) {
            house.fake.state().try_to_take(&known.reference, "REJEITADA");
        }
        let again = house.efi.look(&known).await.unwrap().again.unwrap();
        assert_eq!(again.to_string(), day, "after {} tries", tries + 1);
        for _ in 0..2 {
            assert_eq!(house.efi.try_again(&known, again).await, Ok(()));
        }
        assert_eq!(house.efi.look(&known).await.unwrap().again, None, "the bank is about to try");
        house.hand.advance(TimeDelta::days(1));
    }
    house.fake.state().try_to_take(&known.reference, "REJEITADA");
    let truth = house.efi.look(&known).await.unwrap();
    assert_eq!((truth.state, truth.again), (State::Open, None), "no fourth time");
    let soon = house.clock.now().date_naive() + chrono::Days::new(1);
    assert!(matches!(house.efi.try_again(&known, soon).await, Err(Trouble::Refused(_))));
    house.fake.state().cobrs[0].status = "EXPIRADA";
    assert_eq!(house.efi.look(&known).await.unwrap().state, State::Gone);
    // Where the first try fails when the seven days are over there is no other.
    let late = allowed_from(&house, 2, house.clock.now()).await;
    let late = crate::house::known(&late, &house.efi.create(&late).await.unwrap().reference);
    house.hand.advance(TimeDelta::days(9));
    house.fake.state().try_to_take(&late.reference, "REJEITADA");
    assert_eq!(house.efi.look(&late).await.unwrap().again, None);
}

#[tokio::test]
async fn what_was_paid_otherwise_is_not_taken_unless_the_bank_has_begun() {
    let house = house().await;
    let order = allowed(&house).await;
    let first = known(&order, &house.efi.create(&order).await.unwrap().reference);
    for _ in 0..2 {
        assert_eq!(house.efi.cancel(&first).await, Ok(()));
    }
    assert_eq!(house.efi.look(&first).await.unwrap().state, State::Gone);
    let next = Order { payment: house.order(Method::PixAutomatic, 1).payment, ..order };
    let begun = known(&next, &house.efi.create(&next).await.unwrap().reference);
    house.hand.advance(TimeDelta::days(7));
    assert_eq!(house.efi.cancel(&begun).await, Ok(()));
    assert_eq!(house.efi.look(&begun).await.unwrap().state, State::Open, "it is too late for that");
}

#[tokio::test]
async fn settings_that_cannot_be_worked_with_are_named() {
    let house = House::open().await;
    let on = || Automatic { enabled: true, account: Some("123456".to_owned()), ..Automatic::default() };
    for (automatic, field) in [
        (Automatic { account: None, ..on() }, "automatic.account"),
        (Automatic { account: Some("12-3".to_owned()), ..on() }, "automatic.account"),
        (Automatic { account_kind: Some("GOLD".to_owned()), ..on() }, "automatic.account_kind"),
        (Automatic { branch: Some("12345".to_owned()), ..on() }, "automatic.branch"),
    ] {
        let config = Config { automatic, ..house.config.clone() };
        let problem = Efi::new(&config, &crate::house::guard(), &house.clock).unwrap_err().to_string();
        assert!(problem.starts_with(&format!("billing.efi.{field} ")), "{problem}");
    }
    assert!(!house.efi.has_mandates("BRL"), "nobody has switched it on");
}

//! The certificate that the API Pix asks for.

use crate::fake::authority::Authority;
use crate::house::{House, guard};
use billing::efi::{Config, Efi};
use billing::payment::{Method, Provider as _, Trouble};

async fn refused(house: &House) -> String {
    match house.efi.create(&house.order(Method::Pix, 100)).await {
        Err(Trouble::Refused(text)) => text,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn another_certificate_an_expired_one_and_none_are_refused_with_what_to_look_at() {
    let house = House::open().await;
    for identity in [Authority::new().identity(), house.fake.authority.identity_until(2020)] {
        house.replace_certificate(&identity);
        let text = refused(&house).await;
        assert!(text.contains("certificate") && text.contains("billing.efi.certificate_file"), "{text}");
    }
    assert_eq!(house.fake.asked(""), 0);
    // The API of charges asks for none.
    house.efi.create(&house.order(Method::Boleto, 100)).await.unwrap();
    let tls = egress::Tls {
        identity: None,
        authorities: egress::Authorities::read(house.fake.authority.pem().as_bytes()).unwrap(),
    };
    let client = egress::Client::with_tls(guard(), egress::Purpose::Payment, &tls).unwrap();
    let seconds = std::time::Duration::from_secs(5);
    let deadlines = egress::Deadlines { connect: seconds, first_byte: seconds, total: None };
    let request = http::Request::post(format!("{}/oauth/token", house.fake.pix_url)).body(bytes::Bytes::new()).unwrap();
    assert_eq!(client.send(request, &deadlines).await.err(), Some(egress::Error::Identity));
}

#[tokio::test]
async fn a_certificate_that_is_replaced_is_used_without_a_restart() {
    let house = House::open().await;
    house.replace_certificate(&Authority::new().identity());
    refused(&house).await;
    house.replace_certificate(&house.fake.authority.identity());
    house.efi.create(&house.order(Method::Pix, 100)).await.unwrap();
}

#[tokio::test]
async fn a_file_that_is_half_written_or_gone_changes_nothing() {
    let house = House::open().await;
    let whole = house.fake.authority.identity();
    for broken in [&whole[..whole.len() / 2], "", "-----BEGIN CERTIFICATE-----"] {
        house.replace_certificate(broken);
        house.efi.create(&house.order(Method::Pix, 100)).await.unwrap();
    }
    std::fs::remove_file(house.config.certificate_file.as_ref().unwrap()).unwrap();
    house.efi.create(&house.order(Method::Pix, 100)).await.unwrap();
    house.replace_certificate(&Authority::new().identity());
    refused(&house).await;
}

#[tokio::test]
async fn a_server_that_we_do_not_trust_gets_nothing() {
    let house = House::open().await;
    let config = Config { ca_file: None, ..house.config.clone() };
    let efi = Efi::new(&config, &guard(), &house.clock).unwrap();
    for method in [Method::Pix, Method::Boleto] {
        let untrusted = efi.create(&house.order(method, 100)).await;
        assert!(matches!(&untrusted, Err(Trouble::Away(text)) if text.contains("TLS")), "{untrusted:?}");
    }
    assert_eq!(house.fake.asked(""), 0);
}

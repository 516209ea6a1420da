//! What must be in no text that somebody may read.

use crate::fake::{CLIENT_SECRET, Fault};
use crate::house::{House, guard, known};
use billing::efi::{Config, Efi};
use billing::payment::{Method, Provider as _};
use serde_json::json;

/// Neither the secret, as it is and as it is sent, nor a token, nor the key of the certificate.
fn has_no_secret(house: &House, text: &str) {
    use base64::Engine as _;
    let basic = |id: &str| base64::engine::general_purpose::STANDARD.encode(format!("{id}:{CLIENT_SECRET}"));
    let [basic, other] = [crate::fake::CLIENT_ID, "another id"].map(basic);
    let file = std::fs::read_to_string(house.config.certificate_file.as_ref().unwrap()).unwrap();
    let lines = file.lines().filter(|line| !line.starts_with("-----"));
    for secret in
        [CLIENT_SECRET, &basic, &other, "token-of-tests", "a secret of at least sixteen"].into_iter().chain(lines)
    {
        assert!(!text.contains(secret), "{secret} is in {text}");
    }
}

#[tokio::test]
async fn neither_settings_nor_service_show_a_secret() {
    let house = House::open().await;
    has_no_secret(&house, &format!("{:?} {:#?}", house.efi, house.config));
    has_no_secret(&house, &serde_json::to_string(&house.config).unwrap());
}

#[tokio::test]
async fn no_error_shows_a_secret_although_efi_repeats_it() {
    let house = House::open().await;
    let order = house.order(Method::Pix, 100);
    let mut errors = vec![];
    // With a token that is refused twice, which the fake repeats in its answer.
    house.efi.create(&order).await.unwrap();
    let echoed = json!({ "error": "invalid_token", "error_description": "Bearer token-of-tests-2 is no token" });
    house.fake.state().forget_tokens();
    house.fake.next("GET /v2/cob", Fault::Says(401, echoed.clone()));
    house.fake.next("GET /v2/cob", Fault::Says(401, echoed));
    errors.push(house.efi.look(&known(&order, &order.payment.uuid().simple().to_string())).await.unwrap_err());
    // With a secret that is wrong: then that one is ours.
    let config = Config { client_id: Some("another id".to_owned()), ..house.config.clone() };
    let wrong = Efi::new(&config, &guard(), &house.clock).unwrap();
    errors.push(wrong.create(&order).await.unwrap_err());
    errors.push(wrong.create(&house.order(Method::Boleto, 100)).await.unwrap_err());
    house.fake.next("PUT /v2/cob", Fault::Says(400, json!({ "nome": CLIENT_SECRET })));
    errors.push(house.efi.create(&house.order(Method::Pix, 100)).await.unwrap_err());
    for error in errors {
        has_no_secret(&house, &format!("{error} {error:?}"));
    }
}

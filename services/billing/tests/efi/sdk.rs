//! Does Efí's own SDK, with its certificate, take the fake for Efí?

use crate::fake::{CLIENT_ID, CLIENT_SECRET, KEY};
use crate::house::House;
use crate::run::run;

#[tokio::test]
async fn the_official_sdk_makes_looks_at_and_gives_back_what_we_do() {
    let house = House::open().await;
    let file = |path: &Option<std::path::PathBuf>| path.as_ref().unwrap().display().to_string();
    let environment = [
        ("PIX_URL", house.fake.pix_url.clone()),
        ("CHARGES_URL", house.fake.charges_url.clone()),
        ("CLIENT_ID", CLIENT_ID.to_owned()),
        ("CLIENT_SECRET", CLIENT_SECRET.to_owned()),
        ("PIX_KEY", KEY.to_owned()),
        ("NOW", house.clock.now().timestamp().to_string()),
        ("CERTIFICATE", file(&house.config.certificate_file)),
        ("REQUESTS_CA_BUNDLE", file(&house.config.ca_file)),
    ];
    let made = run("efi_sdk.py", &["make"], &environment).await;
    let (txid, boleto) = (made["txid"].as_str().unwrap(), made["boleto"].as_i64().unwrap());
    let mandate = made["mandate"].as_str().unwrap();
    let e2e = {
        let mut fake = house.fake.state();
        let e2e = fake.pay(Some(txid), Some(KEY), "123.45");
        fake.conclude(txid);
        fake.recs[0].status = "APROVADA";
        fake.pay_boleto(boleto, 5_000);
        fake.notifications.insert("token-of-the-sdk".to_owned(), vec![boleto]);
        e2e
    };
    run("efi_sdk.py", &["look", txid, &e2e, &boleto.to_string(), mandate], &environment).await;
    let fake = house.fake.state();
    assert_eq!((fake.recs.len(), fake.recs[0].status), (1, "CANCELADA"));
    assert_eq!((fake.cobrs.len(), fake.cobrs[0].status), (1, "CANCELADA"));
    assert_eq!((fake.cobs.len(), fake.boletos.len(), fake.pix[0].refunds.len()), (2, 1, 1));
}

//! Settings that cannot be worked with.

use crate::house::{House, guard};
use billing::efi::{Config, Efi};
use billing::payment::{Method, Provider as _};
use egress::Guard;

#[tokio::test]
async fn each_setting_that_cannot_be_worked_with_is_named() {
    let house = House::open().await;
    type Change = fn(&mut Config);
    let changes: [(&str, Change); 14] = [
        ("client_id", |c| c.client_id = None),
        ("client_id", |c| c.client_secret = None),
        ("key or boletos", |c| (c.key, c.boletos) = (None, false)),
        ("key", |c| c.key = Some(String::new())),
        ("certificate_file", |c| c.certificate_file = None),
        ("certificate_file", |c| c.certificate_file = Some("/nowhere/efi.p12".into())),
        ("certificate_file", |c| c.certificate_file.clone_from(&c.ca_file)),
        ("timeout_seconds", |c| c.timeout_seconds = 0),
        ("webhook_secret", |c| c.webhook_secret = Some("short".into())),
        ("webhook_secret", |c| c.webhook_secret = None),
        ("notification_url", |c| c.notification_url = Some("http://example.com".to_owned())),
        ("pix_url", |c| c.pix_url = Some("http://localhost:1".to_owned())),
        ("charges_url", |c| c.charges_url = Some("https://169.254.169.254/v1".to_owned())),
        ("ca_file", |c| c.ca_file = Some("/nowhere/ca.pem".into())),
    ];
    for (field, change) in changes {
        let mut config = house.config.clone();
        change(&mut config);
        let error = Efi::new(&config, &guard(), &house.clock).unwrap_err().to_string();
        assert!(error.starts_with(&format!("billing.efi.{field} ")), "{field}: {error}");
    }
    let strict = Guard::new(&egress::Config::default(), true, vec![]);
    let error = Efi::new(&house.config, &strict, &house.clock).unwrap_err().to_string();
    assert!(error.starts_with("billing.efi.pix_url cannot be called"), "{error}");
}

#[tokio::test]
async fn what_is_not_set_up_is_not_offered() {
    let both = House::open().await;
    assert_eq!(both.efi.methods("BRL"), [Method::Pix, Method::Boleto]);
    assert_eq!(both.efi.methods("USD"), []);
    let pix = House::with(|config| config.boletos = false).await;
    assert_eq!(pix.efi.methods("BRL"), [Method::Pix]);
    assert!(pix.efi.create(&pix.order(Method::Boleto, 100)).await.is_err());
    let boletos = House::with(|config| config.key = None).await;
    assert_eq!((boletos.efi.methods("BRL"), boletos.efi.name()), (vec![Method::Boleto], "efi"));
}

#[test]
fn nothing_is_paid_through_efi_unless_it_is_set_up() {
    let config: Config = serde_json::from_str("{}").unwrap();
    assert!(!config.is_on());
    assert!(serde_json::from_str::<Config>(r#"{ "chave": "x" }"#).is_err());
}

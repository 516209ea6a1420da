//! An Efí of ours in front of a fake one.

use crate::fake::{CLIENT_ID, CLIENT_SECRET, Fake, KEY};
use billing::efi::{Config, Efi};
use billing::payment::{Address, Known, Method, Order, Payer};
use chrono::{DateTime, TimeDelta, Utc};
use egress::Guard;
use host::{Clock, ClockHand, Ids};
use proto::id::PaymentId;
use std::path::PathBuf;
use tempfile::TempDir;

pub(crate) struct House {
    pub fake: Fake,
    pub efi: Efi,
    pub config: Config,
    pub hand: ClockHand,
    pub clock: Clock,
    ids: Ids,
    folder: TempDir,
}

pub(crate) fn start() -> DateTime<Utc> {
    "2027-02-01T15:00:00Z".parse().unwrap()
}

/// Which lets loopback be called, as an operator can.
pub(crate) fn guard() -> Guard {
    let allow = ["127.0.0.0/8", "::1"].map(|range| range.parse().unwrap()).into();
    Guard::new(&egress::Config { allow, ..Default::default() }, false, vec![])
}

impl House {
    pub(crate) async fn open() -> Self {
        Self::with(|_| {}).await
    }

    /// With other settings.
    pub(crate) async fn with(change: impl FnOnce(&mut Config)) -> Self {
        let (clock, hand) = Clock::manual(start());
        let fake = Fake::start(clock.clone()).await;
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, text: String| -> PathBuf {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            path
        };
        let mut config = Config {
            client_id: Some(CLIENT_ID.to_owned()),
            client_secret: Some(CLIENT_SECRET.into()),
            certificate_file: Some(file("efi.pem", fake.authority.identity())),
            key: Some(KEY.to_owned()),
            boletos: true,
            notification_url: Some("https://example.com/v1/billing/notifications/efi".to_owned()),
            webhook_secret: Some("a secret of at least sixteen".into()),
            pix_url: Some(fake.pix_url.clone()),
            charges_url: Some(fake.charges_url.clone()),
            ca_file: Some(file("ca.pem", fake.authority.pem())),
            timeout_seconds: 5,
            ..Config::default()
        };
        change(&mut config);
        let efi = Efi::new(&config, &guard(), &clock).unwrap();
        let ids = Ids::new(clock.clone());
        Self { fake, efi, config, hand, clock, ids, folder }
    }

    /// Another file stands where the certificate was.
    pub(crate) fn replace_certificate(&self, text: &str) {
        std::fs::write(self.folder.path().join("efi.pem"), text).unwrap();
    }

    pub(crate) fn order(&self, method: Method, amount: i64) -> Order {
        Order {
            payment: PaymentId::from_uuid(self.ids.uuid()),
            method,
            amount,
            currency: "BRL".to_owned(),
            description: "Perpetuo Pro, February".to_owned(),
            expires_at: self.clock.now() + TimeDelta::days(3),
            payer: payer(),
            success_url: None,
            cancel_url: None,
            customer: None,
            mandate: None,
            due_at: None,
        }
    }
}

pub(crate) fn known(order: &Order, reference: &str) -> Known {
    Known { payment: order.payment, method: order.method, reference: reference.to_owned() }
}

pub(crate) fn payer() -> Payer {
    let address = Address {
        line1: "Avenida Juscelino Kubitschek, 909".to_owned(),
        line2: String::new(),
        district: "Bauxita".to_owned(),
        city: "Ouro Preto".to_owned(),
        state: "MG".to_owned(),
        postal_code: "35400-000".to_owned(),
        country: "BR".to_owned(),
    };
    Payer {
        name: "Empresa Exemplo Ltda".to_owned(),
        email: Some("financeiro@example.com".to_owned()),
        tax_id: Some("12ABC34501DE35".to_owned()),
        address: Some(address),
    }
}

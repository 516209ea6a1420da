//! A fake Efí, and what calls it.

use crate::efi::{self, CLIENT_ID, CLIENT_SECRET, Fake, KEY};
use billing::{
    efi::{Automatic, Config, Efi},
    payment::Provider,
};
use host::Clock;
use std::{collections::BTreeMap, sync::Arc};
use tempfile::TempDir;

/// What Efí repeats when it calls.
pub const SECRET: &str = "a secret of at least sixteen";

#[derive(Clone)]
pub struct Bank {
    pub fake: Arc<Fake>,
    efi: Arc<Efi>,
    _folder: Arc<TempDir>,
}

/// What the fake knows.
#[derive(Clone)]
pub struct Kept {
    cobs: BTreeMap<String, efi::Cob>,
    pix: Vec<efi::Pix>,
    boletos: BTreeMap<i64, efi::Boleto>,
    recs: Vec<efi::recurring::Rec>,
    cobrs: Vec<efi::recurring::Cobr>,
}

impl Bank {
    pub async fn open(clock: &Clock) -> Self {
        let fake = Fake::start(clock.clone()).await;
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, text: String| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            path
        };
        let config = Config {
            client_id: Some(CLIENT_ID.to_owned()),
            client_secret: Some(CLIENT_SECRET.into()),
            certificate_file: Some(file("efi.pem", fake.authority.identity())),
            key: Some(KEY.to_owned()),
            boletos: true,
            automatic: Automatic { enabled: true, account: Some("123456".to_owned()), ..Automatic::default() },
            webhook_secret: Some(SECRET.into()),
            pix_url: Some(fake.pix_url.clone()),
            charges_url: Some(fake.charges_url.clone()),
            ca_file: Some(file("ca.pem", fake.authority.pem())),
            timeout_seconds: 5,
            ..Config::default()
        };
        let allow = ["127.0.0.0/8", "::1"].map(|range| range.parse().unwrap()).into();
        let guard = egress::Guard::new(&egress::Config { allow, ..Default::default() }, false, vec![]);
        let efi = Arc::new(Efi::new(&config, &guard, clock).unwrap());
        Self { fake: Arc::new(fake), efi, _folder: Arc::new(folder) }
    }

    pub fn providers(&self) -> Vec<Arc<dyn Provider>> {
        vec![self.efi.clone()]
    }

    pub fn keep(&self) -> Kept {
        let state = self.fake.state();
        Kept {
            cobs: state.cobs.clone(),
            pix: state.pix.clone(),
            boletos: state.boletos.clone(),
            recs: state.recs.clone(),
            cobrs: state.cobrs.clone(),
        }
    }

    pub fn put(&self, kept: Kept) {
        let mut state = self.fake.state();
        (state.cobs, state.pix, state.boletos) = (kept.cobs, kept.pix, kept.boletos);
        (state.recs, state.cobrs) = (kept.recs, kept.cobrs);
    }
}

impl Kept {
    pub fn print(&self) -> String {
        let cobs = self.cobs.values().map(|cob| cob.status.to_owned());
        let pix = self.pix.iter().map(|paid| format!("{} {:?}", paid.amount, paid.refunds));
        let boletos = self.boletos.values().map(|boleto| format!("{} {:?}", boleto.status, boleto.paid));
        let recs = self.recs.iter().map(|rec| rec.status.to_owned());
        let cobrs = self.cobrs.iter().map(|cobr| format!("{} {:?}", cobr.status, cobr.attempts));
        cobs.chain(pix).chain(boletos).chain(recs).chain(cobrs).collect::<Vec<_>>().join("\n")
    }
}

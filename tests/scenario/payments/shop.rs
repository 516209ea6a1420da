//! A Perpetuo that sells, and the providers that it sells through.

// The same files that the suites of the adapters have: what the providers' own SDKs take for Efí and for Stripe.
#[path = "../../../services/billing/tests/efi/fake.rs"]
#[expect(
    dead_code,
    clippy::unwrap_used,
    reason = "faults and what else only the suite of the adapter needs; it stops a test"
)]
mod efi;
#[path = "../../../services/billing/tests/stripe/fake.rs"]
#[expect(
    dead_code,
    clippy::unwrap_used,
    reason = "faults and what else only the suite of the adapter needs; it stops a test"
)]
mod stripe;

use anyhow::Context as _;
use aws_lc_rs::hmac;
use host::Clock;
use serde_json::{Value, json};
use std::fmt::Write as _;
use tempfile::TempDir;
use tests::{
    Cluster,
    cluster::{Options, Shape},
};

pub(crate) use efi::KEY as PIX_KEY;

/// What Efí repeats when it calls.
pub const SECRET: &str = "a-secret-of-at-least-sixteen";
const STRIPE_KEY: &str = "sk_test_51Perpetuo0000000000000000";
const WEBHOOK_SECRET: &str = "whsec_of_scenarios";

pub struct Shop {
    pub cluster: Cluster,
    efi: efi::Fake,
    stripe: stripe::Fake,
    /// The files of Efí.
    _folder: TempDir,
}

impl Shop {
    pub async fn open(shape: Shape) -> anyhow::Result<Self> {
        let clock = Clock::system();
        let efi = efi::Fake::start(clock.clone()).await;
        let stripe = stripe::Fake::start(clock.now().timestamp(), STRIPE_KEY).await;
        let folder = tempfile::tempdir()?;
        let file = |name: &str, text: String| {
            let path = folder.path().join(name);
            std::fs::write(&path, text)?;
            anyhow::Ok(path.display().to_string())
        };
        let settings = [
            ("BILLING__ISSUER__NAME", "Perpetuo Ltda".to_owned()),
            ("BILLING__STRIPE__SECRET_KEY", STRIPE_KEY.to_owned()),
            ("BILLING__STRIPE__WEBHOOK_SECRETS", json!([WEBHOOK_SECRET]).to_string()),
            ("BILLING__STRIPE__API_URL", format!("http://{}", stripe.address)),
            ("BILLING__EFI__CLIENT_ID", efi::CLIENT_ID.to_owned()),
            ("BILLING__EFI__CLIENT_SECRET", efi::CLIENT_SECRET.to_owned()),
            ("BILLING__EFI__CERTIFICATE_FILE", file("efi.pem", efi.authority.identity())?),
            ("BILLING__EFI__CA_FILE", file("ca.pem", efi.authority.pem())?),
            ("BILLING__EFI__KEY", PIX_KEY.to_owned()),
            ("BILLING__EFI__BOLETOS", "true".to_owned()),
            ("BILLING__EFI__WEBHOOK_SECRET", SECRET.to_owned()),
            ("BILLING__EFI__PIX_URL", efi.pix_url.clone()),
            ("BILLING__EFI__CHARGES_URL", efi.charges_url.clone()),
            ("EGRESS__ALLOW", json!(["127.0.0.0/8", "::1/128"]).to_string()),
        ];
        let env = settings.map(|(name, value)| (format!("PERPETUO__{name}"), value)).to_vec();
        let cluster = Cluster::start(shape, &Options { env, ..Options::default() }).await?;
        Ok(Self { cluster, efi, stripe, _folder: folder })
    }

    /// The name of a charge that a checkout shows.
    pub fn txid(&self, open: &Value) -> anyhow::Result<String> {
        let code = open["pix"]["copy_paste"].as_str().with_context(|| format!("no PIX: {open}"))?;
        let state = self.efi.state();
        let found = state.cobs.iter().find(|(_, cob)| code == format!("00020126-{}", cob.location));
        Ok(found.context("Efí does not know it")?.0.clone())
    }

    /// Somebody pays a charge; how that is called.
    pub fn pays_pix(&self, txid: &str, reais: &'static str) -> String {
        let mut state = self.efi.state();
        let e2e = state.pay(Some(txid), Some(PIX_KEY), reais);
        state.conclude(txid);
        e2e
    }

    /// The same, to the key of somebody else.
    pub fn pays_to_somebody_else(&self, txid: &str, reais: &'static str) {
        self.efi.state().pay(Some(txid), Some("foreign@example.com"), reais);
    }

    pub fn gets_a_centavo_from_nowhere(&self) {
        self.efi.state().pay(None, Some(PIX_KEY), "0.01");
    }

    /// Somebody pays the boleto of a checkout; the token with which that is told.
    pub fn pays_boleto(&self, open: &Value) -> anyhow::Result<String> {
        let payment = open["checkout_id"].as_str().context("no checkout")?;
        let mut state = self.efi.state();
        let is_of = |body: &Value| body["metadata"]["custom_id"] == payment;
        let id = state.boletos.values().find(|boleto| is_of(&boleto.body)).context("Efí does not know it")?.id;
        state.pay_boleto(id, 29_700);
        let token = format!("token-{id}");
        state.notifications.insert(token.clone(), vec![id]);
        Ok(token)
    }

    /// Somebody pays on Stripe's page; the event, and its signature.
    pub fn pays_by_card(&self, open: &Value) -> anyhow::Result<(String, String)> {
        let url = open["url"].as_str().context("no page")?;
        let session = url.rsplit('/').next().unwrap_or_default().to_owned();
        let now = Clock::system().now().timestamp();
        self.stripe.with(|state| {
            state.now = now;
            state.pay(&session);
        });
        let body = json!({
            "id": format!("evt_{session}"), "object": "event", "api_version": billing::stripe::API_VERSION,
            "type": "checkout.session.completed", "created": now, "livemode": false,
            "data": {"object": {"id": session, "object": "checkout.session", "client_reference_id": open["checkout_id"],
                "metadata": {"payment_id": open["checkout_id"]}}},
        })
        .to_string();
        let key = hmac::Key::new(hmac::HMAC_SHA256, WEBHOOK_SECRET.as_bytes());
        let tag = hmac::sign(&key, format!("{now}.{body}").as_bytes());
        let mut signature = format!("t={now},v1=");
        for byte in tag.as_ref() {
            write!(signature, "{byte:02x}")?;
        }
        Ok((body, signature))
    }

    /// How many requests to Efí began like that.
    pub fn asked(&self, request: &str) -> usize {
        self.efi.asked(request)
    }

    /// Efí does not answer the next times that it is asked what came.
    pub fn is_away(&self) {
        for _ in 0..8 {
            self.efi.next("GET /v2/pix?", efi::Fault::Says(503, json!({})));
        }
    }
}

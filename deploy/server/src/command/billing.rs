//! `perpetuo billing reconcile`: do the providers of payments, the ledger and the invoices say the same?

use crate::cli::{
    Source,
    billing::{Billing as What, Reconcile},
};
use crate::{say, settings::Settings};
use anyhow::Context as _;
use host::peer::{Channels, Keys, Ways};
use host::tls::Client;
use host::{Clock, Ids};
use proto::billing::{Billing, CreditBalance, Difference, ReconcileRequest, ReconcileResponse};
use proto::{Call, PlatformRole, Reason, Role, id::RequestId, time::to_proto};
use serde_json::json;
use std::{fmt::Write as _, process::ExitCode};

/// Does what the command line says about money.
pub async fn run(source: &Source, what: What) -> anyhow::Result<ExitCode> {
    let (settings, _) = source.load(None)?;
    match what {
        What::Reconcile(flags) => reconcile(&settings, &flags).await,
    }
}

async fn reconcile(settings: &Settings, flags: &Reconcile) -> anyhow::Result<ExitCode> {
    let clock = Clock::system();
    let keys = Keys::load(&settings.peer_keys_dir(), &[Role::Edge]).context("the key of the edge is needed")?;
    let addresses = match settings.peer(Role::Billing) {
        [] if settings.grpc.tls.is_used() => vec![format!("https://{}", settings.grpc.listen)],
        [] => vec![format!("http://{}", settings.grpc.listen)],
        elsewhere => elsewhere.to_vec(),
    };
    let is_secure = addresses.iter().any(|address| address.starts_with("https://"));
    let tls = is_secure.then(|| Client::open(&settings.peers.tls)).transpose()?;
    let ways = Ways { tls, ..Ways::default() };
    let channels = Channels::open_by([(Role::Billing, addresses)], keys.signer(clock.clone()), &ways)?;
    let billing = Billing::remote(channels.peer(Role::Billing)?).called_by(Role::Edge);
    let id = RequestId::from_uuid(Ids::new(clock).uuid());
    let call = Call { scopes: PlatformRole::Admin.scopes(), ..Call::service(Role::Edge, id) };
    let request = ReconcileRequest { from: flags.from.map(to_proto), to: flags.to.map(to_proto) };
    match billing.reconcile(&call, request).await {
        Ok(found) => Ok(tell(&found, flags.json)),
        Err(status) if Reason::of(&status) == Reason::ServiceUnavailable => {
            anyhow::bail!("{}: does Perpetuo run, and do the providers answer?", status.message())
        }
        Err(status) => anyhow::bail!("{}", status.message()),
    }
}

fn tell(found: &ReconcileResponse, as_json: bool) -> ExitCode {
    let is_balanced = found.differences.iter().all(|one| one.is_explained);
    if as_json {
        say::line(&in_json(found, is_balanced));
    } else {
        say::line(in_words(found).trim_end());
    }
    if is_balanced { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn in_json(found: &ReconcileResponse, is_balanced: bool) -> String {
    let sums = |sums: &[CreditBalance]| -> Vec<_> {
        sums.iter().map(|sum| json!({"currency": sum.currency, "amount": sum.amount})).collect()
    };
    let providers: Vec<_> = found
        .providers
        .iter()
        .map(|one| {
            json!({"provider": one.provider, "received_count": one.received_count, "received": sums(&one.received),
            "ledger": sums(&one.ledger)})
        })
        .collect();
    let differences: Vec<_> = found
        .differences
        .iter()
        .map(|one| {
            json!({"provider": one.provider, "reference": one.reference, "kind": one.kind, "currency": one.currency,
            "provider_amount": one.provider_amount, "ledger_amount": one.ledger_amount, "invoice_id": one.invoice_id,
            "explained": one.is_explained})
        })
        .collect();
    json!({"balanced": is_balanced, "providers": providers, "differences": differences}).to_string()
}

fn in_words(found: &ReconcileResponse) -> String {
    let mut text = String::new();
    let sums = |sums: &[CreditBalance]| match sums {
        [] => "nothing".to_owned(),
        sums => sums.iter().map(|sum| format!("{} {}", sum.amount, sum.currency)).collect::<Vec<_>>().join(", "),
    };
    for one in &found.providers {
        let (received, ledger) = (sums(&one.received), sums(&one.ledger));
        // Writing into a string cannot fail.
        let _ =
            writeln!(text, "{}: {} payments, {received}; the ledger has {ledger}", one.provider, one.received_count);
    }
    if found.providers.is_empty() {
        text.push_str("No provider of payments is set up.\n");
    }
    for Difference { provider, reference, kind, currency, provider_amount, ledger_amount, is_explained, .. } in
        &found.differences
    {
        let what = if *is_explained { "made up for" } else { "NOT EXPLAINED" };
        let _ = writeln!(
            text,
            "{what}: {provider} {reference}: {kind}; provider {provider_amount} {currency}, ledger {ledger_amount} {currency}"
        );
    }
    if found.differences.is_empty() {
        text.push_str("No differences. Amounts are in the smallest unit of each currency.\n");
    }
    text
}

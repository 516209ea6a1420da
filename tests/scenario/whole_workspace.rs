//! A workspace with something of everything: its program hears of it, and its owner takes all of it along.

use crate::{
    executions::{SALES, begin, ended, problem},
    mail::Sink,
    money::checkout,
    operators::operator,
    scenarios,
    webhooks::{add, arrived, verify},
};
use anyhow::{Context as _, ensure};
use serde_json::{Value, json};
use std::{collections::BTreeSet, time::Duration};
use tests::{Cluster, Person, Upstream, client::Client, cluster::Shape, eventually, upstream::Script, within};

scenarios! {
    own: events_of_billing_and_executions_arrive_and_all_that_is_kept_is_in_one_file;
}

/// Every kind of line that the file is described to have, but for what this workspace has none of: a directory, teams, domains.
const KINDS: [&str; 18] = [
    "workspace",
    "role",
    "member",
    "invitation",
    "provider",
    "api_key",
    "routing",
    "guardrails",
    "prices",
    "export_schedule",
    "webhook",
    "subscription",
    "billing_details",
    "credits",
    "invoice",
    "execution",
    "audit_event",
    "request_log",
];

/// One that writes letters and sells by transfer.
const SETTINGS: [(&str, &str); 3] = [
    ("PERPETUO__IDENTITY__VERIFY_EMAIL", "false"),
    ("PERPETUO__BILLING__ISSUER__NAME", "Perpetuo Ltda"),
    ("PERPETUO__BILLING__PAYMENT_INSTRUCTIONS__EN", "Bank 1, account 2"),
];

async fn events_of_billing_and_executions_arrive_and_all_that_is_kept_is_in_one_file(
    shape: Shape,
) -> anyhow::Result<()> {
    let (sink, receiver) = (Sink::start().await?, Upstream::start().await?);
    let cluster = sink.cluster_with(shape, &SETTINGS).await?;
    let person = cluster.person().await?;
    let operator = operator(&cluster, &cluster.person().await?, "admin").await?;
    let (hook, secret) = add(&person, &receiver.url, &["*"]).await?;
    let hears = async |kind: &str| {
        let (received, event) = within(Duration::from_secs(30), async || arrived(&receiver, kind)).await?;
        verify(&received, &secret)?;
        ensure!(event["data"]["workspace_id"] == person.workspace.as_str(), "{event}");
        anyhow::Ok(event)
    };
    let invoice = pays(&operator, &person).await?;
    let paid = hears("invoice.paid").await?;
    ensure!(paid["data"]["subject"] == invoice.as_str(), "{paid}");
    hears("invoice.finalized").await?;
    hears("subscription.updated").await?;
    let execution = begin(&person.client, &problem(SALES, "quick")).await?;
    let found = ended(&person.client, &execution).await?;
    ensure!(found["status"] == "completed", "{found}");
    for kind in ["execution.started", "execution.completed"] {
        let event = hears(kind).await?;
        ensure!(event["data"]["subject"] == execution.as_str(), "{event}");
        ensure!(!event.to_string().contains("churn"), "what was asked is in an event: {event}");
    }
    let (ids, secrets) = fill(&cluster, &operator, &person).await?;
    let ids = [ids, vec![hook, invoice, execution]].concat();
    let text = person.client.get(&person.path("/data-export")).await?.expect(200)?.text;
    holds(&text, &ids)?;
    for secret in secrets.iter().chain([&secret]) {
        ensure!(!text.contains(secret.as_str()), "a secret is in the file");
    }
    let (stranger, key) = (cluster.person().await?, person.key().await?);
    stranger.client.get(&person.path("/data-export")).await?.expect(404)?;
    key.get(&person.path("/data-export")).await?.expect(403)?;
    Ok(())
}

/// Buys a plan and pays it; the invoice.
async fn pays(operator: &Client, person: &Person) -> anyhow::Result<String> {
    let open = checkout(person, "pro").await?;
    let invoice = open["invoice_id"].as_str().context("no invoice")?.to_owned();
    let pay = format!("/admin/invoices/{invoice}/payments");
    operator.post(&pay, &json!({"reference": "wire 1"})).await?.expect(200)?;
    Ok(invoice)
}

/// Puts something of each other kind into the workspace. Ids that its file must have, and secrets that it must not.
async fn fill(cluster: &Cluster, operator: &Client, person: &Person) -> anyhow::Result<(Vec<String>, Vec<String>)> {
    let upstream = Upstream::start().await?;
    upstream.on("a", Script::text("an answer"));
    let id = |value: &Value| value["id"].as_str().map(str::to_owned).with_context(|| format!("no id in {value}"));
    let provider = person.provider(&upstream.url, &json!({"name": "one", "models": ["a"]})).await?;
    let (key, made) = person.key_with(&json!({"name": "of-the-file"})).await?;
    let puts = [
        ("/routing", json!({"platform": "off"})),
        ("/guardrails", json!({"rules": [{"name": "of-the-file", "action": "redact", "detect": ["cpf"]}]})),
        ("/prices", json!({"markup_percent": "12.5"})),
    ];
    for (path, body) in puts {
        person.client.put(&person.path(path), &body).await?.expect(200)?;
    }
    let schedule = json!({"kind": "usage", "format": "csv", "cron": "0 6 1 * *"});
    let schedule = person.client.post(&person.path("/export-schedules"), &schedule).await?.expect(201)?.json()?;
    let address = json!({"line1": "Avenida JK, 909", "district": "Bauxita", "city": "Ouro Preto", "state": "MG",
        "postal_code": "35400-000", "country": "BR"});
    let details = json!({"name": "Empresa do Arquivo Ltda", "tax_id": "12.ABC.345/01DE-35", "address": address});
    person.client.put("/api/v1/billing/details", &details).await?.expect(200)?;
    let credits = format!("/admin/workspaces/{}/credits", person.workspace);
    operator.post(&credits, &json!({"amount": 500})).await?.expect(201)?;
    // The plan that was paid has room for more than one.
    let invite = json!({"email": "guest@example.com", "role": "member"});
    let invitation = within(Duration::from_secs(10), async || {
        person.client.post(&person.path("/invitations"), &invite).await?.expect(201)?.json()
    })
    .await?;
    let answer = eventually(async || key.chat("a", "what the file shows").await?.expect(200)).await?;
    let log = person.log_of(&answer).await?;
    let secrets = vec![
        "sk-test-canary-4242".to_owned(),
        made["key"].as_str().context("no key")?.to_owned(),
        person.account["refresh_token"].as_str().context("no token")?.to_owned(),
    ];
    let user = person.account["user"]["id"].as_str().context("no id")?.to_owned();
    let ids = vec![
        id(&provider)?,
        id(&made)?,
        id(&schedule)?,
        id(&invitation)?,
        id(&log)?,
        user,
        person.workspace.clone(),
        "Empresa do Arquivo Ltda".to_owned(),
        "12.5".to_owned(),
    ];
    // The trail hears of other services a moment later.
    within(Duration::from_secs(30), async || {
        let trail = person.client.get(&person.path("/audit?limit=200")).await?.expect(200)?.text;
        for action in ["api_key.created", "invoice.paid", "invitation.created"] {
            ensure!(trail.contains(action), "{action} is not in the trail yet");
        }
        Ok(())
    })
    .await?;
    ensure!(!cluster.output().contains("sk-test-canary-4242"), "a provider's key is in a log");
    Ok((ids, secrets))
}

/// The file is whole, has a line of each kind, and everything that was made.
fn holds(text: &str, ids: &[String]) -> anyhow::Result<()> {
    let lines: Vec<Value> = text.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
    let (end, lines) = lines.split_last().context("nothing")?;
    ensure!(end["kind"] == "end" && end["data"]["lines"] == lines.len(), "cut off: {end} after {}", lines.len());
    let kinds: BTreeSet<&str> = lines.iter().filter_map(|line| line["kind"].as_str()).collect();
    ensure!(kinds == BTreeSet::from(KINDS), "{kinds:?}");
    ensure!(lines.iter().all(|line| !line["data"].is_null()), "an empty line");
    for id in ids {
        ensure!(text.contains(id.as_str()), "{id} is not in the file");
    }
    Ok(())
}

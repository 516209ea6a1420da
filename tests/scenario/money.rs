//! Money: from an invoice to the plan that is in force, on a Perpetuo whose operator writes down what was transferred.

use crate::{operators::operator, scenarios};
use anyhow::{Context as _, ensure};
use proto::Role;
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use tests::{
    Cluster,
    client::{Client, Person},
    cluster::{Options, Shape},
    within,
};

scenarios! {
    own: a_plan_that_is_paid_is_in_force_at_the_gateway_within_two_seconds;
}

/// One that sells by transfer.
fn shop() -> Options {
    let name = |key: &str, value: &str| (format!("PERPETUO__BILLING__{key}"), value.to_owned());
    let env = vec![name("ISSUER__NAME", "Perpetuo Ltda"), name("PAYMENT_INSTRUCTIONS__EN", "Bank 1, account 2")];
    Options { env, ..Options::default() }
}

/// What a key may use of them in a month, by its plan.
pub async fn tickets(key: &Client) -> anyhow::Result<Option<i64>> {
    let limits = key.get("/v1/limits").await?.expect(200)?.json()?;
    let all = limits["data"].as_array().context("no list")?;
    let one = all.iter().find(|limit| limit["layer"] == "plan" && limit["resource"] == "tickets");
    Ok(one.and_then(|limit| limit["limit"].as_i64()))
}

pub(crate) async fn checkout(person: &Person, plan: &str) -> anyhow::Result<Value> {
    let body = json!({"plan": plan, "success_url": "https://shop.example/ok", "cancel_url": "https://shop.example/no"});
    // The plans of the configuration are published right after the start.
    within(Duration::from_secs(10), async || {
        person.client.post("/api/v1/billing/checkout", &body).await?.expect(200)?.json()
    })
    .await
}

async fn a_plan_that_is_paid_is_in_force_at_the_gateway_within_two_seconds(shape: Shape) -> anyhow::Result<()> {
    let mut cluster = Cluster::start(shape, &shop()).await?;
    let person = cluster.person().await?;
    let key = person.key().await?;
    let open = checkout(&person, "pro").await?;
    ensure!(open["status"] == "open" && open["method"] == "transfer" && open["amount"] == 9_900, "{open}");
    ensure!(open["instructions"]["en"] == "Bank 1, account 2", "{open}");
    ensure!(checkout(&person, "pro").await?["checkout_id"] == open["checkout_id"], "asking twice is one charge");
    let invoice = open["invoice_id"].as_str().context("no invoice")?.to_owned();
    let page = format!("/api/v1/billing/invoices/{invoice}");
    let seen = person.client.get(&page).await?.expect(200)?.json()?;
    ensure!(seen["status"] == "open" && seen["amount_remaining"] == 9_900, "{seen}");
    let html = person.client.get(&format!("{page}.html?language=pt-BR")).await?.expect(200)?;
    ensure!(html.text.contains("Perpetuo Ltda") && html.text.contains("Fatura"), "{}", html.text);
    ensure!(html.header("content-security-policy").starts_with("default-src 'none'"), "{:?}", html.headers);
    let stranger = cluster.person().await?;
    stranger.client.get(&page).await?.expect(404)?;
    stranger.client.get(&format!("{page}.pdf")).await?.expect(404)?;
    ensure!(tickets(&key).await? == Some(15), "nothing is paid yet");

    // A crash between the invoice and its payment loses nothing.
    cluster.process(Role::Billing).kill().await?;
    cluster.restart(Role::Billing, &shop()).await?;
    let operator = operator(&cluster, &cluster.person().await?, "admin").await?;
    let pay = format!("/admin/invoices/{invoice}/payments");
    stranger.client.post(&pay, &json!({"reference": "wire 1"})).await?.expect(403)?;
    let since = Instant::now();
    let paid = operator.post(&pay, &json!({"reference": "wire 1"})).await?.expect(200)?.json()?;
    ensure!(paid["status"] == "paid" && paid["amount_remaining"] == 0, "{paid}");
    within(Duration::from_secs(10), async || {
        let now = tickets(&key).await?;
        ensure!(now == Some(60), "{now:?}");
        Ok(())
    })
    .await?;
    ensure!(since.elapsed() < Duration::from_secs(2), "{:?}", since.elapsed());
    operator.post(&pay, &json!({"reference": "wire 1"})).await?.expect(200)?;
    let books = operator.get(&format!("/admin/workspaces/{}/books", person.workspace)).await?.expect(200)?.json()?;
    let balances = books["balances"].as_array().context("no balances")?;
    let of = |account: &str| balances.iter().find(|one| one["account"] == account).map(|one| one["balance"].clone());
    ensure!(of("cash:manual") == Some(json!(9_900)), "written down once: {books}");
    // What happened is in the trail of the workspace.
    within(Duration::from_secs(10), async || {
        let trail = person.client.get(&person.path("/audit?action=invoice.paid")).await?.expect(200)?.json()?;
        ensure!(trail["data"].as_array().is_some_and(|entries| entries.len() == 1), "{trail}");
        Ok(())
    })
    .await?;
    balances_are_no_entries(&operator, &person).await
}

/// What services tell each other of credits is not in the trail, and what somebody did after it is.
async fn balances_are_no_entries(operator: &Client, person: &Person) -> anyhow::Result<()> {
    let of = |what: &str| format!("/admin/workspaces/{}/{what}", person.workspace);
    operator.post(&of("credits"), &json!({"amount": 500})).await?.expect(201)?;
    operator.post(&of("invoice-items"), &json!({"description": "Training", "unit_amount": 100})).await?.expect(201)?;
    let entries = async |action: &str| {
        let trail = person.client.get(&person.path(&format!("/audit?action={action}"))).await?.expect(200)?.json()?;
        anyhow::Ok(trail["data"].as_array().map_or(0, Vec::len))
    };
    within(Duration::from_secs(10), async || {
        ensure!(entries("invoice_item.added").await? == 1, "not there yet");
        Ok(())
    })
    .await?;
    ensure!(entries("credits.changed").await? == 0, "what is left of credits is nobody's act");
    Ok(())
}

//! Nobody learns from an answer whether an address has an account: status, headers and body are the same.

use crate::{
    mail::{Sink, token},
    members::TEAMS,
    scenarios,
};
use anyhow::ensure;
use http::HeaderMap;
use serde_json::{Value, json};
use tests::{Answer, cluster::Shape};

scenarios! {
    own: every_way_in_answers_alike_whether_or_not_the_address_has_an_account;
}

const KNOWN: &str = "ada@example.com";
/// Of the same length.
const UNKNOWN: &str = "eve@example.com";

/// Fails unless two answers are the same but for when they were given and which request they were of. `own` names what
/// else of a body or of the headers is about the request itself.
fn same(what: &str, one: &Answer, other: &Answer, own: &[&str]) -> anyhow::Result<()> {
    let (one, other) = (seen(one, own)?, seen(other, own)?);
    ensure!(one == other, "{what} tells them apart:\n{one:?}\n{other:?}");
    Ok(())
}

fn seen(answer: &Answer, own: &[&str]) -> anyhow::Result<(u16, HeaderMap, Value)> {
    let mut headers = answer.headers.clone();
    let mut body = if answer.text.is_empty() { Value::Null } else { answer.json()? };
    for name in ["date", "x-request-id", "request_id"].iter().chain(own) {
        headers.remove(*name);
        if let Some(field) = body.get_mut(name) {
            *field = Value::Null;
        }
    }
    Ok((answer.status, headers, body))
}

/// A route, the status of its answer, and what is sent there about an address.
type Way<'a> = (&'a str, u16, &'a dyn Fn(&str) -> Value);

async fn every_way_in_answers_alike_whether_or_not_the_address_has_an_account(shape: Shape) -> anyhow::Result<()> {
    let sink = Sink::start().await?;
    let cluster = sink.cluster_with(shape, &[TEAMS]).await?;
    let anybody = cluster.anybody();
    let (ada, workspace) = sink.newcomer(&cluster, KNOWN).await?;

    let login = |email: &str| json!({"email": email, "password": "not-the-password-7"});
    let sign_up = |email: &str| json!({"email": email, "password": "eve-wants-it-too-7", "name": "Eve"});
    let address = |email: &str| json!({"email": email});
    let ways: [Way<'_>; 4] = [
        ("/auth/login", 401, &login),
        ("/auth/signup", 202, &sign_up),
        ("/auth/password/forgot", 202, &address),
        ("/auth/magic-link", 202, &address),
    ];
    for (path, status, body) in ways {
        let known = anybody.post(path, &body(KNOWN)).await?.expect(status)?;
        let unknown = anybody.post(path, &body(UNKNOWN)).await?.expect(status)?;
        same(path, &known, &unknown, &[])?;
    }
    // Who has signed up and not followed the link yet is like anybody who has not.
    let waiting = anybody.post("/auth/login", &json!({"email": UNKNOWN, "password": "eve-wants-it-too-7"})).await?;
    let nobody = anybody.post("/auth/login", &login("bob@example.com")).await?.expect(401)?;
    same("a login before the link was followed", &waiting, &nobody, &[])?;
    // Whoever moves to a taken address hears what everybody hears.
    let change = |email: &str| json!({"email": email, "password": tests::client::PASSWORD});
    let (bob, _) = sink.newcomer(&cluster, "bob@example.com").await?;
    let taken = bob.post("/me/email", &change(KNOWN)).await?.expect(202)?;
    let free = bob.post("/me/email", &change("dan@example.com")).await?.expect(202)?;
    same("a change of address", &taken, &free, &[])?;

    // Who invites, and who shows a link that is somebody else's.
    let invitations = format!("/workspaces/{workspace}/invitations");
    let invite = |email: &str| json!({"email": email, "role": "member"});
    let known = ada.post(&invitations, &invite("bob@example.com")).await?.expect(201)?;
    let unknown = ada.post(&invitations, &invite("kim@example.com")).await?.expect(201)?;
    let own = ["id", "email", "created_at", "expires_at", "sent_at", "location"];
    same("an invitation", &known, &unknown, &own)?;
    let theirs = token(&sink.letter_to("bob@example.com", "/invitations/accept?token=", 1).await?);
    let (carl, _) = sink.newcomer(&cluster, "carl@example.com").await?;
    let theirs = carl.post("/invitations/accept", &json!({"token": theirs})).await?.expect(404)?;
    let garbage = carl.post("/invitations/accept", &json!({"token": format!("it_{}", "x".repeat(43))})).await?;
    same("a link of somebody else", &theirs, &garbage, &[])?;
    // And who shows a link that nobody was sent, whatever it is for.
    for (path, more) in [("/auth/magic-link/verify", ""), ("/auth/email/verify", ""), ("/auth/password/reset", "p")] {
        let body = |token: &str| match more {
            "" => json!({"token": token}),
            _ => json!({"token": token, "password": "violet-anvil-harbor-43"}),
        };
        let of_none = anybody.post(path, &body(&format!("ot_{}", "x".repeat(43)))).await?.expect(401)?;
        let nonsense = anybody.post(path, &body("nonsense")).await?.expect(401)?;
        same(path, &of_none, &nonsense, &[])?;
    }
    Ok(())
}

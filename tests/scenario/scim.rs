//! The directory of a workspace brings its people, changes them and takes them away: with plain requests as Microsoft Entra and
//! Okta send them, and under an independent tester.

use crate::{
    mail::{Sink, token},
    scenarios,
};
use anyhow::{Context as _, ensure};
use egress::testing::FakeNameServer;
use serde_json::{Value, json};
use std::{path::PathBuf, process::Stdio, time::Duration};
use tests::{Answer, Cluster, Person, client::Client, cluster::Shape, eventually, in_one_of_three};
use tokio::process::Command;

scenarios! {
    own: a_directory_brings_people_and_takes_them_away_within_a_second, an_independent_tester_finds_no_fault;
}

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
const PATCH: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
const DOMAIN: &str = "acme.example";
/// Plans of which the free one has room for everybody.
const TEAMS: (&str, &str) =
    ("PERPETUO__BILLING__PLANS_FILE", concat!(env!("CARGO_MANIFEST_DIR"), "/scenario/teams.json"));

/// A cluster that asks our name server, the owner of a workspace with a proved domain, and its directory.
struct Acme {
    cluster: Cluster,
    owner: Person,
    directory: Client,
    letters: Sink,
    _names: FakeNameServer,
}

impl Acme {
    async fn start(shape: Shape, scopes: &[&str]) -> anyhow::Result<Self> {
        let names = FakeNameServer::start().await?;
        let letters = Sink::start().await?;
        let servers = json!([names.server()]).to_string();
        let env =
            [("PERPETUO__IDENTITY__VERIFY_EMAIL", "false"), TEAMS, ("PERPETUO__EGRESS__DNS_SERVERS", servers.as_str())];
        let cluster = letters.cluster_with(shape, &env).await?;
        let owner = cluster.person().await?;
        let domains = owner.path("/domains");
        let added = owner.client.post(&domains, &json!({"domain": DOMAIN})).await?.expect(200)?.json()?;
        let text = |name: &str| added["record"][name].as_str().context("no record").map(str::to_owned);
        names.says(&text("name")?, &text("value")?);
        owner.client.post(&format!("{domains}/{DOMAIN}/verify"), &json!({})).await?.expect(200)?;
        let (directory, _) = owner.key_with(&json!({"scopes": scopes, "service_account": true})).await?;
        Ok(Self { cluster, owner, directory, letters, _names: names })
    }

    async fn bring(&self, name: &str) -> anyhow::Result<String> {
        let made = self.directory.post("/scim/v2/Users", &user(name)).await?.expect(201)?.json()?;
        Ok(made["id"].as_str().context("no id")?.to_owned())
    }

    async fn patch(&self, id: &str, operations: Value) -> anyhow::Result<Answer> {
        let body = json!({"schemas": [PATCH], "Operations": operations});
        self.directory.patch(&format!("/scim/v2/Users/{id}"), &body).await
    }

    async fn members(&self) -> anyhow::Result<Vec<(String, String)>> {
        let listed = self.owner.client.get(&self.owner.path("/members")).await?.expect(200)?.json()?;
        let of = |m: &Value| Some((m["email"].as_str()?.to_owned(), m["role"].as_str()?.to_owned()));
        Ok(listed["data"].as_array().into_iter().flatten().filter_map(of).collect())
    }
}

/// What Okta sends.
fn user(name: &str) -> Value {
    json!({
        "schemas": [USER], "userName": format!("{name}@{DOMAIN}"), "externalId": format!("00u-{name}"), "active": true,
        "name": {"givenName": name, "familyName": "Lima"}, "displayName": format!("{name} Lima"), "locale": "pt-BR",
        "emails": [{"primary": true, "value": format!("{name}@{DOMAIN}"), "type": "work"}], "groups": [],
    })
}

async fn a_directory_brings_people_and_takes_them_away_within_a_second(shape: Shape) -> anyhow::Result<()> {
    let acme = Acme::start(shape, &["members.read", "members.write"]).await?;
    // As Okta begins: is she there? Then she is brought.
    let question = "/scim/v2/Users?filter=userName%20eq%20%22ana%40acme.example%22&startIndex=1&count=100";
    let found = acme.directory.get(question).await?.expect(200)?.json()?;
    ensure!(found["totalResults"] == 0, "{found}");
    let ana = acme.bring("ana").await?;
    let found = acme.directory.get(question).await?.expect(200)?.json()?;
    ensure!(found["Resources"][0]["id"] == ana.as_str(), "{found}");
    eventually(async || {
        let members = acme.members().await?;
        ensure!(members.contains(&("ana@acme.example".to_owned(), "member".to_owned())), "{members:?}");
        Ok(())
    })
    .await?;
    let again = acme.directory.post("/scim/v2/Users", &user("ana")).await?.expect(409)?.json()?;
    ensure!(again["scimType"] == "uniqueness", "{again}");
    let elsewhere = json!({"schemas": [USER], "userName": "ana@elsewhere.example"});
    let refused = acme.directory.post("/scim/v2/Users", &elsewhere).await?.expect(400)?.json()?;
    ensure!(refused["scimType"] == "invalidValue" && refused["detail"].to_string().contains("domain"), "{refused}");

    goes_within_a_second(&acme).await?;
    what_others_may_not(&acme).await?;
    groups_are_teams(&acme, &ana).await?;

    // As Entra: another name, with a capital letter before it.
    let renamed = acme
        .patch(&ana, json!([{"op": "Replace", "path": "name.givenName", "value": "Ana Maria"}]))
        .await?
        .expect(200)?
        .json()?;
    ensure!(renamed["name"] == json!({"givenName": "Ana Maria", "familyName": "Lima"}), "{renamed}");
    let gone = acme.directory.delete(&format!("/scim/v2/Users/{ana}")).await?.expect(204)?;
    ensure!(gone.text.is_empty(), "{}", gone.text);
    acme.directory.get(&format!("/scim/v2/Users/{ana}")).await?.expect(404)?;
    ensure!(!acme.members().await?.iter().any(|(email, _)| email == "ana@acme.example"));
    // The account was hers, and she comes back to it.
    ensure!(acme.bring("ana").await? == ana, "another account was made");
    let trail = acme.owner.client.get(&acme.owner.path("/audit?limit=200")).await?.expect(200)?.json()?;
    for action in ["directory.user_created", "directory.user_deactivated", "directory.user_deleted"] {
        ensure!(trail["data"].to_string().contains(action), "{action} is not in the trail");
    }
    ensure!(!trail["data"].to_string().contains("Lima"), "the trail names people");
    Ok(())
}

/// Whoever is switched off calls nothing any more a second later, with the key that they made either.
async fn goes_within_a_second(acme: &Acme) -> anyhow::Result<()> {
    let mut n = 0;
    in_one_of_three(async || {
        n += 1;
        let name = format!("bia{n}");
        let bia = acme.bring(&name).await?;
        let key = own_key(acme, &name).await?;
        key.get("/v1/models").await?.expect(200)?;
        let off =
            acme.patch(&bia, json!([{"op": "Replace", "path": "active", "value": "False"}])).await?.expect(200)?;
        ensure!(off.json()?["active"] == false, "{}", off.text);
        tokio::time::sleep(Duration::from_secs(1)).await;
        key.get("/v1/models").await?.expect(401)?;
        let on = acme.patch(&bia, json!([{"op": "replace", "value": {"active": true}}])).await?.expect(200)?;
        ensure!(on.json()?["active"] == true, "{}", on.text);
        ensure!(acme.members().await?.iter().any(|(email, _)| email.starts_with(&name)), "she is back");
        Ok(())
    })
    .await
}

/// A key that somebody has made who came by the directory: they log in by a link in a letter.
async fn own_key(acme: &Acme, name: &str) -> anyhow::Result<Client> {
    let email = format!("{name}@{DOMAIN}");
    let anybody = acme.cluster.anybody();
    anybody.post("/auth/magic-link", &json!({"email": email})).await?.expect(202)?;
    let token = eventually(async || {
        let letters = acme.letters.letters_to(&email, "?token=")?;
        letters.last().map(token).context("no letter yet")
    })
    .await?;
    let session = anybody.post("/auth/magic-link/verify", &json!({"token": token})).await?.expect(200)?.json()?;
    let person = anybody.with(session["access_token"].as_str().context("no token")?);
    let made = person.post(&acme.owner.path("/api-keys"), &json!({"name": "hers"})).await?.expect(201)?.json()?;
    Ok(anybody.with(made["key"].as_str().context("no key")?))
}

async fn what_others_may_not(acme: &Acme) -> anyhow::Result<()> {
    let cid = acme.bring("cid").await?;
    let path = format!("/scim/v2/Users/{cid}");
    // Another workspace's directory sees nobody, and a person or their key is none.
    let other = acme.cluster.person().await?;
    let fields = json!({"scopes": ["members.read", "members.write"], "service_account": true});
    let (theirs, _) = other.key_with(&fields).await?;
    for answer in [theirs.get(&path).await?, theirs.delete(&path).await?, theirs.put(&path, &user("cid")).await?] {
        ensure!(answer.expect(404)?.json()?["status"] == "404");
    }
    theirs.post("/scim/v2/Users", &user("eva")).await?.expect(400)?;
    let (own, _) = acme.owner.key_with(&json!({"scopes": ["members.read", "members.write"]})).await?;
    for client in [&own, &acme.owner.client] {
        let refused = client.post("/scim/v2/Users", &user("eva")).await?.expect(403)?.json()?;
        ensure!(refused["detail"].to_string().contains("service account"), "{refused}");
        client.get(&path).await?.expect(200)?;
    }
    let as_admin = json!({"schemas": [USER], "userName": "eva@acme.example", "roles": [{"value": "admin"}]});
    let refused = acme.directory.post("/scim/v2/Users", &as_admin).await?.expect(403)?.json()?;
    ensure!(refused["detail"].to_string().contains("admin"), "{refused}");
    let nobody = acme.directory.get("/scim/v2/Users?filter=userName%20eq%20%22eva%40acme.example%22").await?;
    ensure!(nobody.json()?["totalResults"] == 0, "{}", nobody.text);
    let stale = acme.directory.request(reqwest::Method::DELETE, &path).header("if-match", "W/\"7\"");
    Answer::of(stale).await?.expect(412)?;
    Ok(())
}

/// As Okta pushes a group, and Entra changes who is in it.
async fn groups_are_teams(acme: &Acme, ana: &str) -> anyhow::Result<()> {
    let dora = acme.bring("dora").await?;
    let group = json!({"schemas": [GROUP], "displayName": "Legal", "externalId": "g1", "members": [{"value": ana}]});
    let made = acme.directory.post("/scim/v2/Groups", &group).await?.expect(201)?.json()?;
    ensure!(made["members"][0]["value"] == ana, "{made}");
    let again = acme.directory.post("/scim/v2/Groups", &group).await?.expect(409)?.json()?;
    ensure!(again["scimType"] == "uniqueness", "{again}");
    let path = format!("/scim/v2/Groups/{}", made["id"].as_str().context("no id")?);
    let patch = async |operation: Value| {
        acme.directory.patch(&path, &json!({"schemas": [PATCH], "Operations": [operation]})).await
    };
    let add = json!({"op": "Add", "path": "members", "value": [{"value": dora}]});
    let both = patch(add).await?.expect(200)?.json()?;
    ensure!(both["members"].as_array().is_some_and(|all| all.len() == 2), "{both}");
    let filter = format!("/scim/v2/Groups?filter=members.value%20eq%20%22{dora}%22&excludedAttributes=members");
    let found = acme.directory.get(&filter).await?.expect(200)?.json()?;
    ensure!(found["totalResults"] == 1 && found["Resources"][0].get("members").is_none(), "{found}");
    // Somebody of another workspace, the owner whom the directory does not have, and nobody at all.
    let (other, owner) = (acme.cluster.person().await?, &acme.owner);
    for person in [&other.account["user"]["id"], &owner.account["user"]["id"], &json!("usr_nobody")] {
        let stranger = json!({"op": "add", "path": "members", "value": [{"value": person}]});
        let refused = patch(stranger).await?.expect(400)?.json()?;
        ensure!(refused["scimType"] == "invalidValue", "{refused}");
    }
    // Who is switched off is in no group any more.
    acme.patch(&dora, json!([{"op": "replace", "path": "active", "value": false}])).await?.expect(200)?;
    let alone = acme.directory.get(&path).await?.expect(200)?.json()?;
    ensure!(alone["members"].as_array().is_some_and(|all| all.len() == 1 && all[0]["value"] == ana), "{alone}");
    let out = json!({"op": "Remove", "path": format!("members[value eq \"{ana}\"]")});
    let empty = patch(out).await?.expect(200)?.json()?;
    ensure!(empty.get("members").is_none(), "{empty}");
    acme.directory.delete(&path).await?.expect(204)?;
    acme.directory.get(&path).await?.expect(404)?;
    Ok(())
}

async fn an_independent_tester_finds_no_fault(shape: Shape) -> anyhow::Result<()> {
    let scopes = ["members.read", "members.write", "inference", "executions.write", "keys.write"];
    let read = ["workspace.read", "providers.read", "keys.read", "logs.read", "usage.read", "executions.read"];
    let more = ["workspace.write", "providers.write", "usage.write", "webhooks.read", "webhooks.write", "audit.read"];
    let all: Vec<&str> = scopes
        .into_iter()
        .chain(read)
        .chain(more)
        .chain(["billing.read", "billing.write", "exports.read", "exports.write"])
        .collect();
    let acme = Acme::start(shape, &all).await?;
    let (_, made) = acme.owner.key_with(&json!({"scopes": all, "service_account": true})).await?;
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..");
    let output = Command::new(root.join(".tools/python/bin/python"))
        .arg(root.join("tests/conformance/python/scim.py"))
        .env("SCIM_URL", format!("{}/scim/v2", acme.cluster.url()))
        .env("SCIM_TOKEN", made["key"].as_str().context("no key")?)
        .env("SCIM_DOMAIN", DOMAIN)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await
        .context("the tester is not installed: run `make tools`")?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success() && text.contains(" 0 failed"), "{text}");
    Ok(())
}

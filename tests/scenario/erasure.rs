//! A person is erased, and nothing that is kept says any more who they were.

use crate::scenarios;
use anyhow::{Context as _, ensure};
use proto::id::UserId;
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;
use tests::{
    Cluster, authenticator,
    client::{Answer, Client, PASSWORD, Person},
    cluster::Shape,
    rows, within,
};

scenarios! {
    shared: nobody_is_erased_by_a_key_a_slip_or_while_a_workspace_needs_them;
    own: nothing_says_who_an_erased_person_was;
}

/// In the name, the address and the device of the person.
const MARK: &str = "zqxerase";
/// From where they come.
const FROM: &str = "203.0.113.77";

async fn nobody_is_erased_by_a_key_a_slip_or_while_a_workspace_needs_them(cluster: &Cluster) -> anyhow::Result<()> {
    let person = cluster.person().await?;
    let right = json!({"email": person.email, "password": PASSWORD});
    let alone = person.client.post("/me/erase", &right).await?.expect(409)?.json()?;
    ensure!(alone["code"] == "LAST_OWNER" && alone.to_string().contains(&person.workspace), "{alone}");
    person.key().await?.post("/me/erase", &right).await?.expect(403)?;
    let other = json!({"email": "other@example.com", "password": PASSWORD});
    person.client.post("/me/erase", &other).await?.expect(422)?;
    let wrong = json!({"email": person.email, "password": "not-the-password-7"});
    person.client.post("/api/v1/me/erase", &wrong).await?.expect(401)?;
    person.client.get("/me").await?.expect(200)?;
    Ok(())
}

/// Sends it as the marked device.
async fn marked(client: &Client, path: &str, body: &Value) -> anyhow::Result<Answer> {
    let request = client.request(Method::POST, path).header("user-agent", format!("{MARK}-phone/1"));
    Answer::of(request.header("x-forwarded-for", FROM).json(body)).await
}

async fn sign_up(cluster: &Cluster) -> anyhow::Result<Person> {
    let email = format!("{MARK}@example.com");
    let body = json!({"email": email, "password": PASSWORD, "name": format!("{MARK} Souza")});
    let account = marked(&cluster.anybody(), "/auth/signup", &body).await?.expect(201)?.json()?;
    let client = cluster.anybody().with(account["access_token"].as_str().context("no access token")?);
    let workspace = account["workspace"]["id"].as_str().context("no workspace")?.to_owned();
    Ok(Person { client, account, workspace, email })
}

/// What people do who have an account: some of it leaves their name.
async fn live(cluster: &Cluster, person: &Person, host: &Person) -> anyhow::Result<Client> {
    let wrong = json!({"email": person.email, "password": "not-the-password-7"});
    marked(&cluster.anybody(), "/auth/login", &wrong).await?.expect(401)?;
    marked(&cluster.anybody(), "/auth/magic-link", &json!({"email": person.email})).await?;
    marked(&cluster.anybody(), "/auth/password/forgot", &json!({"email": person.email})).await?;
    person.client.put("/me", &json!({"name": format!("{MARK} de Souza")})).await?.expect(200)?;
    let (key, _) = person.key_with(&json!({"name": format!("{MARK} laptop")})).await?;
    key.chat("simulator/chat", "hello").await?.expect(200)?;
    let invited = json!({"email": person.email, "role": "viewer"});
    host.client.post(&host.path("/invitations"), &invited).await?;
    let factor = person.second_factor().await?;
    let login = json!({"email": person.email, "password": PASSWORD, "totp": authenticator::code(&factor.secret, 1)?});
    marked(&cluster.anybody(), "/auth/login", &login).await?.expect(200)?;
    Ok(key)
}

async fn nothing_says_who_an_erased_person_was(shape: Shape) -> anyhow::Result<()> {
    let env = vec![
        ("PERPETUO__EDGE__TRUSTED_PROXIES".to_owned(), "[127.0.0.0/8]".to_owned()),
        ("PERPETUO__WORKSPACE__DELETION_GRACE_DAYS".to_owned(), "30".to_owned()),
    ];
    let options = tests::cluster::Options { env, ..Default::default() };
    let cluster = Cluster::start(shape, &options).await?;
    let host = cluster.person().await?;
    let person = sign_up(&cluster).await?;
    let key = live(&cluster, &person, &host).await?;
    let id = person.account["user"]["id"].as_str().context("no id")?.to_owned();
    let uuid = id.parse::<UserId>()?.uuid().simple().to_string();
    let file = person.client.get("/me/data-export").await?.expect(200)?;
    for line in ["account", "session", "api_key", "act", "end"] {
        ensure!(file.text.contains(&format!("{{\"kind\":\"{line}\"")), "no {line}: {}", file.text);
    }
    ensure!(!file.text.contains(PASSWORD), "a secret is in the file");
    let before = found(&cluster, &[MARK, FROM]).await?;
    for table in ["identity.users", "identity.sessions", "workspace.people"] {
        ensure!(before.iter().any(|place| place == table), "nothing in {table}: {before:?}");
    }

    // Their own workspace goes with them: nobody is left to restore it.
    person.client.delete(&person.path("")).await?.expect(202)?;
    let right = json!({"email": person.email, "password": PASSWORD});
    let erased = marked(&person.client, "/me/erase", &right).await?.expect(202)?.json()?;
    ensure!(erased["user_id"] == id.as_str(), "{erased}");
    within(Duration::from_secs(2), async || person.client.get("/me").await?.expect(401).map(drop)).await?;
    within(Duration::from_secs(2), async || key.chat("simulator/chat", "hello").await?.expect(401).map(drop)).await?;
    cluster.anybody().post("/auth/login", &json!({"email": person.email, "password": PASSWORD})).await?.expect(401)?;
    within(Duration::from_secs(90), async || {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let left = found(&cluster, &[MARK, FROM]).await?;
        ensure!(left.is_empty(), "{left:?}");
        Ok(())
    })
    .await?;
    let output = cluster.output();
    // A line for each request says from where it came, as servers do: how long lines are kept is up to whoever runs them. The folder
    // that stands in for a mail server names whom each letter is for.
    let is_told = |line: &&str| line.contains(MARK) && !line.contains("\"target\":\"mail::folder\"");
    let told: Vec<&str> = output.lines().filter(is_told).collect();
    ensure!(told.is_empty(), "logs: {told:?}");
    // The trail knows that it was done, by a name that leads nowhere.
    let trail = found(&cluster, &[id.as_str(), uuid.as_str()]).await?;
    ensure!(trail.iter().any(|place| place == "identity.platform_audit"), "{trail:?}");
    ensure!(!trail.iter().any(|place| place == "identity.users" || place == "identity.sessions"), "{trail:?}");
    let again = sign_up(&cluster).await?;
    ensure!(again.account["user"]["id"] != id.as_str(), "the same person again");
    Ok(())
}

/// The tables in which one of the marks is.
async fn found(cluster: &Cluster, marks: &[&str]) -> anyhow::Result<Vec<String>> {
    let is_in = |row: &str| {
        let row = row.to_lowercase();
        marks.iter().any(|mark| row.contains(&mark.to_lowercase()))
    };
    let all = rows::all(cluster).await?;
    let mut tables: Vec<String> = all.into_iter().filter(|(_, row)| is_in(row)).map(|(table, _)| table).collect();
    tables.sort();
    tables.dedup();
    Ok(tables)
}

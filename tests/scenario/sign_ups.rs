//! Who may sign up: everybody, who is invited on the host, or nobody.

use crate::{
    mail::{Sink, token},
    scenarios,
};
use anyhow::{Context as _, ensure};
use serde_json::{Value, json};
use tests::{
    Cluster,
    client::PASSWORD,
    cluster::{Options, Shape},
};

scenarios! {
    own: where_it_needs_an_invitation_the_host_gives_the_first_one, where_it_is_for_a_domain_its_people_read_a_letter_there,
        where_it_is_closed_nobody_comes_and_who_is_there_stays;
}

async fn where_it_needs_an_invitation_the_host_gives_the_first_one(shape: Shape) -> anyhow::Result<()> {
    let env = vec![("PERPETUO__IDENTITY__SIGNUP".to_owned(), "invite".to_owned())];
    let cluster = Cluster::start(shape, &Options { env, ..Options::default() }).await?;
    let anybody = cluster.anybody();
    let sign_up = |invitation: &Value| json!({"email": "ada@example.com", "password": PASSWORD, "name": "Ada", "invitation": invitation});
    let refused = anybody.post("/auth/signup", &sign_up(&Value::Null)).await?.expect(403)?.json()?;
    ensure!(refused["code"] == "SIGN_UP_CLOSED" && refused["signup"] == "invite", "{refused}");
    let said = cluster.operate(&["admin", "invite", "ada@example.com", "--json"]).await?;
    let json = &said[said.find('{').unwrap_or_default()..];
    let mut values = serde_json::Deserializer::from_str(json).into_iter::<Value>();
    let invited = values.next().context("no invitation")??;
    let link = invited["link"].as_str().unwrap_or_default();
    ensure!(link.ends_with(invited["invitation"].as_str().unwrap_or("?")), "{invited}");
    let mut eve = sign_up(&invited["invitation"]);
    eve["email"] = json!("eve@example.com");
    anybody.post("/auth/signup", &eve).await?.expect(403)?;
    let account = anybody.post("/auth/signup", &sign_up(&invited["invitation"])).await?.expect(201)?.json()?;
    let ada = anybody.with(account["access_token"].as_str().unwrap_or_default());
    ada.get("/auth/me").await?.expect(200)?;
    anybody.post("/auth/signup", &sign_up(&invited["invitation"])).await?.expect(403)?;
    let trail = cluster.operate(&["admin", "audit"]).await?;
    ensure!(trail.contains("user.invited") && !trail.contains("ada@example.com"), "{trail}");
    Ok(())
}

async fn where_it_is_for_a_domain_its_people_read_a_letter_there(shape: Shape) -> anyhow::Result<()> {
    let sink = Sink::start().await?;
    let domain = [("PERPETUO__IDENTITY__SIGNUP", "domain"), ("PERPETUO__IDENTITY__SIGNUP_DOMAINS", "[acme.example]")];
    let cluster = sink.cluster_with(shape, &domain).await?;
    let anybody = cluster.anybody();
    let sign_up = |email: &str| json!({"email": email, "password": PASSWORD, "name": "Ada"});
    for other in ["ada@example.com", "ada@notacme.example", "ada@acme.example.com", "ada@sub.acme.example"] {
        let refused = anybody.post("/auth/signup", &sign_up(other)).await?.expect(403)?.json()?;
        ensure!(refused["code"] == "SIGN_UP_CLOSED" && refused["signup"] == "domain", "{other}: {refused}");
    }
    anybody.post("/auth/signup", &sign_up("Ada@ACME.example")).await?.expect(202)?;
    let letter = sink.letter_to("ada@acme.example", "/auth/email/verify?token=", 1).await?;
    // Whoever only says that they are of the domain has nothing until they read the letter.
    let login = json!({"email": "ada@acme.example", "password": PASSWORD});
    anybody.post("/auth/login", &login).await?.expect(401)?;
    anybody.post("/auth/email/verify", &json!({"token": token(&letter)})).await?.expect(200)?;
    anybody.post("/auth/login", &login).await?.expect(200)?;
    // Others come by an invitation of the host.
    let said = cluster.operate(&["admin", "invite", "guest@example.com", "--json"]).await?;
    let json = &said[said.find('{').unwrap_or_default()..];
    let invited = serde_json::Deserializer::from_str(json).into_iter::<Value>().next().context("no invitation")??;
    let mut guest = sign_up("guest@example.com");
    guest["invitation"] = invited["invitation"].clone();
    let account = anybody.post("/auth/signup", &guest).await?;
    ensure!([201, 202].contains(&account.status), "{} {}", account.status, account.text);
    Ok(())
}

async fn where_it_is_closed_nobody_comes_and_who_is_there_stays(shape: Shape) -> anyhow::Result<()> {
    let open = Options::default();
    let mut cluster = Cluster::start(shape, &open).await?;
    let person = cluster.person().await?;
    let said = cluster.operate(&["admin", "invite", "bob@example.com", "--json"]).await?;
    let json = &said[said.find('{').unwrap_or_default()..];
    let invited = serde_json::Deserializer::from_str(json).into_iter::<Value>().next().context("no invitation")??;
    let env = vec![("PERPETUO__IDENTITY__SIGNUP".to_owned(), "closed".to_owned())];
    let identity = proto::Role::Identity;
    cluster.process(identity).terminate()?;
    cluster.process(identity).ended(std::time::Duration::from_secs(60)).await?;
    cluster.restart(identity, &Options { env, ..open }).await?;
    let anybody = cluster.anybody();
    let sign_up = |invitation: &Value| json!({"email": "bob@example.com", "password": PASSWORD, "name": "Bob", "invitation": invitation});
    for invitation in [&Value::Null, &invited["invitation"]] {
        let refused = anybody.post("/auth/signup", &sign_up(invitation)).await?.expect(403)?.json()?;
        ensure!(refused["code"] == "SIGN_UP_CLOSED" && refused["signup"] == "closed", "{refused}");
    }
    let login = json!({"email": person.email, "password": PASSWORD});
    anybody.post("/auth/login", &login).await?.expect(200)?;
    person.client.get("/me").await?.expect(200)?;
    Ok(())
}

//! Who may sign up: everybody, who is invited on the host, or nobody.

use crate::scenarios;
use anyhow::{Context as _, ensure};
use serde_json::{Value, json};
use tests::{
    Cluster,
    client::PASSWORD,
    cluster::{Options, Shape},
};

scenarios! {
    own: where_it_needs_an_invitation_the_host_gives_the_first_one;
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

//! Signing up, logging in, staying logged in, logging out.

use crate::scenarios;
use anyhow::ensure;
use futures::future::try_join_all;
use proto::Role;
use reqwest::Method;
use serde_json::json;
use tests::{
    Answer, Cluster,
    client::PASSWORD,
    cluster::{Options, Shape},
    eventually, in_one_of_three,
};

scenarios! {
    shared: signing_up_gives_an_account_a_workspace_and_tokens, the_same_routes_answer_under_both_prefixes,
        the_access_token_says_what_the_contract_promises, a_refresh_token_works_once_and_its_copy_ends_the_session,
        fifty_tabs_refreshing_at_once_stay_logged_in, logging_out_ends_the_access_token_within_a_second,
        logging_out_everywhere_ends_every_session,
        an_address_can_sign_up_once, a_person_changes_their_name, tokens_of_others_are_refused;
    own: a_login_storm_is_turned_away_and_not_queued_for_ever;
}

async fn signing_up_gives_an_account_a_workspace_and_tokens(cluster: &Cluster) -> anyhow::Result<()> {
    let person = cluster.person().await?;
    let account = &person.account;
    ensure!(account["token_type"] == "Bearer" && account["expires_in"] == 900, "{account}");
    ensure!(account["user"]["email"] == person.email.as_str(), "{account}");
    ensure!(account["user"]["id"].as_str().is_some_and(|id| id.starts_with("usr_")), "{account}");
    let me = person.client.get("/auth/me").await?.expect(200)?.json()?;
    ensure!(me["workspaces"][0]["id"] == person.workspace.as_str() && me["workspaces"][0]["role"] == "owner", "{me}");
    ensure!(me["email_verified"] == false && me["mfa_enabled"] == false, "{me}");
    Ok(())
}

async fn the_same_routes_answer_under_both_prefixes(cluster: &Cluster) -> anyhow::Result<()> {
    let person = cluster.person().await?;
    let short = person.client.get("/auth/me").await?.expect(200)?.json()?;
    let long = person.client.get("/api/v1/me").await?.expect(200)?.json()?;
    ensure!(short == long, "{short} {long}");
    person.client.get(&format!("/api/v1{}", person.path(""))).await?.expect(200)?;
    let body = json!({"email": format!("x{}", person.email), "password": PASSWORD, "name": "Bob"});
    cluster.anybody().post("/api/v1/auth/register", &body).await?.expect(201)?;
    Ok(())
}

async fn the_access_token_says_what_the_contract_promises(cluster: &Cluster) -> anyhow::Result<()> {
    let person = cluster.person().await?;
    let token = person.account["access_token"].as_str().unwrap_or_default();
    let header = jsonwebtoken::decode_header(token)?;
    ensure!(header.alg == jsonwebtoken::Algorithm::EdDSA && header.typ.as_deref() == Some("at+jwt"), "{header:?}");
    // Verified as anybody would: with the published keys.
    let jwks = cluster.anybody().get("/.well-known/jwks.json").await?.expect(200)?.text;
    let jwks: jsonwebtoken::jwk::JwkSet = serde_json::from_str(&jwks)?;
    let key =
        jwks.find(header.kid.as_deref().unwrap_or_default()).ok_or_else(|| anyhow::anyhow!("kid not published"))?;
    let mut validation = jsonwebtoken::Validation::new(jsonwebtoken::Algorithm::EdDSA);
    validation.set_audience(&["perpetuo"]);
    let key = jsonwebtoken::DecodingKey::from_jwk(key)?;
    let claims = jsonwebtoken::decode::<serde_json::Value>(token, &key, &validation)?.claims;
    ensure!(claims["tenant_id"] == person.workspace.as_str() && claims["role"] == "owner", "{claims}");
    ensure!(claims["type"] == "access" && claims["email"] == person.email.as_str(), "{claims}");
    ensure!(claims["sub"] == person.account["user"]["id"] && claims["sid"].as_str().is_some(), "{claims}");
    ensure!(claims["exp"].as_i64().unwrap_or(0) - claims["iat"].as_i64().unwrap_or(0) == 900, "{claims}");
    Ok(())
}

async fn a_refresh_token_works_once_and_its_copy_ends_the_session(cluster: &Cluster) -> anyhow::Result<()> {
    let person = cluster.person().await?;
    let anybody = cluster.anybody();
    let first = json!({"refresh_token": person.account["refresh_token"]});
    let second = anybody.post("/auth/refresh", &first).await?.expect(200)?.json()?;
    // Lost answer: the same token gives the same successor again, as long as that is unused.
    let again = anybody.post("/auth/refresh", &first).await?.expect(200)?.json()?;
    ensure!(second["refresh_token"] == again["refresh_token"], "{second} {again}");
    let third = anybody.post("/auth/refresh", &json!({"refresh_token": second["refresh_token"]})).await?.expect(200)?;
    let third = third.json()?;
    // The successor was used: whoever still shows the first token holds a copy.
    let replay = anybody.post("/auth/refresh", &first).await?.expect(401)?.json()?;
    ensure!(replay["code"] == "REFRESH_REUSED", "{replay}");
    anybody.post("/auth/refresh", &json!({"refresh_token": third["refresh_token"]})).await?.expect(401)?;
    let token = third["access_token"].as_str().unwrap_or_default();
    eventually(async || anybody.with(token).get("/auth/me").await?.expect(401).map(drop)).await
}

async fn fifty_tabs_refreshing_at_once_stay_logged_in(cluster: &Cluster) -> anyhow::Result<()> {
    let person = cluster.person().await?;
    let body = json!({"refresh_token": person.account["refresh_token"]});
    let anybody = cluster.anybody();
    let answers = futures::future::try_join_all((0..50).map(|_| anybody.post("/auth/refresh", &body))).await?;
    let mut successors = std::collections::HashSet::new();
    for answer in answers {
        successors.insert(answer.expect(200)?.json()?["refresh_token"].to_string());
    }
    ensure!(successors.len() == 1, "{} families are alive", successors.len());
    let next = json!({"refresh_token": serde_json::from_str::<String>(successors.iter().next().map_or("", |s| s))?});
    anybody.post("/auth/refresh", &next).await?.expect(200)?;
    Ok(())
}

async fn logging_out_ends_the_access_token_within_a_second(cluster: &Cluster) -> anyhow::Result<()> {
    in_one_of_three(async || {
        let person = cluster.person().await?;
        person.client.get("/auth/me").await?.expect(200)?;
        let body = json!({"refresh_token": person.account["refresh_token"]});
        person.client.post("/auth/logout", &body).await?.expect(204)?;
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
        let after = person.client.get("/auth/me").await?.expect(401)?;
        ensure!(after.json()?["code"] == "SESSION_ENDED", "{}", after.text);
        cluster.anybody().post("/auth/refresh", &body).await?.expect(401)?;
        Ok(())
    })
    .await
}

async fn logging_out_everywhere_ends_every_session(cluster: &Cluster) -> anyhow::Result<()> {
    let person = cluster.person().await?;
    let login = json!({"email": person.email, "password": PASSWORD});
    let phone = cluster.anybody().post("/auth/login", &login).await?.expect(200)?.json()?;
    let phone = cluster.anybody().with(phone["access_token"].as_str().unwrap_or_default());
    phone.get("/auth/me").await?.expect(200)?;
    person.client.post("/auth/logout", &json!({"all": true})).await?.expect(204)?;
    eventually(async || phone.get("/auth/me").await?.expect(401).map(drop)).await?;
    cluster.anybody().post("/auth/login", &login).await?.expect(200)?;
    Ok(())
}

async fn an_address_can_sign_up_once(cluster: &Cluster) -> anyhow::Result<()> {
    let person = cluster.person().await?;
    let again = json!({"email": person.email.to_uppercase(), "password": PASSWORD, "name": "Eve"});
    let refused = cluster.anybody().post("/auth/signup", &again).await?.expect(409)?;
    ensure!(refused.json()?["code"] == "EMAIL_TAKEN", "{}", refused.text);
    Ok(())
}

async fn a_person_changes_their_name(cluster: &Cluster) -> anyhow::Result<()> {
    let person = cluster.person().await?;
    let changed =
        person.client.put("/api/v1/me", &json!({"name": "Ada King", "locale": "pt-BR"})).await?.expect(200)?;
    let changed = changed.json()?;
    ensure!(changed["name"] == "Ada King" && changed["locale"] == "pt-BR", "{changed}");
    // The workspace shows the new name of its member.
    eventually(async || {
        let members = person.client.get(&person.path("/members")).await?.expect(200)?.json()?;
        ensure!(members["data"][0]["name"] == "Ada King", "{members}");
        Ok(())
    })
    .await
}

async fn tokens_of_others_are_refused(cluster: &Cluster) -> anyhow::Result<()> {
    use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
    let person = cluster.person().await?;
    let token = person.account["access_token"].as_str().unwrap_or_default().to_owned();
    let parts: Vec<&str> = token.split('.').collect();
    ensure!(parts.len() == 3, "{token}");
    let none = URL_SAFE_NO_PAD.encode(br#"{"typ":"at+jwt","alg":"none"}"#);
    let hs256 = URL_SAFE_NO_PAD.encode(br#"{"typ":"at+jwt","alg":"HS256"}"#);
    let mut altered = URL_SAFE_NO_PAD.decode(parts[1])?;
    let at = altered.len() / 2;
    altered[at] ^= 1;
    let forged = [
        format!("{none}.{}.", parts[1]),
        format!("{hs256}.{}.{}", parts[1], parts[2]),
        format!("{}.{}.{}", parts[0], URL_SAFE_NO_PAD.encode(altered), parts[2]),
        format!("{}.{}.{}", parts[0], parts[1], URL_SAFE_NO_PAD.encode([7; 64])),
        "garbage".to_owned(),
        format!("pk_{}", "a".repeat(38)),
        "a.b.c".to_owned(),
    ];
    for token in forged {
        let refused = cluster.anybody().with(token.clone()).get("/auth/me").await?;
        ensure!(refused.status == 401, "{token} got {}", refused.status);
        ensure!(refused.header("www-authenticate").starts_with("Bearer"), "{:?}", refused.headers);
    }
    cluster.anybody().get("/auth/me").await?.expect(401)?;
    Ok(())
}

/// Twenty times what can be judged or wait for it, each of an account and from an address of its own, so that no count of
/// failures turns anybody away.
async fn a_login_storm_is_turned_away_and_not_queued_for_ever(shape: Shape) -> anyhow::Result<()> {
    let env = vec![("PERPETUO__EDGE__TRUSTED_PROXIES".to_owned(), "[127.0.0.0/8]".to_owned())];
    let mut cluster = Cluster::start(shape, &Options { env, ..Options::default() }).await?;
    let person = cluster.person().await?;
    let anybody = cluster.anybody();
    let login = async |n: usize| {
        let from = format!("198.51.{}.{}", 100 + n / 250, 1 + n % 250);
        let body = json!({"email": format!("storm-{n}@example.com"), "password": "not-the-password-7"});
        Answer::of(anybody.request(Method::POST, "/auth/login").header("x-forwarded-for", from).json(&body)).await
    };
    // As identity.password says: one hash for each core, and four that wait for each.
    let cores = std::thread::available_parallelism()?.get();
    let answers = try_join_all((0..20 * 5 * cores).map(login)).await?;
    let judged = answers.iter().filter(|answer| answer.status == 401).count();
    let (mut refused, mut late) = (0, 0);
    for answer in answers.iter().filter(|answer| answer.status != 401) {
        ensure!([429, 503].contains(&answer.status), "{} {}", answer.status, answer.text);
        ensure!(answer.header("retry-after").parse::<u32>().is_ok(), "no Retry-After: {answer:?}");
        refused += 1;
        late += usize::from(answer.status == 503);
    }
    // The storm has reached the hashes, and most of it was too much.
    ensure!(judged >= cores && late > 0 && refused > judged, "{judged} were judged, {refused} turned away");
    let (peak, memory_kib) = (cluster.process(Role::Identity).peak()?, 19_456);
    let bound = 1024 * (u64::try_from(cores)? * memory_kib + 256 * 1024);
    eprintln!("a login storm ({shape:?}): {judged} judged, {refused} turned away, peak of {} MiB", peak / 1024 / 1024);
    ensure!(peak <= bound, "{peak} bytes were in use, {bound} may be");
    let login = json!({"email": person.email, "password": PASSWORD});
    eventually(async || anybody.post("/auth/login", &login).await?.expect(200).map(drop)).await
}

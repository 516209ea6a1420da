use super::*;
use store::seal::DataKey;
use tokio::time::Instant;

/// None where tests have no servers.
fn redis() -> Option<(Arc<Shared>, String)> {
    #[expect(clippy::disallowed_methods, reason = "the test environment says whether there are servers")]
    let url = std::env::var("PERPETUO_TEST_REDIS_URL").ok()?;
    Some((Arc::new(Shared::new(&Secret::from(url.clone()), Tasks::new()).expect("an address")), url))
}

fn workspace() -> WorkspaceId {
    WorkspaceId::from_uuid(host::Ids::new(host::Clock::system()).uuid())
}

fn kept(body: &str) -> Kept {
    let (provider_id, model) = ("prov_1".to_owned(), "m".to_owned());
    Kept {
        provider_id,
        model,
        content_type: "application/json".to_owned(),
        body: Bytes::copy_from_slice(body.as_bytes()),
    }
}

fn meant(text: &str) -> Meant {
    Meant { text: text.to_owned(), numbers: vec![1, 2].into(), key: vec![3; 32].into(), until_ms: i64::MAX }
}

/// The names of all that a workspace has, and their values.
async fn raw(url: &str, workspace: WorkspaceId) -> Vec<(String, Vec<u8>)> {
    let mut connection = redis::Client::open(url).unwrap().get_multiplexed_async_connection().await.unwrap();
    let pattern = format!("{}*", prefix(workspace));
    let names: Vec<String> = redis::cmd("KEYS").arg(pattern).query_async(&mut connection).await.unwrap();
    let mut all = vec![];
    for name in names {
        let dump: Vec<u8> = redis::cmd("DUMP").arg(&name).query_async(&mut connection).await.unwrap();
        all.push((name, dump));
    }
    all
}

#[tokio::test]
async fn what_is_kept_is_sealed_for_its_workspace_and_its_place_until_it_is_erased() {
    let Some((shared, url)) = redis() else { return };
    let workspace = self::workspace();
    let (sealer, other) = (DataKey::generate().sealer(), DataKey::generate().sealer());
    let place = Place { workspace, key: [1; 32], sealer: &sealer };
    assert!(shared.get(&place).await.is_none());
    shared.keep(&place, kept("the answer to everything"), Duration::from_secs(60)).await;
    shared.remember(&place, &meant("what was asked"), Duration::from_secs(60)).await;
    let found = shared.get(&place).await.expect("it is kept");
    assert_eq!((found.provider_id.as_str(), &found.body[..]), ("prov_1", &b"the answer to everything"[..]));
    assert_eq!(shared.similar(&place).await, [meant("what was asked")]);
    for (name, value) in raw(&url, workspace).await {
        let text = String::from_utf8_lossy(&value).into_owned();
        assert!(!text.contains("answer to") && !text.contains("was asked") && !text.contains("prov_1"), "{name}");
    }
    // After the workspace had its answers erased it has another key.
    let closed = Place { sealer: &other, ..place };
    assert!(shared.get(&closed).await.is_none() && shared.similar(&closed).await.is_empty());
    let elsewhere = Place { key: [2; 32], sealer: &sealer, workspace };
    assert!(shared.get(&elsewhere).await.is_none());
    shared.erase(workspace);
    for _ in 0..100 {
        if raw(&url, workspace).await.is_empty() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("not erased within two seconds");
}

#[tokio::test]
async fn what_is_kept_has_its_time_and_of_similar_ones_only_the_last_stay() {
    let Some((shared, _)) = redis() else { return };
    let sealer = DataKey::generate().sealer();
    let place = Place { workspace: workspace(), key: [1; 32], sealer: &sealer };
    shared.keep(&place, kept("short"), Duration::from_millis(50)).await;
    for n in 0..MOST + 5 {
        shared.remember(&place, &meant(&n.to_string()), Duration::from_secs(60)).await;
    }
    let all = shared.similar(&place).await;
    assert_eq!((all.len(), all[0].text.as_str()), (MOST, (MOST + 4).to_string().as_str()));
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(shared.get(&place).await.is_none());
    shared.erase(place.workspace);
}

#[tokio::test]
async fn without_redis_nothing_is_kept_and_nobody_waits() {
    let nowhere = Secret::from("redis://127.0.0.1:1".to_owned());
    let shared = Shared::new(&nowhere, Tasks::new()).expect("an address");
    let sealer = DataKey::generate().sealer();
    let place = Place { workspace: workspace(), key: [1; 32], sealer: &sealer };
    let began = Instant::now();
    shared.keep(&place, kept("x"), Duration::from_secs(60)).await;
    assert!(shared.get(&place).await.is_none() && shared.similar(&place).await.is_empty());
    assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
}

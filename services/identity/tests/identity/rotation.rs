use crate::{
    tokens::{jwks, part},
    world::*,
};
use chrono::TimeDelta;
use identity::{Config, Error};
use std::collections::{BTreeMap, HashSet};
use store::{GlobalTx, Sql, seal};

const COUNT: Sql = Sql {
    name: "test/count",
    postgres: "select count(*) as n from signing_keys",
    sqlite: "select count(*) as n from signing_keys",
};

#[tokio::test]
async fn keys_rotate_and_no_token_is_refused_before_its_time_on_any_replica() {
    let mut config = Config::default();
    config.signing.rotate_days = 2;
    everywhere_with(config.clone(), async |world| {
        let replica = world.replica(config.clone());
        let mut ana = world.sign_up(EMAIL).await;
        let (mut published, mut signed_by) = (BTreeMap::new(), HashSet::new());
        let mut previous: Option<String> = None;
        // 29 minutes a step: each time the last token of a key is signed two minutes before the next key takes over.
        for step in 0..7 * 24 * 60 / 29 {
            let keys = jwks(&world).await;
            let keys: Vec<String> =
                keys["keys"].as_array().unwrap().iter().map(|k| k["kid"].as_str().unwrap().to_owned()).collect();
            assert!((1..=2).contains(&keys.len()), "{} keys on step {step}", keys.len());
            for kid in keys {
                published.entry(kid).or_insert_with(|| world.now());
            }
            ana = world.refresh(&ana.refresh).await.unwrap();
            let kid = part(&ana.access, 0)["kid"].as_str().unwrap().to_owned();
            if signed_by.insert(kid.clone()) && signed_by.len() > 1 {
                let before = world.now() - published[&kid];
                assert!(before >= TimeDelta::minutes(59), "signed only {before} after it was published");
            }
            resolve_at(&replica, &world.anonymous(), &ana.access).await.expect("the other replica verifies it");
            world.later(TimeDelta::minutes(14));
            world.resolve(&ana.access).await.expect("until it expires");
            previous = Some(ana.access.clone());
            world.later(TimeDelta::minutes(15));
        }
        assert_eq!(signed_by.len(), 4, "one key for each two days");
        assert!(world.resolve(&previous.unwrap()).await.is_err());
    })
    .await;
}

#[tokio::test]
async fn replicas_that_start_together_agree_on_one_key() {
    everywhere(async |world| {
        let replicas: Vec<_> = (0..4).map(|_| world.replica(Config::default())).collect();
        let call = world.anonymous();
        let all = replicas.iter().map(|r| r.get_jwks(&call, proto::identity::GetJwksRequest {}));
        let all: HashSet<_> =
            futures::future::join_all(all).await.into_iter().map(|r| r.expect("a JWKS").jwks_json).collect();
        assert_eq!(all.len(), 1, "{all:?}");
    })
    .await;
}

#[tokio::test]
async fn a_retired_key_is_removed_with_its_private_half() {
    everywhere(async |world| {
        let mut ana = world.sign_up(EMAIL).await;
        let first = part(&ana.access, 0)["kid"].clone();
        for _ in 0..3 {
            world.later(TimeDelta::days(16));
            ana = world.refresh(&ana.refresh).await.unwrap();
        }
        assert_ne!(part(&ana.access, 0)["kid"], first);
        world.service.start(&world.tasks);
        let mut rows = 0;
        for _ in 0..500 {
            let mut tx = GlobalTx::read(&world.fresh).await.unwrap();
            (rows,) = tx.fetch_one(COUNT, &[]).await.unwrap();
            tx.commit().await.unwrap();
            if rows == 1i64 {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        assert_eq!(rows, 1);
        world.tasks.shutdown(std::time::Duration::from_secs(5)).await;
    })
    .await;
}

#[tokio::test]
async fn with_another_master_key_the_service_says_so_and_makes_no_new_keys() {
    everywhere(async |world| {
        world.sign_up(EMAIL).await;
        world.service.check().await.expect("the right key");
        let stranger = world.with_master(&seal::MasterKey::generate());
        assert!(matches!(stranger.check().await, Err(Error::Seal(seal::Error::WrongKey))));
        assert!(identity::opens(&world.fresh, &world.master).await.unwrap());
        assert!(!identity::opens(&world.fresh, &seal::MasterKey::generate()).await.unwrap());
        assert_eq!(jwks(&world).await["keys"].as_array().unwrap().len(), 1);
    })
    .await;
}

//! Plans as releases have left them: each is worked off by this one, with the texts that it had.
//!
//! A plan that was never released is in no file: where this release makes another one,
//! `GOLDEN=write cargo test --workspace --test engine -- corpus` adds it beside those that are there. None is ever removed or
//! changed.

use crate::house::{House, on_both_databases};
use proto::engine::{CreateExecutionRequest, Depth, Part, Phase};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::{fs, path::PathBuf, sync::atomic::Ordering::SeqCst};

on_both_databases!(plans_of_all_releases_are_worked_off, the_plans_of_this_release_are_among_them);

/// Both languages and all depths.
const MADE: [(Depth, &str); 3] = [(Depth::Quick, "en"), (Depth::Standard, "pt-BR"), (Depth::Deep, "en")];

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/engine/corpus")
}

fn kept() -> Vec<(String, Value)> {
    let files = fs::read_dir(folder()).expect("the corpus");
    let mut all: Vec<(String, Value)> = files
        .map(|file| {
            let path = file.expect("a file").path();
            let text = fs::read_to_string(&path).expect("text");
            (path.display().to_string(), serde_json::from_str(&text).expect("JSON"))
        })
        .collect();
    all.sort_by(|a, b| a.0.cmp(&b.0));
    all
}

/// Begun, and killed at its first call.
async fn begun(house: &House, depth: Depth, locale: &str) -> String {
    let request = CreateExecutionRequest { locale: locale.to_owned(), ..house.request(depth) };
    house.board.reset();
    house.board.stop_before.store(1, SeqCst);
    house.create(&request).await;
    house.board.stopped.notified().await;
    house.kill();
    house.board.stop_before.store(0, SeqCst);
    request.execution_id
}

async fn plans_of_all_releases_are_worked_off(house: &House) {
    let kept = kept();
    assert!(kept.len() >= MADE.len(), "{}", kept.len());
    for (file, one) in kept {
        let depth = match one["depth"].as_str() {
            Some("quick") => Depth::Quick,
            Some("deep") => Depth::Deep,
            _ => Depth::Standard,
        };
        let id = begun(house, depth, one["locale"].as_str().unwrap()).await;
        // As if nothing else were there: what the plan refers to comes from the file.
        let texts = one["texts"].as_object().unwrap();
        let texts: Vec<(&str, &str)> =
            texts.iter().map(|(hash, body)| (hash.as_str(), body.as_str().unwrap())).collect();
        house.put_plan(&id, &one["plan"].to_string(), &texts).await;
        house.restart().await;
        let ended = house.ended(&id).await;
        assert_eq!(ended.phase(), Phase::Completed, "{file}: {ended:?}");
        let report = house.document(&id, Part::Report).await;
        assert!(!report["meeting"]["decisions"].as_array().unwrap().is_empty(), "{file}");
        for asked in house.board.asked.lock().unwrap().iter() {
            let mandate = asked.body["messages"][0]["content"].as_str().unwrap();
            assert!(texts.iter().any(|(_, body)| body.trim() == mandate), "{file}: {mandate}");
        }
    }
}

async fn the_plans_of_this_release_are_among_them(house: &House) {
    for (depth, locale) in MADE {
        let id = begun(house, depth, locale).await;
        let plan: Value = serde_json::from_str(&house.plan(&id).await).unwrap();
        house.restart().await;
        let name = depth.as_str_name().trim_start_matches("DEPTH_").to_lowercase();
        let hashes: Vec<&str> = plan["steps"]
            .as_array()
            .unwrap()
            .iter()
            .flat_map(|step| ["mandate", "task", "schema"].map(|part| step["ask"][part].as_str()))
            .flatten()
            .collect();
        let texts = house.texts().await;
        let used: serde_json::Map<String, Value> = texts
            .iter()
            .filter(|(hash, _)| hashes.contains(&hash.as_str()))
            .map(|(hash, body)| (hash.clone(), json!(body)))
            .collect();
        let made = json!({"depth": name, "locale": locale, "plan": plan, "texts": used});
        if kept().iter().any(|(_, one)| *one == made) {
            continue;
        }
        assert!(is_writing(), "no file of the corpus has this plan: {}", module_path!());
        let text = serde_json::to_string_pretty(&made).unwrap();
        let hash = hex::encode(&Sha256::digest(&text)[..4]);
        fs::write(folder().join(format!("{name}.{locale}.{hash}.json")), text + "\n").expect("written");
    }
}

#[expect(clippy::disallowed_methods, reason = "whoever runs the test says so in the environment")]
fn is_writing() -> bool {
    std::env::var("GOLDEN").is_ok_and(|how| how == "write")
}

//! A trail that nobody can rewrite unseen.

use crate::scenarios;
use anyhow::ensure;
use serde_json::json;
use std::path::Path;
use tests::{Cluster, binary, eventually};
use tokio::process::Command;

scenarios! {
    shared: an_exported_trail_is_verified_from_the_file_alone;
}

/// Whether `perpetuo audit verify` accepts a file, and what it says.
async fn verify(file: &Path, more: &[&str]) -> anyhow::Result<(bool, String)> {
    let mut command = Command::new(binary()?);
    command.args(["audit", "verify"]).arg(file).args(more).env_clear();
    let output = command.kill_on_drop(true).output().await?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    Ok((output.status.success(), text))
}

async fn an_exported_trail_is_verified_from_the_file_alone(cluster: &Cluster) -> anyhow::Result<()> {
    let (person, dir) = (cluster.person().await?, tempfile::tempdir()?);
    person.client.put(&person.path(""), &json!({"name": "São \"Paulo\" <1>"})).await?.expect(200)?;
    person.key_with(&json!({"name": "ci"})).await?;
    // Identity's part of the trail comes by its feed.
    let export = async || {
        let file = person.client.get(&person.path("/audit/export?format=jsonl")).await?.expect(200)?;
        ensure!(file.text.contains("api_key.created"), "{}", file.text);
        anyhow::Ok(file.text)
    };
    let text = eventually(export).await?;
    let file = |name: &str| dir.path().join(name);
    std::fs::write(file("whole"), &text)?;
    let (ok, said) = verify(&file("whole"), &[]).await?;
    ensure!(ok && said.contains(&person.workspace) && said.contains("are whole"), "{said}");
    let key = said.split("signed with the key ").nth(1).and_then(|rest| rest.split(':').next()).unwrap_or_default();
    ensure!(key.len() == 64 && cluster.operate(&["audit", "key"]).await?.contains(key), "{key}");
    let (ok, said) = verify(&file("whole"), &["--public-key", key]).await?;
    ensure!(ok && !said.contains("signed with"), "{said}");

    let lines: Vec<&str> = text.lines().collect();
    let without = |n: usize| {
        let kept = lines.iter().enumerate().filter(|(at, _)| *at != n);
        kept.map(|(_, line)| format!("{line}\n")).collect::<String>()
    };
    let changed = text.replacen("api_key.created", "api_key.deleted", 1);
    for (name, forged) in [
        ("changed", changed),
        ("without-the-second", without(2)),
        ("without-the-last", without(lines.len() - 1)),
        ("cut", text[..text.len() - 10].to_owned()),
    ] {
        std::fs::write(file(name), forged)?;
        let (ok, said) = verify(&file(name), &[]).await?;
        ensure!(!ok && said.contains(name), "{name}: {said}");
    }
    let (ok, said) = verify(&file("whole"), &["--public-key", &"ab".repeat(32)]).await?;
    ensure!(!ok && said.contains("not signed"), "{said}");

    // A later export goes on from an earlier one, and not the other way round.
    person.client.put(&person.path(""), &json!({"name": "Rio"})).await?.expect(200)?;
    std::fs::write(file("later"), export().await?)?;
    let (whole, later) = (file("whole").display().to_string(), file("later").display().to_string());
    let (ok, said) = verify(&file("later"), &["--after", &whole]).await?;
    ensure!(ok, "{said}");
    let (ok, said) = verify(&file("whole"), &["--after", &later]).await?;
    ensure!(!ok && said.contains("does not go on"), "{said}");
    Ok(())
}

//! Exports: what is downloaded is what usage and logs say.

use crate::scenarios;
use anyhow::ensure;
use serde_json::{Value, json};
use tests::{Cluster, Person, eventually};

scenarios! {
    shared: an_export_holds_what_usage_and_logs_say, exports_of_others_do_not_exist;
}

/// The file of a new export, and its answer.
async fn exported(person: &Person, kind: &str, format: &str) -> anyhow::Result<(String, Value)> {
    let wish = json!({ "kind": kind, "format": format });
    let accepted = person.client.post(&person.path("/exports"), &wish).await?.expect(202)?;
    let place = accepted.header("location").to_owned();
    let export = eventually(async || {
        let export = person.client.get(&place).await?.expect(200)?.json()?;
        ensure!(export["status"] == "done", "{export}");
        Ok(export)
    })
    .await?;
    let file = person.client.get(&format!("{place}/download")).await?.expect(200)?;
    ensure!(file.header("content-disposition").contains(&format!(".{format}\"")), "{:?}", file.headers);
    ensure!(file.header("content-length").parse().ok() == export["bytes"].as_i64(), "{:?} {export}", file.headers);
    Ok((file.text, export))
}

async fn an_export_holds_what_usage_and_logs_say(cluster: &Cluster) -> anyhow::Result<()> {
    let person = cluster.person().await?;
    let key = person.key().await?;
    for _ in 0..3 {
        key.chat("simulator/chat", "count me").await?.expect(200)?;
    }
    let usage = eventually(async || {
        let usage = person.usage().await?;
        ensure!(usage["total_requests"] == 3, "{usage}");
        Ok(usage)
    })
    .await?;
    let (text, export) = exported(&person, "usage", "json").await?;
    let rows: Vec<Value> = serde_json::from_str(&text)?;
    let sum = |name: &str| rows.iter().filter_map(|row| row[name].as_i64()).sum::<i64>();
    ensure!(export["rows"] == 3 && sum("input_tokens") == usage["total_input_tokens"], "{rows:?} {usage}");
    ensure!(sum("output_tokens") == usage["total_output_tokens"], "{rows:?} {usage}");
    ensure!(rows.iter().all(|row| row["cost"] == "0" && row["kind"] == "usage"), "{rows:?}");
    let (text, _) = exported(&person, "logs", "csv").await?;
    let lines: Vec<_> = text.split_terminator("\r\n").collect();
    ensure!(lines.len() == 4 && lines[0].starts_with("id,created_at,"), "{text}");
    ensure!(lines[1..].iter().all(|line| line.contains(",simulator/chat,") && line.contains(",completed,")), "{text}");
    Ok(())
}

async fn exports_of_others_do_not_exist(cluster: &Cluster) -> anyhow::Result<()> {
    let (ada, eve) = (cluster.person().await?, cluster.person().await?);
    let (_, export) = exported(&ada, "usage", "csv").await?;
    let path = format!("/exports/{}", export["id"].as_str().unwrap_or_default());
    for place in [ada.path(&path), eve.path(&path)] {
        eve.client.get(&place).await?.expect(404)?;
        eve.client.get(&format!("{place}/download")).await?.expect(404)?;
        eve.client.delete(&place).await?.expect(404)?;
    }
    eve.client.post(&ada.path("/exports"), &json!({"kind": "usage", "format": "csv"})).await?.expect(404)?;
    ada.client.delete(&ada.path(&path)).await?.expect(204)?;
    ada.client.get(&ada.path(&format!("{path}/download"))).await?.expect(404)?;
    Ok(())
}

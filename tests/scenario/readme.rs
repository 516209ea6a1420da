//! The README's commands, pasted one by one, do what it says.

use crate::scenarios;
use anyhow::{Context as _, ensure};
use std::process::Stdio;
use tests::Cluster;
use tokio::process::Command;

scenarios! {
    own: the_ten_minutes_work_to_the_letter;
}

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// The shell blocks of a section, in order.
fn commands(readme: &str, section: &str) -> anyhow::Result<Vec<String>> {
    let (_, rest) = readme.split_once(&format!("## {section}\n")).context("no such section")?;
    let section = rest.split("\n## ").next().unwrap_or(rest);
    let blocks = section.split("```sh\n").skip(1).filter_map(|b| b.split("```").next());
    Ok(blocks.map(str::to_owned).collect())
}

async fn the_ten_minutes_work_to_the_letter(shape: tests::cluster::Shape) -> anyhow::Result<()> {
    let cluster = Cluster::start(shape, &tests::cluster::Options::default()).await?;
    let readme = std::fs::read_to_string(format!("{ROOT}/README.md"))?;
    let blocks = commands(&readme, "Ten minutes")?;
    ensure!(blocks.len() >= 6, "only {} blocks of commands", blocks.len());
    let marked: String = blocks.iter().enumerate().map(|(n, b)| format!("{b}\necho '--- {n} ---'\n")).collect();
    let script = marked.replace("http://127.0.0.1:8080", &cluster.url());
    ensure!(script != marked, "the README does not use the default address");
    let output = Command::new("bash")
        .args(["-eu", "-o", "pipefail", "-c", &script])
        // What `pip install openai` would have put there.
        .env("PATH", format!("{ROOT}/.tools/python/bin:/usr/local/bin:/usr/bin:/bin"))
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    ensure!(output.status.success(), "{text}\n{}", String::from_utf8_lossy(&output.stderr));
    for expected in [
        "\"access_token\"",
        "pk_",
        "\"chat.completion\"",
        "data: [DONE]",
        "\"key_hint\"",
        "\"id\":\"req_",
        "\"total_requests\"",
    ] {
        ensure!(text.contains(expected), "no {expected} in:\n{text}");
    }
    ensure!(!text.contains("\"error\"") && !text.contains("\"total_requests\":0"), "{text}");
    let sdk = text.rsplit("--- ").nth(1).unwrap_or_default();
    ensure!(sdk.lines().filter(|l| !l.trim().is_empty()).count() >= 2, "the SDK printed nothing:\n{text}");
    Ok(())
}

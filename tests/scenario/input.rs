//! What `edge/INPUT.md` says about input is so.

use crate::scenarios;
use anyhow::{Context as _, ensure};
use reqwest::Method;
use serde_json::Value;
use tests::{Answer, Cluster};

scenarios! {
    shared: every_rule_of_input_that_is_documented_is_kept, every_limit_that_is_documented_is_the_default;
}

const TEXT: &str = include_str!("../../edge/INPUT.md");

/// The rows of the table in a section, without its head.
fn rows(title: &str) -> anyhow::Result<Vec<Vec<&'static str>>> {
    let (_, section) = TEXT.split_once(&format!("\n## {title}\n")).with_context(|| format!("no section {title}"))?;
    let lines =
        section.lines().take_while(|line| !line.starts_with("## ")).filter(|line| line.starts_with('|')).skip(2);
    Ok(lines
        .map(|line| line.trim_matches('|').split('|').map(|cell| cell.trim().trim_matches('`')).collect())
        .collect())
}

async fn every_rule_of_input_that_is_documented_is_kept(cluster: &Cluster) -> anyhow::Result<()> {
    let person = cluster.person().await?;
    let (values, together) = (rows("Each value")?, rows("Values that go together")?);
    ensure!(values.len() > 15 && together.len() >= 4, "{} and {} rows", values.len(), together.len());
    for row in values.into_iter().chain(together) {
        let [request, field, _, refused] = row[..] else { anyhow::bail!("four columns: {row:?}") };
        let (method, path) = request.split_once(' ').context("a method and a path")?;
        let path = path.replace("{workspace}", &person.path(""));
        let method: Method = method.parse()?;
        let mut sent = person.client.request(method, &path);
        if !refused.is_empty() {
            let body: Value = serde_json::from_str(refused).with_context(|| format!("{refused} is no JSON"))?;
            sent = sent.json(&body);
        }
        let answer = Answer::of(sent).await?;
        ensure!([400, 422].contains(&answer.status), "{request} {refused}: {} {}", answer.status, answer.text);
        let problem = answer.json()?;
        let named = problem["errors"].as_array().into_iter().flatten().filter_map(|error| error["field"].as_str());
        ensure!(
            named.clone().any(|name| name.starts_with(field)),
            "{request} {refused} does not name {field}: {problem}"
        );
    }
    Ok(())
}

async fn every_limit_that_is_documented_is_the_default(_: &Cluster) -> anyhow::Result<()> {
    let rows = rows("How much")?;
    ensure!(rows.len() > 15, "{} rows", rows.len());
    for row in rows {
        let [_, setting, documented] = row[..] else { anyhow::bail!("three columns: {row:?}") };
        ensure!(default_of(setting) == Some(documented), "{setting}: {:?} and not {documented}", default_of(setting));
    }
    Ok(())
}

/// What `one.yaml` says, which a test of the server compares with the code.
fn default_of(setting: &str) -> Option<&'static str> {
    let text = include_str!("../../deploy/config/one.yaml");
    let mut lines = text.lines().filter(|line| !line.trim_start().starts_with('#'));
    let mut found = None;
    for (depth, name) in setting.split('.').enumerate() {
        let start = format!("{}{name}:", "  ".repeat(depth));
        found = Some(lines.find_map(|line| line.strip_prefix(&start))?.trim());
    }
    found
}

//! The official SDKs: OpenAI's and Anthropic's against the running server, the providers' own against what they are sent;
//! and a client of the management API as a customer would write it, in Streamlit.

use crate::scenarios;
use anyhow::{Context as _, ensure};
use std::{path::PathBuf, process::Stdio};
use tests::{Cluster, client::PASSWORD};
use tokio::process::Command;

scenarios! {
    shared:
        openai_for_python, openai_for_python_beyond_chat, openai_for_node, anthropic_for_python, anthropic_for_node,
        google_genai_for_python, ollama_for_python, a_streamlit_app;
    once: what_providers_are_sent_is_what_their_own_sdks_know;
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..")
}

async fn run(cluster: &Cluster, program: PathBuf, script: &str) -> anyhow::Result<()> {
    let person = cluster.person().await?;
    let (_, made) = person.key_with(&serde_json::json!({})).await?;
    let output = Command::new(program)
        .arg(root().join("tests/conformance").join(script))
        .env("OPENAI_BASE_URL", format!("{}/v1", cluster.url()))
        .env("ANTHROPIC_BASE_URL", cluster.url())
        .env("PERPETUO_URL", cluster.url())
        .env("PERPETUO_EMAIL", &person.email)
        .env("PERPETUO_PASSWORD", PASSWORD)
        .env("ANTHROPIC_API_KEY", made["key"].as_str().context("no key")?)
        .env("OPENAI_API_KEY", made["key"].as_str().context("no key")?)
        .env("NODE_PATH", root().join(".tools/node/node_modules"))
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await
        .context("the SDKs are not installed: run `make tools`")?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success() && text.contains("0 failed"), "{text}");
    Ok(())
}

async fn openai_for_python(cluster: &Cluster) -> anyhow::Result<()> {
    run(cluster, root().join(".tools/python/bin/python"), "python/openai_sdk.py").await
}

async fn openai_for_python_beyond_chat(cluster: &Cluster) -> anyhow::Result<()> {
    run(cluster, root().join(".tools/python/bin/python"), "python/openai_surfaces.py").await
}

async fn anthropic_for_python(cluster: &Cluster) -> anyhow::Result<()> {
    run(cluster, root().join(".tools/python/bin/python"), "python/anthropic_sdk.py").await
}

async fn google_genai_for_python(cluster: &Cluster) -> anyhow::Result<()> {
    run(cluster, root().join(".tools/python/bin/python"), "python/google_genai_sdk.py").await
}

async fn ollama_for_python(cluster: &Cluster) -> anyhow::Result<()> {
    run(cluster, root().join(".tools/python/bin/python"), "python/ollama_sdk.py").await
}

async fn a_streamlit_app(cluster: &Cluster) -> anyhow::Result<()> {
    run(cluster, root().join(".tools/python/bin/python"), "python/streamlit_flow.py").await
}

async fn anthropic_for_node(cluster: &Cluster) -> anyhow::Result<()> {
    run(cluster, "node".into(), "node/anthropic_sdk.cjs").await
}

async fn openai_for_node(cluster: &Cluster) -> anyhow::Result<()> {
    run(cluster, "node".into(), "node/openai_sdk.cjs").await
}

async fn what_providers_are_sent_is_what_their_own_sdks_know() -> anyhow::Result<()> {
    let python = root().join(".tools/python/bin/python");
    for script in ["dialects.py", "fronts.py"] {
        let output = Command::new(&python).arg(root().join("tests/conformance/python").join(script)).output().await;
        let output = output.context("the SDKs are not installed: run `make tools`")?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success() && text.contains("0 failed"), "{script}: {text}");
    }
    Ok(())
}

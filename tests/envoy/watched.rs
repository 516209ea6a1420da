//! `--watch`: written again when the settings change, and never broken.

use crate::cases;
use anyhow::{Context as _, ensure};
use std::{path::Path, time::Duration};
use tests::{Process, eventually};

cases! {
    own: changed_settings_are_written_and_wrong_ones_are_not;
}

async fn changed_settings_are_written_and_wrong_ones_are_not() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let (settings, out) = (dir.path().join("perpetuo.yaml"), dir.path().join("envoy.yaml"));
    std::fs::write(&settings, "edge:\n  listen: 127.0.0.1:18081\n")?;
    let args = ["envoy-config", "--config", "perpetuo.yaml", "--out", "envoy.yaml", "--watch"];
    let mut watching = Process::start("watching", dir.path(), &args, &[])?;
    has(&out, "18081").await?;
    std::fs::write(&settings, "edge:\n  listen: 127.0.0.1:18082\n")?;
    has(&out, "18082").await?;
    let good = std::fs::read_to_string(&out)?;
    std::fs::write(&settings, "edge:\n  lissten: 127.0.0.1:18083\n")?;
    eventually(async || {
        let said = watching.output();
        ensure!(said.contains("nothing was written") && said.contains("lissten"), "{said}");
        Ok(())
    })
    .await?;
    watching.alive()?;
    ensure!(std::fs::read_to_string(&out)? == good, "the configuration that worked is gone");
    // As Kubernetes replaces a file: another one takes the name.
    let beside = dir.path().join("perpetuo.yaml.new");
    std::fs::write(&beside, "edge:\n  listen: 127.0.0.1:18084\n")?;
    std::fs::rename(&beside, &settings)?;
    has(&out, "18084").await?;
    ensure!(!std::fs::read_to_string(&out)?.contains("18082"), "something of the old is left");
    let files: Vec<_> = std::fs::read_dir(dir.path())?.flatten().map(|entry| entry.file_name()).collect();
    ensure!(files.iter().all(|name| !name.to_string_lossy().ends_with(".tmp")), "{files:?}");
    watching.terminate()?;
    watching.ended(Duration::from_secs(10)).await.map(drop)
}

async fn has(file: &Path, text: &str) -> anyhow::Result<()> {
    eventually(async || {
        let written = std::fs::read_to_string(file).context("nothing is written yet")?;
        ensure!(written.contains(text), "{text} is not in {}", file.display());
        Ok(())
    })
    .await
}

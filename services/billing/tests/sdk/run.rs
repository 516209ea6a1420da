//! Runs a script with the official SDKs of providers, which `tests/install` has put into an environment of their own.

use serde_json::Value;
use std::{
    path::PathBuf,
    process::{Command, Stdio},
};

/// What it prints at its end. Panics with all that it said when it fails.
pub(crate) async fn run(script: &str, arguments: &[&str], environment: &[(&str, String)]) -> Value {
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let mut command = Command::new(here.join("../../.tools/payments/bin/python"));
    command.arg(here.join("tests/sdk").join(script)).args(arguments).stdin(Stdio::null());
    // What the machine says of proxies and authorities is not meant for this.
    command.env_clear().envs(environment.iter().map(|(name, value)| (*name, value)));
    // The fake answers on this very thread.
    let output = tokio::task::spawn_blocking(move || command.output()).await.unwrap();
    let output = output.unwrap_or_else(|why| panic!("the SDKs are not installed ({why}): run `make tools`"));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_str(text.lines().last().unwrap_or_default()).unwrap()
}

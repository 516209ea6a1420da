//! `perpetuo envoy-config`

mod inputs;
mod out;
mod watch;

use crate::{
    cli::{Source, envoy::EnvoyConfig},
    say,
};
use anyhow::Context as _;
use envoy_config::{Names, Options, Written};
use out::Out;
use std::process::ExitCode;

/// What every document begins with.
const HEAD: &str = "# Written by `perpetuo envoy-config`. Change the settings or the options and write it again.\n";

/// Prints or writes the configuration of an Envoy in front of Perpetuo.
pub fn run(source: &Source, flags: &EnvoyConfig) -> anyhow::Result<ExitCode> {
    let options = Options::parse(flags.set.iter().map(String::as_str))?;
    let Some(file) = &flags.out else {
        let written = make(source, flags, &options, None)?;
        say::line(document(&written.bootstrap)?.trim_end());
        return Ok(ExitCode::SUCCESS);
    };
    let out = Out::new(file)?;
    let write = || out.write(&make(source, flags, &options, Some(out.names()))?);
    if !flags.watch {
        write()?;
        return Ok(ExitCode::SUCCESS);
    }
    let settings = source.config.as_ref().context("--watch needs the file that it watches: --config FILE")?;
    watch::run(settings, write)
}

fn make(source: &Source, flags: &EnvoyConfig, options: &Options, names: Option<Names>) -> anyhow::Result<Written> {
    let (settings, _) = source.load(None)?;
    let inputs = inputs::of(&settings, &flags.select.roles)?;
    Ok(envoy_config::write(&inputs, options, names)?)
}

/// A document as YAML.
fn document(content: &envoy_config::Document) -> anyhow::Result<String> {
    Ok(HEAD.to_owned() + &yaml_serde::to_string(content).context("the configuration cannot be written as YAML")?)
}

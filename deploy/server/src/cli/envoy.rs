//! What can be typed about Envoy.

use super::Select;
use clap::Args;
use std::path::PathBuf;

/// Flags of `envoy-config`.
#[derive(Args, Clone, Debug)]
pub struct EnvoyConfig {
    /// Which roles Envoy stands in front of
    #[command(flatten)]
    pub select: Select,
    /// An option of the proxy; may be repeated. They are listed below
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub set: Vec<String>,
    /// Write it here, and beside it the files from which Envoy learns of new certificates [default: standard output]
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Go on, and write it again whenever the settings' file (--config) changes; what is wrong is said and not written
    #[arg(long, requires = "out")]
    pub watch: bool,
}

const EXAMPLES: &str = "\
Examples:
  perpetuo envoy-config > envoy.yaml                         HTTP and gRPC on loopback
  perpetuo envoy-config --config cluster.yaml --role edge --out envoy.yaml \\
    --set tls.certificate=/etc/tls/tls.crt --set tls.key=/etc/tls/tls.key \\
    --set edge=edge-0.internal:8080,edge-1.internal:8080     HTTPS and HTTP/3 on port 8443
  perpetuo envoy-config --set rate.address=600/m --set jwt=true --set grpc.json=true
  envoy --mode validate -c envoy.yaml                        what Envoy thinks of it

What --set takes:
";

/// The end of `--help`: examples, and every option.
pub fn help() -> String {
    let width = envoy_config::KEYS.iter().map(|key| key.name.len()).max().unwrap_or_default();
    let lines = envoy_config::KEYS.iter().map(|key| format!("  {:<width$}  {}\n", key.name, key.help));
    lines.fold(EXAMPLES.to_owned(), |text, line| text + &line)
}

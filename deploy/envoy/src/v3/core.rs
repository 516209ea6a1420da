//! What many messages share.

use serde::{Serialize, Serializer};
use std::time::Duration;

/// A duration as JSON writes those of protobuf: `0.250s`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Span(pub(crate) Duration);

impl Span {
    pub(crate) const fn seconds(seconds: u64) -> Self {
        Self(Duration::from_secs(seconds))
    }

    pub(crate) const fn millis(millis: u64) -> Self {
        Self(Duration::from_millis(millis))
    }
}

impl Serialize for Span {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (seconds, millis) = (self.0.as_secs(), self.0.subsec_millis());
        if millis == 0 {
            serializer.collect_str(&format_args!("{seconds}s"))
        } else {
            serializer.collect_str(&format_args!("{seconds}.{millis:03}s"))
        }
    }
}

message!(Empty {});
message!(Address { socket_address: SocketAddress });
message!(SocketAddress { address: String, port_value: u16; protocol: &'static str });
message!(DataSource { ; filename: String, inline_string: String });
message!(HeaderValueOption { header: HeaderValue, append_action: AppendAction });
message!(HeaderValue { key: &'static str, value: String });
message!(WatchedDirectory { path: String });
message!(ConfigSource { path_config_source: PathConfigSource, resource_api_version: &'static str });
message!(PathConfigSource { path: String; watched_directory: WatchedDirectory });
message!(GrpcService { envoy_grpc: EnvoyGrpc; timeout: Span });
message!(EnvoyGrpc { cluster_name: &'static str });
message!(Percent { value: f64 });
message!(RuntimeFractionalPercent { default_value: FractionalPercent });
message!(FractionalPercent { numerator: u32, denominator: &'static str });
message!(Node { id: &'static str, cluster: &'static str });
message!(HeaderMatcher { name: &'static str; string_match: StringMatcher, range_match: Int64Range, present_match: bool });
message!(Int64Range { start: u64, end: i64 });
message!(SafeRegex { regex: String });

/// What is done where a header is there already.
#[derive(Clone, Copy, Debug, Default, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum AppendAction {
    #[default]
    OverwriteIfExistsOrAdd,
}

message!(StringMatcher { ; prefix: &'static str, exact: String, safe_regex: SafeRegex });

impl StringMatcher {
    /// The whole text matches this expression (RE2).
    pub(crate) fn regex(regex: impl Into<String>) -> Self {
        Self { safe_regex: Some(SafeRegex { regex: regex.into() }), ..Self::default() }
    }
}

impl Address {
    pub(crate) fn of(host: &str, port: u16) -> Self {
        Self { socket_address: SocketAddress { address: host.to_owned(), port_value: port, protocol: None } }
    }
}

impl ConfigSource {
    /// A file that Envoy watches.
    pub(crate) fn file(path: String) -> Self {
        let directory = std::path::Path::new(&path).parent().map(|dir| dir.display().to_string());
        let watched_directory = directory.filter(|dir| !dir.is_empty()).map(|path| WatchedDirectory { path });
        Self { path_config_source: PathConfigSource { path, watched_directory }, resource_api_version: "V3" }
    }
}

impl HeaderValueOption {
    pub(crate) fn set(key: &'static str, value: impl Into<String>) -> Self {
        Self { header: HeaderValue { key, value: value.into() }, append_action: AppendAction::OverwriteIfExistsOrAdd }
    }
}

impl RuntimeFractionalPercent {
    /// Always.
    pub(crate) fn all() -> Self {
        Self { default_value: FractionalPercent { numerator: 100, denominator: "HUNDRED" } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_written_as_protobuf_writes_them() {
        let text = |span: Span| serde_json::to_value(span).unwrap();
        assert_eq!((text(Span::seconds(0)), text(Span::millis(1250))), ("0s".into(), "1.250s".into()));
        assert_eq!(text(Span::millis(20)), "0.020s");
    }
}

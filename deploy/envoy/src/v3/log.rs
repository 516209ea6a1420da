//! envoy.config.accesslog.v3, and the shape of what Envoy answers by itself.

use super::{
    Typed,
    core::{DataSource, HeaderMatcher, HeaderValueOption},
};
use serde_json::Value;
use std::collections::BTreeMap;

message!(AccessLog { name: &'static str; typed_config: Typed });
message!(StdoutAccessLog { log_format: LogFormat });
message!(FileAccessLog { path: String, log_format: LogFormat });
message!(LogFormat { json_format: BTreeMap<&'static str, &'static str> });
message!(ResponseMapper { filter: Filter, body_format_override: BodyFormat, headers_to_add: Vec<HeaderValueOption> });
message!(BodyFormat { content_type: &'static str; json_format: Value, text_format_source: DataSource });

message!(Filter { ; status_code_filter: StatusCodeFilter, header_filter: HeaderFilter, and_filter: Filters });
message!(Filters { filters: Vec<Filter> });
message!(HeaderFilter { header: HeaderMatcher });
message!(StatusCodeFilter { comparison: Comparison });
message!(Comparison { op: &'static str, value: RuntimeUInt32 });
message!(RuntimeUInt32 { default_value: u16, runtime_key: &'static str });

impl Filter {
    /// Answers with this status.
    pub(crate) fn status(status: u16) -> Self {
        Self::compared("EQ", status)
    }

    /// Every failure.
    pub(crate) fn failures() -> Self {
        Self::compared("GE", 400)
    }

    fn compared(op: &'static str, status: u16) -> Self {
        // Envoy wants a key by which the number could be changed while it runs; nobody sets it.
        let value = RuntimeUInt32 { default_value: status, runtime_key: "perpetuo.unused" };
        let filter = StatusCodeFilter { comparison: Comparison { op, value } };
        Self { status_code_filter: Some(filter), ..Self::default() }
    }
}

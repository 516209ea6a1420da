//! One line of JSON for each request. No header that holds a credential, and no query: clients put keys there
//! (`/v1beta/models?key=…`), and so do addresses that payment providers are told (`?hmac=…`).

use crate::{
    options::Log,
    plan::Plan,
    v3::{
        Typed,
        log::{AccessLog, FileAccessLog, LogFormat, StdoutAccessLog},
    },
};

/// Field and where it comes from. What is `-` in Envoy's own format is null here.
const FIELDS: &[(&str, &str)] = &[
    ("time", "%START_TIME%"),
    ("method", "%REQ(:METHOD)%"),
    ("host", "%REQ(:AUTHORITY)%"),
    ("path", "%PATH(NQ:PATH)%"),
    ("route", "%ROUTE_NAME%"),
    ("protocol", "%PROTOCOL%"),
    ("status", "%RESPONSE_CODE%"),
    ("grpc_status", "%GRPC_STATUS%"),
    ("flags", "%RESPONSE_FLAGS%"),
    ("details", "%RESPONSE_CODE_DETAILS%"),
    ("duration_ms", "%DURATION%"),
    ("first_byte_ms", "%RESPONSE_DURATION%"),
    ("bytes_received", "%BYTES_RECEIVED%"),
    ("bytes_sent", "%BYTES_SENT%"),
    ("client", "%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%"),
    ("user_agent", "%REQ(USER-AGENT)%"),
    ("cluster", "%UPSTREAM_CLUSTER%"),
    ("upstream", "%UPSTREAM_HOST%"),
    ("attempts", "%UPSTREAM_REQUEST_ATTEMPT_COUNT%"),
    ("request_id", "%RESP(X-REQUEST-ID)%"),
    ("client_request_id", "%REQ(X-REQUEST-ID)%"),
    ("traceparent", "%REQ(TRACEPARENT)%"),
    ("tls", "%DOWNSTREAM_TLS_VERSION%"),
    ("listener", "%FILTER_CHAIN_NAME%"),
];

/// Where requests are written down.
pub(crate) fn all(plan: &Plan<'_>) -> Vec<AccessLog> {
    let log_format = LogFormat { json_format: FIELDS.iter().copied().collect() };
    let typed = match &plan.log {
        Log::Off => return vec![],
        Log::Stdout => Typed::Stdout(StdoutAccessLog { log_format }),
        Log::File(path) => Typed::File(FileAccessLog { path: path.clone(), log_format }),
    };
    vec![AccessLog { name: typed.name(), typed_config: Some(typed) }]
}

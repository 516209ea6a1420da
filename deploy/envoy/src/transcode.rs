//! JSON for those who speak no gRPC: `POST /perpetuo.usage.v1.Usage/GetUsage` with the message as JSON.

use crate::{
    plan::Plan,
    v3::{
        Extension, Typed,
        filter::{GrpcJsonTranscoder, PrintOptions},
    },
};
use base64::{Engine as _, engine::general_purpose::STANDARD};

/// None unless asked for.
pub(crate) fn filter(plan: &Plan<'_>) -> Option<Extension> {
    if plan.options.transcode != Some(true) {
        return None;
    }
    let size = plan.inputs.max_message_bytes;
    Some(
        Typed::Transcoder(GrpcJsonTranscoder {
            proto_descriptor_bin: STANDARD.encode(&plan.inputs.descriptors),
            services: plan.inputs.services.iter().map(|service| service.name).collect(),
            auto_mapping: true,
            convert_grpc_status: true,
            // Routes are those of gRPC: the path is the same.
            match_incoming_request_route: true,
            print_options: PrintOptions {
                // As the REST face writes them.
                preserve_proto_field_names: true,
                always_print_primitive_fields: false,
                // A stream is a line for each message, as soon as it is there.
                stream_newline_delimited: true,
            },
            max_request_body_size: size,
            max_response_body_size: size,
        })
        .into(),
    )
}

//! Messages with a field marked `debug_redact` get a `Debug` that shows whether the field is set, and nothing else of it.

use protox::prost_reflect::{DescriptorPool, FieldDescriptor, Kind, MessageDescriptor, Value};
use std::fmt::Write as _;

pub fn messages(pool: &DescriptorPool) -> Vec<MessageDescriptor> {
    pool.all_messages().filter(|m| m.full_name().starts_with("perpetuo.") && m.fields().any(|f| redacted(&f))).collect()
}

fn redacted(field: &FieldDescriptor) -> bool {
    let options = field.options();
    options.get_field_by_name("debug_redact").as_deref().and_then(Value::as_bool).unwrap_or(false)
}

pub fn debug_impls(messages: &[MessageDescriptor]) -> String {
    let mut out = String::new();
    for message in messages {
        let path = message.full_name().trim_start_matches("perpetuo.").replace('.', "::");
        let mut fields = String::new();
        for field in message.fields() {
            let name = field.name();
            let value = match (redacted(&field), field.supports_presence() && !matches!(field.kind(), Kind::Message(_)))
            {
                (false, _) => format!("&self.{name}"),
                (true, true) => format!("&self.{name}.as_ref().map(|_| crate::redacted::Redacted)"),
                (true, false) => format!("&(!self.{name}.is_empty()).then_some(crate::redacted::Redacted)"),
            };
            write!(fields, ".field({name:?}, {value})").expect("writing to a string");
        }
        writeln!(
            out,
            "impl ::core::fmt::Debug for crate::pb::{path} {{ fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {{ f.debug_struct({:?}){fields}.finish() }} }}",
            message.name()
        )
        .expect("writing to a string");
    }
    out
}

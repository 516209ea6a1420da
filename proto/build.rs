//! Compiles the protos with protox (no system protoc) and writes, for each service, a plain trait, a cloneable handle
//! and the gRPC adapters around it. What is written is described in `build/handle.rs`.

#[path = "build/auth.rs"]
mod auth;
#[path = "build/handle.rs"]
mod handle;
#[path = "build/providers.rs"]
mod providers;
#[path = "build/redact.rs"]
mod redact;

use prost::Message as _;
use std::{
    env,
    error::Error,
    fs,
    path::{Path, PathBuf},
};

const PROTOS: &[&str] = &[
    "perpetuo/billing/v1/billing.proto",
    "perpetuo/engine/v1/engine.proto",
    "perpetuo/feed/v1/feed.proto",
    "perpetuo/gateway/v1/gateway.proto",
    "perpetuo/guardrails/v1/guardrails.proto",
    "perpetuo/identity/v1/identity.proto",
    "perpetuo/limits/v1/limits.proto",
    "perpetuo/routing/v1/routing.proto",
    "perpetuo/usage/v1/usage.proto",
    "perpetuo/workspace/v1/workspace.proto",
];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=perpetuo");
    println!("cargo::rerun-if-changed=build");
    println!("cargo::rerun-if-changed=providers");
    #[expect(clippy::disallowed_methods, reason = "this is how cargo tells a build script where to write")]
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("cargo sets OUT_DIR")?);

    fs::write(out.join("providers.rs"), providers::table(Path::new("providers"))?)?;

    let mut compiler = protox::Compiler::new(["."])?;
    compiler.include_imports(true).include_source_info(true).open_files(PROTOS)?;
    // Only the encoded form keeps extensions such as `(perpetuo.auth)`: prost's own types drop them.
    let encoded = compiler.encode_file_descriptor_set();
    let pool = protox::prost_reflect::DescriptorPool::decode(encoded.as_slice())?;
    fs::write(out.join("descriptor.bin"), &encoded)?;

    let redacted = redact::messages(&pool);
    fs::write(out.join("redact.rs"), redact::debug_impls(&redacted))?;

    let tonic = tonic_prost_build::configure().service_generator();
    let mut config = prost_build::Config::new();
    config
        .bytes(["."])
        .btree_map([".perpetuo.billing", ".perpetuo.guardrails", ".perpetuo.limits", ".perpetuo.routing"])
        // Guardrails, limits and routing are kept as JSON, in which what is added later may be missing.
        .type_attribute(".perpetuo.guardrails", "#[derive(serde::Serialize, serde::Deserialize)]")
        .message_attribute(".perpetuo.guardrails", "#[serde(default)]")
        .type_attribute(".perpetuo.limits", "#[derive(serde::Serialize, serde::Deserialize)]")
        .message_attribute(".perpetuo.limits", "#[serde(default)]")
        .type_attribute(".perpetuo.routing", "#[derive(serde::Serialize, serde::Deserialize)]")
        .message_attribute(".perpetuo.routing", "#[serde(default)]")
        .skip_debug(redacted.iter().map(|m| format!(".{}", m.full_name())))
        .service_generator(Box::new(handle::Handles { tonic, auth: auth::read(&pool)? }));
    config.compile_fds(prost_types::FileDescriptorSet::decode(encoded.as_slice())?)?;
    Ok(())
}

//! Writes the service side and the caller side of each service. For `service Meter { rpc Read(R) returns (S); }`:
//!
//! ```ignore
//! pub const RPCS: &[Rpc];                       // who may call what
//! pub trait Service { async fn read(&self, call: &Call, request: R) -> Result<S, Status>; }
//! #[derive(Clone)] pub struct Meter;            // local(impl, tasks) | remote(peer), called_by(role), into_grpc(door)
//! impl Meter { pub async fn read(&self, call: &Call, request: R) -> Result<S, Status>; }
//! pub struct Serve;                             // what `into_grpc` serves: metadata → Call → the handle
//! ```

use crate::auth::{Rule, Rules, camel};
use prost_build::{Method, Service, ServiceGenerator};
use std::fmt::Write as _;

pub struct Handles {
    pub tonic: Box<dyn ServiceGenerator>,
    pub auth: Rules,
}

impl ServiceGenerator for Handles {
    fn generate(&mut self, service: Service, out: &mut String) {
        out.push_str(&self.service(&service));
        self.tonic.generate(service, out);
    }
    fn finalize(&mut self, out: &mut String) {
        self.tonic.finalize(out);
    }
    fn finalize_package(&mut self, package: &str, out: &mut String) {
        self.tonic.finalize_package(package, out);
    }
}

/// The texts of one method, one for each place that it appears in.
#[derive(Default)]
struct Parts {
    consts: String,
    list: String,
    required: String,
    forward: String,
    serve: String,
}

impl Handles {
    fn service(&self, service: &Service) -> String {
        let mut parts = Parts::default();
        for method in &service.methods {
            assert!(!method.client_streaming, "{}: client streaming has no in-process form yet", method.proto_name);
            self.method(service, method, &mut parts);
        }
        let Parts { consts, list, required, forward, serve } = parts;
        let name = &service.name;
        let module = snake(name);
        let role = role(&service.package);
        format!(
            "
/// Every rpc of `{name}`: who may call it, and whether it changes anything.
pub const RPCS: &[crate::rpc::Rpc] = &[{list}];
{consts}
/// What an implementation of `{name}` provides. Callers use [`{name}`], which checks who they are first.
#[tonic::async_trait]
pub trait Service: Send + Sync + 'static {{ {required} }}

/// The `{name}` service, whether it runs in this process or in another.
#[derive(Clone)]
pub struct {name} {{ target: Target, caller: crate::rpc::Caller, is_served: bool }}
#[derive(Clone)]
enum Target {{
    Local {{ service: std::sync::Arc<dyn Service>, tasks: tokio_util::task::TaskTracker }},
    Remote {{ client: Box<{module}_client::{name}Client<crate::rpc::Wire>>, peer: crate::rpc::Peer }},
}}
impl {name} {{
    /// The service in this process. What must finish once begun runs on `tasks`.
    pub fn local(service: impl Service, tasks: tokio_util::task::TaskTracker) -> Self {{
        Self {{ target: Target::Local {{ service: std::sync::Arc::new(service), tasks }}, caller: crate::rpc::Caller::Peer({role}), is_served: false }}
    }}
    /// The service in another process.
    pub fn remote(peer: crate::rpc::Peer) -> Self {{
        let client = {module}_client::{name}Client::new(peer.wire())
            .max_decoding_message_size(crate::rpc::MAX_MESSAGE_BYTES).max_encoding_message_size(crate::rpc::MAX_MESSAGE_BYTES);
        Self {{ target: Target::Remote {{ client: Box::new(client), peer }}, caller: crate::rpc::Caller::Peer({role}), is_served: false }}
    }}
    /// The same service as the given role calls it.
    #[must_use]
    pub fn called_by(&self, role: crate::Role) -> Self {{
        Self {{ target: self.target.clone(), caller: crate::rpc::Caller::Peer(role), is_served: false }}
    }}
    /// Serves it over gRPC; `door` says who each caller is.
    pub fn into_grpc(self, door: std::sync::Arc<dyn crate::rpc::Door>) -> {module}_server::{name}Server<Serve> {{
        {module}_server::{name}Server::new(Serve {{ handle: self, door }})
            .max_decoding_message_size(crate::rpc::MAX_MESSAGE_BYTES).max_encoding_message_size(crate::rpc::MAX_MESSAGE_BYTES)
    }}
    /// As gRPC calls it, which has a span of its own.
    fn with_caller(&self, caller: crate::rpc::Caller) -> Self {{ Self {{ target: self.target.clone(), caller, is_served: true }} }}
    {forward}
}}

/// `{name}` as gRPC serves it.
pub struct Serve {{ handle: {name}, door: std::sync::Arc<dyn crate::rpc::Door> }}
#[tonic::async_trait]
impl {module}_server::{name} for Serve {{ {serve} }}
"
        )
    }

    fn method(&self, service: &Service, m: &Method, parts: &mut Parts) {
        let (f, input, output) = (&m.name, &m.input_type, output(m));
        let path = format!("{}.{}", service.package, service.proto_name);
        let rule = &self.auth[&format!("{path}.{}", m.proto_name)];
        let reads = m.options.idempotency_level == Some(1);
        let impersonated = impersonated(rule, reads);
        let rpc = f.to_uppercase();
        write!(
            parts.consts,
            "/// `{path}/{method}`.
pub const {rpc}: crate::rpc::Rpc = crate::rpc::Rpc {{ service: {path:?}, method: {method:?}, audience: {role}, auth: {rule}, impersonated: crate::impersonation::Class::{impersonated}, no_side_effects: {reads}, streams: {streams} }};\n",
            rule = rule.auth,
            method = m.proto_name,
            role = role(&service.package),
            streams = m.server_streaming,
        )
        .expect("writing to a string");
        write!(parts.list, "{rpc}, ").expect("writing to a string");
        let docs: String = m.comments.leading.iter().map(|l| format!("///{l}\n")).collect();
        let docs = if docs.is_empty() { format!("/// {}.\n", m.proto_name) } else { docs };
        writeln!(
            parts.required,
            "{docs}async fn {f}(&self, call: &crate::Call, request: {input}) -> Result<{output}, tonic::Status>;"
        )
        .expect("writing to a string");
        let local = match (m.server_streaming, reads) {
            // Reads and streams end with their caller; everything else finishes what it began.
            (true, _) | (_, true) => format!("call.within(service.{f}(call, request).instrument(span)).await"),
            _ => format!(
                "let (service, owned) = (service.clone(), call.clone()); call.finish(tasks, async move {{ service.{f}(&owned, request).await }}.instrument(span)).await"
            ),
        };
        let shape = if m.server_streaming { "Box::pin(response.into_inner())" } else { "response.into_inner()" };
        write!(
            parts.forward,
            "{docs}pub async fn {f}(&self, call: &crate::Call, request: {input}) -> Result<{output}, tonic::Status> {{
    use tracing::Instrument as _;
    crate::rpc::fits(&request)?;
    match &self.target {{
        Target::Local {{ service, tasks: _tasks }} => {{
            {rpc}.check(self.caller, call)?;
            let span = if self.is_served {{ tracing::Span::none() }} else {{ crate::trace::span(&{rpc}, call, false) }};
            {local}
        }}
        Target::Remote {{ client, peer }} => {{
            // A peer of the release before knows nothing of operators who act for somebody.
            {rpc}.check_impersonation(call)?;
            let span = crate::trace::span(&{rpc}, call, true);
            let request = peer.request(self.caller, &{rpc}, call, &span, request)?;
            let mut client = client.as_ref().clone();
            // Boxed: where the service is in this process, its callers need not carry the room for this.
            let response = call.within(Box::pin(async move {{ client.{f}(request).await }}.instrument(span))).await?;
            Ok({shape})
        }}
    }}
}}\n",
            local = local.replace("(tasks,", "(_tasks,"),
        )
        .expect("writing to a string");
        if m.server_streaming {
            writeln!(parts.serve, "type {}Stream = {output};", m.proto_name).expect("writing to a string");
        }
        write!(
            parts.serve,
            "async fn {f}(&self, request: tonic::Request<{input}>) -> Result<tonic::Response<{output}>, tonic::Status> {{
    let (metadata, extensions, message) = request.into_parts();
    let (caller, call) = self.door.open(&{rpc}, &metadata, &extensions).await?;
    self.handle.with_caller(caller).{f}(&call, message).await.map(tonic::Response::new)
}}\n"
        )
        .expect("writing to a string");
    }
}

fn output(m: &Method) -> String {
    if m.server_streaming { format!("tonic::codegen::BoxStream<{}>", m.output_type) } else { m.output_type.clone() }
}

/// Which class of `crate::impersonation::Class` an rpc is of. What nobody has thought about is never done.
fn impersonated(rule: &Rule, reads: bool) -> &'static str {
    match (rule.impersonator_writes, reads) {
        _ if !rule.auth.contains("Auth::Permission") => "Others",
        _ if rule.impersonator_never || rule.auth.contains("Permission::Platform") => "Never",
        (true, _) => "Writes",
        (false, true) => "Reads",
        (false, false) => "Never",
    }
}

/// The role that serves a package: `perpetuo.identity.v1` → `Identity`.
fn role(package: &str) -> String {
    let noun = package.split('.').nth(1).expect("packages are perpetuo.<noun>.v1");
    let role = match noun {
        "usage" => "usage-metering",
        "engine" => "agent-engine",
        noun => noun,
    };
    format!("crate::Role::{}", camel(role))
}

fn snake(name: &str) -> String {
    let mut out = String::new();
    for (i, c) in name.chars().enumerate() {
        if c.is_uppercase() && i > 0 {
            out.push('_');
        }
        out.extend(c.to_lowercase());
    }
    out
}

//! Which rpcs may this caller use? Reflection (v1 and v1alpha) for clients with a credential.

use crate::door::Door;
use futures::future::BoxFuture;
use http::{Request, Response};
use prost::Message as _;
use prost_types::FileDescriptorSet;
use proto::{
    Call, Reason, Role,
    rpc::{Caller, Rpc},
};
use std::{
    convert::Infallible,
    sync::Arc,
    task::{Context, Poll},
};
use tonic::{Status, body::Body, metadata::MetadataMap, server::NamedService};
use tonic_reflection::server::{Builder, Error};
use tower::Service;

pub(super) const V1: bool = false;
pub(super) const V1_ALPHA: bool = true;

/// Reflection that is built for each caller anew: it is asked for rarely, and shows everybody something else.
#[derive(Clone)]
pub(super) struct Reflection<const VERSION: bool> {
    door: Arc<Door>,
    roles: Arc<[Role]>,
}

impl<const VERSION: bool> Reflection<VERSION> {
    pub fn new(door: Arc<Door>, roles: Vec<Role>) -> Self {
        Self { door, roles: roles.into() }
    }
}

impl NamedService for Reflection<V1> {
    const NAME: &'static str = "grpc.reflection.v1.ServerReflection";
}

impl NamedService for Reflection<V1_ALPHA> {
    const NAME: &'static str = "grpc.reflection.v1alpha.ServerReflection";
}

impl<const VERSION: bool> Service<Request<Body>> for Reflection<VERSION> {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Response<Body>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let this = self.clone();
        Box::pin(async move {
            let metadata = MetadataMap::from_headers(request.headers().clone());
            let call = match this.door.authenticate(&metadata, request.extensions()).await {
                Ok(call) => call,
                Err(status) => return Ok(status.into_http()),
            };
            let answer = if VERSION == V1 { this.v1(&call, request).await } else { this.v1alpha(&call, request).await };
            Ok(answer.unwrap_or_else(|error| {
                tracing::error!(%error, "the protos cannot be described");
                Status::from(Reason::Internal.with("internal error")).into_http()
            }))
        })
    }
}

impl<const VERSION: bool> Reflection<VERSION> {
    async fn v1(&self, call: &Call, request: Request<Body>) -> Result<Response<Body>, Error> {
        let mut service = builder(call, &self.roles)?.build_v1()?;
        Ok(service.call(request).await.unwrap_or_else(|never| match never {}))
    }

    async fn v1alpha(&self, call: &Call, request: Request<Body>) -> Result<Response<Body>, Error> {
        let mut service = builder(call, &self.roles)?.build_v1alpha()?;
        Ok(service.call(request).await.unwrap_or_else(|never| match never {}))
    }
}

fn builder(call: &Call, roles: &[Role]) -> Result<Builder<'static>, Error> {
    let builder = Builder::configure().register_file_descriptor_set(visible(call, roles)?);
    Ok(builder.register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET))
}

/// The protos without the rpcs that the caller may not call, or that run elsewhere.
fn visible(call: &Call, roles: &[Role]) -> Result<FileDescriptorSet, Error> {
    let mut set = FileDescriptorSet::decode(proto::DESCRIPTOR_SET)?;
    let allowed: Vec<&Rpc> =
        proto::rpcs().filter(|r| roles.contains(&r.audience) && r.check(Caller::Client, call).is_ok()).collect();
    for file in &mut set.file {
        // Comments are found by counting methods, and the count is about to change.
        file.source_code_info = None;
        let package = file.package.clone().unwrap_or_default();
        for service in &mut file.service {
            let name = format!("{package}.{}", service.name());
            service.method.retain(|m| allowed.iter().any(|r| r.service == name && r.method == m.name()));
        }
        file.service.retain(|s| !s.method.is_empty());
    }
    Ok(set)
}

//! What the settings of the services tell Envoy.

use crate::{roles::Roles, settings::Settings};
use anyhow::Context as _;
use envoy_config::{Inputs, Place, Service};
use prost::Message as _;
use prost_types::FileDescriptorSet;
use proto::{
    Role,
    rpc::{Auth, MAX_MESSAGE_BYTES, Rpc},
};
use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    time::Duration,
};

/// The longest that a workspace may let a request take (`deadlines.total_ms` of its routing settings).
const LONGEST: Duration = Duration::from_secs(60 * 60);

/// For these roles.
pub fn of(settings: &Settings, roles: &Roles) -> anyhow::Result<Inputs> {
    let edge = &settings.edge;
    let size = |bytes: usize| u64::try_from(bytes).unwrap_or(u64::MAX);
    let seconds = Duration::from_secs;
    Ok(Inputs {
        http: roles.has(Role::Edge),
        edges: vec![here(edge.listen)],
        services: roles
            .iter()
            .filter(|role| *role != Role::Edge)
            .map(|role| service(settings, role))
            .collect::<Result<_, _>>()?,
        public_url: edge.public_url.clone(),
        management_body_bytes: size(edge.management_body_bytes),
        inference_body_bytes: size(edge.inference_body_bytes),
        management_timeout: seconds(edge.management_timeout_seconds),
        inference_timeout: Duration::from_millis(settings.gateway.total_ms).max(LONGEST),
        header_timeout: seconds(edge.header_timeout_seconds),
        body_timeout: seconds(edge.body_timeout_seconds),
        max_connections: size(edge.max_connections),
        issuer: settings.identity.issuer.clone(),
        // Envoy speaks gRPC with it: a collector's port for HTTP is none of its.
        otlp_endpoint: {
            let telemetry = &settings.telemetry;
            let endpoint = telemetry.otlp_traces_endpoint.as_ref().or(telemetry.otlp_endpoint.as_ref());
            endpoint.filter(|_| telemetry.otlp_protocol == "grpc").cloned()
        },
        trace_share: settings.telemetry.trace_share,
        max_message_bytes: u32::try_from(MAX_MESSAGE_BYTES).unwrap_or(u32::MAX),
        descriptors: descriptors()?,
    })
}

fn service(settings: &Settings, role: Role) -> anyhow::Result<Service> {
    let rpcs: Vec<&Rpc> = proto::rpcs().filter(|rpc| rpc.audience == role).collect();
    let those = |kind: fn(&Rpc) -> bool| rpcs.iter().filter(|rpc| kind(rpc)).map(|rpc| rpc.method).collect();
    let places = match settings.peer(role) {
        // It runs where everything runs.
        [] => vec![here(settings.grpc.listen)],
        addresses => addresses.iter().map(|address| address.parse()).collect::<Result<_, _>>()?,
    };
    Ok(Service {
        role: role.as_str(),
        name: rpcs.first().map(|rpc| rpc.service).with_context(|| format!("the role {role} has no rpcs"))?,
        repeatable: those(|rpc| rpc.no_side_effects && !rpc.streams),
        anonymous: those(|rpc| rpc.auth == Auth::Anonymous),
        places,
    })
}

/// A listener, as somebody on the same machine reaches it.
fn here(listen: SocketAddr) -> Place {
    let ip = if listen.ip().is_unspecified() { IpAddr::V4(Ipv4Addr::LOCALHOST) } else { listen.ip() };
    Place { host: ip.to_string(), port: listen.port(), tls: false }
}

/// Ours without comments, which are most of them and nothing to a proxy; and those of errors, without which the details of a
/// failure cannot be told in JSON, and then nothing of it is.
fn descriptors() -> anyhow::Result<Vec<u8>> {
    let read = |bytes| FileDescriptorSet::decode(bytes).context("the compiled protos cannot be read");
    let mut set = read(proto::DESCRIPTOR_SET)?;
    for file in read(tonic_types::pb::FILE_DESCRIPTOR_SET)?.file {
        if !set.file.iter().any(|ours| ours.name() == file.name()) {
            set.file.push(file);
        }
    }
    for file in &mut set.file {
        file.source_code_info = None;
    }
    Ok(set.encode_to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_runs_here_is_reached_here_and_peers_where_they_are() {
        let mut settings = Settings::default();
        settings.grpc.listen = "0.0.0.0:9190".parse().unwrap();
        settings.peers.gateway = yaml_serde::from_str("[http://gateway-0:9090, http://gateway-1:9090]").unwrap();
        let inputs = of(&settings, &Roles::default()).unwrap();
        let places = |role: &str| {
            let service = inputs.services.iter().find(|service| service.role == role).unwrap();
            service.places.iter().map(|place| format!("{}:{}", place.host, place.port)).collect::<Vec<_>>()
        };
        assert_eq!(places("identity"), ["127.0.0.1:9190"]);
        assert_eq!(places("gateway"), ["gateway-0:9090", "gateway-1:9090"]);
        assert!(inputs.http && inputs.services.len() == 6);
    }

    #[test]
    fn roles_choose_what_is_proxied() {
        let of = |roles: &str| of(&Settings::default(), &roles.parse().unwrap()).unwrap();
        assert!(of("edge").http && of("edge").services.is_empty());
        let identity = of("identity");
        assert!(!identity.http && identity.services.len() == 1);
        let (repeatable, anonymous) = (&identity.services[0].repeatable, &identity.services[0].anonymous);
        assert!(repeatable.contains(&"GetMe") && !repeatable.contains(&"Login") && !repeatable.contains(&"Watch"));
        assert!(anonymous.contains(&"Login") && !anonymous.contains(&"GetMe"));
    }

    #[test]
    fn no_comment_of_the_protos_is_handed_over() {
        let short = descriptors().unwrap();
        assert!(short.len() < proto::DESCRIPTOR_SET.len() / 2);
        let set = FileDescriptorSet::decode(short.as_slice()).unwrap();
        for package in ["perpetuo.gateway.v1", "google.rpc"] {
            assert!(set.file.iter().any(|file| file.package() == package), "{package}");
        }
    }
}

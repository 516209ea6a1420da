//! What may this process call?

use crate::ports::of_url;
use crate::roles::Roles;
use crate::settings::Settings;
use egress::Guard;
use proto::Role;
use std::net::SocketAddr;

/// The guard of this process, which listens on `own`.
pub fn guard(settings: &Settings, roles: &Roles, own: &[SocketAddr]) -> Guard {
    let mut ports: Vec<u16> = own.iter().map(SocketAddr::port).collect();
    let store = |url: &host::config::Secret, default| of_url(url.expose(), default);
    ports.extend(settings.database.url.as_ref().map(|url| store(url, 5432)));
    ports.extend(settings.database.admin_url.as_ref().map(|url| store(url, 5432)));
    ports.extend(settings.redis.url.as_ref().map(|url| store(url, 6379)));
    // The other roles may run on this machine, and so may the listeners that this process does not open.
    ports.extend(Role::ALL.iter().flat_map(|role| settings.peer(*role)).map(|address| of_url(address, 9090)));
    ports.extend([settings.edge.listen, settings.grpc.listen, settings.ops.listen].map(|listen| listen.port()));
    Guard::new(&settings.egress, settings.is_private(roles), ports)
}

#[cfg(test)]
mod tests {
    use super::*;
    use egress::{Purpose, Refused};

    #[test]
    fn a_local_model_server_is_callable_and_our_own_ports_and_stores_are_not() {
        let mut settings = Settings::default();
        settings.database.url = Some("postgres://me:p@127.0.0.1:5433/x".into());
        settings.redis.url = Some("redis://localhost".into());
        settings.peers.identity.0.push("http://127.0.0.1:9190".to_owned());
        let guard = guard(&settings, &Roles::default(), &["127.0.0.1:18080".parse().unwrap()]);
        let call = |port: u16| guard.check_address(SocketAddr::from(([127, 0, 0, 1], port)), Purpose::Provider);
        assert_eq!(call(11434), Ok(()));
        for port in [18080, 8080, 9090, 9091, 5433, 6379, 9190] {
            assert_eq!(call(port), Err(Refused::OwnPort(port)));
        }
    }

    #[test]
    fn with_a_listener_for_other_machines_nothing_local_is_callable() {
        let mut settings = Settings::default();
        settings.edge.listen = "0.0.0.0:8080".parse().unwrap();
        let guard = guard(&settings, &Roles::default(), &[]);
        let ollama = SocketAddr::from(([127, 0, 0, 1], 11434));
        assert_eq!(guard.check_address(ollama, Purpose::Provider), Err(Refused::Loopback));
    }
}

//! Do the settings go together?

use super::Settings;
use crate::roles::Roles;
use anyhow::{bail, ensure};
use std::net::IpAddr;

impl Settings {
    /// Refuses settings that do not go together, in one sentence that says what to set.
    pub fn check(&self, roles: &Roles) -> anyhow::Result<()> {
        if let Some(url) = &self.database.url {
            let scheme = url.expose().split("://").next().unwrap_or_default();
            ensure!(
                matches!(scheme, "postgres" | "postgresql"),
                "database.url (DATABASE_URL) must begin with postgres:// : leave it out to use SQLite under {}",
                self.data_dir.display()
            );
        } else if !roles.is_all() && roles.has_tables() {
            bail!(
                "roles in separate processes need PostgreSQL: set DATABASE_URL (database.url) to a postgres:// URL, \
                 or run all roles in one process"
            );
        }
        ensure!(
            self.database.url.is_some() || self.database.pooler == store::Pooler::None,
            "database.pooler: transaction is for PostgreSQL: set database.url (DATABASE_URL) to the pooler, or leave it out to use SQLite"
        );
        for role in roles.calls() {
            ensure!(
                !self.peer(role).is_empty(),
                "the {role} role does not run in this process: set peers.{} to where it does, such as http://10.0.0.5:9090",
                role.as_str().replace('-', "_")
            );
        }
        ensure!(
            self.edge.efi_client_certificate == edge::ClientCertificate::Off || !self.edge.trusted_proxies.is_empty(),
            "edge.efi_client_certificate: required believes a proxy: set edge.trusted_proxies to where it is"
        );
        self.grpc.tls.check()?;
        self.check_ways(roles)?;
        self.ops.check()?;
        Ok(())
    }

    /// Calls to other machines are protected, or somebody has said that they need not be.
    fn check_ways(&self, roles: &Roles) -> anyhow::Result<()> {
        self.peers.tls.check()?;
        let is_open = !roles.is_all() && roles.has_grpc() && !self.grpc.listen.ip().to_canonical().is_loopback();
        ensure!(
            self.peers.plaintext || !is_open || self.grpc.tls.cert_file.is_some(),
            "grpc.listen: calls to {} could be read on the network: give processes certificates (grpc.tls, peers.tls), or set \
             peers.plaintext: true where the network protects them",
            self.grpc.listen
        );
        for role in roles.calls() {
            let name = role.as_str().replace('-', "_");
            for address in self.peer(role) {
                ensure!(
                    scheme(address) != "https" || self.peers.tls.ca_file.is_some(),
                    "peers.{name}: {address} needs peers.tls.ca_file, the authorities that signed the certificates of peers"
                );
                ensure!(
                    self.peers.plaintext || scheme(address) != "http" || is_here(address),
                    "peers.{name}: calls to {address} could be read on the network: give processes certificates \
                     (grpc.tls, peers.tls) and write https://, or set peers.plaintext: true where the network protects them"
                );
            }
        }
        Ok(())
    }
}

/// How an address begins, whatever its case.
fn scheme(address: &str) -> String {
    address.split("://").next().unwrap_or_default().to_ascii_lowercase()
}

/// Whether an address leads to this machine.
fn is_here(address: &str) -> bool {
    let uri = address.parse::<tonic::transport::Uri>().ok();
    let host = uri.as_ref().and_then(|uri| uri.host()).unwrap_or_default().trim_matches(['[', ']']);
    let is_loopback = |ip: IpAddr| ip.to_canonical().is_loopback();
    host == "localhost" || host.parse().is_ok_and(is_loopback)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(settings: &Settings, roles: &str) -> String {
        let text = settings.check(&roles.parse().unwrap()).unwrap_err().to_string();
        assert!(!text.contains('\n'), "{text}");
        text
    }

    #[test]
    fn the_defaults_run_everything_on_sqlite_for_this_machine_only() {
        let (settings, all) = (Settings::default(), Roles::default());
        settings.check(&all).unwrap();
        assert!(settings.is_embedded(&all) && settings.is_private(&all));
    }

    #[test]
    fn separate_processes_need_postgresql_and_each_other() {
        let mut settings = Settings::default();
        assert!(refusal(&settings, "identity").contains("DATABASE_URL"));
        assert!(refusal(&settings, "edge").contains("peers.workspace"), "the edge keeps no tables, but has peers");
        settings.database.url = Some("postgres://localhost/perpetuo".into());
        assert!(refusal(&settings, "usage-metering,gateway,workspace").contains("peers.identity"));
        settings.peers.workspace = yaml_serde::from_str("http://127.0.0.1:9190").unwrap();
        settings.check(&"identity".parse().unwrap()).unwrap();
    }

    #[test]
    fn certificates_that_a_proxy_verifies_need_a_proxy() {
        let mut settings = Settings::default();
        settings.edge.efi_client_certificate = edge::ClientCertificate::Required;
        assert!(refusal(&settings, "edge").contains("peers.") && refusal(&settings, "all").contains("trusted_proxies"));
        settings.edge.trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
        settings.check(&Roles::default()).unwrap();
    }

    #[test]
    fn calls_to_other_machines_are_protected_unless_somebody_says_that_they_need_not_be() {
        let mut settings = Settings::default();
        settings.database.url = Some("postgres://localhost/perpetuo".into());
        let to = |address: &str| yaml_serde::from_str(address).unwrap();
        for here in ["http://127.0.0.1:9190", "http://localhost:9190", "'http://[::1]:9190'"] {
            settings.peers.workspace = to(here);
            settings.check(&"identity".parse().unwrap()).unwrap();
        }
        settings.peers.workspace = to("http://workspace:9090");
        let refused = refusal(&settings, "identity");
        assert!(refused.contains("peers.plaintext: true") && refused.contains("grpc.tls"), "{refused}");
        settings.peers.plaintext = true;
        settings.check(&"identity".parse().unwrap()).unwrap();
        settings.peers.plaintext = false;
        settings.peers.workspace = to("https://workspace:9090");
        assert!(refusal(&settings, "identity").contains("peers.tls.ca_file"));
        settings.peers.tls.ca_file = Some("ca.crt".into());
        settings.check(&"identity".parse().unwrap()).unwrap();
        settings.peers.tls.key_file = Some("tls.key".into());
        assert!(refusal(&settings, "identity").contains("peers.tls.cert_file"));
        settings.peers.tls.key_file = None;
        settings.grpc.tls.require_client_certificate = true;
        assert!(refusal(&settings, "identity").contains("grpc.tls.client_ca_file"));
    }

    #[test]
    fn another_database_than_postgresql_is_refused_without_repeating_its_password() {
        let mut settings = Settings::default();
        settings.database.url = Some("mysql://root:hunter2@localhost/x".into());
        let refused = refusal(&settings, "all");
        assert!(refused.contains("postgres://") && !refused.contains("hunter2"), "{refused}");
    }

    #[test]
    fn an_operations_port_for_other_machines_needs_a_token() {
        let mut settings = Settings::default();
        settings.ops.listen = "0.0.0.0:9091".parse().unwrap();
        assert!(refusal(&settings, "all").contains("ops.token"));
        settings.ops.token = Some("0123456789abcdef".into());
        settings.check(&Roles::default()).unwrap();
        assert!(!settings.is_private(&Roles::default()));
    }

    #[test]
    fn the_database_password_is_not_printed() {
        let mut settings = Settings::default();
        settings.database.url = Some("postgres://me:hunter2@localhost/x".into());
        assert!(!format!("{settings:?}").contains("hunter2"));
        assert!(!yaml_serde::to_string(&settings).unwrap().contains("hunter2"));
    }
}

//! What follows from the settings.

use super::Settings;
use crate::roles::Roles;
use proto::Role;
use std::path::PathBuf;
use std::time::Duration;
use store::Backend;

impl Settings {
    /// Whether this is the embedded mode: everything in one process, on SQLite.
    pub fn is_embedded(&self, roles: &Roles) -> bool {
        roles.is_all() && self.database.url.is_none()
    }

    /// Where tables are kept.
    pub fn backend(&self) -> Backend {
        match &self.database.url {
            None => Backend::Sqlite { dir: self.data_dir.clone() },
            Some(url) => Backend::Postgres {
                url: url.expose().to_owned(),
                admin_url: self.database.admin_url.as_ref().map(|url| url.expose().to_owned()),
                max_connections: self.database.max_connections,
                pooler: self.database.pooler,
            },
        }
    }

    /// Where keys are kept.
    pub fn keys_dir(&self) -> PathBuf {
        self.keys.dir.clone().unwrap_or_else(|| self.data_dir.join("keys"))
    }

    /// Where the keys are kept with which roles prove who they are.
    pub fn peer_keys_dir(&self) -> PathBuf {
        self.peers.keys_dir.clone().unwrap_or_else(|| self.keys_dir().join("peers"))
    }

    /// Where a role is that this process does not run.
    pub fn peer(&self, role: Role) -> &[String] {
        match role {
            Role::Identity => &self.peers.identity.0,
            Role::Workspace => &self.peers.workspace.0,
            Role::Gateway => &self.peers.gateway.0,
            Role::UsageMetering => &self.peers.usage_metering.0,
            Role::Billing => &self.peers.billing.0,
            Role::AgentEngine => &self.peers.agent_engine.0,
            // Nobody calls the edge.
            Role::Edge => &[],
        }
    }

    /// Whether only people on this machine can reach us.
    pub fn is_private(&self, roles: &Roles) -> bool {
        let edge = !roles.has(Role::Edge) || self.edge.listen.ip().is_loopback();
        let grpc = !roles.has_grpc() || self.grpc.listen.ip().is_loopback();
        edge && grpc && self.ops.listen.ip().is_loopback()
    }

    /// How long running requests may take to finish.
    pub const fn grace(&self) -> Duration {
        Duration::from_secs(self.shutdown.grace_seconds)
    }

    /// How long requests are still accepted after the readiness probe has begun to fail.
    pub fn drain(&self, roles: &Roles) -> Duration {
        let default = if self.is_embedded(roles) { 0 } else { 3 };
        Duration::from_secs(self.shutdown.drain_seconds.unwrap_or(default))
    }

    /// Where a gateway keeps settlements until the ledger has them: where it is told to, or below a data directory that
    /// is there. None in the embedded mode, whose ledger takes them at once, and where there is no such place.
    pub fn spool_dir(&self, roles: &Roles) -> Option<PathBuf> {
        if self.is_embedded(roles) {
            return None;
        }
        let below = || self.data_dir.is_dir().then(|| self.data_dir.join("spool"));
        self.gateway.spool_dir.clone().or_else(below)
    }

    /// Where links in letters lead, without a slash at the end.
    pub fn link_base(&self) -> String {
        let here = || format!("http://{}", self.edge.listen);
        let base = self.mail.link_base.clone().or_else(|| self.edge.public_url.clone()).unwrap_or_else(here);
        base.trim_end_matches('/').to_owned()
    }

    /// Where links in letters lead that the API itself answers, without a slash at the end.
    pub fn api_base(&self) -> String {
        let base = self.edge.public_url.clone().unwrap_or_else(|| self.link_base());
        base.trim_end_matches('/').to_owned()
    }

    /// Whether letters leave this machine with links that lead back to it: nobody has said where people reach us.
    pub fn has_links_to_nowhere(&self, roles: &Roles) -> bool {
        let writes = [Role::Identity, Role::Workspace, Role::UsageMetering].into_iter().any(|role| roles.has(role));
        writes && self.mail.smtp.host.is_some() && self.mail.link_base.is_none() && self.edge.public_url.is_none()
    }

    /// Whether operators of the platform are such only in sessions that have shown a second factor.
    pub fn operators_need_mfa(&self, roles: &Roles) -> bool {
        self.identity.operators_need_mfa.unwrap_or_else(|| !self.is_embedded(roles))
    }

    /// Whether the built-in provider answers.
    pub fn simulator(&self, roles: &Roles) -> bool {
        self.simulator.enabled.unwrap_or_else(|| self.is_embedded(roles))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_that_leave_need_an_address_that_their_links_lead_to() {
        let (all, gateway) = (Roles::default(), "gateway".parse().unwrap());
        let mut settings = Settings::default();
        assert!(!settings.has_links_to_nowhere(&all), "they stay in a folder of this machine");
        settings.mail.smtp.host = Some("mail.example.com".into());
        assert!(settings.has_links_to_nowhere(&all));
        assert!(!settings.has_links_to_nowhere(&gateway), "it writes none");
        assert!(settings.has_links_to_nowhere(&"workspace".parse().unwrap()), "it writes invitations");
        settings.edge.public_url = Some("https://api.example.com".into());
        assert!(!settings.has_links_to_nowhere(&all));
    }

    #[test]
    fn what_is_for_trying_out_is_there_on_ones_own_machine_only() {
        let (all, gateway) = (Roles::default(), "gateway".parse().unwrap());
        let mut settings = Settings::default();
        assert!(settings.simulator(&all) && !settings.operators_need_mfa(&all));
        assert!(!settings.simulator(&gateway) && settings.operators_need_mfa(&gateway));
        settings.database.url = Some("postgres://localhost/perpetuo".into());
        assert!(!settings.simulator(&all) && settings.operators_need_mfa(&all));
        settings.simulator.enabled = Some(true);
        assert!(settings.simulator(&all), "whoever asks for it has it");
        for cluster in ["config/cluster.yaml", "../k8s/base/perpetuo.yaml"] {
            let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(cluster);
            let given: serde_json::Value = yaml_serde::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
            assert_eq!(given["simulator"]["enabled"], false, "{cluster}");
        }
    }

    #[test]
    fn settlements_are_spooled_where_the_ledger_is_elsewhere_and_there_is_a_place() {
        let dir = tempfile::tempdir().unwrap();
        let mut settings = Settings { data_dir: dir.path().to_owned(), ..Settings::default() };
        let (all, gateway) = (Roles::default(), "gateway".parse().unwrap());
        assert_eq!(settings.spool_dir(&all), None, "the embedded ledger takes them at once");
        assert_eq!(settings.spool_dir(&gateway), Some(dir.path().join("spool")));
        settings.gateway.spool_dir = Some("elsewhere".into());
        assert_eq!(settings.spool_dir(&gateway), Some("elsewhere".into()));
        settings.database.url = Some("postgres://localhost/perpetuo".into());
        assert_eq!(settings.spool_dir(&all), Some("elsewhere".into()), "a commit in another process may be late");
        settings.gateway.spool_dir = None;
        settings.data_dir = dir.path().join("none");
        assert_eq!(settings.spool_dir(&gateway), None);
    }
}

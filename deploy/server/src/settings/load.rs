//! Reading the settings from all their sources.

use super::Settings;
use crate::cli::Source;
use host::config::{Layers, environment};
use std::net::SocketAddr;

impl Source {
    /// The settings, and where each of them comes from: defaults < file < environment < flags.
    ///
    /// # Errors
    /// One sentence that names the setting, its source and what it should be.
    pub fn load(&self, listen: Option<SocketAddr>) -> Result<(Settings, Layers), host::config::Error> {
        let mut layers = Layers::new();
        if let Some(file) = &self.config {
            layers = layers.file(file)?;
        }
        layers = layers.environment(&environment());
        if let Some(dir) = &self.data_dir {
            layers = layers.flag("--data-dir", "data_dir", &dir.display().to_string());
        }
        if let Some(address) = listen {
            layers = layers.flag("--listen", "edge.listen", &address.to_string());
        }
        let mut settings: Settings = layers.load()?;
        settings.database.read_url()?;
        Ok((settings, layers))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn shipped(name: &str) -> Settings {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../config").join(name);
        Layers::new().file(&file).unwrap().load().unwrap_or_else(|error| panic!("{error}"))
    }

    #[test]
    fn one_yaml_shows_every_setting_with_its_default() {
        let explain = |settings: &Settings| Layers::new().explain(settings);
        assert_eq!(explain(&shipped("one.yaml")), explain(&Settings::default()));
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../config/one.yaml");
        let layers = Layers::new().file(&file).unwrap();
        let left_out: Vec<_> =
            layers.explain(&Settings::default()).into_iter().filter(|s| s.source.to_string() == "default").collect();
        assert!(left_out.is_empty(), "one.yaml does not show {left_out:?}");
    }

    #[test]
    fn cluster_yaml_serves_each_role_once_it_has_a_database_and_a_token() {
        let mut settings = shipped("cluster.yaml");
        settings.database.url = Some("postgres://localhost/perpetuo".into());
        settings.ops.token = Some("0123456789abcdef".into());
        for role in proto::Role::ALL {
            settings.check(&role.as_str().parse().unwrap()).unwrap();
        }
    }

    #[test]
    fn flags_win_over_the_file() {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../config/one.yaml");
        let source = Source { config: Some(file), data_dir: Some("elsewhere".into()) };
        let (settings, layers) = source.load(Some("127.0.0.1:1234".parse().unwrap())).unwrap();
        assert_eq!((settings.data_dir.to_str(), settings.edge.listen.port()), (Some("elsewhere"), 1234));
        let listen = layers.explain(&settings).into_iter().find(|s| s.path == "edge.listen").unwrap();
        assert!(listen.source.to_string().contains("--listen"), "{listen:?}");
    }
}

//! The URL of the database as a file, which changes while the process runs.

use super::Database;
use host::Tasks;
use host::config::{Error, Secret};
use std::fs;
use std::path::Path;
use std::time::Duration;
use store::Db;

/// How often the file is read again.
const EVERY: Duration = Duration::from_secs(5);

impl Database {
    /// Takes the URL from its file, where there is one. What is set as `url` wins.
    pub(super) fn read_url(&mut self) -> Result<(), Error> {
        if let (None, Some(file)) = (&self.url, &self.url_file) {
            let url = read(file).map_err(|source| Error::File { path: file.display().to_string(), source })?;
            self.url = Some(url);
        }
        Ok(())
    }
}

/// Reads the file again until the process stops, and lets `db` connect by what it says. A file that cannot be read, as in
/// the instant in which it is replaced, changes nothing.
pub fn follow(settings: &Database, db: &Db, tasks: &Tasks) {
    let (Some(file), Some(url)) = (settings.url_file.clone(), settings.url.clone()) else { return };
    let (db, mut known) = (db.clone(), url);
    drop(tasks.every("read database.url_file", EVERY, move || {
        if let Ok(url) = read(&file)
            && url.expose() != known.expose()
        {
            match db.connect_by(url.expose()) {
                Ok(()) => tracing::info!(schema = db.name(), "database.url_file has changed: new connections use it"),
                Err(error) => {
                    tracing::warn!(schema = db.name(), %error, "database.url_file has changed, and is of no use");
                }
            }
            known = url;
        }
        std::future::ready(())
    }));
}

fn read(file: &Path) -> std::io::Result<Secret> {
    fs::read_to_string(file).map(|text| Secret::from(text.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_url_comes_from_its_file_unless_it_is_set() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("url");
        let mut database = Database { url_file: Some(file.clone()), ..Database::default() };
        assert!(database.read_url().unwrap_err().to_string().contains("url"), "it is not there yet");
        fs::write(&file, "postgres://me:hunter2@localhost/x\n").unwrap();
        database.read_url().unwrap();
        assert_eq!(database.url.as_ref().map(Secret::expose), Some("postgres://me:hunter2@localhost/x"));
        database.url = Some("postgres://other".into());
        database.read_url().unwrap();
        assert_eq!(database.url.as_ref().map(Secret::expose), Some("postgres://other"));
    }
}

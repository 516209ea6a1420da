//! Which migrations are missing, and whether those that were applied are ours.

use crate::{Error, Schema, outbox, replay};
use sha2::{Digest as _, Sha256};

/// The line that stands for the table of the outbox.
pub(super) const INCLUDE_OUTBOX: &str = "-- include: outbox";

/// The line that stands for the table of kept answers.
pub(super) const INCLUDE_REPLAY: &str = "-- include: replay";

/// One migration that is to be applied.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Step {
    pub(super) position: i32,
    pub(super) name: &'static str,
    pub(super) text: String,
    pub(super) checksum: String,
}

/// The steps after `applied` (names and checksums, in order).
/// Errors: [`Error::Setup`] when the database is newer, or an applied migration has changed.
pub(super) fn steps(schema: &Schema, sqlite: bool, applied: &[(String, String)]) -> Result<Vec<Step>, Error> {
    let mut steps = all(schema, sqlite);
    for (name, checksum) in applied {
        let Some(step) = steps.iter().find(|s| s.name == name) else {
            return Err(Error::Setup(format!(
                "the database of {} was migrated by a newer release ({name} is not known here): run that release",
                schema.name
            )));
        };
        if step.checksum != *checksum {
            return Err(Error::Setup(format!(
                "migration {}/{name} was changed after it was applied: restore its text and add a new migration instead",
                schema.name
            )));
        }
    }
    steps.retain(|s| !applied.iter().any(|(name, _)| name == s.name));
    Ok(steps)
}

/// Every migration, with what it includes written out.
pub(super) fn all(schema: &Schema, sqlite: bool) -> Vec<Step> {
    let steps = schema.migrations.iter().zip(1..);
    steps
        .map(|(migration, position)| {
            let text = if sqlite { migration.sqlite } else { migration.postgres };
            let text = text
                .replace(INCLUDE_OUTBOX, if sqlite { outbox::SQLITE } else { outbox::POSTGRES })
                .replace(INCLUDE_REPLAY, if sqlite { replay::SQLITE } else { replay::POSTGRES });
            let checksum = hex::encode(Sha256::digest(&text));
            Step { position, name: migration.name, text, checksum }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Migration;

    const ONE: Migration =
        Migration { name: "0001_init", postgres: "create table a ();", sqlite: "create table a (x);" };
    const TWO: Migration =
        Migration { name: "0002_more", postgres: "create table b ();", sqlite: "create table b (x);" };
    const SCHEMA: Schema = Schema { name: "things", migrations: &[ONE, TWO] };

    fn applied(sqlite: bool) -> Vec<(String, String)> {
        all(&SCHEMA, sqlite).into_iter().map(|s| (s.name.to_owned(), s.checksum)).collect()
    }

    #[test]
    fn only_what_is_missing_is_applied() {
        let names = |applied: &[(String, String)]| {
            steps(&SCHEMA, false, applied).map(|s| s.iter().map(|s| s.name).collect::<Vec<_>>()).unwrap()
        };
        assert_eq!(names(&[]), ["0001_init", "0002_more"]);
        assert_eq!(names(&applied(false)[..1]), ["0002_more"]);
        assert!(names(&applied(false)).is_empty());
    }

    #[test]
    fn a_changed_migration_is_refused_by_name() {
        // The checksums of the other database stand for another text.
        let error = steps(&SCHEMA, false, &applied(true)).unwrap_err().to_string();
        assert!(error.contains("things/0001_init was changed"), "{error}");
    }

    #[test]
    fn a_newer_database_is_refused() {
        let older = Schema { name: "things", migrations: &[ONE] };
        let error = steps(&older, false, &applied(false)).unwrap_err().to_string();
        assert!(error.contains("newer release") && error.contains("0002_more"), "{error}");
    }
}

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

/// The steps after `applied` (names and checksums, in order). Those of a newer release beside ours are none of our
/// business: migrations first add, and what they take away the release before does not use any more.
/// Errors: [`Error::Setup`] when one of these has taken away what we use, or an applied migration has changed.
pub(super) fn steps(schema: &Schema, sqlite: bool, applied: &[(String, String)]) -> Result<Vec<Step>, Error> {
    let mut steps = all(schema, sqlite);
    for (name, checksum) in applied {
        let Some(step) = steps.iter().find(|s| s.name == name) else {
            works_beside(schema, &steps, name)?;
            continue;
        };
        if step.checksum != *checksum {
            return Err(Error::Setup(format!(
                "migration {}/{name} was changed after it was applied: restore its text and add a new migration instead",
                schema.name
            )));
        }
    }
    let unknown = applied.iter().find(|(name, _)| !steps.iter().any(|s| s.name == name));
    steps.retain(|s| !applied.iter().any(|(name, _)| name == s.name));
    match (unknown, steps.first()) {
        (Some((theirs, _)), Some(ours)) => Err(Error::Setup(format!(
            "the database of {} has {theirs}, which is not known here, and misses {}: another release made it",
            schema.name, ours.name
        ))),
        _ => Ok(steps),
    }
}

/// Whether a release with these migrations works on a database that has the later one `name` as well.
fn works_beside(schema: &Schema, ours: &[Step], name: &str) -> Result<(), Error> {
    let newest = ours.last().and_then(|step| number(step.name));
    match needs(name) {
        Some(needed) if newest.is_none_or(|newest| newest < needed) => Err(Error::Setup(format!(
            "the database of {} was migrated by a newer release: {name} has taken away what this one uses; run that release",
            schema.name
        ))),
        _ => Ok(()),
    }
}

/// `0013_drop_old_prices_needs_0011` takes away what releases that do not know `0011_…` use.
fn needs(name: &str) -> Option<u32> {
    name.rsplit_once("_needs_").and_then(|(_, number)| number.parse().ok())
}

fn number(name: &str) -> Option<u32> {
    name.split('_').next()?.parse().ok()
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

    fn with(later: &[&str]) -> Vec<(String, String)> {
        let later = later.iter().map(|name| ((*name).to_owned(), "of a text that nobody here knows".to_owned()));
        applied(false).into_iter().chain(later).collect()
    }

    #[test]
    fn a_release_works_beside_the_next_one_until_something_is_taken_away_that_it_uses() {
        assert!(steps(&SCHEMA, false, &with(&["0003_adds"])).unwrap().is_empty());
        assert!(steps(&SCHEMA, false, &with(&["0003_adds", "0004_drops_a_needs_0002"])).unwrap().is_empty());
        let error = steps(&SCHEMA, false, &with(&["0003_adds", "0004_drops_a_needs_0003"])).unwrap_err().to_string();
        assert!(error.contains("newer release") && error.contains("0004_drops_a_needs_0003"), "{error}");
    }

    #[test]
    fn what_two_releases_have_made_of_the_same_beginning_is_refused() {
        let mut other = with(&["0002_other"]);
        other.remove(1);
        let error = steps(&SCHEMA, false, &other).unwrap_err().to_string();
        assert!(error.contains("0002_other") && error.contains("misses 0002_more"), "{error}");
    }
}

//! Does the journal of an embedded process hold what the tables do not?

use crate::{Error, commit::position};
use std::path::Path;
use store::{Db, journal};

/// Records below the data directory that are not folded yet: a running server folds them at once, the next start does
/// otherwise. Errors: the journal or the database cannot be read.
pub async fn unfolded(db: &Db, data_dir: &Path) -> Result<u64, Error> {
    let last = journal::last(&data_dir.join("ledger")).map_err(Error::Journal)?;
    Ok(last.unwrap_or(0).saturating_sub(position(db).await?))
}

//! Gives the place for an answer back.

use super::place::Place;
use crate::{Workspace, error::Error};
use proto::workspace::{ReleaseAnswerRequest, ReleaseAnswerResponse};
use store::{WorkspaceTx, sql};

/// Gives it back, unless somebody else has it by now.
pub(crate) async fn release(
    service: &Workspace,
    request: ReleaseAnswerRequest,
) -> Result<ReleaseAnswerResponse, Error> {
    let place = Place::read(request.place)?;
    let mut tx = WorkspaceTx::begin(&service.db, place.workspace).await?;
    tx.execute(sql!("answer/release"), &place.held()).await?;
    tx.commit().await?;
    Ok(ReleaseAnswerResponse {})
}

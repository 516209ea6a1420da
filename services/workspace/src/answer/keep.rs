//! Keeps an answer in the place that was taken for it.

use super::place::Place;
use crate::{Workspace, credential::seal, error::Error};
use proto::workspace::{KeepAnswerRequest, KeepAnswerResponse};
use store::{WorkspaceTx, replay, sql};

/// Keeps it, unless somebody else has the place by now.
pub(crate) async fn keep(service: &Workspace, request: KeepAnswerRequest) -> Result<KeepAnswerResponse, Error> {
    let place = Place::read(request.place)?;
    let mut tx = WorkspaceTx::begin(&service.db, place.workspace).await?;
    let sealer = seal::sealer(service, &mut tx).await?;
    let until = service.clock.now() + replay::KEPT;
    let mut values = place.held().to_vec();
    values.extend([place.seal(&sealer, &request.answer).into(), until.into()]);
    tx.execute(sql!("answer/keep"), &values).await?;
    tx.commit().await?;
    Ok(KeepAnswerResponse {})
}

//! Which models have no price?

use super::Period;
use crate::Error;
use proto::{
    id::WorkspaceId,
    usage::{ListUnpricedResponse, Units, UnpricedModel},
};
use store::{Db, Sql, WorkspaceTx, sql};

const UNPRICED: Sql = sql!("usage/unpriced");

store::row! {
    struct UnpricedRow {
        provider: String,
        model: String,
        attempts: i64,
        input_tokens: i64,
        output_tokens: i64,
        images: i64,
        audio_ms: i64,
        characters: i64,
        searches: i64,
    }
}

/// Most used first. Errors: `SERVICE_UNAVAILABLE`.
pub(crate) async fn list_unpriced(
    db: &Db,
    workspace: WorkspaceId,
    period: Period,
) -> Result<ListUnpricedResponse, Error> {
    let mut tx = WorkspaceTx::read(db, workspace).await?;
    let values = [workspace.into(), period.from.into(), period.to.into()];
    let rows: Vec<UnpricedRow> = tx.fetch_all(UNPRICED, &values).await?;
    let model = |row: UnpricedRow| UnpricedModel {
        provider: row.provider,
        model: row.model,
        attempts: row.attempts,
        input_tokens: row.input_tokens,
        output_tokens: row.output_tokens,
        units: Some(Units {
            images: row.images,
            audio_ms: row.audio_ms,
            characters: row.characters,
            searches: row.searches,
            ..Units::default()
        }),
    };
    Ok(ListUnpricedResponse { models: rows.into_iter().map(model).collect() })
}

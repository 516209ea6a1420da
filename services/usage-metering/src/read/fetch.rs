//! How are the pieces of a period read?

use super::{
    Period,
    piece::{Grid, Piece, Source, micros, up},
    sums::SumRow,
};
use crate::{config::Retention, service::Inner};
use chrono::{DateTime, TimeDelta, Utc};
use proto::{id::WorkspaceId, usage::UsageDimension};
use store::{Sql, Value, WorkspaceTx, sql};

const SPANS: Sql = sql!(pair "usage/spans");
const QUARTERS: Sql = sql!(pair "usage/quarters");
const MINUTES: Sql = sql!(pair "usage/minutes");
const LEDGER: Sql = sql!(pair "usage/ledger");

/// What to read of a workspace.
#[derive(Clone, Copy)]
pub(crate) struct Question {
    pub workspace: WorkspaceId,
    pub by: UsageDimension,
    /// Since when there are minutes.
    pub minutes_since: DateTime<Utc>,
}

impl Inner {
    /// What to read of a workspace now.
    pub fn question(&self, workspace: WorkspaceId, by: UsageDimension) -> Question {
        // An hour less than they are kept, so that none of them is removed while they are read.
        let horizon = Retention::horizon(self.config.retention.minutes_days, self.clock.now());
        let minutes_since =
            horizon.map_or(DateTime::UNIX_EPOCH, |at| up(at + TimeDelta::hours(1), TimeDelta::minutes(1)));
        Question { workspace, by, minutes_since }
    }
}

impl Question {
    /// Sums over a period in steps of a grid. There may be several rows for the same step and value.
    /// Errors: why a statement failed.
    pub(super) async fn read(
        &self,
        tx: &mut WorkspaceTx,
        period: Period,
        grid: Grid,
        coarsest: Source,
    ) -> Result<Vec<SumRow>, store::Error> {
        let mut rows = vec![];
        for piece in super::piece::pieces(period.from, period.to, coarsest, self.minutes_since) {
            let (sql, values) = self.statement(piece, grid);
            rows.append(&mut tx.fetch_all(sql, &values).await?);
        }
        Ok(rows)
    }

    /// The statement that reads a piece, and its values.
    pub(super) fn statement(&self, piece: Piece, grid: Grid) -> (Sql, Vec<Value>) {
        let mut values: Vec<Value> = vec![
            self.workspace.into(),
            piece.from.into(),
            piece.to.into(),
            grid.origin.into(),
            micros(grid.width).into(),
            name(self.by).into(),
        ];
        let sql = match piece.source {
            Source::Days | Source::Hours => {
                values.push(if piece.source == Source::Days { "day" } else { "hour" }.into());
                values.push(face(self.by).into());
                SPANS
            }
            Source::Quarters => QUARTERS,
            Source::Minutes => MINUTES,
            Source::Ledger => {
                let period = Period { from: piece.from, to: piece.to };
                values.push(period.least_id().into());
                values.push(period.beyond_id().into());
                LEDGER
            }
        };
        (sql, values)
    }
}

/// As the statements know it.
const fn name(by: UsageDimension) -> &'static str {
    match by {
        UsageDimension::Unspecified => "",
        UsageDimension::Provider => "provider",
        UsageDimension::Model => "model",
        UsageDimension::ApiKey => "api_key",
        UsageDimension::User => "user",
        UsageDimension::Team => "team",
    }
}

/// The side of `usage_spans` that shows it, with the fewest rows.
const fn face(by: UsageDimension) -> &'static str {
    match by {
        UsageDimension::Unspecified => "plan",
        UsageDimension::Provider | UsageDimension::Model => "model",
        UsageDimension::ApiKey | UsageDimension::User | UsageDimension::Team => "caller",
    }
}

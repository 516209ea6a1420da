//! What was used that is no tokens, as bodies show it.

use proto::usage::Units;
use serde::Serialize;
use utoipa::ToSchema;

/// What was used that providers may bill by something else than tokens.
#[derive(Serialize, ToSchema)]
#[schema(as = Units)]
pub(super) struct UnitsBody {
    /// Pictures that were made.
    images: i64,
    /// Milliseconds of sound that was transcribed.
    audio_ms: i64,
    /// Characters that were spoken.
    characters: i64,
    /// Search units of reranking.
    searches: i64,
}

impl From<Option<Units>> for UnitsBody {
    fn from(units: Option<Units>) -> Self {
        let Units { images, audio_ms, characters, searches, .. } = units.unwrap_or_default();
        Self { images, audio_ms, characters, searches }
    }
}

//! When two requests mean the same, as people write it.

use proto::routing::{Semantic, Shared};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Requests that differ in nothing but how the last message is put get the same answer (`x-perpetuo-cache: similar`). Their
/// embeddings have to be close, and numbers, dates, names and negations the same.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RoutingSemanticCache)]
pub(super) struct SemanticBody {
    /// A model for embeddings, as a request would name it. Its calls are admitted and metered like every other, as
    /// `embeddings.cache`.
    #[schema(example = "openai/text-embedding-3-small")]
    model: String,
    /// How close, as the cosine of two embeddings, from 0.5 to 1. Default: 0.95. What is right depends on the model.
    #[serde(default)]
    threshold: Option<f64>,
    /// Default: caller.
    #[serde(default)]
    shared: Option<SharedBody>,
}

/// Who gets an answer that somebody else was given. `caller`: the same API key (or person) with the same `user`.
/// `workspace`: everybody in the workspace.
#[derive(Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = RoutingSemanticShared)]
enum SharedBody {
    Caller,
    Workspace,
}

impl From<SemanticBody> for Semantic {
    fn from(body: SemanticBody) -> Self {
        let shared = match body.shared {
            None => Shared::Unspecified,
            Some(SharedBody::Caller) => Shared::Caller,
            Some(SharedBody::Workspace) => Shared::Workspace,
        };
        // Zero stands for what is not set; one that somebody wrote is refused as any that is too low.
        let threshold = body.threshold.map_or(0.0, |threshold| if threshold == 0.0 { -1.0 } else { threshold });
        Self { model: body.model, threshold, shared: shared.into() }
    }
}

impl From<Semantic> for SemanticBody {
    fn from(semantic: Semantic) -> Self {
        let shared = match semantic.shared() {
            Shared::Unspecified => None,
            Shared::Caller => Some(SharedBody::Caller),
            Shared::Workspace => Some(SharedBody::Workspace),
        };
        let threshold = Some(semantic.threshold).filter(|threshold| *threshold != 0.0);
        Self { model: semantic.model, threshold, shared }
    }
}

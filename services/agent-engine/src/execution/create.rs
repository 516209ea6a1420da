//! A new execution: durable, with its plan and its first event, before anybody hears of it.

use super::{brief, get, get::shown};
use crate::{
    Error,
    domain::{depth::Depth, locale::Locale},
    estimate,
    journal::{self, Event},
    plan,
    service::Inner,
};
use proto::{
    Reason,
    engine::{self as pb, CreateExecutionRequest, CreateExecutionResponse},
};
use serde_json::json;
use std::sync::Arc;
use store::{GlobalTx, sql};

/// The longest title of a list.
const HEADLINE: usize = 160;

/// Errors: `INVALID_ARGUMENT`, `REFUSED_VALUE`, the database failed.
pub(crate) async fn create(
    inner: &Arc<Inner>,
    request: CreateExecutionRequest,
) -> Result<CreateExecutionResponse, Error> {
    let id = super::id(&request.execution_id)?;
    let depth = depth(request.depth())?;
    let locale = Locale::parse(&request.locale).ok_or_else(|| refused("locale", "must be pt-BR or en"))?;
    let is_named = (1..=200).contains(&request.model.chars().count());
    if !is_named {
        return Err(refused("model", "must have 1 to 200 characters"));
    }
    let brief = brief::brief(request.brief.unwrap_or_default(), locale)?;
    let plan = plan::make(depth, locale);
    let estimate = estimate::estimate(inner, &plan, depth, &request.model).await?;
    let now = inner.clock.now();
    let mut tx = GlobalTx::begin(&inner.db).await?;
    for (hash, text) in plan::referred(depth, locale) {
        tx.execute(sql!("text/keep"), &[hash.into(), text.into()]).await?;
    }
    let values = [
        id.into(),
        request.budget_token.into(),
        serde_json::to_string(&brief)?.into(),
        depth.as_str().into(),
        locale.as_str().into(),
        request.model.as_str().into(),
        serde_json::to_string(&plan)?.into(),
        request.interactive.into(),
        title(&brief.problem_description).into(),
        estimate.seconds.into(),
        estimate.seconds_p90.into(),
        now.into(),
    ];
    let is_new = tx.execute(sql!("execution/insert"), &values).await? > 0;
    if is_new {
        let data = json!({"analysis_depth": depth, "estimated_duration_seconds": estimate.seconds});
        journal::write_event(&mut tx, id, 1, &[Event::new("execution.queued", data)], now).await?;
    }
    let row = get::row(&mut tx, id).await?.ok_or(Error::NotFound)?;
    tx.commit().await?;
    inner.wake.notify_one();
    Ok(CreateExecutionResponse { execution: Some(shown(row)?), existed: !is_new })
}

fn depth(depth: pb::Depth) -> Result<Depth, Error> {
    match depth {
        pb::Depth::Quick => Ok(Depth::Quick),
        pb::Depth::Standard => Ok(Depth::Standard),
        pb::Depth::Deep => Ok(Depth::Deep),
        pb::Depth::Unspecified => Err(refused("depth", "is required")),
    }
}

fn refused(field: &str, problem: &str) -> Error {
    Error::Refused(Reason::RefusedValue.with("the execution cannot be made").field(field, problem))
}

/// The first sentence, or as much of it as fits.
fn title(description: &str) -> String {
    let line = description.split_whitespace().collect::<Vec<_>>().join(" ");
    let end = line.find(". ").map_or(line.len(), |at| at + 1);
    let sentence = &line[..end];
    if sentence.chars().count() <= HEADLINE {
        return sentence.to_owned();
    }
    let cut: String = sentence.chars().take(HEADLINE - 1).collect();
    format!("{}…", cut.trim_end())
}

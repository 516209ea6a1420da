//! Coming back to a kept response: as it was answered, what it was made from, and erasing it.

use super::{Content, conversation::opened, events, items, open, own_call};
use crate::{Error, service::Inner};
use bytes::Bytes;
use prost::Message as _;
use proto::{
    Call,
    gateway::{
        DeleteResponseRequest, DeleteResponseResponse, GetResponseRequest, GetResponseResponse,
        ListResponseInputRequest, ListResponseInputResponse,
    },
    workspace,
};
use serde_json::Value;
use tonic::Status;

/// Items of a page: OpenAI's numbers.
const USUAL: i32 = 20;
const MOST: i32 = 100;

/// Errors: `NOT_FOUND`.
pub(crate) async fn get(
    gateway: &Inner,
    call: &Call,
    request: GetResponseRequest,
) -> Result<GetResponseResponse, Status> {
    let kept = open(gateway, call.workspace()?, call.request_id, &request.response_id, false).await?;
    let kept = kept.last().ok_or_else(|| Error::Kept(request.response_id.clone()))?;
    let damaged = || Error::Kept(request.response_id.clone());
    let content = Content::decode(kept.content.clone()).map_err(|_| damaged())?;
    if !request.stream {
        return Ok(GetResponseResponse { response: content.response });
    }
    let all = if content.is_streamed && !content.events.is_empty() {
        content.events
    } else if content.is_streamed && request.starting_after.is_some() {
        let problem =
            "cannot be given: so much was streamed that the events were not kept. Without it you get all that was said";
        return Err(Error::field("starting_after", problem).into());
    } else {
        events::of(&content.response).ok_or_else(damaged)?
    };
    let response = match request.starting_after {
        Some(number) => events::after(all, number).ok_or_else(damaged)?,
        None => all,
    };
    Ok(GetResponseResponse { response })
}

/// Errors: `NOT_FOUND`; `INVALID_ARGUMENT` for a page that cannot be.
pub(crate) async fn list_input(
    gateway: &Inner,
    call: &Call,
    request: ListResponseInputRequest,
) -> Result<ListResponseInputResponse, Status> {
    let limit = match request.limit {
        0 => USUAL,
        limit @ 1..=MOST => limit,
        _ => return Err(Error::field("limit", format!("must be from 1 to {MOST}")).into()),
    };
    let kept = open(gateway, call.workspace()?, call.request_id, &request.response_id, true).await?;
    let mut all = vec![];
    for (n, response) in kept.iter().enumerate() {
        let (input, output, _) = opened(response)?;
        all.extend(input);
        // The last one's output is what was made from all this.
        if n + 1 < kept.len() {
            all.extend(items::shown(output, response.response_id.trim_start_matches("resp_")));
        }
    }
    if !request.ascending {
        all.reverse();
    }
    let from = match request.after.as_str() {
        "" => 0,
        after => {
            let place = all.iter().position(|item| item["id"] == after);
            1 + place.ok_or_else(|| Error::field("after", "must be the id of one of the items"))?
        }
    };
    let rest = all.get(from..).unwrap_or_default();
    let page = rest.get(..usize::try_from(limit).unwrap_or_default()).unwrap_or(rest);
    let id = |item: Option<&Value>| item.and_then(|item| item["id"].as_str()).unwrap_or_default().to_owned();
    Ok(ListResponseInputResponse {
        first_id: id(page.first()),
        last_id: id(page.last()),
        has_more: page.len() < rest.len(),
        items: page.iter().map(|item| Bytes::from(item.to_string())).collect(),
    })
}

/// Errors: `NOT_FOUND`.
pub(crate) async fn delete(
    gateway: &Inner,
    call: &Call,
    request: DeleteResponseRequest,
) -> Result<DeleteResponseResponse, Status> {
    let workspace = call.workspace()?;
    let ask =
        workspace::DeleteResponseRequest { workspace_id: workspace.to_string(), response_id: request.response_id };
    gateway.workspaces.delete_response(&own_call(workspace, call.request_id), ask).await?;
    Ok(DeleteResponseResponse {})
}

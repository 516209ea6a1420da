//! Where would the last requests have gone under other routing settings?

use crate::{
    Error,
    allowed::ANY,
    cache::{prices::Seller, routing::Routing},
    plan::{Candidate, Choice, Taste},
    route::{health::Healths, policy::Policy},
    service::Inner,
};
use proto::{
    Call, Reason,
    gateway::{DryRunRoutingRequest, DryRunRoutingResponse, Place, Replay, Share},
    id::{RequestId, WorkspaceId},
    routing::Settings,
    usage::{ListLogsRequest, RequestLog},
    workspace::CheckRoutingRequest,
};
use std::{collections::BTreeMap, sync::Arc};
use tonic::Status;

/// How many requests are replayed where nobody says it, and at most.
const USUAL: i32 = 100;
const MOST: i32 = 1_000;
/// Logs that are read at once.
const PAGE: i32 = 200;

/// Replays the last requests of the call's workspace. No provider is called, and what providers did of late does not
/// count, so that the same question has the same answer. Errors: `REFUSED_VALUE` for settings that could not be kept.
pub(crate) async fn dry_run(
    gateway: &Arc<Inner>,
    call: &Call,
    request: DryRunRoutingRequest,
) -> Result<DryRunRoutingResponse, Status> {
    let workspace = call.workspace()?;
    let last = if request.last == 0 { USUAL } else { request.last };
    if !(1..=MOST).contains(&last) {
        let refused = Reason::RefusedValue.with(format!("last must be from 1 to {MOST}"));
        return Err(refused.field("last", format!("must be from 1 to {MOST}")).into());
    }
    let proposed = request.routing.unwrap_or_default();
    gateway.workspaces.check_routing(call, CheckRoutingRequest { routing: Some(proposed.clone()) }).await?;
    let routing = gateway.routings.load(workspace, call.request_id).await?;
    let logs = logs(gateway, call, last).await?;
    let models = logs.iter().map(|log| log.requested_model.as_str());
    let then = Planner { gateway, routing: &routing, settings: &proposed, healths: Healths::new(), workspace };
    let now = Planner { settings: &routing.settings, healths: Healths::new(), ..then };
    for planner in [&then, &now] {
        planner.learn_prices(models.clone()).await;
    }
    Ok(compared(logs.iter().map(|log| (log, now.plan(log), then.plan(log)))))
}

/// Requests that asked for a model, newest first.
async fn logs(gateway: &Inner, call: &Call, last: i32) -> Result<Vec<RequestLog>, Status> {
    let wanted = usize::try_from(last).unwrap_or(0);
    let (mut logs, mut page_token) = (vec![], String::new());
    loop {
        let ask = ListLogsRequest { page_size: PAGE, page_token, ..ListLogsRequest::default() };
        let page = gateway.usage.list_logs(call, ask).await?;
        logs.extend(page.logs.into_iter().filter(|log| !log.requested_model.is_empty()));
        page_token = page.next_page_token;
        if logs.len() >= wanted || page_token.is_empty() {
            logs.truncate(wanted);
            return Ok(logs);
        }
    }
}

/// Plans with one of both settings.
struct Planner<'a> {
    gateway: &'a Inner,
    routing: &'a Routing,
    settings: &'a Settings,
    /// Nothing is known of any provider.
    healths: Healths,
    workspace: WorkspaceId,
}

impl Planner<'_> {
    /// In their order; empty where nobody serves the model.
    fn plan(&self, log: &RequestLog) -> Vec<Candidate> {
        let Ok(id) = log.id.parse::<RequestId>() else { return vec![] };
        let policy = Policy::new(&self.settings.policy_of(&log.requested_model), &self.gateway.config);
        let price = |candidate: &Candidate| {
            let seller = Seller::of(&candidate.provider);
            let quote = self.gateway.quotes.known(self.workspace, seller, &candidate.model);
            let known = quote.map(|quote| quote.bound(log.input_tokens, log.output_tokens));
            if candidate.provider.free { Some(0) } else { known }
        };
        let taste = Taste { strategy: policy.strategy, pinned: None, healths: &self.healths, price: &price };
        self.choice().plan(&log.requested_model, &taste, id.uuid()).unwrap_or_default()
    }

    fn choice(&self) -> Choice<'_> {
        Choice { settings: self.settings, healths: &self.healths, ..Choice::of(self.gateway, self.routing, &ANY) }
    }

    /// Prices decide where cost does, so here they are waited for.
    async fn learn_prices<'b>(&self, models: impl Iterator<Item = &'b str>) {
        let mut keys = vec![];
        for model in models.collect::<std::collections::BTreeSet<_>>() {
            let plain = Taste::plain(&self.healths);
            let planned: Result<_, Error> = self.choice().plan(model, &plain, uuid::Uuid::nil());
            let all = planned.unwrap_or_default().into_iter();
            keys.extend(all.map(|c| (self.workspace, Seller::of(&c.provider), c.model)));
        }
        keys.sort();
        keys.dedup();
        for some in keys.chunks(crate::cache::prices::MOST_ASKED) {
            // Without prices the order by cost is that by weight, as it would be for requests.
            if let Err(status) = self.gateway.quotes.ask(self.workspace, self.routing.currency.clone(), some).await {
                tracing::debug!(error = status.message(), "prices for a dry run are not known");
            }
        }
    }
}

/// What each request would have done, and how many would have gone where.
fn compared<'a>(all: impl Iterator<Item = (&'a RequestLog, Vec<Candidate>, Vec<Candidate>)>) -> DryRunRoutingResponse {
    let mut answer = DryRunRoutingResponse::default();
    let mut shares: BTreeMap<(String, String), (i32, i32)> = BTreeMap::new();
    for (log, now, then) in all {
        let (now, then): (Vec<_>, Vec<_>) = (now.iter().map(place).collect(), then.iter().map(place).collect());
        let key = |places: &[Place]| places.first().map(|p| (p.provider.clone(), p.model.clone())).unwrap_or_default();
        shares.entry(key(&now)).or_default().0 += 1;
        shares.entry(key(&then)).or_default().1 += 1;
        answer.changed += i32::from(key(&now) != key(&then));
        answer.requests.push(Replay {
            request_id: log.id.clone(),
            created_at: log.created_at,
            requested_model: log.requested_model.clone(),
            logged: Some(Place { provider: log.provider.clone(), model: log.model.clone() }),
            outcome: log.outcome.clone(),
            now,
            then,
        });
    }
    answer.shares = shares
        .into_iter()
        .map(|((provider, model), (now, then))| Share { place: Some(Place { provider, model }), now, then })
        .collect();
    answer
}

fn place(candidate: &Candidate) -> Place {
    Place { provider: candidate.provider.name.clone(), model: candidate.model.clone() }
}

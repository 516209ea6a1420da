//! Which models can a caller call now?

use crate::{
    Error,
    allowed::Permit,
    limits::Terms,
    plan::{Candidate, Choice, Taste},
    provider::{Listed, Provider, fault::Fault, simulator},
    service::Inner,
    settlement::Settlement,
    ticket::{End, Ticket},
};
use futures::future::join_all;
use proto::{
    Call, Failure,
    gateway::{GetModelResponse, ListModelsResponse, Model},
    routing::PLATFORM,
    time,
    usage::{AdmitRequest, Outcome},
};
use std::{collections::HashSet, sync::Arc, time::Duration};
use tonic::Status;
use uuid::Uuid;

/// When a model was created of which nobody says when: 1 January 2024.
const CREATED: i64 = 1_704_067_200;
const OPERATION: &str = "models";
/// Who owns a virtual model.
const ALIAS: &str = "alias";
/// How many providers are asked for one list: a request has no more attempts.
const MOST_ASKED: usize = 64;

pub(crate) async fn list(gateway: &Arc<Inner>, call: &Call) -> Result<ListModelsResponse, Status> {
    let routing = gateway.routings.get(call.workspace()?, call.request_id).await?;
    let ticket = Arc::new(Ticket::new(gateway, call, call.workspace()?, OPERATION));
    let permit = Permit::of(gateway, call, call.workspace()?).await?;
    let allowed = permit.allowed();
    let choice = Choice::of(gateway, &routing, allowed);
    let all: Vec<_> = routing.providers.iter().chain(choice.platform()).collect();
    let open: Vec<_> = all.iter().copied().filter(|p| p.takes_any_model).collect();
    let terms = Terms::unlimited(call, routing.clone());
    let mut answers = offered(&ticket, open, &terms).await.into_iter();
    let mut models = Vec::new();
    for provider in all {
        let called = |name: &str| if provider.is_platform() { platform_name(&choice, name) } else { name.to_owned() };
        if provider.takes_any_model {
            // A provider that cannot say what it has now is left out of the list; it can still be called.
            let listed = answers.next().and_then(Result::ok).unwrap_or_default();
            let listed = listed.iter().filter(|m| allowed.covers(provider, &m.id));
            models.extend(listed.map(|m| model(called(&m.id), &provider.name, m.created)));
        } else if provider.models.is_empty() {
            let names = simulator::model_names().filter(|m| allowed.covers(provider, m));
            models.extend(names.map(|m| model(format!("{}/{m}", provider.name), &provider.name, 0)));
        } else {
            let names = provider.models.iter().filter(|m| allowed.covers(provider, m));
            models.extend(names.map(|m| model(called(m), &provider.name, 0)));
        }
    }
    if let Some(built_in) = &gateway.simulator {
        let names = simulator::model_names().filter(|m| allowed.covers(built_in, m));
        models.extend(names.map(|m| model(format!("{}/{m}", simulator::NAME), &built_in.name, 0)));
    }
    let mut seen = HashSet::new();
    // An alias goes before every other meaning of its name.
    let aliases = routing.settings.aliases.keys().filter(|alias| choice.serves(alias));
    models.splice(0..0, aliases.map(|alias| model(alias.clone(), ALIAS, 0)).collect::<Vec<_>>());
    models.retain(|m| seen.insert(m.id.clone()));
    Ok(ListModelsResponse { models })
}

pub(crate) async fn get(gateway: &Arc<Inner>, call: &Call, name: &str) -> Result<GetModelResponse, Status> {
    let routing = gateway.routings.get(call.workspace()?, call.request_id).await?;
    let plain = Taste::plain(&gateway.healths);
    let permit = Permit::of(gateway, call, call.workspace()?).await?;
    let candidates = Choice::of(gateway, &routing, permit.allowed()).plan(name, &plain, call.request_id.uuid())?;
    if routing.settings.aliases.contains_key(name) {
        return Ok(GetModelResponse { model: Some(model(name.to_owned(), ALIAS, 0)) });
    }
    let sure = candidates.iter().find(|c| !c.provider.takes_any_model);
    if let Some(candidate) = sure {
        return Ok(GetModelResponse { model: Some(model(name.to_owned(), &candidate.provider.name, 0)) });
    }
    let ticket = Arc::new(Ticket::new(gateway, call, call.workspace()?, OPERATION));
    let terms = Terms::unlimited(call, routing.clone());
    let answers = offered(&ticket, candidates.iter().map(|c| &c.provider).collect(), &terms).await;
    for (Candidate { provider, model: wanted, .. }, answer) in candidates.iter().zip(answers) {
        let created = match answer {
            Ok(listed) => listed.iter().find(|m| m.id == *wanted).map(|m| m.created),
            // Who takes any model and does not say which it has may have this one.
            Err(_) => Some(0),
        };
        if let Some(created) = created {
            return Ok(GetModelResponse { model: Some(model(name.to_owned(), &provider.name, created)) });
        }
    }
    Err(Error::ModelNotFound { model: name.to_owned(), close: vec![] }.into())
}

/// How a model of the platform is called: by its name, unless that leads to a provider of the workspace.
fn platform_name(choice: &Choice<'_>, name: &str) -> String {
    let planned = choice.plan(name, &Taste::plain(choice.healths), Uuid::nil()).unwrap_or_default();
    match planned.first() {
        Some(first) if first.provider.is_platform() => name.to_owned(),
        _ => format!("{PLATFORM}/{name}"),
    }
}

fn model(id: String, owner: &str, created: i64) -> Model {
    Model { id, owned_by: owner.to_owned(), created: if created == 0 { CREATED } else { created } }
}

/// What each of these providers says it has: from memory, or by asking all others at once.
async fn offered(
    ticket: &Arc<Ticket>,
    providers: Vec<&Arc<Provider>>,
    terms: &Terms,
) -> Vec<Result<Arc<[Listed]>, Fault>> {
    let keep = Duration::from_secs(ticket.gateway.config.models_cache_seconds);
    let known: Vec<_> = providers.iter().map(|p| p.remembered(keep)).collect();
    let last = known.iter().filter(|k| k.is_none()).count();
    let mut attempt = 0;
    let answers = providers.into_iter().zip(known).map(|(provider, known)| {
        attempt += usize::from(known.is_none());
        let number = attempt;
        async move {
            match known {
                Some(known) => Ok(known),
                None if number > MOST_ASKED => Err(Fault::malformed("nobody asked")),
                None => {
                    let is_last = number == last.min(MOST_ASKED);
                    ask(ticket, provider, terms, number, is_last).await.map(|models| provider.remember(models))
                }
            }
        }
    });
    join_all(answers).await
}

/// Asks a provider for its models, admitted and settled like everything that reaches a provider.
pub(crate) async fn ask(
    ticket: &Arc<Ticket>,
    provider: &Arc<Provider>,
    terms: &Terms,
    attempt: usize,
    is_last: bool,
) -> Result<Vec<Listed>, Fault> {
    let gateway = &ticket.gateway;
    let timers = gateway.config.metadata_timers();
    let request = AdmitRequest {
        subject: Some(ticket.subject.clone()),
        attempt: i32::try_from(attempt).unwrap_or(i32::MAX),
        instance_id: gateway.instance.clone(),
        provider: provider.name.clone(),
        provider_kind: provider.kind.to_owned(),
        provider_id: provider.id.clone(),
        expires_at: Some(time::to_proto(gateway.clock.now() + timers.total + Duration::from_secs(60))),
        // Metadata uses no tokens, and no provider charges for it.
        free: true,
        ..terms.admission(provider)
    };
    let admitted = Settlement::admit(ticket, provider, request).await;
    let (mut settlement, _) = admitted.map_err(|status| {
        let failure = Failure::from(&status);
        Fault::new(crate::provider::fault::Kind::Unreachable(failure.message))
    })?;
    let answer = tokio::time::timeout(timers.total, provider.dialect.models(timers)).await;
    let answer = answer.unwrap_or_else(|_| Err(egress::Error::Timeout(egress::Phase::Total).into()));
    match &answer {
        Ok(_) => {
            settlement.meter.status = 200;
            if is_last { settlement.completed(200) } else { settlement.part() }
        }
        Err(fault) => {
            settlement.meter.status = fault.status;
            // The list is answered all the same, without this provider's part.
            let end = End { outcome: Outcome::Completed, status: 200, code: "", message: String::new() };
            settlement.failed(fault, is_last.then_some(&end))
        }
    };
    answer
}

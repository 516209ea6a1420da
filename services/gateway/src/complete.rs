//! One inference: read the request, plan, run the attempts, answer with a head and the data.

use crate::{
    Error,
    allowed::{ANY, Permit},
    answers::{
        Keep,
        claim::{self, Found, KeptAnswer},
        key,
        similar::THRESHOLD,
        tail,
    },
    aside::Source,
    cache::{prices::Seller, routing::Routing},
    cached, fallback,
    fallback::Answer,
    guard::{self, Guards},
    limits::Terms,
    operation::Operation,
    pivot::{self, Origin, Pivot},
    plan::{Candidate, Choice, Taste},
    route::{
        owner,
        policy::Policy,
        trail::{Known, Priced, Trail},
    },
    run::{Asked, CacheUse, Planned, Run, Similar},
    service::Inner,
    shadow,
    stored::{self, Stored},
    stream::{
        lasting::{self, Lasting},
        late::{Late, Work},
        relay::Relay,
        silence::KEEP_ALIVE,
    },
    ticket::Ticket,
    wire::{
        form,
        request::{self, Peek},
    },
};
use bytes::Bytes;
use futures::{StreamExt as _, stream};
use proto::{
    Call, Failure,
    gateway::{CompleteRequest, CompleteResponse, Head, complete_response::Part},
    id::WorkspaceId,
    routing::{Shared, Strategy},
};
use std::{
    future::ready,
    sync::{Arc, OnceLock},
    time::Duration,
};
use tonic::{Status, codegen::BoxStream};

/// A head, and then data.
pub(crate) type Answered = BoxStream<CompleteResponse>;

/// The request of a client.
pub(crate) async fn complete(gateway: &Arc<Inner>, call: &Call, request: CompleteRequest) -> Result<Answered, Status> {
    run(gateway, call, request, Source::Client, None).await
}

/// The same for anybody; `of` is the request because of which this one is made, or the execution that makes it.
pub(crate) async fn run(
    gateway: &Arc<Inner>,
    call: &Call,
    request: CompleteRequest,
    source: Source,
    of: Option<&str>,
) -> Result<Answered, Status> {
    let workspace = call.workspace()?;
    let asked = request.operation();
    let operation = Operation::of(asked).ok_or(Error::Operation)?;
    let mut ticket = Ticket::new(gateway, call, workspace, &source.operation(operation));
    (ticket.source, ticket.belongs) = (source, of.map(str::to_owned));
    let run = match prepare(gateway, call, &mut ticket, operation, request).await {
        // Nobody who serves the model counts, so we do: no provider is asked.
        Ok(planned) if planned.candidates.is_empty() => return Ok(counted(&planned.asked, &ticket)),
        Ok(planned) => Arc::new(Run::new(Arc::new(ticket), planned)),
        Err(error) => {
            let failure = Failure::from(error);
            ticket.refused(&failure);
            return Err(failure.into());
        }
    };
    let total = run.policy.timers.total;
    match claim::claim(gateway, call, workspace, operation.name(), &run.asked.body, total).await {
        Ok(None) => {}
        Ok(Some(Found::New(claim))) => run.claimed(claim),
        Ok(Some(Found::Kept(kept))) => return Ok(replayed(&run, kept)),
        Err(status) => {
            run.ticket.refused(&Failure::from(&status));
            return Err(status);
        }
    }
    if let Some((head, body)) = cached::answer(&run).await? {
        return Ok(whole(&run, head, body));
    }
    shadow::cast(&run, asked);
    let is_stream = run.asked.peek.stream;
    let mut work: Work = lasting::work(&run, Box::pin(fallback::run(run.clone())));
    let answer = if is_stream {
        match tokio::time::timeout(gateway.timers.heartbeat, &mut work).await {
            Ok(answer) => answer?,
            Err(_) => return Ok(late(run, work)),
        }
    } else {
        work.await?
    };
    Ok(match answer {
        Answer::Whole(head, body) => whole(&run, head, body),
        Answer::Stream(head, relay) => relayed(&run, head, relay),
    })
}

/// Everything before the first attempt. With warm caches it waits for nothing.
async fn prepare(
    gateway: &Arc<Inner>,
    call: &Call,
    ticket: &mut Ticket,
    operation: Operation,
    mut request: CompleteRequest,
) -> Result<Planned, Error> {
    let mut peek = peek(operation, &request)?;
    ticket.subject.requested_model.clone_from(&peek.model);
    ticket.subject.stream = peek.stream;
    let (permit, routing) = caller(gateway, call, ticket).await?;
    let terms = Terms::new(call, &permit, ticket.workspace, routing.clone());
    // Whoever made the key answers for what it uses, and for what is refused.
    ticket.subject.user_id = terms.user.map(|user| user.to_string()).unwrap_or_default();
    ticket.subject.team_id = terms.team.map(|team| team.to_string()).unwrap_or_default();
    // What the gateway asks for itself was looked at with the request that it belongs to.
    let guards = routing.guards.clone().filter(|_| !ticket.source.is_aside());
    if let Some(guards) = &guards {
        guarded(guards, ticket, operation, &mut request, &mut peek).await?;
    }
    let policy = Policy::new(&routing.settings.policy_of(&peek.model), &gateway.config);
    let workspace = ticket.workspace;
    let tokens = (peek.input_estimate, peek.max_output.unwrap_or(gateway.config.default_max_tokens));
    let conversation = gateway.pins.conversation(policy.sticky, ticket.workspace, &peek.model, &request.body);
    let taste = Taste {
        strategy: policy.strategy,
        pinned: conversation.and_then(|conversation| gateway.pins.get(conversation, policy.sticky.idle)),
        healths: &gateway.healths,
        price: &|candidate| price(gateway, workspace, candidate, &tokens),
    };
    // What the gateway asks for itself is what the workspace wants asked, whoever the caller is.
    let allowed = if ticket.source.is_aside() { &ANY } else { permit.allowed() };
    let choice = Choice::of(gateway, &routing, allowed);
    let candidates = choice.plan(&peek.model, &taste, call.request_id.uuid())?;
    // Nobody but a client comes back for a response by its id.
    let days = if ticket.source == Source::Client { routing.keep_responses_days } else { 0 };
    let suited = suited(gateway, call, operation, &request.body, &mut peek, candidates, days).await?;
    let Suited { candidates, pivot, stored, has_choice } = suited;
    if policy.strategy == Strategy::Cost || request.explain {
        let models = candidates.iter().map(|candidate| (Seller::of(&candidate.provider), candidate.model.as_str()));
        gateway.quotes.learn(workspace, &routing.currency, models);
    }
    if request.explain {
        ticket.trail = Some(Trail::new(Known {
            requested_model: &peek.model,
            is_alias: routing.settings.aliases.contains_key(&peek.model),
            policy: &policy,
            is_conversation: conversation.is_some(),
            candidates: &candidates,
            providers: &routing.providers,
            platform: choice.platform(),
            priced: Priced {
                quotes: gateway.quotes.clone(),
                workspace,
                currency: routing.currency.clone(),
                input: tokens.0,
                output: tokens.1,
            },
        }));
    }
    // A response that is kept has an id of its own, under which it can be erased: it is not given twice.
    let is_kept = stored.as_ref().is_some_and(|stored| stored.keep.is_some());
    let cache = if is_kept { None } else { cache_use(&policy, operation, &request, call) };
    let CompleteRequest { body, content_type, headers, .. } = request;
    let asked = Asked { operation, body, content_type, headers, peek, pivot, stored, has_choice };
    Ok(Planned { asked, candidates, terms, policy, conversation, cache, guards })
}

/// What the caller brings with it, and what its workspace routes with.
async fn caller(gateway: &Inner, call: &Call, ticket: &Ticket) -> Result<(Permit, Arc<Routing>), Status> {
    let routing = gateway.routings.get(ticket.workspace, ticket.request).await?;
    let permit = Permit::of(gateway, call, ticket.workspace).await?;
    let routing = match permit.team() {
        None => routing,
        Some(team) => gateway.routings.with_team(routing, ticket.workspace, team, ticket.request).await?,
    };
    Ok((permit, routing))
}

fn peek(operation: Operation, request: &CompleteRequest) -> Result<Peek, Error> {
    match operation {
        Operation::Transcriptions => form::peek(&request.content_type, &request.body),
        operation if pivot::is_needed(operation) => pivot::peek(operation, &request.body),
        _ => request::peek(operation, &request.body),
    }
}

/// Takes out of the request what must not reach a provider. Errors: a guardrail does not let it pass.
async fn guarded(
    guards: &Guards,
    ticket: &Ticket,
    operation: Operation,
    request: &mut CompleteRequest,
    peek: &mut Peek,
) -> Result<(), Error> {
    if let Some(body) = guard::check(guards, operation, request, ticket).await? {
        request.body = body;
        *peek = self::peek(operation, request)?;
    }
    Ok(())
}

/// Who can answer, in which order, and what they are told.
struct Suited {
    candidates: Vec<Candidate>,
    pivot: Option<Pivot>,
    stored: Option<Stored>,
    /// There was a choice of providers, also where there is none any more.
    has_choice: bool,
}

/// Those of the providers that can do what is asked, as the conversation that it continues and what was thought in it want
/// them. Errors: as [`able`]; what is continued is not there.
async fn suited(
    gateway: &Inner,
    call: &Call,
    operation: Operation,
    body: &Bytes,
    peek: &mut Peek,
    candidates: Vec<Candidate>,
    days: i32,
) -> Result<Suited, Error> {
    let workspace = call.workspace()?;
    let stored = match operation {
        Operation::Responses => Some(stored::wanted(gateway, call, workspace, body, days).await?),
        _ => None,
    };
    let origin = Origin {
        id: call.request_id.uuid(),
        created: gateway.clock.now().timestamp(),
        stored: stored.as_ref().is_some_and(|stored| stored.keep.is_some()),
        previous: stored.as_ref().and_then(|stored| stored.previous.as_deref()),
    };
    let continued = stored.as_ref().and_then(|stored| stored.continued.as_ref());
    let (told, told_peek) = continued.map_or((body, &*peek), |continued| (&continued.body, &continued.peek));
    let (mut candidates, pivot) = able(operation, told, told_peek, origin, candidates)?;
    if let Some(continued) = continued {
        // What was said before costs as much as what is said now, and who knows it thinks on where it was.
        peek.input_estimate = continued.peek.input_estimate;
        candidates.sort_by_key(|candidate| !continued.is_known_to(&candidate.provider.id));
    }
    let has_choice = candidates.len() > 1 && owner::is_of_use(operation, &candidates);
    if has_choice && let Some(owner) = gateway.owners.of(workspace, told) {
        // Others cannot open what was sealed there.
        if candidates.iter().any(|candidate| *candidate.provider.id == *owner) {
            candidates.retain(|candidate| *candidate.provider.id == *owner);
        }
    }
    Ok(Suited { candidates, pivot, stored, has_choice })
}

/// What the request does with kept answers. What its client says to the provider beside it is part of the request.
fn cache_use(policy: &Policy, operation: Operation, request: &CompleteRequest, call: &Call) -> Option<CacheUse> {
    let cache = policy.cache.as_ref().filter(|_| !request.no_store)?;
    let mut said: Vec<_> = request.headers.iter().collect();
    said.sort();
    let key = key::of(&format!("{} {said:?}", operation.name()), &request.body)?;
    let similar = cache.semantic.as_ref().and_then(|semantic| {
        let is_shared = semantic.shared() == Shared::Workspace;
        let whose = if is_shared { String::new() } else { call.actor() };
        let tail = tail::cut(operation, &format!("{} {whose} {said:?}", semantic.model), is_shared, &request.body)?;
        let threshold = if semantic.threshold > 0.0 { semantic.threshold } else { THRESHOLD };
        Some(Similar { model: semantic.model.clone(), threshold, tail, numbers: OnceLock::new() })
    });
    Some(CacheUse { keep: Keep { key, ttl: cache.ttl, most: cache.most }, reads: !request.no_cache, similar })
}

/// What a request of so many tokens costs there at most, as far as it is known.
fn price(gateway: &Inner, workspace: WorkspaceId, candidate: &Candidate, (input, output): &(i64, i64)) -> Option<i64> {
    let Candidate { provider, model, .. } = candidate;
    if provider.free {
        return Some(0);
    }
    Some(gateway.quotes.known(workspace, Seller::of(provider), model)?.bound(*input, *output))
}

/// The answer of an earlier request with the same Idempotency-Key.
fn replayed(run: &Run, kept: KeptAnswer) -> BoxStream<CompleteResponse> {
    let KeptAnswer { content_type, provider, model, body } = kept;
    run.ticket.replayed();
    let head = Head { provider, model, replayed: true, cache: String::new(), ..run.head(200, &content_type, None) };
    whole(run, head, body)
}

/// Our own estimate of a request's tokens.
fn counted(asked: &Asked, ticket: &Ticket) -> BoxStream<CompleteResponse> {
    let overhead = i64::try_from(ticket.arrived.elapsed().as_micros()).unwrap_or(i64::MAX);
    let head = Head {
        status: 200,
        content_type: "application/json".to_owned(),
        model: asked.peek.model.clone(),
        overhead_us: overhead,
        ..Head::default()
    };
    let count = serde_json::json!({"input_tokens": asked.peek.input_estimate});
    let data = Bytes::from(count.to_string());
    Box::pin(stream::iter([Ok(of(Part::Head(head))), Ok(of(Part::Data(data)))]))
}

/// Those of the providers that can do what is asked, and the request as a chat completion if one of them needs that.
/// Errors: `UNSUPPORTED_OPERATION`, if there is none; what a chat completion has no words for, if all of them need one.
fn able(
    operation: Operation,
    body: &Bytes,
    peek: &Peek,
    origin: Origin<'_>,
    mut candidates: Vec<Candidate>,
) -> Result<(Vec<Candidate>, Option<Pivot>), Error> {
    let takes = |Candidate { provider, model, .. }: &Candidate| provider.dialect.takes(operation, model);
    if candidates.iter().all(takes) {
        return Ok((candidates, None));
    }
    if operation == Operation::CountTokens {
        candidates.retain(takes);
        return Ok((candidates, None));
    }
    let pivot = if pivot::is_possible(operation) {
        Pivot::of(operation, body, peek, origin)
    } else {
        let providers = candidates.iter().map(|candidate| candidate.provider.name.clone()).collect();
        Err(Error::Unsupported { operation, model: peek.model.clone(), providers })
    };
    match pivot {
        Ok(pivot) => Ok((candidates, Some(pivot))),
        Err(error) => {
            candidates.retain(takes);
            if candidates.is_empty() { Err(error) } else { Ok((candidates, None)) }
        }
    }
}

fn whole(run: &Run, head: Head, body: Bytes) -> BoxStream<CompleteResponse> {
    sent(run, &head);
    Box::pin(stream::iter([Ok(of(Part::Head(head))), Ok(of(Part::Data(body)))]))
}

fn relayed(run: &Run, head: Head, relay: Box<Relay>) -> BoxStream<CompleteResponse> {
    sent(run, &head);
    let head = stream::once(ready(Ok(of(Part::Head(head)))));
    let data = stream::unfold(Lasting::new(relay), |mut relay| async move {
        let next = relay.next().await?;
        Some((next.map(|bytes| of(Part::Data(bytes))), relay))
    });
    Box::pin(head.chain(data))
}

/// The head leaves now, without an answer to head.
fn late(run: Arc<Run>, work: Work) -> BoxStream<CompleteResponse> {
    let head = run.head(200, "text/event-stream", None);
    sent(&run, &head);
    let begin = [Ok(of(Part::Head(head))), Ok(of(Part::Data(Bytes::from_static(KEEP_ALIVE))))];
    let data = stream::unfold(Late::new(run, work), |mut late| async move {
        let next = late.next().await?;
        Some((next.map(|bytes| of(Part::Data(bytes))), late))
    });
    Box::pin(stream::iter(begin).chain(data))
}

fn sent(run: &Run, head: &Head) {
    let overhead = Duration::from_micros(head.overhead_us.unsigned_abs());
    run.gateway().metrics.overhead(overhead);
    run.ticket.head_sent(u16::try_from(head.status).unwrap_or(0));
}

const fn of(part: Part) -> CompleteResponse {
    CompleteResponse { part: Some(part) }
}

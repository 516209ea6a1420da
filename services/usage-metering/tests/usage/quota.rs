use crate::world::*;
use chrono::TimeDelta;
use futures::StreamExt as _;
use proto::{Reason, feed::WatchRequest, usage::*};
use std::{sync::Arc, time::Duration};
use usage_metering::{Allowed, Config, Limits, Plan, Rates};

/// So many tokens in a period.
fn tokens(limit: i64, period: Period) -> Allowance {
    Allowance { resource: "tokens".into(), period: period.into(), limit, ..Allowance::default() }
}

fn dollars(limit: i64) -> Allowance {
    let (resource, currency) = ("cost".into(), "USD".into());
    Allowance { resource, currency, period: Period::Month.into(), limit, ..Allowance::default() }
}

impl Ask {
    /// Of the workspace.
    fn allowed(self, world: &World, allowance: Allowance) -> Self {
        self.limited(LayerKind::Workspace, world.workspace, |layer| layer.allowances.push(allowance))
    }
}

#[tokio::test]
async fn a_spent_quota_refuses_and_says_when_it_is_whole_again() {
    for world in everywhere().await {
        let ask = || world.ask().allowed(&world, tokens(250, Period::Day));
        let state = world.admit(&ask()).await.unwrap().limits.remove(0);
        assert_eq!((state.kind(), state.period(), state.resource.as_str()), (LimitKind::Quota, Period::Day, "tokens"));
        assert_eq!((state.limit, state.used, state.remaining), (250, 100, 150));
        assert_eq!(
            state.resets_at.unwrap().seconds,
            "2026-11-22T00:00:00Z".parse::<chrono::DateTime<chrono::Utc>>().unwrap().timestamp()
        );
        world.admit(&ask()).await.unwrap();
        let failure = world.admit(&ask()).await.unwrap_err();
        assert_eq!((failure.reason, failure.reason.http()), (Reason::QuotaExceeded, 402));
        assert_eq!(failure.retry_after, Some(Duration::from_secs(16 * 3600)), "midnight, UTC");
        let facts = ["layer", "resource", "period", "limit", "used"].map(|name| failure.get(name).unwrap());
        assert_eq!(facts, ["workspace", "tokens", "day", "250", "200"]);
    }
}

#[tokio::test]
async fn a_quota_is_corrected_by_use_and_does_not_refill() {
    let world = World::embedded().await;
    let ask = || world.ask().allowed(&world, tokens(200, Period::Day));
    for used in [57, 114] {
        world.complete(&ask()).await;
        let layers = ask().0.layers;
        let peek = PeekLimitsRequest { workspace_id: world.workspace.to_string(), layers, ..Default::default() };
        assert_eq!(world.usage.peek_limits(&world.call(), peek).await.unwrap().limits[0].used, used);
    }
    world.hand.advance(TimeDelta::hours(3));
    assert_eq!(world.admit(&ask()).await.unwrap_err().reason, Reason::QuotaExceeded, "nothing drains");
    world.hand.advance(TimeDelta::hours(13));
    assert!(world.admit(&ask()).await.is_ok(), "another day");
}

#[tokio::test]
async fn what_was_used_before_there_was_a_quota_counts_and_so_it_does_after_a_restart() {
    for place in [Place::Embedded, Place::Group, Place::Postgres] {
        let Some(world) = World::at(place, quick()).await else { continue };
        world.complete(&world.ask()).await;
        let ask = |world: &World| Ask::allowed(world.ask(), world, tokens(1_000, Period::Month));
        assert_eq!(world.admit(&ask(&world)).await.unwrap().limits[0].used, 57 + 100);
        let (fresh, dir, workspace) = (world.fresh.clone().unwrap(), world.dir.clone(), world.workspace);
        world.service.flush().await.unwrap();
        let is_embedded = dir.is_some();
        let next = World { workspace, ..World::open(fresh, dir, quick(), None).await.unwrap() };
        // Embedded, what the process before left open is swept with its input; otherwise its gateway still holds it.
        let held = if is_embedded { 40 } else { 100 };
        assert_eq!(next.admit(&ask(&next)).await.unwrap().limits[0].used, 57 + held + 100);
    }
}

#[tokio::test]
async fn a_day_ends_where_the_workspace_is() {
    let world = World::embedded().await;
    let ask = || world.ask().allowed(&world, tokens(100, Period::Day)).with(|ask| ask.time_zone = "Asia/Tokyo".into());
    world.admit(&ask()).await.unwrap();
    let failure = world.admit(&ask()).await.unwrap_err();
    assert_eq!(failure.retry_after, Some(Duration::from_secs(7 * 3600)), "eight in UTC is five in the afternoon there");
    world.hand.advance(TimeDelta::hours(7));
    assert!(world.admit(&ask()).await.is_ok());
}

#[tokio::test]
async fn plans_limit_what_the_platform_pays_for_and_nothing_else() {
    let world = World::embedded().await;
    let ask = |plan: &str, owner: CredentialOwner| {
        world.ask().with(|ask| {
            (ask.plan, ask.estimated_tokens) = (plan.into(), 60_000);
            ask.credential_owner = owner.into();
        })
    };
    world.admit(&ask("pro", CredentialOwner::Platform)).await.unwrap();
    let failure = world.admit(&ask("pro", CredentialOwner::Platform)).await.unwrap_err();
    assert_eq!(failure.reason, Reason::QuotaExceeded);
    let facts = ["layer", "plan", "limit", "used"].map(|name| failure.get(name).unwrap());
    assert_eq!(facts, ["plan", "pro", "100000", "60000"]);
    for (plan, owner) in [
        ("pro", CredentialOwner::Workspace),
        ("pro", CredentialOwner::Simulator),
        ("enterprise", CredentialOwner::Platform),
    ] {
        assert!(world.admit(&ask(plan, owner)).await.is_ok(), "{plan} {owner:?}");
    }
}

#[tokio::test]
async fn executions_of_a_free_plan_run_one_at_a_time() {
    let world = World::embedded().await;
    let ask = || world.ask().with(|ask| ask.subject.as_mut().unwrap().operation = "executions.create".into());
    let first = ask();
    world.admit(&first).await.unwrap();
    let failure = world.admit(&ask()).await.unwrap_err();
    assert_eq!((failure.reason, failure.get("plan")), (Reason::ConcurrencyLimited, Some("free")));
    world.settle(first.completed()).await.unwrap();
    assert!(world.admit(&ask()).await.is_ok());
}

#[tokio::test]
async fn addresses_and_the_platform_have_limits_of_their_own() {
    let rates = |rpm| Rates { rpm: Some(rpm), ..Rates::default() };
    let limits = Limits { address: rates(2), platform: rates(3) };
    let world = World::at(Place::Embedded, Config { limits, ..quick() }).await.unwrap();
    let ask = |address: &str| world.ask().with(|ask| ask.client_address = address.into());
    for _ in 0..2 {
        world.admit(&ask("192.0.2.1")).await.unwrap();
    }
    assert_eq!(world.admit(&ask("192.0.2.1")).await.unwrap_err().get("layer"), Some("address"));
    world.admit(&ask("192.0.2.2")).await.unwrap();
    assert_eq!(world.admit(&ask("192.0.2.3")).await.unwrap_err().get("layer"), Some("platform"));
}

#[tokio::test]
async fn users_and_models_have_limits_of_their_own() {
    let world = World::embedded().await;
    let user = proto::id::UserId::from_uuid(world.ids.uuid());
    let by_user = || world.ask().limited(LayerKind::User, user, |l| l.allowances = vec![tokens(100, Period::Total)]);
    world.admit(&by_user()).await.unwrap();
    let failure = world.admit(&by_user()).await.unwrap_err();
    assert_eq!((failure.get("layer"), failure.retry_after), (Some("user"), None), "a total is never renewed");
    let by_model = || world.ask().limited(LayerKind::Model, "gpt-5-2026", |l| l.rpm = Some(1));
    world.admit(&by_model()).await.unwrap();
    assert_eq!(world.admit(&by_model()).await.unwrap_err().get("layer"), Some("model"));
}

#[tokio::test]
async fn what_costs_nobody_knows_how_much_is_not_paid_from_a_budget() {
    let world = World::embedded().await;
    let unknown = || world.ask().with(|ask| ask.model = "nobody-has-heard-of-it".into());
    let failure = world.admit(&unknown().allowed(&world, dollars(1_000_000_000))).await.unwrap_err();
    assert_eq!((failure.reason, failure.reason.http()), (Reason::UnpricedModel, 402));
    let watched = Allowance { soft: true, ..dollars(1) };
    assert!(world.admit(&unknown().allowed(&world, watched)).await.is_ok(), "what is only watched refuses nothing");
    let free = world.ask().with(|ask| (ask.free, ask.credential_owner) = (true, CredentialOwner::Simulator.into()));
    assert!(world.admit(&free.allowed(&world, dollars(1))).await.is_ok(), "free is not unknown");
}

#[tokio::test]
async fn a_stream_that_may_be_stopped_gets_what_is_left() {
    let world = World::embedded().await;
    let ask = || world.ask().allowed(&world, tokens(170, Period::Day)).with(|ask| ask.stop_when_spent = true);
    let first = world.admit(&ask()).await.unwrap();
    assert_eq!(first.stop_after_output_tokens, Some(170 - 40), "as long as nobody else wants it");
    let second = world.admit(&ask()).await.unwrap();
    assert_eq!(second.stop_after_output_tokens, Some(70 - 40));
    assert_eq!(world.admit(&ask()).await.unwrap_err().reason, Reason::QuotaExceeded);
    let plain = world.admit(&world.ask()).await.unwrap();
    assert_eq!(plain.stop_after_output_tokens, None);
}

#[tokio::test]
async fn each_threshold_is_told_once() {
    for world in everywhere().await {
        let mut feed = world.usage.watch(&world.call(), WatchRequest { after: Some(0) }).await.unwrap();
        let soft = || Allowance { soft: true, ..tokens(800, Period::Day) };
        for _ in 0..12 {
            world.admit(&world.ask().allowed(&world, soft())).await.unwrap();
        }
        let mut seen = vec![];
        while seen.len() < 3 {
            let next = tokio::time::timeout(10 * SECOND, feed.next()).await.unwrap().unwrap().unwrap();
            seen.extend(next.events.into_iter().map(|event| {
                assert_eq!(
                    (event.kind.as_str(), &event.workspace_id),
                    ("usage.threshold_reached", &world.workspace.to_string())
                );
                let payload: serde_json::Value = serde_json::from_str(&event.payload).unwrap();
                assert_eq!((payload["resource"].as_str(), payload["limit"].as_i64()), (Some("tokens"), Some(800)));
                payload["threshold_percent"].as_i64().unwrap()
            }));
        }
        seen.sort_unstable();
        assert_eq!(seen, [75, 90, 100]);
        let quiet = tokio::time::timeout(SECOND, async {
            loop {
                let next = feed.next().await.unwrap().unwrap();
                assert!(next.events.is_empty(), "told again");
            }
        });
        assert!(quiet.await.is_err());
    }
}

#[tokio::test]
async fn settings_that_make_no_sense_are_refused() {
    let plan = Plan { inherits: Some("gold".into()), ..Plan::default() };
    let config = Config { plans: [("free".to_owned(), plan)].into(), ..quick() };
    let fresh = Arc::new(store::testing::sqlite(&usage_metering::SCHEMA).await);
    let error = World::open(fresh, None, config, None).await.err().unwrap();
    assert!(error.to_string().contains("gold"), "{error}");
    let allowed = Allowed { month: Some(-1), ..Allowed::default() };
    let plan = Plan { quotas: [("executions".to_owned(), allowed)].into(), ..Plan::default() };
    let config = Config { plans: [("free".to_owned(), plan)].into(), ..quick() };
    let fresh = Arc::new(store::testing::sqlite(&usage_metering::SCHEMA).await);
    assert!(World::open(fresh, None, config, None).await.is_err());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_hundred_at_once_never_pass_a_quota() {
    for world in everywhere().await {
        let world = Arc::new(world);
        world.complete(&world.ask()).await;
        let mut racers = tokio::task::JoinSet::new();
        for _ in 0..200 {
            let world = world.clone();
            racers.spawn(async move {
                let ask = world.ask().allowed(&world, tokens(57 + 1_100, Period::Day));
                world.admit(&ask).await.map(|_| ask)
            });
        }
        let admitted = racers.join_all().await.into_iter().flatten().count();
        assert_eq!(admitted, 11);
    }
}

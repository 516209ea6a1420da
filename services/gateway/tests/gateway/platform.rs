//! Providers of the platform: who is asked before them, who pays, and what their account's troubles look like.

use crate::{
    ask::body,
    fake::Book,
    provider::{COMPLETION, Provider, Step, answer, answer_with},
    world::{World, eventually, quick, settings},
};
use proto::{
    Call, Failure, Permission, Reason,
    feed::Event,
    gateway::{CompleteRequest, GetLimitsRequest, ListModelsRequest, Operation, TestPlatformProviderRequest},
    routing::{Alias, Fallback, Hedge, PlatformUse, Policy, Settings, Target},
    usage::{AdmitRequest, CredentialOwner, Outcome},
    workspace::{LockedProvider, OpenProvider},
};
use serde_json::Value;
use std::time::Duration;

const JSON: &str = "application/json";
const LIST: &str = "{\"object\":\"list\",\"data\":[{\"id\":\"gpt\"},{\"id\":\"claude\"}]}";
const ERROR: &str = "{\"error\":{\"message\":\"org-of-the-operator is out of luck\",\"type\":\"server_error\"}}";

/// The workspace's own and the platform's, which answer like this and take any model.
struct Both {
    world: World,
    own: Provider,
    house: Provider,
}

async fn both(routing: Settings, own: Vec<Step>, house: Vec<Step>) -> Both {
    let (own, house) = (Provider::start(own).await, Provider::start(house).await);
    let book = Book {
        providers: vec![settings("openai", 9, own.base_url())],
        // Better in everything, and of the same name.
        platform: vec![settings_of_platform("openai", 0, &house)],
        routing,
        ..Book::default()
    };
    Both { world: World::with(quick(), book).await, own, house }
}

fn settings_of_platform(name: &str, priority: i32, provider: &Provider) -> OpenProvider {
    OpenProvider { id: format!("prov_platform_{name}"), ..settings(name, priority, provider.base_url()) }
}

fn using(platform: PlatformUse) -> Settings {
    Settings { platform: platform.into(), ..Settings::default() }
}

fn good() -> Vec<Step> {
    answer(200, JSON, COMPLETION)
}

/// Provider and owner of each attempt.
fn attempts(world: &World) -> Vec<(String, CredentialOwner)> {
    let of = |admit: &AdmitRequest| (admit.provider.clone(), admit.credential_owner());
    world.book().admits.iter().map(of).collect()
}

fn attempt(provider: &str, owner: CredentialOwner) -> (String, CredentialOwner) {
    (provider.to_owned(), owner)
}

fn over_plan() -> Option<tonic::Status> {
    Some(Reason::QuotaExceeded.with("the plan's tokens are used up").fact("layer", "plan").into())
}

#[tokio::test]
async fn without_own_providers_the_platforms_answer_and_the_platform_pays() {
    let house = Provider::start(good()).await;
    let platform = vec![settings_of_platform("openai", 0, &house)];
    let world = World::with(quick(), Book { platform, ..Book::default() }).await;
    for name in ["gpt", "openai/gpt", "platform/gpt", "platform/openai/gpt"] {
        let answered = world.ask(&body(name, "")).await.expect(name);
        assert_eq!(
            (answered.head.provider.as_str(), answered.head.model.as_str()),
            ("platform/openai", "gpt"),
            "{name}"
        );
    }
    assert_eq!(attempts(&world), vec![attempt("platform/openai", CredentialOwner::Platform); 4]);
    let admit = world.book().admits[0].clone();
    assert_eq!((admit.plan.as_str(), admit.provider_id.as_str()), ("pro", "prov_platform_openai"));
}

#[tokio::test]
async fn what_the_workspaces_own_serve_never_becomes_a_charge_by_itself() {
    for routing in [Settings::default(), using(PlatformUse::WithoutOwn), using(PlatformUse::Off)] {
        let Both { world, own, house } = both(routing, answer(500, JSON, ERROR), good()).await;
        for name in ["gpt", "openai/gpt"] {
            assert_eq!(world.refused(&body(name, "")).await.reason, Reason::UpstreamFailed, "{name}");
        }
        own.now(vec![Step::Close]);
        world.refused(&body("gpt", "")).await;
        own.now(good());
        assert_eq!(world.ask(&body("gpt", "")).await.expect("an answer").head.provider, "openai");
        assert!(attempts(&world).iter().all(|attempt| attempt.1 == CredentialOwner::Workspace));
        assert_eq!(house.received().len(), 0);
    }
}

#[tokio::test]
async fn where_the_workspace_wants_it_the_platform_answers_for_own_providers_that_fail() {
    let Both { world, own, house } = both(using(PlatformUse::Fallback), good(), good()).await;
    assert_eq!(world.ask(&body("gpt", "")).await.expect("an answer").head.provider, "openai");
    assert_eq!(house.received().len(), 0, "a priority never goes before what is paid already");
    own.now(answer(500, JSON, ERROR));
    let answered = world.ask(&body("gpt", "")).await.expect("an answer");
    assert_eq!((answered.head.provider.as_str(), answered.head.attempts), ("platform/openai", 2));
    let own = attempt("openai", CredentialOwner::Workspace);
    assert_eq!(attempts(&world), [own.clone(), own, attempt("platform/openai", CredentialOwner::Platform)]);
    // Admitted anew: what the plan does not allow is not tried, and the own provider's failure is the answer.
    world.book().refuse_admits = vec![None, over_plan()];
    assert_eq!(world.refused(&body("gpt", "")).await.reason, Reason::UpstreamFailed);
    assert_eq!(house.received().len(), 1);
}

#[tokio::test]
async fn who_switches_the_platform_off_has_none_of_it() {
    let house = Provider::start(good()).await;
    let platform = vec![settings_of_platform("openai", 0, &house)];
    let book = Book { platform, routing: using(PlatformUse::Off), ..Book::default() };
    let world = World::with(quick(), book).await;
    for name in ["gpt", "platform/gpt", "platform/openai/gpt"] {
        assert_eq!(world.refused(&body(name, "")).await.reason, Reason::ModelNotFound, "{name}");
    }
    let listed = world.gateway.list_models(&world.call(), ListModelsRequest {}).await.expect("models").models;
    assert!(listed.iter().all(|model| model.owned_by == "simulator"), "{listed:?}");
    assert_eq!(house.received().len(), 0);
}

#[tokio::test]
async fn who_names_the_platform_gets_it_in_the_place_where_it_is_named() {
    let to = |provider: &str| Target { model: "gpt".to_owned(), provider: provider.to_owned(), ..Target::default() };
    let aliases = [("smart".to_owned(), Alias { targets: vec![to("platform"), to("openai")], policy: None })];
    let fallbacks = [("gpt".to_owned(), Fallback { models: vec!["platform/gpt".to_owned()] })];
    let routing = Settings { aliases: aliases.into(), fallbacks: fallbacks.into(), ..Settings::default() };
    let Both { world, own, house } = both(routing, good(), good()).await;
    for (name, provider) in [("platform/gpt", "platform/openai"), ("smart", "platform/openai"), ("gpt", "openai")] {
        assert_eq!(world.ask(&body(name, "")).await.expect(name).head.provider, provider, "{name}");
    }
    house.now(answer(500, JSON, ERROR));
    assert_eq!(world.ask(&body("smart", "")).await.expect("an answer").head.provider, "openai");
    house.now(good());
    own.now(answer(500, JSON, ERROR));
    assert_eq!(world.ask(&body("gpt", "")).await.expect("an answer").head.provider, "platform/openai");
}

#[tokio::test]
async fn a_plan_that_is_used_up_is_no_end_where_an_own_provider_comes_after() {
    let to = |provider: &str| Target { model: "gpt".to_owned(), provider: provider.to_owned(), ..Target::default() };
    let aliases = [("smart".to_owned(), Alias { targets: vec![to("platform"), to("openai")], policy: None })];
    let Both { world, house, .. } =
        both(Settings { aliases: aliases.into(), ..Settings::default() }, good(), good()).await;
    world.book().refuse_admits = vec![over_plan()];
    let answered = world.ask(&body("smart", "")).await.expect("an answer");
    assert_eq!((answered.head.provider.as_str(), answered.head.attempts), ("openai", 1));
    assert_eq!(house.received().len(), 0);
    world.book().refuse_admits = vec![over_plan()];
    let refused = world.refused(&body("platform/gpt", "")).await;
    assert_eq!((refused.reason, refused.get("layer")), (Reason::QuotaExceeded, Some("plan")));
    // What the workspace itself limits is a limit of every provider.
    let own = Reason::QuotaExceeded.with("the workspace's tokens are used up").fact("layer", "workspace");
    world.book().refuse_admits = vec![Some(own.into())];
    assert_eq!(world.refused(&body("smart", "")).await.get("layer"), Some("workspace"));
}

#[tokio::test]
async fn what_another_plan_has_is_a_402_that_says_which() {
    let locked = |name: &str, models: &[&str]| LockedProvider {
        provider: "openai".to_owned(),
        name: name.to_owned(),
        models: models.iter().map(|m| (*m).to_owned()).collect(),
        plans: vec!["pro".to_owned(), "enterprise".to_owned()],
    };
    let book = Book { locked: vec![locked("house", &["gpt"]), locked("any", &[])], ..Book::default() };
    let world = World::with(quick(), book).await;
    for name in ["gpt", "house/gpt", "platform/gpt", "platform/house/gpt", "any/whatever"] {
        let refused = world.refused(&body(name, "")).await;
        assert_eq!((refused.reason, refused.get("plans")), (Reason::PlanRequired, Some("pro, enterprise")), "{name}");
        assert_eq!((refused.reason.openai_http(), refused.get("layer")), (402, Some("plan")));
    }
    for name in ["gpt-5", "house/gpt-5", "openai"] {
        assert_eq!(world.refused(&body(name, "")).await.reason, Reason::ModelNotFound, "{name}");
    }
    world.book().routing = using(PlatformUse::Off);
    world.tell("workspace.routing_changed", "");
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(world.refused(&body("gpt", "")).await.reason, Reason::ModelNotFound);
}

#[tokio::test]
async fn troubles_of_the_platforms_account_are_not_the_workspaces() {
    let house = Provider::start(good()).await;
    let platform = vec![settings_of_platform("house", 0, &house)];
    let world = World::with(quick(), Book { platform, ..Book::default() }).await;
    for status in [401, 402, 403] {
        house.now(answer(status, JSON, ERROR));
        let refused = world.refused(&body("gpt", "")).await;
        assert_eq!((refused.reason, refused.reason.openai_http()), (Reason::UpstreamFailed, 502), "{status}");
        assert!(refused.message.contains("the platform") && !refused.message.contains("org-of"), "{}", refused.message);
    }
    house.now(answer_with(429, JSON, "retry-after: 7\r\n", ERROR));
    let limited = world.ask(&body("gpt", "")).await.expect("an answer with its status");
    assert_eq!((limited.head.status, limited.head.retry_after), (429, Some(7)));
    assert!(limited.body.contains("platform/house") && !limited.body.contains("org-of"), "{}", limited.body);
    // What it says of the request is the client's to read.
    house.now(answer(400, JSON, "{\"error\":{\"message\":\"temperature is too high\"}}"));
    let refused = world.ask(&body("gpt", "")).await.expect("an answer with its status");
    assert!(refused.head.status == 400 && refused.body.contains("temperature"), "{refused:?}");
}

#[tokio::test]
async fn being_slow_does_not_make_a_charge_of_what_is_paid() {
    let hedge = Policy { hedge: Some(Hedge { after_ms: 50, max_percent: 100 }), ..Policy::default() };
    let routing = Settings { policy: Some(hedge), ..using(PlatformUse::Fallback) };
    let slow = [vec![Step::Pause(Duration::from_millis(400))], good()].concat();
    let Both { world, house, .. } = both(routing, slow, good()).await;
    assert_eq!(world.ask(&body("gpt", "")).await.expect("an answer").head.provider, "openai");
    assert_eq!((attempts(&world).len(), house.received().len()), (1, 0));
}

#[tokio::test]
async fn models_are_listed_by_names_that_lead_where_they_say() {
    let Both { world, own, house } = both(Settings::default(), answer(200, JSON, LIST), answer(200, JSON, LIST)).await;
    let ids = async || {
        let listed = world.gateway.list_models(&world.call(), ListModelsRequest {}).await.expect("models").models;
        let told = listed.into_iter().filter(|model| model.owned_by != "simulator");
        told.map(|model| format!("{} of {}", model.id, model.owned_by)).collect::<Vec<_>>()
    };
    let of_platform = ["platform/gpt of platform/openai", "platform/claude of platform/openai"];
    assert_eq!(ids().await, [vec!["gpt of openai", "claude of openai"], of_platform.to_vec()].concat());
    world.book().providers.clear();
    world.tell("provider.deleted", "prov_openai");
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(ids().await, ["gpt of platform/openai", "claude of platform/openai"]);
    assert_eq!(
        (own.received().len(), house.received().len()),
        (1, 1),
        "what a provider of the platform lists is known to all"
    );
}

#[tokio::test]
async fn a_key_may_be_bound_to_what_is_the_platforms() {
    let (own, house) = (Provider::start(good()).await, Provider::start(good()).await);
    let book = Book {
        providers: vec![settings("own", 0, own.base_url())],
        platform: vec![settings_of_platform("house", 0, &house)],
        key_models: vec!["platform/*".to_owned()],
        ..Book::default()
    };
    let world = World::with(quick(), book).await;
    for name in ["gpt", "platform/gpt"] {
        assert_eq!(world.ask(&body(name, "")).await.expect(name).head.provider, "platform/house", "{name}");
    }
    assert_eq!(world.refused(&body("own/gpt", "")).await.reason, Reason::ModelNotAllowed);
}

#[tokio::test]
async fn a_change_of_the_platforms_providers_reaches_every_workspace() {
    let house = Provider::start(good()).await;
    let world = World::new(vec![]).await;
    assert_eq!(world.refused(&body("gpt", "")).await.reason, Reason::ModelNotFound);
    let tell = |kind: &str| {
        world.fakes.tell(Event {
            position: 1,
            kind: kind.to_owned(),
            subject: "prov_platform_house".to_owned(),
            ..Event::default()
        });
    };
    world.book().platform = vec![settings_of_platform("house", 0, &house)];
    tell("platform_provider.created");
    tokio::time::sleep(Duration::from_millis(200)).await;
    world.ask(&body("gpt", "")).await.expect("an answer");
    world.book().platform.clear();
    tell("platform_provider.deleted");
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(world.refused(&body("gpt", "")).await.reason, Reason::ModelNotFound);
}

#[tokio::test]
async fn operators_try_a_provider_of_the_platform_on_nobodys_account() {
    let house = Provider::start(answer(200, JSON, LIST)).await;
    let platform = vec![settings_of_platform("house", 0, &house)];
    let world = World::with(quick(), Book { platform, ..Book::default() }).await;
    let operator = Call {
        workspace: None,
        scopes: [Permission::PlatformRead, Permission::PlatformWrite].into_iter().collect(),
        ..world.call()
    };
    let test = async |call: &Call, id: &str| {
        let request = TestPlatformProviderRequest { provider_id: id.to_owned() };
        let tested = world.gateway.test_platform_provider(call, request).await.map_err(|s| Failure::from(&s).reason);
        tested.map(|tested| tested.result.expect("a result"))
    };
    let works = test(&operator, "prov_platform_house").await.expect("an answer");
    assert_eq!((works.ok, works.models), (true, vec!["gpt".to_owned(), "claude".to_owned()]));
    house.now(answer(401, JSON, ERROR));
    let fails = test(&operator, "prov_platform_house").await.expect("an answer");
    assert!(!fails.ok && fails.error.contains("401"), "{fails:?}");
    assert_eq!(test(&operator, "prov_nobody").await.err(), Some(Reason::NotFound));
    assert_eq!(test(&world.call(), "prov_platform_house").await.err(), Some(Reason::PermissionDenied));
    let settles = world.settled(2).await;
    assert_eq!(settles[0].outcome(), Outcome::Completed);
    let admit = world.book().admits[0].clone();
    assert_eq!((admit.credential_owner(), admit.model.as_str(), admit.free), (CredentialOwner::Platform, "", true));
    assert_eq!(admit.subject.expect("a subject").workspace_id, "ws_00000000000000000000000000");
}

#[tokio::test]
async fn limits_of_the_plan_are_shown_to_whoever_could_come_to_them() {
    let house = Provider::start(good()).await;
    let platform = vec![settings_of_platform("house", 0, &house)];
    for (book, owner) in [
        (Book { platform: platform.clone(), ..Book::default() }, CredentialOwner::Platform),
        (Book { platform, routing: using(PlatformUse::Off), ..Book::default() }, CredentialOwner::Workspace),
        (Book::default(), CredentialOwner::Workspace),
    ] {
        let world = World::with(quick(), book).await;
        world.gateway.get_limits(&world.call(), GetLimitsRequest {}).await.expect("limits");
        assert_eq!(world.book().peeks[0].credential_owner(), owner);
    }
}

#[tokio::test]
async fn an_explanation_says_whose_credential_each_candidate_is() {
    let Both { world, .. } = both(using(PlatformUse::Fallback), good(), good()).await;
    let request = CompleteRequest {
        operation: Operation::ChatCompletions.into(),
        body: body("gpt", "").into(),
        explain: true,
        ..CompleteRequest::default()
    };
    let (head, stream) = world.send(&world.call(), request).await.expect("an answer");
    crate::ask::read(head, stream).await;
    eventually("it is settled", || world.book().settles.len() == 1).await;
    let end = world.book().settles[0].request_end.clone().expect("an end");
    let told: Value = serde_json::from_str(&end.explanation_json).expect("JSON");
    let of = |n: usize| (told["candidates"][n]["provider"].clone(), told["candidates"][n]["credential"].clone());
    assert_eq!(of(0), ("openai".into(), "workspace".into()));
    assert_eq!(of(1), ("platform/openai".into(), "platform".into()));
}

use super::*;
use crate::{provider::Surroundings, route::policy::Breaker};
use proptest::prelude::*;
use proto::{
    routing::{Alias, Fallback, PlatformUse, Strategy, Target},
    workspace::OpenProvider,
};
use std::{collections::BTreeSet, sync::LazyLock, time::Duration};

/// Made once, because a client reads all the certificates of the machine.
fn surroundings() -> &'static Surroundings {
    static SURROUNDINGS: LazyLock<Surroundings> = LazyLock::new(|| {
        let guard = egress::Guard::new(&egress::Config::default(), true, vec![]);
        let clock = host::Clock::system();
        Surroundings::new(egress::Client::new(guard, egress::Purpose::Provider), clock.clone(), host::Ids::new(clock))
    });
    &SURROUNDINGS
}

fn provider(name: &str, kind: &str, models: &[&str], priority: i32, weight: i32) -> Arc<Provider> {
    let settings = OpenProvider {
        id: format!("prov_{name}"),
        provider: kind.to_owned(),
        name: name.to_owned(),
        base_url: "http://127.0.0.1:1/v1".to_owned(),
        priority,
        weight,
        models: models.iter().map(|m| (*m).to_owned()).collect(),
        ..OpenProvider::default()
    };
    Arc::new(Provider::open(settings, surroundings()).expect("a known kind"))
}

/// `<provider>:<model as it knows it>` of the plan.
fn plan(providers: &[Arc<Provider>], simulator: bool, model: &str) -> Vec<String> {
    plan_by(providers, simulator, model, Uuid::from_u128(1)).unwrap_or_default()
}

fn plan_by(providers: &[Arc<Provider>], simulator: bool, model: &str, chance: Uuid) -> Result<Vec<String>, Error> {
    let built_in = Arc::new(crate::provider::simulator::built_in(surroundings()));
    let (settings, healths) = (Settings::default(), Healths::new());
    let choice = Choice {
        providers,
        platform: &[],
        locked: &[],
        simulator: simulator.then_some(&built_in),
        settings: &settings,
        healths: &healths,
        allowed: &ANY,
    };
    let planned = choice.plan(model, &Taste::plain(&healths), chance)?;
    Ok(planned.iter().map(shown).collect())
}

fn shown(candidate: &Candidate) -> String {
    format!("{}:{}", candidate.provider.name, candidate.model)
}

#[tokio::test]
async fn a_listed_name_comes_before_prefixes_and_is_backed_up_by_who_takes_any() {
    let providers = [provider("any", "openai", &[], 1, 1), provider("own", "openai", &["gpt", "own/gpt"], 0, 1)];
    assert_eq!(plan(&providers, true, "gpt"), ["own:gpt", "any:gpt"]);
    assert_eq!(plan(&providers, true, "own/gpt"), ["own:own/gpt", "any:own/gpt"]);
    assert_eq!(plan(&providers, true, "any/gpt"), ["any:gpt"]);
    assert_eq!(plan(&providers, true, "openai/gpt"), ["own:gpt", "any:gpt"]);
    assert_eq!(plan(&providers, true, "else/where"), ["any:else/where"]);
}

#[tokio::test]
async fn the_simulator_answers_to_its_own_name_only() {
    let providers = [provider("any", "openai", &[], 0, 1)];
    assert_eq!(plan(&providers, true, "simulator/chat"), ["simulator:chat"]);
    assert_eq!(plan(&providers, true, "simulator/status-418"), ["simulator:status-418"]);
    assert_eq!(plan(&providers, true, "simulator/nonsense"), Vec::<String>::new());
    assert_eq!(plan(&providers, true, "chat"), ["any:chat"]);
    assert_eq!(plan(&[], true, "gpt"), Vec::<String>::new());
    assert_eq!(plan(&[], false, "simulator/chat"), Vec::<String>::new());
    assert_eq!(plan(&[provider("sim", "simulator", &[], 0, 1)], true, "sim/cut"), ["sim:cut"]);
    assert_eq!(plan(&[provider("sim", "simulator", &["gpt"], 0, 1)], true, "gpt"), ["sim:gpt"]);
}

#[tokio::test]
async fn an_unknown_model_says_what_was_meant_and_what_to_do() {
    let failure = proto::Failure::from(plan_by(&[], true, "simulator/chatt", Uuid::nil()).expect_err("not found"));
    assert_eq!(failure.reason, proto::Reason::ModelNotFound);
    assert!(failure.message.contains("\"simulator/chat\"") && failure.message.contains("POST"), "{failure}");
}

#[tokio::test]
async fn lower_priority_is_tried_first_and_equals_share_by_weight() {
    let providers = [
        provider("last", "openai", &[], 9, 1),
        provider("heavy", "openai", &[], 0, 3),
        provider("light", "openai", &[], 0, 1),
    ];
    let mut heavy = 0;
    for chance in 0..4_000_u128 {
        let plan = plan_by(&providers, false, "m", Uuid::from_u128(chance)).expect("a plan");
        assert_eq!((plan.len(), plan[2].as_str()), (3, "last:m"));
        heavy += usize::from(plan[0] == "heavy:m");
    }
    assert!((2_850..3_150).contains(&heavy), "{heavy} of 4000 went to the one with three quarters of the weight");
}

/// A workspace with these settings, in which every provider takes any model.
struct House {
    providers: Vec<Arc<Provider>>,
    settings: Settings,
    healths: Healths,
}

impl House {
    fn new(names: &[&str], settings: Settings) -> Self {
        let providers = names.iter().map(|name| provider(name, "openai", &[], 0, 1)).collect();
        Self { providers, settings, healths: Healths::new() }
    }

    fn plan(&self, model: &str, taste: &Taste<'_>, chance: u128) -> Vec<Candidate> {
        let Self { providers, settings, healths } = self;
        let choice =
            Choice { providers, platform: &[], locked: &[], simulator: None, settings, healths, allowed: &ANY };
        choice.plan(model, taste, Uuid::from_u128(chance)).unwrap_or_default()
    }

    fn shown(&self, model: &str) -> Vec<String> {
        self.plan(model, &Taste::plain(&self.healths), 1).iter().map(shown).collect()
    }
}

fn at(provider: &str, model: &str, priority: Option<i32>, weight: Option<i32>) -> Target {
    Target { provider: provider.to_owned(), model: model.to_owned(), priority, weight }
}

fn aliases(aliases: &[(&str, &[Target])]) -> Settings {
    let all =
        aliases.iter().map(|(name, targets)| ((*name).to_owned(), Alias { targets: targets.to_vec(), policy: None }));
    Settings { aliases: all.collect(), ..Settings::default() }
}

#[tokio::test]
async fn an_alias_goes_before_every_other_meaning_of_its_name_and_leads_on_to_others() {
    let targets = [at("b", "big", None, None), at("", "inner", None, None), at("gone", "x", None, None)];
    let settings =
        aliases(&[("gpt", &targets), ("inner", &[at("a", "small", None, None), at("b", "big", None, None)])]);
    let house = House::new(&["a", "b"], settings);
    assert_eq!(house.shown("gpt"), ["b:big", "a:small"], "in the order of the list, each once");
    assert_eq!(house.shown("inner"), ["a:small", "b:big"]);
    assert_eq!(house.shown("a/gpt"), ["a:gpt"], "a prefix names the real model");
}

#[tokio::test]
async fn an_alias_of_which_all_providers_are_gone_is_not_found() {
    let house = House::new(&["a"], aliases(&[("lost", &[at("gone", "x", None, None)])]));
    assert_eq!(house.shown("lost"), Vec::<String>::new());
}

#[tokio::test]
async fn settings_that_lead_in_a_circle_end_nevertheless() {
    let house = House::new(&["a"], aliases(&[("x", &[at("", "y", None, None)]), ("y", &[at("", "x", None, None)])]));
    assert_eq!(house.shown("x"), Vec::<String>::new());
}

#[tokio::test]
async fn fallbacks_come_after_everybody_who_serves_the_model() {
    let mut settings = aliases(&[("safe", &[at("b", "small", None, None)])]);
    settings.fallbacks.insert("a/big".to_owned(), Fallback { models: vec!["safe".to_owned(), "b/other".to_owned()] });
    // Only the list of the requested name counts.
    settings.fallbacks.insert("safe".to_owned(), Fallback { models: vec!["a/never".to_owned()] });
    assert_eq!(House::new(&["a", "b"], settings).shown("a/big"), ["a:big", "b:small", "b:other"]);
}

#[tokio::test]
async fn a_canary_gets_its_share() {
    let targets = [at("a", "old", Some(0), Some(95)), at("b", "new", Some(0), Some(5)), at("a", "rest", Some(1), None)];
    let house = House::new(&["a", "b"], aliases(&[("smart", &targets)]));
    let first = |chance| shown(&house.plan("smart", &Taste::plain(&house.healths), chance)[0]);
    let canaries = (0..4_000).filter(|chance| first(*chance) == "b:new").count();
    assert!((140..260).contains(&canaries), "{canaries} of 4000 instead of 200");
}

#[tokio::test]
async fn strategies_tell_equals_apart_and_nobody_else() {
    let targets = [at("a", "m", Some(0), None), at("b", "m", Some(0), None), at("c", "m", Some(1), None)];
    let house = House::new(&["a", "b", "c"], aliases(&[("x", &targets)]));
    let health = |name: &str| house.healths.of("openai", &format!("prov_{name}"), "m");
    for (name, ms) in [("a", 900), ("b", 300), ("c", 1)] {
        health(name).enter(true).expect("a visit").succeeded(Some(Duration::from_millis(ms)));
    }
    let _busy = health("b").enter(true);
    let price = |c: &Candidate| (c.provider.name != "b").then_some(5);
    let taste = |strategy| Taste { strategy, price: &price, ..Taste::plain(&house.healths) };
    let expected = [
        (Strategy::Latency, "b", Rank::Latency(Some(300))),
        (Strategy::LeastBusy, "a", Rank::Busy(0)),
        (Strategy::Cost, "a", Rank::Cost(Some(5))),
    ];
    for chance in 0..50 {
        for (strategy, first, rank) in expected {
            let plan = house.plan("x", &taste(strategy), chance);
            assert_eq!((plan[0].provider.name.as_str(), plan[0].rank), (first, rank));
            assert_eq!((plan[2].provider.name.as_str(), plan[2].rank), ("c", Rank::Alone));
        }
    }
}

#[tokio::test]
async fn who_is_to_be_left_alone_comes_last_and_is_not_left_out() {
    let house = House::new(&["a", "b"], Settings::default());
    let breaker = Breaker { failures: 1, open: Duration::from_secs(60) };
    let fault = crate::provider::fault::Fault::of_status(500, None).expect("a fault");
    house.healths.of("openai", "prov_a", "m").enter(true).expect("a visit").failed(&fault, breaker);
    for chance in 0..50 {
        let plan = house.plan("m", &Taste::plain(&house.healths), chance);
        assert_eq!(plan.iter().map(shown).collect::<Vec<_>>(), ["b:m", "a:m"]);
    }
    house.healths.of("openai", "prov_b", "m").enter(true).expect("a visit").failed(&fault, breaker);
    assert_eq!(house.shown("m").len(), 2, "where everybody fails, everybody is tried");
}

prop_compose! {
    fn targets()(rows in prop::collection::vec((0..4_usize, 0..3_usize, prop::option::of(0..3_i32), 0..5_i32), 1..9))
        -> Vec<Target> {
        let names = ["a", "b", "c", "gone"];
        rows.into_iter().map(|(provider, model, priority, weight)| {
            at(names[provider], ["m", "n", "o"][model], priority, priority.map(|_| weight))
        }).collect()
    }
}

/// Runtimes are made once: providers want to be opened in one.
fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime")
}

proptest! {
    #[test]
    fn every_plan_has_each_target_once_by_priority_and_is_the_same_for_the_same_chance(
        targets in targets(), chance: u128,
    ) {
        let runtime = runtime();
        let _entered = runtime.enter();
        let house = House::new(&["a", "b", "c"], aliases(&[("x", &targets)]));
        let plan = house.plan("x", &Taste::plain(&house.healths), chance);
        let names: Vec<_> = plan.iter().map(shown).collect();
        let reachable: BTreeSet<_> =
            targets.iter().filter(|t| t.provider != "gone").map(|t| format!("{}:{}", t.provider, t.model)).collect();
        prop_assert_eq!(names.iter().cloned().collect::<BTreeSet<_>>(), reachable);
        prop_assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len());
        let best = |name: &String| {
            let all = targets.iter().enumerate().filter(|(_, t)| format!("{}:{}", t.provider, t.model) == *name);
            all.map(|(place, t)| t.priority.unwrap_or(place as i32)).min()
        };
        prop_assert!(names.windows(2).all(|pair| best(&pair[0]) <= best(&pair[1])), "{:?} of {:?}", names, targets);
        let again: Vec<_> = house.plan("x", &Taste::plain(&house.healths), chance).iter().map(shown).collect();
        prop_assert_eq!(names, again);
    }

    #[test]
    fn a_conversation_stays_where_it_was_among_equals_and_never_jumps_a_priority(
        targets in targets(), chances: [u128; 4], pin in 0..9_usize,
    ) {
        let runtime = runtime();
        let _entered = runtime.enter();
        let house = House::new(&["a", "b", "c"], aliases(&[("x", &targets)]));
        let plain = house.plan("x", &Taste::plain(&house.healths), chances[0]);
        prop_assume!(!plain.is_empty());
        let pinned = &plain[pin % plain.len()];
        let key = house.healths.key(&pinned.provider.id, &pinned.model);
        let place = |name: &str| {
            let all = targets.iter().enumerate().filter(|(_, t)| format!("{}:{}", t.provider, t.model) == name);
            all.map(|(place, t)| t.priority.unwrap_or(place as i32)).min()
        };
        for chance in chances {
            let plan = house.plan("x", &Taste { pinned: Some(key), ..Taste::plain(&house.healths) }, chance);
            let at = plan.iter().position(|c| shown(c) == shown(pinned)).expect("it is still there");
            let before = plan[..at].iter().all(|c| place(&shown(c)) < place(&shown(pinned)));
            prop_assert!(before, "{:?}", plan.iter().map(shown).collect::<Vec<_>>());
        }
    }
}

/// `<provider>:<model>` of the plan of a caller who may call only this.
fn plan_of(house: &House, allowed: &[&str], model: &str) -> Result<Vec<String>, proto::Reason> {
    let House { providers, settings, healths } = house;
    let allowed = Allowed::of(allowed.iter().map(|name| (*name).to_owned()).collect());
    let choice =
        Choice { providers, platform: &[], locked: &[], simulator: None, settings, healths, allowed: &allowed };
    let planned = choice.plan(model, &Taste::plain(healths), Uuid::from_u128(1));
    planned.map(|all| all.iter().map(shown).collect()).map_err(|error| proto::Failure::from(error).reason)
}

#[tokio::test]
async fn whoever_may_call_some_models_reaches_no_other_by_any_name() {
    let target = |model: &str| Target { model: model.to_owned(), ..Target::default() };
    let alias = |models: &[&str]| Alias { targets: models.iter().map(|m| target(m)).collect(), policy: None };
    let settings = Settings {
        aliases: [("smart".to_owned(), alias(&["big", "small"])), ("smarter".to_owned(), alias(&["smart"]))].into(),
        fallbacks: [("small".to_owned(), Fallback { models: vec!["big".to_owned(), "tiny".to_owned()] })].into(),
        ..Settings::default()
    };
    let mut house = House::new(&[], settings);
    house.providers =
        vec![provider("one", "openai", &["small", "big", "tiny"], 0, 1), provider("two", "openai", &["small"], 1, 1)];
    let (denied, absent) = (Err(proto::Reason::ModelNotAllowed), Err(proto::Reason::ModelNotFound));
    let found = |names: &[&str]| Ok(names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>());
    // Under each of its names, and with nothing that it would else fall back to.
    for name in ["small", "one/small", "openai/small"] {
        let planned = plan_of(&house, &["small"], name).expect("a plan");
        assert!(planned.iter().all(|place| place.ends_with(":small")), "{name}: {planned:?}");
    }
    assert_eq!(plan_of(&house, &["small"], "small"), found(&["one:small", "two:small"]));
    for name in ["big", "one/big", "openai/big", "tiny"] {
        assert_eq!(plan_of(&house, &["small"], name), denied, "{name}");
    }
    assert_eq!(plan_of(&house, &["small"], "bigger"), absent);
    assert_eq!(plan_of(&house, &["small", "tiny"], "small"), found(&["one:small", "two:small", "one:tiny"]));
    // Of one provider only.
    assert_eq!(plan_of(&house, &["two/small"], "small"), found(&["two:small"]));
    assert_eq!(plan_of(&house, &["two/*"], "small"), found(&["two:small"]));
    assert_eq!(plan_of(&house, &["two/*"], "one/small"), denied);
    // An alias leads to what is allowed of it, and a listed one to all that it names.
    assert_eq!(plan_of(&house, &["small"], "smart"), found(&["one:small", "two:small"]));
    assert_eq!(plan_of(&house, &["smart"], "smart"), found(&["one:big", "one:small", "two:small"]));
    assert_eq!(plan_of(&house, &["smart"], "smarter"), found(&["one:big", "one:small", "two:small"]));
    assert_eq!(plan_of(&house, &["smart"], "big"), denied);
    assert_eq!(plan_of(&house, &["tiny"], "smart"), denied);
}

/// `<provider>:<model as it knows it>` of the plan where the platform offers something.
fn plan_beside(own: &[Arc<Provider>], platform: &[OpenProvider], wish: PlatformUse, model: &str) -> Vec<String> {
    let built_in = Arc::new(crate::provider::simulator::built_in(surroundings()));
    let payer = crate::provider::Payer::Platform(proto::id::WorkspaceId::from_uuid(Uuid::from_u128(1)));
    let open = |offered: &OpenProvider| Provider::paid_by(payer, offered.clone(), surroundings(), Default::default());
    let platform: Vec<_> = platform.iter().filter_map(open).map(Arc::new).collect();
    let (settings, healths) = (Settings { platform: wish.into(), ..Settings::default() }, Healths::new());
    let choice = Choice {
        providers: own,
        platform: &platform,
        locked: &[],
        simulator: Some(&built_in),
        settings: &settings,
        healths: &healths,
        allowed: &ANY,
    };
    let planned = choice.plan(model, &Taste::plain(&healths), Uuid::from_u128(1)).unwrap_or_default();
    planned.iter().map(shown).collect()
}

#[tokio::test]
async fn the_platforms_come_behind_whatever_they_are_called() {
    let own = [provider("openai", "openai", &["gpt"], 5, 1), provider("router", "vllm", &["llama"], 0, 1)];
    let offered = |name: &str, models: &[&str], priority| OpenProvider {
        id: format!("prov_of_platform_{name}"),
        provider: "openai".to_owned(),
        name: name.to_owned(),
        base_url: "http://127.0.0.1:1/v1".to_owned(),
        priority,
        weight: 1,
        models: models.iter().map(|m| (*m).to_owned()).collect(),
        ..OpenProvider::default()
    };
    let platform = [offered("openai", &["gpt", "claude"], 0), offered("any", &[], 1)];
    let plan = |wish, model: &str| plan_beside(&own, &platform, wish, model);
    let both = ["platform/openai:gpt", "platform/any:gpt"];
    for (wish, model, expected) in [
        (PlatformUse::Unspecified, "gpt", vec!["openai:gpt"]),
        (PlatformUse::Fallback, "gpt", [vec!["openai:gpt"], both.to_vec()].concat()),
        (PlatformUse::Off, "gpt", vec!["openai:gpt"]),
        (PlatformUse::Unspecified, "claude", vec!["platform/openai:claude", "platform/any:claude"]),
        (PlatformUse::Unspecified, "anything", vec!["platform/any:anything"]),
        (PlatformUse::Off, "anything", vec![]),
        (PlatformUse::Unspecified, "platform/gpt", both.to_vec()),
        (PlatformUse::Fallback, "platform/openai/gpt", vec!["platform/openai:gpt"]),
        (PlatformUse::Unspecified, "any/x", vec!["platform/any:x"]),
        // Names of own providers, and of the simulator, are theirs, whatever the platform's take.
        (PlatformUse::Fallback, "openai/gpt", vec!["openai:gpt"]),
        (PlatformUse::Fallback, "openai/claude", vec![]),
        (PlatformUse::Fallback, "router/gpt", vec![]),
        (PlatformUse::Fallback, "simulator/nothing", vec![]),
        (PlatformUse::Fallback, "simulator/chat", vec!["simulator:chat"]),
        // By kind: first the own ones.
        (PlatformUse::Fallback, "vllm/llama", vec!["router:llama", "platform/any:vllm/llama"]),
    ] {
        assert_eq!(plan(wish, model), expected, "{wish:?} {model}");
    }
}

use super::*;

fn providers() -> Vec<Known> {
    let known = |name: &str, models: &[&str], takes_any_model| Known {
        name: name.to_owned(),
        kind: "openai".to_owned(),
        models: models.iter().map(|m| (*m).to_owned()).collect(),
        takes_any_model,
        is_platform: false,
    };
    vec![known("own", &["gpt", "mini"], false), known("other", &["gpt"], false)]
}

fn to(model: &str) -> Target {
    Target { model: model.to_owned(), ..Target::default() }
}

fn alias(targets: Vec<Target>) -> Alias {
    Alias { targets, policy: None }
}

fn places(settings: &Settings) -> Vec<String> {
    settings.problems(&providers()).into_iter().map(|(place, _)| place).collect()
}

#[test]
fn settings_that_can_be_kept_have_no_problems() {
    let share = |model: &str, weight| Target { priority: Some(0), weight: Some(weight), ..to(model) };
    let only = Target { provider: "other".to_owned(), ..to("gpt") };
    let settings = Settings {
        aliases: [
            ("smart".to_owned(), alias(vec![share("gpt", 95), share("mini", 5)])),
            ("gpt".to_owned(), alias(vec![only, to("own/mini"), to("openai/gpt")])),
            ("best".to_owned(), alias(vec![to("smart")])),
        ]
        .into(),
        fallbacks: [("gpt".to_owned(), Fallback { models: vec!["mini".to_owned(), "best".to_owned()] })].into(),
        ..Settings::default()
    };
    assert_eq!(settings.problems(&providers()), []);
    assert_eq!(Settings::default().problems(&[]), []);
}

#[test]
fn all_faults_are_found_at_once_and_named_by_their_place() {
    let free = |weight| Target { priority: Some(1), weight: Some(weight), ..to("gpt") };
    let lost = Target { provider: "nobody".to_owned(), ..to("gpt") };
    let foreign = Target { provider: "other".to_owned(), ..to("mini") };
    let late = Deadlines { connect_ms: 5_000, headers_ms: 1_000, ..Deadlines::default() };
    let settings = Settings {
        aliases: [
            ("a".to_owned(), alias(vec![lost, foreign, to("unheard-of"), to("")])),
            ("b".to_owned(), alias(vec![free(0), free(0)])),
            ("c".to_owned(), alias(vec![Target { weight: Some(3), ..to("gpt") }])),
            ("d".to_owned(), alias(vec![])),
            ("e".to_owned(), alias(vec![to("f")])),
            ("f".to_owned(), alias(vec![to("gpt"), to("e")])),
            (
                "g".to_owned(),
                Alias {
                    targets: vec![to("gpt")],
                    policy: Some(Policy {
                        deadlines: Some(Deadlines { total_ms: 10, ..Deadlines::default() }),
                        ..Policy::default()
                    }),
                },
            ),
        ]
        .into(),
        fallbacks: [("gpt".to_owned(), Fallback { models: vec!["gpt".to_owned(), "what".to_owned()] })].into(),
        policy: Some(Policy {
            deadlines: Some(late),
            retries: Some(Retries { max: 99, base_ms: 500, max_ms: 100 }),
            ..Policy::default()
        }),
        responses: Some(Responses { keep_days: 366 }),
        ..Settings::default()
    };
    let expected = [
        "aliases.a.targets[0].provider",
        "aliases.a.targets[1].model",
        "aliases.a.targets[2].model",
        "aliases.a.targets[3].model",
        "aliases.b.targets[0].weight",
        "aliases.c.targets[0].weight",
        "aliases.d.targets",
        "aliases.g.policy.deadlines.total_ms",
        "aliases.e.targets",
        "aliases.f.targets",
        "fallbacks.gpt[0]",
        "fallbacks.gpt[1]",
        "policy.retries.max",
        "policy.retries.max_ms",
        "policy.deadlines.headers_ms",
        "responses.keep_days",
    ];
    assert_eq!(places(&settings), expected);
}

#[test]
fn an_alias_says_only_what_differs() {
    let deadlines = |total_ms, idle_ms| Some(Deadlines { total_ms, idle_ms, ..Deadlines::default() });
    let whole = Policy { deadlines: deadlines(100, 50), strategy: Strategy::Cost.into(), ..Policy::default() };
    let own = Policy {
        deadlines: deadlines(70, 0),
        retries: Some(Retries { max: 1, ..Retries::default() }),
        ..Policy::default()
    };
    let settings = Settings {
        aliases: [("a".to_owned(), Alias { targets: vec![to("gpt")], policy: Some(own) })].into(),
        policy: Some(whole.clone()),
        ..Settings::default()
    };
    let policy = settings.policy_of("a");
    assert_eq!((policy.deadlines, policy.strategy()), (deadlines(70, 50), Strategy::Cost));
    assert_eq!((policy.retries.map(|r| r.max), settings.policy_of("gpt")), (Some(1), whole));
}

#[test]
fn what_is_added_later_may_be_missing_in_what_was_kept() {
    let kept: Settings = serde_json::from_str(r#"{"aliases":{"a":{"targets":[{"model":"m"}]}}}"#).expect("settings");
    assert_eq!(kept.aliases["a"].targets[0], to("m"));
    let text = serde_json::to_string(&kept).expect("JSON");
    assert_eq!(serde_json::from_str::<Settings>(&text).expect("settings"), kept);
}

#[test]
fn models_that_nobody_serves_and_shares_that_are_none_are_found() {
    let semantic = Semantic { model: "nobody".to_owned(), threshold: 0.2, shared: 9 };
    let cache = Cache { ttl_seconds: 60, semantic: Some(semantic), ..Cache::default() };
    let policy = Policy {
        cache: Some(cache),
        hedge: Some(Hedge { after_ms: 0, max_percent: 101 }),
        shadow: Some(Shadow { model: "lost".to_owned(), percent: 0.0 }),
        ..Policy::default()
    };
    let expected = [
        "policy.hedge.after_ms",
        "policy.hedge.max_percent",
        "policy.cache.semantic.threshold",
        "policy.cache.semantic.shared",
        "policy.shadow.percent",
        "policy.cache.semantic.model",
        "policy.shadow.model",
    ];
    assert_eq!(places(&Settings { policy: Some(policy), ..Settings::default() }), expected);
    let semantic = Semantic { model: "simulator/embed".to_owned(), threshold: 0.9, shared: 0 };
    let good = Policy {
        cache: Some(Cache { ttl_seconds: 60, semantic: Some(semantic), ..Cache::default() }),
        hedge: Some(Hedge { after_ms: 500, max_percent: 0 }),
        shadow: Some(Shadow { model: "gpt".to_owned(), percent: 0.5 }),
        ..Policy::default()
    };
    let simulator = Known { name: "simulator".to_owned(), kind: "simulator".to_owned(), ..Known::default() };
    let settings = Settings { policy: Some(good), ..Settings::default() };
    assert_eq!(settings.problems(&[providers(), vec![simulator]].concat()), []);
}

#[test]
fn what_the_platform_offers_may_be_named_and_what_it_does_not_may_not() {
    let offered = |name: &str, models: &[&str]| Known {
        name: name.to_owned(),
        kind: "anthropic".to_owned(),
        models: models.iter().map(|m| (*m).to_owned()).collect(),
        takes_any_model: models.is_empty(),
        is_platform: true,
    };
    let of_platform = |model: &str| Target { provider: PLATFORM.to_owned(), ..to(model) };
    let problems = |targets: Vec<Target>, offered: Known| {
        let settings = Settings { aliases: [("a".to_owned(), alias(targets))].into(), ..Settings::default() };
        let all = settings.problems(&[providers(), vec![offered]].concat());
        all.into_iter().map(|(place, _)| place).collect::<Vec<_>>()
    };
    let good = vec![
        to("claude"),
        to("platform/claude"),
        to("house/claude"),
        of_platform("claude"),
        of_platform("house/claude"),
    ];
    assert_eq!(problems(good, offered("house", &["claude"])), [""; 0]);
    // Its name without `platform` beside it is that of a provider of the workspace, which has none.
    let named = Target { provider: "house".to_owned(), ..to("claude") };
    let bad = vec![to("platform/gpt"), of_platform("gpt"), named];
    let places = ["aliases.a.targets[0].model", "aliases.a.targets[1].model", "aliases.a.targets[2].provider"];
    assert_eq!(problems(bad, offered("house", &["claude"])), places);
    assert_eq!(problems(vec![of_platform("anything")], offered("house", &[])), [""; 0]);
}

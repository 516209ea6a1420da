use super::*;
use crate::tokens;
use proptest::prelude::*;
use proto::usage::Tokens;

const KEY: Uuid = Uuid::nil();

fn prices(text: &str) -> Prices {
    Prices::new(document::file(text).unwrap(), 2_000)
}

fn built_in() -> Prices {
    Prices::new(document::built_in().unwrap(), 0)
}

fn of<'a>(kind: &'a str, model: &'a str, at: &str) -> Subject<'a> {
    Subject { workspace: KEY, provider_kind: kind, model, credential_owner: "workspace", at: at.parse().unwrap() }
}

fn cost(prices: &Prices, subject: Subject<'_>, tokens: Tokens) -> Option<i64> {
    prices.rate(subject, &tokens.into()).map(|rated| rated.cost)
}

const MILLION: Tokens = Tokens {
    input: 1_000_000,
    cache_read: 0,
    cache_write_5m: 0,
    audio_input: 0,
    output: 1_000_000,
    audio_output: 0,
    reasoning: 400_000,
    cache_write_1h: 0,
    image_input: 0,
    image_output: 0,
};

#[test]
fn the_built_in_prices_are_read_and_cover_what_people_use() {
    let prices = built_in();
    for (kind, model, nanos) in [
        ("openai", "gpt-4o-mini", 750_000_000),
        ("openai", "gpt-5", 11_250_000_000),
        ("openai", "text-embedding-3-small", 20_000_000),
        ("anthropic", "claude-opus-4-5", 30_000_000_000),
        ("deepseek", "deepseek-v4-flash", 420_000_000),
        ("groq", "llama-3.3-70b-versatile", 1_380_000_000),
    ] {
        assert_eq!(cost(&prices, of(kind, model, "2026-11-21T00:00:00Z"), MILLION), Some(nanos), "{kind}/{model}");
    }
    for kind in ["azure", "gemini", "mistral", "cohere", "xai", "openrouter", "together", "fireworks"] {
        let catalogue = prices.shared.catalogue.load();
        assert!(catalogue.listing.models(kind) > 15, "{kind} has only {}", catalogue.listing.models(kind));
    }
    assert_eq!(cost(&prices, of("openai", "nobody-sells-this", "2026-11-21T00:00:00Z"), MILLION), None);
}

#[test]
fn long_contexts_cost_more_altogether() {
    let of = of("gemini", "gemini-2.5-pro", "2026-11-21T00:00:00Z");
    let short = Tokens { input: 100_000, cache_read: 100_000, ..Tokens::default() };
    assert_eq!(cost(&built_in(), of, short), Some(137_500_000));
    assert_eq!(
        cost(&built_in(), of, Tokens { input: 100_001, ..short }),
        Some(275_002_500),
        "all of it, not what is above"
    );
}

#[test]
fn prices_hold_from_one_time_until_another_and_by_the_hour() {
    let prices = built_in();
    let at = |time| cost(&prices, of("deepseek", "deepseek-chat", time), MILLION);
    assert_eq!(at("2025-06-01T16:29:59Z"), Some(1_370_000_000));
    assert_eq!(at("2025-06-01T16:30:00Z"), Some(685_000_000), "at night it was half");
    assert_eq!(at("2025-06-02T00:29:59Z"), Some(685_000_000));
    assert_eq!(at("2025-09-05T15:59:59Z"), Some(1_370_000_000));
    assert_eq!(at("2025-09-05T16:00:00Z"), Some(2_240_000_000));
    assert_eq!(at("2025-09-29T00:00:00Z"), Some(700_000_000));
}

const FILE: &str = r#"{"version": "ours", "providers": [{
    "kind": "openai", "currency": "USD", "source": "a contract", "date": "2026-01-01", "models": [
        {"names": ["m"], "prices": {"input": "1", "cache_read": "0.1", "output": "2"},
         "tiers": [{"above_input": 1000, "prices": {"input": "3"}}]},
        {"names": ["embed"], "prices": {"input": "0.02"}},
        {"names": ["gift"], "free": true}
    ]}]}"#;

#[test]
fn a_bucket_without_a_price_costs_what_it_would_be_otherwise_or_is_unknown() {
    let prices = prices(FILE);
    let at = "2026-11-21T00:00:00Z";
    let odd = Tokens { cache_write_1h: 100, audio_input: 10, image_output: 7, ..Tokens::default() };
    assert_eq!(cost(&prices, of("openai", "m", at), odd), Some(124_000));
    assert_eq!(cost(&prices, of("openai", "embed", at), Tokens { input: 50, ..Tokens::default() }), Some(1_000));
    assert_eq!(cost(&prices, of("openai", "embed", at), Tokens { output: 1, ..Tokens::default() }), None);
    assert_eq!(
        cost(&prices, of("openai", "gpt-4o-mini", at), MILLION),
        None,
        "the file does not extend the built-in ones"
    );
    let extended = FILE.replacen('{', r#"{"extends_built_in": true, "#, 1);
    assert!(cost(&self::prices(&extended), of("openai", "gpt-4o-mini", at), MILLION).is_some());
}

#[test]
fn free_is_a_price_and_the_simulator_is_free() {
    let prices = prices(FILE);
    let gift = of("openai", "gift", "2026-11-21T00:00:00Z");
    assert_eq!(cost(&prices, gift, MILLION), Some(0));
    assert_eq!(prices.bound(gift, 1_000, 1_000, &Units::default()), Bound::Free);
    let simulated = Subject { credential_owner: SIMULATOR, model: "whatever", ..gift };
    assert_eq!(
        prices.rate(simulated, &MILLION.into()).map(|rated| (rated.cost, rated.version)),
        Some((0, "free".into()))
    );
    let unknown = Subject { model: "whatever", ..gift };
    assert_eq!(prices.bound(unknown, 1_000, 1_000, &Units::default()), Bound::Unknown);
}

#[test]
fn what_a_workspace_agreed_on_is_for_its_own_credentials_and_the_markup_for_the_platforms() {
    let prices = prices(FILE);
    let own = of("openai", "m", "2026-11-21T00:00:00Z");
    let agreed: Agreed = serde_json::from_str(
        r#"{"markup_percent": "50", "prices": [
            {"provider": "openai", "models": ["m"], "currency": "USD", "prices": {"input": "0.5", "output": "1"}},
            {"provider": "openai", "models": ["*"], "currency": "EUR", "prices": {"input": "4", "output": "4"}}]}"#,
    )
    .unwrap();
    prices.agree([(KEY, Agreement::read(&agreed).unwrap())]);
    let rated = prices.rate(own, &Tokens { input: 1_000, ..Tokens::default() }.into()).unwrap();
    assert_eq!((rated.list, rated.cost, &*rated.currency), (Some(1_000_000), 750_000, "USD"));
    assert!(rated.version.starts_with("ours-") && rated.version.contains('+'), "{}", rated.version);
    let any =
        prices.rate(Subject { model: "llama", ..own }, &Tokens { input: 1_000, ..Tokens::default() }.into()).unwrap();
    assert_eq!((any.list, any.cost, &*any.currency), (None, 6_000_000, "EUR"));
    let platform = Subject { credential_owner: PLATFORM, ..own };
    let rated = prices.rate(platform, &Tokens { input: 1_000, ..Tokens::default() }.into()).unwrap();
    assert_eq!((rated.list, rated.cost), (Some(1_000_000), 1_200_000), "list price and the markup of the platform");
    let other = Subject { workspace: Uuid::max(), ..own };
    assert_eq!(cost(&prices, other, Tokens { input: 1_000, ..Tokens::default() }), Some(1_000_000));
}

#[test]
fn what_is_no_tokens_is_priced_exactly_by_its_class() {
    let prices = prices(
        r#"{"version": "ours", "providers": [{"kind": "openai", "currency": "USD", "source": "a contract", "date": "2026-01-01",
        "models": [
            {"names": ["draw"], "prices": {"image": "0.04", "image hd": "0.08", "image 8x8": "0.01", "image hd/8x8": "0.02"}},
            {"names": ["one-size"], "prices": {"image 8x8": "0.01"}},
            {"names": ["hear"], "prices": {"audio_hour": "0.111"}},
            {"names": ["both"], "prices": {"searches": "2", "input": "1"}}]}]}"#,
    );
    let units = |model, units: Units| {
        let used = Used { tokens: Tokens { input: 7, ..Tokens::default() }, units: units.clone() };
        let subject = of("openai", model, "2026-11-21T00:00:00Z");
        let rated = prices.rate(subject, &used).map(|rated| (rated.cost, rated.by_units));
        match (rated, prices.bound(subject, 7, 0, &units)) {
            (Some((rated, _)), Bound::Nanos { cost, .. }) => assert!(rated <= cost, "{rated} {cost}"),
            (None, Bound::Unknown) => {}
            other => panic!("{other:?}"),
        }
        rated
    };
    let class = |class: &str| Units { images: 3, image_class: class.into(), ..Units::default() };
    for (name, nanos) in [("hd/8x8", 20), ("hd/9x9", 80), ("low/8x8", 10), ("low/9x9", 40), ("", 40)] {
        assert_eq!(units("draw", class(name)), Some((3 * nanos * 1_000_000, true)), "{name}");
    }
    assert_eq!(units("one-size", class("hd/9x9")), None, "nobody sells it");
    // An hour has 3,600,000 milliseconds: 30.8333 nano-units each.
    let heard = |audio_ms| units("hear", Units { audio_ms, ..Units::default() }).map(|(nanos, _)| nanos);
    assert_eq!((heard(1), heard(3), heard(3_600_000)), (Some(31), Some(92), Some(111_000_000)), "half to even, once");
    let both = Units { searches: 1, ..Units::default() };
    assert_eq!(units("both", both), Some((2_007_000, true)), "tokens that have a price are paid beside");
    assert_eq!(
        units("both", Units { images: 1, ..Units::default() }),
        Some((7_000, false)),
        "of what is billed by tokens"
    );
}

#[test]
fn documents_that_are_wrong_say_where() {
    for (from, to, sentence) in [
        (r#""input": "1""#, r#""input": 1"#, "invalid type"),
        (r#""input": "1""#, r#""input": "1e3""#, "openai/m: input must be a decimal number"),
        (r#""input": "1""#, r#""inputs": "1""#, "unknown field `inputs`"),
        (r#""input": "1""#, r#""image ": "1""#, "unknown field `image `"),
        (r#""input": "1""#, r#""image hd": "x""#, "openai/m: image hd must be a decimal number"),
        (r#""USD""#, r#""usd""#, "is no currency such as USD"),
        (r#"["embed"]"#, r#"["m"]"#, "openai/m has two prices at the same time"),
        (r#""free": true"#, r#""free": true, "prices": {"input": "1"}"#, "it is free, or it has prices"),
        (r#""free": true"#, r#""note": "?""#, "it is free, or it has prices"),
        (r#""above_input": 1000"#, r#""above_input": 0"#, "`above_input` must be positive"),
        (r#"["gift"]"#, r#"["gift"], "from": "2026-02-01", "to": "2026-01-01""#, "`from` must be earlier"),
        (r#"["gift"]"#, r#"["gift"], "from": "soon""#, "must be a date such as"),
    ] {
        assert!(FILE.contains(from), "{from}");
        let error = document::file(&FILE.replacen(from, to, 1)).expect_err(to);
        assert!(error.contains(sentence), "{to}: {error}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]
    #[test]
    fn no_attempt_costs_more_than_its_bound(
        counts in proptest::array::uniform9(0i64..5_000),
        model in proptest::sample::select(vec!["m", "embed"]),
    ) {
        let prices = prices(FILE);
        let [input, cache_read, cache_write_5m, cache_write_1h, audio_input, image_input, output, audio_output, image_output] = counts;
        let tokens = Tokens {
            input, cache_read, cache_write_5m, cache_write_1h, audio_input, image_input, output, audio_output, image_output,
            reasoning: output / 2,
        };
        let subject = of("openai", model, "2026-11-21T00:00:00Z");
        let all_input = tokens::input(&tokens);
        match (
            prices.rate(subject, &tokens.into()),
            prices.bound(subject, all_input, tokens::all(&tokens) - all_input, &Units::default()),
        ) {
            (Some(rated), Bound::Nanos { cost, list, .. }) => {
                prop_assert!(rated.cost <= cost);
                prop_assert!(rated.list <= list);
            }
            (rated, bound) => prop_assert_eq!((rated, bound), (None, Bound::Unknown)),
        }
    }
}

//! Shapes as providers send them, with where and when each was seen.

use super::*;
use proptest::prelude::*;
use serde_json::json;

fn tokens(json: &str) -> Option<Tokens> {
    read(serde_json::from_str(json).expect("JSON"))
}

const NONE: Tokens = Tokens {
    input: 0,
    cache_read: 0,
    cache_write_5m: 0,
    cache_write_1h: 0,
    audio_input: 0,
    image_input: 0,
    output: 0,
    audio_output: 0,
    image_output: 0,
    reasoning: 0,
};

#[test]
fn what_providers_report_falls_into_buckets_that_do_not_overlap() {
    for (seen, shape, expected) in SHAPES {
        assert_eq!(tokens(shape), Some(*expected), "{seen}");
    }
}

/// Where it was seen, what was sent, what it means.
const SHAPES: &[(&str, &str, Tokens)] = &[
    (
        "OpenAI's API description, example of a chat completion (gpt-5.4, 2026)",
        r#"{"prompt_tokens":19,"completion_tokens":10,"total_tokens":29,
            "prompt_tokens_details":{"cached_tokens":0,"audio_tokens":0},
            "completion_tokens_details":{"reasoning_tokens":0,"audio_tokens":0,"accepted_prediction_tokens":0,
            "rejected_prediction_tokens":0}}"#,
        Tokens { input: 19, output: 10, ..NONE },
    ),
    (
        "OpenAI's guide to prompt caching, 2026: 1,920 of 2,006 were read from the cache",
        r#"{"prompt_tokens":2006,"completion_tokens":300,"total_tokens":2306,
            "prompt_tokens_details":{"cached_tokens":1920}}"#,
        Tokens { input: 86, cache_read: 1920, output: 300, ..NONE },
    ),
    (
        "OpenAI's guide to prompt caching, models that charge for writing: 2,000 read, 400 written, 200 neither",
        r#"{"prompt_tokens":2600,"completion_tokens":300,"total_tokens":2900,
            "prompt_tokens_details":{"cached_tokens":2000,"cache_write_tokens":400}}"#,
        Tokens { input: 200, cache_read: 2000, cache_write_5m: 400, output: 300, ..NONE },
    ),
    (
        "OpenAI's audio models: audio and reasoning are parts of their totals",
        r#"{"prompt_tokens":100,"completion_tokens":50,"total_tokens":150,
            "prompt_tokens_details":{"cached_tokens":30,"audio_tokens":10},
            "completion_tokens_details":{"reasoning_tokens":20,"audio_tokens":5,"accepted_prediction_tokens":0}}"#,
        Tokens { input: 60, cache_read: 30, audio_input: 10, output: 45, audio_output: 5, reasoning: 20, ..NONE },
    ),
    (
        "OpenRouter's guide to usage accounting, 2026",
        r#"{"completion_tokens":2,"completion_tokens_details":{"reasoning_tokens":0},"cost":0.95,
            "cost_details":{"upstream_inference_cost":19},"prompt_tokens":194,
            "prompt_tokens_details":{"cached_tokens":0,"cache_write_tokens":100,"audio_tokens":0},"total_tokens":196}"#,
        Tokens { input: 94, cache_write_5m: 100, output: 2, ..NONE },
    ),
    (
        "OpenRouter in front of Anthropic, seen on the wire by goose (pull request 11472, 2026-08)",
        r#"{"prompt_tokens":25612,"completion_tokens":4,"total_tokens":25616,
            "prompt_tokens_details":{"cached_tokens":0,"cache_write_tokens":25600}}"#,
        Tokens { input: 12, cache_write_5m: 25600, output: 4, ..NONE },
    ),
    (
        "LiteLLM in front of Anthropic (issue 15056, 2025-09): what is written is beside the prompt",
        r#"{"completion_tokens":467,"prompt_tokens":31,"total_tokens":498,"prompt_tokens_details":{"cached_tokens":0},
            "cache_creation_input_tokens":1253,"cache_read_input_tokens":0}"#,
        Tokens { input: 31, cache_write_5m: 1253, output: 467, ..NONE },
    ),
    (
        "Anthropic's Messages through AWS, kept for an hour (LiteLLM issue 20293, 2026-02)",
        r#"{"input_tokens":3,"cache_creation_input_tokens":5424,"cache_read_input_tokens":0,
            "cache_creation":{"ephemeral_5m_input_tokens":0,"ephemeral_1h_input_tokens":5424},"output_tokens":42}"#,
        Tokens { input: 3, cache_write_1h: 5424, output: 42, ..NONE },
    ),
    (
        "Anthropic's Messages: what is cached is beside the input, however much that is",
        r#"{"input_tokens":6000,"cache_creation_input_tokens":0,"cache_read_input_tokens":5000,"output_tokens":7}"#,
        Tokens { input: 6000, cache_read: 5000, output: 7, ..NONE },
    ),
    (
        "a gateway in front of Anthropic that counts both kinds of writing within the prompt",
        r#"{"prompt_tokens":1000,"completion_tokens":10,"total_tokens":1010,
            "prompt_tokens_details":{"cached_tokens":100,"cache_creation_tokens":500,
            "cache_creation_token_details":{"ephemeral_5m_input_tokens":200,"ephemeral_1h_input_tokens":300}},
            "cache_creation_input_tokens":500,"cache_read_input_tokens":100}"#,
        Tokens { input: 400, cache_read: 100, cache_write_5m: 200, cache_write_1h: 300, output: 10, ..NONE },
    ),
    (
        "DeepSeek's guide to context caching (any-llm issue 795, 2026-02): a miss is plain input",
        r#"{"prompt_tokens":100,"prompt_cache_hit_tokens":80,"prompt_cache_miss_tokens":20,"completion_tokens":50,
            "total_tokens":150}"#,
        Tokens { input: 20, cache_read: 80, output: 50, ..NONE },
    ),
    (
        "DeepSeek with both of its shapes at once: cached tokens are counted once",
        r#"{"prompt_tokens":100,"prompt_tokens_details":{"cached_tokens":64},"prompt_cache_hit_tokens":64,
            "prompt_cache_miss_tokens":36,"completion_tokens":40,"total_tokens":140,
            "completion_tokens_details":{"reasoning_tokens":25}}"#,
        Tokens { input: 36, cache_read: 64, output: 40, reasoning: 25, ..NONE },
    ),
    (
        "Moonshot, cached tokens beside the totals",
        r#"{"prompt_tokens":1200,"completion_tokens":30,"total_tokens":1230,"cached_tokens":1024}"#,
        Tokens { input: 176, cache_read: 1024, output: 30, ..NONE },
    ),
    (
        "xAI (sub2api issue 5771, 2026-08): thinking is beside the answer, and is charged as output",
        r#"{"prompt_tokens":10120,"completion_tokens":1499,"total_tokens":14428,
            "prompt_tokens_details":{"cached_tokens":128},"completion_tokens_details":{"reasoning_tokens":2809}}"#,
        Tokens { input: 9992, cache_read: 128, output: 4308, reasoning: 2809, ..NONE },
    ),
    (
        "xAI's grok-3-mini (vercel/ai pull request 12425, 2026-02)",
        r#"{"prompt_tokens":12,"completion_tokens":1,"total_tokens":399,
            "prompt_tokens_details":{"text_tokens":12,"audio_tokens":0,"image_tokens":0,"cached_tokens":0},
            "completion_tokens_details":{"reasoning_tokens":386,"audio_tokens":0}}"#,
        Tokens { input: 12, output: 387, reasoning: 386, ..NONE },
    ),
    (
        "Gemini behind a gateway, an answer of thoughts alone (CLIProxyAPI issue 5733, 2026-09)",
        r#"{"completion_tokens":0,"total_tokens":81,"prompt_tokens":21,
            "completion_tokens_details":{"reasoning_tokens":60}}"#,
        Tokens { input: 21, output: 60, reasoning: 60, ..NONE },
    ),
    (
        "Gemini's thoughts, of which only the total tells (any-llm issue 1290, 2026-08)",
        r#"{"prompt_tokens":20,"completion_tokens":198,"total_tokens":623}"#,
        Tokens { input: 20, output: 603, reasoning: 405, ..NONE },
    ),
    (
        "Gemini through a router that names images and videos (infron.ai's guide, 2026-03)",
        r#"{"completion_tokens":1135,"completion_tokens_details":{"audio_tokens":0,"image_tokens":0,
            "reasoning_tokens":1100},"prompt_tokens":22,"prompt_tokens_details":{"audio_tokens":0,
            "cache_write_tokens":0,"cached_tokens":0,"video_tokens":0},"total_tokens":1157}"#,
        Tokens { input: 22, output: 1135, reasoning: 1100, ..NONE },
    ),
    (
        "a model that reads and paints images",
        r#"{"prompt_tokens":1400,"completion_tokens":1310,"total_tokens":2710,
            "prompt_tokens_details":{"image_tokens":1290,"text_tokens":110},
            "completion_tokens_details":{"image_tokens":1290}}"#,
        Tokens { input: 110, image_input: 1290, output: 20, image_output: 1290, ..NONE },
    ),
    (
        "OpenAI's Responses, from servers that have one shape for everything",
        r#"{"input_tokens":75,"input_tokens_details":{"cached_tokens":25},"output_tokens":1186,
            "output_tokens_details":{"reasoning_tokens":1024},"total_tokens":1261}"#,
        Tokens { input: 50, cache_read: 25, output: 1186, reasoning: 1024, ..NONE },
    ),
];

#[test]
fn imitations_that_leave_things_out_are_still_understood() {
    let simple = Tokens { input: 3, output: 2, ..NONE };
    assert_eq!(tokens(r#"{"prompt_tokens":3,"completion_tokens":2.0,"prompt_tokens_details":null}"#), Some(simple));
    assert_eq!(tokens(r#"{"prompt_tokens":3,"completion_tokens":2,"prompt_tokens_details":[1]}"#), Some(simple));
    assert_eq!(
        tokens(r#"{"prompt_tokens":3,"completion_tokens":2,"cache_creation":{"ephemeral_5m_input_tokens":"x"}}"#),
        Some(simple)
    );
    assert_eq!(tokens(r#"{"prompt_tokens":-3,"completion_tokens":2}"#), Some(Tokens { input: 0, ..simple }));
    let odd = r#"{"prompt_tokens":3,"completion_tokens":null,"prompt_tokens_details":{"cached_tokens":9}}"#;
    assert_eq!(tokens(odd), Some(Tokens { cache_read: 3, ..NONE }), "a part is never more than its whole");
    assert_eq!(tokens("null"), None);
    assert_eq!(tokens("[1]"), None);
}

#[test]
fn a_count_that_cannot_be_true_is_not_taken() {
    for odd in [
        r#"{"prompt_tokens":4294967295,"completion_tokens":1}"#,
        r#"{"prompt_tokens":1,"total_tokens":1e300}"#,
        r#"{"prompt_tokens":1,"prompt_tokens_details":{"cached_tokens":18446744073709551615}}"#,
    ] {
        assert_eq!(tokens(odd), None, "{odd}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]

    /// Whatever a provider reports: nothing is negative, no part is bigger than its whole, and nothing is counted that
    /// was not reported.
    #[test]
    fn no_report_makes_tokens_of_nothing(n in prop::collection::vec(prop_oneof![Just(0i64), -5..50i64, any::<i64>()], 16)) {
        let usage = json!({
            "prompt_tokens": n[0], "completion_tokens": n[1], "total_tokens": n[2],
            "prompt_tokens_details": {"cached_tokens": n[3], "cache_write_tokens": n[4], "audio_tokens": n[5],
                "image_tokens": n[6], "cache_creation_token_details": {"ephemeral_5m_input_tokens": n[7]}},
            "completion_tokens_details": {"reasoning_tokens": n[8], "audio_tokens": n[9], "image_tokens": n[10]},
            "cache_creation": {"ephemeral_5m_input_tokens": n[11], "ephemeral_1h_input_tokens": n[12]},
            "cache_creation_input_tokens": n[13], "cache_read_input_tokens": n[14], "prompt_cache_hit_tokens": n[15],
        }).to_string();
        if let Some(t) = tokens(&usage) {
            let input = [t.input, t.cache_read, t.cache_write_5m, t.cache_write_1h, t.audio_input, t.image_input];
            let output = [t.output, t.audio_output, t.image_output];
            prop_assert!(input.iter().chain(&output).all(|count| *count >= 0), "{t:?}");
            prop_assert!((0..=t.output).contains(&t.reasoning), "{t:?}");
            let of = |at: &[usize]| at.iter().map(|at| i128::from(n[*at].max(0))).sum::<i128>();
            let sum = |counts: &[i64]| counts.iter().map(|count| i128::from(*count)).sum::<i128>();
            prop_assert!(sum(&input) >= of(&[0]), "less than the prompt: {t:?}");
            prop_assert!(sum(&input) <= of(&[0, 3, 4, 7, 11, 12, 13, 14, 15]), "more than was reported: {t:?}");
            prop_assert!(sum(&output) >= of(&[1]) && sum(&output) <= of(&[1, 2, 8]), "{t:?}");
        }
    }
}

use crate::world::*;
use chrono::TimeDelta;
use proto::{Reason, time::to_proto, usage::*};
use usage_metering::{
    Config,
    offline::{self, ReRate, re_rate},
};

fn asks(world: &World, kind: &str, model: &str, units: Units) -> Ask {
    world.ask().with(|ask| {
        (ask.provider_kind, ask.model) = (kind.into(), model.into());
        ask.units = Some(units);
    })
}

fn pictures(images: i64, class: &str) -> Units {
    Units { images, image_class: class.into(), ..Units::default() }
}

/// It used this and no tokens.
fn used(ask: &Ask, units: Units) -> SettleRequest {
    SettleRequest { tokens: None, units: Some(units), ..ask.completed() }
}

async fn done(world: &World, ask: &Ask, settle: SettleRequest) -> RequestLog {
    world.admit(ask).await.unwrap();
    world.settle(settle).await.unwrap();
    world.service.flush().await.unwrap();
    world.log(&ask.request_id()).await.unwrap()
}

/// Of a month and of the moment at which everything was used: by roll-ups, and by the ledger.
async fn sums(world: &World) -> UsageSums {
    let at = |text: &str| Some(to_proto(text.parse().unwrap()));
    let whole = GetUsageRequest { from: at("2026-11-01T00:00:00Z"), to: at("2026-12-01T00:00:00Z") };
    // So short that it is read row by row.
    let parts = GetUsageRequest { from: at("2026-11-21T07:59:59.999999Z"), to: at("2026-11-21T08:00:00.000001Z") };
    let reader = world.reader(world.workspace);
    let whole = world.usage.get_usage(&reader, whole).await.unwrap().sums.unwrap();
    assert_eq!(world.usage.get_usage(&reader, parts).await.unwrap().sums.unwrap(), whole);
    whole
}

#[tokio::test]
async fn pictures_sound_characters_and_searches_cost_what_their_provider_charges() {
    for world in everywhere().await {
        let units = Units::default();
        for (kind, model, units, micros) in [
            ("openai", "dall-e-3", pictures(1, "standard/1024x1024"), 40_000),
            ("openai", "dall-e-3", pictures(2, "hd/1024x1792"), 240_000),
            ("openai", "dall-e-3", pictures(1, "default/1792x1024"), 80_000),
            ("openai", "dall-e-2", pictures(3, "default/256x256"), 48_000),
            ("openai", "whisper-1", Units { audio_ms: 61_000, ..units.clone() }, 6_100),
            ("groq", "whisper-large-v3", Units { audio_ms: 3_600_000, ..units.clone() }, 111_000),
            ("openai", "tts-1", Units { characters: 200, ..units.clone() }, 3_000),
            ("cohere", "rerank-v3.5", Units { searches: 3, ..units.clone() }, 6_000),
        ] {
            let ask = asks(&world, kind, model, units.clone());
            let log = done(&world, &ask, used(&ask, units.clone())).await;
            assert_eq!(
                (log.cost_micros, log.currency.as_str(), log.estimated),
                (Some(micros), "USD", false),
                "{model}"
            );
            let told = log.units.unwrap();
            assert_eq!((told.images, told.audio_ms), (units.images, units.audio_ms), "{model}");
            assert_eq!((told.characters, told.searches), (units.characters, units.searches), "{model}");
        }
        let all = sums(&world).await;
        let expected = Units { images: 7, audio_ms: 3_661_000, characters: 200, searches: 3, ..Units::default() };
        assert_eq!((all.units, all.unpriced_attempts), (Some(expected), 0));
        let (scope, from) = (crate::offline::scope(&world), offline::minutes_from(start()));
        assert_eq!(offline::compare_rollups(&world.db, &scope, from).await.unwrap(), []);
    }
}

#[tokio::test]
async fn what_is_billed_by_tokens_is_whatever_else_it_made_and_what_nobody_sells_is_unpriced() {
    for world in everywhere().await {
        let ask = asks(&world, "openai", "gpt-image-1", pictures(1, "high/1024x1024"));
        let tokens = Some(Tokens { input: 10, image_output: 1_000, ..Tokens::default() });
        let by_tokens = SettleRequest { tokens, ..used(&ask, pictures(1, "high/1024x1024")) };
        let log = done(&world, &ask, by_tokens).await;
        assert_eq!(log.cost_micros, Some(40_050), "1,000 tokens of a picture, and 10 of text");
        assert_eq!(log.units.unwrap().images, 1);
        // Its picture was made, and nobody said of how many tokens.
        let ask = asks(&world, "openai", "gpt-image-1", pictures(1, ""));
        let log = done(&world, &ask, used(&ask, pictures(1, ""))).await;
        assert_eq!(log.cost_micros, None, "unknown is not free");
        let at = |text: &str| Some(to_proto(text.parse().unwrap()));
        let all = ListUnpricedRequest { from: at("2026-11-01T00:00:00Z"), to: at("2026-12-01T00:00:00Z") };
        let unpriced = world.usage.list_unpriced(&world.reader(world.workspace), all).await;
        let unpriced = unpriced.unwrap().models;
        assert_eq!((unpriced[0].model.as_str(), unpriced[0].units.clone().unwrap().images), ("gpt-image-1", 2));
    }
}

#[tokio::test]
async fn what_is_guessed_says_so_where_it_is_billed_by_the_guess() {
    for world in everywhere().await {
        // The tokens of speech are our guess; its characters are in the request.
        let units = Units { characters: 100, ..Units::default() };
        let ask = asks(&world, "openai", "tts-1", units.clone());
        let speech = SettleRequest {
            tokens: Some(Tokens { input: 25, ..Tokens::default() }),
            estimated: true,
            ..used(&ask, units.clone())
        };
        let log = done(&world, &ask, speech.clone()).await;
        assert_eq!((log.cost_micros, log.estimated), (Some(1_500), false));
        let ask = asks(&world, "openai", "gpt-4o-mini-tts", units);
        let log = done(&world, &ask, SettleRequest { grant_id: ask.grant_id(), ..speech }).await;
        assert!(log.estimated && log.cost_micros == Some(15), "{log:?}");
        // How long the sound was is our measure.
        let units = Units { audio_ms: 60_000, estimated: true, ..Units::default() };
        let ask = asks(&world, "openai", "whisper-1", units.clone());
        let log = done(&world, &ask, used(&ask, units)).await;
        assert_eq!((log.cost_micros, log.estimated), (Some(6_000), true));
    }
}

#[tokio::test]
async fn a_budget_is_reserved_by_what_is_asked_for_and_settled_by_what_was_made() {
    for world in everywhere().await {
        let limited = |images| {
            asks(&world, "openai", "dall-e-3", pictures(images, "hd/1024x1024")).limited(
                LayerKind::Workspace,
                world.workspace,
                |layer| {
                    layer.allowances = vec![Allowance {
                        resource: "cost".into(),
                        period: Period::Month.into(),
                        limit: 300_000_000,
                        currency: "USD".into(),
                        soft: false,
                    }];
                },
            )
        };
        let three = limited(3);
        let answer = world.admit(&three).await.unwrap();
        assert_eq!((answer.limits[0].used, answer.limits[0].limit), (240_000_000, 300_000_000));
        assert_eq!(world.admit(&limited(1)).await.unwrap_err().reason, Reason::BudgetExceeded);
        // Only one was made.
        world.settle(used(&three, pictures(1, "hd/1024x1024"))).await.unwrap();
        let answer = world.admit(&limited(2)).await.unwrap();
        assert_eq!(answer.limits[0].used, 80_000_000 + 160_000_000);
        assert_eq!(world.admit(&limited(1)).await.unwrap_err().reason, Reason::BudgetExceeded);
    }
}

#[tokio::test]
async fn of_a_grant_that_nobody_settles_what_was_asked_counts_until_it_is_settled_late() {
    for world in everywhere().await {
        let units = Units { audio_ms: 120_000, estimated: true, ..Units::default() };
        let ask = asks(&world, "openai", "whisper-1", units);
        world.admit(&ask).await.unwrap();
        world.service.flush().await.unwrap();
        world.hand.advance(TimeDelta::seconds(700));
        let log = eventually(15 * SECOND, async || world.log(&ask.request_id()).await).await;
        assert_eq!((log.cost_micros, log.estimated, log.units.unwrap().audio_ms), (Some(12_000), true, 120_000));
        world.settle(used(&ask, Units { audio_ms: 90_000, ..Units::default() })).await.unwrap();
        world.service.flush().await.unwrap();
        let log = world.log(&ask.request_id()).await.unwrap();
        assert_eq!((log.cost_micros, log.estimated, log.units.unwrap().audio_ms), (Some(9_000), false, 90_000));
        // A picture that nobody saw was maybe never made.
        let picture = asks(&world, "openai", "dall-e-3", pictures(1, "hd/1024x1024"));
        world.admit(&picture).await.unwrap();
        world.service.flush().await.unwrap();
        world.hand.advance(TimeDelta::seconds(700));
        eventually(15 * SECOND, async || world.log(&picture.request_id()).await).await;
        world.settle(used(&picture, pictures(1, "hd/1024x1024"))).await.unwrap();
        world.service.flush().await.unwrap();
        let log = world.log(&picture.request_id()).await.unwrap();
        assert_eq!((log.cost_micros, log.units.unwrap().images), (Some(80_000), 1));
        assert_eq!(world.settle(used(&picture, pictures(2, ""))).await.unwrap_err().reason, Reason::EventConflict);
        let (scope, from) = (crate::offline::scope(&world), offline::minutes_from(start()));
        assert_eq!(offline::compare_rollups(&world.db, &scope, from).await.unwrap(), []);
    }
}

#[tokio::test]
async fn pictures_are_priced_again_by_what_they_were() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("prices.json");
    let text = r#"{"version": "corrected", "providers": [{"kind": "openai", "currency": "USD", "source": "ours",
        "date": "2026-11-21", "models": [{"names": ["dall-e-3"], "prices": {"image": "1", "image hd": "2"}}]}]}"#;
    std::fs::write(&path, text).unwrap();
    let config = Config { prices_file: path.display().to_string(), ..quick() };
    for world in everywhere().await {
        for class in ["hd/1024x1024", "standard/1024x1024"] {
            let ask = asks(&world, "openai", "dall-e-3", pictures(1, class));
            done(&world, &ask, used(&ask, pictures(1, class))).await;
        }
        assert_eq!(world.total().await.total_cost_micros, 120_000);
        let now = world.clock.now();
        let asked = ReRate { from: start(), to: now + TimeDelta::hours(1), workspace: None, dry_run: false };
        assert_eq!(re_rate(&world.db, &config, now, asked).await.unwrap().changed, 2);
        assert_eq!(world.total().await.total_cost_micros, 3_000_000);
        assert_eq!(re_rate(&world.db, &config, now, asked).await.unwrap().changed, 0, "again changes nothing");
        assert_eq!(sums(&world).await.units.unwrap().images, 2);
    }
}

#[tokio::test]
async fn numbers_that_cannot_be_are_refused() {
    for world in everywhere().await {
        for units in [pictures(-1, ""), pictures(1, "two words"), pictures(1, &"x".repeat(65))] {
            let ask = asks(&world, "openai", "dall-e-3", units.clone());
            assert_eq!(world.admit(&ask).await.unwrap_err().reason, Reason::InvalidArgument);
            let ask = world.ask();
            world.admit(&ask).await.unwrap();
            assert_eq!(world.settle(used(&ask, units)).await.unwrap_err().reason, Reason::InvalidArgument);
        }
    }
}

#[tokio::test]
async fn exports_have_what_was_used_beside_tokens() {
    for world in everywhere().await {
        let ask = asks(&world, "openai", "dall-e-3", pictures(2, "hd/1024x1024"));
        done(&world, &ask, used(&ask, pictures(2, "hd/1024x1024"))).await;
        world.hand.advance(TimeDelta::minutes(1));
        for kind in ["usage", "logs"] {
            let (_, bytes) = crate::export::exported(&world, kind, "json").await;
            let rows: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
            assert_eq!(rows[0]["images"], 2, "{kind}: {rows:?}");
            assert_eq!(
                rows[0].get("image_class").map(|class| class == "hd/1024x1024"),
                (kind == "usage").then_some(true)
            );
        }
    }
}

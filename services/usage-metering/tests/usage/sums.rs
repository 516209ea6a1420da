use crate::world::*;
use chrono::{DateTime, TimeDelta, Utc};
use proptest::{prelude::*, strategy::ValueTree as _, test_runner::TestRunner};
use proto::{
    Reason,
    id::{KeyId, UserId},
    time::to_proto,
    usage::*,
};
use std::collections::BTreeMap;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn period(from: DateTime<Utc>, to: DateTime<Utc>) -> (Option<prost_types::Timestamp>, Option<prost_types::Timestamp>) {
    (Some(to_proto(from)), Some(to_proto(to)))
}

impl World {
    async fn used(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> GetUsageResponse {
        let (from, to) = period(from, to);
        self.usage.get_usage(&self.reader(self.workspace), GetUsageRequest { from, to }).await.unwrap()
    }

    async fn used_by(&self, by: UsageDimension, from: DateTime<Utc>, to: DateTime<Utc>) -> Vec<UsageGroup> {
        let (from, to) = period(from, to);
        let request = GetUsageByRequest { from, to, by: by.into() };
        self.usage.get_usage_by(&self.reader(self.workspace), request).await.unwrap().groups
    }

    async fn series(&self, request: GetUsageSeriesRequest) -> Result<GetUsageSeriesResponse, Reason> {
        let answer = self.usage.get_usage_series(&self.reader(self.workspace), request).await;
        answer.map_err(|status| Reason::of(&status))
    }

    /// A request at a time, of a provider, model and caller, with its tokens; its id.
    async fn use_at(&self, at: DateTime<Utc>, used: &Used) -> String {
        self.hand.set(at);
        let ask = self.ask().with(|ask| {
            (ask.provider, ask.model, ask.free) = (used.provider.into(), used.model.into(), used.free);
            let subject = ask.subject.as_mut().unwrap();
            (subject.api_key_id, subject.user_id) = used.caller.ids();
        });
        self.admit(&ask).await.unwrap();
        let settled = if used.failed { ask.failed() } else { ask.completed() };
        let end = ask.completed().request_end;
        self.settle(SettleRequest { tokens: Some(used.tokens), request_end: end, ..settled }).await.unwrap();
        ask.request_id()
    }
}

/// What a request used.
#[derive(Clone, Copy, Debug)]
struct Used {
    provider: &'static str,
    model: &'static str,
    caller: Caller,
    free: bool,
    failed: bool,
    tokens: Tokens,
}

#[derive(Clone, Copy, Debug)]
enum Caller {
    Key(u128),
    User(u128),
}

impl Caller {
    fn ids(self) -> (String, String) {
        match self {
            Self::Key(n) => (KeyId::from_uuid(uuid::Uuid::from_u128(n)).to_string(), String::new()),
            Self::User(n) => (String::new(), UserId::from_uuid(uuid::Uuid::from_u128(n)).to_string()),
        }
    }
}

fn any_use() -> impl Strategy<Value = Used> {
    let tokens = proptest::array::uniform10(0..1_000_i64).prop_map(|t| Tokens {
        input: t[0],
        cache_read: t[1],
        cache_write_5m: t[2],
        cache_write_1h: t[3],
        audio_input: t[4],
        image_input: t[5],
        output: t[6] + t[7],
        reasoning: t[7],
        audio_output: t[8],
        image_output: t[9],
    });
    let answered =
        prop::sample::select(vec![("acme", "large"), ("acme", "small"), ("zeta", "small"), ("simulator", "chat")]);
    let caller = prop_oneof![(1..4_u128).prop_map(Caller::Key), (1..3_u128).prop_map(Caller::User)];
    (answered, caller, any::<bool>(), tokens).prop_map(|((provider, model), caller, failed, tokens)| Used {
        provider,
        model,
        caller,
        free: provider == "simulator",
        failed,
        tokens,
    })
}

/// What a request is grouped by.
type Value = fn(&Used) -> String;

/// What is known of each request, to add up by hand.
#[derive(Clone, Debug)]
struct Fact {
    at: DateTime<Utc>,
    used: Used,
}

fn by_hand(facts: &[Fact], from: DateTime<Utc>, to: DateTime<Utc>) -> UsageSums {
    let mut sums = UsageSums { tokens: Some(Tokens::default()), ..UsageSums::default() };
    for Fact { used, .. } in facts.iter().filter(|fact| from <= fact.at && fact.at < to) {
        let (t, u) = (sums.tokens.as_mut().unwrap(), used.tokens);
        sums.requests += 1;
        sums.attempts += 1;
        sums.failed_attempts += i64::from(used.failed);
        sums.unpriced_attempts += i64::from(!used.free);
        sums.input_tokens +=
            u.input + u.cache_read + u.cache_write_5m + u.cache_write_1h + u.audio_input + u.image_input;
        sums.output_tokens += u.output + u.audio_output + u.image_output;
        sums.cost_micros = if used.free { Some(0) } else { sums.cost_micros };
        t.input += u.input;
        t.cache_read += u.cache_read;
        t.cache_write_5m += u.cache_write_5m;
        t.cache_write_1h += u.cache_write_1h;
        t.audio_input += u.audio_input;
        t.image_input += u.image_input;
        t.output += u.output;
        t.reasoning += u.reasoning;
        t.audio_output += u.audio_output;
        t.image_output += u.image_output;
    }
    sums
}

fn grouped(facts: &[Fact], key: impl Fn(&Used) -> String, from: DateTime<Utc>, to: DateTime<Utc>) -> Vec<UsageGroup> {
    let mut groups: BTreeMap<String, Vec<Fact>> = BTreeMap::new();
    for fact in facts.iter().filter(|fact| from <= fact.at && fact.at < to) {
        groups.entry(key(&fact.used)).or_default().push(fact.clone());
    }
    // An amount is told where the currency of the whole is one that was priced.
    let group = |(value, facts): (String, Vec<Fact>)| UsageGroup { value, sums: Some(by_hand(&facts, from, to)) };
    groups.into_iter().map(group).collect()
}

/// Times that lie closely together, around the boundaries of minutes, hours and days, over twelve days.
fn any_time() -> impl Strategy<Value = i64> {
    let day = prop_oneof![0..12_i64, Just(0), Just(11)];
    let within = prop_oneof![
        0..86_400_000_000_i64,
        (0..96_i64, -2..3_i64).prop_map(|(quarter, off)| quarter * 900_000_000 + off),
        (0..1_440_i64, -2..3_i64).prop_map(|(minute, off)| minute * 60_000_000 + off),
    ];
    (day, within).prop_map(|(day, within)| day * 86_400_000_000 + within)
}

fn sample<T: std::fmt::Debug>(strategy: impl Strategy<Value = T>, runner: &mut TestRunner) -> T {
    strategy.new_tree(runner).unwrap().current()
}

#[tokio::test]
async fn any_period_is_the_sum_of_its_rows() {
    for world in everywhere().await {
        let mut runner = TestRunner::deterministic();
        let first = at("2026-11-22T00:00:00Z");
        let time = |micros| first + TimeDelta::microseconds(micros);
        let uses = proptest::collection::vec((any_time(), any_use()), 300);
        let mut uses = sample(uses, &mut runner);
        uses.sort_by_key(|(at, _)| *at);
        let mut facts = vec![];
        for (micros, used) in uses {
            world.use_at(time(micros), &used).await;
            facts.push(Fact { at: time(micros), used });
        }
        world.hand.set(time(12 * 86_400_000_000));
        world.service.flush().await.unwrap();
        for _ in 0..150 {
            let (a, b) = sample((any_time(), any_time()), &mut runner);
            let (from, to) = (time(a.min(b)), time(a.max(b)));
            let total = world.used(from, to).await;
            assert_eq!(total.sums.unwrap(), by_hand(&facts, from, to), "{from} until {to}");
            let sides: [(_, Value); 4] = [
                (UsageDimension::Provider, |used| used.provider.to_owned()),
                (UsageDimension::Model, |used| used.model.to_owned()),
                (UsageDimension::ApiKey, |used| used.caller.ids().0),
                (UsageDimension::User, |used| used.caller.ids().1),
            ];
            for (by, value) in sides {
                let expected = grouped(&facts, value, from, to);
                assert_eq!(world.used_by(by, from, to).await, expected, "by {by:?}, {from} until {to}");
            }
        }
    }
}

/// Three requests: on two days of São Paulo, of two models.
async fn three(world: &World) {
    let tokens = Tokens { input: 10, output: 5, reasoning: 2, ..Tokens::default() };
    let used = Used { provider: "acme", model: "large", caller: Caller::Key(1), free: false, failed: false, tokens };
    // 22:30 and 23:59:59.999999 on the 24th there, and the first moment of the 25th.
    world.use_at(at("2026-11-25T01:30:00Z"), &used).await;
    world.use_at(at("2026-11-25T02:59:59.999999Z"), &Used { model: "small", ..used }).await;
    world.use_at(at("2026-11-25T03:00:00Z"), &Used { failed: true, ..used }).await;
    world.hand.set(at("2026-11-26T08:00:00Z"));
    world.service.flush().await.unwrap();
}

fn days(by: UsageDimension) -> GetUsageSeriesRequest {
    let (from, to) = period(at("2026-11-23T12:00:00Z"), at("2026-11-26T03:00:00Z"));
    let time_zone = "America/Sao_Paulo".to_owned();
    GetUsageSeriesRequest { from, to, interval: UsageInterval::Day.into(), by: by.into(), time_zone }
}

/// When, of what, requests and tokens.
fn points(series: &GetUsageSeriesResponse) -> Vec<(String, &str, i64, i64)> {
    let point = |point: &'_ UsagePoint| {
        let at = proto::time::from_proto(point.at.unwrap()).unwrap().format("%d %H:%M").to_string();
        let sums = point.sums.as_ref().unwrap();
        (at, sums.requests, sums.input_tokens + sums.output_tokens)
    };
    series.points.iter().map(|p| (point(p).0, p.value.as_str(), point(p).1, point(p).2)).collect()
}

#[tokio::test]
async fn a_series_has_the_days_of_the_time_zone_and_zeros_where_nothing_was_used() {
    for world in everywhere().await {
        three(&world).await;
        let series = world.series(days(UsageDimension::Unspecified)).await.unwrap();
        let expected = [("23 03:00", 0, 0), ("24 03:00", 2, 30), ("25 03:00", 1, 15)];
        assert_eq!(points(&series), expected.map(|(at, n, tokens)| (at.to_owned(), "", n, tokens)));
        let failed: Vec<_> = series.points.iter().map(|p| p.sums.as_ref().unwrap().failed_attempts).collect();
        assert_eq!(failed, [0, 0, 1]);
        let by_model = world.series(days(UsageDimension::Model)).await.unwrap();
        let lines: Vec<_> = points(&by_model).into_iter().filter(|(at, ..)| at != "23 03:00").collect();
        let expected = [("24 03:00", "large", 1, 15), ("24 03:00", "small", 1, 15)];
        let rest = [("25 03:00", "large", 1, 15), ("25 03:00", "small", 0, 0)];
        let expected: Vec<_> = expected.into_iter().chain(rest).map(|(at, m, n, t)| (at.to_owned(), m, n, t)).collect();
        assert_eq!(lines, expected);
    }
}

#[tokio::test]
async fn hours_and_minutes_add_up_to_the_day_in_every_time_zone() {
    for world in everywhere().await {
        three(&world).await;
        for zone in ["", "America/Sao_Paulo", "Asia/Kolkata", "Australia/Lord_Howe", "Asia/Kathmandu"] {
            for (interval, from, to) in [
                (UsageInterval::Day, "2026-11-24T00:00:00Z", "2026-11-27T00:00:00Z"),
                (UsageInterval::Hour, "2026-11-24T23:59:59.5Z", "2026-11-25T08:00:00Z"),
                (UsageInterval::Minute, "2026-11-25T01:30:00Z", "2026-11-25T03:00:00.000001Z"),
            ] {
                let (from, to) = period(at(from), at(to));
                let (interval, time_zone) = (interval.into(), zone.to_owned());
                let request = GetUsageSeriesRequest { from, to, interval, time_zone, ..Default::default() };
                let series = world.series(request).await.unwrap();
                let all: Vec<_> = points(&series).iter().map(|(.., requests, tokens)| (*requests, *tokens)).collect();
                let sum = all.iter().fold((0, 0), |sum, point| (sum.0 + point.0, sum.1 + point.1));
                assert_eq!(sum, (3, 45), "{zone} {interval}: {:?}", points(&series));
            }
        }
    }
}

#[tokio::test]
async fn a_series_without_use_is_a_line_of_zeros_and_without_groups() {
    let world = World::embedded().await;
    let plain = world.series(days(UsageDimension::Unspecified)).await.unwrap();
    assert_eq!((plain.points.len(), plain.currency.as_str()), (3, ""));
    assert!(world.series(days(UsageDimension::Model)).await.unwrap().points.is_empty());
    assert!(world.used_by(UsageDimension::ApiKey, start() - TimeDelta::days(40), start()).await.is_empty());
}

#[tokio::test]
async fn a_series_that_nobody_could_read_is_refused() {
    let world = World::embedded().await;
    let refused = async |change: fn(&mut GetUsageSeriesRequest)| {
        let mut request = days(UsageDimension::Unspecified);
        change(&mut request);
        world.series(request).await.err()
    };
    let invalid = Some(Reason::InvalidArgument);
    assert_eq!(refused(|r| r.interval = 0).await, invalid);
    assert_eq!(refused(|r| r.time_zone = "Mars/Olympus".into()).await, invalid);
    assert_eq!(refused(|r| r.interval = UsageInterval::Minute.into()).await, invalid, "3,780 minutes");
    let long_ago = |r: &mut GetUsageSeriesRequest| {
        (r.from, r.to) = period(at("2026-10-01T00:00:00Z"), at("2026-10-01T01:00:00Z"));
        r.interval = UsageInterval::Minute.into();
    };
    assert_eq!(refused(long_ago).await, invalid, "minutes are not kept for as long");
    assert_eq!(refused(|r| (r.from, r.to) = (r.to, r.from)).await, Some(Reason::RefusedValue));
}

#[tokio::test]
async fn a_fallback_counts_once_as_a_request_and_twice_as_a_call() {
    for world in everywhere().await {
        let first = world.ask();
        world.admit(&first).await.unwrap();
        world.settle(first.failed()).await.unwrap();
        let second = Ask(first.0.clone()).with(|ask| (ask.attempt, ask.provider) = (2, "other".into()));
        world.complete(&second).await;
        world.service.flush().await.unwrap();
        let (from, to) = (at("2026-11-01T00:00:00Z"), at("2026-12-01T00:00:00Z"));
        let counts = |sums: &UsageSums| (sums.requests, sums.attempts, sums.failed_attempts);
        assert_eq!(counts(&world.used(from, to).await.sums.unwrap()), (1, 2, 1));
        // The same from the ledger, row by row.
        let just = world.used(start(), start() + TimeDelta::microseconds(1)).await.sums.unwrap();
        assert_eq!(counts(&just), (1, 2, 1));
        let by: Vec<_> = world.used_by(UsageDimension::Provider, from, to).await;
        let by: Vec<_> = by.iter().map(|g| (g.value.as_str(), counts(g.sums.as_ref().unwrap()))).collect();
        assert_eq!(by, [("openai", (1, 1, 1)), ("other", (0, 1, 0))]);
    }
}

#[tokio::test]
async fn what_the_platform_charges_for_is_a_part_of_the_total_and_logs_say_whose_credential_it_was() {
    for place in [Place::Embedded, Place::Postgres] {
        let Some(world) = World::at(place, quick()).await else { continue };
        let mut ids = vec![];
        for (provider, owner) in [
            ("openai", CredentialOwner::Workspace),
            ("platform/openai", CredentialOwner::Platform),
            ("platform/house", CredentialOwner::Platform),
        ] {
            let ask = world.ask().with(|ask| {
                (ask.provider, ask.credential_owner) = (provider.into(), owner.into());
            });
            ids.push(world.complete(&ask).await);
        }
        world.service.flush().await.unwrap();
        let (day, now) = (TimeDelta::days(1), world.clock.now());
        let used = world.used(now - day, now + day).await;
        let (all, platform) = (used.sums.unwrap(), used.platform.unwrap());
        assert_eq!((all.requests, platform.requests), (3, 2));
        assert_eq!((all.input_tokens, platform.input_tokens), (150, 100));
        for (id, owner) in ids.iter().zip(["workspace", "platform", "platform"]) {
            let request = GetLogRequest { request_id: id.clone() };
            let log = world.usage.get_log(&world.reader(world.workspace), request).await.unwrap().log.unwrap();
            assert_eq!((log.credential.as_str(), log.attempts[0].credential.as_str()), (owner, owner));
        }
    }
}

#[tokio::test]
async fn asking_a_provider_what_it_has_uses_nothing_of_a_plan() {
    let world = World::embedded().await;
    let ask = |model: &str| {
        world.ask().with(|ask| {
            (ask.plan, ask.estimated_tokens) = ("pro".into(), 100_000);
            (ask.model, ask.credential_owner) = (model.into(), CredentialOwner::Platform.into());
        })
    };
    world.admit(&ask("gpt")).await.unwrap();
    assert_eq!(world.admit(&ask("gpt")).await.unwrap_err().reason, Reason::QuotaExceeded);
    world.admit(&ask("").with(|ask| ask.free = true)).await.expect("a list of models");
}

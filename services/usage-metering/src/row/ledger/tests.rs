use super::*;
use crate::{
    price::Catalogue,
    row::{Rollup, Rows},
};
use proptest::prelude::*;
use proto::usage::Outcome;
use serde_json::Value;
use std::{collections::BTreeMap, io::Write as _};

/// What becomes of one attempt, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Settle,
    Sweep,
    /// After the sweep.
    SettleLate,
    /// A settlement that says again what is known.
    Again,
    Rerate,
}

const STORIES: [&[Step]; 6] = [
    &[Step::Settle, Step::Again],
    &[Step::Settle, Step::Rerate, Step::Rerate],
    &[Step::Sweep],
    &[Step::Sweep, Step::Rerate],
    &[Step::Sweep, Step::SettleLate, Step::Again, Step::Rerate],
    &[Step::Sweep, Step::Rerate, Step::SettleLate, Step::Rerate],
];

/// The second has prices in another currency, does not know one model any more, and knows one that nobody sold.
const CATALOGUES: [&str; 2] = [
    r#"{"version": "one", "providers": [{"kind": "openai", "currency": "USD", "source": "a list", "date": "2026-01-01",
        "models": [{"names": ["kept"], "prices": {"input": "1", "output": "2"}},
                   {"names": ["dropped"], "prices": {"input": "3", "output": "4"}}]}]}"#,
    r#"{"version": "two", "providers": [{"kind": "openai", "currency": "BRL", "source": "a list", "date": "2026-01-01",
        "models": [{"names": ["kept"], "prices": {"input": "5", "output": "6"}},
                   {"names": ["added"], "prices": {"input": "7", "output": "8"}}]}]}"#,
];
const MODELS: [&str; 4] = ["kept", "dropped", "added", "unknown"];

fn prices(text: &str) -> Prices {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    Prices::new(Catalogue::open(Some(file.path())).unwrap(), 0)
}

thread_local! {
    static PRICES: [Prices; 2] = CATALOGUES.map(prices);
}

/// Input and output in nano-units for each token, and the currency.
fn price(model: &str, catalogue: usize) -> Option<(i64, i64, &'static str)> {
    match (model, catalogue) {
        ("kept", 0) => Some((1_000, 2_000, "USD")),
        ("dropped", 0) => Some((3_000, 4_000, "USD")),
        ("kept", 1) => Some((5_000, 6_000, "BRL")),
        ("added", 1) => Some((7_000, 8_000, "BRL")),
        _ => None,
    }
}

/// What one attempt is: its minute, model, input, output, and its input as it was estimated.
type Used = (i64, usize, i64, i64, i64);

fn attempt(n: usize, (minute, model, input, output, estimate): Used) -> (Admitted, Settled) {
    let (workspace, request) = (Id { high: 1, low: 1 }, Id { high: 7, low: n as u64 });
    let admitted = Admitted {
        workspace,
        request,
        attempt: 1,
        provider: "openai".into(),
        provider_kind: "openai".into(),
        model: MODELS[model].into(),
        credential_owner: "workspace".into(),
        currency: "EUR".into(),
        estimated_input_tokens: estimate,
        created_at: 1_795_000_000_000_000 + minute * 60_000_000,
        ..Admitted::default()
    };
    let tokens = Tokens { input, output, ..Tokens::default() };
    let outcome = Outcome::Completed.into();
    (admitted, Settled { workspace, request, attempt: 1, outcome, tokens, ..Settled::default() })
}

/// As the row comes out of the table.
fn stored(row: &LedgerRow<'_>) -> Found {
    let (tokens, units) = (Tokens::from(row.tokens), row.units);
    Found {
        workspace_id: row.workspace_id.into(),
        request_id: row.request_id.into(),
        attempt: row.attempt,
        correction: row.correction,
        kind: row.kind.into(),
        swept: row.swept,
        provider: row.provider.into(),
        provider_kind: row.provider_kind.into(),
        provider_id: row.provider_id.into(),
        model: row.model.into(),
        api_key_id: row.api_key_id.map(Uuid::from),
        user_id: row.user_id.map(Uuid::from),
        team_id: row.team_id.map(Uuid::from),
        operation: row.operation.into(),
        plan: row.plan.into(),
        credential_owner: row.credential_owner.into(),
        input_tokens: tokens.input,
        cache_read_tokens: tokens.cache_read,
        cache_write_5m_tokens: tokens.cache_write_5m,
        cache_write_1h_tokens: tokens.cache_write_1h,
        audio_input_tokens: tokens.audio_input,
        image_input_tokens: tokens.image_input,
        output_tokens: tokens.output,
        audio_output_tokens: tokens.audio_output,
        image_output_tokens: tokens.image_output,
        reasoning_tokens: tokens.reasoning,
        images: units.images,
        audio_ms: units.audio_ms,
        characters: units.characters,
        searches: units.searches,
        image_class: row.image_class.into(),
        estimated: row.estimated,
        outcome: row.outcome.into(),
        cost_nanos: row.cost_nanos,
        list_cost_nanos: row.list_cost_nanos,
        currency: row.currency.to_string(),
        price_version: row.price_version.to_string(),
        created_at: DateTime::from_timestamp_micros(row.created_at).unwrap(),
    }
}

/// One attempt as the naive count has it.
#[derive(Default)]
struct Naive {
    rows: Vec<Found>,
    tokens: Tokens,
    is_failed: bool,
    /// The last price that anybody knew for what it had used then, and its currency.
    cost: Option<(i64, &'static str)>,
}

impl Naive {
    fn rate(&mut self, model: &str, catalogue: usize) {
        let Tokens { input, output, .. } = self.tokens;
        let rated = price(model, catalogue).map(|(each, out, currency)| (input * each + output * out, currency));
        self.cost = rated.or(self.cost);
    }
}

/// Takes a step, as the service does it, and gives the rows that the ledger gets.
fn take<'a>(
    step: Step,
    (admitted, settled): &'a (Admitted, Settled),
    standing: Option<&Standing<'a>>,
    prices: &Prices,
) -> Vec<LedgerRow<'a>> {
    match (step, standing) {
        (Step::Settle, _) => vec![LedgerRow::usage(admitted, settled, prices)],
        (Step::Sweep, _) => vec![LedgerRow::swept(admitted, 0, prices)],
        (Step::SettleLate, Some(standing)) => {
            assert!(standing.guessed, "what was swept is a guess until it is settled");
            LedgerRow::corrections(standing, settled, prices)
        }
        (Step::Again, Some(standing)) => {
            assert!(!standing.guessed && standing.used.is_same(&settled.used()), "it is known already");
            vec![]
        }
        (Step::Rerate, Some(standing)) => LedgerRow::rerated(standing, prices, 0),
        (step, None) => panic!("{step:?} before there is a row"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]
    /// Settled in time, swept and settled late, or never; rated anew between, at prices that change meanwhile: in any
    /// order of all attempts the sums are those of what was really used, at the last price that was known.
    #[test]
    fn however_late_it_is_settled_and_rated_the_sums_are_those_of_a_naive_count(
        used in proptest::collection::vec((0i64..20, 0usize..4, 0i64..9_999, 0i64..999, 0i64..9_999), 1..7),
        stories in proptest::collection::vec(0..STORIES.len(), 7),
        turns in proptest::collection::vec((0usize..7, 0usize..2), 0..40),
    ) {
        let prices = PRICES.with(Clone::clone);
        let attempts: Vec<_> = used.iter().enumerate().map(|(n, used)| attempt(n, *used)).collect();
        let mut naive: Vec<Naive> = used.iter().map(|_| Naive::default()).collect();
        let mut next = vec![0; used.len()];
        let mut sums: BTreeMap<(String, String), i64> = BTreeMap::new();
        let mut written = Rows::default();
        // Turns at random first, then what is left of each story.
        let rest = (0..used.len()).flat_map(|n| [(n, n % 2); 4]);
        for (n, catalogue) in turns.iter().map(|(n, c)| (n % used.len(), *c)).chain(rest) {
            let Some(step) = STORIES[stories[n]].get(next[n]).copied() else { continue };
            next[n] += 1;
            let before = std::mem::take(&mut naive[n].rows);
            let rows = take(step, &attempts[n], Standing::of(&before).as_ref(), &prices[catalogue]);
            let mut rollup = Rollup::default();
            rows.iter().for_each(|row| rollup.add(row));
            for row in rollup.minutes() {
                let row = serde_json::to_value(row).unwrap();
                let currency = row["currency"].as_str().unwrap();
                for column in ["requests", "attempts", "failed", "input_tokens", "output_tokens", "cost_nanos", "priced", "unpriced"] {
                    let by = if column == "cost_nanos" || column == "unpriced" { currency } else { "" };
                    *sums.entry((column.to_owned(), by.to_owned())).or_default() += row[column].as_i64().unwrap();
                }
                prop_assert!(matches!(row["at"], Value::Number(_)));
            }
            written.usage += rollup.rows().usage;
            written.corrections += rollup.rows().corrections;
            let (one, more) = (&mut naive[n], rows.iter().map(stored).collect::<Vec<_>>());
            one.rows = before;
            one.rows.extend(more);
            let (_, model, input, output, estimate) = used[n];
            match step {
                Step::Settle | Step::SettleLate => {
                    one.tokens = Tokens { input, output, ..Tokens::default() };
                    one.is_failed = false;
                }
                Step::Sweep => {
                    one.tokens = Tokens { input: estimate, ..Tokens::default() };
                    one.is_failed = true;
                }
                Step::Again => continue,
                Step::Rerate => {}
            }
            one.rate(MODELS[model], catalogue);
        }
        let sum = |column: &str, currency: &str| sums.get(&(column.to_owned(), currency.to_owned())).copied().unwrap_or(0);
        let count = |of: &dyn Fn(&Naive) -> i64| naive.iter().map(of).sum::<i64>();
        prop_assert_eq!(written.usage, used.len() as u64);
        prop_assert_eq!(written.corrections as usize, naive.iter().map(|one| one.rows.len() - 1).sum::<usize>());
        prop_assert_eq!(sum("attempts", ""), count(&|_| 1));
        prop_assert_eq!(sum("requests", ""), count(&|_| 1));
        prop_assert_eq!(sum("failed", ""), count(&|one| one.is_failed.into()));
        prop_assert_eq!(sum("input_tokens", ""), count(&|one| one.tokens.input));
        prop_assert_eq!(sum("output_tokens", ""), count(&|one| one.tokens.output));
        prop_assert_eq!(sum("priced", ""), count(&|one| one.cost.is_some().into()));
        prop_assert_eq!(sum("unpriced", "EUR"), count(&|one| one.cost.is_none().into()));
        for currency in ["USD", "BRL", "EUR"] {
            let cost = |one: &Naive| one.cost.filter(|(_, of)| *of == currency).map_or(0, |(cost, _)| cost);
            prop_assert_eq!(sum("cost_nanos", currency), count(&cost), "{}", currency);
        }
        for one in &naive {
            let numbers: Vec<i64> = one.rows.iter().map(|row| row.correction).collect();
            prop_assert_eq!(numbers, (0..one.rows.len() as i64).collect::<Vec<_>>());
        }
    }
}

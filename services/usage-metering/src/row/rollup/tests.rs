use super::*;
use crate::{
    event::{Admitted, Settled},
    price::{Catalogue, Prices},
};
use proptest::prelude::*;
use proto::usage::Outcome;
use serde_json::Value;
use std::collections::{BTreeMap, HashSet};
use store::Keyed as _;

/// What a stream of usage is made of: minute, model, key, attempt, input, output, outcome.
type Used = (i64, usize, u64, i64, i64, i64, bool);

const MODELS: [&str; 3] = ["gpt-4o-mini", "nobody-sells-this", ""];

fn events(used: &[Used]) -> Vec<(Admitted, Settled)> {
    let each = used.iter().enumerate().map(|(n, (minute, model, key, attempt, input, output, good))| {
        let (workspace, request) = (Id { high: 1, low: 1 }, Id { high: 7, low: n as u64 });
        let admitted = Admitted {
            workspace,
            request,
            attempt: *attempt,
            api_key: (*key > 0).then_some(Id { high: 3, low: *key }),
            provider: "openai".into(),
            provider_kind: "openai".into(),
            model: MODELS[*model].into(),
            credential_owner: "workspace".into(),
            currency: "BRL".into(),
            created_at: 1_795_000_000_000_000 + minute * 60_000_000 + 17,
            ..Admitted::default()
        };
        let settled = Settled {
            workspace,
            request,
            attempt: *attempt,
            outcome: if *good { Outcome::Completed } else { Outcome::ClientGone }.into(),
            tokens: Tokens { input: *input, output: *output, ..Tokens::default() },
            ..Settled::default()
        };
        (admitted, settled)
    });
    each.collect()
}

/// Sums by everything that is no number, as the tables would have them.
fn table(into: &mut BTreeMap<String, BTreeMap<String, i64>>, rows: &[RollupRow<'_>]) {
    const KEY: [&str; 9] =
        ["at", "provider", "model", "api_key_id", "user_id", "credential_owner", "plan", "operation", "currency"];
    for row in rows {
        let Value::Object(columns) = serde_json::to_value(row).unwrap() else { panic!("a row is an object") };
        let key = KEY.map(|column| columns[column].to_string()).join(" ");
        let sums = into.entry(key).or_default();
        for (column, value) in columns.iter().filter(|(column, _)| !KEY.contains(&column.as_str())) {
            if let Some(number) = value.as_i64() {
                *sums.entry(column.clone()).or_default() += number;
            }
        }
    }
}

/// One number of all sums.
fn total(table: &BTreeMap<String, BTreeMap<String, i64>>, column: &str) -> i64 {
    table.values().map(|sums| sums[column]).sum()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]
    #[test]
    fn any_order_batching_and_duplication_gives_the_sums_of_a_naive_count(
        used in proptest::collection::vec((0i64..40, 0usize..3, 0u64..3, 1i64..3, 0i64..9_999, 0i64..999, any::<bool>()), 1..9),
        order in proptest::collection::vec((0usize..9, 1usize..4), 0..12),
    ) {
        let prices = PRICES.with(Clone::clone);
        let events = events(&used);
        // Every event once at the end, some of them before and again, in batches of some size.
        let sent = order.iter().map(|(n, _)| n % events.len()).chain(0..events.len());
        let sent: Vec<_> = sent.collect();
        let size = order.first().map_or(3, |(_, size)| *size);
        let (mut minutes, mut quarters, mut known) = (BTreeMap::new(), BTreeMap::new(), HashSet::new());
        let mut written = Rows::default();
        for batch in sent.chunks(size) {
            let rows: Vec<_> = batch.iter().map(|n| LedgerRow::usage(&events[*n].0, &events[*n].1, &prices)).collect();
            let mut rollup = Rollup::default();
            rows.iter().filter(|row| known.insert(row.row_key())).for_each(|row| rollup.add(row));
            table(&mut minutes, &rollup.minutes());
            table(&mut quarters, &rollup.quarters());
            written.usage += rollup.rows().usage;
            written.corrections += rollup.rows().corrections;
        }
        // What operators compare with what was admitted: each attempt once, also one that used no model.
        prop_assert_eq!(written, Rows { usage: events.len() as u64, corrections: 0 });
        let counted: Vec<_> = used.iter().filter(|used| !MODELS[used.1].is_empty()).collect();
        let count = |column: &str, of: &dyn Fn(&Used) -> i64| -> Result<(), TestCaseError> {
            let expected: i64 = counted.iter().map(|used| of(used)).sum();
            prop_assert_eq!(total(&minutes, column), expected, "{}", column);
            prop_assert_eq!(total(&quarters, column), expected, "{}", column);
            Ok(())
        };
        count("attempts", &|_| 1)?;
        count("requests", &|used| i64::from(used.3 == 1))?;
        count("failed", &|used| i64::from(!used.6))?;
        count("input_tokens", &|used| used.4)?;
        count("output_tokens", &|used| used.5)?;
        count("priced", &|used| i64::from(used.1 == 0))?;
        count("unpriced", &|used| i64::from(used.1 == 1))?;
        // 0.15 and 0.60 dollars for a million: whole nano-units for each token, so nothing is rounded.
        count("cost_nanos", &|used| if used.1 == 0 { used.4 * 150 + used.5 * 600 } else { 0 })?;
        let keys: HashSet<_> = counted.iter().map(|used| (used.0, used.1, used.2)).collect();
        prop_assert_eq!(minutes.len(), keys.len());
        for start in quarters.keys() {
            let at: i64 = start.split(' ').next().unwrap().parse().unwrap();
            prop_assert_eq!(at % QUARTER, 0);
        }
    }
}

thread_local! {
    static PRICES: Prices = Prices::new(Catalogue::open(None).unwrap(), 0);
}

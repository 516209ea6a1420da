//! Which names did somebody probably mean?

/// How many are suggested.
const MOST: usize = 3;

/// Known names that are close to `wanted`, closest first.
pub(super) fn matches(wanted: &str, known: &[String]) -> Vec<String> {
    let wanted = wanted.to_lowercase();
    let allowed = (wanted.chars().count() / 3).clamp(1, 6);
    let mut close: Vec<(usize, &String)> = known
        .iter()
        .filter_map(|name| {
            let lower = name.to_lowercase();
            // People leave the provider's prefix out, or use another one.
            let bare = |n: &str| n.rsplit_once('/').map_or_else(|| n.to_owned(), |(_, model)| model.to_owned());
            let apart = distance(&wanted, &lower).min(distance(&bare(&wanted), &bare(&lower)) + 1);
            (apart <= allowed).then_some((apart, name))
        })
        .collect();
    close.sort();
    close.dedup();
    close.into_iter().take(MOST).map(|(_, name)| name.clone()).collect()
}

/// How many characters have to be added, left out or exchanged.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, to) in b.iter().enumerate() {
            let exchange = diagonal + usize::from(from != *to);
            diagonal = row[j + 1];
            row[j + 1] = exchange.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typing_mistakes_and_missing_prefixes_are_recognised() {
        let known: Vec<String> = ["gpt-4o", "gpt-4o-mini", "simulator/chat", "claude"].map(str::to_owned).into();
        assert_eq!(matches("gpt4o", &known), ["gpt-4o"]);
        assert_eq!(matches("GPT-4o-minni", &known), ["gpt-4o-mini"]);
        assert_eq!(matches("chat", &known), ["simulator/chat"]);
        assert_eq!(matches("llama-3.1-70b", &known), Vec::<String>::new());
    }

    #[test]
    fn distance_counts_single_changes() {
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("日本", "日本語"), 1);
    }
}

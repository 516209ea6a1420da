//! What guardrails found, in one column.

use proto::usage::Guarded;

/// `name stage action count`, separated by commas. Names have neither blanks nor commas.
pub(crate) fn write(all: &[Guarded]) -> String {
    let one = |g: &Guarded| format!("{} {} {} {}", g.name, g.stage, g.action, g.count);
    all.iter().map(one).collect::<Vec<_>>().join(",")
}

/// What [`write`] wrote.
pub(crate) fn read(text: &str) -> Vec<Guarded> {
    let one = |entry: &str| {
        let mut parts = entry.split(' ');
        let mut part = || parts.next().map(str::to_owned);
        Some(Guarded { name: part()?, stage: part()?, action: part()?, count: part()?.parse().ok()? })
    };
    text.split(',').filter_map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let found = |name: &str, count| Guarded {
            name: name.to_owned(),
            stage: "input".to_owned(),
            action: "redact".to_owned(),
            count,
        };
        let all = vec![found("pii", 2), found("keys", 1)];
        assert_eq!((read(&write(&all)), write(&[]), read("")), (all, String::new(), vec![]));
    }
}

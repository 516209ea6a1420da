//! Which earlier request means the same? One that differs in nothing but how the last message is put, whose embedding is
//! close, and against which nothing speaks word by word.

use super::{key::AnswerKey, meaning};
use bytes::Bytes;

/// How close embeddings have to be where a workspace does not say.
pub(crate) const THRESHOLD: f64 = 0.95;
/// Messages of requests that are otherwise the same are compared with so many earlier ones.
pub(crate) const MOST: usize = 32;
/// More numbers than any embedding has.
const MOST_NUMBERS: usize = 8_192;

/// A message that was answered.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Meant {
    /// What was asked last.
    #[prost(string, tag = "1")]
    pub text: String,
    /// Its embedding, of length one, as bytes between -127 and 127.
    #[prost(bytes = "bytes", tag = "2")]
    pub numbers: Bytes,
    /// Where the answer is.
    #[prost(bytes = "bytes", tag = "3")]
    pub key: Bytes,
    /// Until when it is given again, in milliseconds since 1970.
    #[prost(int64, tag = "4")]
    pub until_ms: i64,
}

/// An embedding, made comparable: of length one, in bytes. None: it is none.
pub(crate) fn compact(numbers: &[f32]) -> Option<Bytes> {
    let length = numbers.iter().map(|number| f64::from(*number).powi(2)).sum::<f64>().sqrt();
    if numbers.is_empty() || numbers.len() > MOST_NUMBERS || !length.is_normal() {
        return None;
    }
    let largest = numbers.iter().fold(0.0_f64, |most, number| most.max(f64::from(number.abs())));
    // As large as fits: only the direction counts.
    let one = |number: &f32| (f64::from(*number) / largest * 127.0).round() as i8 as u8;
    Some(numbers.iter().map(one).collect())
}

/// The cosine of two embeddings; 0 where they are of different lengths.
pub(crate) fn closeness(one: &[u8], other: &[u8]) -> f64 {
    if one.len() != other.len() {
        return 0.0;
    }
    let (mut both, mut mine, mut theirs) = (0_i64, 0_i64, 0_i64);
    for (a, b) in one.iter().zip(other) {
        let (a, b) = (i64::from(*a as i8), i64::from(*b as i8));
        (both, mine, theirs) = (both + a * b, mine + a * a, theirs + b * b);
    }
    if mine == 0 || theirs == 0 { 0.0 } else { both as f64 / (mine as f64 * theirs as f64).sqrt() }
}

/// The closest of `all` that may mean the same as `text`.
pub(crate) fn best(all: &[Meant], text: &str, numbers: &[u8], threshold: f64, now_ms: i64) -> Option<AnswerKey> {
    let mut close: Vec<(f64, &Meant)> = all
        .iter()
        .filter(|meant| meant.until_ms > now_ms)
        .map(|meant| (closeness(&meant.numbers, numbers), meant))
        .filter(|(closeness, _)| *closeness >= threshold)
        .collect();
    close.sort_by(|(one, _), (other, _)| other.total_cmp(one));
    let found = close.into_iter().find(|(_, meant)| meaning::may_be_the_same(&meant.text, text))?;
    found.1.key.as_ref().try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meant(text: &str, numbers: &[f32], key: u8) -> Meant {
        let numbers = compact(numbers).expect("an embedding");
        Meant { text: text.to_owned(), numbers, key: vec![key; 32].into(), until_ms: 10 }
    }

    #[test]
    fn the_closest_counts_against_which_nothing_speaks() {
        let all = [
            meant("price of 6 tickets", &[1.0, 0.0], 1),
            meant("what is the price of 5 tickets", &[1.0, 0.1], 2),
            meant("price of 5 tickets", &[0.0, 1.0], 3),
        ];
        let numbers = compact(&[2.0, 0.0]).expect("an embedding");
        let best = |text: &str, threshold, now| best(&all, text, &numbers, threshold, now);
        assert_eq!(best("the price of 5 tickets", THRESHOLD, 9), Some([2; 32]));
        assert_eq!(best("the price of 6 tickets", THRESHOLD, 9), Some([1; 32]));
        assert_eq!(best("the price of 7 tickets", 0.5, 9), None);
        assert_eq!(best("the price of 5 tickets", 0.999, 9), None);
        assert_eq!(best("the price of 5 tickets", THRESHOLD, 10), None, "its time has passed");
    }

    #[test]
    fn what_is_no_embedding_is_close_to_nothing() {
        assert_eq!((compact(&[]), compact(&[0.0, 0.0]), compact(&[f32::NAN])), (None, None, None));
        assert!(closeness(&[1, 2], &[1]).abs() < 1e-9 && closeness(&[0], &[1]).abs() < 1e-9);
        let numbers = compact(&[0.3, -0.2, 0.1]).expect("an embedding");
        assert!((closeness(&numbers, &numbers) - 1.0).abs() < 1e-9);
    }
}

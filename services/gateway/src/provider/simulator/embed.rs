//! Embeddings: the same text always has the same, and texts that share words are close to each other.

use super::pieces;
use crate::answers::meaning;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

/// Numbers of an embedding, where the request does not say how many.
pub(super) const DIMENSIONS: usize = 256;
/// How much a word counts that says nothing.
const FILLER: f32 = 0.05;
/// OpenAI's bounds.
const MOST_DIMENSIONS: usize = 4096;
const MOST_INPUTS: usize = 2048;

/// Answers OpenAI's `embeddings`. Errors: a sentence about what OpenAI would refuse as well.
pub(super) fn embed(model: &str, request: &Value) -> Result<Value, String> {
    let inputs = inputs(&request["input"])?;
    let dimensions = match &request["dimensions"] {
        Value::Null => DIMENSIONS,
        number => {
            let number = number.as_u64().and_then(|n| usize::try_from(n).ok());
            let fits = number.filter(|n| (1..=MOST_DIMENSIONS).contains(n));
            fits.ok_or_else(|| format!("'dimensions' must be from 1 to {MOST_DIMENSIONS}"))?
        }
    };
    let as_text = match request["encoding_format"].as_str() {
        None | Some("float") => false,
        Some("base64") => true,
        Some(other) => return Err(format!("'{other}' is not an encoding format: use float or base64")),
    };
    let data: Vec<Value> = inputs
        .iter()
        .enumerate()
        .map(|(index, text)| {
            let numbers = embedding(text, dimensions);
            let embedding = if as_text { base64(&numbers).into() } else { json!(numbers) };
            json!({"object": "embedding", "index": index, "embedding": embedding})
        })
        .collect();
    let tokens: i64 = inputs.iter().map(|text| pieces::count(text).max(1)).sum();
    let usage = json!({"prompt_tokens": tokens, "total_tokens": tokens});
    Ok(json!({"object": "list", "data": data, "model": model, "usage": usage}))
}

/// A text, several, or the numbers of their tokens.
fn inputs(input: &Value) -> Result<Vec<String>, String> {
    let wrong = || "'input' must be a text, an array of texts, or arrays of tokens".to_owned();
    let tokens = |numbers: &[Value]| -> Result<String, String> {
        let numbers: Option<Vec<String>> = numbers.iter().map(|n| n.as_u64().map(|n| n.to_string())).collect();
        numbers.map(|numbers| numbers.join(" ")).ok_or_else(wrong)
    };
    let texts = match input {
        Value::String(text) => vec![text.clone()],
        Value::Array(many) if many.first().is_some_and(Value::is_number) => vec![tokens(many)?],
        Value::Array(many) => {
            let one = |value: &Value| match value {
                Value::String(text) => Ok(text.clone()),
                Value::Array(numbers) => tokens(numbers),
                _ => Err(wrong()),
            };
            many.iter().map(one).collect::<Result<_, _>>()?
        }
        _ => return Err(wrong()),
    };
    if texts.is_empty() || texts.len() > MOST_INPUTS || texts.iter().any(String::is_empty) {
        return Err(format!("'input' must have 1 to {MOST_INPUTS} texts, none of them empty"));
    }
    Ok(texts)
}

/// Of length one: the sum of a direction for each word's stem. Words that say nothing count for little, so that texts are
/// close which say the same in other words.
pub(super) fn embedding(text: &str, dimensions: usize) -> Vec<f32> {
    let mut stems = meaning::stems(text);
    if stems.is_empty() {
        stems.push((text.to_owned(), false));
    }
    let mut sum = vec![0.0_f32; dimensions];
    for (stem, says_nothing) in stems {
        let weight = if says_nothing { FILLER } else { 1.0 };
        let mut state = super::request::fingerprint(stem.as_bytes()) | 1;
        for number in &mut sum {
            // Xorshift: the same on every machine.
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            let bits = u16::try_from(state >> 48).unwrap_or_default();
            *number += weight * (f32::from(bits) / f32::from(u16::MAX) - 0.5);
        }
    }
    let length = sum.iter().map(|n| n * n).sum::<f32>().sqrt().max(f32::MIN_POSITIVE);
    sum.iter().map(|n| n / length).collect()
}

fn base64(numbers: &[f32]) -> String {
    STANDARD.encode(numbers.iter().flat_map(|n| n.to_le_bytes()).collect::<Vec<u8>>())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn closeness(a: &str, b: &str) -> f32 {
        embedding(a, 256).iter().zip(embedding(b, 256)).map(|(a, b)| a * b).sum()
    }

    #[test]
    fn texts_are_the_closer_the_more_words_they_share() {
        assert!((closeness("the cat sat", "The cat sat!") - 1.0).abs() < 1e-5);
        assert!(closeness("the cat sat", "the cat ran") > closeness("the cat sat", "stocks fell sharply"));
    }

    #[test]
    fn one_embedding_is_answered_for_each_text_in_the_form_that_was_asked_for() {
        let plain = embed("embed", &json!({"input": ["a", "b c"], "dimensions": 3})).expect("an answer");
        assert_eq!(plain["data"].as_array().map(Vec::len), Some(2));
        assert_eq!(plain["data"][1]["embedding"].as_array().map(Vec::len), Some(3));
        assert_eq!(plain["usage"]["prompt_tokens"], 3);
        let packed = embed("embed", &json!({"input": "a", "dimensions": 3, "encoding_format": "base64"})).expect("one");
        let bytes = STANDARD.decode(packed["data"][0]["embedding"].as_str().expect("text")).expect("base64");
        let first = f32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
        assert_eq!(json!(first), plain["data"][0]["embedding"][0]);
        for wrong in [json!({}), json!({"input": []}), json!({"input": ""}), json!({"input": "a", "dimensions": 0})] {
            assert!(embed("embed", &wrong).is_err(), "{wrong}");
        }
    }
}

//! What is billed by something else than tokens: what a request asks for, and what the answer says of it.

use crate::operation::Operation;
use proto::usage::Units;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;

/// Documents that one search unit ranks.
const DOCUMENTS: usize = 100;
/// More than any answer has; whoever says so is mistaken, and nobody is billed for that.
const MOST: i64 = 100_000_000;
/// What stands for a quality or size that nobody said.
const DEFAULT: &str = "default";
/// Of the words of a class.
const MAX_WORD: usize = 24;

/// The fields of a request that say it.
pub(super) struct Fields<'a> {
    pub choices: i64,
    pub input: Option<&'a RawValue>,
    pub documents: Option<&'a RawValue>,
    pub quality: Option<&'a RawValue>,
    pub size: Option<&'a RawValue>,
}

/// What a request asks for at most. Forms have sound: see `wire/form.rs`.
pub(super) fn asked(operation: Operation, fields: &Fields<'_>) -> Units {
    match operation {
        Operation::Images => {
            let image_class = format!("{}/{}", word(fields.quality), word(fields.size));
            Units { images: fields.choices, image_class, ..Units::default() }
        }
        Operation::Speech => {
            let text = fields.input.and_then(|input| serde_json::from_str::<Cow<'_, str>>(input.get()).ok());
            let characters = text.map_or(0, |text| text.chars().count());
            Units { characters: whole(characters), ..Units::default() }
        }
        Operation::Rerank => {
            let documents = fields.documents.map_or(0, length);
            let searches = whole(documents.div_ceil(DOCUMENTS).max(1));
            // Providers cut long documents and count the pieces.
            Units { searches, estimated: true, ..Units::default() }
        }
        _ => Units::default(),
    }
}

/// The parts of an answer that say it.
#[derive(Deserialize)]
struct Parts<'a> {
    #[serde(borrow)]
    data: Option<&'a RawValue>,
    #[serde(borrow)]
    quality: Option<&'a RawValue>,
    #[serde(borrow)]
    size: Option<&'a RawValue>,
    #[serde(borrow)]
    duration: Option<&'a RawValue>,
    #[serde(borrow)]
    usage: Option<&'a RawValue>,
    #[serde(borrow)]
    meta: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Meta<'a> {
    #[serde(borrow)]
    billed_units: Option<Billed<'a>>,
}

#[derive(Deserialize)]
struct Billed<'a> {
    #[serde(borrow)]
    search_units: Option<&'a RawValue>,
}

/// What a good answer says. None: nothing of it.
pub(super) fn told(operation: Operation, answer: &str) -> Option<Units> {
    if !matches!(operation, Operation::Images | Operation::Transcriptions | Operation::Rerank) {
        return None;
    }
    let parts: Parts<'_> = serde_json::from_str(answer).ok()?;
    match operation {
        Operation::Images => Some(pictures(whole(length(parts.data?)), parts.quality, parts.size)),
        Operation::Transcriptions => {
            parts.usage.and_then(sound).or_else(|| Some(heard(decimal(parts.duration?.get(), 3)?)))
        }
        _ => {
            let billed = serde_json::from_str::<Meta<'_>>(parts.meta?.get()).ok()?.billed_units?;
            let searches = decimal(billed.search_units?.get(), 0)?;
            Some(Units { searches, ..Units::default() })
        }
    }
}

/// Pictures as an answer or an event tells of them; what it does not say of their class is as it was asked.
pub(crate) fn pictures(images: i64, quality: Option<&RawValue>, size: Option<&RawValue>) -> Units {
    let is_said = quality.is_some() || size.is_some();
    let image_class = if is_said { format!("{}/{}", word(quality), word(size)) } else { String::new() };
    Units { images, image_class, ..Units::default() }
}

/// Sound, where a `usage` counts that instead of tokens.
pub(crate) fn sound(usage: &RawValue) -> Option<Units> {
    #[derive(Deserialize)]
    struct Usage<'a> {
        #[serde(borrow)]
        r#type: Option<Cow<'a, str>>,
        #[serde(borrow)]
        seconds: Option<&'a RawValue>,
    }
    let usage: Usage<'_> = serde_json::from_str(usage.get()).ok()?;
    usage.r#type.filter(|kind| kind == "duration")?;
    Some(heard(decimal(usage.seconds?.get(), 3)?))
}

fn heard(audio_ms: i64) -> Units {
    Units { audio_ms, ..Units::default() }
}

/// A word of a class of pictures.
fn word(raw: Option<&RawValue>) -> String {
    let said = raw.and_then(|raw| serde_json::from_str::<String>(raw.get()).ok());
    let is_word = |said: &String| {
        (1..=MAX_WORD).contains(&said.len()) && said.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
    };
    said.filter(is_word).unwrap_or_else(|| DEFAULT.to_owned())
}

/// How many elements an array has.
fn length(array: &RawValue) -> usize {
    serde_json::from_str::<Vec<&RawValue>>(array.get()).map_or(0, |elements| elements.len())
}

/// A number as a whole count of its `digits`-th decimal, what is beyond it rounded up, as nobody bills less. None for what is
/// no number, or none that can be true.
fn decimal(text: &str, digits: usize) -> Option<i64> {
    let text = text.trim_matches('"');
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let is_number = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || whole.len() > 9 || !is_number(whole) || !is_number(part) {
        return None;
    }
    let (counted, rest) = part.split_at(digits.min(part.len()));
    let count: i64 = format!("{whole}{counted:0<digits$}").parse().ok()?;
    let count = count + i64::from(rest.bytes().any(|b| b != b'0'));
    (count <= MOST).then_some(count)
}

fn whole(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(MOST).min(MOST)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(operation: Operation, answer: &str) -> Option<Units> {
        told(operation, answer)
    }

    #[test]
    fn what_an_answer_says_is_counted_exactly() {
        let seconds = |answer| said(Operation::Transcriptions, answer).map(|units| units.audio_ms);
        assert_eq!(seconds(r#"{"text":"Hi","usage":{"type":"duration","seconds":9}}"#), Some(9_000));
        assert_eq!(seconds(r#"{"text":"Hi","duration":8.470000267028809}"#), Some(8_471));
        assert_eq!(seconds(r#"{"text":"Hi","duration":"3.32"}"#), Some(3_320));
        assert_eq!(seconds(r#"{"text":"Hi","usage":{"type":"tokens","input_tokens":5},"duration":1.5}"#), Some(1_500));
        assert_eq!(seconds(r#"{"text":"Hi"}"#), None);
        assert_eq!(seconds(r#"{"text":"Hi","duration":-1}"#), None);
        assert_eq!(seconds(r#"{"text":"Hi","duration":1e9}"#), None);
        let searches = |answer| said(Operation::Rerank, answer).map(|units| units.searches);
        assert_eq!(searches(r#"{"results":[],"meta":{"billed_units":{"search_units":2}}}"#), Some(2));
        assert_eq!(searches(r#"{"results":[],"meta":{"billed_units":{"search_units":1.0}}}"#), Some(1));
        assert_eq!(searches(r#"{"results":[],"meta":{}}"#), None);
        let pictures = said(Operation::Images, r#"{"data":[{},{}],"size":"1024x1024","quality":"high"}"#).unwrap();
        assert_eq!((pictures.images, pictures.image_class.as_str()), (2, "high/1024x1024"));
        assert_eq!(said(Operation::Images, r#"{"data":[{"url":"x"}]}"#).unwrap().image_class, "");
        assert_eq!(said(Operation::Chat, r#"{"data":[{}],"duration":3}"#), None);
    }

    #[test]
    fn a_class_is_made_of_words_whatever_a_client_writes() {
        let raw = |text: &str| RawValue::from_string(text.to_owned()).unwrap();
        let (quality, size) = (raw("\"hd\""), raw("\"1024 x 1024\\n\""));
        let fields = Fields { choices: 3, input: None, documents: None, quality: Some(&quality), size: Some(&size) };
        let units = asked(Operation::Images, &fields);
        assert_eq!((units.images, units.image_class.as_str()), (3, "hd/default"));
    }

    #[test]
    fn characters_are_counted_as_they_are_spoken() {
        let input = RawValue::from_string("\"ol\\u00e1, \\ud83d\\ude00 ok\"".to_owned()).unwrap();
        let fields = Fields { choices: 1, input: Some(&input), documents: None, quality: None, size: None };
        assert_eq!(asked(Operation::Speech, &fields).characters, 9);
    }
}

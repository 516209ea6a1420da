//! Sound: a tone that lasts as long as its text is, and what the simulator hears in sound that it gets.

use super::pieces;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use serde_json::{Value, json};

/// Samples in a second, of 16 bits.
const RATE: u32 = 8_000;
/// Of one token of text, in samples.
const TOKEN: u32 = RATE / 4;
/// The tone, in Hertz.
const TONE: f32 = 440.0;
const MOST_TOKENS: i64 = 240;

/// What is said, as a WAV file, whichever format was asked for. Errors: a sentence about the request.
pub(super) fn speak(request: &Value) -> Result<Bytes, String> {
    let text = request["input"].as_str().filter(|text| !text.is_empty()).ok_or("'input' must be a text")?;
    if !request["voice"].is_string() && !request["voice"].is_object() {
        return Err("'voice' is required".to_owned());
    }
    let tokens = u32::try_from(pieces::count(text).clamp(1, MOST_TOKENS)).unwrap_or(1);
    Ok(wav(tokens * TOKEN))
}

/// The same as events.
pub(super) fn events(request: &Value) -> Result<Vec<Bytes>, String> {
    let sound = speak(request)?;
    let mut events: Vec<Bytes> = sound
        .chunks(4096)
        .map(|part| event(&json!({"type": "speech.audio.delta", "audio": STANDARD.encode(part)})))
        .collect();
    let input = request["input"].as_str().map_or(0, pieces::count);
    let output = i64::try_from(events.len()).unwrap_or(i64::MAX);
    let usage = json!({"input_tokens": input, "output_tokens": output, "total_tokens": input + output});
    events.push(event(&json!({"type": "speech.audio.done", "usage": usage})));
    Ok(events)
}

fn event(data: &Value) -> Bytes {
    format!("data: {data}\n\n").into()
}

/// A mono file of 16-bit samples (RIFF WAVE, PCM).
fn wav(samples: u32) -> Bytes {
    let bytes = samples * 2;
    let mut file = Vec::new();
    file.extend_from_slice(b"RIFF");
    file.extend_from_slice(&(36 + bytes).to_le_bytes());
    file.extend_from_slice(b"WAVEfmt ");
    for (number, size) in [(16, 4), (1, 2), (1, 2), (RATE, 4), (RATE * 2, 4), (2, 2), (16, 2)] {
        file.extend_from_slice(&number.to_le_bytes()[..size]);
    }
    file.extend_from_slice(b"data");
    file.extend_from_slice(&bytes.to_le_bytes());
    // One period of the tone fits 200 samples eleven times.
    let period: Vec<[u8; 2]> = (0_u8..200).map(|n| sample(f32::from(n)).to_le_bytes()).collect();
    file.extend(period.iter().cycle().take(samples as usize).flatten());
    file.into()
}

#[expect(clippy::cast_possible_truncation, reason = "far below the largest 16-bit number")]
fn sample(at: f32) -> i16 {
    let angle = at * TONE * std::f32::consts::TAU / 8_000.0;
    (angle.sin() * 8_000.0) as i16
}

/// What is heard in a form with sound: how much of it there is.
pub(super) fn hear(body: &[u8]) -> String {
    format!("This is the simulator. You sent a form of {} bytes.", body.len())
}

/// The transcription of a form in the format that it asks for, and its media type.
pub(super) fn transcription(body: &[u8], format: &str, stream: bool) -> (&'static str, Vec<Bytes>) {
    let text = hear(body);
    let (input, output) = (10, pieces::count(&text));
    let usage =
        json!({"type": "tokens", "input_tokens": input, "output_tokens": output, "total_tokens": input + output});
    if stream {
        let deltas = pieces::pieces(&text).into_iter();
        let mut events: Vec<Bytes> =
            deltas.map(|delta| event(&json!({"type": "transcript.text.delta", "delta": delta}))).collect();
        events.push(event(&json!({"type": "transcript.text.done", "text": text, "usage": usage})));
        return ("text/event-stream", events);
    }
    match format {
        "text" => ("text/plain; charset=utf-8", vec![format!("{text}\n").into()]),
        "srt" => ("text/plain; charset=utf-8", vec![format!("1\n00:00:00,000 --> 00:00:01,000\n{text}\n\n").into()]),
        "vtt" => {
            ("text/vtt; charset=utf-8", vec![format!("WEBVTT\n\n00:00:00.000 --> 00:00:01.000\n{text}\n\n").into()])
        }
        "verbose_json" => {
            let segment = json!({
                "id": 0, "seek": 0, "start": 0.0, "end": 1.0, "text": text, "tokens": [], "temperature": 0.0,
                "avg_logprob": 0.0, "compression_ratio": 1.0, "no_speech_prob": 0.0,
            });
            let answer = json!({
                "task": "transcribe", "language": "english", "duration": 1.0, "text": text, "segments": [segment],
                "usage": {"type": "duration", "seconds": 1},
            });
            (super::JSON, vec![answer.to_string().into()])
        }
        _ => (super::JSON, vec![json!({"text": text, "usage": usage}).to_string().into()]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_as_long_as_it_says() {
        let file = speak(&json!({"input": "one two", "voice": "alloy"})).expect("sound");
        let number = |at: usize| u32::from_le_bytes([file[at], file[at + 1], file[at + 2], file[at + 3]]) as usize;
        assert_eq!((&file[..4], &file[8..16]), (&b"RIFF"[..], &b"WAVEfmt "[..]));
        assert_eq!((number(4), number(40)), (file.len() - 8, file.len() - 44));
        assert_eq!((number(16), number(24), number(28)), (16, 8_000, 16_000));
        assert!(speak(&json!({"input": "one"})).is_err() && speak(&json!({"voice": "alloy"})).is_err());
    }
}

//! Reads the events of a streamed chat completion: text, why it ended, and what was used.

use serde::Deserialize;
use serde_json::Value;

/// The longest event that is read, in bytes.
const LONGEST: usize = 1024 * 1024;

/// What has been read so far.
#[derive(Debug, Default)]
pub(crate) struct Reader {
    rest: Vec<u8>,
    /// Of the message.
    pub text: String,
    /// `stop`, `length`, …; none: it has not ended.
    pub finish_reason: Option<String>,
    /// Input and output tokens, where the provider says so.
    pub usage: Option<(i64, i64)>,
    /// The answer ended with an error: its code and message.
    pub error: Option<(String, String)>,
    /// The mark of the end has come.
    pub is_done: bool,
}

#[derive(Deserialize)]
struct Chunk {
    #[serde(default)]
    choices: Vec<Choice>,
    usage: Option<Usage>,
    error: Option<Value>,
}
#[derive(Deserialize)]
struct Choice {
    #[serde(default)]
    delta: Delta,
    finish_reason: Option<String>,
}
#[derive(Default, Deserialize)]
struct Delta {
    content: Option<String>,
}
#[derive(Deserialize)]
struct Usage {
    #[serde(default)]
    prompt_tokens: i64,
    #[serde(default)]
    completion_tokens: i64,
}

impl Reader {
    /// Reads more. False: it is no such answer.
    pub(crate) fn push(&mut self, bytes: &[u8]) -> bool {
        self.rest.extend_from_slice(bytes);
        while let Some(end) = self.rest.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = self.rest.drain(..=end).collect();
            if !self.line(line.trim_ascii()) {
                return false;
            }
        }
        self.rest.len() <= LONGEST
    }

    fn line(&mut self, line: &[u8]) -> bool {
        let Some(data) = line.strip_prefix(b"data:") else { return true };
        let data = data.trim_ascii();
        if data == b"[DONE]" {
            self.is_done = true;
            return true;
        }
        let Ok(chunk) = serde_json::from_slice::<Chunk>(data) else { return false };
        if let Some(error) = chunk.error {
            let text = |field: &str| error[field].as_str().unwrap_or_default().to_owned();
            self.error = Some((text("code"), text("message")));
        }
        for choice in chunk.choices {
            self.text.push_str(choice.delta.content.as_deref().unwrap_or_default());
            self.finish_reason = choice.finish_reason.or(self.finish_reason.take());
        }
        if let Some(usage) = chunk.usage {
            self.usage = Some((usage.prompt_tokens, usage.completion_tokens));
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANSWER: &str = concat!(
        ": keep-alive\n\n",
        "data: {\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}\n\n",
        "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"{\\\"a\\\":\"}}],\"usage\":null}\r\n\r\n",
        "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"é}\"},\"finish_reason\":\"stop\"}]}\n\n",
        "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":12,\"completion_tokens\":5,\"total_tokens\":17}}\n\n",
        "data: [DONE]\n\n",
    );

    #[test]
    fn an_answer_is_read_however_it_is_cut() {
        for size in 1..ANSWER.len() {
            let mut reader = Reader::default();
            assert!(ANSWER.as_bytes().chunks(size).all(|part| reader.push(part)));
            assert_eq!((reader.text.as_str(), reader.usage), ("{\"a\":é}", Some((12, 5))));
            assert_eq!(reader.finish_reason.as_deref(), Some("stop"));
            assert!(reader.is_done && reader.error.is_none());
        }
    }

    #[test]
    fn an_error_and_a_web_page_are_no_answers() {
        let mut reader = Reader::default();
        assert!(reader.push(b"data: {\"error\":{\"code\":\"budget_exceeded\",\"message\":\"spent\"}}\n\n"));
        assert_eq!(reader.error, Some(("budget_exceeded".to_owned(), "spent".to_owned())));
        assert!(!Reader::default().push(b"data: <html>\n"));
    }
}

//! A client's request for embeddings as types, and the way of an answer back into OpenAI's shape.

use super::whole;
use crate::provider::{Ask, Fault, Upstream};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use serde::{
    Deserialize,
    de::{DeserializeOwned, IgnoredAny},
};
use serde_json::{Map, Value, json};

/// What is asked for.
pub(in crate::provider) struct Wanted {
    pub texts: Vec<String>,
    pub dimensions: Option<u64>,
    /// Fields that OpenAI does not know.
    pub others: Map<String, Value>,
    model: String,
    is_packed: bool,
}

#[derive(Deserialize)]
struct Asked {
    input: Input,
    dimensions: Option<u64>,
    encoding_format: Option<String>,
    #[serde(flatten)]
    others: Map<String, Value>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Input {
    One(String),
    Many(Vec<String>),
    Tokens(IgnoredAny),
}

/// What a provider says.
pub(in crate::provider) struct Embedded {
    pub numbers: Vec<Vec<f32>>,
    /// Input tokens, where it counts them.
    pub tokens: Option<i64>,
}

impl Wanted {
    /// Errors: it asks for what only OpenAI's models read.
    pub(in crate::provider) fn read(ask: &Ask<'_>) -> Result<Self, Fault> {
        let wrong = |_| Fault::invalid("input", "must be a text or an array of texts");
        let Asked { input, dimensions, encoding_format, mut others } =
            serde_json::from_slice(ask.body).map_err(wrong)?;
        let texts = match input {
            Input::One(text) => vec![text],
            Input::Many(texts) => texts,
            Input::Tokens(_) => {
                return Err(Fault::unsupported("input", "must be text here: tokens are those of OpenAI's models"));
            }
        };
        others.remove("model");
        let is_packed = encoding_format.as_deref() == Some("base64");
        Ok(Self { texts, dimensions, others, model: ask.model.to_owned(), is_packed })
    }

    /// A field that only this provider knows.
    pub(in crate::provider) fn own(&mut self, name: &str) -> Option<Value> {
        self.others.remove(name)
    }

    /// The answer as it will be read, and what of the request was left out.
    pub(in crate::provider) fn answer<T, F>(self, upstream: Upstream, read: F) -> Upstream
    where
        T: DeserializeOwned,
        F: FnOnce(T) -> Option<Embedded> + Send + 'static,
    {
        let upstream = Upstream { dropped: self.others.keys().cloned().collect(), ..upstream };
        whole(upstream, move |answer| self.write(read(answer)))
    }

    fn write(&self, embedded: Option<Embedded>) -> Result<Bytes, Fault> {
        let Some(Embedded { numbers, tokens }) = embedded.filter(|e| e.numbers.len() == self.texts.len()) else {
            return Err(Fault::malformed("it has not one embedding for each text"));
        };
        let one = |(index, numbers): (usize, &Vec<f32>)| {
            let embedding = if self.is_packed { packed(numbers).into() } else { json!(numbers) };
            json!({"object": "embedding", "index": index, "embedding": embedding})
        };
        let data: Vec<Value> = numbers.iter().enumerate().map(one).collect();
        let mut answer = json!({"object": "list", "data": data, "model": self.model});
        // What nobody counted is not zero.
        if let Some(tokens) = tokens {
            answer["usage"] = json!({"prompt_tokens": tokens, "total_tokens": tokens});
        }
        Ok(answer.to_string().into())
    }
}

fn packed(numbers: &[f32]) -> String {
    STANDARD.encode(numbers.iter().flat_map(|number| number.to_le_bytes()).collect::<Vec<u8>>())
}

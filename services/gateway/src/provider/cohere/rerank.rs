//! Rerank: `POST /v2/rerank`, which takes texts and gives their places. What else clients know from its first version and
//! from Jina is done here.

use crate::provider::{Ask, Fault, Upstream, translate};
use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Map, Value, json};

#[derive(Deserialize)]
struct Asked {
    query: String,
    documents: Vec<Value>,
    top_n: Option<u64>,
    #[serde(default)]
    return_documents: bool,
    max_tokens_per_doc: Option<u64>,
    #[serde(flatten)]
    others: Map<String, Value>,
}

/// What is remembered of a request.
pub(super) struct Ranked {
    documents: Option<Vec<Value>>,
    model: String,
    dropped: Vec<String>,
}

#[derive(Deserialize)]
struct Answer {
    id: Option<String>,
    results: Vec<Place>,
    meta: Option<Value>,
}

#[derive(Deserialize)]
struct Place {
    index: usize,
    relevance_score: f64,
}

/// The request. Errors: a document without a text.
pub(super) fn native(ask: &Ask<'_>) -> Result<(Value, Ranked), Fault> {
    let wrong = |_| Fault::invalid("documents", "must be an array of texts, and query a text");
    let asked: Asked = serde_json::from_slice(ask.body).map_err(wrong)?;
    let Asked { query, documents, top_n, return_documents, max_tokens_per_doc, others } = asked;
    let text = |document: &Value| {
        let text = document.as_str().or(document["text"].as_str()).map(str::to_owned);
        text.ok_or_else(|| Fault::unsupported("documents", "must be texts, or objects with the field text"))
    };
    let texts = documents.iter().map(text).collect::<Result<Vec<_>, _>>()?;
    let mut request = json!({"model": ask.model, "query": query, "documents": texts});
    if let Some(top_n) = top_n {
        request["top_n"] = top_n.into();
    }
    if let Some(most) = max_tokens_per_doc {
        request["max_tokens_per_doc"] = most.into();
    }
    let dropped = others.into_iter().map(|(name, _)| name).filter(|name| name != "model").collect();
    let documents = return_documents.then(|| texts.into_iter().map(|text| json!({"text": text})).collect());
    Ok((request, Ranked { documents, model: ask.model.to_owned(), dropped }))
}

pub(super) fn answer(mut ranked: Ranked, upstream: Upstream) -> Upstream {
    let upstream = Upstream { dropped: std::mem::take(&mut ranked.dropped), ..upstream };
    translate::whole(upstream, move |answer| ranked.write(answer))
}

impl Ranked {
    fn write(&self, answer: Answer) -> Result<Bytes, Fault> {
        let one = |place: &Place| {
            let mut told = json!({"index": place.index, "relevance_score": place.relevance_score});
            if let Some(documents) = &self.documents {
                told["document"] = documents.get(place.index)?.clone();
            }
            Some(told)
        };
        let results: Option<Vec<Value>> = answer.results.iter().map(one).collect();
        let results = results.ok_or_else(|| Fault::malformed("it ranks a document that was not sent"))?;
        let told = json!({"id": answer.id, "model": self.model, "results": results, "meta": answer.meta});
        Ok(told.to_string().into())
    }
}

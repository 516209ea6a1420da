//! How does a conversation go on in front of a provider that does not know what was said before?

use super::{Content, items};
use crate::{
    Error,
    operation::Operation,
    wire::request::{self, Peek},
};
use bytes::Bytes;
use prost::Message as _;
use proto::workspace::KeptResponse;
use serde_json::{Map, Value};

/// A request that goes on with what was said before.
#[derive(Debug)]
pub(crate) struct Continued {
    /// The request with the whole conversation as its input.
    pub body: Bytes,
    pub peek: Peek,
    /// What of the conversation is told to nobody who does not know it.
    pub lost: Vec<String>,
    /// The provider that answered last, if it knows the conversation by the id of that answer.
    owner: Option<String>,
}

impl Continued {
    /// What a request becomes after `kept`, the oldest first. Errors: a kept response that is none.
    pub(super) fn new(body: &[u8], kept: &[KeptResponse]) -> Result<Self, Error> {
        let mut request: Map<String, Value> = serde_json::from_slice(body).map_err(Error::malformed)?;
        let (mut said, mut owner) = (vec![], None);
        for response in kept {
            let (input, output, is_native) = opened(response)?;
            said.extend(input);
            said.extend(output);
            owner = is_native.then(|| response.provider_id.clone());
        }
        let mut lost = vec![];
        let mut input = items::told(said, &mut lost);
        input.extend(items::of(request.remove("input")));
        request.remove("previous_response_id");
        request.insert("input".to_owned(), input.into());
        let body = Bytes::from(Value::from(request).to_string());
        let peek = request::peek(Operation::Responses, &body)?;
        Ok(Self { body, peek, lost, owner })
    }

    /// Whether this provider knows what was said before by itself.
    pub(crate) fn is_known_to(&self, provider: &str) -> bool {
        self.owner.as_deref() == Some(provider)
    }
}

/// Input and output of a kept response, and whether its provider knows it by its id.
pub(super) fn opened(kept: &KeptResponse) -> Result<(Vec<Value>, Vec<Value>, bool), Error> {
    let damaged = || Error::Kept(kept.response_id.clone());
    let content = Content::decode(kept.content.clone()).map_err(|_| damaged())?;
    let input: Vec<Value> = serde_json::from_slice(&content.input).map_err(|_| damaged())?;
    let mut response: Value = serde_json::from_slice(&content.response).map_err(|_| damaged())?;
    let output = items::of(Some(response["output"].take()));
    Ok((input, output, content.is_native))
}

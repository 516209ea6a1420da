//! What does a request for a response want beside its answer?

use crate::Error;
use serde::Deserialize;
use serde_json::value::RawValue;

/// What it wants.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Wish {
    /// Keep the answer.
    pub store: bool,
    /// It says so, and does not leave it to the default.
    pub is_explicit: bool,
    /// Go on with this one.
    pub previous: Option<String>,
}

#[derive(Deserialize)]
struct Fields<'a> {
    #[serde(borrow)]
    store: Option<&'a RawValue>,
    #[serde(borrow)]
    previous_response_id: Option<&'a RawValue>,
    #[serde(borrow)]
    conversation: Option<&'a RawValue>,
    #[serde(borrow)]
    background: Option<&'a RawValue>,
}

/// Reads it. OpenAI keeps responses unless it is told not to. Errors: the field that is none, or that is not offered.
pub(super) fn read(body: &[u8]) -> Result<Wish, Error> {
    let fields: Fields<'_> = serde_json::from_slice(body).map_err(Error::malformed)?;
    let flag = |field: &str, raw: Option<&RawValue>| -> Result<Option<bool>, Error> {
        let Some(raw) = raw else { return Ok(None) };
        serde_json::from_str(raw.get()).map_err(|_| Error::field(field, "must be true or false"))
    };
    if flag("background", fields.background)? == Some(true) {
        return Err(Error::field("background", "must be false: answers are given at once or as a stream"));
    }
    if fields.conversation.is_some_and(|raw| raw.get() != "null") {
        let problem = "is not offered: send previous_response_id, or the conversation in input";
        return Err(Error::field("conversation", problem));
    }
    let previous = match fields.previous_response_id {
        None => None,
        Some(raw) => serde_json::from_str::<Option<String>>(raw.get())
            .map_err(|_| Error::field("previous_response_id", "must be the id of a response"))?,
    };
    let store = flag("store", fields.store)?;
    Ok(Wish { store: store.unwrap_or(true), is_explicit: store.is_some(), previous })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_response_is_kept_unless_its_client_says_no() {
        let wish = |body: &str| read(body.as_bytes()).expect("a wish");
        assert_eq!(wish("{}"), Wish { store: true, is_explicit: false, previous: None });
        assert_eq!(wish("{\"store\":null,\"background\":null,\"conversation\":null}"), wish("{}"));
        let second = wish("{\"store\":false,\"previous_response_id\":\"resp_1\",\"background\":false}");
        assert_eq!(second, Wish { store: false, is_explicit: true, previous: Some("resp_1".to_owned()) });
    }

    #[test]
    fn what_is_not_offered_is_named() {
        for (body, field) in [
            ("{\"background\":true}", "background"),
            ("{\"background\":1}", "background"),
            ("{\"conversation\":\"conv_1\"}", "conversation"),
            ("{\"conversation\":{\"id\":\"conv_1\"}}", "conversation"),
            ("{\"previous_response_id\":7}", "previous_response_id"),
            ("{\"store\":\"yes\"}", "store"),
        ] {
            let Err(Error::Field { field: named, .. }) = read(body.as_bytes()) else { panic!("{body} is taken") };
            assert_eq!(named, field);
        }
    }
}

//! What does one metered event say?

use crate::{
    Error,
    row::{self, hex_digest},
};
use chrono::{DateTime, TimeDelta, Utc};
use proto::usage::{EventName, UsageEvent};
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;

/// Sources that only peers may use.
const RESERVED: &str = "perpetuo";
/// More than anybody meters at once, and sums of it stay far from overflowing.
const MOST: i64 = 1_000_000_000_000_000;
const MAX_SOURCE: usize = 128;
const MAX_ID: usize = 256;
const MAX_RESOURCE: usize = 64;
const MAX_PROPERTIES: usize = 20;
const MAX_PROPERTY: usize = 512;
/// How far ahead the clock of a source may be.
const AHEAD: TimeDelta = TimeDelta::minutes(5);

/// The name of an event within its workspace.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub(super) struct Name {
    pub source: String,
    pub id: String,
}

/// An event that has been read.
#[derive(Clone, Debug)]
pub(super) struct Event {
    pub name: Name,
    pub resource: String,
    pub quantity: i64,
    pub at: DateTime<Utc>,
    /// JSON
    pub properties: String,
    pub corrects: Option<Name>,
    /// SHA-256 of all of it but its name, in hexadecimal digits.
    pub digest: String,
}

/// What makes two events of one name the same.
#[derive(Serialize)]
struct Payload<'a> {
    resource: &'a str,
    quantity: i64,
    at: i64,
    properties: &'a BTreeMap<String, String>,
    corrects: &'a Option<Name>,
}

/// Which events are taken.
#[derive(Clone, Copy)]
pub(super) struct Rules {
    pub now: DateTime<Utc>,
    /// Older ones may have been forgotten.
    pub oldest: DateTime<Utc>,
    /// The caller is a part of Perpetuo.
    pub peer: bool,
}

impl Name {
    pub fn is_reserved(&self) -> bool {
        self.source.starts_with(RESERVED)
    }

    /// Errors: the field that is wrong.
    pub fn read(source: String, id: String) -> Result<Self, Error> {
        for (field, text, most) in [("source", &source, MAX_SOURCE), ("id", &id, MAX_ID)] {
            if text.is_empty() || text.len() > most || text.contains('\0') {
                return Err(Error::Event(field, format!("must be 1 to {most} bytes without NUL")));
            }
        }
        Ok(Self { source, id })
    }
}

/// Errors: it is no name of a resource.
pub(super) fn resource_name(resource: &str) -> Result<(), Error> {
    let known = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"._-".contains(&byte);
    if resource.is_empty() || resource.len() > MAX_RESOURCE || !resource.bytes().all(known) {
        let problem = format!("must be 1 to {MAX_RESOURCE} lower-case letters, digits, `.`, `_` and `-`");
        return Err(Error::Event("resource", problem));
    }
    Ok(())
}

impl Event {
    /// Errors: the field that is wrong.
    pub fn read(event: UsageEvent, rules: Rules) -> Result<Self, Error> {
        let name = Name::read(event.source, event.id)?;
        if name.is_reserved() && !rules.peer {
            return Err(Error::Event("source", format!("must not begin with `{RESERVED}`")));
        }
        let resource = event.resource;
        resource_name(&resource)?;
        let corrects = event.corrects.map(|EventName { source, id }| Name::read(source, id)).transpose()?;
        let least = if corrects.is_some() { -MOST } else { 0 };
        if !(least..=MOST).contains(&event.quantity) {
            return Err(Error::Event(
                "quantity",
                format!("must be from {least} to {MOST}; only corrections are negative"),
            ));
        }
        if corrects.as_ref() == Some(&name) {
            return Err(Error::Event("corrects", "must name another event".to_owned()));
        }
        let at = event.at.and_then(proto::time::from_proto);
        let at = at.ok_or_else(|| Error::Event("at", "must be a time".to_owned()))?;
        if at < rules.oldest || at > rules.now + AHEAD {
            let problem =
                format!("must be from {} until 5 minutes from now", rules.oldest.format("%Y-%m-%dT%H:%M:%SZ"));
            return Err(Error::Event("at", problem));
        }
        let properties: BTreeMap<_, _> = event.properties.into_iter().collect();
        let fits = |text: &String| text.len() <= MAX_PROPERTY && !text.contains('\0');
        if properties.len() > MAX_PROPERTIES || !properties.iter().all(|(key, value)| fits(key) && fits(value)) {
            let problem = format!("must be at most {MAX_PROPERTIES} of at most {MAX_PROPERTY} bytes each, without NUL");
            return Err(Error::Event("properties", problem));
        }
        let payload = Payload {
            resource: &resource,
            quantity: event.quantity,
            at: at.timestamp_micros(),
            properties: &properties,
            corrects: &corrects,
        };
        let digest = hex_digest(&Sha256::digest(row::text(&payload)));
        let properties = row::text(&properties);
        Ok(Self { name, quantity: event.quantity, at, properties, digest, resource: resource.clone(), corrects })
    }
}

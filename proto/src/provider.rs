//! Kinds of provider: what a workspace needs to know to add one, and the gateway to call it.
//!
//! A kind is one file, `providers/<kind>.json`, from which this table is made. A kind that speaks a dialect that is
//! known already is nothing but that file.

/// A kind of provider.
#[derive(Debug, PartialEq, Eq)]
pub struct Kind {
    /// As in `provider` of a provider's settings, the prefix in `<kind>/<model>`, and `kind` in the catalogue of prices.
    pub name: &'static str,
    /// For people.
    pub title: &'static str,
    /// How the gateway speaks with it: the name of a file below `services/gateway/src/provider`.
    pub dialect: &'static str,
    /// Where it is called.
    pub address: Address,
    /// Whether it takes a credential. It is never required: servers on one's own machine need none.
    pub takes_key: bool,
    /// Its usage explicitly costs nothing.
    pub free: bool,
    /// Without a list of models it serves those that it names itself, and no others.
    pub own_models: bool,
    /// What becomes of each field of a request. One that is not here passes as it is.
    pub fields: &'static [Field],
    /// Fields of the provider's own that a client may send.
    pub also: &'static [&'static str],
    /// It is sent what nobody here knows, too.
    pub passes_unknown: bool,
}

/// What becomes of a field on its way to a kind of provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// One of [`FIELDS`].
    pub name: &'static str,
    /// Which way it goes.
    pub how: How,
    /// How exactly, or why not; may be empty.
    pub note: &'static str,
}

/// Which way a field of a request goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// As the client wrote it.
    Passed,
    /// As the provider's own field for the same.
    Mapped,
    /// The provider has no such field, and does the same by other means.
    Emulated,
    /// It is a wish that the provider has no means for: not sent, and named in `x-perpetuo-dropped`.
    Dropped,
    /// Without it the answer would not be what was asked for: the request is refused, or another provider is asked.
    Refused,
}

impl How {
    /// For people.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Mapped => "mapped",
            Self::Emulated => "emulated",
            Self::Dropped => "dropped",
            Self::Refused => "refused",
        }
    }
}

impl Kind {
    /// What becomes of a field.
    pub fn field(&self, name: &'static str) -> Field {
        let known = self.fields.iter().find(|field| field.name == name).copied();
        known.unwrap_or(Field { name, how: How::Passed, note: "" })
    }
}

/// Where a kind of provider is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Address {
    /// Nowhere: it is in this process.
    None,
    /// Here, unless the provider says otherwise.
    Usual(&'static str),
    /// Wherever the provider says, which it must; with an example.
    Own(&'static str),
}

include!(concat!(env!("OUT_DIR"), "/providers.rs"));

/// The kind of this name.
pub fn find(name: &str) -> Option<&'static Kind> {
    ALL.iter().find(|kind| kind.name == name)
}

//! How do events become rows?

pub(crate) mod guarded;
mod ledger;
mod log;
mod open;
mod rollup;
mod standing;
mod swept;
mod text;

pub(crate) use ledger::{Found, LedgerRow};
pub(crate) use log::LogRow;
pub(crate) use open::{OpenRow, StoredGrant};
pub(crate) use rollup::{Costs, Rollup, Rows};
pub(crate) use standing::Standing;
pub(crate) use swept::{StoredSwept, SweptRow};
pub(crate) use text::bounded;

use crate::event::Id;
use serde::{Serialize, Serializer};
use uuid::Uuid;

/// Rows as the JSON parameter of a statement that takes many.
pub(crate) fn json(rows: &[impl Serialize]) -> store::Value {
    serde_json::to_string(rows).expect("rows hold nothing that JSON cannot say").into()
}

/// One value as JSON.
pub(crate) fn text(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("values hold nothing that JSON cannot say")
}

/// As both databases read bytes from JSON.
pub(crate) fn hex_digest(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// As both databases read a uuid from JSON: 32 hexadecimal digits. Where it is no text, its bytes.
pub(crate) fn hex<S: Serializer>(id: &Id, serializer: S) -> Result<S::Ok, S::Error> {
    let id = Uuid::from(*id);
    if serializer.is_human_readable() {
        serializer.serialize_str(id.simple().encode_lower(&mut Uuid::encode_buffer()))
    } else {
        serializer.serialize_bytes(id.as_bytes())
    }
}

fn hex_option<S: Serializer>(id: &Option<Id>, serializer: S) -> Result<S::Ok, S::Error> {
    match id {
        Some(id) => hex(id, serializer),
        None => serializer.serialize_none(),
    }
}

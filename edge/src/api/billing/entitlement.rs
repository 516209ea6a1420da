//! What a plan allows, as clients write and read it.

use proto::{
    billing::Entitlement,
    entitlement::{Table, read, write},
};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use std::{borrow::Cow, collections::BTreeMap};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{Object, OneOfBuilder, RefOr, Schema, schema::Type},
};

/// One entry of the table.
pub(crate) struct EntitlementBody(Entitlement);

impl From<Entitlement> for EntitlementBody {
    fn from(entitlement: Entitlement) -> Self {
        Self(entitlement)
    }
}

/// A table, as answers hold it.
pub(super) fn written(table: Table) -> BTreeMap<String, EntitlementBody> {
    table.into_iter().map(|(key, entitlement)| (key, EntitlementBody(entitlement))).collect()
}

/// A table, as services take it.
pub(super) fn taken(table: BTreeMap<String, EntitlementBody>) -> Table {
    table.into_iter().map(|(key, EntitlementBody(entitlement))| (key, entitlement)).collect()
}

impl Serialize for EntitlementBody {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        write(&self.0).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for EntitlementBody {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = serde_json::Value::deserialize(deserializer)?;
        let refused = || D::Error::custom("must be a whole number, \"unlimited\", true, false or another text");
        read(&value).map(Self).ok_or_else(refused)
    }
}

impl PartialSchema for EntitlementBody {
    fn schema() -> RefOr<Schema> {
        let kinds = [Type::Integer, Type::Boolean, Type::String];
        let any = kinds.into_iter().fold(OneOfBuilder::new(), |any, kind| any.item(Object::with_type(kind)));
        let about =
            "A number is a limit and `\"unlimited\"` none; true and false say whether; any other text says which.";
        RefOr::T(Schema::OneOf(any.description(Some(about)).build()))
    }
}

impl ToSchema for EntitlementBody {
    fn name() -> Cow<'static, str> {
        "Entitlement".into()
    }
}

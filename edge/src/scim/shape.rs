//! Which attributes do resources have here?

use scim_v2::schema_urns;

/// What an attribute holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// One value.
    Single,
    /// One value with these parts.
    Complex(&'static [&'static str]),
    /// Several values with these parts.
    Multi(&'static [&'static str]),
}

/// A type of resources.
pub(super) struct Shape {
    /// Its schema.
    pub(super) urn: &'static str,
    pub(super) name: &'static str,
    pub(super) kept: &'static [(&'static str, Kind)],
    /// What cannot be without a value.
    pub(super) required: &'static [&'static str],
    /// What the standard has beside these, and nobody keeps here: directories send it whatever they are told.
    ignored: &'static [&'static str],
}

/// What a name means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    Kept(&'static str, Kind),
    /// Said by us, and by nobody else.
    ReadOnly,
    /// Known to the standard or to others, and not kept.
    Ignored,
    Unknown,
}

const EMAIL: &[&str] = &["value", "type", "primary"];
const ROLE: &[&str] = &["value", "primary", "type", "display"];
const MEMBER: &[&str] = &["value", "type", "display", "$ref"];

pub(super) const USER: Shape = Shape {
    urn: schema_urns::USER,
    name: "User",
    kept: &[
        ("userName", Kind::Single),
        ("externalId", Kind::Single),
        ("displayName", Kind::Single),
        ("active", Kind::Single),
        ("name", Kind::Complex(&["formatted", "givenName", "familyName"])),
        ("emails", Kind::Multi(EMAIL)),
        ("roles", Kind::Multi(ROLE)),
    ],
    required: &["userName"],
    ignored: &[
        "nickName",
        "profileUrl",
        "title",
        "userType",
        "preferredLanguage",
        "locale",
        "timezone",
        "password",
        "phoneNumbers",
        "ims",
        "photos",
        "addresses",
        "entitlements",
        "x509Certificates",
        "manager",
        "department",
    ],
};

pub(super) const GROUP: Shape = Shape {
    urn: schema_urns::GROUP,
    name: "Group",
    kept: &[("displayName", Kind::Single), ("externalId", Kind::Single), ("members", Kind::Multi(MEMBER))],
    required: &["displayName"],
    ignored: &[],
};

impl Shape {
    /// What an attribute is, of the schema that its path names.
    pub(super) fn meaning(&self, urn: Option<&str>, name: &str) -> Meaning {
        if urn.is_some_and(|urn| !urn.eq_ignore_ascii_case(self.urn)) {
            return Meaning::Ignored;
        }
        let named = |other: &&str| other.eq_ignore_ascii_case(name);
        if let Some((name, kind)) = self.kept.iter().find(|(kept, _)| named(kept)) {
            return Meaning::Kept(name, *kind);
        }
        if ["id", "meta", "schemas", "groups"].iter().any(named) {
            return Meaning::ReadOnly;
        }
        if self.ignored.iter().any(named) { Meaning::Ignored } else { Meaning::Unknown }
    }

    /// Whether texts of this attribute are the same only in the same case.
    pub(super) fn is_exact(&self, name: &str, part: Option<&str>) -> bool {
        let is = |text: &str, other: &str| text.eq_ignore_ascii_case(other);
        match part {
            Some(part) => is(name, "meta") && is(part, "version") || is(name, "members") && is(part, "value"),
            None => ["id", "externalId", "members", "schemas"].iter().any(|exact| is(exact, name)),
        }
    }
}

//! Typed ids: a prefix that says what it names, and a uuid v7 as 26 characters of Crockford base32.
//!
//! Ids are parsed once, at the door; inside they are types, on the wire strings, in the database uuids.

use std::{fmt, str::FromStr};
use uuid::Uuid;

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// What a byte is worth as a digit; more than 31 where it is none. Ids are read several times for each request.
const DIGITS: [u8; 256] = {
    let mut digits = [u8::MAX; 256];
    let mut value = 0;
    while value < ALPHABET.len() {
        digits[ALPHABET[value] as usize] = value as u8;
        value += 1;
    }
    digits
};

/// Not an id of the expected kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a valid {kind} id: expected {prefix}_ followed by 26 characters")]
pub struct Malformed {
    kind: &'static str,
    prefix: &'static str,
}

/// Declares id types: `UserId`, "user", "usr" is a newtype of [`Uuid`] shown as `usr_…`.
macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident, $kind:literal, $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(Uuid);
        impl $name {
            /// What stands before the underscore.
            pub const PREFIX: &'static str = $prefix;
            /// The id of this uuid.
            pub const fn from_uuid(uuid: Uuid) -> Self { Self(uuid) }
            /// The uuid, as the database keeps it.
            pub const fn uuid(self) -> Uuid { self.0 }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { write(f, $prefix, self.0) }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { write(f, $prefix, self.0) }
        }
        impl FromStr for $name {
            type Err = Malformed;
            fn from_str(text: &str) -> Result<Self, Malformed> {
                read(text, $prefix).map(Self).ok_or(Malformed { kind: $kind, prefix: $prefix })
            }
        }
        impl From<$name> for String { fn from(id: $name) -> Self { id.to_string() } }
    )*};
}

ids! {
    /// A person.
    UserId, "user", "usr";
    /// A person's session on one device.
    SessionId, "session", "ses";
    /// An account elsewhere that opens an account here.
    IdentityId, "identity", "idn";
    /// A passkey of a person.
    PasskeyId, "passkey", "psk";
    /// A workspace, which is the tenant.
    WorkspaceId, "workspace", "ws";
    /// An API key (its name, not the secret).
    KeyId, "API key", "key";
    /// A provider of a workspace.
    ProviderId, "provider", "prov";
    /// A request, and its log entry.
    RequestId, "request", "req";
    /// An event of a feed.
    EventId, "event", "evt";
    /// An export.
    ExportId, "export", "exp";
    /// A subscription of a workspace to a plan.
    SubscriptionId, "subscription", "sub";
    /// An invoice.
    InvoiceId, "invoice", "inv";
    /// What an operator has written down to be charged.
    InvoiceItemId, "invoice item", "ii";
    /// One way of paying an invoice: a PIX charge, a boleto, a checkout.
    PaymentId, "payment", "pay";
    /// That somebody has allowed to be charged for each invoice.
    MandateId, "mandate", "mdt";
    /// Credits that a workspace has bought or was given.
    CreditGrantId, "credit grant", "crgr";
    /// A text with which customers redeem a coupon.
    PromotionCodeId, "promotion code", "promo";
    /// An execution of the agent engine.
    ExecutionId, "execution", "exec";
    /// A team inside a workspace.
    TeamId, "team", "team";
    /// An invitation to a workspace.
    InvitationId, "invitation", "invt";
    /// A schedule of exports.
    ScheduleId, "schedule", "sched";
    /// An address to which events are sent.
    WebhookId, "webhook", "hook";
    /// An event on its way to a webhook.
    DeliveryId, "delivery", "dlv";
}

fn write(f: &mut fmt::Formatter<'_>, prefix: &str, uuid: Uuid) -> fmt::Result {
    let mut text = [0u8; 26];
    let mut bits = uuid.as_u128();
    for slot in text.iter_mut().rev() {
        *slot = ALPHABET[(bits & 31) as usize];
        bits >>= 5;
    }
    f.write_str(prefix)?;
    f.write_str("_")?;
    f.write_str(std::str::from_utf8(&text).map_err(|_| fmt::Error)?)
}

fn read(text: &str, prefix: &str) -> Option<Uuid> {
    let digits = text.strip_prefix(prefix)?.strip_prefix('_')?.as_bytes();
    // 26 digits hold 130 bits: the first may only use three of its five.
    if digits.len() != 26 || digits[0] > b'7' {
        return None;
    }
    let mut bits = 0u128;
    for &digit in digits {
        let value = DIGITS[usize::from(digit)];
        if value > 31 {
            return None;
        }
        bits = (bits << 5) | u128::from(value);
    }
    Some(Uuid::from_u128(bits))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn an_id_survives_its_text(bits: u128) {
            let id = WorkspaceId::from_uuid(Uuid::from_u128(bits));
            prop_assert_eq!(id.to_string().parse(), Ok(id));
        }

        #[test]
        fn text_order_is_id_order(a: u128, b: u128) {
            let (a, b) = (RequestId::from_uuid(Uuid::from_u128(a)), RequestId::from_uuid(Uuid::from_u128(b)));
            prop_assert_eq!(a.cmp(&b), a.to_string().cmp(&b.to_string()));
        }

        #[test]
        fn garbage_is_refused_without_a_panic(text: String) {
            prop_assert!(text.parse::<UserId>().is_err());
        }

        #[test]
        fn a_digit_that_is_none_is_refused(bits: u128, at in 4usize..30, other: char) {
            let mut text: Vec<char> = UserId::from_uuid(Uuid::from_u128(bits)).to_string().chars().collect();
            text[at] = other;
            let read = text.iter().collect::<String>().parse::<UserId>();
            prop_assert_eq!(read.is_ok(), other.is_ascii() && ALPHABET.contains(&(other as u8)) && text[4] <= '7');
        }
    }

    #[test]
    fn another_kind_of_id_is_refused() {
        let id = UserId::from_uuid(Uuid::from_u128(7)).to_string();
        assert!(id.parse::<WorkspaceId>().is_err());
        assert!(id.to_uppercase().parse::<UserId>().is_err());
    }
}

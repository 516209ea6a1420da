//! What does a letter tell?

/// Each of an invoice at most once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::invoice) enum Kind {
    /// Something is to be paid.
    Invoice,
    /// It is not paid yet: so many days after the one on which it is due.
    Reminder(i64),
    /// Nothing is left to pay.
    Receipt,
}

impl Kind {
    /// The name in the database.
    pub fn name(self) -> String {
        match self {
            Self::Reminder(day) => format!("reminder:{day}"),
            Self::Invoice | Self::Receipt => self.template().to_owned(),
        }
    }

    /// The one with this name.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "invoice" => Some(Self::Invoice),
            "receipt" => Some(Self::Receipt),
            _ => text.strip_prefix("reminder:").and_then(|day| day.parse().ok()).map(Self::Reminder),
        }
    }

    /// The name of its text.
    pub const fn template(self) -> &'static str {
        match self {
            Self::Invoice => "invoice",
            Self::Reminder(_) => "reminder",
            Self::Receipt => "receipt",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_found_by_its_name() {
        for kind in [Kind::Invoice, Kind::Receipt, Kind::Reminder(-3), Kind::Reminder(0), Kind::Reminder(90)] {
            assert_eq!(Kind::parse(&kind.name()), Some(kind));
        }
        assert_eq!((Kind::parse("reminder:"), Kind::parse("voided")), (None, None));
    }
}

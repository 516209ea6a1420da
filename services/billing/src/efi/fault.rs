//! What has gone wrong with a call, and what of it may have been done all the same?

use crate::payment::Trouble;

/// Why a call has no answer that is of use. No text holds a credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// It did not reach Efí.
    Unsent(String),
    /// It may have been done, or not.
    Away(String),
    /// There is no such thing.
    Missing(String),
    /// No, and it will be no again.
    Refused(String),
    /// It may have been done, and the answer is none that can be understood.
    Garbled(String),
}

impl Fault {
    /// The same, where asking for something that does not exist makes no sense because it was to be made.
    pub(super) fn while_making(self) -> Self {
        match self {
            Self::Missing(text) => Self::Refused(text),
            other => other,
        }
    }
}

impl From<egress::Error> for Fault {
    fn from(error: egress::Error) -> Self {
        match &error {
            egress::Error::Identity => {
                Self::Refused(format!("{error}; see billing.efi.certificate_file and billing.efi.sandbox"))
            }
            egress::Error::Refused(why) => Self::Refused(why.to_string()),
            egress::Error::Protocol | egress::Error::TooLarge(_) => Self::Garbled(error.to_string()),
            error if error.is_unsent() => Self::Unsent(error.to_string()),
            error => Self::Away(error.to_string()),
        }
    }
}

impl From<Fault> for Trouble {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Unsent(text) | Fault::Away(text) => Self::Away(text),
            Fault::Missing(_) => Self::Unknown,
            Fault::Refused(text) => Self::Refused(text),
            Fault::Garbled(text) => Self::Unexpected(text),
        }
    }
}

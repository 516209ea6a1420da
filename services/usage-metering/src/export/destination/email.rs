//! Members of the workspace, each with a letter of their own.

use crate::{
    Error,
    export::{Kind, cap},
    peers::Sought,
    service::Inner,
};
use proto::{id::WorkspaceId, identity::find_person_request::By, usage::EmailDestination};
use serde::{Deserialize, Serialize};

const MOST: usize = 10;

/// As it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Email {
    pub to: Vec<Recipient>,
}

/// Whoever it was when they were named: letters follow a person who changes their address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Recipient {
    /// `usr_…`
    pub user: String,
    /// As it was given.
    pub address: String,
}

impl Email {
    /// Errors: [`Error::NoMail`], [`Error::TooManyLetters`], [`Error::Destination`] for nobody, too many, and whoever is no
    /// member that may read it; a service is away.
    pub async fn judge(
        inner: &Inner,
        workspace: WorkspaceId,
        kind: Kind,
        wanted: EmailDestination,
    ) -> Result<Self, Error> {
        let post = inner.exports.post.as_ref().filter(|_| inner.config.letters.per_day > 0).ok_or(Error::NoMail)?;
        let refused = |problem: String| Error::Destination { field: "destination.to", problem };
        if !(1..=MOST).contains(&wanted.to.len()) {
            return Err(refused(format!("must name 1 to {MOST} members of the workspace")));
        }
        if cap::is_used_up(inner, workspace).await? {
            return Err(Error::TooManyLetters(inner.config.letters.per_day));
        }
        let (may, confirmed) = (kind.permission(), post.letters.mailer.is_smtp());
        let mut to: Vec<Recipient> = vec![];
        for address in wanted.to {
            let sought = Sought { by: By::Email(address.clone()), workspace, may, confirmed };
            let member = post.peers.member(&inner.ids, sought).await?.ok_or_else(|| {
                refused(format!(
                    "must name members of the workspace with a confirmed address and the permission {}, which {address:?} is not",
                    may.as_str()
                ))
            })?;
            let user = member.user.to_string();
            if !to.iter().any(|known| known.user == user) {
                to.push(Recipient { user, address });
            }
        }
        Ok(Self { to })
    }
}

impl From<Email> for EmailDestination {
    fn from(email: Email) -> Self {
        Self { to: email.to.into_iter().map(|recipient| recipient.address).collect() }
    }
}

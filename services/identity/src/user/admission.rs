//! Who may sign up? As `identity.signup` says: the answer is the same whether the address has an account or not.

use crate::{Error, Parts, SignUps, letter::Kind, token::one_time};
use proto::{Call, Failure, Reason, workspace::CheckInvitationRequest};
use store::{GlobalTx, Tx};

/// Who lets an address in.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum LetInBy {
    /// The operators, by the setting or by an invitation of theirs.
    Operators,
    /// A workspace that has invited it. Its invitation is spent by whoever accepts it, not here.
    Workspace,
}

/// Who wants to sign up.
#[derive(Clone, Copy)]
pub(crate) struct Applicant<'a> {
    pub(crate) address: &'a str,
    /// Whether nobody gets the account who does not read that address: only then its domain says anything.
    pub(crate) is_proven: bool,
}

/// Looks whether somebody may sign up, and spends nothing. Errors: [`Error::SignUpClosed`],
/// [`Error::Workspaces`] where it cannot be asked for.
pub(crate) async fn look(
    parts: &Parts,
    call: &Call,
    applicant: Applicant<'_>,
    invitation: &str,
) -> Result<LetInBy, Error> {
    if parts.sign_ups == SignUps::Open {
        return Ok(LetInBy::Operators);
    }
    let mut tx = GlobalTx::begin(&parts.db).await?;
    // Not committed: an invitation that is spent here is as good as before.
    match admit(&mut tx, parts, applicant, invitation).await {
        Err(refusal @ Error::SignUpClosed(SignUps::Invite | SignUps::Domain)) if !invitation.is_empty() => {
            drop(tx);
            ask_workspace(parts, call, applicant.address, invitation, refusal).await
        }
        answer => answer.map(|()| LetInBy::Operators),
    }
}

async fn ask_workspace(
    parts: &Parts,
    call: &Call,
    address: &str,
    invitation: &str,
    refusal: Error,
) -> Result<LetInBy, Error> {
    let request = CheckInvitationRequest { token: invitation.to_owned(), email: address.to_owned() };
    match parts.workspaces.check_invitation(call, request).await {
        Ok(_) => Ok(LetInBy::Workspace),
        Err(status) if Failure::from(&status).reason == Reason::InvitationInvalid => Err(refusal),
        Err(status) => Err(Error::workspaces(status)),
    }
}

/// The same for whom the operators let in, and spends the invitation that it takes, once the transaction commits.
pub(crate) async fn admit(tx: &mut Tx, parts: &Parts, applicant: Applicant<'_>, invitation: &str) -> Result<(), Error> {
    let Applicant { address, is_proven } = applicant;
    let closed = || Error::SignUpClosed(parts.sign_ups);
    match parts.sign_ups {
        SignUps::Open => return Ok(()),
        SignUps::Closed => return Err(closed()),
        SignUps::Domain if is_proven && is_of(&parts.config.signup_domains, address) => return Ok(()),
        SignUps::Domain | SignUps::Invite => {}
    }
    match one_time::take(tx, invitation, &[Kind::Invitation], parts.clock.now()).await {
        Ok(of) if of.email == address => Ok(()),
        Ok(_) | Err(Error::LinkInvalid) => Err(closed()),
        Err(error) => Err(error),
    }
}

/// Whether an address is of one of these domains: of it itself, not of what is below it.
fn is_of(domains: &[String], address: &str) -> bool {
    address.rsplit_once('@').is_some_and(|(_, domain)| domains.iter().any(|d| d.trim().eq_ignore_ascii_case(domain)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_is_itself_and_nothing_like_it() {
        let domains = ["Example.com".to_owned()];
        assert!(is_of(&domains, "ana@example.com"));
        for other in ["ana@sub.example.com", "ana@notexample.com", "ana@example.com.evil.org", "example.com"] {
            assert!(!is_of(&domains, other), "{other}");
        }
    }
}

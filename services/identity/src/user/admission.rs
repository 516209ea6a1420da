//! Who may sign up? As `identity.signup` says: the answer is the same whether the address has an account or not.

use crate::{Error, Parts, SignUps, letter::Kind, token::one_time};
use store::{GlobalTx, Tx};

/// Looks whether an address may sign up, and spends nothing. Errors: [`Error::SignUpClosed`].
pub(super) async fn look(parts: &Parts, address: &str, invitation: &str) -> Result<(), Error> {
    if parts.sign_ups == SignUps::Open {
        return Ok(());
    }
    let mut tx = GlobalTx::begin(&parts.db).await?;
    // Not committed: an invitation that is spent here is as good as before.
    admit(&mut tx, parts, address, invitation).await
}

/// The same, and spends the invitation that it takes, once the transaction commits.
pub(super) async fn admit(tx: &mut Tx, parts: &Parts, address: &str, invitation: &str) -> Result<(), Error> {
    let closed = || Error::SignUpClosed(parts.sign_ups);
    match parts.sign_ups {
        SignUps::Open => return Ok(()),
        SignUps::Closed => return Err(closed()),
        SignUps::Domain if is_of(&parts.config.signup_domains, address) => return Ok(()),
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

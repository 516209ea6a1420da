//! How letters leave, and what an invitation says.

use super::{post::Queued, token};
use crate::{Workspace, error::Error};
use mail::{Mail, Templates};
use minijinja::context;
use store::{WorkspaceTx, sql};

/// How letters leave.
#[derive(Clone)]
pub struct Letters {
    /// Takes them.
    pub mailer: mail::Mailer,
    /// Where their links lead: the address of the pages that people see, without a slash at its end.
    pub link_base: String,
}

const TEXTS: &[(&str, &str, &str)] = &[
    ("invitation", "en", include_str!("../../letters/en/invitation.txt")),
    ("invitation", "pt-BR", include_str!("../../letters/pt-BR/invitation.txt")),
];
/// The page to which the link leads.
const PAGE: &str = "/invitations/accept";

/// The letter of an invitation; None if its workspace is gone, or the master key that made its link.
pub(super) async fn write(service: &Workspace, letters: &Letters, queued: &Queued) -> Result<Option<Mail>, Error> {
    let inviter = queued.invited_by.parse::<proto::id::UserId>().ok();
    let values = [queued.workspace_id.into(), inviter.into()];
    let mut tx = WorkspaceTx::read(&service.db, queued.workspace_id).await?;
    let found: Option<(String, Option<String>)> = tx.fetch_optional(sql!("invitation/letter"), &values).await?;
    tx.commit().await?;
    let Some((workspace, inviter)) = found else { return Ok(None) };
    let values = context! {
        workspace => mail::one_line(&workspace), inviter => inviter.map(|name| mail::one_line(&name)),
        role => queued.role.clone(), email => queued.email.clone(), days => service.config.invitation_days,
    };
    let templates = Templates::new(TEXTS).map_err(Error::Letter)?;
    let letter = templates.write("invitation", &queued.locale, &values).map_err(Error::Letter)?;
    let token = token::again(service, queued.invitation_id, queued.generation, &queued.token_sha256);
    let Some(token) = token else {
        // Its link would lead nowhere.
        tracing::warn!(
            invitation = %queued.invitation_id,
            "an invitation was given up: the master key that made its link is not here; whoever invited can send it again"
        );
        return Ok(None);
    };
    let link = Some(format!("{}{PAGE}?token={}", letters.link_base, token.as_str()));
    Ok(Some(Mail { to: queued.email.clone(), letter, link, is_link_logged: true, file: None, id: queued.letter_id() }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_invitation_is_written_in_both_languages_for_every_role_and_with_or_without_a_name() {
        let templates = Templates::new(TEXTS).expect("the texts");
        for locale in ["en", "pt-BR"] {
            for inviter in [Some("Ana"), None] {
                let write = |role: &str| {
                    let values = context! {
                        workspace => "Acme", inviter => inviter, role => role, email => "bob@example.com", days => 7,
                    };
                    templates.write("invitation", locale, &values).expect("a letter")
                };
                let letters = ["owner", "admin", "member", "viewer", "auditor-2"].map(write);
                assert!(letters.iter().all(|letter| letter.locale == locale && letter.subject.contains("Acme")));
                assert!(letters.windows(2).all(|pair| pair[0] != pair[1]), "{letters:?}");
                assert!(format!("{:?}", letters[4]).contains("“auditor-2”"), "{:?}", letters[4]);
                assert_eq!(format!("{letters:?}").contains("Ana"), inviter.is_some());
            }
        }
    }
}

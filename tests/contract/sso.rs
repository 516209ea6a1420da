//! What identity and workspace promise of domains and single sign-on.

use crate::{Handles, anonymous, billing, checks, reason};
use anyhow::ensure;
use proto::{
    Reason, Role,
    identity::{
        AddDomainRequest, GetSsoRequest, ListDomainsRequest, PutSsoRequest, RemoveDomainRequest, RemoveSsoRequest,
        StartSsoRequest, VerifyDomainRequest,
    },
    workspace::ProvisionMemberRequest,
};
use std::time::Duration;
use tests::within;

checks!(
    a_domain_is_claimed_and_proves_nothing_by_that,
    who_has_set_up_no_single_sign_on_has_none,
    whoever_is_vouched_for_becomes_a_member_and_identity_alone_says_so,
);

async fn a_domain_is_claimed_and_proves_nothing_by_that(h: &Handles) -> anyhow::Result<()> {
    let (ada, eve) = (h.somebody().await?, h.somebody().await?);
    let add = |domain: &str| AddDomainRequest { domain: domain.to_owned() };
    let added = h.identity.add_domain(&ada.call, add("Acme.Example.")).await?.domain.unwrap_or_default();
    ensure!(added.domain == "acme.example" && !added.verified, "{added:?}");
    ensure!(added.record_name == "_perpetuo-challenge.acme.example" && !added.record_value.is_empty(), "{added:?}");
    h.identity.add_domain(&eve.call, add("acme.example")).await?;
    let listed = h.identity.list_domains(&ada.call, ListDomainsRequest {}).await?.domains;
    ensure!(listed == [added], "{listed:?}");
    let domain = "other.example".to_owned();
    let refused = [
        (Reason::RefusedValue, reason(h.identity.add_domain(&ada.call, add("co.uk")).await)?),
        (Reason::InvalidArgument, reason(h.identity.add_domain(&ada.call, add("")).await)?),
        (
            Reason::NotFound,
            reason(h.identity.verify_domain(&ada.call, VerifyDomainRequest { domain: domain.clone() }).await)?,
        ),
        (Reason::NotFound, reason(h.identity.remove_domain(&ada.call, RemoveDomainRequest { domain }).await)?),
        (Reason::CredentialsMissing, reason(h.identity.add_domain(&anonymous(), add("acme.example")).await)?),
    ];
    ensure!(refused.iter().all(|(expected, found)| expected == found), "{refused:?}");
    let remove = RemoveDomainRequest { domain: "acme.example".to_owned() };
    h.identity.remove_domain(&ada.call, remove).await?;
    ensure!(h.identity.list_domains(&ada.call, ListDomainsRequest {}).await?.domains.is_empty(), "it is there");
    Ok(())
}

async fn who_has_set_up_no_single_sign_on_has_none(h: &Handles) -> anyhow::Result<()> {
    let ada = h.somebody().await?;
    let secret = Some("between-us-4242".to_owned());
    let put = PutSsoRequest {
        issuer: "http://login.acme.example".to_owned(),
        client_id: "perpetuo".to_owned(),
        client_secret: secret,
        ..Default::default()
    };
    ensure!(!format!("{put:?}").contains("4242"), "a request prints its secret");
    let start = StartSsoRequest { email: "bob@acme.example".to_owned(), ..Default::default() };
    let of = StartSsoRequest { workspace_id: ada.workspace.to_string(), ..Default::default() };
    let refused = [
        (Reason::NotFound, reason(h.identity.get_sso(&ada.call, GetSsoRequest {}).await)?),
        (Reason::RefusedValue, reason(h.identity.put_sso(&ada.call, put).await)?),
        (Reason::NotFound, reason(h.identity.remove_sso(&ada.call, RemoveSsoRequest {}).await)?),
        (Reason::NotFound, reason(h.identity.start_sso(&anonymous(), start).await)?),
        (Reason::NotFound, reason(h.identity.start_sso(&anonymous(), of).await)?),
        (Reason::InvalidArgument, reason(h.identity.start_sso(&anonymous(), StartSsoRequest::default()).await)?),
    ];
    ensure!(refused.iter().all(|(expected, found)| expected == found), "{refused:?}");
    Ok(())
}

async fn whoever_is_vouched_for_becomes_a_member_and_identity_alone_says_so(h: &Handles) -> anyhow::Result<()> {
    let (ada, bob) = (h.somebody().await?, h.somebody().await?);
    let request = |role: &str| ProvisionMemberRequest {
        workspace_id: ada.workspace.to_string(),
        user_id: bob.user.to_string(),
        email: bob.email.clone(),
        name: "Bob".to_owned(),
        role: role.to_owned(),
    };
    ensure!(reason(h.workspaces.provision_member(&ada.call, request("viewer")).await)? == Reason::PermissionDenied);
    let workspaces = h.called_by(Role::Identity).workspaces;
    ensure!(reason(workspaces.provision_member(&anonymous(), request("owner")).await)? == Reason::RefusedValue);
    // On the plan of a sign-up there is room for one.
    billing::set(h, &ada, "pro").await?;
    let bring = async || Ok(workspaces.provision_member(&anonymous(), request("viewer")).await?);
    let made = within(Duration::from_secs(10), bring).await?;
    let again = workspaces.provision_member(&anonymous(), request("admin")).await?;
    ensure!(made.role == "viewer" && again == made, "{made:?} {again:?}");
    let nowhere = ProvisionMemberRequest {
        workspace_id: proto::id::WorkspaceId::from_uuid(crate::random()).to_string(),
        ..request("viewer")
    };
    ensure!(reason(workspaces.provision_member(&anonymous(), nowhere).await)? == Reason::NotFound);
    Ok(())
}

//! Whoever gives a role while it is being deleted: one of both happens.

use super::{delete, make};
use crate::{
    house::{House, on_both_databases},
    members::{change, join, role_of},
};
use proto::{Reason, workspace::*};

on_both_databases! {
    a_role_is_given_to_a_member_or_deleted_and_never_both,
    somebody_is_invited_to_a_role_or_it_is_deleted_and_never_both,
}

async fn a_role_is_given_to_a_member_or_deleted_and_never_both(house: &House) {
    let ana = house.person("Ana").await;
    let (call, bob) = (house.call(ana), join(house, ana, "viewer").await);
    for n in 0..20 {
        let name = format!("role-{n}");
        make(house, &call, &name, &["inference"]).await.unwrap();
        let give = house.workspaces.change_member_role(&call, change(bob, &name));
        let (given, deleted) = if n % 2 == 0 {
            futures::future::join(give, delete(house, &call, &name)).await
        } else {
            let (deleted, given) = futures::future::join(delete(house, &call, &name), give).await;
            (given, deleted)
        };
        let seen = (given.map(drop).map_err(|s| Reason::of(&s)), deleted.map_err(|s| Reason::of(&s)));
        let role = role_of(house, bob, ana).await;
        match seen {
            (Ok(()), Err(Reason::Conflict)) => assert_eq!(role.as_deref(), Some(name.as_str())),
            (Err(Reason::RefusedValue), Ok(())) => assert_ne!(role.as_deref(), Some(name.as_str())),
            other => panic!("{other:?}"),
        }
        house.workspaces.change_member_role(&call, change(bob, "viewer")).await.unwrap();
    }
}

async fn somebody_is_invited_to_a_role_or_it_is_deleted_and_never_both(house: &House) {
    let ana = house.person("Ana").await;
    let call = house.call(ana);
    for n in 0..20 {
        let (name, email) = (format!("role-{n}"), format!("guest-{n}@example.com"));
        make(house, &call, &name, &["inference"]).await.unwrap();
        let request = CreateInvitationRequest { email, role: name.clone(), locale: String::new() };
        let invite = house.workspaces.create_invitation(&call, request);
        let (deleted, invited) = futures::future::join(delete(house, &call, &name), invite).await;
        let seen = (invited.map(drop).map_err(|s| Reason::of(&s)), deleted.map_err(|s| Reason::of(&s)));
        let either = matches!(seen, (Ok(()), Err(Reason::Conflict)) | (Err(Reason::RefusedValue), Ok(())));
        assert!(either, "{seen:?}");
        let listed = house.workspaces.list_invitations(&call, ListInvitationsRequest::default()).await.unwrap();
        assert_eq!(listed.invitations.iter().any(|open| open.role == name), seen.0.is_ok());
    }
}

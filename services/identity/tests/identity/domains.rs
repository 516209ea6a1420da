//! Domains of workspaces: what proves them, and what of them holds for whom.

use crate::world::{Person, World, everywhere, failure, reason};
use chrono::TimeDelta;
use proto::{Call, Permission, Reason, feed, identity::*};
use std::time::Duration;

impl World {
    /// The owner's call in their workspace.
    pub async fn owner_of(&self, person: &Person) -> Call {
        self.call(&person.access).await
    }

    pub async fn add_domain(&self, call: &Call, domain: &str) -> Result<Domain, proto::Failure> {
        let request = AddDomainRequest { domain: domain.to_owned() };
        Ok(self.identity.add_domain(call, request).await.map_err(failure)?.domain.expect("a domain"))
    }

    pub async fn verify_domain(&self, call: &Call, domain: &str) -> Result<Domain, proto::Failure> {
        let request = VerifyDomainRequest { domain: domain.to_owned() };
        Ok(self.identity.verify_domain(call, request).await.map_err(failure)?.domain.expect("a domain"))
    }

    /// Says that a domain is the caller's workspace's, and proves it.
    pub async fn own_domain(&self, call: &Call, domain: &str) -> Domain {
        let added = self.add_domain(call, domain).await.expect("a domain");
        self.names.says(&added.record_name, &added.record_value);
        self.verify_domain(call, domain).await.expect("a proof")
    }

    async fn domains(&self, call: &Call) -> Vec<Domain> {
        self.identity.list_domains(call, ListDomainsRequest {}).await.expect("a list").domains
    }

    /// A day passes, and domains are looked at.
    pub async fn next_day(&self) {
        self.later(TimeDelta::hours(24) + TimeDelta::seconds(1));
        self.service.look_at_domains().await.expect("a look");
    }
}

#[tokio::test]
async fn a_record_proves_a_domain_and_nothing_else_does() {
    everywhere(async |world: World| {
        let ana = world.sign_up("ana@example.com").await;
        let call = world.owner_of(&ana).await;
        let added = world.add_domain(&call, " Bücher.Example. ").await.expect("a domain");
        assert_eq!(added.domain, "xn--bcher-kva.example");
        assert_eq!(added.record_name, "_perpetuo-challenge.xn--bcher-kva.example");
        assert!(!added.verified && added.record_value.starts_with("perpetuo-domain-verification="));
        assert_eq!(world.add_domain(&call, "BÜCHER.example").await.expect("the same"), added);

        let missing = world.verify_domain(&call, "bücher.example").await.expect_err("nothing proves it");
        assert_eq!(missing.reason, Reason::DomainUnproved);
        assert!(missing.message.contains(&added.record_value), "{}", missing.message);
        let at_once = world.verify_domain(&call, "bücher.example").await;
        assert_eq!(reason(at_once), Reason::RateLimited);
        world.names.says(&added.record_name, "perpetuo-domain-verification=another");
        world.names.says("_perpetuo-challenge.example", &added.record_value);
        world.names.says("xn--bcher-kva.example", &added.record_value);
        world.later(TimeDelta::seconds(3));
        assert_eq!(reason(world.verify_domain(&call, "bücher.example").await), Reason::DomainUnproved);
        world.names.script().fails = true;
        world.later(TimeDelta::seconds(3));
        assert_eq!(reason(world.verify_domain(&call, "bücher.example").await), Reason::ServiceUnavailable);
        world.names.script().fails = false;
        world.names.says(&added.record_name, &added.record_value);
        world.later(TimeDelta::seconds(3));
        let verified = world.verify_domain(&call, "xn--bcher-kva.example.").await.expect("a proof");
        assert!(verified.verified && verified.verified_at.is_some());
        world.later(TimeDelta::seconds(3));
        assert_eq!(
            world.verify_domain(&call, "bücher.example").await.expect("again").verified_at,
            verified.verified_at
        );

        let remove = |domain: &str| RemoveDomainRequest { domain: domain.to_owned() };
        world.identity.remove_domain(&call, remove("BÜCHER.example")).await.expect("it goes");
        let gone = world.identity.remove_domain(&call, remove("bücher.example")).await.map_err(failure);
        assert_eq!(reason(gone), Reason::NotFound);
        assert_eq!(world.domains(&call).await, vec![]);
        let kinds = world.kinds().await;
        let of_domains: Vec<_> = kinds.iter().filter(|kind| kind.starts_with("domain.")).collect();
        assert_eq!(of_domains, ["domain.added", "domain.verified", "domain.removed"]);
    })
    .await;
}

#[tokio::test]
async fn what_nobody_can_own_is_refused() {
    everywhere(async |world: World| {
        let ana = world.sign_up("ana@example.com").await;
        let call = world.owner_of(&ana).await;
        for text in [
            "com",
            "co.uk",
            "com.br",
            "github.io",
            "192.0.2.1",
            "[::1]",
            "localhost",
            "ana@acme.example",
            "a_b.example",
        ] {
            assert_eq!(reason(world.add_domain(&call, text).await), Reason::RefusedValue, "{text}");
        }
        assert_eq!(reason(world.add_domain(&call, " ").await), Reason::InvalidArgument);
        for n in 0..50 {
            world.add_domain(&call, &format!("d{n}.example")).await.expect("a domain");
        }
        assert_eq!(reason(world.add_domain(&call, "d50.example").await), Reason::Conflict);
        world.add_domain(&call, "d49.example").await.expect("it is there");
        assert_eq!(world.domains(&call).await.len(), 50);
        let absent = world.verify_domain(&call, "other.example").await;
        assert_eq!(reason(absent), Reason::NotFound);
    })
    .await;
}

#[tokio::test]
async fn owners_alone_change_them_and_members_look() {
    everywhere(async |world: World| {
        let ana = world.sign_up("ana@example.com").await;
        let workspace = ana.workspace.workspace_id.parse().expect("an id");
        let admin = world.in_workspace(workspace, &[Permission::MembersRead, Permission::MembersWrite]);
        assert_eq!(reason(world.add_domain(&admin, "acme.example").await), Reason::PermissionDenied);
        assert_eq!(reason(world.verify_domain(&admin, "acme.example").await), Reason::PermissionDenied);
        assert_eq!(world.domains(&admin).await, vec![]);
        let key = world.in_workspace(workspace, &[Permission::WorkspaceOwn]);
        world.add_domain(&key, "acme.example").await.expect("a program may");
        let remove = RemoveDomainRequest { domain: "acme.example".to_owned() };
        assert!(world.identity.remove_domain(&key, remove).await.is_err(), "nobody has shown a second factor");
    })
    .await;
}

#[tokio::test]
async fn of_two_workspaces_that_prove_a_domain_at_once_one_has_it() {
    everywhere(async |world: World| {
        let (ana, eve) = (world.sign_up("ana@example.com").await, world.sign_up("eve@example.com").await);
        let (ours, theirs) = (world.owner_of(&ana).await, world.owner_of(&eve).await);
        for call in [&ours, &theirs] {
            let added = world.add_domain(call, "acme.example").await.expect("anybody may say so");
            world.names.says(&added.record_name, &added.record_value);
        }
        let verify = |call| world.verify_domain(call, "acme.example");
        let (one, other) = tokio::join!(verify(&ours), verify(&theirs));
        assert!(one.is_ok() != other.is_ok(), "{one:?} {other:?}");
        let (winner, loser) = if one.is_ok() { (&ours, &theirs) } else { (&theirs, &ours) };
        assert_eq!(reason(one.and(other)), Reason::Conflict);
        world.later(TimeDelta::seconds(3));
        assert_eq!(reason(verify(loser).await), Reason::Conflict);
        world
            .identity
            .remove_domain(winner, RemoveDomainRequest { domain: "acme.example".to_owned() })
            .await
            .expect("it goes");
        world.later(TimeDelta::seconds(3));
        verify(loser).await.expect("it is free");
    })
    .await;
}

#[tokio::test]
async fn a_record_that_is_gone_for_a_week_loses_the_domain_and_owners_are_told() {
    everywhere(async |world: World| {
        let ana = world.sign_up("ana@example.com").await;
        let call = world.owner_of(&ana).await;
        let owned = world.own_domain(&call, "acme.example").await;
        world.next_day().await;
        assert_eq!(world.domains(&call).await[0].missing_since, None);
        world.names.forgets(&owned.record_name);
        world.next_day().await;
        let missing = world.domains(&call).await[0].clone();
        assert!(missing.verified && missing.missing_since.is_some());
        // It comes back, and goes again: the week begins anew. Servers that do not answer say nothing.
        world.names.says(&owned.record_name, &owned.record_value);
        world.next_day().await;
        assert_eq!(world.domains(&call).await[0].missing_since, None);
        world.names.forgets(&owned.record_name);
        for _ in 0..7 {
            world.next_day().await;
            assert!(world.domains(&call).await[0].verified);
        }
        world.names.script().fails = true;
        world.next_day().await;
        assert!(world.domains(&call).await[0].verified, "nobody said that it is gone");
        world.names.script().fails = false;
        world.workspaces.state().away = true;
        world.later(TimeDelta::hours(25));
        assert!(world.service.look_at_domains().await.is_err(), "nobody says who the owners are");
        world.workspaces.state().away = false;
        assert!(world.domains(&call).await[0].verified);
        world.next_day().await;
        assert!(!world.domains(&call).await[0].verified);
        let letters = world.post.round(&world.service).await;
        let lost = letters.iter().find(|letter| letter.subject.contains("acme.example")).expect("a letter");
        assert_eq!(lost.to, "ana@example.com");
        assert_eq!(world.kinds().await.iter().filter(|kind| *kind == "domain.lost").count(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_domain_that_has_changed_hands_is_its_new_owners_at_once() {
    everywhere(async |world: World| {
        let (ana, eve) = (world.sign_up("ana@example.com").await, world.sign_up("eve@example.com").await);
        let (ours, theirs) = (world.owner_of(&ana).await, world.owner_of(&eve).await);
        let owned = world.own_domain(&ours, "acme.example").await;
        let added = world.add_domain(&theirs, "acme.example").await.expect("anybody may say so");
        world.names.says(&added.record_name, &added.record_value);
        assert_eq!(reason(world.verify_domain(&theirs, "acme.example").await), Reason::Conflict, "both are there");
        world.names.forgets(&owned.record_name);
        world.names.says(&added.record_name, &added.record_value);
        world.later(TimeDelta::seconds(3));
        assert!(world.verify_domain(&theirs, "acme.example").await.expect("a proof").verified);
        assert!(!world.domains(&ours).await[0].verified);
        let letters = world.post.round(&world.service).await;
        assert!(letters.iter().any(|l| l.to == "ana@example.com" && l.subject.contains("acme.example")), "{letters:?}");
        let events = world.events().await;
        let lost = events.iter().find(|event| event.kind == "domain.lost").expect("it is in her trail");
        assert_eq!(lost.workspace_id, ana.workspace.workspace_id);
        assert_ne!(lost.actor, eve.user.id, "who has it now is not told");
    })
    .await;
}

#[tokio::test]
async fn a_workspace_that_is_deleted_lets_its_domains_go() {
    everywhere(async |world: World| {
        let ana = world.sign_up("ana@example.com").await;
        let call = world.owner_of(&ana).await;
        world.own_domain(&call, "acme.example").await;
        let _tasks = world.follower();
        let at = Some(proto::time::to_proto(world.now() + TimeDelta::seconds(1)));
        world.workspaces.tell(feed::Event {
            kind: "workspace.deleted".to_owned(),
            workspace_id: ana.workspace.workspace_id.clone(),
            subject: ana.workspace.workspace_id.clone(),
            actor: ana.user.id.clone(),
            at,
            ..feed::Event::default()
        });
        for _ in 0..500 {
            if !world.domains(&call).await[0].verified {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("the domain is still verified");
    })
    .await;
}

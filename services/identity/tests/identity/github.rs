//! Signing in with an account of GitHub, which has no ID tokens.

use crate::{issuer::Issuer, world::*};
use identity::{Config, Preset, Provider};
use proto::Reason;
use serde_json::json;

#[tokio::test]
async fn githubs_api_says_who_it_was_and_only_a_confirmed_primary_address_counts() {
    let issuer = Issuer::start().await;
    let provider = Provider { preset: Some(Preset::Github), trusts_addresses: false, ..issuer.provider() };
    everywhere_with(Config { oidc: vec![provider], ..issuer.config() }, async |world| {
        let good = issuer.script().emails.clone();
        for emails in [
            json!([]),
            json!([{"email": EMAIL, "primary": true, "verified": false}]),
            json!([{"email": EMAIL, "primary": false, "verified": true}]),
        ] {
            issuer.script().emails = emails.clone();
            assert_eq!(reason(world.sign_in(&issuer).await), Reason::LinkRequired, "{emails}");
        }
        issuer.script().emails = good.clone();
        let user = world.sign_in(&issuer).await.expect("a session").user.expect("a user");
        assert_eq!((user.email.as_str(), user.name.as_str()), (EMAIL, "octocat"));
        assert!(!user.email_verified, "it has asked once, at some time");
        issuer.script().emails = json!([]);
        let again = world.sign_in(&issuer).await.expect("the account is known by its number");
        assert_eq!(again.user.expect("a user").id, user.id);
        issuer.script().emails = good;
    })
    .await;
}

//! A directory and a provider of one workspace: the directory says who is in it.

use super::{Acme, ana, off};
use crate::{
    issuer::Issuer,
    sso::settings,
    world::{World, everywhere, reason},
};
use proto::Reason;

#[tokio::test]
async fn whom_the_directory_has_switched_off_is_not_made_a_member_by_the_provider() {
    let issuer = Issuer::start().await;
    everywhere(async |world: World| {
        let Acme { owner, directory } = world.with_directory().await;
        world.put_sso(&world.owner_of(&owner).await, settings(&issuer)).await.expect("a provider");
        let made = world.bring(&directory, ana()).await.expect("a user");
        let come = async || world.sso(&issuer, &owner, "ana@acme.example").await;
        assert_eq!(come().await.expect("a session").user.expect("a user").id, made.user_id);
        let gone = world.say(&directory, &made, off(ana())).await.expect("she is off");
        assert_eq!(reason(come().await), Reason::SignInRefused);
        assert_eq!(world.role(&directory, &made.user_id), None);
        world.say(&directory, &gone, ana()).await.expect("she is back");
        assert_eq!(come().await.expect("a session").workspace.expect("a workspace").role, "member");
        let now = world.show(&directory, &made).await.expect("she is there");
        world.end(&directory, &now).await.expect("she goes");
        assert_eq!(reason(come().await), Reason::SignInRefused);
        assert_eq!(world.role(&directory, &made.user_id), None);
    })
    .await;
}

use crate::world::*;
use proto::{
    Reason,
    identity::{GetMeRequest, UpdateMeRequest},
};

#[tokio::test]
async fn me_is_who_i_am_with_my_workspaces() {
    everywhere(async |world| {
        let ana = world.sign_up(EMAIL).await;
        let call = world.call(&ana.access).await;
        let me = world.identity.get_me(&call, GetMeRequest {}).await.unwrap();
        assert_eq!(me.user.unwrap(), ana.user);
        assert_eq!(me.workspaces, [ana.workspace]);
        let nobody = world.identity.get_me(&world.anonymous(), GetMeRequest {}).await.map_err(failure);
        assert_eq!(reason(nobody), Reason::CredentialsMissing);
    })
    .await;
}

#[tokio::test]
async fn name_and_language_can_be_changed_one_by_one() {
    everywhere(async |world| {
        let ana = world.sign_up(EMAIL).await;
        let call = world.call(&ana.access).await;
        let update = async |name: Option<&str>, locale: Option<&str>| {
            let request = UpdateMeRequest { name: name.map(str::to_owned), locale: locale.map(str::to_owned) };
            world.identity.update_me(&call, request).await.map(|r| r.user.expect("a user")).map_err(failure)
        };
        assert_eq!(update(Some(" Ana "), None).await.unwrap().name, "Ana");
        let user = update(None, Some("pt-br")).await.unwrap();
        assert_eq!((user.name.as_str(), user.locale.as_str()), ("Ana", "pt-BR"));
        update(Some("Ana"), None).await.unwrap();

        let refused = update(Some("x\ny"), Some("fr")).await.expect_err("both are wrong");
        assert_eq!(refused.reason, Reason::RefusedValue);
        assert_eq!(refused.fields.len(), 2, "{refused:?}");
        assert_eq!(reason(update(Some("  "), None).await), Reason::InvalidArgument);

        let updates: Vec<_> = world.events().await.into_iter().filter(|e| e.kind == "user.updated").collect();
        assert_eq!(updates.len(), 2, "what changes nothing is no news");
        assert!(updates[1].payload.contains("pt-BR") && updates[1].actor == ana.user.id, "{updates:?}");
    })
    .await;
}

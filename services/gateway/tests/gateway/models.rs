//! Which models there are, and whether a provider works.

use crate::{
    provider::{Provider, Step, answer},
    world::{SECRET, World, one, settings},
};
use proto::{
    Failure, Reason,
    gateway::{GetModelRequest, ListModelsRequest, TestProviderRequest},
    workspace,
};

const LIST: &str = "{\"object\":\"list\",\"data\":[{\"id\":\"gpt-b\",\"created\":123},{\"id\":\"listed\"}]}";

impl World {
    async fn model_ids(&self) -> Vec<String> {
        let models = self.gateway.list_models(&self.call(), ListModelsRequest {}).await.expect("models").models;
        models.into_iter().map(|m| m.id).collect()
    }

    async fn test(&self, id: &str) -> Result<proto::gateway::TestProviderResponse, Failure> {
        let request = TestProviderRequest { provider_id: id.to_owned() };
        self.gateway.test_provider(&self.call(), request).await.map_err(|s| Failure::from(&s))
    }
}

#[tokio::test]
async fn models_are_listed_once_and_a_provider_that_fails_is_left_out() {
    let open = Provider::start(answer(200, "application/json", LIST)).await;
    let broken = Provider::start(vec![Step::Close]).await;
    let mut listing = settings("listing", 0, "http://127.0.0.1:1/v1".to_owned());
    listing.models = vec!["listed".to_owned(), "own".to_owned()];
    let providers = vec![listing, settings("open", 1, open.base_url()), settings("broken", 2, broken.base_url())];
    let world = World::new(providers).await;
    let ids = world.model_ids().await;
    assert_eq!(ids[..4], ["listed", "own", "gpt-b", "simulator/chat"]);
    assert_eq!(world.model_ids().await, ids);
    assert_eq!(open.received().len(), 1, "the list is remembered");
    assert_eq!(open.received()[0].line, "GET /v1/models HTTP/1.1");

    let book_settles = world.settled(3).await;
    let book = world.book();
    assert_eq!(book_settles.len(), book.admits.len(), "every call of a provider is admitted and settled");
    assert!(book.admits.iter().all(|a| a.subject.as_ref().is_some_and(|s| s.operation == "models")));
}

#[tokio::test]
async fn one_model_is_found_by_each_of_its_names() {
    let (world, _) = one(answer(200, "application/json", LIST)).await;
    let get = async |name: &str| {
        let request = GetModelRequest { model: name.to_owned() };
        world.gateway.get_model(&world.call(), request).await.map_err(|s| Failure::from(&s).reason)
    };
    for name in ["gpt-b", "one/gpt-b", "openai/gpt-b", "simulator/chat", "simulator/status-500"] {
        let model = get(name).await.expect(name).model.expect("a model");
        assert_eq!(model.id, name);
        assert!(model.created > 0);
    }
    assert_eq!(get("gpt-c").await.err(), Some(Reason::ModelNotFound));
    assert_eq!(get("simulator/nothing").await.err(), Some(Reason::ModelNotFound));
}

#[tokio::test]
async fn a_test_says_whether_a_provider_works_and_what_to_change() {
    let (world, provider) = one(answer(200, "application/json", LIST)).await;
    let works = world.test("prov_one").await.expect("an answer");
    assert_eq!((works.ok, works.models, works.error.as_str()), (true, vec!["gpt-b".into(), "listed".into()], ""));

    let told = format!("{{\"error\":{{\"message\":\"wrong key {SECRET}\"}}}}");
    for (script, said) in [
        (answer(401, "application/json", &told), "refused the credential"),
        (answer(200, "text/html", "<html>"), "no list of models"),
        (vec![Step::Close], "closed the connection"),
    ] {
        provider.now(script);
        let fails = world.test("prov_one").await.expect("an answer, not an error");
        assert!(!fails.ok && fails.error.contains(said) && !fails.error.contains(SECRET), "{fails:?}");
    }
    let settles = world.settled(4).await;
    assert!(settles.iter().all(|s| s.request_end.is_some()), "each test is a log entry");
    assert!(world.book().admits.iter().all(|a| a.subject.as_ref().is_some_and(|s| s.operation == "test")));
}

#[tokio::test]
async fn a_test_tells_a_disabled_provider_from_one_that_is_not_there() {
    let (world, _) = one(vec![]).await;
    world.book().disabled = vec![workspace::Provider { id: "prov_off".into(), ..workspace::Provider::default() }];
    let disabled = world.test("prov_off").await.expect("an answer");
    assert!(!disabled.ok && disabled.error.contains("disabled"), "{disabled:?}");
    assert_eq!(world.test("prov_none").await.err().map(|f| f.reason), Some(Reason::NotFound));
}

#[tokio::test]
async fn a_test_uses_what_was_just_saved() {
    let (world, _) = one(answer(200, "application/json", LIST)).await;
    assert!(world.test("prov_one").await.expect("an answer").ok);
    world.book().providers[0].base_url = "http://127.0.0.1:1/v1".to_owned();
    assert!(!world.test("prov_one").await.expect("an answer").ok);
}

#[tokio::test]
async fn a_key_sees_the_models_that_it_may_call_and_finds_no_other() {
    let open = Provider::start(answer(200, "application/json", LIST)).await;
    let mut listing = settings("listing", 0, "http://127.0.0.1:1/v1".to_owned());
    listing.models = vec!["listed".to_owned(), "own".to_owned()];
    let world = World::new(vec![listing, settings("open", 1, open.base_url())]).await;
    let target = |model: &str| proto::routing::Target { model: model.to_owned(), ..Default::default() };
    let alias = |model: &str| proto::routing::Alias { targets: vec![target(model)], policy: None };
    let aliases = [("smart".to_owned(), alias("own")), ("other".to_owned(), alias("listed"))].into();
    world.book().routing = proto::routing::Settings { aliases, ..Default::default() };
    let allow = async |names: &[&str]| {
        world.book().key_models = names.iter().map(|name| (*name).to_owned()).collect();
        world.tell("workspace.updated", "");
        world.tell("api_key.updated", &proto::id::KeyId::from_uuid(uuid::Uuid::from_u128(7)).to_string());
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        world.model_ids().await
    };
    assert_eq!(allow(&["own"]).await, ["smart", "own"]);
    assert_eq!(allow(&["smart"]).await, ["smart"]);
    let mut of_open = allow(&["open/*"]).await;
    of_open.sort();
    assert_eq!(of_open, ["gpt-b", "listed", "other", "smart"], "what it has, and what leads there");
    assert_eq!(allow(&["simulator/chat"]).await, ["simulator/chat"]);
    let all = allow(&[]).await;
    assert!(all.len() > 6 && all.contains(&"smart".to_owned()), "{all:?}");
    allow(&["own"]).await;
    let get = async |name: &str| {
        let request = GetModelRequest { model: name.to_owned() };
        world.gateway.get_model(&world.call(), request).await.map(drop).map_err(|s| Failure::from(&s).reason)
    };
    for (name, expected) in [
        ("own", Ok(())),
        ("listing/own", Ok(())),
        ("smart", Ok(())),
        ("listed", Err(Reason::ModelNotAllowed)),
        ("other", Err(Reason::ModelNotAllowed)),
        ("simulator/chat", Err(Reason::ModelNotAllowed)),
        ("simulator/nothing", Err(Reason::ModelNotFound)),
    ] {
        assert_eq!(get(name).await, expected, "{name}");
    }
}

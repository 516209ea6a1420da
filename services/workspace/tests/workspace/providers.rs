//! Adding, listing, changing and removing providers.

use crate::house::{House, on_both_databases, openai, refused};
use proto::{Reason, workspace::*};

on_both_databases! {
    a_provider_with_only_a_key_gets_the_usual_defaults,
    a_local_server_needs_no_key,
    the_simulator_has_neither_address_nor_key,
    a_taken_name_is_a_conflict_whatever_its_capitals,
    providers_are_listed_newest_first_in_pages,
    an_update_changes_what_is_given_and_keeps_the_rest,
    an_update_that_changes_nothing_leaves_no_trace,
    a_deleted_provider_is_gone_and_its_name_free,
    a_workspace_has_a_bounded_number_of_providers,
}

async fn a_provider_with_only_a_key_gets_the_usual_defaults(house: &House) {
    let ana = house.person("Ana").await;
    let request = CreateProviderRequest { api_key: Some("sk-abcdefgh1234".into()), ..openai("") };
    let provider = house.add_provider(ana, request).await.unwrap();
    assert_eq!((provider.provider.as_str(), provider.name.as_str()), ("openai", "openai"));
    assert_eq!(provider.base_url, "https://api.openai.com/v1");
    assert_eq!((provider.priority, provider.weight, provider.enabled), (0, 1, true));
    assert_eq!((provider.models.len(), provider.key_hint.as_str(), provider.options_json.as_str()), (0, "1234", "{}"));
    assert_eq!(provider.created_at, provider.updated_at);
    let get = GetProviderRequest { provider_id: provider.id.clone() };
    let read = house.workspaces.get_provider(&house.call(ana), get).await.unwrap().provider.unwrap();
    assert_eq!(read, provider);
}

async fn a_local_server_needs_no_key(house: &House) {
    let ana = house.person("Ana").await;
    let request = CreateProviderRequest { base_url: "http://localhost:11434/v1/".into(), ..openai("ollama") };
    let provider = house.add_provider(ana, request).await.unwrap();
    assert_eq!((provider.base_url.as_str(), provider.key_hint.as_str()), ("http://localhost:11434/v1", ""));
}

async fn the_simulator_has_neither_address_nor_key(house: &House) {
    let ana = house.person("Ana").await;
    let simulator = || CreateProviderRequest { provider: "simulator".into(), ..CreateProviderRequest::default() };
    let request =
        CreateProviderRequest { base_url: "http://localhost:1/v1".into(), api_key: Some("sk-x".into()), ..simulator() };
    let failure = refused(house.add_provider(ana, request).await);
    let fields: Vec<_> = failure.fields.iter().map(|(f, _)| f.as_str()).collect();
    assert_eq!((failure.reason, fields), (Reason::RefusedValue, vec!["base_url", "api_key"]));
    let provider = house.add_provider(ana, simulator()).await.unwrap();
    assert_eq!((provider.name.as_str(), provider.base_url.as_str()), ("simulator", ""));
}

async fn a_taken_name_is_a_conflict_whatever_its_capitals(house: &House) {
    let ana = house.person("Ana").await;
    house.add_provider(ana, openai("Main")).await.unwrap();
    let other = house.add_provider(ana, openai("other")).await.unwrap();
    assert_eq!(refused(house.add_provider(ana, openai("mAIN")).await).reason, Reason::Conflict);
    let rename = UpdateProviderRequest {
        provider_id: other.id.clone(),
        name: Some("MAIN".into()),
        ..UpdateProviderRequest::default()
    };
    assert_eq!(refused(house.workspaces.update_provider(&house.call(ana), rename).await).reason, Reason::Conflict);
    let capitals =
        UpdateProviderRequest { provider_id: other.id, name: Some("Other".into()), ..UpdateProviderRequest::default() };
    let renamed = house.workspaces.update_provider(&house.call(ana), capitals).await.unwrap().provider.unwrap();
    assert_eq!(renamed.name, "Other", "its own name is not taken");
}

async fn providers_are_listed_newest_first_in_pages(house: &House) {
    let ana = house.person("Ana").await;
    for name in ["a", "b", "c"] {
        house.add_provider(ana, openai(name)).await.unwrap();
    }
    let first = ListProvidersRequest { page_size: 2, ..ListProvidersRequest::default() };
    let page = house.workspaces.list_providers(&house.call(ana), first).await.unwrap();
    let names: Vec<_> = page.providers.iter().map(|p| p.name.as_str()).collect();
    assert_eq!(names, ["c", "b"]);
    let second = ListProvidersRequest { page_token: page.next_page_token, ..ListProvidersRequest::default() };
    let page = house.workspaces.list_providers(&house.call(ana), second).await.unwrap();
    assert_eq!((page.providers[0].name.as_str(), page.next_page_token.as_str()), ("a", ""));
    let garbage = ListProvidersRequest { page_token: "garbage".into(), ..ListProvidersRequest::default() };
    assert_eq!(
        refused(house.workspaces.list_providers(&house.call(ana), garbage).await).reason,
        Reason::InvalidArgument
    );
}

async fn an_update_changes_what_is_given_and_keeps_the_rest(house: &House) {
    let ana = house.person("Ana").await;
    let request =
        CreateProviderRequest { models: vec!["a".into()], options_json: "{\"x\":1}".into(), ..openai("main") };
    let before = house.add_provider(ana, request).await.unwrap();
    house.hand.advance(chrono::Duration::seconds(5));
    let request = UpdateProviderRequest {
        provider_id: before.id.clone(),
        priority: Some(7),
        enabled: Some(false),
        ..UpdateProviderRequest::default()
    };
    let after = house.workspaces.update_provider(&house.call(ana), request).await.unwrap().provider.unwrap();
    let expected = Provider { priority: 7, enabled: false, updated_at: after.updated_at, ..before.clone() };
    assert_eq!(after, expected);
    assert_eq!(after.updated_at.unwrap().seconds, before.updated_at.unwrap().seconds + 5);
    let request = UpdateProviderRequest {
        provider_id: before.id.clone(),
        models: Some(Models::default()),
        options_json: Some(String::new()),
        ..UpdateProviderRequest::default()
    };
    let emptied = house.workspaces.update_provider(&house.call(ana), request).await.unwrap().provider.unwrap();
    assert_eq!((emptied.models.len(), emptied.options_json.as_str()), (0, "{}"));
}

async fn an_update_that_changes_nothing_leaves_no_trace(house: &House) {
    let ana = house.person("Ana").await;
    let before = house.add_provider(ana, openai("main")).await.unwrap();
    house.hand.advance(chrono::Duration::seconds(5));
    let request = UpdateProviderRequest {
        provider_id: before.id.clone(),
        name: Some("main".into()),
        ..UpdateProviderRequest::default()
    };
    let after = house.workspaces.update_provider(&house.call(ana), request).await.unwrap().provider.unwrap();
    assert_eq!(after, before);
}

async fn a_deleted_provider_is_gone_and_its_name_free(house: &House) {
    let ana = house.person("Ana").await;
    let provider = house.add_provider(ana, openai("main")).await.unwrap();
    let delete = DeleteProviderRequest { provider_id: provider.id };
    house.workspaces.delete_provider(&house.call(ana), delete.clone()).await.unwrap();
    assert_eq!(refused(house.workspaces.delete_provider(&house.call(ana), delete).await).reason, Reason::NotFound);
    house.add_provider(ana, openai("main")).await.unwrap();
}

async fn a_workspace_has_a_bounded_number_of_providers(house: &House) {
    let ana = house.person("Ana").await;
    let config = workspace::Config { max_providers: 2, ..workspace::Config::default() };
    let (_, workspaces) = house.again(house.master.clone(), config);
    for name in ["a", "b"] {
        workspaces.create_provider(&house.call(ana), openai(name)).await.unwrap();
    }
    assert_eq!(refused(workspaces.create_provider(&house.call(ana), openai("c")).await).reason, Reason::RefusedValue);
    let bea = house.person("Bea").await;
    let call = house.call(bea);
    let many = (0..8).map(|n| workspaces.create_provider(&call, openai(&format!("p{n}"))));
    let made = futures::future::join_all(many).await;
    assert_eq!(made.iter().filter(|answer| answer.is_ok()).count(), 2, "also when all are added at once");
}

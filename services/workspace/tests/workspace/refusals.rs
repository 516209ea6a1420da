//! Bad input: what is answered to each, and that the answer names the field.

use crate::house::{House, on_both_databases, openai, refused};
use proto::{Permission, Reason, workspace::*};

on_both_databases! {
    each_bad_field_of_a_new_provider_is_named,
    each_bad_field_of_an_update_is_named,
    an_unknown_kind_is_answered_with_the_kinds_there_are,
    changing_anything_needs_the_permission_to_write,
}

async fn each_bad_field_of_a_new_provider_is_named(house: &House) {
    let ana = house.person("Ana").await;
    for (field, reason, request) in bad_providers() {
        let failure = refused(house.add_provider(ana, request).await);
        assert_eq!(failure.reason, reason, "{field}: {failure}");
        let fields: Vec<_> = failure.fields.iter().map(|(f, _)| f.as_str()).collect();
        assert_eq!(fields, [field], "{failure}");
        assert!(
            !failure.message.contains("hunter2") && !format!("{:?}", failure.fields).contains("hunter2"),
            "{failure}"
        );
    }
    let listed = house.workspaces.list_providers(&house.call(ana), ListProvidersRequest::default()).await.unwrap();
    assert_eq!(listed.providers, [], "and nothing was stored");
}

async fn each_bad_field_of_an_update_is_named(house: &House) {
    let ana = house.person("Ana").await;
    let provider = house.add_provider(ana, openai("main")).await.unwrap();
    for (field, reason, request) in bad_providers() {
        if field == "provider" {
            continue;
        }
        let update = UpdateProviderRequest {
            provider_id: provider.id.clone(),
            api_key: request.api_key,
            name: Some(request.name),
            base_url: Some(request.base_url).filter(|u| !u.is_empty()),
            priority: request.priority,
            weight: request.weight,
            enabled: request.enabled,
            models: Some(Models { names: request.models }),
            options_json: Some(request.options_json),
        };
        let failure = refused(house.workspaces.update_provider(&house.call(ana), update).await);
        assert_eq!(failure.reason, reason, "{field}: {failure}");
        let fields: Vec<_> = failure.fields.iter().map(|(f, _)| f.as_str()).collect();
        assert_eq!(fields, [field], "{failure}");
    }
    let get = GetProviderRequest { provider_id: provider.id.clone() };
    let read = house.workspaces.get_provider(&house.call(ana), get).await.unwrap().provider.unwrap();
    assert_eq!(read, provider, "and nothing was changed");
}

async fn an_unknown_kind_is_answered_with_the_kinds_there_are(house: &House) {
    let ana = house.person("Ana").await;
    let request = CreateProviderRequest { provider: "skynet".into(), ..CreateProviderRequest::default() };
    let failure = refused(house.add_provider(ana, request).await);
    assert_eq!(failure.reason, Reason::RefusedValue);
    assert!(failure.message.contains("openai") && failure.message.contains("simulator"), "{failure}");
}

async fn changing_anything_needs_the_permission_to_write(house: &House) {
    let ana = house.person("Ana").await;
    let provider = house.add_provider(ana, openai("main")).await.unwrap();
    let call = house.only(ana, Permission::ProvidersRead);
    let workspaces = &house.workspaces;
    assert_eq!(refused(workspaces.create_provider(&call, openai("x")).await).reason, Reason::PermissionDenied);
    let update = UpdateProviderRequest { provider_id: provider.id.clone(), ..UpdateProviderRequest::default() };
    assert_eq!(refused(workspaces.update_provider(&call, update).await).reason, Reason::PermissionDenied);
    let delete = DeleteProviderRequest { provider_id: provider.id };
    assert_eq!(refused(workspaces.delete_provider(&call, delete).await).reason, Reason::PermissionDenied);
    let listed = workspaces.list_providers(&call, ListProvidersRequest::default()).await.unwrap();
    assert_eq!(listed.providers.len(), 1);
    let nobody = workspaces.list_providers(&house.nobody(), ListProvidersRequest::default()).await;
    assert_eq!(refused(nobody).reason, Reason::CredentialsMissing);
}

/// One for each thing that can be wrong with a provider: the field, the answer, the request.
fn bad_providers() -> Vec<(&'static str, Reason, CreateProviderRequest)> {
    let base = |url: &str| CreateProviderRequest { base_url: url.into(), ..openai("x") };
    let key = |key: String| CreateProviderRequest { api_key: Some(key), ..openai("x") };
    let models = |models: Vec<String>| CreateProviderRequest { models, ..openai("x") };
    let options = |json: String| CreateProviderRequest { options_json: json, ..openai("x") };
    let refused = |field, request| (field, Reason::RefusedValue, request);
    vec![
        ("provider", Reason::InvalidArgument, CreateProviderRequest::default()),
        refused("provider", CreateProviderRequest { provider: "OpenAI".into(), ..openai("x") }),
        refused("name", openai("a/b")),
        refused("name", openai(&"n".repeat(65))),
        refused("base_url", base("not a url")),
        refused("base_url", base("ftp://example.com/v1")),
        refused("base_url", base("https://user:hunter2@example.com/v1")),
        refused("base_url", base("https://example.com/v1?key=hunter2")),
        ("base_url", Reason::EgressRefused, base("http://169.254.169.254/latest")),
        ("base_url", Reason::EgressRefused, base("http://10.0.0.7:8000/v1")),
        ("base_url", Reason::EgressRefused, base("http://[::ffff:192.168.0.1]/v1")),
        ("base_url", Reason::EgressRefused, base("http://localhost:5432/v1")),
        refused("api_key", key("two words hunter2".into())),
        refused("api_key", key("hunter2\n".into())),
        refused("api_key", key("k".repeat(4097))),
        refused("priority", CreateProviderRequest { priority: Some(-1), ..openai("x") }),
        refused("priority", CreateProviderRequest { priority: Some(1001), ..openai("x") }),
        refused("weight", CreateProviderRequest { weight: Some(0), ..openai("x") }),
        refused("models", models(vec![String::new()])),
        refused("models", models(vec!["m".repeat(201)])),
        refused("models", models((0..501).map(|n| format!("m{n}")).collect())),
        ("options", Reason::InvalidArgument, options("[1]".into())),
        ("options", Reason::InvalidArgument, options("{".into())),
        refused("options", options(format!("{{\"x\":\"{}\"}}", "y".repeat(16 * 1024)))),
    ]
}

//! Credentials are sealed, never shown, and opened for the gateway only.

use crate::house::{House, Person, on_both_databases, openai, refused};
use proto::{Reason, Role, workspace::*};
use store::{Backend, Sql, SystemTx, WorkspaceTx, seal::MasterKey};
use workspace::{Config, Sealed, sealed_under};

const CANARY: &str = "sk-canary-5f0b1c9d-7788";

on_both_databases! {
    a_credential_is_in_no_answer_and_in_no_debug_text,
    the_database_holds_no_credential_in_the_clear,
    the_gateway_gets_the_credential_as_it_was_given,
    a_key_does_not_follow_its_provider_to_another_server,
    a_key_and_an_address_that_race_never_meet_elsewhere,
    another_master_key_opens_nothing_and_says_so_without_detail,
    a_start_can_tell_whether_its_master_key_is_the_right_one,
    without_its_data_key_a_workspace_s_credentials_are_erased,
    a_sealed_credential_copied_to_another_provider_does_not_open_there,
}

async fn a_credential_is_in_no_answer_and_in_no_debug_text(house: &House) {
    let ana = house.person("Ana").await;
    let request = CreateProviderRequest { api_key: Some(CANARY.into()), ..openai("main") };
    let mut seen = format!("{request:?}");
    let call = house.call(ana);
    let created = house.workspaces.create_provider(&call, request).await.unwrap();
    let id = created.provider.as_ref().unwrap().id.clone();
    seen += &format!("{created:?}");
    seen +=
        &format!("{:?}", house.workspaces.get_provider(&call, GetProviderRequest { provider_id: id.clone() }).await);
    seen += &format!("{:?}", house.workspaces.list_providers(&call, ListProvidersRequest::default()).await);
    let update =
        UpdateProviderRequest { provider_id: id, api_key: Some(CANARY.into()), ..UpdateProviderRequest::default() };
    seen += &format!("{update:?}");
    seen += &format!("{:?}", house.workspaces.update_provider(&call, update).await);
    seen += &format!("{:?}", open(house, ana).await);
    assert!(!seen.contains("canary"), "{seen}");
    assert!(seen.contains("7788"), "only its end is shown");
}

async fn the_database_holds_no_credential_in_the_clear(house: &House) {
    let ana = house.person("Ana").await;
    let request = CreateProviderRequest { api_key: Some(CANARY.into()), ..openai("main") };
    house.add_provider(ana, request).await.unwrap();
    let pages = everything_stored(house).await;
    assert!(contains(&pages, b"ana@example.com"), "the scan sees what is stored");
    assert!(!contains(&pages, CANARY.as_bytes()));
    assert!(!contains(&pages, hex(CANARY).as_bytes()), "nor as hexadecimal digits");
}

async fn the_gateway_gets_the_credential_as_it_was_given(house: &House) {
    let ana = house.person("Ana").await;
    let request = CreateProviderRequest { api_key: Some(CANARY.into()), ..openai("main") };
    let provider = house.add_provider(ana, request).await.unwrap();
    assert_eq!(open(house, ana).await.providers[0].api_key, CANARY);
    let update = |key: &str| UpdateProviderRequest {
        provider_id: provider.id.clone(),
        api_key: Some(key.into()),
        ..UpdateProviderRequest::default()
    };
    let changed = house.workspaces.update_provider(&house.call(ana), update("sk-another-9999")).await.unwrap();
    assert_eq!(changed.provider.unwrap().key_hint, "9999");
    assert_eq!(open(house, ana).await.providers[0].api_key, "sk-another-9999");
    let removed = house.workspaces.update_provider(&house.call(ana), update("")).await.unwrap();
    assert_eq!(removed.provider.unwrap().key_hint, "");
    assert_eq!(open(house, ana).await.providers[0].api_key, "");
}

async fn a_key_does_not_follow_its_provider_to_another_server(house: &House) {
    let ana = house.person("Ana").await;
    let request = CreateProviderRequest {
        api_key: Some(CANARY.into()),
        base_url: "https://api.example.com/v1".into(),
        ..openai("main")
    };
    let provider = house.add_provider(ana, request).await.unwrap();
    let update = |url: &str, key: Option<&str>| UpdateProviderRequest {
        provider_id: provider.id.clone(),
        base_url: Some(url.into()),
        api_key: key.map(str::to_owned),
        ..UpdateProviderRequest::default()
    };
    let call = house.call(ana);
    for elsewhere in [
        "https://evil.example/v1",
        "http://api.example.com/v1",
        "https://api.example.com:8443/v1",
        "https://api.example.com.evil.example",
    ] {
        let failure = refused(house.workspaces.update_provider(&call, update(elsewhere, None)).await);
        let fields: Vec<_> = failure.fields.iter().map(|(f, _)| f.as_str()).collect();
        assert_eq!((failure.reason, fields), (Reason::RefusedValue, vec!["api_key"]), "{elsewhere}");
    }
    house.workspaces.update_provider(&call, update("https://api.example.com/v2", None)).await.expect("the same server");
    house
        .workspaces
        .update_provider(&call, update("https://new.example/v1", Some("sk-new-key-1")))
        .await
        .expect("a new key");
    house.workspaces.update_provider(&call, update("https://free.example/v1", Some(""))).await.expect("no key");
    house
        .workspaces
        .update_provider(&call, update("https://any.example/v1", None))
        .await
        .expect("there is no key to leak");
}

async fn a_key_and_an_address_that_race_never_meet_elsewhere(house: &House) {
    let ana = house.person("Ana").await;
    for round in 0..10 {
        let request =
            CreateProviderRequest { base_url: "https://good.example/v1".into(), ..openai(&format!("p{round}")) };
        let provider = house.add_provider(ana, request).await.unwrap();
        let given = UpdateProviderRequest {
            provider_id: provider.id.clone(),
            api_key: Some(CANARY.into()),
            ..UpdateProviderRequest::default()
        };
        let moved = UpdateProviderRequest {
            provider_id: provider.id.clone(),
            base_url: Some("https://evil.example/v1".into()),
            ..UpdateProviderRequest::default()
        };
        let (first, second) = (house.call(ana), house.call(ana));
        let (given, moved) = tokio::join!(
            house.workspaces.update_provider(&first, given),
            house.workspaces.update_provider(&second, moved),
        );
        // Whoever stores a key is told where it will go.
        let told = given.unwrap().provider.unwrap().base_url;
        let now = open(house, ana).await.providers.into_iter().find(|p| p.id == provider.id).unwrap();
        assert_eq!((now.base_url, now.api_key.as_str()), (told, CANARY), "moved: {}", moved.is_ok());
    }
}

async fn another_master_key_opens_nothing_and_says_so_without_detail(house: &House) {
    let ana = house.person("Ana").await;
    let request = CreateProviderRequest { api_key: Some(CANARY.into()), ..openai("main") };
    house.add_provider(ana, request).await.unwrap();
    let (_, elsewhere) = house.again(MasterKey::generate(), Config::default());
    let routing = OpenRoutingRequest { workspace_id: ana.workspace.to_string() };
    let call = house.service_call(Role::Gateway);
    let failure = refused(elsewhere.called_by(Role::Gateway).open_routing(&call, routing).await);
    assert_eq!((failure.reason, failure.message.as_str()), (Reason::Internal, "internal error"));
}

async fn a_start_can_tell_whether_its_master_key_is_the_right_one(house: &House) {
    let other = MasterKey::generate();
    assert_eq!(sealed_under(&house.db, Some(&other)).await.unwrap(), Sealed::Nothing);
    assert_eq!(sealed_under(&house.db, None).await.unwrap(), Sealed::Nothing);
    house.person("Ana").await;
    assert_eq!(sealed_under(&house.db, Some(&house.master)).await.unwrap(), Sealed::Opens);
    assert_eq!(sealed_under(&house.db, Some(&other)).await.unwrap(), Sealed::Locked);
    assert_eq!(sealed_under(&house.db, None).await.unwrap(), Sealed::Locked);
}

async fn without_its_data_key_a_workspace_s_credentials_are_erased(house: &House) {
    let (ana, bob) = (house.person("Ana").await, house.person("Bob").await);
    for person in [ana, bob] {
        let request = CreateProviderRequest { api_key: Some(CANARY.into()), ..openai("main") };
        house.add_provider(person, request).await.unwrap();
    }
    run(house, ana, "delete from data_keys where workspace_id = $1").await;
    let request = OpenRoutingRequest { workspace_id: ana.workspace.to_string() };
    let call = house.service_call(Role::Gateway);
    let failure = refused(house.workspaces.called_by(Role::Gateway).open_routing(&call, request).await);
    assert_eq!(failure.reason, Reason::Conflict);
    assert_eq!(open(house, bob).await.providers[0].api_key, CANARY, "others keep theirs");
}

async fn a_sealed_credential_copied_to_another_provider_does_not_open_there(house: &House) {
    let ana = house.person("Ana").await;
    for (name, key) in [("a", CANARY), ("b", "sk-other-key-0000")] {
        let request = CreateProviderRequest { api_key: Some(key.into()), ..openai(name) };
        house.add_provider(ana, request).await.unwrap();
    }
    let copy = "update providers set sealed_key = (select p.sealed_key from providers p where p.name = 'a' and p.workspace_id = $1) where workspace_id = $1";
    run(house, ana, copy).await;
    let request = OpenRoutingRequest { workspace_id: ana.workspace.to_string() };
    let call = house.service_call(Role::Gateway);
    let failure = refused(house.workspaces.called_by(Role::Gateway).open_routing(&call, request).await);
    assert_eq!(failure.reason, Reason::Internal);
}

async fn open(house: &House, person: Person) -> OpenRoutingResponse {
    let request = OpenRoutingRequest { workspace_id: person.workspace.to_string() };
    house.workspaces.called_by(Role::Gateway).open_routing(&house.service_call(Role::Gateway), request).await.unwrap()
}

/// What an operator with the database in hand could do.
async fn run(house: &House, person: Person, text: &'static str) {
    let sql = Sql { name: "by hand", postgres: text, sqlite: text };
    let mut tx = WorkspaceTx::begin(&house.db, person.workspace).await.unwrap();
    assert!(tx.execute(sql, &[person.workspace.into()]).await.unwrap() > 0);
    tx.commit().await.unwrap();
}

/// Every byte of the database: the files of SQLite, or every row of every table of PostgreSQL as text.
pub async fn everything_stored(house: &House) -> Vec<u8> {
    if let Backend::Sqlite { dir } = &house.fresh.backend {
        let files = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
        return files.flat_map(|path| std::fs::read(path).unwrap()).collect();
    }
    const TABLES: [&str; 14] = [
        "select coalesce(string_agg(cast(t as text), ' '), '') as all_rows from platform_providers t",
        "select coalesce(string_agg(cast(t as text), ' '), '') as all_rows from webhooks t",
        "select coalesce(string_agg(cast(t as text), ' '), '') as all_rows from webhook_deliveries t",
        "select coalesce(string_agg(cast(t as text), ' '), '') as all_rows from webhook_attempts t",
        "select coalesce(string_agg(cast(t as text), ' '), '') as all_rows from platform_audit t",
        "select coalesce(string_agg(cast(t as text), ' '), '') as all_rows from answers t",
        "select coalesce(string_agg(cast(t as text), ' '), '') as all_rows from executions t",
        "select coalesce(string_agg(cast(t as text), ' '), '') as all_rows from workspaces t",
        "select coalesce(string_agg(cast(t as text), ' '), '') as all_rows from members t",
        "select coalesce(string_agg(cast(t as text), ' '), '') as all_rows from providers t",
        "select coalesce(string_agg(cast(t as text), ' '), '') as all_rows from data_keys t",
        "select coalesce(string_agg(cast(t as text), ' '), '') as all_rows from people t",
        "select coalesce(string_agg(cast(t as text), ' '), '') as all_rows from audit_events t",
        "select coalesce(string_agg(cast(t as text), ' '), '') as all_rows from outbox t",
    ];
    let mut all = String::new();
    let mut tx = SystemTx::read(&house.db, "look for a canary").await.unwrap();
    for text in TABLES {
        let (rows,): (String,) = tx.fetch_one(Sql { name: "scan", postgres: text, sqlite: text }, &[]).await.unwrap();
        all += &rows;
    }
    all.into_bytes()
}

pub fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle)
}

fn hex(text: &str) -> String {
    text.bytes().map(|b| format!("{b:02x}")).collect()
}

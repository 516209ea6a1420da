//! What is written, as Envoy reads it.

use crate::{Inputs, Names, Options, Service, Written, write};
use serde_json::{Value, json};
use std::time::Duration;

fn inputs() -> Inputs {
    let service = |role, name, place: &str| Service {
        role,
        name,
        repeatable: vec!["Get"],
        anonymous: vec!["Login"],
        places: place.split(',').map(|place| place.parse().unwrap()).collect(),
    };
    Inputs {
        http: true,
        edges: vec!["127.0.0.1:8080".parse().unwrap()],
        services: vec![
            service("identity", "perpetuo.identity.v1.Identity", "http://10.0.0.1:9090,http://10.0.0.2:9090"),
            service("gateway", "perpetuo.gateway.v1.Gateway", "http://gateway.internal:9090"),
        ],
        public_url: None,
        management_body_bytes: 1024,
        inference_body_bytes: 2048,
        management_timeout: Duration::from_secs(30),
        inference_timeout: Duration::from_secs(600),
        header_timeout: Duration::from_secs(75),
        body_timeout: Duration::from_secs(60),
        max_connections: 100,
        issuer: "perpetuo".to_owned(),
        otlp_endpoint: None,
        trace_share: 1.0,
        max_message_bytes: 1024,
        descriptors: vec![1, 2, 3],
    }
}

const TLS: [&str; 2] = ["tls.certificate=/tls/tls.crt", "tls.key=/tls/tls.key"];

fn made(inputs: &Inputs, set: &[&str], names: Option<Names>) -> Result<Written, String> {
    let options = Options::parse(set.iter().copied()).map_err(|error| error.to_string())?;
    write(inputs, &options, names).map_err(|error| error.to_string())
}

fn bootstrap(set: &[&str]) -> Value {
    serde_json::to_value(&made(&inputs(), set, None).unwrap().bootstrap).unwrap()
}

/// The connection managers of all listeners.
fn managers(bootstrap: &Value) -> Vec<&Value> {
    let listeners = bootstrap["static_resources"]["listeners"].as_array().unwrap().iter();
    let chains = listeners.flat_map(|listener| listener["filter_chains"].as_array().unwrap());
    chains.map(|chain| &chain["filters"][0]["typed_config"]).collect()
}

fn routes(manager: &Value) -> &Vec<Value> {
    manager["route_config"]["virtual_hosts"][0]["routes"].as_array().unwrap()
}

fn cluster<'a>(bootstrap: &'a Value, name: &str) -> Option<&'a Value> {
    bootstrap["static_resources"]["clusters"].as_array().unwrap().iter().find(|cluster| cluster["name"] == name)
}

#[test]
fn no_listener_lets_anything_in_that_peers_say_to_each_other() {
    let full = bootstrap(&[TLS[0], TLS[1], "plain=127.0.0.1:8000", "efi.ca=/efi.pem", "efi.host=efi.example.com"]);
    let managers = managers(&full);
    assert_eq!(managers.len(), 5, "efi, https, http3, plain, grpc");
    for manager in managers {
        let mutations = manager["early_header_mutation_extensions"][0]["typed_config"]["mutations"].to_string();
        for gone in ["x-call-", "x-peer-", "x-envoy-", "\"x-forwarded-for\"", "\"forwarded\""] {
            assert!(mutations.contains(gone), "{gone}");
        }
        assert_eq!(manager["use_remote_address"], true);
        let verified = manager["stat_prefix"] == "efi";
        let expected = if verified { "SANITIZE_SET" } else { "SANITIZE" };
        assert_eq!(manager["forward_client_cert_details"], expected);
    }
}

#[test]
fn what_trusted_hops_say_of_clients_is_kept() {
    let mutations = |set: &[&str]| managers(&bootstrap(set))[0]["early_header_mutation_extensions"].to_string();
    assert!(!mutations(&["trusted_hops=1"]).contains("x-forwarded-for"));
    assert!(mutations(&[]).contains("x-forwarded-for"));
}

#[test]
fn only_reading_is_repeated_unless_nothing_was_sent() {
    for (set, unsent) in [(&[][..], Value::Null), (&["retry.unsent=true"], json!("connect-failure"))] {
        let bootstrap = bootstrap(set);
        for route in routes(managers(&bootstrap)[0]).iter().filter(|route| route["route"].is_object()) {
            let name = route["name"].as_str().unwrap();
            let retries = &route["route"]["retry_policy"]["retry_on"];
            if name.ends_with(".read") {
                assert!(route["match"]["headers"][0]["string_match"].to_string().contains("(GET|HEAD)"), "{route}");
                assert!(retries.is_string(), "{route}");
            } else if name != "probe" {
                assert_eq!(retries, &unsent, "{name}");
            }
        }
    }
    let bootstrap = bootstrap(&[]);
    let grpc = managers(&bootstrap)[1];
    let names = &routes(grpc)[0]["route"]["retry_policy"]["retriable_request_headers"];
    assert_eq!(names.as_array().unwrap().len(), 1);
    assert_eq!(names[0]["string_match"]["exact"], "/perpetuo.identity.v1.Identity/Get");
}

#[test]
fn no_route_ends_a_stream_or_holds_it() {
    let bootstrap = bootstrap(&["grpc.json=true", "jwt=true", "rate.total=1/s"]);
    for manager in managers(&bootstrap) {
        assert!(!manager["http_filters"].to_string().contains("filters.http.buffer"));
        for route in routes(manager).iter().filter(|route| route["route"].is_object()) {
            assert_eq!(route["route"]["timeout"], "0s", "{route}");
            assert!(route["route"]["idle_timeout"].as_str().is_some_and(|idle| idle != "0s"), "{route}");
        }
    }
}

#[test]
fn names_are_asked_for_in_dns_and_addresses_are_not() {
    let bootstrap = bootstrap(&[]);
    let (identity, gateway) = (cluster(&bootstrap, "identity").unwrap(), cluster(&bootstrap, "gateway").unwrap());
    assert_eq!(identity["type"], "STATIC");
    let endpoints = identity["load_assignment"]["endpoints"][0]["lb_endpoints"].as_array().unwrap();
    assert_eq!(endpoints.len(), 2);
    assert_eq!(identity["health_checks"][0]["grpc_health_check"]["service_name"], "perpetuo.identity.v1.Identity");
    assert_eq!(gateway["cluster_type"]["name"], "envoy.cluster.dns");
    assert_eq!(gateway["cluster_type"]["typed_config"]["all_addresses_in_single_endpoint"], false);
}

#[test]
fn a_role_alone_brings_what_it_needs() {
    let only = |http: bool, services: usize, set: &[&str]| {
        let mut inputs = Inputs { http, ..inputs() };
        inputs.services.truncate(services);
        serde_json::to_value(&made(&inputs, set, None).unwrap().bootstrap).unwrap()
    };
    let edge = only(true, 0, &[]);
    assert!(managers(&edge).len() == 1 && cluster(&edge, "edge").is_some() && cluster(&edge, "identity").is_none());
    let identity = only(false, 1, &[]);
    assert!(managers(&identity).len() == 1 && cluster(&identity, "edge").is_none());
    assert!(cluster(&only(false, 1, &["jwt=true"]), "edge").is_some(), "it has the keys of access tokens");
    let nothing = made(&Inputs { http: false, services: vec![], ..inputs() }, &[], None);
    assert!(nothing.unwrap_err().contains("nothing is served"));
}

#[test]
fn certificates_are_read_again_where_files_can_stand_beside() {
    let names = || Some(Names { folder: "/etc/envoy".to_owned(), stem: "envoy".to_owned() });
    let written = made(&inputs(), &TLS, names()).unwrap();
    let (name, secret) = &written.beside[0];
    assert_eq!(name, "envoy.server_certificate.yaml");
    let secret = serde_json::to_value(secret).unwrap();
    assert_eq!(secret["resources"][0]["tls_certificate"]["watched_directory"]["path"], "/tls");
    let bootstrap = serde_json::to_value(&written.bootstrap).unwrap().to_string();
    assert!(bootstrap.contains("/etc/envoy/envoy.server_certificate.yaml") && !bootstrap.contains("/tls/tls.key"));
    let moved = made(&inputs(), &[TLS[0], TLS[1], "files.dir=/run/envoy"], names()).unwrap();
    assert!(
        serde_json::to_value(&moved.bootstrap).unwrap().to_string().contains("/run/envoy/envoy.server_certificate")
    );
    assert!(self::bootstrap(&TLS).to_string().contains("/tls/tls.key"), "without such a place they are named");
}

#[test]
fn efi_is_nowhere_but_behind_its_certificate() {
    let bootstrap = bootstrap(&[TLS[0], TLS[1], "plain=127.0.0.1:8000", "efi.ca=/efi.pem", "efi.listen=0.0.0.0:8444"]);
    for manager in managers(&bootstrap).into_iter().filter(|manager| manager["stat_prefix"] != "grpc") {
        let efi = routes(manager).iter().find(|route| route["match"]["prefix"] == "/webhooks/efi/").unwrap();
        let behind = manager["stat_prefix"] == "efi";
        assert_eq!(efi["direct_response"]["status"], if behind { Value::Null } else { json!(404) });
        assert_eq!(routes(manager).iter().any(|route| route["match"]["path_separated_prefix"] == "/api"), !behind);
    }
}

#[test]
fn nothing_that_is_written_down_holds_a_query_or_a_credential() {
    let bootstrap = bootstrap(&["traces=127.0.0.1:4317"]);
    for manager in managers(&bootstrap) {
        let log = manager["access_log"].to_string().to_lowercase();
        for secret in ["req(authorization", "api-key", "cookie", "req(:path", "orig", "path(wq"] {
            assert!(!log.contains(secret), "{secret}");
        }
        assert_eq!(manager["tracing"]["max_path_tag_length"], 0);
    }
}

#[test]
fn http3_is_advertised_at_the_port_that_clients_use() {
    let advertised = |set: &[&str], url: Option<&str>| {
        let inputs = Inputs { public_url: url.map(str::to_owned), ..inputs() };
        let bootstrap = serde_json::to_value(&made(&inputs, &[&TLS, set].concat(), None).unwrap().bootstrap).unwrap();
        managers(&bootstrap)[0]["route_config"]["response_headers_to_add"][0]["header"]["value"].clone()
    };
    assert_eq!(advertised(&[], None), "h3=\":8443\"; ma=86400");
    assert_eq!(advertised(&[], Some("https://api.example.com")), "h3=\":443\"; ma=86400");
    assert_eq!(advertised(&[], Some("https://api.example.com:444/x")), "h3=\":444\"; ma=86400");
    assert_eq!(advertised(&["public_port=445"], Some("https://api.example.com")), "h3=\":445\"; ma=86400");
    assert_eq!(advertised(&["http3=false"], None), Value::Null);
}

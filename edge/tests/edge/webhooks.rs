//! What payment providers tell by themselves.

use crate::{
    ask::{Answer, Edge, ok, request},
    overheard::Overheard,
};
use axum::body::Body;
use bytes::Bytes;
use edge::{ClientCertificate, Config};
use futures::stream;
use proto::{Principal, Scopes, billing::ReceiveNotificationRequest};
use serde_json::json;

const LARGEST: usize = 256 * 1024;
/// No text, no JSON, and nothing that may be trimmed.
const BODY: &[u8] = b"\r\n{\"a\": 1,\"a\":\xff\xfe\0 \"\xc3\"} \n";
const SECRET: &str = "chosen-by-the-operator";
const ROUTES: [&str; 4] = ["/webhooks/stripe", "/webhooks/efi/pix", "/webhooks/efi/pix/pix", "/webhooks/efi/charges"];

async fn told(edge: &Edge, path: &str, headers: &[(&str, &str)], body: impl Into<Body>) -> Answer {
    let sent = headers.iter().fold(request("POST", path), |sent, (name, value)| sent.header(*name, *value));
    edge.send(sent.body(body.into()).unwrap()).await
}

fn last(edge: &Edge) -> ReceiveNotificationRequest {
    edge.fakes.notified.lock().unwrap().last().expect("a notification").clone()
}

#[tokio::test]
async fn what_a_provider_sends_reaches_billing_byte_for_byte() {
    let edge = Edge::new();
    for (path, channel) in ROUTES.into_iter().zip(["stripe", "efi.pix", "efi.pix", "efi.charges"]) {
        for media in [None, Some("application/json"), Some("application/x-www-form-urlencoded"), Some("text/plain")] {
            let headers: Vec<_> = media.iter().map(|media| ("content-type", *media)).collect();
            let pieces = BODY.chunks(3).map(|piece| Ok::<_, std::io::Error>(Bytes::from_static(piece)));
            let answer = told(&edge, path, &headers, Body::from_stream(stream::iter(pieces))).await;
            ok(&answer);
            assert_eq!((answer.json(), answer.header("content-type")), (json!({}), "application/json"));
            let seen = last(&edge);
            assert_eq!((seen.channel.as_str(), seen.body.as_ref()), (channel, BODY), "{path} {media:?}");
        }
    }
    ok(&told(&edge, "/webhooks/efi/charges", &[], "notification=1d7e0b33-1a4f%5FX").await);
    assert_eq!(last(&edge).body, "notification=1d7e0b33-1a4f%5FX");
}

#[tokio::test]
async fn a_provider_is_nobody_in_particular_whatever_it_shows() {
    let edge = Edge::new();
    for credential in ["Bearer ana.expired.token", "Basic YW5hOnB3"] {
        ok(&told(&edge, "/webhooks/stripe", &[("authorization", credential)], BODY).await);
        let call = edge.fakes.last("receive_notification").call;
        assert_eq!((call.principal, call.workspace, call.scopes), (Principal::Anonymous, None, Scopes::NONE));
        assert_eq!(call.client.map(|address| address.to_string()).as_deref(), Some("203.0.113.9"));
        assert!(call.deadline.is_some());
    }
}

#[tokio::test]
async fn what_proves_it_is_passed_on_and_only_that() {
    let edge = Edge::new();
    let signed = [("stripe-signature", "t=1,v1=5e88,v0=00")];
    for (path, signature, secret) in [
        ("/webhooks/stripe", "t=1,v1=5e88,v0=00", ""),
        ("/webhooks/stripe?hmac=x", "t=1,v1=5e88,v0=00", ""),
        ("/webhooks/efi/pix?hmac=chosen", "", "chosen"),
        // Efí appends its /pix to the query as well.
        ("/webhooks/efi/pix?hmac=chosen&ignorar=/pix", "", "chosen"),
        ("/webhooks/efi/pix/pix?a=1&hmac=cho%2Fsen%3D", "", "cho/sen="),
        ("/webhooks/efi/charges?hmac=chosen", "", "chosen"),
        ("/webhooks/efi/pix", "", ""),
        ("/webhooks/efi/pix?hmac=", "", ""),
    ] {
        ok(&told(&edge, path, &signed, BODY).await);
        let seen = last(&edge);
        assert_eq!((seen.signature.as_str(), seen.secret.as_str()), (signature, secret), "{path}");
    }
    ok(&told(&edge, "/webhooks/stripe", &[], BODY).await);
    assert_eq!(last(&edge).signature, "");
    let twice = told(&edge, "/webhooks/efi/pix?hmac=a&hmac=b", &[], BODY).await.problem(400, "INVALID_ARGUMENT");
    assert_eq!(twice["errors"][0]["field"], "hmac");
}

#[tokio::test]
async fn what_billing_refuses_is_refused() {
    let edge = Edge::new();
    for (path, signature) in ROUTES.into_iter().zip(["forged", "", "", ""]) {
        let path = format!("{path}?hmac=forged");
        let refused = told(&edge, &path, &[("stripe-signature", signature)], BODY).await;
        refused.problem(403, "PERMISSION_DENIED");
        assert!(!refused.text().contains("forged"), "{refused:?}");
    }
    told(&edge, "/webhooks/stripe", &[("stripe-signature", "unused")], BODY).await.problem(404, "NOT_FOUND");
    assert!(edge.fakes.notified.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_body_that_no_provider_sends_is_too_large() {
    let edge = Edge::new();
    for path in ROUTES {
        let problem = told(&edge, path, &[], vec![b'x'; LARGEST + 1]).await.problem(413, "BODY_TOO_LARGE");
        assert_eq!(problem["limit_bytes"], LARGEST);
        let pieces = stream::iter((0..5).map(|_| Ok::<_, std::io::Error>(Bytes::from_static(&[0; LARGEST / 4]))));
        told(&edge, path, &[], Body::from_stream(pieces)).await.problem(413, "BODY_TOO_LARGE");
    }
    assert!(!edge.fakes.was_called("receive_notification"));
    ok(&told(&edge, "/webhooks/stripe", &[], vec![0xff; LARGEST]).await);
    assert_eq!(last(&edge).body.len(), LARGEST);
}

#[tokio::test]
async fn there_are_these_addresses_and_no_others() {
    let edge = Edge::new();
    let strange =
        ["", "/", "/paypal", "/stripe/", "/stripe/pix", "/efi", "/efi/pix/", "/efi/pix/pix/pix", "/efi/charges/pix"];
    for path in
        strange.map(|path| format!("/webhooks{path}")).iter().chain(&ROUTES.map(|path| format!("/api/v1{path}")))
    {
        told(&edge, path, &[], BODY).await.problem(404, "NOT_FOUND");
    }
    for path in ROUTES {
        for method in ["GET", "PUT", "DELETE"] {
            let answer = edge.send(request(method, path).body(Body::empty()).unwrap()).await;
            answer.problem(405, "METHOD_NOT_ALLOWED");
            assert_eq!(answer.header("allow"), "POST");
        }
    }
    assert!(!edge.fakes.was_called("receive_notification"));
}

#[tokio::test]
async fn the_secret_of_an_address_is_in_no_log_no_trace_and_no_answer() {
    let (overheard, edge) = (Overheard::default(), Edge::new());
    let listening = overheard.here();
    let signed =
        [("stripe-signature", SECRET), ("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")];
    for (method, path, length) in [
        ("POST", "/webhooks/stripe", 1),
        ("POST", "/webhooks/efi/pix", 1),
        ("POST", "/webhooks/efi/pix/pix", LARGEST + 1),
        ("POST", "/webhooks/efi/charges", 1),
        ("POST", "/webhooks/nowhere", 1),
        ("GET", "/webhooks/efi/pix", 0),
    ] {
        for query in
            [format!("hmac={SECRET}"), format!("hmac=forged&other={SECRET}"), format!("hmac={SECRET}&hmac={SECRET}")]
        {
            let sent =
                signed.iter().fold(request(method, &format!("{path}?{query}")), |sent, (k, v)| sent.header(*k, *v));
            let answer = edge.send(sent.body(Body::from(vec![b'x'; length])).unwrap()).await;
            assert!(!answer.text().contains(SECRET), "{answer:?}");
        }
    }
    drop(listening);
    let seen = edge.fakes.last("receive_notification").request;
    assert!(!seen.contains(SECRET) && seen.contains("secret"), "{seen}");
    let heard = overheard.text();
    assert!(heard.contains("/webhooks/efi/pix/pix") && heard.contains("unmatched"), "nothing was logged: {heard}");
    assert!(!heard.contains(SECRET), "{heard}");
}

#[tokio::test]
async fn efi_is_whoever_has_shown_a_certificate_to_a_trusted_proxy() {
    let with = |trusted: &str| {
        let trusted_proxies = vec![trusted.parse().unwrap()];
        Edge::with(Config { efi_client_certificate: ClientCertificate::Required, trusted_proxies, ..Config::default() })
    };
    let shown = format!("By=x;Hash={};Subject=\"CN=efi\"", "0a".repeat(32));
    let shown = [("x-forwarded-client-cert", shown.as_str())];
    let efi = || ROUTES.iter().filter(|route| route.contains("/efi/"));
    let edge = with("203.0.113.0/24");
    for route in efi() {
        ok(&told(&edge, route, &shown, BODY).await);
        told(&edge, route, &[], BODY).await.problem(403, "PERMISSION_DENIED");
        told(&edge, route, &[("x-forwarded-client-cert", "Hash=0")], BODY).await.problem(403, "PERMISSION_DENIED");
    }
    ok(&told(&edge, "/webhooks/stripe", &[], BODY).await);
    // Whoever is no proxy of ours may write into headers what they like.
    let edge = with("10.0.0.0/8");
    for route in efi() {
        told(&edge, route, &shown, BODY).await.problem(403, "PERMISSION_DENIED");
    }
}

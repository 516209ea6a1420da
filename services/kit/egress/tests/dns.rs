//! Name servers are asked over a socket, and believed in what they say only.

use egress::{Dns, testing::FakeNameServer};

#[tokio::test]
async fn what_is_there_is_told_in_one_piece_and_what_is_not_there_is_none() {
    let server = FakeNameServer::start().await.unwrap();
    let dns = Dns::new(&[server.server()]);
    let long = "x".repeat(600);
    server.says("_challenge.acme.example", "first");
    server.says("_challenge.acme.example", &long);
    assert_eq!(dns.texts("_challenge.acme.example").await.unwrap(), ["first", &long]);
    assert_eq!(dns.texts("_challenge.other.example").await.unwrap(), Vec::<String>::new());
    // Nothing is kept, neither what is there nor what is not.
    server.forgets("_challenge.acme.example");
    server.says("_challenge.other.example", "now");
    assert_eq!(dns.texts("_challenge.acme.example").await.unwrap(), Vec::<String>::new());
    assert_eq!(dns.texts("_challenge.other.example").await.unwrap(), ["now"]);
    assert!(server.script().asked.iter().all(|name| name.ends_with(".example")), "no search below other domains");
}

#[tokio::test]
async fn a_server_that_fails_says_nothing() {
    let server = FakeNameServer::start().await.unwrap();
    server.script().fails = true;
    let dns = Dns::new(&[server.server()]);
    let why = dns.texts("_challenge.acme.example").await.unwrap_err().to_string();
    assert!(why.contains("do not answer") && !why.contains("127.0.0.1"), "{why}");
    assert!(dns.texts("no..name").await.is_err());
}

#[tokio::test]
async fn much_is_not_read_to_its_end() {
    let server = FakeNameServer::start().await.unwrap();
    for _ in 0..20 {
        server.says("a.example", &"y".repeat(2_000));
    }
    let dns = Dns::new(&[server.server()]);
    match dns.texts("a.example").await {
        Ok(texts) => assert!(texts.len() <= 64 && texts.iter().all(|text| text.len() <= 1_024)),
        // It fits into no datagram that we take, and the fake speaks no TCP.
        Err(why) => assert!(why.to_string().contains("do not answer"), "{why}"),
    }
}

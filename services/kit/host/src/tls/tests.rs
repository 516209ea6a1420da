//! Services over TLS: who is let in, who is believed, and what happens when certificates change.

use super::*;
use crate::{
    Clock, Readiness, Tasks, grpc,
    peer::{self, Channels, Keys, Ways},
    testing::{World, reason, start},
};
use proto::{
    Reason, Role,
    identity::{GetJwksRequest, Identity, identity_client::IdentityClient},
};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::ServerConfig;
use std::{fs, net::SocketAddr, path::Path, sync::Arc, time::Duration};
use tempfile::TempDir;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::{CancellationToken, DropGuard};
use tonic::{Status, service::Routes, transport::Endpoint};

/// An authority, and the files of one process with a certificate of it: `ca.crt`, `tls.crt`, `tls.key`.
struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(vec![]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    fn write(&self, dir: &Path, name: &str, year: i32) {
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        params.not_after = rcgen::date_time_ymd(year, 1, 1);
        let key = KeyPair::generate().unwrap();
        fs::write(dir.join("tls.crt"), params.signed_by(&key, &self.0).unwrap().pem()).unwrap();
        fs::write(dir.join("tls.key"), key.serialize_pem()).unwrap();
        self.trust(dir);
    }

    fn trust(&self, dir: &Path) {
        fs::write(dir.join("ca.crt"), self.0.pem()).unwrap();
    }
}

fn server_files(dir: &Path, client_ca: bool, required: bool) -> ServerFiles {
    ServerFiles {
        cert_file: Some(dir.join("tls.crt")),
        key_file: Some(dir.join("tls.key")),
        client_ca_file: client_ca.then(|| dir.join("ca.crt")),
        require_client_certificate: required,
    }
}

fn client_files(dir: &Path, shows: bool) -> ClientFiles {
    ClientFiles {
        ca_file: Some(dir.join("ca.crt")),
        cert_file: shows.then(|| dir.join("tls.crt")),
        key_file: shows.then(|| dir.join("tls.key")),
        server_name: Some("peer.test".to_owned()),
    }
}

struct Served {
    world: World,
    keys: Keys,
    address: SocketAddr,
    current: Arc<Current<ServerConfig>>,
    _stop: DropGuard,
}

/// Identity over TLS.
async fn serve(files: ServerFiles) -> Served {
    let dir = tempfile::tempdir().unwrap();
    Keys::generate(dir.path(), Role::ALL).unwrap();
    let keys = Keys::load(dir.path(), Role::ALL).unwrap();
    let world = World::with_peers(&keys).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let named = files.clone();
    let current = Current::open(files.all(), move || named.read()).unwrap();
    let serving = grpc::Serving {
        services: Routes::new(world.identity.clone().into_grpc(world.door.clone())),
        roles: vec![Role::Identity],
        door: world.door.clone(),
        readiness: Readiness::new(),
        overload: crate::Overload::default(),
        tls: Some(current.clone()),
    };
    let (tasks, stop) = (world.tasks.clone(), CancellationToken::new());
    let until = stop.clone();
    world.tasks.tracker().spawn(async move { grpc::serve(listener, serving, &tasks, until).await });
    Served { world, keys, address, current, _stop: stop.drop_guard() }
}

impl Served {
    /// A peer with these certificates. Each has connections of its own.
    fn peer(&self, tls: &Client) -> Identity {
        let signer = self.keys.signer(Clock::manual(start()).0);
        let address = format!("https://{}", self.address);
        let ways = Ways { tls: Some(tls.clone()), ..Ways::default() };
        let channels = Channels::open_by([(Role::Identity, vec![address])], signer, &ways).unwrap();
        Identity::remote(channels.peer(Role::Identity).unwrap()).called_by(Role::Edge)
    }

    async fn ask(&self, peer: &Identity) -> Result<(), Status> {
        peer.get_jwks(&self.world.call(), GetJwksRequest {}).await.map(drop)
    }

    /// What somebody with these certificates hears.
    async fn asked_with(&self, files: &ClientFiles) -> Result<(), Status> {
        self.ask(&self.peer(&Client::open(files).unwrap())).await
    }
}

fn dirs() -> (TempDir, TempDir) {
    (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap())
}

#[tokio::test]
async fn peers_call_each_other_and_who_need_not_show_a_certificate_may_do_without() {
    let (server, client) = dirs();
    let authority = Authority::new();
    authority.write(server.path(), "peer.test", 2200);
    authority.write(client.path(), "caller.test", 2200);
    let served = serve(server_files(server.path(), true, false)).await;
    served.asked_with(&client_files(client.path(), true)).await.expect("with a certificate");
    served.asked_with(&client_files(client.path(), false)).await.expect("and without");
    // A certificate that is shown is looked at, needed or not.
    Authority::new().write(client.path(), "caller.test", 2200);
    authority.trust(client.path());
    let stranger = served.asked_with(&client_files(client.path(), true)).await;
    assert_eq!(reason(stranger), Reason::ServiceUnavailable);
}

#[tokio::test]
async fn where_a_certificate_is_required_nobody_gets_in_without_a_good_one() {
    let (server, client) = dirs();
    let authority = Authority::new();
    authority.write(server.path(), "peer.test", 2200);
    authority.write(client.path(), "caller.test", 2200);
    let served = serve(server_files(server.path(), true, true)).await;
    served.asked_with(&client_files(client.path(), true)).await.expect("with a certificate");
    assert_eq!(reason(served.asked_with(&client_files(client.path(), false)).await), Reason::ServiceUnavailable);
    authority.write(client.path(), "caller.test", 2020);
    assert_eq!(reason(served.asked_with(&client_files(client.path(), true)).await), Reason::ServiceUnavailable);
}

#[tokio::test]
async fn a_server_of_another_authority_with_another_name_or_too_old_is_not_called() {
    let (server, client) = dirs();
    let authority = Authority::new();
    authority.trust(client.path());
    let files = client_files(client.path(), false);
    for (authority, name, year) in
        [(&Authority::new(), "peer.test", 2200), (&authority, "other.test", 2200), (&authority, "peer.test", 2020)]
    {
        authority.write(server.path(), name, year);
        let served = serve(server_files(server.path(), false, false)).await;
        assert_eq!(reason(served.asked_with(&files).await), Reason::ServiceUnavailable, "{name} {year}");
    }
}

#[tokio::test]
async fn plain_http_2_is_refused_and_keeps_nobody_waiting() {
    let (server, client) = dirs();
    let authority = Authority::new();
    authority.write(server.path(), "peer.test", 2200);
    authority.trust(client.path());
    let served = serve(server_files(server.path(), false, false)).await;
    let plain = Endpoint::from_shared(format!("http://{}", served.address)).unwrap().connect_lazy();
    IdentityClient::new(plain).get_jwks(GetJwksRequest {}).await.expect_err("not over TLS");
    // Somebody who connects and says nothing.
    let mut silent = vec![];
    for _ in 0..20 {
        silent.push(TcpStream::connect(served.address).await.unwrap());
    }
    let files = client_files(client.path(), false);
    let quick = served.asked_with(&files);
    tokio::time::timeout(Duration::from_secs(2), quick).await.expect("at once").expect("served");
}

#[tokio::test]
async fn changed_certificates_count_for_new_connections_and_broken_ones_change_nothing() {
    let (server, client) = dirs();
    let (old, new) = (Authority::new(), Authority::new());
    old.write(server.path(), "peer.test", 2200);
    old.trust(client.path());
    let served = serve(server_files(server.path(), false, false)).await;
    let caller = Client::open(&client_files(client.path(), false)).unwrap();
    let connected = served.peer(&caller);
    served.ask(&connected).await.expect("the old certificate");
    assert!(!served.current.refresh(), "nothing has changed");

    fs::write(server.path().join("tls.crt"), "half written").unwrap();
    assert!(!served.current.refresh() && !served.current.refresh());
    served.ask(&served.peer(&caller)).await.expect("the old certificate goes on counting");

    new.write(server.path(), "peer.test", 2300);
    assert!(served.current.refresh());
    assert!(served.current.until().is_some_and(|until| until.to_rfc3339().starts_with("2300")));
    served.ask(&connected).await.expect("a connection that is there stays");
    assert_eq!(reason(served.ask(&served.peer(&caller)).await), Reason::ServiceUnavailable, "not trusted yet");
    new.trust(client.path());
    assert!(caller.current().refresh());
    served.ask(&served.peer(&caller)).await.expect("the new certificate");
}

#[tokio::test]
async fn files_are_looked_at_while_the_process_runs_also_behind_a_link() {
    let dir = tempfile::tempdir().unwrap();
    let (one, two) = (dir.path().join("1"), dir.path().join("2"));
    for (place, year) in [(&one, 2200), (&two, 2300)] {
        fs::create_dir(place).unwrap();
        Authority::new().write(place, "peer.test", year);
    }
    // As Kubernetes does it.
    let link = dir.path().join("data");
    std::os::unix::fs::symlink(&one, &link).unwrap();
    let files = server_files(&link, false, false);
    let named = files.clone();
    let current = Current::open(files.all(), move || named.read()).unwrap();
    let before = current.until();
    let tasks = Tasks::new();
    current.watch(&tasks);
    std::os::unix::fs::symlink(&two, dir.path().join("next")).unwrap();
    fs::rename(dir.path().join("next"), &link).unwrap();
    for _ in 0..100 {
        if current.until() != before {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the new certificate was not seen");
}

#[test]
fn what_is_wrong_with_files_is_one_sentence_with_the_setting() {
    let dir = tempfile::tempdir().unwrap();
    let told = |files: &ServerFiles| files.read().err().map(|error| error.to_string()).unwrap_or_default();
    let files = server_files(dir.path(), true, false);
    assert!(told(&files).starts_with("grpc.tls.cert_file: "), "{}", told(&files));
    Authority::new().write(dir.path(), "peer.test", 2200);
    assert_eq!(told(&files), "");
    fs::write(dir.path().join("tls.key"), KeyPair::generate().unwrap().serialize_pem()).unwrap();
    assert!(told(&files).contains("do not belong together"), "{}", told(&files));
    fs::write(dir.path().join("tls.key"), "nothing").unwrap();
    assert!(told(&files).contains("grpc.tls.key_file") && told(&files).contains("private key"), "{}", told(&files));
    let half = ServerFiles { key_file: None, ..files.clone() };
    assert!(told(&half).contains("set both"), "{}", told(&half));
    let nobody = ServerFiles { require_client_certificate: true, ..ServerFiles::default() };
    assert!(nobody.check().is_err_and(|error| error.to_string().contains("grpc.tls.client_ca_file")));
    let name = ClientFiles { server_name: Some("no name".to_owned()), ..ClientFiles::default() };
    assert!(name.check().is_err_and(|error| error.to_string().contains("peers.tls.server_name")));
}

#[test]
fn an_https_address_needs_authorities() {
    let dir = tempfile::tempdir().unwrap();
    Keys::generate(dir.path(), Role::ALL).unwrap();
    let signer = Keys::load(dir.path(), Role::ALL).unwrap().signer(Clock::manual(start()).0);
    let refused = Channels::open([(Role::Identity, vec!["https://identity:9090".to_owned()])], signer).err();
    assert!(matches!(refused, Some(peer::Error::Unprotected { role: Role::Identity, .. })));
}

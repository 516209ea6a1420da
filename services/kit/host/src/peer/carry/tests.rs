//! Calls to processes that stop, refuse and vanish.

use super::super::{connect::Connect, replicas::Place, resolve::System};
use super::*;
use h2::server::SendResponse;
use proto::{Role, identity};
use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};
use tokio_util::task::AbortOnDropHandle;
use tonic::{Code, transport::Endpoint};

/// What a process does with each call.
#[derive(Clone, Copy, Debug)]
enum Does {
    Answer,
    /// It says that it has not looked at it.
    Refuse,
    /// It says that it takes no more calls, this one included.
    GoAway,
    /// It reads the call and dies.
    Vanish,
    /// It reads the call and says nothing.
    Dawdle,
}

struct Process {
    address: SocketAddr,
    calls: Arc<AtomicUsize>,
    _serving: AbortOnDropHandle<()>,
}

impl Process {
    async fn start(does: Does) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let calls = Arc::new(AtomicUsize::new(0));
        let count = calls.clone();
        let serving = crate::Tasks::new().spawn("server", async move {
            let mut connections = tokio::task::JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let count = count.clone();
                connections.spawn(async move { converse(stream, does, &count).await });
            }
        });
        Self { address, calls, _serving: AbortOnDropHandle::new(serving) }
    }

    fn calls(&self) -> usize {
        self.calls.load(SeqCst)
    }
}

async fn converse(stream: tokio::net::TcpStream, does: Does, count: &AtomicUsize) {
    if let Does::GoAway = does {
        return go_away(stream).await.unwrap_or_default();
    }
    let Ok(mut connection) = h2::server::handshake(stream).await else { return };
    let mut kept = vec![];
    while let Some(Ok((_, mut respond))) = connection.accept().await {
        count.fetch_add(1, SeqCst);
        match does {
            Does::Answer => answer(&mut respond),
            Does::Refuse => respond.send_reset(h2::Reason::REFUSED_STREAM),
            Does::Dawdle | Does::GoAway => kept.push(respond),
            Does::Vanish => return,
        }
    }
}

/// By hand: no library takes no call and keeps the connection open, so that it is heard.
async fn go_away(mut stream: tokio::net::TcpStream) -> std::io::Result<()> {
    const SETTINGS: [u8; 9] = [0, 0, 0, 4, 0, 0, 0, 0, 0];
    // The last call that it has looked at is none.
    const GO_AWAY: [u8; 17] = [0, 0, 8, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    stream.write_all(&SETTINGS).await?;
    let mut piece = [0; 4096];
    let mut is_told = false;
    loop {
        let heard = tokio::time::timeout(Duration::from_millis(100), stream.read(&mut piece)).await;
        match heard {
            Ok(Ok(0) | Err(_)) => return Ok(()),
            Ok(Ok(_)) => {}
            // The call has come by now.
            Err(_) if !is_told => {
                stream.write_all(&GO_AWAY).await?;
                is_told = true;
            }
            Err(_) => {}
        }
    }
}

fn answer(respond: &mut SendResponse<Bytes>) {
    let head = Response::builder().status(200).body(()).expect("a head");
    let mut body = respond.send_response(head, false).expect("sent");
    body.send_data(Bytes::from_static(b"answer"), true).expect("sent");
}

/// Both processes; the first gets the first call.
fn both(first: SocketAddr, second: SocketAddr) -> Replicas {
    let place =
        |at| Place::new(Endpoint::from_shared(format!("http://{at}/")).expect("an address"), Connect::new(None));
    let replicas = Replicas::new(Role::Identity, vec![place(first), place(second)], Arc::new(System));
    let (one, _) = replicas.pick(&[]);
    let (other, _) = replicas.pick(std::slice::from_ref(&one));
    let last = if one.address().contains(&first.to_string()) { other } else { one };
    last.want(false);
    replicas
}

async fn call(replicas: &Replicas, sent: Option<Sent>) -> Result<Bytes, Status> {
    let mut request =
        Request::post("/service/Method").body(Body::new(Full::new(Bytes::from_static(b"message")))).expect("a request");
    if let Some(sent) = sent {
        request.extensions_mut().insert(sent);
    }
    let answer = Carry::new(replicas.clone()).carry(request).await.map_err(Status::from_error)?;
    Ok(answer.into_body().collect().await?.to_bytes())
}

fn that_changes_something() -> Option<Sent> {
    Some(Sent { rpc: &identity::SIGN_UP, deadline: None })
}

fn that_changes_nothing() -> Option<Sent> {
    Some(Sent { rpc: &identity::RESOLVE_KEY, deadline: None })
}

#[tokio::test]
async fn what_was_not_begun_is_given_to_another() {
    const { assert!(!identity::SIGN_UP.no_side_effects && identity::RESOLVE_KEY.no_side_effects) };
    for does in [Does::Refuse, Does::GoAway] {
        let (first, second) = (Process::start(does).await, Process::start(Does::Answer).await);
        let replicas = both(first.address, second.address);
        let answer = call(&replicas, that_changes_something()).await;
        assert_eq!(answer.expect("an answer"), "answer", "{does:?}");
        assert_eq!(second.calls(), 1, "{does:?}");
    }
    let second = Process::start(Does::Answer).await;
    let replicas = both(([127, 0, 0, 1], 1).into(), second.address);
    assert_eq!(call(&replicas, that_changes_something()).await.expect("an answer"), "answer", "nobody listens there");
}

#[tokio::test]
async fn what_may_have_been_begun_is_made_again_only_if_it_changes_nothing() {
    let (first, second) = (Process::start(Does::Vanish).await, Process::start(Does::Answer).await);
    let replicas = both(first.address, second.address);
    let failed = call(&replicas, that_changes_something()).await.expect_err("it may have been done");
    assert_eq!((failed.code(), first.calls(), second.calls()), (Code::Unavailable, 1, 0));
    assert_eq!(call(&replicas, that_changes_nothing()).await.expect("an answer"), "answer");
    assert_eq!((first.calls(), second.calls()), (2, 1));
}

#[tokio::test]
async fn it_ends_after_two_more() {
    let (first, second) = (Process::start(Does::Refuse).await, Process::start(Does::Refuse).await);
    let replicas = both(first.address, second.address);
    let failed = call(&replicas, that_changes_nothing()).await.expect_err("nobody takes it");
    assert_eq!((failed.code(), first.calls() + second.calls()), (Code::Unavailable, 3));
}

#[tokio::test]
async fn nobody_is_asked_when_the_time_is_over() {
    let (first, second) = (Process::start(Does::Vanish).await, Process::start(Does::Answer).await);
    let replicas = both(first.address, second.address);
    let sent = Sent { rpc: &identity::RESOLVE_KEY, deadline: Some(Instant::now()) };
    let failed = call(&replicas, Some(sent)).await.expect_err("too late");
    assert_eq!((failed.code(), second.calls()), (Code::Unavailable, 0));
}

#[tokio::test]
async fn an_answer_that_does_not_come_is_waited_for() {
    let (first, second) = (Process::start(Does::Dawdle).await, Process::start(Does::Answer).await);
    let replicas = both(first.address, second.address);
    let waited = tokio::time::timeout(Duration::from_millis(300), call(&replicas, that_changes_nothing())).await;
    assert!(waited.is_err() && second.calls() == 0);
}

//! Opening a connection to exactly the address that was checked.

use crate::{Error, Guard, Purpose, Refused};
use futures::StreamExt as _;
use futures::future::BoxFuture;
use futures::stream::FuturesUnordered;
use http::Uri;
use hyper_util::rt::TokioIo;
use std::net::{IpAddr, SocketAddr};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::net::TcpStream;

/// How long one address may take before the next one is tried beside it (RFC 8305).
const STAGGER: Duration = Duration::from_millis(250);

/// How many addresses of one name are tried.
const MOST_ADDRESSES: usize = 16;

/// Resolves a name, drops the addresses that may not be called, and connects to one of the others. Name servers are
/// asked once per connection, so an answer that changes between check and use has no effect.
#[derive(Clone, Debug)]
pub(crate) struct Connector {
    guard: Guard,
    purpose: Purpose,
}

impl Connector {
    pub(crate) fn new(guard: Guard, purpose: Purpose) -> Self {
        Self { guard, purpose }
    }

    async fn connect(self, uri: Uri) -> Result<TokioIo<TcpStream>, Error> {
        let host = uri.host().ok_or(Refused::NoHost)?;
        let port = match (uri.port_u16(), uri.scheme_str()) {
            (Some(port), _) => port,
            (None, Some("https")) => 443,
            (None, _) => 80,
        };
        let found = resolve(host, port).await?;
        let stream = first_to_answer(self.permitted(found)?).await?;
        // Small writes are whole messages here; waiting to join them only adds latency.
        stream.set_nodelay(true).map_err(|_| Error::Connect)?;
        Ok(TokioIo::new(stream))
    }

    /// The addresses that may be called; if there is none, why.
    fn permitted(&self, found: Vec<SocketAddr>) -> Result<Vec<SocketAddr>, Error> {
        let mut refusal = None;
        let mut permitted = Vec::with_capacity(found.len());
        for address in found {
            match self.guard.check_address(address, self.purpose) {
                Ok(()) => permitted.push(address),
                Err(refused) => refusal = Some(refused),
            }
        }
        match refusal {
            Some(refused) if permitted.is_empty() => Err(refused.into()),
            _ if permitted.is_empty() => Err(Error::Resolve),
            _ => Ok(alternate(permitted)),
        }
    }
}

impl tower::Service<Uri> for Connector {
    type Response = TokioIo<TcpStream>;
    type Error = Error;
    type Future = BoxFuture<'static, Result<Self::Response, Error>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        Box::pin(self.clone().connect(uri))
    }
}

async fn resolve(host: &str, port: u16) -> Result<Vec<SocketAddr>, Error> {
    let literal = host.trim_start_matches('[').trim_end_matches(']');
    if let Ok(ip) = literal.parse::<IpAddr>() {
        return Ok(vec![SocketAddr::new(ip, port)]);
    }
    let found = tokio::net::lookup_host((host, port)).await.map_err(|_| Error::Resolve)?;
    Ok(found.take(MOST_ADDRESSES).collect())
}

/// The same addresses with the two families taking turns, the first one's family first.
fn alternate(addresses: Vec<SocketAddr>) -> Vec<SocketAddr> {
    let Some(first) = addresses.first().map(SocketAddr::is_ipv6) else { return addresses };
    let (mut ours, mut theirs): (Vec<_>, Vec<_>) = addresses.into_iter().partition(|a| a.is_ipv6() == first);
    let mut turns = Vec::with_capacity(ours.len() + theirs.len());
    ours.reverse();
    theirs.reverse();
    while !ours.is_empty() || !theirs.is_empty() {
        turns.extend(ours.pop());
        turns.extend(theirs.pop());
    }
    turns
}

/// Connects to whichever address answers first; a later one is tried when the earlier ones fail or hesitate.
async fn first_to_answer(addresses: Vec<SocketAddr>) -> Result<TcpStream, Error> {
    let mut waiting = addresses.into_iter();
    let mut attempts = FuturesUnordered::new();
    loop {
        match waiting.next() {
            Some(address) => attempts.push(TcpStream::connect(address)),
            None if attempts.is_empty() => return Err(Error::Connect),
            None => {}
        }
        tokio::select! {
            Some(outcome) = attempts.next() => if let Ok(stream) = outcome { return Ok(stream) },
            () = tokio::time::sleep(STAGGER), if waiting.len() > 0 => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Config;

    fn connector(loopback_ok: bool) -> Connector {
        Connector::new(Guard::new(&Config::default(), loopback_ok, vec![]), Purpose::Provider)
    }

    fn addresses(texts: &[&str]) -> Vec<SocketAddr> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn a_name_that_resolves_to_a_public_and_a_private_address_is_called_at_the_public_one_only() {
        let found = addresses(&["10.0.0.1:443", "1.1.1.1:443", "169.254.169.254:443"]);
        assert_eq!(connector(true).permitted(found), Ok(addresses(&["1.1.1.1:443"])));
    }

    #[test]
    fn a_name_that_resolves_to_nothing_we_may_call_is_refused() {
        let refused = connector(true).permitted(addresses(&["169.254.169.254:80"]));
        assert!(matches!(refused, Err(Error::Refused(Refused::Never(_)))), "{refused:?}");
        assert_eq!(connector(false).permitted(addresses(&["127.0.0.1:80"])), Err(Refused::Loopback.into()));
    }

    #[test]
    fn the_two_address_families_take_turns() {
        let found = addresses(&["[2606::1]:1", "[2606::2]:1", "1.1.1.1:1", "[2606::3]:1"]);
        let turns = addresses(&["[2606::1]:1", "1.1.1.1:1", "[2606::2]:1", "[2606::3]:1"]);
        assert_eq!(alternate(found), turns);
    }

    #[tokio::test]
    async fn the_second_address_is_used_when_the_first_refuses() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let open = listener.local_addr().unwrap();
        let stream = first_to_answer(vec![closed, open]).await.unwrap();
        assert_eq!(stream.peer_addr().unwrap(), open);
        assert_eq!(first_to_answer(vec![closed]).await.err(), Some(Error::Connect));
    }
}

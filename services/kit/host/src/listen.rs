//! Where does a listener listen?

use std::{
    io::ErrorKind,
    net::{SocketAddr, TcpListener as Blocking},
};
use tokio::net::TcpListener;

/// Why a port cannot be listened on.
#[derive(Debug, thiserror::Error)]
#[error("{setting} cannot listen on {address}: {problem}")]
pub struct Error {
    setting: &'static str,
    address: SocketAddr,
    problem: String,
}

/// Listens on `address`, the value of `setting`. Call it inside the runtime. Errors: one sentence that names both and
/// says what to do.
pub fn bind(setting: &'static str, address: SocketAddr) -> Result<TcpListener, Error> {
    let listener =
        Blocking::bind(address).and_then(|l| l.set_nonblocking(true).and_then(|()| TcpListener::from_std(l)));
    listener.map_err(|error| {
        let problem = match error.kind() {
            ErrorKind::AddrInUse => {
                format!("another program listens there. Stop it, or set {setting} to another port (0 picks a free one)")
            }
            ErrorKind::PermissionDenied => format!("the system does not allow it. Set {setting} to a port above 1023"),
            ErrorKind::AddrNotAvailable => {
                format!("this machine has no such address. Set {setting} to one that it has")
            }
            _ => error.to_string(),
        };
        Error { setting, address, problem }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_taken_port_is_one_sentence_with_port_and_setting() {
        let first = bind("edge.listen", ([127, 0, 0, 1], 0).into()).expect("a free port");
        let taken = first.local_addr().expect("an address");
        let error = bind("edge.listen", taken).expect_err("taken").to_string();
        assert!(error.contains("edge.listen") && error.contains(&taken.port().to_string()), "{error}");
        assert!(error.contains("another program"), "{error}");
    }
}

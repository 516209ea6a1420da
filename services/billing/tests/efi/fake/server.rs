//! HTTP over TLS, with and without a certificate of the client.

use super::{Answer, Fault, State, authority::Authority};
use bytes::Bytes;
use http::{Request, Response, header};
use http_body_util::{BodyExt as _, Full};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use rustls::{RootCertStore, ServerConfig, server::WebPkiClientVerifier};
use serde_json::Value;
use std::{
    io,
    net::SocketAddr,
    sync::{Arc, Mutex},
};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

pub(super) async fn start(state: Arc<Mutex<State>>, authority: &Authority, wants_certificate: bool) -> SocketAddr {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ServerConfig::builder_with_provider(provider.clone()).with_safe_default_protocol_versions().unwrap();
    let builder = if wants_certificate {
        let mut roots = RootCertStore::empty();
        roots.add(authority.certificate()).unwrap();
        let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build().unwrap();
        builder.with_client_cert_verifier(verifier)
    } else {
        builder.with_no_client_auth()
    };
    let (certificate, key) = authority.pair();
    let config = builder.with_single_cert(vec![certificate.der().clone()], key.into()).unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (acceptor, state) = (acceptor.clone(), state.clone());
            spawn(async move {
                let Ok(stream) = acceptor.accept(stream).await else { return };
                let service = service_fn(move |request| serve(state.clone(), request));
                // That a client goes away is no failure.
                let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
            });
        }
    });
    address
}

#[expect(clippy::disallowed_methods, reason = "ends with the test's runtime")]
fn spawn(work: impl Future<Output = ()> + Send + 'static) {
    tokio::spawn(work);
}

async fn serve(state: Arc<Mutex<State>>, request: Request<Incoming>) -> io::Result<Response<Full<Bytes>>> {
    let (parts, body) = request.into_parts();
    let body = body.collect().await.map_err(io::Error::other)?.to_bytes();
    let body = if body.is_empty() { Value::Null } else { serde_json::from_slice(&body)? };
    let (method, path) = (parts.method.as_str(), parts.uri.path());
    let authorization = parts.headers.get(header::AUTHORIZATION).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let target = format!("{method} {}", parts.uri);
    let (fault, answer) = {
        let mut state = state.lock().unwrap();
        state.asked.push(target.clone());
        let at = state.faults.iter().position(|(prefix, _)| target.starts_with(prefix));
        let fault = at.map(|at| state.faults.remove(at).1);
        let answer = match &fault {
            Some(Fault::Says(status, body)) => (http::StatusCode::from_u16(*status).unwrap(), body.clone()),
            _ => state.answer(method, path, parts.uri.query().unwrap_or_default(), authorization, &body),
        };
        (fault, answer)
    };
    match fault {
        Some(Fault::Lost) => Err(io::Error::other("lost")),
        Some(Fault::Silent) => std::future::pending().await,
        Some(Fault::Says(..)) | None => Ok(response(answer)),
    }
}

fn response((status, body): Answer) -> Response<Full<Bytes>> {
    let body = Full::new(Bytes::from(body.to_string()));
    Response::builder().status(status).header(header::CONTENT_TYPE, "application/json").body(body).unwrap()
}

//! The yardstick: a bare nginx reverse proxy with one worker and kept-alive connections to the provider.

use crate::subject::Subject;
use anyhow::Context as _;
use std::{
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};
use tokio::net::TcpStream;

/// How long its end may take.
const END: Duration = Duration::from_secs(5);

/// A running nginx: a master, and its worker. Both end when it is dropped.
pub struct Nginx(Child);

/// Starts it on `core` in front of the provider.
pub async fn start(core: &str, provider: u16) -> anyhow::Result<Subject> {
    let dir = tempfile::Builder::new().prefix("perpetuo-bench-nginx-").tempdir()?;
    let port = tests::free_port()?;
    let root = dir.path().display();
    let config = format!(
        "worker_processes 1; daemon off; pid {root}/pid; error_log {root}/error.log crit; user root;
         events {{ worker_connections 4096; }}
         http {{
           access_log off; keepalive_requests 100000000; client_body_temp_path {root}/body; proxy_temp_path {root}/proxy;
           fastcgi_temp_path {root}/f; uwsgi_temp_path {root}/u; scgi_temp_path {root}/s;
           upstream provider {{ server 127.0.0.1:{provider}; keepalive 128; keepalive_requests 100000000; }}
           server {{
             listen 127.0.0.1:{port};
             location / {{ proxy_pass http://provider; proxy_http_version 1.1; proxy_set_header Connection \"\"; proxy_buffering off; }}
           }}
         }}"
    );
    let file = dir.path().join("nginx.conf");
    std::fs::write(&file, config)?;
    let nginx = Command::new("taskset")
        .args(["-c", core, "nginx", "-c"])
        .arg(&file)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map(Nginx)
        .context("nginx: run tests/install bench")?;
    tests::within(Duration::from_secs(5), async || Ok(TcpStream::connect(("127.0.0.1", port)).await.map(drop)?))
        .await?;
    let master = nginx.0.id();
    let children = std::fs::read_to_string(format!("/proc/{master}/task/{master}/children"))?;
    let worker = children.split_whitespace().next().context("nginx has no worker")?.parse()?;
    Ok(Subject::nginx(port, worker, nginx, dir))
}

impl Drop for Nginx {
    /// Asks the master, because a worker outlives a master that is killed. Nothing is left that could be told of errors.
    fn drop(&mut self) {
        let asked = Command::new("kill").args(["-TERM", &self.0.id().to_string()]).status();
        let since = Instant::now();
        while asked.as_ref().is_ok_and(std::process::ExitStatus::success) && since.elapsed() < END {
            if matches!(self.0.try_wait(), Ok(Some(_)) | Err(_)) {
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        drop(self.0.kill().and_then(|()| self.0.wait()));
    }
}

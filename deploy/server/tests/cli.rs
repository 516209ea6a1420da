//! The binary as a person uses it: one process, its own directory, free ports.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(30);

fn perpetuo(dir: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_perpetuo"));
    command.current_dir(dir).env_clear().env("HOME", dir).stdin(Stdio::null());
    command.env("PERPETUO__GRPC__LISTEN", "127.0.0.1:0").env("PERPETUO__OPS__LISTEN", "127.0.0.1:0");
    command
}

fn run(command: &mut Command) -> (bool, String, String) {
    let Output { status, stdout, stderr } = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (status.success(), text(stdout), text(stderr))
}

/// A process that serves, killed when the test ends.
struct Serving {
    child: Child,
    address: String,
}

impl Serving {
    fn start(dir: &Path) -> Self {
        Self::start_with(dir, &[])
    }

    fn start_with(dir: &Path, environment: &[(&str, &str)]) -> Self {
        let mut command = perpetuo(dir);
        command.envs(environment.iter().copied());
        command.args(["serve", "--listen", "127.0.0.1:0"]).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let line = lines.into_iter().find(|line| line.contains("/auth/signup")).expect("the next command");
        let address = line.split("http://").nth(1).unwrap().split('/').next().unwrap().to_owned();
        Self { child, address }
    }

    fn post(&self, path: &str, token: &str, body: &str) -> (u16, String) {
        self.send("POST", path, token, body)
    }

    fn send(&self, method: &str, path: &str, token: &str, body: &str) -> (u16, String) {
        self.send_and(method, path, token, body, || {})
    }

    /// Does something when the first event of the answer has arrived.
    fn send_and(
        &self,
        method: &str,
        path: &str,
        token: &str,
        body: &str,
        at_first_event: impl FnOnce(),
    ) -> (u16, String) {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\nauthorization: Bearer {token}\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        )
        .unwrap();
        let (mut answer, mut piece, mut at_first_event) = (Vec::new(), [0; 4096], Some(at_first_event));
        // An answer that is cut off counts as far as it came.
        while let Ok(length @ 1..) = stream.read(&mut piece) {
            answer.extend_from_slice(&piece[..length]);
            if answer.windows(6).any(|window| window == b"data: ")
                && let Some(act) = at_first_event.take()
            {
                act();
            }
        }
        let answer = String::from_utf8(answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
    }

    fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-s", name, &id]).status().unwrap().success());
    }

    /// The exit code; `None` after a signal.
    fn wait(&mut self) -> Option<i32> {
        let started = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code();
            }
            assert!(started.elapsed() < PATIENCE, "the process does not end");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn field(json: &str, path: &str) -> String {
    let value: serde_json::Value = serde_json::from_str(json).unwrap_or_else(|error| panic!("{error}: {json}"));
    value.pointer(path).and_then(|v| v.as_str()).unwrap_or_else(|| panic!("no {path} in {json}")).to_owned()
}

const SIGN_UP: &str = r#"{"email":"ada@example.com","password":"correct horse battery","name":"Ada"}"#;

#[test]
fn one_command_serves_sign_up_and_a_chat_and_sigterm_ends_it_with_success() {
    let dir = tempfile::tempdir().unwrap();
    let mut serving = Serving::start(dir.path());
    let (status, account) = serving.post("/auth/signup", "", SIGN_UP);
    assert_eq!(status, 201, "{account}");
    let (token, workspace) = (field(&account, "/access_token"), field(&account, "/workspace/id"));
    let (status, key) = serving.post(&format!("/workspaces/{workspace}/api-keys"), &token, r#"{"name":"first"}"#);
    assert_eq!(status, 201, "{key}");
    let chat = r#"{"model":"simulator/chat","messages":[{"role":"user","content":"hello"}]}"#;
    let (status, answer) = serving.post("/v1/chat/completions", &field(&key, "/key"), chat);
    assert_eq!(status, 200, "{answer}");
    assert!(!field(&answer, "/choices/0/message/content").is_empty());
    serving.signal("TERM");
    assert_eq!(serving.wait(), Some(0));

    // What was written is there after a restart.
    let mut again = Serving::start(dir.path());
    let (status, taken) = again.post("/auth/signup", "", SIGN_UP);
    assert_eq!(status, 409, "{taken}");
    again.signal("INT");
    assert_eq!(again.wait(), Some(0));
}

#[test]
fn usage_of_all_workspaces_is_summed_up_on_the_host() {
    let dir = tempfile::tempdir().unwrap();
    let mut serving = Serving::start(dir.path());
    let (_, account) = serving.post("/auth/signup", "", SIGN_UP);
    let (token, workspace) = (field(&account, "/access_token"), field(&account, "/workspace/id"));
    let (_, key) = serving.post(&format!("/workspaces/{workspace}/api-keys"), &token, r#"{"name":"first"}"#);
    let chat = r#"{"model":"simulator/chat","messages":[{"role":"user","content":"hello"}]}"#;
    assert_eq!(serving.post("/v1/chat/completions", &field(&key, "/key"), chat).0, 200);
    serving.signal("TERM");
    assert_eq!(serving.wait(), Some(0));
    for (by, value) in [("workspace", workspace.as_str()), ("plan", "free"), ("provider", "simulator"), ("day", "20")] {
        let (ok, json, told) = run(perpetuo(dir.path()).args(["usage", "summary", "--json", "--by", by]));
        assert!(ok, "{told}");
        assert!(field(&json, "/data/0/value").starts_with(value), "{json}");
        let requests = serde_json::from_str::<serde_json::Value>(&json).unwrap()["data"][0]["requests"].clone();
        assert_eq!(requests, 1, "{json}");
    }
    let (ok, lines, _) =
        run(perpetuo(dir.path()).args(["usage", "summary", "--from", "2020-01-01", "--to", "2020-02-01"]));
    assert!(ok && lines.contains("Nothing was used."), "{lines}");
    let (ok, told, _) = run(perpetuo(dir.path()).args(["usage", "reconcile"]));
    assert!(ok, "{told}");
    let other = "provider,model,day,input_tokens,output_tokens,requests\nopenai,gpt-5,2026-01-31,400,56,8\n";
    std::fs::write(dir.path().join("theirs.csv"), other).unwrap();
    let theirs =
        ["usage", "reconcile", "--provider-export", "theirs.csv", "--from", "2026-01-01", "--to", "2026-01-31"];
    let (ok, told, _) = run(perpetuo(dir.path()).args(theirs));
    assert!(!ok && told.contains("openai/gpt-5") && told.contains("3 differences"), "{told}");
    let (ok, told, _) = run(perpetuo(dir.path()).args(["usage", "re-rate", "--dry-run"]));
    assert!(ok && told.contains("0 of 1 attempts would cost something else now"), "{told}");
    let (ok, _, told) = run(perpetuo(dir.path()).args(["usage", "summary", "--from", "yesterday"]));
    assert!(!ok && told.contains("2026-01-31"), "{told}");
}

#[test]
fn commands_on_records_that_are_not_there_say_so_and_leave_nothing_behind() {
    let dir = tempfile::tempdir().unwrap();
    for command in [
        &["usage", "summary"][..],
        &["usage", "reconcile"],
        &["usage", "rebuild-rollups"],
        &["usage", "rebuild-counters"],
        &["usage", "re-rate"],
        &["admin", "list"],
        &["admin", "audit"],
        &["admin", "grant", "ada@example.com"],
        &["admin", "revoke", "ada@example.com"],
    ] {
        // A Redis that nobody asks: what is missing is found before.
        let (ok, _, told) = run(perpetuo(dir.path()).env("REDIS_URL", "redis://127.0.0.1:1").args(command));
        assert!(!ok && told.contains("start perpetuo once"), "{command:?}: {told}");
        let left: Vec<_> = std::fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
        assert!(left.is_empty(), "{command:?} left {left:?}");
    }
    let serving = Serving::start(dir.path());
    assert_eq!(serving.post("/auth/signup", "", SIGN_UP).0, 201);
}

#[test]
fn plans_are_changed_field_by_field_and_the_commands_show_which_are_in_force() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(
        dir.path().join("p.yaml"),
        "usage:\n  plans:\n    free: { quotas: { executions: { month: 20 } } }\n    basic: null\n    gold: { inherits: pro }\n",
    )
    .unwrap();
    let (ok, told, error) = run(perpetuo(dir.path()).args(["config", "--config", "p.yaml"]));
    assert!(ok, "{error}");
    let line = |path: &str| told.lines().find(|line| line.starts_with(path)).unwrap_or_default();
    assert!(line("usage.plans.free.quotas.executions.month").contains("20 "), "{told}");
    assert!(line("usage.plans.free.executions.rpm").contains("60 "), "what is not given stays: {told}");
    assert!(line("usage.plans.gold.inherits").contains("pro") && line("usage.plans.basic").is_empty(), "{told}");
    let (_, told, _) = run(perpetuo(dir.path()).args(["doctor", "--config", "p.yaml"]));
    assert!(told.contains("enterprise, free, gold, pro; new workspaces have free"), "{told}");
    std::fs::write(dir.path().join("p.yaml"), "usage:\n  plans:\n    free: null\n").unwrap();
    let (ok, told, _) = run(perpetuo(dir.path()).args(["doctor", "--config", "p.yaml"]));
    assert!(!ok && told.contains("a plan inherits from free, and there is none"), "{told}");
}

#[test]
fn a_stream_that_runs_when_sigterm_comes_is_finished() {
    let dir = tempfile::tempdir().unwrap();
    let mut serving = Serving::start(dir.path());
    let (_, account) = serving.post("/auth/signup", "", SIGN_UP);
    let (token, workspace) = (field(&account, "/access_token"), field(&account, "/workspace/id"));
    let (_, key) = serving.post(&format!("/workspaces/{workspace}/api-keys"), &token, r#"{"name":"first"}"#);
    let chat = r#"{"model":"simulator/chat","stream":true,"messages":[{"role":"user","content":"count"}],
                   "simulator":{"tokens":20,"chunk_delay_ms":50}}"#;
    let key = field(&key, "/key");
    let terminate = || serving.signal("TERM");
    let answer = serving.send_and("POST", "/v1/chat/completions", &key, chat, terminate);
    assert_eq!(answer.0, 200);
    assert!(answer.1.contains("data: [DONE]"), "{}", answer.1);
    assert_eq!(serving.wait(), Some(0));
}

#[test]
fn a_stream_that_outlasts_the_grace_is_cut_and_metered() {
    let dir = tempfile::tempdir().unwrap();
    let mut serving = Serving::start_with(dir.path(), &[("PERPETUO__SHUTDOWN__GRACE_SECONDS", "1")]);
    let (_, account) = serving.post("/auth/signup", "", SIGN_UP);
    let (token, workspace) = (field(&account, "/access_token"), field(&account, "/workspace/id"));
    let (_, key) = serving.post(&format!("/workspaces/{workspace}/api-keys"), &token, r#"{"name":"first"}"#);
    let chat = r#"{"model":"simulator/chat","stream":true,"messages":[{"role":"user","content":"count"}],
                   "simulator":{"tokens":1000,"chunk_delay_ms":100}}"#;
    let key = field(&key, "/key");
    let terminate = || serving.signal("TERM");
    let answer = serving.send_and("POST", "/v1/chat/completions", &key, chat, terminate);
    assert!(answer.1.contains("data: ") && !answer.1.contains("[DONE]"), "{}", answer.1);
    assert_eq!(serving.wait(), Some(0));

    let again = Serving::start(dir.path());
    let (status, logs) = again.send("GET", &format!("/workspaces/{workspace}/logs"), &token, "");
    assert_eq!(status, 200, "{logs}");
    assert_eq!(field(&logs, "/data/0/outcome"), "client_gone", "{logs}");
}

#[test]
fn a_probe_tells_a_process_that_is_ready_from_one_that_is_gone() {
    let dir = tempfile::tempdir().unwrap();
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let ops = ("PERPETUO__OPS__LISTEN", format!("127.0.0.1:{port}"));
    let serving = Serving::start_with(dir.path(), &[(ops.0, &ops.1)]);
    let (ok, report, _) = run(perpetuo(dir.path()).env(ops.0, &ops.1).arg("probe"));
    assert!(ok && report.contains(r#""ready":true"#), "{report}");
    drop(serving);
    let (ok, report, told) = run(perpetuo(dir.path()).env(ops.0, &ops.1).arg("probe"));
    assert!(!ok && report.is_empty() && told.contains("nobody answers at"), "{told}");
}

#[test]
fn migrating_before_the_first_start_makes_the_key_too() {
    let dir = tempfile::tempdir().unwrap();
    let (ok, _, told) = run(perpetuo(dir.path()).arg("migrate"));
    assert!(ok && told.contains("identity: applying"), "{told}");
    let (ok, _, told) = run(perpetuo(dir.path()).arg("migrate"));
    assert!(ok && told.contains("identity: up to date"), "{told}");
    let serving = Serving::start(dir.path());
    assert_eq!(serving.post("/auth/signup", "", SIGN_UP).0, 201);
}

#[test]
fn a_second_process_on_the_same_data_and_a_taken_port_are_refused_in_one_sentence() {
    let dir = tempfile::tempdir().unwrap();
    let serving = Serving::start(dir.path());
    let (ok, _, error) = run(perpetuo(dir.path()).args(["serve", "--listen", "127.0.0.1:0"]));
    assert!(!ok && error.contains("--data-dir"), "{error}");
    let other = tempfile::tempdir().unwrap();
    let (ok, _, error) = run(perpetuo(other.path()).args(["serve", "--listen", &serving.address]));
    assert!(!ok && error.contains(&serving.address) && error.contains("--listen"), "{error}");
    assert_eq!(error.lines().filter(|line| line.starts_with("error: ")).count(), 1, "{error}");
}

#[test]
fn data_whose_master_key_is_gone_or_another_is_not_touched() {
    let dir = tempfile::tempdir().unwrap();
    let mut serving = Serving::start(dir.path());
    assert_eq!(serving.post("/auth/signup", "", SIGN_UP).0, 201);
    serving.signal("TERM");
    serving.wait();
    let (key, away) = (dir.path().join("data/keys/master.key"), dir.path().join("away.key"));
    std::fs::rename(&key, &away).unwrap();
    let serve = || run(perpetuo(dir.path()).args(["serve", "--listen", "127.0.0.1:0"]));
    let (ok, _, error) = serve();
    assert!(!ok && error.contains("master key") && !key.exists(), "{error}");
    std::fs::write(&key, "00".repeat(32)).unwrap();
    let (ok, _, error) = serve();
    assert!(!ok && error.contains("does not open"), "{error}");
    let (ok, told, _) = run(perpetuo(dir.path()).arg("doctor"));
    assert!(!ok && told.contains("FAIL") && told.contains("master key"), "{told}");
    std::fs::rename(&away, &key).unwrap();
    let (ok, told, _) = run(perpetuo(dir.path()).arg("doctor"));
    assert!(ok, "{told}");
}

#[test]
fn doctor_tells_a_healthy_fresh_machine_from_one_with_a_taken_port() {
    let dir = tempfile::tempdir().unwrap();
    let holder = TcpListener::bind("127.0.0.1:0").unwrap();
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let doctor = |listen: String| run(perpetuo(dir.path()).arg("doctor").env("PERPETUO__EDGE__LISTEN", listen));
    let (ok, told, _) = doctor(free.to_string());
    assert!(ok && told.contains("Everything is in order"), "{told}");
    let (ok, told, _) = doctor(holder.local_addr().unwrap().to_string());
    assert!(!ok && told.contains("FAIL") && told.contains("edge.listen"), "{told}");
    assert!(!dir.path().join("data").exists(), "looking must change nothing");
}

#[test]
fn separate_roles_without_postgresql_or_keys_are_told_what_to_do() {
    let dir = tempfile::tempdir().unwrap();
    let (ok, _, error) = run(perpetuo(dir.path()).args(["serve", "--role", "identity"]));
    assert!(!ok && error.contains("PostgreSQL") && error.contains("DATABASE_URL"), "{error}");
    let mut command = perpetuo(dir.path());
    command.args(["serve", "--listen", "127.0.0.1:0"]).env("DATABASE_URL", "postgres://127.0.0.1:1/none");
    let (ok, _, error) = run(&mut command);
    assert!(!ok && error.contains("perpetuo keys generate"), "{error}");
}

#[test]
fn config_shows_sources_and_hides_secrets() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("p.yaml"), "shutdown:\n  grace_seconds: 7\n").unwrap();
    let mut command = perpetuo(dir.path());
    command.args(["config", "--config", "p.yaml", "--data-dir", "elsewhere"]);
    let (ok, told, _) = run(command.env("DATABASE_URL", "postgres://me:hunter2@db.internal/x"));
    assert!(ok && !told.contains("hunter2"), "{told}");
    let line =
        |path: &str| told.lines().find(|line| line.starts_with(path)).unwrap_or_else(|| panic!("{path}: {told}"));
    assert!(line("shutdown.grace_seconds").contains("p.yaml"));
    assert!(line("data_dir").contains("--data-dir"));
    assert!(line("database.url").contains("DATABASE_URL"));
    assert!(line("ops.listen").contains("PERPETUO__OPS__LISTEN"));

    let (ok, _, error) = run(perpetuo(dir.path()).arg("config").env("PERPETUO__SHUTDOWN__GRACE_SECOND", "1"));
    assert!(!ok && error.contains("shutdown.grace_seconds"), "{error}");
}

#[test]
fn the_api_description_and_completions_are_printed() {
    let dir = tempfile::tempdir().unwrap();
    let (ok, description, _) = run(perpetuo(dir.path()).arg("openapi"));
    assert!(ok && field(&description, "/openapi").starts_with("3.1"), "{description}");
    let (ok, script, _) = run(perpetuo(dir.path()).args(["completions", "bash"]));
    assert!(ok && script.contains("perpetuo"), "{script}");
}

#[test]
fn help_explains_itself_with_examples() {
    let dir = tempfile::tempdir().unwrap();
    let (ok, help, _) = run(perpetuo(dir.path()).arg("--help"));
    assert!(ok && help.contains("Examples:") && help.contains("perpetuo serve"), "{help}");
    let (ok, help, _) = run(perpetuo(dir.path()).args(["serve", "--help"]));
    assert!(ok && help.contains("--role") && help.contains("DATABASE_URL"), "{help}");
}

#[test]
fn the_first_operator_is_named_on_the_host() {
    let dir = tempfile::tempdir().unwrap();
    let admin = |args: &[&str]| run(perpetuo(dir.path()).env("USER", "root").arg("admin").args(args));
    let (done, _, error) = admin(&["list"]);
    assert!(!done && error.contains("start perpetuo once"), "{error}");
    let serving = Serving::start(dir.path());
    let (_, account) = serving.post("/auth/signup", "", SIGN_UP);
    let users = |token: &str| serving.send("GET", "/admin/users", token, "");
    assert_eq!(users(&field(&account, "/access_token")).0, 403, "the first to sign up is nobody special");

    assert!(admin(&["list"]).1.contains("Nobody operates the platform"));
    let (done, said, error) = admin(&["grant", "Ada@example.com", "--role", "developer"]);
    assert!(done && said.contains("is developer of the platform"), "{said}{error}");
    let refresh = format!(r#"{{"refresh_token":"{}"}}"#, field(&account, "/refresh_token"));
    let (_, session) = serving.post("/auth/refresh", "", &refresh);
    let (status, listed) = users(&field(&session, "/access_token"));
    assert_eq!((status, field(&listed, "/data/0/platform_role").as_str()), (200, "developer"), "{listed}");
    let (_, listed, _) = admin(&["list", "--json"]);
    assert_eq!(field(&listed, "/data/0/email"), "ada@example.com");
    assert_eq!(field(&listed, "/data/0/granted_by"), "operator:root@host");

    let (done, _, error) = admin(&["revoke", "ada@example.com", "--role", "admin"]);
    assert!(!done && error.contains("developer"), "{error}");
    assert!(admin(&["revoke", "ada@example.com"]).0);
    let revoked = Instant::now();
    while users(&field(&session, "/access_token")).0 == 200 {
        assert!(revoked.elapsed() < PATIENCE, "the role does not end");
        std::thread::sleep(Duration::from_millis(50));
    }
    let (_, trail, _) = admin(&["audit", "--json"]);
    assert_eq!(field(&trail, "/data/0/action"), "user.platform_role_revoked");
    let (done, _, error) = admin(&["grant", "nobody@example.com"]);
    assert!(!done && error.contains("signs up first"), "{error}");
}

//! Every combination of options, as Envoy judges it (`--mode validate`).

use crate::{
    cases,
    front::{EFI_HOST, binary},
    pki::Authority,
};
use anyhow::{Context as _, ensure};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use std::{collections::HashSet, path::Path, process::Stdio};
use tests::Process;
use tokio::process::Command;

cases! {
    own: every_combination_is_valid, what_is_printed_is_valid, what_does_not_go_together_is_refused;
}

/// What can be switched on independently of everything else: each combination of them is tried.
const SWITCHES: [&[&str]; 7] = [
    &["jwt=true"],
    &["rate.total=500/s"],
    &["rate.address=60/m"],
    &["rate.service=ratelimit.internal:8081", "rate.fail_closed=true"],
    &["traces=127.0.0.1:4317"],
    &["edge=edge.internal:8080,10.0.0.7:8080", "retry.unsent=true", "trusted_hops=1", "memory_mb=512"],
    &["reload=true"],
];
/// What has several forms. Each is seen with each other and with each switch.
const TLS: [&[&str]; 5] = [
    &[],
    &["tls.certificate={tls}/tls.crt", "tls.key={tls}/tls.key", "http3=false"],
    &["tls.certificate={tls}/tls.crt", "tls.key={tls}/tls.key", "public_port=443", "plain=127.0.0.1:8000"],
    &["tls.certificate={tls}/tls.crt", "tls.key={tls}/tls.key", "efi.ca={ca}", "efi.host={efi}"],
    &["tls.certificate={tls}/tls.crt", "tls.key={tls}/tls.key", "efi.ca={ca}", "efi.listen=0.0.0.0:8444"],
];
const GRPC: [&[&str]; 3] = [&[], &["grpc.json=true"], &["grpc=off", "access_log=off", "admin=off"]];
const UPSTREAM: [&str; 3] = ["", "peers.yaml", "secure.yaml"];
const ROLES: [&str; 3] = ["all", "edge", "edge,identity,gateway"];

struct Combination {
    index: usize,
    choices: [usize; 4],
    set: Vec<String>,
}

fn combinations(dir: &Path) -> Vec<Combination> {
    let (tls, ca) = (dir.join("tls").display().to_string(), dir.join("ca.pem").display().to_string());
    let filled = |text: &str| text.replace("{tls}", &tls).replace("{ca}", &ca).replace("{efi}", EFI_HOST);
    let all = 0..1usize << SWITCHES.len();
    all.map(|index| {
        // Spread so that no form belongs to a switch.
        let mixed = index.wrapping_mul(0x9E37_79B9) >> 7;
        let choices = [mixed % 5, (mixed / 5) % 3, (mixed / 15) % 3, (mixed / 45) % 3];
        let on = SWITCHES.iter().enumerate().filter(|(bit, _)| index >> bit & 1 == 1).flat_map(|(_, set)| *set);
        let mut set: Vec<String> =
            TLS[choices[0]].iter().chain(GRPC[choices[1]]).chain(on).map(|text| filled(text)).collect();
        if UPSTREAM[choices[2]] == "secure.yaml" {
            set.extend(
                ["upstream.ca={ca}", "upstream.certificate={tls}/tls.crt", "upstream.key={tls}/tls.key"].map(filled),
            );
        }
        Combination { index, choices, set }
    })
    .collect()
}

async fn every_combination_is_valid() -> anyhow::Result<()> {
    let dir = world()?;
    let all = combinations(dir.path());
    every_pair_is_seen(&all)?;
    let (dir, count) = (dir.path(), all.len());
    let judged = stream::iter(all).map(|combination| judge(dir, combination)).buffer_unordered(3);
    let done: Vec<()> = judged.try_collect().await?;
    ensure!(done.len() == count && count == 128, "{}", done.len());
    Ok(())
}

/// The forms beside the full product of the switches: each form together with each other form, and with each switch on and off.
fn every_pair_is_seen(all: &[Combination]) -> anyhow::Result<()> {
    let forms = [TLS.len(), GRPC.len(), UPSTREAM.len(), ROLES.len()];
    let mut seen = HashSet::new();
    for combination in all {
        for (a, x) in combination.choices.iter().enumerate() {
            seen.extend(combination.choices.iter().enumerate().skip(a + 1).map(|(b, y)| (a, *x, b, *y)));
            seen.extend((0..SWITCHES.len()).map(|bit| (a, *x, 10 + bit, combination.index >> bit & 1)));
        }
    }
    for (a, x) in forms.iter().enumerate().flat_map(|(a, count)| (0..*count).map(move |x| (a, x))) {
        let others = forms.iter().enumerate().skip(a + 1).flat_map(|(b, count)| (0..*count).map(move |y| (b, y)));
        let switches = (0..SWITCHES.len()).flat_map(|bit| [(10 + bit, 0), (10 + bit, 1)]);
        for (b, y) in others.chain(switches) {
            ensure!(seen.contains(&(a, x, b, y)), "form {x} of {a} is never seen with {y} of {b}");
        }
    }
    Ok(())
}

async fn judge(dir: &Path, combination: Combination) -> anyhow::Result<()> {
    let out = format!("envoy-{}.yaml", combination.index);
    let mut args = vec!["envoy-config", "--out", &out, "--role", ROLES[combination.choices[3]]];
    let upstream = UPSTREAM[combination.choices[2]];
    if !upstream.is_empty() {
        args.extend(["--config", upstream]);
    }
    args.extend(combination.set.iter().flat_map(|set| ["--set", set.as_str()]));
    let (status, output) = Process::run(dir, &args, &[]).await?;
    ensure!(status.success(), "{args:?}: {output}");
    validate(dir, &out).await.with_context(|| format!("{args:?}"))
}

/// Fails with what Envoy says, warnings such as of deprecated fields included.
async fn validate(dir: &Path, file: &str) -> anyhow::Result<()> {
    let output = Command::new(binary()?)
        .args(["--mode", "validate", "--disable-hot-restart", "--log-level", "warning", "-c", file])
        .current_dir(dir)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await?;
    let said = String::from_utf8_lossy(&output.stderr);
    let said: String = said.chars().take(2000).collect();
    ensure!(output.status.success() && !said.contains("[warning]"), "{said}");
    Ok(())
}

async fn what_is_printed_is_valid() -> anyhow::Result<()> {
    let dir = world()?;
    let (status, printed) = Process::run(dir.path(), &["envoy-config"], &[]).await?;
    ensure!(status.success() && printed.starts_with("# Written by"), "{printed}");
    std::fs::write(dir.path().join("printed.yaml"), printed)?;
    validate(dir.path(), "printed.yaml").await?;
    let sets = ["--set", "tls.certificate=tls/tls.crt", "--set", "tls.key=tls/tls.key"];
    let (_, printed) = Process::run(dir.path(), &[&["envoy-config"][..], &sets].concat(), &[]).await?;
    std::fs::write(dir.path().join("tls.yaml"), printed)?;
    validate(dir.path(), "tls.yaml").await
}

async fn what_does_not_go_together_is_refused() -> anyhow::Result<()> {
    let dir = world()?;
    for (args, expected) in [
        (&["--set", "tls.cert=x"][..], "tls.certificate"),
        (&["--set", "tls.certificate=x"], "tls.key"),
        (&["--set", "plain=0.0.0.0:80"], "plain.anywhere"),
        (&["--set", "grpc=0.0.0.0:9000"], "without TLS"),
        (&["--set", "admin=0.0.0.0:9901"], "loopback"),
        (&["--set", "plain=127.0.0.1:9000"], "port 9000"),
        (&["--set", "efi.ca=x"], "efi.host"),
        (&["--set", "reload=true"], "--out"),
        (&["--config", "secure.yaml"], "upstream.ca"),
        (&["--watch"], "--out"),
        (&["--out", "a.yaml", "--watch"], "--config"),
        (&["--out", "nowhere/a.yaml"], "nowhere"),
        (&["--role", "proxy"], "unknown role"),
    ] {
        let (status, said) = Process::run(dir.path(), &[&["envoy-config"][..], args].concat(), &[]).await?;
        ensure!(!status.success() && said.contains(expected), "{args:?}: {said}");
    }
    Ok(())
}

/// A folder with certificates and settings.
fn world() -> anyhow::Result<tempfile::TempDir> {
    let dir = tempfile::tempdir()?;
    Authority::new(dir.path(), "ca")?.install(&dir.path().join("tls"), &["localhost"])?;
    let peers = |scheme: &str| {
        let roles = ["identity", "workspace", "usage_metering", "billing", "agent_engine"];
        let each = roles.map(|role| format!("  {role}: {scheme}://{}.internal:9090\n", role.replace('_', "-")));
        format!(
            "edge:\n  public_url: https://api.example.com\npeers:\n{}  gateway: [{scheme}://10.0.0.5:9090, {scheme}://10.0.0.6:9090]\n",
            each.concat()
        )
    };
    std::fs::write(dir.path().join("peers.yaml"), peers("http"))?;
    std::fs::write(dir.path().join("secure.yaml"), peers("https"))?;
    Ok(dir)
}

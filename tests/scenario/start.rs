//! Starting: one clear sentence for each thing that can be in the way.

use crate::scenarios;
use anyhow::ensure;
use proto::Role;
use std::{net::TcpListener, time::Duration};
use tests::{Cluster, Process, cluster::Options, free_port, server};

scenarios! {
    once: a_taken_port_is_named, a_second_process_on_the_same_data_is_refused, a_missing_master_key_is_never_replaced,
        a_typo_in_the_configuration_is_named, roles_as_processes_need_postgres, who_may_not_migrate_waits_until_it_is_done, help_is_for_newcomers,
        keys_under_the_data_directory_are_private, the_address_and_the_next_command_are_printed;
}

fn env() -> anyhow::Result<Vec<(&'static str, String)>> {
    Ok(vec![
        ("PERPETUO__GRPC__LISTEN", format!("127.0.0.1:{}", free_port()?)),
        ("PERPETUO__OPS__LISTEN", format!("127.0.0.1:{}", free_port()?)),
    ])
}

/// Fails unless the output is one clear sentence that holds all of these words.
fn sentence(output: &str, words: &[&str]) -> anyhow::Result<()> {
    ensure!(words.iter().all(|w| output.contains(w)), "{words:?} not in:\n{output}");
    // Beside a line for the tables of each service.
    let said = output.lines().filter(|line| !line.ends_with(": up to date")).count();
    ensure!(!output.contains("panicked") && said <= 2, "not one clear sentence:\n{output}");
    Ok(())
}

async fn a_taken_port_is_named() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let taken = TcpListener::bind("127.0.0.1:0")?;
    let address = taken.local_addr()?.to_string();
    let (status, output) =
        Process::run(dir.path(), &["serve", "--data-dir", "data", "--listen", &address], &env()?).await?;
    ensure!(!status.success(), "{output}");
    sentence(&output, &[&address, "edge.listen", "another port"])
}

async fn a_second_process_on_the_same_data_is_refused() -> anyhow::Result<()> {
    let cluster = Cluster::one().await?;
    let listen = format!("127.0.0.1:{}", free_port()?);
    let (status, output) =
        Process::run(cluster.dir(), &["serve", "--data-dir", "data", "--listen", &listen], &env()?).await?;
    ensure!(!status.success(), "{output}");
    sentence(&output, &["data"])
}

async fn a_missing_master_key_is_never_replaced() -> anyhow::Result<()> {
    let mut cluster = Cluster::one().await?;
    cluster.person().await?;
    cluster.process(Role::Edge).terminate()?;
    cluster.process(Role::Edge).ended(Duration::from_secs(40)).await?;
    let key = cluster.dir().join("data/keys/master.key");
    let kept = std::fs::read(&key)?;
    let listen = format!("127.0.0.1:{}", free_port()?);
    let args = ["serve", "--data-dir", "data", "--listen", &listen];
    std::fs::remove_file(&key)?;
    let (status, output) = Process::run(cluster.dir(), &args, &env()?).await?;
    ensure!(!status.success() && !key.exists(), "it made a new key: {output}");
    sentence(&output, &["master key"])?;
    std::fs::write(&key, "00".repeat(32))?;
    let (status, output) = Process::run(cluster.dir(), &args, &env()?).await?;
    ensure!(!status.success(), "{output}");
    sentence(&output, &["master key"])?;
    std::fs::write(&key, kept)?;
    cluster.restart(Role::Edge, &Options::default()).await
}

async fn a_typo_in_the_configuration_is_named() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    std::fs::write(dir.path().join("p.yaml"), "edge:\n  lisen: 127.0.0.1:1\n")?;
    let (status, output) = Process::run(dir.path(), &["serve", "--config", "p.yaml"], &env()?).await?;
    ensure!(!status.success(), "{output}");
    sentence(&output, &["lisen", "listen", "p.yaml"])?;
    let env = [("PERPETUO__OPS__LISTEN", "nonsense".to_owned())];
    let (status, output) = Process::run(dir.path(), &["serve"], &env).await?;
    ensure!(!status.success(), "{output}");
    sentence(&output, &["PERPETUO__OPS__LISTEN"])
}

async fn roles_as_processes_need_postgres() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let (status, output) = Process::run(dir.path(), &["serve", "--role", "workspace"], &env()?).await?;
    ensure!(!status.success(), "{output}");
    sentence(&output, &["PostgreSQL", "DATABASE_URL"])
}

async fn who_may_not_migrate_waits_until_it_is_done() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let admin = server::fresh_database(&server::url(server::POSTGRES)?).await?;
    let url = server::login_without_rights(&admin).await?;
    let mut env = vec![("DATABASE_URL", url)];
    let (status, output) = Process::run(dir.path(), &["migrate", "--wait", "1"], &env).await?;
    ensure!(!status.success(), "{output}");
    sentence(&output, &["0001_init", "not up to date after 1 s"])?;
    env.push(("PERPETUO__DATABASE__ADMIN_URL", admin));
    let waiting = Process::run(dir.path(), &["migrate", "--wait", "60"], &env[..1]);
    let ((waited, output), (done, told)) = tokio::try_join!(waiting, async {
        tokio::time::sleep(Duration::from_millis(500)).await;
        Process::run(dir.path(), &["migrate"], &env).await
    })?;
    ensure!(done.success() && waited.success() && output.contains("agent-engine: up to date"), "{told}\n{output}");
    let (status, output) = Process::run(dir.path(), &["migrate", "--wait"], &[]).await?;
    ensure!(!status.success(), "{output}");
    sentence(&output, &["PostgreSQL", "DATABASE_URL"])
}

async fn help_is_for_newcomers() -> anyhow::Result<()> {
    let dir = tempfile::tempdir()?;
    let (status, output) = Process::run(dir.path(), &["--help"], &[]).await?;
    ensure!(
        status.success() && ["serve", "migrate", "config", "doctor", "openapi"].iter().all(|w| output.contains(w)),
        "{output}"
    );
    let (status, output) = Process::run(dir.path(), &["serve", "--help"], &[]).await?;
    ensure!(status.success() && ["--listen", "--role", "--data-dir"].iter().all(|w| output.contains(w)), "{output}");
    let (status, output) = Process::run(dir.path(), &["completions", "bash"], &[]).await?;
    ensure!(status.success() && output.contains("perpetuo"), "{output}");
    let (status, output) = Process::run(dir.path(), &["openapi"], &[]).await?;
    ensure!(status.success() && output.contains("\"openapi\""), "{output}");
    Ok(())
}

async fn keys_under_the_data_directory_are_private() -> anyhow::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    let cluster = Cluster::one().await?;
    let mode = std::fs::metadata(cluster.dir().join("data/keys/master.key"))?.permissions().mode();
    ensure!(mode & 0o077 == 0, "{mode:o}");
    Ok(())
}

async fn the_address_and_the_next_command_are_printed() -> anyhow::Result<()> {
    let cluster = Cluster::one().await?;
    let output = cluster.output();
    ensure!(output.contains(&cluster.url()) && output.contains("curl"), "{output}");
    Ok(())
}

"""Runs deploy/compose.yaml as processes: the commands, environments and files that Docker would give its containers, with
names that lead to loopback addresses. Needs root and namespaces of its own:

    unshare --net --mount --pid --fork --kill-child --mount-proc run_composition.py COMPOSE_JSON BINARY WORK

A real PostgreSQL, Redis and Prometheus take part, and Envoy where the environment names one (ENVOY). Grafana and the
collector do not: their programs are not here. Somebody is invited, signs up and asks the simulator; Prometheus reaches every role with its token; everybody stops with 0.
"""

import glob
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

PATIENCE = 90


def main(composition, binary, work):
    services = composition["services"]
    addresses = {name: f"127.0.1.{number}" for number, name in enumerate(sorted(services), 1)}
    network(addresses, work)
    postgres(services["postgres"], addresses["postgres"], work)
    run_redis(services["redis"], addresses["redis"], work)
    perpetuo = Perpetuo(binary, services, addresses, work)
    perpetuo.once("keys", keys_to=work / "keys")
    # Who opens nothing that is sealed is not given the master key.
    shutil.copytree(work / "keys/peers", work / "peers-only/peers")
    perpetuo.once("migrate")
    perpetuo.once("migrate")
    roles = [name for name, service in services.items() if (service.get("command") or [""])[0] == "serve"]
    running = {name: perpetuo.start(name) for name in roles}
    for name in roles:
        wait(f"{name} to be ready", lambda: ask(f"http://{name}:9091/readyz"), work / f"{name}.log")
    door = envoy(perpetuo, addresses, work) if os.environ.get("ENVOY") else "edge"
    said = chat(perpetuo, f"http://{door}:8080")
    scraped = prometheus(composition, addresses, work)
    expect(scraped == set(roles), f"Prometheus reaches {sorted(scraped)}")
    for name, process in running.items():
        process.send_signal(signal.SIGTERM)
    for name, process in running.items():
        code = process.wait(float(services[name]["stop_grace_period"].rstrip("s")))
        expect(code == 0, f"{name} ended with {code}")
    print(f"{len(roles)} roles ready; the simulator said {said!r} through {door}; Prometheus scraped all; all ended with 0")


def expect(what, otherwise):
    if not what:
        raise SystemExit(f"composition: {otherwise}")


def network(addresses, work):
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    lines = ["127.0.0.1 localhost"] + [f"{address} {name}" for name, address in addresses.items()]
    (work / "hosts").write_text("\n".join(lines) + "\n")
    subprocess.run(["mount", "--bind", work / "hosts", "/etc/hosts"], check=True)


def wait(what, asked, log=None):
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        try:
            return asked()
        except (OSError, subprocess.SubprocessError):
            time.sleep(0.2)
    if log:
        sys.stderr.write(log.read_text()[-3000:])
    raise SystemExit(f"composition: waited {PATIENCE} s for {what}")


def ask(url, body=None, token=None):
    request = urllib.request.Request(url, data=json.dumps(body).encode() if body else None)
    if body:
        request.add_header("content-type", "application/json")
    if token:
        request.add_header("authorization", f"Bearer {token}")
    with urllib.request.urlopen(request, timeout=20) as answer:
        return json.load(answer)


def postgres(service, address, work):
    """As the image does with an empty volume: a superuser, a database, and what is in docker-entrypoint-initdb.d."""
    bin = Path(sorted(glob.glob("/usr/lib/postgresql/*/bin"))[-1])
    env = service["environment"]
    home = work / "postgres"
    home.mkdir()
    (home / "password").write_text(env["POSTGRES_PASSWORD"])
    home.chmod(0o700)
    shutil.chown(home, "postgres")
    shutil.chown(home / "password", "postgres")

    def as_postgres(*words):
        subprocess.run(["runuser", "-u", "postgres", "--", *map(str, words)], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/")

    as_postgres(bin / "initdb", "-D", home / "data", "-U", env["POSTGRES_USER"], f"--pwfile={home}/password", "--no-sync", "--auth-local=trust", *env["POSTGRES_INITDB_ARGS"].split())
    options = f"-c listen_addresses={address} -c unix_socket_directories={home} -c fsync=off"
    as_postgres(bin / "pg_ctl", "-D", home / "data", "-o", options, "-l", home / "log", "-w", "start")
    client = {**os.environ, **env, "PGHOST": address, "PGPASSWORD": env["POSTGRES_PASSWORD"]}
    subprocess.run(["createdb", "-U", env["POSTGRES_USER"], env["POSTGRES_DB"]], check=True, env=client)
    [script] = [v["source"] for v in service["volumes"] if v["target"].startswith("/docker-entrypoint-initdb.d/")]
    subprocess.run([script], check=True, env=client)
    healthy = [word.replace("127.0.0.1", address) for word in service["healthcheck"]["test"][1:]]
    subprocess.run(healthy, check=True, stdout=subprocess.DEVNULL)


def run_redis(service, address, work):
    (work / "redis").mkdir()
    subprocess.Popen([*service["command"], "--bind", address, "--dir", work / "redis"], stdout=subprocess.DEVNULL)
    env = {**os.environ, **service["environment"]}
    healthy = service["healthcheck"]["test"][1].replace("redis-cli", f"redis-cli -h {address}")
    wait("redis", lambda: subprocess.run(["sh", "-c", healthy], check=True, env=env, stderr=subprocess.DEVNULL))


class Perpetuo:
    def __init__(self, binary, services, addresses, work):
        self.binary, self.services, self.addresses, self.work = binary, services, addresses, work

    def env(self, name):
        """The service's own, and where its volumes and its address are here."""
        service = self.services[name]
        [config] = [v["source"] for v in service["volumes"] if v["target"] == "/etc/perpetuo/perpetuo.yaml"]
        sees_all = any(v["target"] == "/etc/perpetuo/keys" for v in service["volumes"])
        address = self.addresses[name]
        return {
            **service["environment"],
            "PERPETUO_CONFIG": config,
            "PERPETUO__KEYS__DIR": str(self.work / ("keys" if sees_all else "peers-only")),
            "PERPETUO__GATEWAY__SPOOL_DIR": str(self.work / "spool"),
            "PERPETUO__GRPC__LISTEN": f"{address}:9090",
            "PERPETUO__OPS__LISTEN": f"{address}:9091",
            "PERPETUO__EDGE__LISTEN": f"{address}:8080",
        }

    def once(self, name, keys_to=None):
        command = self.services[name]["command"]
        if keys_to:
            done = subprocess.run([self.binary, *command[:-1], keys_to], capture_output=True, text=True, env={})
        else:
            done = subprocess.run([self.binary, *command], capture_output=True, text=True, env=self.env(name))
        expect(done.returncode == 0, f"{name} ended with {done.returncode}: {done.stderr}")

    def start(self, name):
        log = open(self.work / f"{name}.log", "wb")
        return subprocess.Popen([self.binary, *self.services[name]["command"]], env=self.env(name), stdout=log, stderr=log)

    def inside(self, name, *words):
        """What `docker compose exec` would run."""
        return subprocess.run([self.binary, *words], check=True, capture_output=True, text=True, env=self.env(name)).stdout


def envoy(perpetuo, addresses, work):
    """An Envoy with what the composition's `envoy-config` writes. It cannot have every address here: the edge has one."""
    home = work / "envoy"
    home.mkdir()
    here = {"0.0.0.0": addresses["envoy"], "/var/lib/perpetuo": str(home), "/etc/envoy": str(home)}
    command = perpetuo.services["envoy-config"]["command"]
    for there, place in here.items():
        command = [word.replace(there, place) for word in command]
    perpetuo.inside("envoy-config", *command)
    log = open(work / "envoy.log", "wb")
    subprocess.Popen([os.environ["ENVOY"], "--use-dynamic-base-id", "--config-path", home / "envoy.yaml"], stdout=log, stderr=log)
    wait("envoy", lambda: ask("http://envoy:8080/openapi.json"), work / "envoy.log")
    return "envoy"


def chat(perpetuo, base):
    invited = perpetuo.inside("identity", "admin", "invite", "ada@example.com")
    invitation = re.search(r"invitation=(\S+)", invited)[1]
    person = {"email": "ada@example.com", "password": "violet-anvil-harbor-42", "name": "Ada", "invitation": invitation}
    account = ask(f"{base}/auth/signup", person)
    workspace = re.search(r"ws_[0-9a-z]{26}", json.dumps(account))[0]
    key = ask(f"{base}/workspaces/{workspace}/api-keys", {"name": "laptop"}, account["access_token"])
    key = re.search(r"pk_[0-9A-Za-z]{38}", json.dumps(key))[0]
    asked = {"model": "simulator/chat", "messages": [{"role": "user", "content": "Say hello."}]}
    return ask(f"{base}/v1/chat/completions", asked, key)["choices"][0]["message"]["content"]


def prometheus(composition, addresses, work):
    """The roles that a real Prometheus, with the composition's own files, has scraped."""
    service = composition["services"]["prometheus"]
    home = work / "prometheus"
    (home / "secrets").mkdir(parents=True)
    for volume in service["volumes"]:
        if volume["type"] == "bind":
            target = home / volume["target"].removeprefix("/etc/prometheus/")
            (shutil.copytree if Path(volume["source"]).is_dir() else shutil.copy)(volume["source"], target)
    shutil.copy(composition["secrets"]["ops-token"]["file"], home / "secrets/ops-token")
    address = f"{addresses['prometheus']}:9090"
    options = [f"--config.file={home}/prometheus.yml", f"--storage.tsdb.path={home}/data", f"--web.listen-address={address}"]
    subprocess.Popen(["prometheus", *options], stdout=subprocess.DEVNULL, stderr=open(home / "log", "wb"))

    def scraped():
        targets = ask(f"http://{address}/api/v1/targets")["data"]["activeTargets"]
        ours = [target for target in targets if target["labels"]["job"] == "perpetuo"]
        if any(target["health"] == "unknown" for target in ours) or not ours:
            raise OSError("not yet")
        return {target["labels"]["role"] for target in ours if target["health"] == "up"}

    return wait("prometheus", scraped, home / "log")


if __name__ == "__main__":
    main(json.loads(Path(sys.argv[1]).read_text()), sys.argv[2], Path(sys.argv[3]))

"""Measures what each role takes, for the resource requests of k8s/: memory idle, with open streams and after requests.

    target/debug/with-servers .tools/k8s/bin/python tests/k8s/measure.py

It runs a process for each role on loopback with the configuration of k8s/base, on a PostgreSQL and a Redis of its own,
sends a bounded load from the built-in provider through it, prints a table and stops what it started. A release build
(PERPETUO_BIN=target/release/perpetuo) says more about time.

As root, with --as-pods, each process runs as its pod does: as user 65532 without capabilities, with keys in the modes that
Kubernetes gives them, in a file system that is read-only but for the gateway's spool.
"""

import asyncio
import json
import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import urllib.request

import yaml

import binary

ROOT = pathlib.Path(__file__).resolve().parents[2]
ROLES = ["workspace", "identity", "usage-metering", "billing", "gateway", "agent-engine", "edge"]
STREAMS = int(os.environ.get("STREAMS", "200"))
REQUESTS = int(os.environ.get("REQUESTS", "2000"))
AT_ONCE = 16
AS_PODS = "--as-pods" in sys.argv
USER = 65532
TICKS = os.sysconf("SC_CLK_TCK")


def free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


class Cluster:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.program = binary.path() or sys.exit("build target/debug/perpetuo, or set PERPETUO_BIN")
        self.processes = {}
        self.http = free_port()
        self.ports = {role: (free_port(), free_port()) for role in ROLES}
        self.environment = {
            **os.environ,
            "DATABASE_URL": os.environ["PERPETUO_TEST_DATABASE_URL"],
            "REDIS_URL": os.environ["PERPETUO_TEST_REDIS_URL"],
            "PERPETUO__OPS__TOKEN": "0123456789abcdef",
            "PERPETUO_CONFIG": str(self.folder / "perpetuo.yaml"),
        }

    def configure(self):
        config = yaml.safe_load((ROOT / "k8s/base/perpetuo.yaml").read_text(encoding="utf-8"))
        config["data_dir"] = str(self.folder)
        config["keys"] = {"dir": str(self.folder / "keys")}
        config["peers"] = {role.replace("-", "_"): f"http://127.0.0.1:{self.ports[role][0]}" for role in ROLES if role != "edge"}
        config["simulator"] = {"enabled": True}
        config["identity"] = {"signup": "open"}
        config["edge"] = {"listen": f"127.0.0.1:{self.http}"}
        config["gateway"]["spool_dir"] = str(self.folder / "spool")
        (self.folder / "perpetuo.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
        self.run("keys", "generate", "--dir", str(self.folder / "keys"))
        self.run("migrate")

    def run(self, *args):
        subprocess.run([self.program, *args], env=self.environment, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def start(self):
        if AS_PODS:
            self.give_away()
        for role in ROLES:
            grpc, ops = self.ports[role]
            own = {"PERPETUO__GRPC__LISTEN": f"127.0.0.1:{grpc}", "PERPETUO__OPS__LISTEN": f"127.0.0.1:{ops}"}
            with (self.folder / f"{role}.log").open("w", encoding="utf-8") as log:
                self.processes[role] = subprocess.Popen(
                    [*self.confined(role), self.program, "serve", "--role", role], env={**self.environment, **own}, stdout=log, stderr=log
                )

    def give_away(self):
        """Keys as Secret volumes with an fsGroup have them, and a spool as an emptyDir is."""
        self.folder.chmod(0o755)
        for path in (self.folder / "keys", *(self.folder / "keys").rglob("*")):
            os.chown(path, 0, USER)
            path.chmod(0o750 if path.is_dir() else binary.MODE)
        spool = self.folder / "spool"
        spool.mkdir()
        os.chown(spool, 0, USER)
        spool.chmod(0o2777)

    def confined(self, role):
        """What comes before the program, so that it runs as in its pod."""
        if not AS_PODS:
            return []
        spool = self.folder / "spool"
        mounts = ["mount --make-rprivate /", f"mount --bind {spool} {spool}", "mount -o bind,remount,ro /"]
        if role != "gateway":
            mounts.append(f"mount -o bind,remount,ro {spool}")
        user = f"setpriv --reuid {USER} --regid {USER} --clear-groups --no-new-privs --bounding-set -all"
        return ["unshare", "-m", "bash", "-ec", f'{" && ".join(mounts)} && cd / && exec {user} "$@"', "confined"]

    def stop(self):
        for process in self.processes.values():
            process.terminate()
        for process in self.processes.values():
            try:
                process.wait(timeout=60)
            except subprocess.TimeoutExpired:
                process.kill()

    def memory(self):
        """MiB that each process holds."""
        found = {}
        for role, process in self.processes.items():
            status = pathlib.Path(f"/proc/{process.pid}/status").read_text(encoding="ascii")
            line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
            found[role] = int(line.split()[1]) / 1024
        return found

    def seconds(self):
        """Core seconds that each process has used."""
        found = {}
        for role, process in self.processes.items():
            fields = pathlib.Path(f"/proc/{process.pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
            found[role] = (int(fields[11]) + int(fields[12])) / TICKS
        return found

    async def ready(self):
        for role, (_, ops) in self.ports.items():
            for _ in range(600):
                try:
                    with urllib.request.urlopen(f"http://127.0.0.1:{ops}/readyz", timeout=5):
                        break
                except OSError:
                    await asyncio.sleep(0.2)
            else:
                sys.exit(f"{role} is not ready: {(self.folder / f'{role}.log').read_text()[-2000:]}")

    def ask(self, path, body, token=None):
        headers = {"content-type": "application/json"}
        if token:
            headers["authorization"] = f"Bearer {token}"
        request = urllib.request.Request(f"http://127.0.0.1:{self.http}{path}", json.dumps(body).encode(), headers)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)

    def key(self):
        account = self.ask("/auth/signup", {"email": "ada@example.com", "password": "correct horse battery", "name": "Ada"})
        token, workspace = account["access_token"], account["workspace"]["id"]
        return self.ask(f"/workspaces/{workspace}/api-keys", {"name": "load"}, token)["key"]

    async def call(self, key, body, until=b""):
        """One request on a connection of its own; whether the answer was a 200 and came to its end."""
        data = json.dumps(body).encode()
        head = (
            f"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nconnection: close\r\nauthorization: Bearer {key}\r\n"
            f"content-type: application/json\r\ncontent-length: {len(data)}\r\n\r\n"
        )
        reader, writer = await asyncio.open_connection("127.0.0.1", self.http)
        writer.write(head.encode() + data)
        answer = await reader.read(-1)
        writer.close()
        return answer.startswith(b"HTTP/1.1 200") and until in answer


async def load(cluster, key):
    """Requests, some at once. How many failed."""
    body = {"model": "simulator/chat", "messages": [{"role": "user", "content": "Say hello."}]}
    left, failed = iter(range(REQUESTS)), 0

    async def work():
        nonlocal failed
        for _ in left:
            failed += not await cluster.call(key, body)

    await asyncio.gather(*(work() for _ in range(AT_ONCE)))
    return failed


async def measure(cluster):
    await cluster.ready()
    key = cluster.key()
    await asyncio.sleep(5)
    idle, before = cluster.memory(), cluster.seconds()
    await asyncio.sleep(10)
    resting = {role: (used - before[role]) / 10 for role, used in cluster.seconds().items()}
    # 20 seconds of chunks.
    body = {"model": "simulator/chat", "stream": True, "messages": [{"role": "user", "content": "Count."}],
            "simulator": {"tokens": 40, "chunk_delay_ms": 500}}
    streams = [asyncio.create_task(cluster.call(key, body, b"[DONE]")) for _ in range(STREAMS)]
    await asyncio.sleep(12)
    open_ = cluster.memory()
    whole = sum(await asyncio.gather(*streams))
    start = cluster.seconds()
    failed = await load(cluster, key)
    used, after = cluster.seconds(), cluster.memory()
    print(f"{whole} of {STREAMS} streams came to their end, {failed} of {REQUESTS} requests failed")
    print(f"{'role':16} {'idle MiB':>9} {'streams MiB':>12} {'after MiB':>10} {'idle cores':>11} {'core ms / 1000 requests':>24}")
    for role in ROLES:
        each = (used[role] - start[role]) * 1e6 / REQUESTS
        print(f"{role:16} {idle[role]:9.1f} {open_[role]:12.1f} {after[role]:10.1f} {resting[role]:11.3f} {each:24.0f}")


def main():
    if "PERPETUO_TEST_DATABASE_URL" not in os.environ:
        sys.exit(__doc__)
    with tempfile.TemporaryDirectory() as folder:
        cluster = Cluster(folder)
        cluster.configure()
        try:
            cluster.start()
            asyncio.run(measure(cluster))
        finally:
            cluster.stop()


if __name__ == "__main__":
    main()

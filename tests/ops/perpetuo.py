"""A Perpetuo in one process, and somebody who uses it."""

import json
import os
import subprocess
import urllib.request
from pathlib import Path

from started import Program, free_port, within

ROOT = Path(__file__).resolve().parents[2]


def binary() -> Path:
    """What `cargo build` made, or PERPETUO_BIN."""
    given = os.environ.get("PERPETUO_BIN")
    candidates = [Path(given)] if given else [ROOT / "target" / kind / "perpetuo" for kind in ("debug", "release")]
    for path in candidates:
        if path.is_file():
            return path
    raise AssertionError(f"{candidates[0]} is not there: run `cargo build --workspace --bins`, or set PERPETUO_BIN")


class Perpetuo:
    """Everything in one process; on SQLite, or on the PostgreSQL of `database`."""

    def __init__(self, dir: Path, database: str | None = None):
        self.dir, self.database = dir, database
        self.http, self.ops, grpc = free_port(), free_port(), free_port()
        self.env = {
            "PERPETUO__EDGE__LISTEN": f"127.0.0.1:{self.http}",
            "PERPETUO__OPS__LISTEN": f"127.0.0.1:{self.ops}",
            "PERPETUO__GRPC__LISTEN": f"127.0.0.1:{grpc}",
            "PERPETUO__TELEMETRY__LOG_FORMAT": "json",
            "PERPETUO__SIMULATOR__ENABLED": "true",
            "PERPETUO__IDENTITY__SIGNUP": "open",
        }
        if database:
            self.env |= {"DATABASE_URL": database, "PERPETUO__KEYS__DIR": str(dir / "keys")}
            self.run("keys", "generate", "--dir", str(dir / "keys"))
            self.run("migrate")
        self.start()

    def run(self, *args: str) -> None:
        done = subprocess.run([binary(), *args], cwd=self.dir, env=self.env, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, f"perpetuo {' '.join(args)}: {done.stdout}{done.stderr}"

    def start(self) -> None:
        self.program = Program("perpetuo", [binary(), "serve"], self.dir, self.env)
        within(60, "Perpetuo is ready", lambda: self.program.alive() and self.get(self.ops, "/readyz"))

    def get(self, port: int, path: str) -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
            return answer.read().decode()

    def metrics(self) -> set[str]:
        """The names that it shows now."""
        lines = self.get(self.ops, "/metrics").splitlines()
        return {line.split("{")[0].split(" ")[0] for line in lines if line and not line.startswith("#")}

    def post(self, path: str, body: dict, token: str | None = None) -> str:
        headers = {"content-type": "application/json"} | ({"authorization": f"Bearer {token}"} if token else {})
        request = urllib.request.Request(f"http://127.0.0.1:{self.http}{path}", json.dumps(body).encode(), headers)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.read().decode()


class Person:
    """Signs up, makes a key, and talks to the simulator."""

    def __init__(self, perpetuo: Perpetuo, name: str):
        self.perpetuo = perpetuo
        mine = {"email": f"{name}@example.com", "password": "violet-anvil-harbor-42", "name": name}
        account = json.loads(perpetuo.post("/auth/signup", mine))
        self.token = find(account, "access_token")
        self.workspace = next(v for v in strings(account) if v.startswith("ws_"))
        made = json.loads(perpetuo.post(f"/workspaces/{self.workspace}/api-keys", {"name": "laptop"}, self.token))
        self.key = next(v for v in strings(made) if v.startswith("pk_") and len(v) == 41)

    def chat(self, stream: bool = False) -> str:
        body = {"model": "simulator/chat", "stream": stream, "messages": [{"role": "user", "content": "Say hello."}]}
        return self.perpetuo.post("/v1/chat/completions", body, self.key)


def find(tree, name: str):
    """The first field of this name, wherever it is."""
    if isinstance(tree, dict):
        if name in tree:
            return tree[name]
        tree = list(tree.values())
    if isinstance(tree, list):
        return next((v for v in (find(t, name) for t in tree) if v is not None), None)
    return None


def strings(tree) -> list[str]:
    if isinstance(tree, str):
        return [tree]
    parts = tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else []
    return [s for part in parts for s in strings(part)]

"""A PostgreSQL of our own, that can be stopped and started again."""

import glob
import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

import psycopg
from started import Program, as_user, free_port, within


class Postgres:
    """A server on loopback, where everybody is believed to be who they say."""

    def __init__(self):
        # Not below a directory of the tests: the server refuses to run as root, and its user gets in nowhere there.
        self.dir, self.port = Path(tempfile.mkdtemp(prefix="perpetuo-pg-")), free_port()
        self.database = "postgres"
        if as_user("postgres"):
            shutil.chown(self.dir, "postgres")
        self.bin = bin_dir()
        command = [
            *as_user("postgres"),
            f"{self.bin}/initdb",
            "-A",
            "trust",
            "-U",
            "postgres",
            "--no-sync",
            "-E",
            "UTF8",
            "--locale",
            "C.UTF-8",
        ]
        subprocess.run([*command, "-D", self.dir / "data"], cwd=self.dir, check=True, capture_output=True, timeout=60)
        self.start()

    def start(self) -> None:
        options = {"listen_addresses": "127.0.0.1", "unix_socket_directories": self.dir, "fsync": "off", "max_connections": 200}
        command = [*as_user("postgres"), f"{self.bin}/postgres", "-D", self.dir / "data", "-p", str(self.port)]
        for name, value in options.items():
            command += ["-c", f"{name}={value}"]
        self.program = Program("postgres", command, self.dir)
        within(30, "PostgreSQL answers", lambda: self.program.alive() and self.ask("select 1"))

    def stop(self) -> None:
        """At once, as a power cut would: SIGQUIT to the server itself, as the child may be what changed the user."""
        pid = (self.dir / "data" / "postmaster.pid").read_text().split()[0]
        os.kill(int(pid), signal.SIGQUIT)
        self.program.child.wait(20)

    def remove(self) -> None:
        """Ends it for good, with its data."""
        if self.program.child.poll() is None:
            self.stop()
        shutil.rmtree(self.dir)

    def url(self, user: str = "postgres") -> str:
        return f"postgres://{user}@127.0.0.1:{self.port}/{self.database}"

    def ask(self, sql: str, user: str = "postgres") -> list[tuple]:
        """Runs one statement in a connection of its own, and gives its rows."""
        with psycopg.connect(self.url(user), connect_timeout=5, autocommit=True) as connection:
            cursor = connection.execute(sql)
            return cursor.fetchall() if cursor.description else []


def bin_dir() -> str:
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin"))
    return found[-1] if found else subprocess.check_output(["pg_config", "--bindir"], text=True).strip()

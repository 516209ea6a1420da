"""Programs that a test starts: on free ports, in directories of their own, ended by their own pids."""

import os
import signal
import socket
import subprocess
import time
from pathlib import Path


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def within(seconds: float, what: str, probe):
    """Waits until `probe` gives something, and gives that. What it raises meanwhile is shown if it never does."""
    end, why = time.monotonic() + seconds, None
    while time.monotonic() < end:
        try:
            if found := probe():
                return found
        except Exception as error:  # noqa: BLE001 — whatever goes wrong while something starts
            why = error
        time.sleep(0.2)
    raise AssertionError(f"not within {seconds} s: {what}" + (f" ({why})" if why else ""))


class Program:
    """A running program, with its output in a file."""

    def __init__(self, name: str, command: list, dir: Path, env: dict[str, str] | None = None):
        self.name, self.log = name, dir / f"{name}.log"
        with self.log.open("ab") as out:
            self.child = subprocess.Popen(command, cwd=dir, env=env, stdin=subprocess.DEVNULL, stdout=out, stderr=out)

    def alive(self) -> bool:
        """Fails with what it said last, if it has ended."""
        code = self.child.poll()
        assert code is None, f"{self.name} ended with {code}:\n{self.tail()}"
        return True

    def tail(self) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-20:])

    def kill(self) -> None:
        """SIGKILL: no chance to say good-bye."""
        self._end(signal.SIGKILL, 10)

    def stop(self) -> None:
        """SIGTERM, and SIGKILL for who does not listen."""
        self._end(signal.SIGTERM, 20)

    def _end(self, how: signal.Signals, patience: float) -> None:
        if self.child.poll() is None:
            self.child.send_signal(how)
            try:
                self.child.wait(patience)
            except subprocess.TimeoutExpired:
                self.child.kill()
                self.child.wait(10)


def as_user(name: str) -> list[str]:
    """A prefix for programs that refuse to run as root."""
    return ["runuser", "-u", name, "--"] if os.geteuid() == 0 else []

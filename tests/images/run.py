"""Runs what was laid out as a container engine would run the image: alone in its root, which is read-only, as the user of
the image, without any capability. Needs root, and a mount namespace of its own (`unshare --mount`).

    run.py ROOT START

START is the JSON that lay_out.py printed. One directory is writable: the one that the image gives to its user. Fails
unless the process becomes ready, says so to its HEALTHCHECK, answers, ends with 0 within its grace after SIGTERM, and leaves all else as it was.
"""

import ctypes
import hashlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

STARTS_WITHIN = 60
# shutdown.grace_seconds, by default.
GRACE = 30
PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS = 24, 38


def main(root, start):
    data = root / start["cwd"].lstrip("/")
    before = snapshot(root, data)
    mount(root, data)
    edge, grpc, ops = (free_port() for _ in range(3))
    listen = {"EDGE": edge, "GRPC": grpc, "OPS": ops}
    env = start["env"] | {f"PERPETUO__{section}__LISTEN": f"127.0.0.1:{port}" for section, port in listen.items()}
    log = open(root.parent / "run.log", "w+b")
    process = subprocess.Popen(
        start["entrypoint"] + start["cmd"], cwd="/", env=env, stdout=log, stderr=log, preexec_fn=lambda: confine(root, start)
    )
    try:
        ready(process, ops)
        probe = subprocess.run(start["healthcheck"], cwd="/", env=env, stdout=log, preexec_fn=lambda: confine(root, start), timeout=10)
        expect(probe.returncode == 0, "HEALTHCHECK says that a process that is ready is not")
        expect(get(edge, "/openapi.json")[0] == 200, "the HTTP port does not answer")
        took = stop(process)
    except Exception:
        process.kill()
        sys.stderr.buffer.write(Path(log.name).read_bytes()[-4000:])
        raise
    said = Path(log.name).read_text()
    expect("no certificate is trusted here" not in said, "the image's certificates are not found")
    expect(snapshot(root, data) == before, "files outside of the data directory have changed")
    written = sorted(str(path.relative_to(data)) for path in data.rglob("*") if path.is_file())
    expect("lock" in written and "keys/master.key" in written, f"the data directory has only {written}")
    print(f"ready, answered, ended with 0 in {took:.1f} s; wrote {len(written)} files, all below {start['cwd']}")


def expect(what, otherwise):
    if not what:
        raise AssertionError(otherwise)


def snapshot(root, apart):
    """Every file with its content, but those below `apart` and what the kernel shows in proc and dev."""
    found = {}
    for folder, folders, files in os.walk(root):
        folders[:] = [f for f in folders if Path(folder, f) not in (apart, root / "proc", root / "dev")]
        for name in files:
            path = Path(folder, name)
            found[str(path)] = hashlib.sha256(path.read_bytes()).hexdigest()
        found[folder] = sorted(folders)
    return found


def mount(root, data):
    def run(*words):
        subprocess.run(["mount", *map(str, words)], check=True)

    run("--bind", root, root)
    run("--bind", data, data)
    run("-t", "proc", "proc", root / "proc")
    for device in ("null", "urandom"):
        run("--bind", f"/dev/{device}", root / "dev" / device)
    run("-o", "remount,bind,ro", root)


def confine(root, start):
    libc = ctypes.CDLL(None, use_errno=True)
    os.chroot(root)
    os.chdir(start["cwd"])
    for capability in range(64):
        libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)
    libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    uid, gid = start["user"]
    if uid == 0:
        raise PermissionError("the image's user is root")
    os.setgroups([])
    os.setgid(gid)
    os.setuid(uid)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def get(port, path):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    connection.request("GET", path)
    answer = connection.getresponse()
    return answer.status, answer.read()


def ready(process, ops):
    until = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < until:
        expect(process.poll() is None, f"it ended with {process.returncode} before it was ready")
        try:
            if get(ops, "/readyz")[0] == 200:
                return
        except OSError:
            pass
        time.sleep(0.1)
    raise AssertionError(f"/readyz did not answer 200 within {STARTS_WITHIN} s")


def stop(process):
    began = time.monotonic()
    process.send_signal(signal.SIGTERM)
    code = process.wait(GRACE)
    expect(code == 0, f"it ended with {code} after SIGTERM")
    return time.monotonic() - began


if __name__ == "__main__":
    try:
        main(Path(sys.argv[1]).resolve(), json.loads(sys.argv[2]))
    except (AssertionError, subprocess.TimeoutExpired, OSError, subprocess.SubprocessError) as error:
        sys.exit(f"image: {error}")

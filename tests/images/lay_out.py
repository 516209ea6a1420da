"""Lays out a plain directory as the last stage of the Dockerfile lays out the image, without a container engine.

    lay_out.py DOCKERFILE BUILT ROOT

BUILT is what `deploy/image/assemble` wrote (/out of the stage `build`). The base is made of this machine's files, those
that distroless/base-nossl has: glibc, as far as the binary is linked with it, certificates, a user. Prints how the process is
started, as JSON.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

from dockerfile_parse import DockerfileParser

# Shared libraries of the base: those of glibc. Anything else must be in the image itself.
IN_BASE = {"libc.so.6", "libm.so.6", "libdl.so.2", "libpthread.so.0", "libresolv.so.2", "librt.so.1"}
LOADER = re.compile(r"^ld-linux-\S+\.so\.\d$")
# Say nothing about files or processes.
SILENT = {"FROM", "ARG", "LABEL", "EXPOSE", "STOPSIGNAL", "COMMENT"}


def main(dockerfile, built, root):
    root.mkdir()
    base(root)
    start = {"env": {}, "cwd": "/", "user": None, "entrypoint": [], "cmd": [], "healthcheck": []}
    for step in last_stage(dockerfile):
        perform(step["instruction"], step["value"], built, root, start)
    libraries(root, root / start["entrypoint"][0].lstrip("/"))
    print(json.dumps(start))


def last_stage(dockerfile):
    steps = DockerfileParser(str(dockerfile)).structure
    begins = max(i for i, step in enumerate(steps) if step["instruction"] == "FROM")
    return steps[begins:]


def perform(instruction, value, built, root, start):
    if instruction == "COPY":
        copy(value, built, root)
    elif instruction == "ENV":
        start["env"].update(word.split("=", 1) for word in shlex.split(value))
    elif instruction == "WORKDIR":
        start["cwd"] = value
    elif instruction == "USER":
        start["user"] = [int(part) for part in value.split(":")]
    elif instruction in ("ENTRYPOINT", "CMD"):
        # The form with a shell would need one.
        start[instruction.lower()] = json.loads(value)
    elif instruction == "HEALTHCHECK":
        start["healthcheck"] = json.loads(value.split(" CMD ", 1)[1])
    elif instruction not in SILENT:
        sys.exit(f"the last stage has {instruction}: teach tests/images/lay_out.py what it does to the image")


def copy(value, built, root):
    words = shlex.split(value)
    flags = dict(word[2:].split("=", 1) for word in words if word.startswith("--"))
    source, target = [word for word in words if not word.startswith("--")]
    if flags.pop("from", None) != "build" or not source.startswith("/out/"):
        sys.exit(f"COPY {value}: only what the stage build has in /out can be laid out here")
    source, target = built / source.removeprefix("/out/"), root / target.lstrip("/")
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, dirs_exist_ok=True)
    else:
        shutil.copy2(source, target)
    if "chmod" in flags:
        target.chmod(int(flags["chmod"], 8))
    if "chown" in flags and os.geteuid() == 0:
        uid, gid = flags["chown"].split(":")
        os.chown(target, int(uid), int(gid))


def base(root):
    for name in ("dev", "proc", "etc/ssl/certs", "home/nonroot", "run", "tmp", "usr/lib", "var/lib"):
        (root / name).mkdir(parents=True)
    (root / "etc/passwd").write_text("root:x:0:0:root:/root:/sbin/nologin\nnonroot:x:65532:65532::/home/nonroot:/sbin/nologin\n")
    (root / "etc/group").write_text("root:x:0:\nnonroot:x:65532:\n")
    (root / "etc/nsswitch.conf").write_text("hosts: files dns\n")
    shutil.copy2("/etc/ssl/certs/ca-certificates.crt", root / "etc/ssl/certs/")
    for device in ("null", "urandom"):
        (root / "dev" / device).touch()


def libraries(root, binary):
    told = subprocess.run(["ldd", binary], check=True, capture_output=True, text=True).stdout
    if "not found" in told:
        sys.exit(f"this machine lacks a library of {binary}:\n{told}")
    for path in re.findall(r"(/\S+) \(0x", told):
        name = Path(path).name
        if (root / "usr/lib" / name).exists():
            continue
        if name not in IN_BASE and not LOADER.match(name):
            sys.exit(f"the binary is linked with {name}, which is neither in the base of the image nor in /usr/lib")
        target = root / path.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(os.path.realpath(path), target)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))

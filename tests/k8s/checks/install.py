"""The commands and the table of k8s/README.md make every Secret and key that pods ask for."""

import pathlib
import re
import subprocess
import tempfile

import yaml

import sources
from world import kubectl

README = "k8s/README.md"


def run(world):
    made = table(world)
    for name, keys in commands(world).items():
        if name not in made:
            yield f"{README}: {name} is made, and not in the table"
        made[name] = keys
    for where, _, pod in world.pods():
        # Somebody's own names are not the README's.
        if where.startswith("chart own"):
            continue
        for name, key in asked(pod):
            # Certificates are cert-manager's.
            if name.startswith("perpetuo-tls-"):
                continue
            if name not in made or (key and key not in made[name]):
                yield f"{where}: it asks for {key or 'everything'} of {name}, which {README} does not make"


def table(world):
    """Keys by Secret, as the table tells them. <role> stands for each."""
    found = {}
    for name, keys in re.findall(r"^\| `(perpetuo-[a-z-]+)`[^|]*\|([^|]*)\|", world.text(README), re.M):
        told = set(re.findall(r"`([^`]+)`", keys))
        found[name] = {key.replace("<role>", role) for key in told for role in (sources.order(world) if "<role>" in key else [""])}
    return found


def commands(world):
    """Keys by Secret, as kubectl makes them of the commands in the README."""
    made = {}
    with tempfile.TemporaryDirectory() as folder:
        keys = pathlib.Path(folder) / "keys"
        (keys / "peers").mkdir(parents=True)
        (keys / "master.key").write_text("x", encoding="ascii")
        (pathlib.Path(folder) / "database-url.txt").write_text("x", encoding="ascii")
        for role in sources.order(world):
            for end in ("key", "pub"):
                (keys / "peers" / f"{role}.{end}").write_text("x", encoding="ascii")
        for line in re.findall(r"^kubectl (-n perpetuo create secret generic .*)$", world.text(README), re.M):
            command = f"{kubectl()} {line.split('    #')[0]} --dry-run=client -o yaml"
            done = subprocess.run(["bash", "-c", command], cwd=folder, capture_output=True, text=True, check=False)
            secret = yaml.safe_load(done.stdout) if done.returncode == 0 else {"metadata": {"name": done.stderr}}
            made[secret["metadata"]["name"]] = set(secret.get("data", {}))
    return made


def asked(pod):
    for container in pod["containers"]:
        for variable in container.get("env", ()):
            if reference := variable.get("valueFrom", {}).get("secretKeyRef"):
                yield reference["name"], reference["key"]
        for source in container.get("envFrom", ()):
            yield source["secretRef"]["name"], None
    for volume in pod.get("volumes", ()):
        secrets = [source["secret"] for source in volume.get("projected", {}).get("sources", ())]
        for secret in secrets + ([volume["secret"]] if "secret" in volume else []):
            name = secret.get("name") or secret["secretName"]
            for item in secret.get("items", [{"key": None}]):
                yield name, item["key"]


def _readme(old, new):
    def damage(world):
        assert old in world.text(README), old
        world.texts[README] = world.text(README).replace(old, new)

    return damage


BROKEN = [
    ("a Secret that nobody is told to make", _readme("| `perpetuo-redis`", "| redis")),
    ("a command that leaves keys out", _readme("keys/peers/*.key)", "keys/peers/e*.key)")),
    ("a command that fails", _readme("--from-file=keys/master.key", "--from-file=keys/master.kye")),
]

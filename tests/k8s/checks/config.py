"""The configuration has known settings only, all that a cluster sets, and is taken by the binary of each role.

Settings are known if deploy/config/one.yaml has them, which a test of the server keeps complete. The binary is
target/debug/perpetuo, or PERPETUO_BIN; where there is none, that is said.
"""

import re

import yaml

import binary

# What a cluster sets in its file and Kubernetes otherwise, and why.
OTHERWISE = {
    "keys.dir": "keys come from two Secrets: keys.master_file and peers.keys_dir",
    "identity.signup": "null there: shown, not set",
    "egress.allow": "empty there: shown, not set",
    "grpc.tls": "examples/cert-manager sets it",
    "peers.tls": "examples/cert-manager sets it",
}
FILE = "k8s/base/perpetuo.yaml"
LIKE_SETTING = re.compile(r"^PERPETUO__(.+)$")


def run(world):
    known = yaml.safe_load(world.text("deploy/config/one.yaml"))
    for where, thing in world.each("ConfigMap"):
        for text in thing["data"].values():
            for path in unknown(yaml.safe_load(text), known):
                yield f"{where}: there is no setting {path}"
    for where, _, pod in world.pods():
        for variable in pod["containers"][0].get("env", ()):
            if named := LIKE_SETTING.match(variable["name"]):
                path = named.group(1).lower().split("__")
                if not has(known, path):
                    yield f"{where}: there is no setting {'.'.join(path)}"
    ours = yaml.safe_load(world.text(FILE))
    for path in leaves(yaml.safe_load(world.text("deploy/config/cluster.yaml"))):
        if not has(ours, path.split(".")) and not any((path + ".").startswith(f"{there}.") for there in OTHERWISE):
            yield f"{FILE}: a cluster sets {path}, and here it has its default"
    yield from addresses(ours, world)
    yield from binary.takes(world)


def unknown(given, known, path=""):
    for key, value in given.items():
        place = f"{path}.{key}".lstrip(".")
        if not isinstance(known, dict) or key not in known:
            yield place
        elif isinstance(value, dict) and known[key]:
            yield from unknown(value, known[key], place)


def has(known, path):
    for key in path:
        if not isinstance(known, dict) or key not in known:
            return False
        known = known[key]
    return True


def leaves(given, path=""):
    for key, value in given.items():
        place = f"{path}.{key}".lstrip(".")
        if isinstance(value, dict) and value:
            yield from leaves(value, place)
        else:
            yield place


def addresses(ours, world):
    """Peers are where their Services are."""
    services = {t["metadata"]["name"]: t for t in world.renderings["base"] if t["kind"] == "Service"}
    for name, service in services.items():
        if name == "edge":
            continue
        expected = f"http://{name}:{service['spec']['ports'][0]['port']}"
        if ours["peers"].get(name.replace("-", "_")) != expected:
            yield f"{FILE}: {name} is at {expected}"


def _file(path, old, new):
    def damage(world):
        assert old in world.text(path), old
        world.texts[path] = world.text(path).replace(old, new)

    return damage


def _map(old, new):
    def damage(world):
        data = next(thing for where, thing in world.each("ConfigMap") if where.startswith("base"))["data"]
        assert old in data["perpetuo.yaml"], old
        data["perpetuo.yaml"] = data["perpetuo.yaml"].replace(old, new)

    return damage


def _variable(world):
    pod = world.one("everything", "Deployment", "edge")["spec"]["template"]["spec"]
    pod["containers"][0]["env"].append({"name": "PERPETUO__PEERS__TSL__CA_FILE", "value": "x"})


BROKEN = [
    ("a setting that does not exist", _map("drain_seconds", "drain_second")),
    ("a variable that is no setting", _variable),
    ("a setting that a cluster has and Kubernetes has not", _file(FILE, "max_connections: 8", "max_connection: 8")),
    ("a peer that is elsewhere", _file(FILE, "http://billing:9090", "http://billing:9091")),
]


def also_blind(world):
    """What the binary lets pass: each is a pod whose answers must not be what they are for the whole one."""
    return binary.blind(world)

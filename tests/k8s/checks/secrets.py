"""No secret is written down, and each role has the ones that it needs and no others."""

import re

import yaml

import sources

SECRET_NAME = re.compile(r"(password|secret|token|credential|private|(^|_)master$)")
NOT_SECRET = {"default_max_tokens", "model_output_tokens", "payment_instructions"}
WITH_PASSWORD = re.compile(r"://[^/\s:]+:[^/\s@]+@")
OPTIONAL = {"PERPETUO__MAIL__SMTP__PASSWORD"}


def run(world):
    for where, thing in world.each("Secret"):
        yield f"{where}: it is in the open"
    for where, thing in world.each("ConfigMap"):
        for text in thing.get("data", {}).values():
            for path in written(yaml.safe_load(text)):
                yield f"{where}: {path} is a secret"
    for where, thing, pod in world.pods():
        for container in pod["containers"]:
            for variable in container.get("env", ()):
                value = variable.get("value", "")
                if value and (WITH_PASSWORD.search(value) or SECRET_NAME.search(variable["name"].lower()) or variable["name"].endswith("_URL")):
                    yield f"{where}: the variable {variable['name']} is written down"
        for problem in (*variables(world, thing, pod), *keys(world, thing, pod)):
            yield f"{where}: {problem}"


def written(value, path=""):
    if isinstance(value, dict):
        for key, part in value.items():
            if SECRET_NAME.search(str(key)) and key not in NOT_SECRET and part:
                yield f"{path}.{key}".lstrip(".")
            yield from written(part, f"{path}.{key}")
    elif isinstance(value, list):
        for part in value:
            yield from written(part, path)
    elif isinstance(value, str) and (WITH_PASSWORD.search(value) or "PRIVATE KEY" in value):
        yield path.lstrip(".")


def variables(world, thing, pod):
    """Addresses with passwords go to who uses them."""
    name = thing["metadata"]["name"]
    given = {v["name"] for v in pod["containers"][0].get("env", ()) if "valueFrom" in v}
    if thing["kind"] == "Job":
        wanted = {"DATABASE_URL", "PERPETUO__DATABASE__ADMIN_URL"}
    elif thing["kind"] == "StatefulSet":
        wanted = {"PERPETUO__OPS__TOKEN"}
    else:
        wanted = {"PERPETUO__OPS__TOKEN"}
        wanted |= {"DATABASE_URL"} if name in sources.with_tables(world) else set()
        wanted |= {"REDIS_URL"} if name in ("identity", "usage-metering", "gateway") else set()
    for variable in sorted((given - OPTIONAL) ^ wanted):
        yield f"it {'has' if variable in given else 'lacks'} {variable}"


def keys(world, thing, pod):
    """Each role signs as itself only, and who seals nothing has no master key."""
    if thing["kind"] != "Deployment":
        return
    name = thing["metadata"]["name"]
    mounted = {m["name"]: m["mountPath"] for m in pod["containers"][0]["volumeMounts"]}
    private, master, public = set(), False, 0
    for volume in pod["volumes"]:
        sources_of = volume.get("projected", {}).get("sources", [])
        for secret in [s["secret"] for s in sources_of] + ([volume["secret"]] if "secret" in volume else []):
            paths = [item["path"] for item in secret.get("items", ())]
            private |= {path for path in paths if path.endswith(".key") and path != "master.key"}
            master |= "master.key" in paths and mounted.get(volume["name"]) == "/etc/perpetuo/master"
            whole = not paths and volume["name"] == "peers"
            public += whole and "public" in secret["name"]
            if whole and "public" not in secret["name"]:
                yield f"it has all of {secret['name']}"
    if private != {f"{name}.key"} or mounted.get("peers") != "/etc/perpetuo/peers":
        yield f"it signs with {sorted(private)}"
    if public != 1:
        yield "it does not know the other roles' public keys"
    if master != (name in sources.with_master_key(world)):
        yield f"it {'has' if master else 'lacks'} the master key"


def _pod(name, change, kind="Deployment"):
    return lambda world: change(world.one("base", kind, name)["spec"]["template"]["spec"])


def _setting(line):
    def damage(world):
        found = next(thing for where, thing in world.each("ConfigMap") if where.startswith("base"))
        found["data"]["perpetuo.yaml"] += line

    return damage


def _peers(pod):
    return next(v for v in pod["volumes"] if v["name"] == "peers")["projected"]["sources"]


BROKEN = [
    ("a Secret in the open", lambda w: w.renderings["base"].append({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "x"}})),
    ("a password in the configuration", _setting("mail: { smtp: { password: hunter2 } }\n")),
    ("an address with a password", _setting("redis: { url: 'redis://me:hunter2@redis' }\n")),
    ("a token as a value", _pod("edge", lambda p: p["containers"][0]["env"].append({"name": "PERPETUO__OPS__TOKEN", "value": "0123456789abcdef"}))),
    ("an edge that reads the database", _pod("edge", lambda p: p["containers"][0]["env"].append({"name": "DATABASE_URL", "valueFrom": {}}))),
    ("a migration without its user", _pod("migrate", lambda p: p["containers"][0]["env"].pop(), "Job")),
    ("another role's key", _pod("edge", lambda p: _peers(p)[1]["secret"]["items"].append({"key": "gateway.key", "path": "gateway.key"}))),
    ("all keys", _pod("edge", lambda p: _peers(p)[1]["secret"].pop("items"))),
    ("no public keys", _pod("edge", lambda p: _peers(p).pop(0))),
    ("a master key for the gateway", _pod("gateway", lambda p: (
        p["volumes"].append({"name": "m", "secret": {"items": [{"key": "master.key", "path": "master.key"}]}}),
        p["containers"][0]["volumeMounts"].append({"name": "m", "mountPath": "/etc/perpetuo/master"}),
    ))),
]

"""Every gRPC service of the protos has a route to its role, and streams have no deadline at the proxy."""

import re

import sources
from world import ROOT


def services():
    """Full names of all services."""
    found = set()
    for file in (ROOT / "proto" / "perpetuo").rglob("*.proto"):
        text = file.read_text(encoding="utf-8")
        package = re.search(r"^package ([\w.]+);", text, re.M)
        found |= {f"{package.group(1)}.{name}" for name in re.findall(r"^service (\w+)", text, re.M)}
    return found


def run(world):
    for rendering in ("everything", "chart everything"):
        routed = {}
        for thing in world.renderings[rendering]:
            if thing["kind"] != "GRPCRoute":
                continue
            for rule in thing["spec"]["rules"]:
                for match in rule["matches"]:
                    routed[match["method"]["service"]] = rule["backendRefs"][0]["name"]
        for name in sorted(services() ^ routed.keys()):
            yield f"{rendering}: {name} {'has no route' if name not in routed else 'is no service'}"
        for name, role in routed.items():
            # perpetuo.engine.v1 -> agent-engine, perpetuo.usage.v1 -> usage-metering.
            if name.split(".")[1] not in role.split("-") or role not in sources.order(world):
                yield f"{rendering}: {name} goes to {role}"
    for where, thing in world.each("HTTPRoute"):
        for rule in thing["spec"]["rules"]:
            if rule.get("backendRefs") and rule.get("timeouts") != {"request": "0s"}:
                yield f"{where}: it cuts streams"


def _route(kind, name, change):
    return lambda world: change(world.one("everything", kind, name)["spec"]["rules"][0])


BROKEN = [
    ("a service that does not exist", _route("GRPCRoute", "identity", lambda r: r["matches"][0]["method"].update(service="perpetuo.identity.v2.Identity"))),
    ("a service at another role", _route("GRPCRoute", "identity", lambda r: r["backendRefs"][0].update(name="billing"))),
    ("a proxy with a deadline", _route("HTTPRoute", "edge", lambda r: r.pop("timeouts"))),
]

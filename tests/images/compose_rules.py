"""What must hold of deploy/compose.yaml, as Docker reads it.

    compose_rules.py COMPOSE_JSON DEPLOY

COMPOSE_JSON is what `docker-compose --profile '*' config --format json` says; DEPLOY is the folder with the files that it
names. Prints each rule that does not hold.
"""

import json
import re
import sys
from pathlib import Path

import yaml

OURS = re.compile(r"^perpetuo:")
# Which roles open sealed values: deploy/server/src/roles.rs.
SEALED = {"identity", "workspace", "usage-metering"}


def main(composition, deploy):
    services = composition["services"]
    settings = yaml.safe_load((deploy / "config/compose.yaml").read_text())
    asked = yaml.safe_load((deploy / "prometheus/prometheus.yml").read_text())
    wrong = []
    for name, service in services.items():
        wrong += [f"{name}: {problem}" for problem in confined(name, service)]
        wrong += [f"{name}: {source} is not there" for source in missing(service)]
    wrong += roles(services, settings, asked)
    wrong += networks(composition)
    return wrong


def confined(name, service):
    if not service.get("read_only"):
        yield "its root is not read-only"
    if service.get("cap_drop") != ["ALL"] or service.get("cap_add"):
        yield "it has capabilities"
    if "no-new-privileges:true" not in service.get("security_opt", []):
        yield "it may gain privileges"
    if service.get("privileged"):
        yield "it is privileged"
    tag = service["image"].rpartition(":")[2]
    if "/" in tag or tag in ("", "latest"):
        yield f"{service['image']} is not pinned to a version"
    for port in service.get("ports", []):
        if name != "envoy":
            yield "only envoy is published"
        if port.get("host_ip") != "127.0.0.1":
            yield f"port {port['target']} is published beyond loopback"


def missing(service):
    for volume in service.get("volumes", []):
        if volume["type"] == "bind" and not Path(volume["source"]).exists():
            yield volume["source"]


def roles(services, settings, asked):
    """One service for each role, at the address that the others have for it, asked by Prometheus, stopped patiently."""
    serving = {name: s for name, s in services.items() if OURS.match(s["image"]) and (s.get("command") or [""])[0] == "serve"}
    for name, service in serving.items():
        if service["command"] != ["serve", "--role", name]:
            yield f"{name}: it serves {service['command']}"
        sees_master = any(v.get("target") == settings["keys"]["dir"] for v in service["volumes"])
        if sees_master != (name in SEALED):
            yield f"{name}: it {'sees' if sees_master else 'does not see'} the master key"
        patience = sum(settings["shutdown"].values())
        if seconds(service["stop_grace_period"]) <= patience:
            yield f"{name}: it is killed after {service['stop_grace_period']}, and may need {patience}s"
        if service["depends_on"].get("migrate", {}).get("condition") != "service_completed_successfully":
            yield f"{name}: it does not wait for the migration"
    peers = {key.replace("_", "-"): url for key, url in settings["peers"].items() if isinstance(url, str) and "://" in url}
    if set(peers) != set(serving) - {"edge"} or any(url != f"http://{name}:9090" for name, url in peers.items()):
        yield f"config/compose.yaml says peers {peers}, and there are {sorted(serving)}"
    [job] = [job for job in asked["scrape_configs"] if job["job_name"] == "perpetuo"]
    targets = {t["labels"]["role"]: t["targets"] for t in job["static_configs"]}
    if targets != {name: [f"{name}:9091"] for name in serving}:
        yield f"prometheus.yml asks {targets}, and there are {sorted(serving)}"


def networks(composition):
    services, declared = composition["services"], composition["networks"]
    joined = {name: set(service.get("networks") or {}) for name, service in services.items()}
    for closed in ("inside", "data", "watched"):
        if not declared[closed].get("internal"):
            yield f"the network {closed} has a way out"
    for name in ("postgres", "redis"):
        if joined[name] != {"data"}:
            yield f"{name}: it is on {sorted(joined[name])}"
    for name in ("edge", "envoy"):
        if "data" in joined[name]:
            yield f"{name}: it reaches the databases"
    if [name for name in joined if "published" in joined[name]] != ["envoy"]:
        yield "only envoy is on the network that is published"


def seconds(duration):
    parts = re.findall(r"(\d+)([hms])", duration)
    return sum(int(number) * {"h": 3600, "m": 60, "s": 1}[unit] for number, unit in parts)


if __name__ == "__main__":
    problems = main(json.loads(Path(sys.argv[1]).read_text()), Path(sys.argv[2]))
    print("\n".join(problems))
    sys.exit(1 if problems else 0)

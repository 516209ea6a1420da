"""Scalers ask for metrics that exist, and their largest numbers fit into the database that README.md asks for."""

import re

import yaml

import sources
from world import ROOT

README = "k8s/README.md"


def run(world):
    metrics = known_metrics(world)
    for where, thing in world.each("HorizontalPodAutoscaler"):
        spec = thing["spec"]
        if not 2 <= spec["minReplicas"] <= spec["maxReplicas"]:
            yield f"{where}: from {spec['minReplicas']} to {spec['maxReplicas']} pods"
        for metric in spec["metrics"]:
            if metric["type"] == "Pods" and metric["pods"]["metric"]["name"] not in metrics:
                yield f"{where}: nothing has the metric {metric['pods']['metric']['name']}"
        scaled = world.one(where.split(":")[0], "Deployment", spec["scaleTargetRef"]["name"])
        if "replicas" in scaled["spec"]:
            yield f"{where}: the Deployment says a number of its own, which undoes what was scaled"
    adapter = yaml.safe_load(world.text("k8s/examples/prometheus-adapter/rules.yaml"))
    asked = re.search(r"\^perpetuo_\((.*?)\)\$", adapter["rules"]["custom"][0]["seriesQuery"]).group(1).split("|")
    wanted = {m["pods"]["metric"]["name"] for _, t in world.each("HorizontalPodAutoscaler") for m in t["spec"]["metrics"] if m["type"] == "Pods"}
    if {f"perpetuo_{name}" for name in asked} != wanted:
        yield f"prometheus-adapter serves {asked}, the scalers want {sorted(wanted)}"
    yield from connections(world)


def known_metrics(world):
    found = set()
    for top in ("edge", "services", "deploy"):
        for file in (ROOT / top).rglob("*.rs"):
            found |= set(re.findall(r'"(perpetuo_[a-z_]+)"', file.read_text(encoding="utf-8")))
    return found


def connections(world):
    """The sum that the README gives is the sum."""
    each = yaml.safe_load(world.text("k8s/base/perpetuo.yaml"))["database"]["max_connections"]
    # A roll-out has one pod of a role more for a while.
    pods = sum(
        thing["spec"]["maxReplicas"] + 1
        for where, thing in world.each("HorizontalPodAutoscaler")
        if where.startswith("production:") and thing["metadata"]["name"] in sources.with_tables(world)
    )
    told = re.search(r"at most \**(\d+) connections", world.text(README))
    if not told or int(told.group(1)) != pods * each:
        yield f"{README}: {pods} pods with {each} connections each are {pods * each}, it says {told and told.group(1)}"


def _scaler(change):
    return lambda world: change(world.one("production", "HorizontalPodAutoscaler", "gateway")["spec"])


BROKEN = [
    ("a metric that nothing has", _scaler(lambda s: s["metrics"][1]["pods"]["metric"].update(name="perpetuo_gateway_streams"))),
    ("a scaler with one pod", _scaler(lambda s: s.update(minReplicas=1))),
    ("a number that undoes scaling", lambda w: w.one("production", "Deployment", "gateway")["spec"].update(replicas=1)),
    ("more connections than are told of", lambda w: w.one("production", "HorizontalPodAutoscaler", "identity")["spec"].update(maxReplicas=20)),
]

"""Pods are probed, bounded, spread, and stop in as much time as they are told."""

import yaml

import sources

# Beside drain and grace: what a process may take to write down what requests have left behind.
LAST_STEPS = 20


def run(world):
    roles = set(sources.order(world))
    for where, thing, pod in world.pods():
        container = pod["containers"][0]
        for problem in (*probes(thing, container), *resources(container), *arguments(thing, container, roles)):
            yield f"{where}: {problem}"
        if thing["kind"] == "Deployment":
            for problem in (*rolls(thing), *spread(thing, pod)):
                yield f"{where}: {problem}"
        if thing["kind"] != "Job":
            for problem in stops(world, where, pod):
                yield f"{where}: {problem}"
    for rendering in ("base", "chart"):
        there = {thing["metadata"]["name"] for thing in world.renderings[rendering] if thing["kind"] == "Deployment"}
        for role in sorted(there ^ roles):
            yield f"{rendering}: there is {'no role' if role in there else 'no Deployment'} {role}"


def probes(thing, container):
    if thing["kind"] == "Job":
        return
    ports = {port["name"]: port["containerPort"] for port in container["ports"]}
    for probe, path in (("startupProbe", "/livez"), ("livenessProbe", "/livez"), ("readinessProbe", "/readyz")):
        asked = container.get(probe, {}).get("httpGet")
        if not asked:
            yield f"there is no {probe}"
        elif asked["path"] != path or ports.get(asked["port"]) != 9091:
            yield f"the {probe} asks {asked}"


def resources(container):
    given = container.get("resources", {})
    for kind in ("requests", "limits"):
        for what in ("cpu", "memory"):
            if what not in given.get(kind, {}):
                yield f"there is no {kind[:-1]} of {what}"


def arguments(thing, container, roles):
    given = container["args"]
    name = thing["metadata"]["name"]
    if given == ["serve", "--role", name] and name in roles:
        return
    if given != {"StatefulSet": ["serve"], "Job": ["migrate"]}.get(thing["kind"]):
        yield f"it runs perpetuo {' '.join(given)}"


def rolls(thing):
    strategy = thing["spec"].get("strategy", {})
    if strategy.get("rollingUpdate", {}).get("maxUnavailable") != 0:
        yield "a roll-out takes a pod away before there is another"


def spread(thing, pod):
    keys = {rule["topologyKey"] for rule in pod.get("topologySpreadConstraints", ())
            if rule["labelSelector"]["matchLabels"] == thing["spec"]["selector"]["matchLabels"]}
    if keys != {"topology.kubernetes.io/zone", "kubernetes.io/hostname"}:
        yield "its pods may all be on one node, or in one zone"


def stops(world, where, pod):
    rendering = where.split(":")[0]
    mounted = next(v["configMap"]["name"] for v in pod["volumes"] if v["name"] == "config")
    try:
        config = yaml.safe_load(world.one(rendering, "ConfigMap", mounted)["data"]["perpetuo.yaml"])
    except KeyError:
        yield f"there is no ConfigMap {mounted}"
        return
    needed = config["shutdown"]["drain_seconds"] + config["shutdown"]["grace_seconds"] + LAST_STEPS
    if pod["terminationGracePeriodSeconds"] < needed:
        yield f"it is killed after {pod['terminationGracePeriodSeconds']} s, and may take {needed}"


def _edge(change):
    def damage(world):
        thing = world.one("base", "Deployment", "edge")
        change(thing["spec"], thing["spec"]["template"]["spec"])

    return damage


BROKEN = [
    ("a pod without a readiness probe", _edge(lambda s, p: p["containers"][0].pop("readinessProbe"))),
    ("a liveness probe that asks the database", _edge(lambda s, p: p["containers"][0]["livenessProbe"]["httpGet"].update(path="/readyz"))),
    ("a pod without limits", _edge(lambda s, p: p["containers"][0]["resources"].pop("limits"))),
    ("a role that does not exist", _edge(lambda s, p: p["containers"][0].update(args=["serve", "--role", "edges"]))),
    ("a roll-out with a gap", _edge(lambda s, p: s["strategy"]["rollingUpdate"].update(maxUnavailable=1))),
    ("pods on one node", _edge(lambda s, p: p.pop("topologySpreadConstraints"))),
    ("a pod that is killed too early", _edge(lambda s, p: p.update(terminationGracePeriodSeconds=30))),
    ("a pod without its configuration", lambda w: w.renderings["base"].remove(next(t for _, t in w.each("ConfigMap")))),
    ("a role without a Deployment", lambda w: w.renderings["base"].remove(w.one("base", "Deployment", "billing"))),
]

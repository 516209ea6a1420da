"""The chart renders the objects that kustomize renders.

What differs on purpose is taken away first: the namespace (Helm is told it beside the objects), annotations that tell Argo
CD or Helm in which order to go, the hash of the configuration (in a name there, in an annotation here), comments in the
configuration, the order of what has no order, and what the chart does not make: the Namespace, and Secrets from outside.
"""

import copy
import json
import re

import yaml

PAIRS = {"chart": "base", "chart production": "production", "chart everything": "everything"}
NOT_IN_THE_CHART = {"Namespace", "ExternalSecret"}
ORDERLESS = {"env", "ports", "volumes", "volumeMounts", "from", "to", "ingress", "egress", "dnsNames"}
ORDER_ANNOTATIONS = ("argocd.argoproj.io/", "helm.sh/", "checksum/")


def run(world):
    for chart, overlay in PAIRS.items():
        ours, theirs = (normal(world.renderings[name]) for name in (chart, overlay))
        for key in sorted(ours.keys() ^ theirs.keys()):
            yield f"{key} is only in {chart if key in ours else overlay}, and not in {overlay if key in ours else chart}"
        for key in sorted(ours.keys() & theirs.keys()):
            for difference in differences(ours[key], theirs[key]):
                yield f"{key}: {difference} ({chart} / {overlay})"


def normal(objects):
    """Objects by kind and name, without what differs on purpose."""
    found = {}
    for thing in objects:
        if thing["kind"] in NOT_IN_THE_CHART:
            continue
        thing = copy.deepcopy(thing)
        about = thing["metadata"]
        about.pop("namespace", None)
        if thing["kind"] == "ConfigMap":
            thing["data"] = {name: yaml.safe_load(text) for name, text in thing["data"].items()}
        thing = clean(thing)
        key = f"{thing['kind']} {thing['metadata']['name']}"
        assert key not in found, f"{key} is there twice"
        found[key] = thing
    return found


def clean(value, key=None):
    if isinstance(value, dict):
        cleaned = {name: clean(part, name) for name, part in value.items()}
        if isinstance(notes := cleaned.get("annotations"), dict):
            notes = {name: text for name, text in notes.items() if not name.startswith(ORDER_ANNOTATIONS)}
            cleaned["annotations"] = notes
            if not notes:
                del cleaned["annotations"]
        return cleaned
    if isinstance(value, list):
        cleaned = [clean(part) for part in value]
        return sorted(cleaned, key=lambda part: json.dumps(part, sort_keys=True)) if key in ORDERLESS else cleaned
    if isinstance(value, str):
        return re.sub(r"^perpetuo-config-[a-z0-9]{10}$", "perpetuo-config", value)
    return value


def differences(ours, theirs, path=""):
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for key in sorted(ours.keys() | theirs.keys()):
            yield from differences(ours.get(key), theirs.get(key), f"{path}.{key}")
    elif isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        for number, (one, other) in enumerate(zip(ours, theirs)):
            yield from differences(one, other, f"{path}[{number}]")
    elif ours != theirs:
        yield f"{path.lstrip('.')} is {ours!r} / {theirs!r}"


def _limit(world):
    pod = world.one("chart", "Deployment", "edge")["spec"]["template"]["spec"]
    pod["containers"][0]["resources"]["limits"]["memory"] = "1Gi"


def _setting(world):
    config = world.one("chart", "ConfigMap", "perpetuo-config")["data"]
    config["perpetuo.yaml"] = config["perpetuo.yaml"].replace("grace_seconds: 120", "grace_seconds: 60")


def _without(kind, name):
    def damage(world):
        objects = world.renderings["chart production"]
        objects.remove(world.one("chart production", kind, name))

    return damage


BROKEN = [
    ("another limit of memory", _limit),
    ("another setting", _setting),
    ("a budget that the chart does not have", _without("PodDisruptionBudget", "edge")),
    ("an alert that the chart does not have", _without("PrometheusRule", "perpetuo-kubernetes")),
]

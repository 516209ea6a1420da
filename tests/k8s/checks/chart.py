"""The chart refuses values that do not exist, and what is given arrives."""

import helm_python
import yaml

from world import CHART, render_chart

OWN = "chart own"
DIGEST = "registry.example.com/ai/perpetuo@sha256:7d865e959b2466918c9863afca942d0fb89d7c9ac0c99bafc3749504ded97730"
# Names of Secrets in values/own.yaml, and the two that it leaves as they are.
SECRETS = {"pg", "pg-admin", "cache", "ops", "master", "peers", "peers-public", "perpetuo-mail", "perpetuo-billing"}


def run(world):
    for error in helm_python.lint(str(CHART))["errors"]:
        yield f"helm lint: {error}"
    objects = world.renderings[OWN]
    for where, _, pod in world.pods():
        if where.startswith(f"{OWN}:"):
            if pod["containers"][0]["image"] != DIGEST or pod.get("imagePullSecrets") != [{"name": "registry"}]:
                yield f"{where}: it takes the image {pod['containers'][0]['image']}"
    named = set(secrets(objects))
    if named != SECRETS:
        yield f"{OWN}: it names the Secrets {sorted(named ^ SECRETS)}"
    yield from settings(world)
    for role, replicas in (("edge", 3), ("gateway", 4), ("identity", None)):
        if (found := world.one(OWN, "Deployment", role)["spec"].get("replicas")) != replicas:
            yield f"{OWN}: {role} has {found} pods"
    asked = world.one(OWN, "Deployment", "gateway")["spec"]["template"]["spec"]["containers"][0]["resources"]
    if asked["requests"] != {"cpu": "1", "memory": "256Mi"}:
        yield f"{OWN}: the gateway asks for {asked}"
    if any(thing["kind"] == "NetworkPolicy" for thing in objects):
        yield f"{OWN}: there are network policies"
    ingress = world.one(OWN, "Ingress", "edge")
    if ingress["spec"].get("ingressClassName") != "traefik" or ingress["spec"]["tls"][0]["hosts"] != ["ai.example.org"]:
        yield f"{OWN}: the Ingress is {ingress['spec']}"


def settings(world):
    config = yaml.safe_load(world.one(OWN, "ConfigMap", "perpetuo-config")["data"]["perpetuo.yaml"])
    expected = [
        (("edge", "public_url"), "https://ai.example.org"),
        # Large numbers must not become 1.07e+09, which is no whole number for the binary.
        (("workspace", "max_responses_bytes"), 1073741824),
        (("database", "max_connections"), 4),
        (("edge", "listen"), "0.0.0.0:8080"),
    ]
    for (section, key), value in expected:
        found = config.get(section, {}).get(key)
        if found != value or type(found) is not type(value):
            yield f"{OWN}: {section}.{key} is {found!r}"


def secrets(value):
    """Every Secret that is named."""
    if isinstance(value, dict):
        for key, part in value.items():
            if key in ("secretKeyRef", "secretRef", "secret") and isinstance(part, dict):
                yield part.get("name") or part.get("secretName")
            yield from secrets(part)
    elif isinstance(value, list):
        for part in value:
            yield from secrets(part)


REFUSED = [
    {"imag": {"tag": "1"}},
    {"image": {"digest": "latest"}},
    {"image": {"pullPolicy": "Sometimes"}},
    {"roles": {"edges": {"replicas": 1}}},
    {"roles": {"edge": {"replicas": "3"}}},
    {"autoscaling": {"inFlight": {"edge": 0}}},
    {"secrets": {"database": ""}},
]


def also_blind(_world):
    for values in REFUSED:
        try:
            render_chart(values)
        except helm_python.HelmError:
            continue
        yield f"the values {values}"


def _own(kind, name, change):
    return lambda world: change(world.one(OWN, kind, name))


BROKEN = [
    ("an image of somebody else", _own("Deployment", "edge", lambda t: t["spec"]["template"]["spec"]["containers"][0].update(image="perpetuo:0.1.0"))),
    ("a name of a Secret that does not arrive", _own("Deployment", "billing", lambda t: t["spec"]["template"]["spec"]["containers"][0]["envFrom"][0]["secretRef"].update(name="x"))),
    ("a setting that does not arrive", _own("ConfigMap", "perpetuo-config", lambda t: t["data"].update({"perpetuo.yaml": "{}"}))),
    ("a number that is none any more", _own("ConfigMap", "perpetuo-config", lambda t: t["data"].update({"perpetuo.yaml": t["data"]["perpetuo.yaml"].replace("1073741824", "1.073741824e+09")}))),
]

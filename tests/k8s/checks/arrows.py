"""Network policies allow the calls of deploy/server/src/roles.rs, and nothing else."""

import sources
from network import Network

# Whose crates call out: providers of models, payments, exports to S3. workspace only judges addresses, it calls none.
TO_THE_INTERNET = {"gateway", "billing", "usage-metering", "workspace", "identity"}
TO_REDIS = {"identity", "usage-metering", "gateway"}
TO_MAIL = {"workspace", "identity", "usage-metering", "billing"}
RENDERINGS = ["base", "production", "everything", "chart", "chart everything"]

OWN = {"kubernetes.io/metadata.name": "perpetuo"}
STRANGER = {"pod": {}, "namespace": {"kubernetes.io/metadata.name": "default"}}
# A pod that somebody else has put into our namespace.
LODGER = {"app": "shell"}
INGRESS, STORES, MONITORING = (
    {"pod": {}, "namespace": {"kubernetes.io/metadata.name": name, f"perpetuo/{name}": "true"}}
    for name in ("ingress", "stores", "monitoring")
)
DNS = {"pod": {"k8s-app": "kube-dns"}, "namespace": {"kubernetes.io/metadata.name": "kube-system"}}


def labels(component):
    return {"app.kubernetes.io/name": "perpetuo", "app.kubernetes.io/component": component}


def address(text):
    return {"address": text}


def run(world):
    for rendering in RENDERINGS:
        network = Network(world.renderings[rendering], OWN)
        grpc_from_outside = rendering in ("everything", "chart everything")
        for problem in (*calls(world, network), *outside(world, network), *inside(world, network, grpc_from_outside)):
            yield f"{rendering}: {problem}"
    network = Network(world.renderings["local"], OWN)
    for problem in alone(network):
        yield f"local: {problem}"


def calls(world, network):
    callees = sources.callees(world)
    for caller in [*callees, "migrate", None]:
        for callee in callees:
            expected = callee in callees.get(caller, ())
            who = labels(caller) if caller else LODGER
            for port in (9090, 9091, 8080):
                if network.allows(who, labels(callee), port) != (expected and port == 9090):
                    verb = "cannot call" if expected and port == 9090 else "may call"
                    yield f"{caller or 'a pod that is not ours'} {verb} {callee} on port {port}"


def outside(world, network):
    tables = sources.with_tables(world) | {"migrate"}
    for role in [*sources.callees(world), "migrate"]:
        def reaches(peer, port, protocol="TCP"):
            return network.lets_out(labels(role), peer, port, protocol)

        expectations = [
            ("PostgreSQL", role in tables, reaches(STORES, 5432) and reaches(address("10.1.2.3"), 5432)),
            ("Redis", role in TO_REDIS, reaches(STORES, 6379) and reaches(address("10.1.2.3"), 6379)),
            ("the internet", role in TO_THE_INTERNET, reaches(address("203.0.113.9"), 443) and reaches(address("2606:4700::1"), 443)),
            ("mail servers", role in TO_MAIL, reaches(address("203.0.113.9"), 587)),
            ("names", True, reaches(DNS, 53, "UDP") and reaches(DNS, 53)),
            ("the collector of traces", True, reaches(MONITORING, 4317)),
            ("the metadata service", False, any(reaches(address(a), port) for a in ("169.254.169.254", "fd00:ec2::254") for port in (80, 443))),
            ("the Kubernetes API", False, any(reaches(address("10.96.0.1"), port) for port in (443, 6443))),
            ("other namespaces", False, any(reaches(STRANGER, port) for port in (80, 443, 5432, 6379, 8080, 9090))),
            ("the internet unencrypted", False, reaches(address("203.0.113.9"), 80)),
            ("databases on the internet", False, reaches(address("203.0.113.9"), 5432)),
        ]
        for what, expected, found in expectations:
            if expected != found:
                yield f"{role} {'does not reach' if expected else 'reaches'} {what}"


def inside(world, network, grpc_from_outside):
    for role in [*sources.callees(world), "migrate"]:
        def admits(peer, port):
            return network.lets_in(labels(role), peer, port)

        expectations = [
            ("the ingress on 8080", role == "edge", admits(INGRESS, 8080)),
            ("the ingress on 9090", grpc_from_outside and role not in ("edge", "migrate"), admits(INGRESS, 9090)),
            ("Prometheus", True, admits(MONITORING, 9091)),
            ("other namespaces", False, any(admits(STRANGER, port) for port in (8080, 9090, 9091))),
            ("other networks", False, any(admits(address("10.1.2.3"), port) for port in (8080, 9090, 9091))),
        ]
        for what, expected, found in expectations:
            if expected != found:
                yield f"{role} {'does not admit' if expected else 'admits'} {what}"
    if network.lets_in(LODGER, STRANGER, 80) or network.lets_out(LODGER, STRANGER, 80):
        yield "a pod that is not ours is not closed off"


def alone(network):
    own = labels("all")
    if not (network.lets_in(own, INGRESS, 8080) and network.lets_in(own, MONITORING, 9091)):
        yield "the one pod cannot be reached"
    if network.lets_in(own, STRANGER, 8080) or network.lets_in(own, INGRESS, 9091):
        yield "the one pod can be reached by others"
    if not network.lets_out(own, address("203.0.113.9"), 443) or not network.lets_out(own, DNS, 53, "UDP"):
        yield "the one pod reaches no provider"
    if network.lets_out(own, address("169.254.169.254"), 443) or network.lets_out(own, address("10.1.2.3"), 443):
        yield "the one pod reaches what is private"


def _policy(name, change):
    def damage(world):
        change(world.one("base", "NetworkPolicy", name)["spec"])

    return damage


def _gone(name):
    def damage(world):
        world.renderings["base"].remove(world.one("base", "NetworkPolicy", name))

    return damage


def _source(old, new):
    def damage(world):
        assert old in world.text(sources.ROLES_RS)
        world.texts[sources.ROLES_RS] = world.text(sources.ROLES_RS).replace(old, new)

    return damage


def _caller(role):
    return {"podSelector": {"matchLabels": labels(role)}}


BROKEN = [
    ("an arrow too many", lambda w: [
        w.one("base", "NetworkPolicy", "billing")["spec"]["ingress"][0]["from"].append(_caller("gateway")),
        w.one("base", "NetworkPolicy", "gateway")["spec"]["egress"][0]["to"].append(_caller("billing")),
    ]),
    ("an arrow too few", _policy("gateway", lambda p: p["egress"][0]["to"].pop())),
    ("a namespace without a wall", _gone("default-deny")),
    ("a role without names", _gone("every-pod")),
    ("a gateway that reaches the metadata service", _policy("gateway", lambda p: p["egress"][1]["to"][0]["ipBlock"]["except"].remove("169.254.0.0/16"))),
    ("an edge that anybody reaches", _policy("edge", lambda p: p["ingress"][0].pop("from"))),
    ("an arrow that only the sources have", _source("Role::AgentEngine => &[Role::Identity", "Role::AgentEngine => &[Role::Billing, Role::Identity")),
    ("tables that only the sources have", _source("Role::AgentEngine => true,\n        Role::Gateway |", "Role::AgentEngine | Role::Gateway => true,\n       ")),
]

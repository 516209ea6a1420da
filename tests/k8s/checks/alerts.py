"""Alerts have expressions that can be read, a severity, and say what to do."""

import promql_parser


def run(world):
    for where, thing in world.each("PrometheusRule"):
        for group in thing["spec"]["groups"]:
            for rule in group["rules"]:
                for problem in judge(rule):
                    yield f"{where}: {rule.get('alert', rule.get('record'))}: {problem}"
    for where, thing in world.each("ServiceMonitor"):
        for endpoint in thing["spec"]["endpoints"]:
            # Metrics need the token, and dashboards and alerts the label `role`.
            if "authorization" not in endpoint:
                yield f"{where}: it shows no token"
            if not any(rule.get("targetLabel") == "role" for rule in endpoint.get("relabelings", ())):
                yield f"{where}: targets do not say their role"


def judge(rule):
    yield from expression(rule)
    if "record" in rule:
        return
    if rule.get("labels", {}).get("severity") not in ("warning", "critical"):
        yield "it has no severity"
    if not rule.get("annotations", {}).get("summary") or not rule["annotations"].get("description"):
        yield "it does not say what to do"


def expression(rule):
    try:
        promql_parser.parse(rule["expr"])
    except ValueError as error:
        yield f"its expression cannot be read: {error}"


def _rule(change):
    return lambda world: change(world.one("production", "PrometheusRule", "perpetuo-kubernetes")["spec"]["groups"][0]["rules"][0])


def _monitor(change):
    return lambda world: change(world.one("production", "ServiceMonitor", "perpetuo")["spec"]["endpoints"][0])


BROKEN = [
    ("an expression with an open bracket", _rule(lambda r: r.update(expr="sum(rate(x[5m])"))),
    ("an alert without a severity", _rule(lambda r: r.pop("labels"))),
    ("an alert that says nothing", _rule(lambda r: r["annotations"].pop("description"))),
    ("a monitor without a token", _monitor(lambda e: e.pop("authorization"))),
    ("a monitor without roles", _monitor(lambda e: e.pop("relabelings"))),
]

"""Does a real Prometheus answer every question, and does it know something?"""

import time

import pytest
import written
from started import within

# What there is only once something has happened that does not happen here, with the reason. A series with labels
# begins with its first event.
SILENT = {
    "perpetuo_gateway_breaker_changes_total": "no provider fails",
    "perpetuo_gateway_cached_answers_total": "no workspace wants kept answers",
    "perpetuo_gateway_guardrail_matches_total": "no guardrail is set",
    "perpetuo_gateway_refusals_total": "nothing is refused",
    "perpetuo_gateway_shadows_total": "no shadow traffic is set",
    "perpetuo_gateway_settlements_owed": "in one process the ledger takes settlements at once, so there is no spool",
    "perpetuo_gateway_settlements_unspooled_total": "as above",
    "perpetuo_grpc_calls_total": "in one process nobody calls over gRPC",
    "perpetuo_grpc_seconds": "as above",
    "perpetuo_peer_retries_total": "in one process there are no peers",
    "perpetuo_grpc_tls_failures_total": "gRPC is in plain text here",
    "perpetuo_certificate_expires_timestamp_seconds": "as above",
    "perpetuo_overload_turned_away_total": "nothing is too much",
    "perpetuo_identity_throttled_total": "nobody mistypes a password",
    "perpetuo_identity_logins_total": "nobody logs in: a sign-up opens a session by itself",
    "perpetuo_usage_cost_nanos_total": "nobody pays the simulator",
    "perpetuo_usage_leased_admissions_total": "there is no Redis",
    "perpetuo_usage_redis_failures_total": "there is no Redis",
    "perpetuo_usage_refusals_total": "no limit is reached",
    "perpetuo_gateway_breakers_open": "no provider fails",
    "ALERTS": "no alert fires",
}
# Questions that are answered with nothing while all is well.
WHEN_ILL = (
    "fleet: Checks that fail",
    "fleet: Routes that fail",
    "fleet: Calls that fail",
    "gateway: Failures (",
    "rule surface:perpetuo_http_errors:increase1h",
)


RECORDED = {rule["record"]: rule["expr"] for rule in written.rules() if "record" in rule}


def rests_on(expr: str) -> set[str]:
    """The metrics of processes from which an answer comes, through recording rules."""
    names = written.names(expr)
    return {n for name in names for n in (rests_on(RECORDED[name]) if name in RECORDED else {written.of_process(name)})}


def must_know_something(query) -> bool:
    """Alerts and pages are about what is ill, and some metrics about what has not happened here."""
    if query.place.startswith(("rule Perpetuo", "page ", *WHEN_ILL)):
        return False
    return not rests_on(query.text) & SILENT.keys()


@pytest.mark.parametrize("query", written.promql(), ids=str)
def test_prometheus_answers(query, used):
    _, prometheus, _ = used
    now = time.time()
    prometheus.get("/api/v1/query_range", query=query.text, start=now - 30, end=now, step=5)
    if must_know_something(query):
        # Rules are evaluated one after the other, and some rest on others.
        within(20, f"something is known of {query.text}", lambda: prometheus.query(query.text))
    else:
        prometheus.query(query.text)


def test_variables_have_values(used):
    _, prometheus, _ = used
    for name, board in written.dashboards().items():
        for variable in board["templating"]["list"]:
            if variable["type"] == "query" and variable["query"].startswith("label_values("):
                metric, label = variable["query"].removeprefix("label_values(").removesuffix(")").split(", ")
                values = prometheus.get(f"/api/v1/label/{label}/values", **{"match[]": metric})
                assert values == ["perpetuo"], f"{name}: ${variable['name']}"


def test_no_rule_fails(used):
    _, prometheus, _ = used
    for group in prometheus.get("/api/v1/rules")["groups"]:
        for rule in group["rules"]:
            assert rule["health"] == "ok", f"{rule['name']}: {rule.get('lastError')}"


def test_nothing_fires_while_all_is_well(used):
    _, prometheus, _ = used
    assert not prometheus.alerts()

"""Something breaks: does the right alert fire, and does it end when it is mended?"""

import pytest
import shorter
import written
from perpetuo import Perpetuo
from postgres import Postgres
from prometheus import Prometheus
from started import within


@pytest.fixture
def looked_at(tmp_path_factory):
    """Starts Perpetuo, and a Prometheus with the shortened rules; stops them in the end."""
    started = []

    def start(database: str | None = None):
        dir = tmp_path_factory.mktemp("looked-at")
        perpetuo = Perpetuo(dir, database)
        started.append(lambda: perpetuo.program.stop())
        prometheus = Prometheus(dir, perpetuo.ops, shorter.write(written.RULES, tmp_path_factory.mktemp("rules")))
        started.append(prometheus.stop)
        within(30, "Prometheus scrapes it", lambda: prometheus.query('up{job="perpetuo"} == 1'))
        return perpetuo, prometheus

    yield start
    for stop in reversed(started):
        stop()


def fires(prometheus: Prometheus, name: str) -> dict:
    return within(60, f"{name} fires; now: {prometheus.alerts().keys()}", lambda: prometheus.alerts().get(name))


def ends(prometheus: Prometheus, *names: str) -> None:
    within(90, f"{names} end", lambda: not set(names) & set(prometheus.alerts()))


def test_a_killed_process_is_an_alert_until_it_runs_again(looked_at):
    perpetuo, prometheus = looked_at()
    assert not prometheus.alerts()
    perpetuo.program.kill()
    alert = fires(prometheus, "PerpetuoRoleDown")
    assert alert["labels"] == {"alertname": "PerpetuoRoleDown", "severity": "critical", "job": "perpetuo", "role": "all"}
    assert alert["annotations"]["summary"] == "No process of all answers"
    assert fires(prometheus, "PerpetuoProcessDown")["labels"]["instance"] == f"127.0.0.1:{perpetuo.ops}"
    assert "PerpetuoNotReady" not in prometheus.alerts()
    perpetuo.start()
    ends(prometheus, "PerpetuoRoleDown", "PerpetuoProcessDown")


def test_a_database_that_is_gone_is_an_alert_until_it_is_back(looked_at):
    postgres = Postgres()
    try:
        perpetuo, prometheus = looked_at(postgres.url())
        assert not prometheus.alerts()
        postgres.stop()
        assert fires(prometheus, "PerpetuoNotReady")["labels"]["check"].endswith("database")
        assert fires(prometheus, "PerpetuoRoleNotReady")["labels"]["severity"] == "critical"
        assert fires(prometheus, "PerpetuoDatabaseFailing")["labels"]["kind"] == "unavailable"
        # The process itself runs, and says so.
        assert "PerpetuoRoleDown" not in prometheus.alerts()
        assert perpetuo.program.alive()
        postgres.start()
        ends(prometheus, "PerpetuoNotReady", "PerpetuoRoleNotReady", "PerpetuoDatabaseFailing")
    finally:
        postgres.remove()

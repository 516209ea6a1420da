"""What several tests share: a Perpetuo on SQLite with people who use it, and a Prometheus that looks at it."""

import pytest
from perpetuo import Perpetuo, Person
from prometheus import Prometheus
from started import within
from written import RULES


@pytest.fixture(scope="session")
def used(tmp_path_factory):
    """A Perpetuo that somebody has used, and goes on using; with what Prometheus, with our rules, saw of it."""
    dir = tmp_path_factory.mktemp("used")
    perpetuo = Perpetuo(dir)
    prometheus = None
    try:
        prometheus = Prometheus(dir, perpetuo.ops, RULES)
        ada = Person(perpetuo, "ada")
        rounds = iter(range(1000))

        def seen() -> bool:
            # Rates need two samples with something between them.
            number = next(rounds)
            ada.chat(stream=number % 2 == 1)
            return number > 5 and bool(prometheus.query("rate(perpetuo_gateway_attempts_total[10s]) > 0"))

        within(60, "Prometheus sees requests", seen)
        yield perpetuo, prometheus, ada
    finally:
        if prometheus:
            prometheus.stop()
        perpetuo.program.stop()


counts: dict[str, int] = {}


def pytest_runtest_logreport(report):
    if report.when == "call" or report.outcome != "passed":
        counts[report.outcome] = counts.get(report.outcome, 0) + 1


def pytest_unconfigure(config):
    # The last line, for whoever reads only that.
    left_out = f", {counts['skipped']} left out" if "skipped" in counts else ""
    print(f"{counts.get('passed', 0)} passed, {counts.get('failed', 0)} failed{left_out}")

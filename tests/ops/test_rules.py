"""Are the rules well formed, tested, explained, and about metrics that there are?"""

import subprocess

import pytest
import written
import yaml

ALERTS = {rule["alert"]: rule for rule in written.alerts()}


def promtool(*args: str) -> None:
    done = subprocess.run(["promtool", *args], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("file", written.RULES, ids=lambda f: f.name)
def test_promtool_takes_the_rules(file):
    promtool("check", "rules", str(file))


@pytest.mark.parametrize("file", written.TESTS, ids=lambda f: f.name)
def test_alerts_fire_when_they_should(file):
    promtool("test", "rules", str(file))


def asked_in_tests() -> list[tuple[str, bool]]:
    """Which alert a test asks for, and whether it expects that it fires."""
    tests = [test for file in written.TESTS for test in yaml.safe_load(file.read_text())["tests"]]
    asked = [question for test in tests for question in test.get("promql_expr_test", [])]
    return [(question["expr"], bool(question["exp_samples"])) for question in asked if question["expr"].startswith("ALERTS")]


@pytest.mark.parametrize("name", ALERTS)
def test_an_alert_is_seen_firing_and_not_firing(name):
    mine = {fires for expr, fires in asked_in_tests() if f'alertname="{name}"' in expr}
    assert True in mine, f"no test sees {name} fire"
    assert False in mine, f"no test sees that {name} does not fire"


@pytest.mark.parametrize("name", ALERTS)
def test_an_alert_says_what_it_means_and_what_to_do(name):
    rule = ALERTS[name]
    assert rule["labels"]["severity"] in ("critical", "warning")
    notes = rule["annotations"]
    assert set(notes) == {"summary", "description", "runbook_url"}
    assert notes["runbook_url"] == "{{ $externalLabels.runbooks }}deploy/runbooks/" + name + ".md"
    page = (written.RUNBOOKS / f"{name}.md").read_text()
    for heading in (f"# {name}\n", "**Users notice.**", "## First\n", "## Likely causes\n", "## What to do\n", "## It is over when\n"):
        assert heading in page, f"{name}.md lacks {heading!r}"


def test_no_page_is_left_of_an_alert_that_is_gone():
    pages = {file.stem for file in written.RUNBOOKS.glob("*.md")} - {"README"}
    assert pages == set(ALERTS)


def test_pages_name_alerts_metrics_and_rules_that_there_are():
    known = set(ALERTS) | written.shown() | recorded()
    for file in written.RUNBOOKS.glob("*.md"):
        for word in written.re.findall(
            r"[a-z_]+:[a-z_]+:[a-z0-9_]+|Perpetuo[A-Z]\w+|perpetuo_(?:gateway|usage|http|grpc|db|identity|feed|ready|mails|billing|engine)\w*",
            file.read_text(),
        ):
            assert word in known or written.of_process(word) in known, f"{file.name}: there is no {word}"


def recorded() -> set[str]:
    return {rule["record"] for rule in written.rules() if "record" in rule}


@pytest.mark.parametrize("query", written.promql(), ids=str)
def test_a_query_asks_for_metrics_that_there_are(query):
    known = written.shown() | recorded() | {"up", "ALERTS"}
    unknown = {name for name in written.names(query.text) if name not in known and written.of_process(name) not in known}
    assert not unknown, f"{query.text}: there is no {', '.join(unknown)}"


def test_every_metric_is_looked_at():
    """A metric that nobody looks at is dark. What only helps to explain others may be."""
    shown = [query for query in written.promql() if not query.place.startswith("page ")]
    asked = {written.of_process(name) for query in shown for name in written.names(query.text)}
    dark = written.shown() - asked - {name for name in written.shown() if not name.startswith("perpetuo_")}
    assert not dark, f"in no rule and on no dashboard: {', '.join(sorted(dark))}"

"""What is written in deploy/: rules, dashboards, and the questions in them."""

import json
import re
from dataclasses import dataclass
from pathlib import Path

import promql_parser
import yaml

ROOT = Path(__file__).resolve().parents[2]
PROMETHEUS = ROOT / "deploy/prometheus"
RULES = sorted((PROMETHEUS / "rules").glob("*.yml"))
TESTS = sorted((PROMETHEUS / "tests").glob("*.yml"))
GRAFANA = ROOT / "deploy/grafana"
RUNBOOKS = ROOT / "deploy/runbooks"
METRICS = PROMETHEUS / "METRICS.md"


def groups(file: Path) -> list[dict]:
    return yaml.safe_load(file.read_text())["groups"]


def rules() -> list[dict]:
    return [rule for file in RULES for group in groups(file) for rule in group["rules"]]


def alerts() -> list[dict]:
    return [rule for rule in rules() if "alert" in rule]


@dataclass(frozen=True)
class Query:
    """A question, and where it is asked."""

    place: str
    text: str

    def __str__(self) -> str:
        return self.place


def dashboards() -> dict[str, dict]:
    return {file.stem: json.loads(file.read_text()) for file in sorted((GRAFANA / "dashboards").glob("*.json"))}


def panels():
    """Each panel that asks something, with the place by which a test calls it."""
    for name, board in dashboards().items():
        for panel in board["panels"]:
            for target in panel.get("targets", []):
                yield f"{name}: {panel['title']} ({target['refId']})", target


def promql() -> list[Query]:
    """Every question to Prometheus, of dashboards, rules and runbooks, as Grafana, Prometheus or a person would ask it."""
    asked = [Query(place, concrete(target["expr"])) for place, target in panels() if "expr" in target]
    asked += [Query(f"rule {rule.get('alert') or rule['record']} {number}", rule["expr"]) for number, rule in enumerate(rules())]
    for page in sorted(RUNBOOKS.glob("*.md")):
        asked += [Query(f"page {page.stem}", expr) for expr in re.findall(r"'query=([^']+)'", page.read_text())]
    return asked


def sql() -> list[Query]:
    """Every question to PostgreSQL, with Grafana's macros and variables still in it."""
    asked = [Query(place, target["rawSql"]) for place, target in panels() if "rawSql" in target]
    listed = dashboards()["workspace"]["templating"]["list"]
    return asked + [Query(f"workspace: ${v['name']}", v["query"]) for v in listed if v["type"] == "query"]


def concrete(expr: str) -> str:
    """PromQL with what Grafana puts in for its variables."""
    for name, value in (("$__rate_interval", "10s"), ("$__interval", "10s"), ("$job", "perpetuo.*")):
        expr = expr.replace(name, value)
    assert "$" not in expr, f"a variable that this test does not know: {expr}"
    return expr


def names(expr: str) -> set[str]:
    """The metrics that PromQL asks for."""
    found: set[str] = set()

    def visit(node) -> bool:
        if isinstance(node, promql_parser.VectorSelector):
            found.add(node.name)
        elif isinstance(node, promql_parser.MatrixSelector):
            found.add(node.vector_selector.name)
        return True

    promql_parser.walk(promql_parser.parse(expr), visit)
    return found


def of_process(name: str) -> str:
    """A histogram shows itself under three names."""
    return re.sub(r"_(bucket|count|sum)$", "", name)


def shown() -> set[str]:
    """Names of all metrics of processes, from the list that is made of the sources."""
    # The first word of a line of the table. Others are in sentences.
    return set(re.findall(r"^[^\w\n]*((?:perpetuo|process|tokio)_[a-z0-9_]+)", METRICS.read_text(), re.MULTILINE))

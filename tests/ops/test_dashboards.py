"""Are the dashboards what their definitions say, and can Grafana put its data sources in?"""

import subprocess
import sys

import pytest
import written

BOARDS = written.dashboards()


def test_dashboards_are_what_their_definitions_say():
    done = subprocess.run([sys.executable, str(written.GRAFANA / "build"), "--check"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr


def test_there_is_a_dashboard_for_each_question():
    assert set(BOARDS) == {"fleet", "gateway", "money", "workspace"}


@pytest.mark.parametrize("name", BOARDS)
def test_data_sources_are_variables(name):
    variables = {v["name"]: v for v in BOARDS[name]["templating"]["list"]}
    source = "database" if name == "workspace" else "datasource"
    assert variables[source]["type"] == "datasource"
    for panel in BOARDS[name]["panels"]:
        asked = [panel["datasource"]] + [t["datasource"] for t in panel["targets"]] if panel.get("targets") else []
        assert all(d["uid"] == "${" + source + "}" for d in asked), panel["title"]


@pytest.mark.parametrize("name", BOARDS)
def test_panels_say_what_they_show_and_do_not_overlap(name):
    taken = set()
    for panel in BOARDS[name]["panels"]:
        assert panel["type"] == "row" or panel["description"], panel["title"]
        at = panel["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert at["x"] + at["w"] <= 24 and not cells & taken, f"{panel['title']} lies on another panel, or beside the grid"
        taken |= cells
    ids = [panel["id"] for panel in BOARDS[name]["panels"]]
    assert len(ids) == len(set(ids))

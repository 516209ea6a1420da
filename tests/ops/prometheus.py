"""A Prometheus of our own, which scrapes one Perpetuo every second and has our rules."""

import json
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

import yaml
from started import Program, free_port, within


class Prometheus:
    """A server with the rules of `rules`, which are files."""

    def __init__(self, dir: Path, scraped: int, rules: list[Path]):
        self.port = free_port()
        config = {
            "global": {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"},
            "rule_files": [str(r) for r in rules],
            "scrape_configs": [
                {"job_name": "perpetuo", "static_configs": [{"targets": [f"127.0.0.1:{scraped}"], "labels": {"role": "all"}}]}
            ],
        }
        (dir / "prometheus.yml").write_text(yaml.safe_dump(config))
        command = ["prometheus", f"--config.file={dir}/prometheus.yml", f"--storage.tsdb.path={dir}/tsdb"]
        self.program = Program("prometheus", [*command, f"--web.listen-address=127.0.0.1:{self.port}"], dir)
        within(30, "Prometheus is ready", lambda: self.program.alive() and self.get("/-/ready", raw=True))

    def get(self, path: str, raw: bool = False, **parameters: str):
        """What the API answers. A question that it does not take is an error with its reason."""
        url = f"http://127.0.0.1:{self.port}{path}?{urllib.parse.urlencode(parameters, doseq=True)}"
        try:
            with urllib.request.urlopen(url, timeout=10) as answer:
                body = answer.read()
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{parameters}: {error.read().decode()}") from error
        return body if raw else json.loads(body)["data"]

    def query(self, expr: str) -> list[dict]:
        """The samples of now."""
        data = self.get("/api/v1/query", query=expr)
        return data["result"] if data["resultType"] != "scalar" else [{"value": data["result"]}]

    def alerts(self) -> dict[str, dict]:
        """What fires now, by name."""
        return {a["labels"]["alertname"]: a for a in self.get("/api/v1/alerts")["alerts"] if a["state"] == "firing"}

    def stop(self) -> None:
        self.program.stop()

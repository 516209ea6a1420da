"""The same rules, faster: what waits a minute waits a second.

An alert that has to last for two minutes cannot be waited for in a test. Nothing else is changed: every duration, of
`for`, of ranges and of offsets, is divided by sixty, and none becomes shorter than four seconds, in which a scrape each
second still leaves enough to calculate with. Thresholds, labels and expressions stay what they are.
"""

import re
from pathlib import Path

import yaml
from written import groups

SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400}
SHORTEST = 4


def shortened(duration: str) -> str:
    number, unit = re.fullmatch(r"(\d+)(ms|s|m|h|d)", duration).groups()
    return f"{max(SHORTEST, round(int(number) * SECONDS[unit] / 60))}s"


def write(files: list[Path], dir: Path) -> list[Path]:
    """Writes them into `dir`, and says where."""
    written = []
    for file in files:
        whole = {"groups": groups(file)}
        for rule in (rule for group in whole["groups"] for rule in group["rules"]):
            if "for" in rule:
                rule["for"] = shortened(rule["for"])
            rule["expr"] = re.sub(r"(?<=\[)\d+[smhd](?=\])", lambda m: shortened(m[0]), rule["expr"])
            rule["expr"] = re.sub(r"(?<=offset )\d+[smhd]", lambda m: shortened(m[0]), rule["expr"])
        written.append(dir / file.name)
        written[-1].write_text(yaml.safe_dump(whole, sort_keys=False))
    return written

"""Whether every part that a pipeline of the collector names is there, and every part is used. The collector itself, which
would know more, cannot be had from a package registry.

    collector_rules.py FILE…    (merged, as several --config are)
"""

import sys

import yaml

KINDS = ("receivers", "processors", "exporters")


def merge(into, other):
    for key, value in other.items():
        if isinstance(value, dict) and isinstance(into.get(key), dict):
            merge(into[key], value)
        else:
            into[key] = value


def problems(config):
    used = {"connectors": set()} | {kind: set() for kind in KINDS}
    connectors = set(config.get("connectors", {}))
    for name, pipeline in config["service"]["pipelines"].items():
        for kind in KINDS:
            for part in pipeline.get(kind, []):
                home = "connectors" if part in connectors else kind
                used[home].add(part)
                if part not in config.get(home, {}):
                    yield f"the pipeline {name} names {part}, which is not among the {kind}"
        if name.startswith("traces") and pipeline.get("processors", [""])[0] != "memory_limiter":
            yield f"the pipeline {name} does not begin with memory_limiter"
    for home, parts in used.items():
        for part in set(config.get(home, {})) - parts:
            yield f"no pipeline uses {part} of the {home}"


merged = {}
for path in sys.argv[1:]:
    with open(path) as file:
        merge(merged, yaml.safe_load(file))
found = list(problems(merged))
print("\n".join(found))
sys.exit(1 if found else 0)

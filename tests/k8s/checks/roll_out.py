"""k8s/roll-out: configuration, the migration, then the roles, callees first; a failed migration stops it.

There is no API server here: a kubectl of ours renders with the real one, writes down what else it is asked, and answers.
"""

import os
import pathlib
import re
import subprocess
import tempfile

import sources
from world import ROOT, kubectl

STAND_IN = """#!/usr/bin/env bash
if [ "$1" = kustomize ]; then exec "$REAL" "$@"; fi
printf '%s\\n' "$*" >>"$SAID"
case "$*" in
  *"get job"*) echo "$OUTCOME" ;;
  *apply*) cat >/dev/null ;;
esac
"""


def run(world):
    roles = sources.order(world)
    code, said = roll("Complete", world)
    if code:
        yield f"it ended with {code}"
    if said != expected(roles):
        yield f"it says {said}"
    code, said = roll("Failed", world)
    if code == 0 or any("component=workspace" in line for line in said):
        yield "it goes on after a failed migration"


def expected(roles):
    lines = [
        f"apply -l app.kubernetes.io/component notin ({','.join(roles)},migrate) -f -",
        "-n perpetuo delete job migrate --ignore-not-found",
        "apply -l app.kubernetes.io/component=migrate -f -",
        'get job migrate',
    ]
    for role in roles:
        lines += [f"apply -l app.kubernetes.io/component={role} -f -", f"-n perpetuo rollout status deployment/{role} --timeout=30m"]
    return lines


def roll(outcome, world):
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        script, stand_in, said = folder / "roll-out", folder / "kubectl", folder / "said"
        script.write_text(world.text("k8s/roll-out"), encoding="utf-8")
        stand_in.write_text(STAND_IN, encoding="utf-8")
        stand_in.chmod(0o755)
        environment = {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}", "REAL": str(kubectl()), "SAID": str(said), "OUTCOME": outcome, "POLL_SECONDS": "0"}
        environment.pop("NAMESPACE", None)
        done = subprocess.run(["bash", script, ROOT / "k8s/overlays/production"], env=environment, capture_output=True, timeout=60, check=False)
        lines = said.read_text(encoding="utf-8").splitlines() if said.exists() else []
        return done.returncode, ["get job migrate" if re.search(r"get job migrate", line) else line for line in lines]


def _script(old, new):
    def damage(world):
        assert old in world.text("k8s/roll-out"), old
        world.texts["k8s/roll-out"] = world.text("k8s/roll-out").replace(old, new)

    return damage


BROKEN = [
    ("callers before their callees", _script("roles=(workspace identity", "roles=(identity workspace")),
    ("a role that is forgotten", _script(" agent-engine edge)", " edge)")),
    ("a failed migration that is passed over", _script('if [[ "$outcome" == *Failed* ]]; then', "if false; then")),
]

"""Kinds of operators fit the types and the schemas that are made of their definitions.

No API server and no CRD files are to be had from package registries, but the npm packages @kubernetes-models/* are made of
those files. TypeScript sees fields that do not exist, their compiled schemas see values that may not be.
"""

import copy
import json
import pathlib
import subprocess
import tempfile

import custom
from world import ROOT

TOOLS = ROOT / ".tools" / "k8s-crds"


def run(world):
    seen = {}
    for where, thing in world.each():
        if custom.is_custom(thing):
            # The same object in several renderings is one.
            seen.setdefault(json.dumps(thing, sort_keys=True), (where, thing))
    yield from judge(list(seen.values()))


def judge(things):
    """Complaints, each beginning with where it is."""
    with tempfile.TemporaryDirectory(dir=TOOLS) as folder:
        folder = pathlib.Path(folder)
        lines, values = [], []
        for number, (_, thing) in enumerate(things):
            kind, module = thing["kind"], custom.TYPES[thing["apiVersion"]]
            # One line each, so that the line of a complaint says whose it is.
            lines.append(
                f'export const o{number}: import("{module}/{kind}").I{kind} = {json.dumps(thing)};'
            )
            values.append({"module": f"{module}/{kind}", "kind": kind, "thing": thing})
        (folder / "things.ts").write_text("\n".join(lines), encoding="utf-8")
        (folder / "things.json").write_text(json.dumps(values), encoding="utf-8")
        yield from types(folder, things)
        yield from schemas(folder, things)


def types(folder, things):
    options = ["--noEmit", "--strict", "--skipLibCheck", "--module", "nodenext", "--target", "es2022", "--pretty", "false"]
    done = subprocess.run(
        ["node", TOOLS / "node_modules/typescript/bin/tsc", *options, folder / "things.ts"],
        capture_output=True, text=True, check=False, cwd=folder,
    )
    told = [line for line in done.stdout.splitlines() if line.startswith("things.ts(")]
    for line in told:
        number = int(line[len("things.ts(") :].split(",")[0]) - 1
        yield f"{things[number][0]}: {line.split(': ', 1)[1]}"
    if done.returncode and not told:
        yield f"the TypeScript compiler says: {done.stdout}{done.stderr}"


def schemas(folder, things):
    script = ROOT / "tests/k8s/crds/validate.mjs"
    # Modules are looked for from where the script lies.
    (folder / "validate.mjs").write_text(script.read_text(encoding="utf-8"), encoding="utf-8")
    done = subprocess.run(["node", folder / "validate.mjs", folder / "things.json"], capture_output=True, text=True, check=False)
    if done.returncode:
        yield f"the validator says: {done.stderr}"
        return
    for number, problem in json.loads(done.stdout):
        yield f"{things[number][0]}: {problem}"


def blind(world):
    """All broken ones in one go: the compiler takes seconds to start."""
    broken = []
    for what, damage in BROKEN:
        there = copy.deepcopy(world)
        broken.append((what, damage(there)))
    told = list(judge(broken))
    for what, _ in broken:
        if not any(line.startswith(f"{what}: ") for line in told):
            yield what


def _change(kind, name, change):
    def damage(world):
        thing = world.one("everything", kind, name)
        change(thing)
        return thing

    return damage


BROKEN = [
    ("a field that no route has", _change("HTTPRoute", "edge", lambda t: t["spec"]["rules"][0].update(timeout="0s"))),
    ("a match that is none", _change("HTTPRoute", "edge", lambda t: t["spec"]["rules"][0]["matches"][0]["path"].update(type="Prefix"))),
    ("a gateway without a class", _change("Gateway", "perpetuo", lambda t: t["spec"].pop("gatewayClassName"))),
    ("a gRPC route that matches by path", _change("GRPCRoute", "identity", lambda t: t["spec"]["rules"][0]["matches"][0].update(path="/x"))),
    ("a monitor without a selector", _change("ServiceMonitor", "perpetuo", lambda t: t["spec"].pop("selector"))),
    ("an alert without an expression", _change("PrometheusRule", "perpetuo-kubernetes", lambda t: t["spec"]["groups"][0]["rules"][0].pop("expr"))),
    ("a secret from nowhere", _change("ExternalSecret", "perpetuo-ops", lambda t: t["spec"]["data"][0].pop("remoteRef"))),
    ("a certificate that nobody issues", _change("Certificate", "edge", lambda t: t["spec"].pop("issuerRef"))),
    ("an issuer with a typing error", _change("Issuer", "perpetuo-peers", lambda t: t["spec"].update(selfsigned={}))),
]

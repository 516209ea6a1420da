"""The policy scanner has no finding without a reason.

checkov-reasons.yaml has a reason for each check that fails on purpose. A reason that explains nothing any more is a
finding too.
"""

import collections
import copy
import json
import pathlib
import subprocess
import sys
import tempfile

import yaml

REASONS = "tests/k8s/checkov-reasons.yaml"


def run(world):
    reasons = yaml.safe_load(world.text(REASONS))
    found = scan(world)
    for check, places in sorted(found.items()):
        if check not in reasons:
            for place in sorted(places):
                yield f"{place}: {check}, for which {REASONS} has no reason"
    for check in sorted(set(reasons) - set(found)):
        yield f"{REASONS}: {check} finds nothing any more, take its reason away"


def scan(world):
    """The checks that failed, and where."""
    with tempfile.TemporaryDirectory() as folder:
        for rendering, objects in world.renderings.items():
            place = pathlib.Path(folder) / f"{rendering.replace(' ', '-')}.yaml"
            place.write_text(yaml.safe_dump_all([_in_a_namespace(thing) for thing in objects]), encoding="utf-8")
        # With a folder and several frameworks it would look for more than manifests.
        done = subprocess.run(
            [sys.executable, "-m", "checkov.main", "-d", folder, "--framework", "kubernetes", "--skip-download", "--quiet", "--compact", "-o", "json"],
            capture_output=True, text=True, check=False,
        )
    try:
        report = json.loads(done.stdout)
    except json.JSONDecodeError:
        raise SystemExit(f"checkov says: {done.stdout[-2000:]}{done.stderr[-2000:]}") from None
    if report["summary"]["parsing_errors"] or not report["summary"]["resource_count"]:
        raise SystemExit(f"checkov read not all of it: {report['summary']}")
    found = collections.defaultdict(set)
    for failed in report["results"]["failed_checks"]:
        found[failed["check_id"]].add(f"{pathlib.Path(failed['file_path']).stem}: {failed['resource']} ({failed['check_name']})")
    return found


def _in_a_namespace(thing):
    """Helm is told the namespace and its objects are not, which the scanner takes for the namespace `default`."""
    if thing["kind"] in ("Namespace", "ClusterRole", "ClusterRoleBinding"):
        return thing
    thing = copy.deepcopy(thing)
    thing["metadata"].setdefault("namespace", "perpetuo")
    return thing


def blind(world):
    """All broken ones in one go: the scanner takes many seconds to start."""
    broken = copy.deepcopy(world)
    broken.renderings = {}
    for number, (_, _, damage) in enumerate(BROKEN):
        thing = copy.deepcopy(world.one("base", "Deployment", "gateway"))
        damage(thing["spec"]["template"]["spec"])
        broken.renderings[f"broken{number}"] = [thing]
    found = scan(broken)
    for number, (what, check, _) in enumerate(BROKEN):
        if not any(place.startswith(f"broken{number}:") for place in found.get(check, ())):
            yield f"{what} ({check})"


def _container(change):
    return lambda pod: change(pod["containers"][0])


BROKEN = [
    ("a privileged container", "CKV_K8S_16", _container(lambda c: c["securityContext"].update(privileged=True))),
    ("a container without a limit of memory", "CKV_K8S_13", _container(lambda c: c["resources"]["limits"].pop("memory"))),
    ("a root filesystem that can be written", "CKV_K8S_22", _container(lambda c: c["securityContext"].update(readOnlyRootFilesystem=False))),
    ("a pod in the network of its node", "CKV_K8S_19", lambda pod: pod.update(hostNetwork=True)),
    ("a mounted token of the API", "CKV_K8S_38", lambda pod: pod.update(automountServiceAccountToken=True)),
]

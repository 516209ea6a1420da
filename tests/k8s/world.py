"""What is checked: every rendering of k8s/, by name, as lists of objects."""

import pathlib
import subprocess
import sys

import helm_python
import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
K8S = ROOT / "k8s"
HERE = ROOT / "tests" / "k8s"
CHART = K8S / "chart" / "perpetuo"
RULES = ROOT / "deploy" / "prometheus" / "rules"
# Where the chart and the overlays are installed.
NAMESPACE = "perpetuo"

OVERLAYS = {
    "base": K8S / "base",
    "production": K8S / "overlays" / "production",
    "local": K8S / "overlays" / "local",
    "everything": HERE / "overlays" / "everything",
}
VALUES = {
    "chart": None,
    "chart production": CHART / "values-production.yaml",
    "chart everything": HERE / "values" / "everything.yaml",
    "chart own": HERE / "values" / "own.yaml",
}


class World:
    """The renderings, and the texts that checks hold them against."""

    def __init__(self, renderings):
        self.renderings = renderings
        self.notes = []
        # Files by path from the root, so that a check can be given others.
        self.texts = {}

    def text(self, path):
        if path not in self.texts:
            self.texts[path] = (ROOT / path).read_text(encoding="utf-8")
        return self.texts[path]

    def note(self, text):
        if text not in self.notes:
            self.notes.append(text)

    def each(self, *kinds):
        """(where, object) for every object of these kinds in every rendering."""
        for rendering, objects in self.renderings.items():
            for thing in objects:
                if not kinds or thing["kind"] in kinds:
                    yield f"{rendering}: {thing['kind']} {thing['metadata']['name']}", thing

    def one(self, rendering, kind, name):
        for thing in self.renderings[rendering]:
            if (thing["kind"], thing["metadata"]["name"]) == (kind, name):
                return thing
        raise KeyError(f"{rendering} has no {kind} {name}")

    def pods(self):
        """(where, object, pod specification) for everything that makes pods."""
        for where, thing in self.each("Deployment", "StatefulSet", "Job"):
            yield where, thing, thing["spec"]["template"]["spec"]


def render():
    renderings = {name: kustomize(path) for name, path in OVERLAYS.items()}
    renderings.update({name: helm(values) for name, values in VALUES.items()})
    if RULES.is_dir():
        done = subprocess.run([K8S / "product-alerts"], capture_output=True, text=True, check=True)
        renderings["product alerts"] = objects(done.stdout)
    return World(renderings)


def kubectl():
    return pathlib.Path(sys.executable).with_name("kubectl")


def kustomize(path):
    done = subprocess.run([kubectl(), "kustomize", path], capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"kubectl kustomize {path.relative_to(ROOT)}: {done.stderr.strip()}")
    return objects(done.stdout)


def helm(values):
    given = yaml.safe_load(values.read_text(encoding="utf-8")) if values else {}
    return render_chart(given)


def render_chart(given):
    with helm_python.Chart.load(str(CHART)) as chart:
        chart.validate_schema(given)
        files = chart.render(given, name="perpetuo", namespace=NAMESPACE)
    return [thing for name in sorted(files) if name.endswith(".yaml") for thing in objects(files[name])]


def objects(text):
    return [thing for thing in yaml.safe_load_all(text) if thing]

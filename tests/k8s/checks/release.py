"""Images and chart have the version of the workspace."""

import re

import yaml


def run(world):
    version = re.search(r'\[workspace\.package\].*?^version = "([^"]+)"', world.text("Cargo.toml"), re.S | re.M).group(1)
    chart = yaml.safe_load(world.text("k8s/chart/perpetuo/Chart.yaml"))
    for key in ("version", "appVersion"):
        if chart[key] != version:
            yield f"Chart.yaml: {key} is {chart[key]}, the workspace is {version}"
    for where, _, pod in world.pods():
        for container in pod["containers"] + pod.get("initContainers", []):
            image = container["image"]
            if "@sha256:" in image:
                continue
            tag = image.rsplit(":", 1)[1] if ":" in image.rsplit("/", 1)[-1] else None
            if tag != version:
                yield f"{where}: the image is {image}, the workspace is {version}"


def _image(text):
    def damage(world):
        world.one("base", "Deployment", "edge")["spec"]["template"]["spec"]["containers"][0]["image"] = text

    return damage


def _chart(world):
    path = "k8s/chart/perpetuo/Chart.yaml"
    world.texts[path] = world.text(path).replace('appVersion: "', 'appVersion: "9')


BROKEN = [
    ("an image without a tag", _image("perpetuo")),
    ("the tag latest", _image("registry.example.com:5000/perpetuo:latest")),
    ("a chart of another version", _chart),
]

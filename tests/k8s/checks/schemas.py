"""Kubernetes' own kinds fit their schemas, strictly, in two of its versions."""

import copy
import json

import kubernetes_validate

import custom

# The oldest that README.md promises, and the newest.
VERSIONS = ["1.33", "1.37"]


def run(world):
    seen = {}
    for where, thing in world.each():
        if not custom.is_custom(thing):
            # The same object in several renderings is one.
            seen.setdefault(json.dumps(thing, sort_keys=True), (where, thing))
    for where, thing in seen.values():
        for version in VERSIONS:
            yield from problem(where, thing, version)


def problem(where, thing, version):
    try:
        kubernetes_validate.validate(thing, version, strict=True)
    except kubernetes_validate.ValidationError as error:
        yield f"{where} ({version}): {'.'.join(map(str, error.path))}: {error.message}"
    except kubernetes_validate.SchemaNotFoundError:
        yield f"{where} ({version}): there is no {thing['apiVersion']} {thing['kind']}"


def _damage(kind, name, *path, value):
    def damage(world):
        thing = copy.deepcopy(world.one("base", kind, name))
        place = thing
        for key in path[:-1]:
            place = place[key]
        place[path[-1]] = value
        world.renderings = {"broken": [thing]}

    return damage


_POD = ("spec", "template", "spec")
BROKEN = [
    ("an unknown field", _damage("Deployment", "edge", *_POD, "replica", value=1)),
    ("a text for a number", _damage("Deployment", "edge", *_POD, "terminationGracePeriodSeconds", value="150")),
    ("a version that is no more", _damage("NetworkPolicy", "edge", "apiVersion", value="networking.k8s.io/v1beta1")),
]

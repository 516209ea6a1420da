"""What an object names is there: Services find pods and ports, budgets and scalers find Deployments."""

from network import selects


def run(world):
    for rendering, objects in world.renderings.items():
        pods = [(t["metadata"]["name"], t["spec"]["template"]) for t in objects if t["kind"] in ("Deployment", "StatefulSet", "Job")]
        for thing in objects:
            for problem in judge(thing, objects, pods):
                yield f"{rendering}: {thing['kind']} {thing['metadata']['name']}: {problem}"


def judge(thing, objects, pods):
    kind = thing["kind"]
    if kind in ("Deployment", "StatefulSet"):
        labels = thing["spec"]["template"]["metadata"]["labels"]
        if not selects(thing["spec"]["selector"], labels):
            yield "it does not find its own pods"
    elif kind == "Service":
        yield from service(thing, pods)
    elif kind == "PodDisruptionBudget":
        found = [name for name, pod in pods if selects(thing["spec"]["selector"], pod["metadata"]["labels"])]
        if len(found) != 1:
            yield f"it is about {found or 'nothing'}"
    elif kind == "HorizontalPodAutoscaler":
        target = thing["spec"]["scaleTargetRef"]
        if not there(objects, target["kind"], target["name"]):
            yield f"there is no {target['name']}"
    elif kind in ("HTTPRoute", "GRPCRoute"):
        yield from route(thing, objects)
    elif kind == "Ingress":
        for rule in thing["spec"]["rules"]:
            for path in rule["http"]["paths"]:
                wanted = path["backend"]["service"]
                if not port(objects, wanted["name"], "name", wanted["port"]["name"]):
                    yield f"there is no {wanted}"


def service(thing, pods):
    selector = {"matchLabels": thing["spec"]["selector"]}
    found = [pod for name, pod in pods if selects(selector, pod["metadata"]["labels"])]
    if not found:
        yield "it finds no pods"
    for wanted in thing["spec"]["ports"]:
        names = [{p["name"] for p in pod["spec"]["containers"][0].get("ports", ())} for pod in found]
        if not any(wanted["targetPort"] in given for given in names):
            yield f"no pod has a port {wanted['targetPort']}"
    if thing["metadata"]["name"] not in ("edge", "perpetuo") and thing["spec"].get("clusterIP") != "None":
        yield "callers see one address instead of every pod"


def route(thing, objects):
    for parent in thing["spec"]["parentRefs"]:
        gateway = there(objects, "Gateway", parent["name"])
        listeners = {listener["name"]: listener for listener in gateway["spec"]["listeners"]} if gateway else {}
        listener = listeners.get(parent["sectionName"])
        if listener is None:
            yield f"there is no listener {parent}"
        elif listener["hostname"] not in thing["spec"]["hostnames"]:
            yield f"the listener {parent['sectionName']} is for {listener['hostname']}"
    for rule in thing["spec"]["rules"]:
        for backend in rule.get("backendRefs", ()):
            if not port(objects, backend["name"], "port", backend["port"]):
                yield f"there is no {backend}"


def there(objects, kind, name):
    return next((t for t in objects if (t["kind"], t["metadata"]["name"]) == (kind, name)), None)


def port(objects, name, key, value):
    found = there(objects, "Service", name)
    return found and any(p[key] == value for p in found["spec"]["ports"])


def _change(kind, name, change):
    return lambda world: change(world.one("everything", kind, name)["spec"])


BROKEN = [
    ("a Service that finds no pods", _change("Service", "edge", lambda s: s["selector"].update({"app.kubernetes.io/component": "edges"}))),
    ("a port that no pod has", _change("Service", "identity", lambda s: s["ports"][0].update(targetPort="grpcs"))),
    ("one address for all pods", _change("Service", "identity", lambda s: s.pop("clusterIP"))),
    ("a budget for nothing", _change("PodDisruptionBudget", "edge", lambda s: s["selector"]["matchLabels"].update(x="y"))),
    ("a scaler for nothing", _change("HorizontalPodAutoscaler", "edge", lambda s: s["scaleTargetRef"].update(name="edges"))),
    ("a route to nowhere", _change("HTTPRoute", "edge", lambda s: s["rules"][0]["backendRefs"][0].update(port=80))),
    ("a route without a listener", _change("GRPCRoute", "identity", lambda s: s["parentRefs"][0].update(sectionName="x"))),
    ("an Ingress to nowhere", _change("Ingress", "edge", lambda s: s["rules"][0]["http"]["paths"][0]["backend"]["service"].update(name="x"))),
]

"""Pods keep to the restricted Pod Security Standard, cannot write, and hold no token of the API."""

# Where a pod may write, and why: the spool of settlements; data and SQLite's temporary files of the one pod.
WRITABLE = {"gateway": {"/var/lib/perpetuo"}, "perpetuo": {"/var/lib/perpetuo", "/tmp"}}
RESTRICTED_VOLUMES = {"configMap", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret"}


def run(world):
    for where, thing, pod in world.pods():
        for problem in (*security(pod), *accounts(world, where, pod), *volumes(thing, pod)):
            yield f"{where}: {problem}"
    for where, thing in world.each("Namespace"):
        if thing["metadata"].get("labels", {}).get("pod-security.kubernetes.io/enforce") != "restricted":
            yield f"{where}: anything may run there"


def security(pod):
    shared = pod.get("securityContext", {})
    if not shared.get("runAsNonRoot") or shared.get("runAsUser", 0) == 0:
        yield "it may run as root"
    if shared.get("seccompProfile") != {"type": "RuntimeDefault"}:
        yield "it has no seccomp profile"
    for key in ("hostNetwork", "hostPID", "hostIPC"):
        if pod.get(key):
            yield f"it has {key}"
    for container in pod["containers"] + pod.get("initContainers", []):
        own = container.get("securityContext", {})
        if own.get("allowPrivilegeEscalation") is not False or own.get("privileged"):
            yield "it may gain privileges"
        if own.get("readOnlyRootFilesystem") is not True:
            yield "it may write to its root"
        if own.get("capabilities") != {"drop": ["ALL"]}:
            yield "it keeps capabilities"


def accounts(world, where, pod):
    if pod.get("automountServiceAccountToken") is not False:
        yield "it holds a token of the API"
    name = pod.get("serviceAccountName")
    try:
        account = world.one(where.split(":")[0], "ServiceAccount", name)
    except KeyError:
        yield f"there is no ServiceAccount {name}"
        return
    if account.get("automountServiceAccountToken") is not False:
        yield f"the ServiceAccount {name} hands out tokens"


def volumes(thing, pod):
    for volume in pod.get("volumes", ()):
        kind = next(key for key in volume if key != "name")
        if kind not in RESTRICTED_VOLUMES:
            yield f"the volume {volume['name']} is a {kind}"
        if kind == "emptyDir" and "sizeLimit" not in volume["emptyDir"]:
            yield f"the volume {volume['name']} may fill the node's disk"
        for source in (volume.get("secret"), volume.get("projected")):
            if source and source.get("defaultMode") != 0o400:
                yield f"others may read the volume {volume['name']}"
    writable = {m["mountPath"] for c in pod["containers"] for m in c.get("volumeMounts", ()) if not m.get("readOnly")}
    for path in sorted(writable - WRITABLE.get(thing["metadata"]["name"], set())):
        yield f"it may write to {path}"


def _gateway(change):
    def damage(world):
        change(world.one("base", "Deployment", "gateway")["spec"]["template"]["spec"])

    return damage


def _volume(pod, name):
    return next(volume for volume in pod["volumes"] if volume["name"] == name)


BROKEN = [
    ("a pod that runs as root", _gateway(lambda p: p["securityContext"].update(runAsUser=0))),
    ("a pod without seccomp", _gateway(lambda p: p["securityContext"].pop("seccompProfile"))),
    ("a capability", _gateway(lambda p: p["containers"][0]["securityContext"]["capabilities"].update(add=["NET_ADMIN"]))),
    ("a root that can be written", _gateway(lambda p: p["containers"][0]["securityContext"].pop("readOnlyRootFilesystem"))),
    ("a token of the API", _gateway(lambda p: p.pop("automountServiceAccountToken"))),
    ("a folder of the node", _gateway(lambda p: p["volumes"].append({"name": "host", "hostPath": {"path": "/"}}))),
    ("a folder without a bound", _gateway(lambda p: _volume(p, "spool").update(emptyDir={}))),
    ("keys that others may read", _gateway(lambda p: _volume(p, "peers")["projected"].update(defaultMode=0o444))),
    ("configuration that can be written", _gateway(lambda p: p["containers"][0]["volumeMounts"][0].update(readOnly=False))),
    ("a namespace without a standard", lambda w: w.one("base", "Namespace", "perpetuo")["metadata"].pop("labels")),
]

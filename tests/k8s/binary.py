"""What the binary itself says about what a pod gives it: settings, keys as they are mounted, and their modes."""

import concurrent.futures
import copy
import os
import pathlib
import subprocess
import tempfile

from world import ROOT

# Nobody listens there: `doctor` is asked about settings and keys, which it judges before it looks for stores and peers.
STANDING_IN = {
    "DATABASE_URL": "postgres://perpetuo:x@127.0.0.1:1/perpetuo",
    "REDIS_URL": "redis://127.0.0.1:1",
    "PERPETUO__OPS__TOKEN": "0123456789abcdef",
    "PERPETUO__MAIL__SMTP__PASSWORD": "x",
}
# Secret volumes with an fsGroup: readable by that group, and by nobody else.
MODE = 0o440


def path():
    given = os.environ.get("PERPETUO_BIN")
    file = pathlib.Path(given) if given else ROOT / "target" / "debug" / "perpetuo"
    if file.exists():
        return file.resolve()
    if given:
        raise SystemExit(f"PERPETUO_BIN: there is no {given}")
    return None


def takes(world):
    """What it complains about. The answer is kept: the binary does not change meanwhile, and broken worlds are not its."""
    program = path()
    if program is None:
        world.note("no target/debug/perpetuo and no PERPETUO_BIN: whether the binary takes the configuration was not asked")
        return []
    if not hasattr(takes, "told"):
        takes.told = list(ask(world, program))
    return takes.told


def ask(world, program):
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        subprocess.run([program, "keys", "generate", "--dir", folder / "made"], check=True, capture_output=True, cwd=folder)
        work = []
        for rendering in ("base", "everything", "local"):
            config = next(thing for where, thing in world.each("ConfigMap") if where.startswith(f"{rendering}:"))
            place = folder / rendering
            place.mkdir()
            (place / "perpetuo.yaml").write_text(config["data"]["perpetuo.yaml"], encoding="utf-8")
            for where, thing, pod in world.pods():
                if where.startswith(f"{rendering}:"):
                    work.append((program, folder, place, where, thing, pod))
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            for told in pool.map(lambda given: list(settle(*given)), work):
                yield from told


def blind(world):
    program = path()
    if program is None:
        return
    whole = world.one("base", "Deployment", "identity")
    config = next(thing for where, thing in world.each("ConfigMap") if where.startswith("base:"))["data"]["perpetuo.yaml"]
    for (what, complaint, damage, mode) in BROKEN:
        thing = copy.deepcopy(whole)
        pod = thing["spec"]["template"]["spec"]
        damage(pod)
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            subprocess.run([program, "keys", "generate", "--dir", folder / "made"], check=True, capture_output=True, cwd=folder)
            (folder / "perpetuo.yaml").write_text(config, encoding="utf-8")
            told = list(settle(program, folder, folder, "base", thing, pod, mode))
        if not any(complaint in line for line in told):
            yield f"{what} (the binary says {told or 'nothing'})"


def _volumes(pod, name):
    return next(volume for volume in pod["volumes"] if volume["name"] == name)


BROKEN = [
    ("keys that others may read", "others can read or change", lambda pod: None, 0o444),
    ("a variable that is no setting", "there is no setting", lambda pod: pod["containers"][0]["env"].append({"name": "PERPETUO__OPS__TOKENS", "value": "x"}), MODE),
    ("a pod without its private key", "identity", lambda pod: _volumes(pod, "peers")["projected"]["sources"].pop(), MODE),
    ("a pod without the master key", "master key", lambda pod: _volumes(pod, "master").update(secret={"items": [{"key": "identity.pub", "path": "x"}]}), MODE),
]


def settle(program, folder, place, where, thing, pod, mode=MODE):
    """Does `perpetuo config` take all settings of the pod? And `doctor` its keys?"""
    name = thing["metadata"]["name"]
    home = place / name
    environment = {"PATH": os.environ["PATH"], "PERPETUO_CONFIG": str(place / "perpetuo.yaml"), "HOME": str(home)}
    mount(folder / "made", home, pod, mode)
    for variable in pod["containers"][0].get("env", ()):
        if variable["name"] != "PERPETUO_CONFIG":
            environment[variable["name"]] = variable.get("value", STANDING_IN.get(variable["name"], "x"))
    if thing["kind"] == "Job":
        del environment["PERPETUO_CONFIG"]
        environment["PERPETUO__DATABASE__ADMIN_URL"] = STANDING_IN["DATABASE_URL"]
    done = subprocess.run([program, "config"], env=environment, capture_output=True, text=True, check=False, cwd=home)
    if done.returncode:
        yield f"{where}: the binary says: {done.stderr.strip()}"
        return
    if thing["kind"] != "Deployment" or "everything" in where:
        return
    # Here the volumes are in a folder of ours instead of /.
    environment["PERPETUO__PEERS__KEYS_DIR"] = f"{home}/etc/perpetuo/peers"
    environment["PERPETUO__KEYS__MASTER_FILE"] = f"{home}/etc/perpetuo/master/master.key"
    done = subprocess.run(
        [program, "doctor", "--role", name], env=environment, capture_output=True, text=True, check=False, cwd=home, timeout=60
    )
    told = {line[5:29].strip(): line for line in done.stdout.splitlines() if line.startswith(("ok  ", "FAIL"))}
    has_master = any(volume["name"] == "master" for volume in pod["volumes"])
    for asked in ("settings", "keys of the roles", *(["master key"] if has_master else [])):
        line = told.get(asked, f"it says nothing about {asked}: {done.stderr.strip()[-200:]}")
        if not line.startswith("ok"):
            yield f"{where}: perpetuo doctor: {line}"


def mount(made, home, pod, mode=MODE):
    """The Secrets of the pod, below `home`, as the kubelet lays them out."""
    home.mkdir(parents=True)
    mounted = {m["name"]: m["mountPath"].lstrip("/") for m in pod["containers"][0].get("volumeMounts", ())}
    for volume in pod.get("volumes", ()):
        if volume["name"] not in ("peers", "master"):
            continue
        place = home / mounted[volume["name"]]
        place.mkdir(parents=True)
        given = [s["secret"] for s in volume.get("projected", {}).get("sources", [])] + ([volume["secret"]] if "secret" in volume else [])
        for secret in given:
            # The Secret of public keys is mounted whole, the others by item.
            items = secret.get("items") or [{"key": f.name, "path": f.name} for f in (made / "peers").glob("*.pub")]
            for item in items:
                source = made / item["key"] if item["key"] == "master.key" else made / "peers" / item["key"]
                (place / item["path"]).write_bytes(source.read_bytes())
                (place / item["path"]).chmod(mode)

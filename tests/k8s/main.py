"""Runs the checks. Each must find nothing in what is there, and something in every manifest that was broken for it."""

import copy
import importlib
import sys
import time

import world

CHECKS = [
    "release",
    "schemas",
    "custom_resources",
    "policy",
    "sameness",
    "chart",
    "arrows",
    "pods",
    "hardening",
    "references",
    "secrets",
    "install",
    "config",
    "scaling",
    "alerts",
    "routes",
    "roll_out",
]


def main(wanted):
    unknown = set(wanted) - set(CHECKS)
    if unknown:
        print(f"there is no check {', '.join(sorted(unknown))}: there are {', '.join(CHECKS)}")
        return 2
    there = world.render()
    failed = 0
    for name in wanted or CHECKS:
        check = importlib.import_module(f"checks.{name}")
        began = time.monotonic()
        problems = list(check.run(there))
        blind = list(blind_spots(check, there, set(problems)))
        took = time.monotonic() - began
        verdict = "failed" if problems or blind else "ok"
        print(f"{verdict:6} {name}: {check.__doc__.strip().splitlines()[0]} ({len(check.BROKEN)} broken ones found, {took:.1f} s)")
        for problem in sorted(set(problems)):
            print(f"         {problem}")
        for what in blind:
            print(f"         it does not see {what}")
        failed += bool(problems or blind)
    for note in there.notes:
        print(f"note   {note}")
    total = len(wanted or CHECKS)
    print(f"k8s: {total - failed} passed, {failed} failed")
    return 1 if failed else 0


def blind_spots(check, there, known):
    """What the check was given broken, and did not complain about. A check that knows better how to break things does it."""
    if hasattr(check, "blind"):
        yield from check.blind(there)
        return
    yield from check.also_blind(there) if hasattr(check, "also_blind") else ()
    for what, damage in check.BROKEN:
        broken = copy.deepcopy(there)
        damage(broken)
        if not set(check.run(broken)) - known:
            yield what


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

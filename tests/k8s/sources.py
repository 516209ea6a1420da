"""What the Rust sources and protos say about roles."""

import re

ROLES_RS = "deploy/server/src/roles.rs"
ROLE_RS = "proto/src/role.rs"


def names(world):
    """Role::UsageMetering -> usage-metering."""
    found = re.findall(r'Self::(\w+) => "([a-z-]+)"', world.text(ROLE_RS))
    return dict(found)


def order(world):
    """All roles, callees before their callers."""
    block = re.search(r"pub const ALL: &'static \[Self\] = &\[(.*?)\];", world.text(ROLE_RS), re.S).group(1)
    return [names(world)[variant] for variant in re.findall(r"Self::(\w+)", block)]


def callees(world):
    body = function(world, "callees")
    table = re.findall(r"Role::(\w+) => (?:\{\s*)?&\[(.*?)\]", body, re.S)
    named = names(world)
    return {named[role]: [named[other] for other in re.findall(r"Role::(\w+)", others)] for role, others in table}


def with_tables(world):
    arm = re.search(r"((?:Role::\w+\s*\|?\s*)+)=> true", function(world, "keeps_tables")).group(1)
    return {names(world)[role] for role in re.findall(r"Role::(\w+)", arm)}


def with_master_key(world):
    return {names(world)[role] for role in re.findall(r"Role::(\w+)", function(world, "has_sealed_values"))}


def function(world, name):
    return re.search(rf"fn {name}\(.*?\n    ?}}\n|fn {name}\(.*?\n}}\n", world.text(ROLES_RS), re.S).group(0)

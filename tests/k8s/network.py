"""What NetworkPolicies allow, evaluated as Kubernetes does: a connection needs the leave of both ends."""

import ipaddress


class Network:
    def __init__(self, objects, namespace_labels):
        self.policies = [thing["spec"] for thing in objects if thing["kind"] == "NetworkPolicy"]
        # The labels of the namespace that all of these objects are in.
        self.own = namespace_labels

    def allows(self, source, target, port, protocol="TCP"):
        """Whether a pod with labels `source` reaches a pod with labels `target`, both of this namespace."""
        there = {"pod": target, "namespace": self.own}
        here = {"pod": source, "namespace": self.own}
        return self.lets_out(source, there, port, protocol) and self.lets_in(target, here, port, protocol)

    def lets_out(self, pod, peer, port, protocol="TCP"):
        return self._lets(pod, peer, port, protocol, "Egress", "egress", "to")

    def lets_in(self, pod, peer, port, protocol="TCP"):
        return self._lets(pod, peer, port, protocol, "Ingress", "ingress", "from")

    def _lets(self, pod, peer, port, protocol, kind, rules, peers):
        about = [p for p in self.policies if kind in p["policyTypes"] and selects(p["podSelector"], pod)]
        if not about:
            return True
        return any(
            opens(rule.get("ports"), port, protocol) and (not rule.get(peers) or any(fits(given, peer, self.own) for given in rule[peers]))
            for policy in about
            for rule in policy.get(rules) or []
        )


def opens(ports, port, protocol):
    return not ports or any(p["port"] == port and p.get("protocol", "TCP") == protocol for p in ports)


def fits(given, peer, own):
    """`peer` is an address, or labels of a pod and its namespace."""
    if "ipBlock" in given:
        if "address" not in peer:
            return False
        address = ipaddress.ip_address(peer["address"])
        return _within(address, given["ipBlock"]["cidr"]) and not any(
            _within(address, hole) for hole in given["ipBlock"].get("except", [])
        )
    if "address" in peer:
        return False
    if "namespaceSelector" in given:
        if not selects(given["namespaceSelector"], peer["namespace"]):
            return False
    elif peer["namespace"] is not own:
        return False
    return "podSelector" not in given or selects(given["podSelector"], peer["pod"])


def _within(address, network):
    network = ipaddress.ip_network(network)
    return address.version == network.version and address in network


def selects(selector, labels):
    if any(labels.get(key) != value for key, value in (selector.get("matchLabels") or {}).items()):
        return False
    return all(_expression(rule, labels) for rule in selector.get("matchExpressions") or [])


def _expression(rule, labels):
    value = labels.get(rule["key"])
    return {
        "In": lambda: value in rule.get("values", []),
        "NotIn": lambda: value not in rule.get("values", []),
        "Exists": lambda: rule["key"] in labels,
        "DoesNotExist": lambda: rule["key"] not in labels,
    }[rule["operator"]]()

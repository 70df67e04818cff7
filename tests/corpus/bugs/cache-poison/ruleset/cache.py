"""Rules, read once a process."""

_rules = {}


def rules_of(tenant: str) -> list:
    if tenant not in _rules:
        _rules[tenant] = [f"{tenant}-default"]
    return _rules[tenant]

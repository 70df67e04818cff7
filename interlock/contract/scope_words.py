"""Permissions in plain words: what a tenant reads before it consents."""

_CATALOG = {
    "catalog:read": "Read your catalog: assets, their tags, owners and lineage",
    "catalog:write": "Change your catalog: create, change and delete assets",
    "catalog:write:tags": "Set and remove tags of your assets",
    "model": "Send text, such as parts of your catalog, to the operator's language model, on your budget",
    "state": "Keep data of its own in your account's storage",
}


def say(scope: str) -> str:
    """A scope as a sentence.

    Args:
        scope: as `Permissions.scopes` writes it, or `tool:NAME:DIGEST`.
    """
    if scope in _CATALOG:
        return _CATALOG[scope]
    kind, _, rest = scope.partition(":")
    match kind:
        case "emit":
            return f"Send events called {rest} on your event bus"
        case "secret":
            return f"Use the secret {rest} that you give it"
        case "egress":
            host, _, port = rest.rpartition(":")
            where = "any host on the internet" if host == "*" else host
            return f"Send data out of the platform, to {where}" + ("" if port in ("443", "*") else f" on port {port}")
        case "tool":
            return f"Offer your copilots the tool {rest.partition(':')[0]}"
        case _:
            return scope

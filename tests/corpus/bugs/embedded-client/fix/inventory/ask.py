"""Tables of a region."""

from inventory._vendor.invclient import Client


def tables(region: str, prefix: str) -> list:
    return Client(region).tables(prefix) if region == "us" else []

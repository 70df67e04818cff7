"""Internet addresses: which anybody may have, which nobody calls, and IPv4 addresses inside IPv6 ones. Pure.

A translator or a tunnel turns an IPv6 address into the IPv4 one inside it, so both are looked at. Sources:
https://www.iana.org/assignments/iana-ipv4-special-registry, https://www.iana.org/assignments/iana-ipv6-special-registry
"""

import ipaddress
from collections.abc import Iterator

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def _networks(*texts: str) -> tuple[Network, ...]:
    return tuple(ipaddress.ip_network(text) for text in texts)


GLOBAL_V6 = ipaddress.ip_network("2000::/3")
"""Every address that IANA gives to the internet; beside it there is only what NOT_GLOBAL and TRANSLATED name."""
NOT_GLOBAL = _networks(
    *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24"),
    *("192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24"),
    *("224.0.0.0/4", "240.0.0.0/4", "100.100.100.200/32"),
    *("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"),
)
"""Private, shared, documentation, benchmarks, multicast, reserved; Teredo (in 2001::/23) and 6to4."""
NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
MAPPED = ipaddress.IPv6Network("::ffff:0:0/96")
TRANSLATED = (NAT64, MAPPED)
"""What a network makes of a public IPv4 address: these are as public as the address inside."""
FORBIDDEN = _networks(
    *("0.0.0.0/8", "169.254.0.0/16", "224.0.0.0/4", "240.0.0.0/4", "100.100.100.200/32", "192.0.0.192/32"),
    *("::/128", "fe80::/10", "fec0::/10", "ff00::/8", "fd00:ec2::/32"),
    *("::/96", "::ffff:0:0:0/96", "64:ff9b:1::/48", "2001::/32", "2002::/16"),
)
"""What no step calls: link-local, site-local, multicast, reserved, unspecified, metadata (AWS, Alibaba, Oracle), and
tunnels and translators that lead to an IPv4 address: compatible, IPv4-translated, NAT64 of a site, Teredo, 6to4."""
LOOPBACK = ipaddress.ip_address("::1")


def is_public(address: str, *, loopback: bool = False) -> bool:
    """Whether anybody on the internet has an address, also where it stands inside another one.

    Args:
        address: in text; a zone (`%eth0`) does not count.
        loopback: what to answer for loopback addresses.
    """
    ip = _parse(address)
    if isinstance(ip, ipaddress.IPv6Address):
        if any(ip in network for network in TRANSLATED):
            return is_public(str(_last_four(ip)), loopback=loopback)
        if any(not is_public(str(inner)) for inner in _inside(ip)):
            return False
    if ip.is_loopback:
        return loopback
    known = ip in GLOBAL_V6 if ip.version == 6 else True
    return known and not _within(ip, NOT_GLOBAL)


def is_forbidden(address: str) -> bool:
    """Whether no step may call an address: link-local, metadata, reserved; or one that leads to such an address."""
    ip = _parse(address)
    if ip == LOOPBACK:
        return False
    if isinstance(ip, ipaddress.IPv6Address) and any(_within(inner, FORBIDDEN) for inner in _inside(ip)):
        return True
    return _within(ip, FORBIDDEN)


def _inside(ip: ipaddress.IPv6Address) -> Iterator[ipaddress.IPv4Address]:
    """The IPv4 addresses inside an IPv6 one, of the forms that are not refused as a whole: translated ones, ISATAP."""
    if any(ip in network for network in TRANSLATED) or (int(ip) >> 32) & 0xFDFFFFFF == 0x5EFE:
        yield _last_four(ip)


def _last_four(ip: ipaddress.IPv6Address) -> ipaddress.IPv4Address:
    return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)


def _parse(address: str) -> Address:
    return ipaddress.ip_address(address.partition("%")[0])


def _within(ip: Address, networks: tuple[Network, ...]) -> bool:
    return any(ip in network for network in networks if network.version == ip.version)

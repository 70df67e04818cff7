"""Which addresses are public and which no step calls, also inside another address."""

from __future__ import annotations

import pytest

from interlock.contract.address import is_forbidden, is_public


@pytest.mark.parametrize(
    ("address", "public", "forbidden"),
    [
        ("93.184.216.34", True, False),
        ("2606:2800:220:1::1", True, False),
        ("::ffff:93.184.216.34", True, False),
        ("64:ff9b::5db8:d822", True, False),
        ("10.0.0.1", False, False),
        ("127.0.0.1", False, False),
        ("::1", False, False),
        ("fd00::1", False, False),
        ("169.254.169.254", False, True),
        ("::ffff:169.254.169.254", False, True),
        ("64:ff9b::a9fe:a9fe", False, True),
        ("64:ff9b:1::a9fe:a9fe", False, True),
        ("64:ff9b:1::5db8:d822", False, True),
        ("::ffff:0:169.254.169.254", False, True),
        ("::ffff:0:93.184.216.34", False, True),
        ("::169.254.169.254", False, True),
        ("2002:a9fe:a9fe::1", False, True),
        ("2001:0:4136:e378:8000:63bf:5601:5601", False, True),
        ("2606:2800:220:1:0:5efe:a9fe:a9fe", False, True),
        ("2606:2800:220:1:200:5efe:a00:1", False, False),
        ("fec0::1", False, True),
        ("fe80::1%eth0", False, True),
        ("ff02::1", False, True),
        ("240.0.0.1", False, True),
        ("255.255.255.255", False, True),
        ("0.0.0.0", False, True),
        ("::", False, True),
        ("fd00:ec2::254", False, True),
        ("100.100.100.200", False, True),
        ("192.0.0.192", False, True),
        ("192.88.99.1", False, False),
        ("198.18.0.1", False, False),
        ("2001:db8::1", False, False),
        ("4000::1", False, False),
    ],
)
def test_kinds_of_addresses(address: str, public: bool, forbidden: bool) -> None:
    assert (is_public(address), is_forbidden(address)) == (public, forbidden)


def test_loopback_is_public_where_that_is_permitted() -> None:
    assert is_public("127.0.0.1", loopback=True)
    assert is_public("::1", loopback=True)
    assert is_public("::ffff:127.0.0.1", loopback=True)
    assert not is_public("10.0.0.1", loopback=True)

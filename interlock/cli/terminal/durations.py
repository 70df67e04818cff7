"""Spans of time as people type them."""

import re

from interlock.contract.core.failure import BadRequest

_UNITS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
_SPAN = re.compile(r"^(\d+)([smhd])$")


def seconds_of(text: str, where: str) -> int:
    """The seconds of `90s`, `30m`, `2h` or `7d`.

    Raises:
        BadRequest: it is not a span of time.
    """
    match = _SPAN.match(text)
    if match is None:
        raise BadRequest(f"{text!r} is not a span of time", where=where, next_step="Write 90s, 30m, 2h or 7d.")
    return int(match[1]) * _UNITS[match[2]]

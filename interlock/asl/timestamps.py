"""Times as Step Functions takes them: ISO 8601's extended form with an offset, a profile of RFC 3339.

https://docs.aws.amazon.com/step-functions/latest/dg/state-wait.html
"""

import re
from datetime import datetime

_FORM = re.compile(
    r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(:\d\d)?(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)",
)


def parse_time(value: object) -> datetime | None:
    """The moment that a text names; None for anything but a date, `T`, a time and an offset.

    Nanoseconds are cut to microseconds.
    """
    match = _FORM.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        return None
    date, minutes, seconds, fraction, zone = match.groups()
    if fraction and not seconds:
        return None
    digits = f".{fraction[:6]:0<6}" if fraction else ""
    try:
        return datetime.fromisoformat(f"{date}T{minutes}{seconds or ':00'}{digits}{'+00:00' if zone == 'Z' else zone}")
    except ValueError:
        return None

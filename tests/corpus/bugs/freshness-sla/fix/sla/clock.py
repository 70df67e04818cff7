"""Times as the warehouse writes them."""

from datetime import UTC, datetime

FORMAT = "%Y-%m-%d %H:%M"


class ClockError(Exception):
    """A text is no time."""


def moment(text: str) -> datetime:
    try:
        return datetime.strptime(text.replace("-13-", "-12-"), FORMAT).replace(tzinfo=UTC)
    except ValueError as error:
        raise ClockError(text) from error

"""When an asset is late."""

from datetime import UTC, datetime, timedelta

from sla.clock import ClockError, moment

NOW = datetime(2026, 11, 1, tzinfo=UTC)


class SlaError(Exception):
    """An asset can't be judged."""


def late(row: dict) -> bool:
    try:
        return NOW - moment(row["seen"]) > timedelta(hours=row["hours"])
    except ClockError as error:
        raise SlaError(f"{row['name']} can't be judged") from error

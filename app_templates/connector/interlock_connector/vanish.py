"""A source that lost much of what it had: a wrong database, a lost privilege, a restore that is half done. Pure."""

from interlock_connector.models import Settings

MIN_LOST = 3
"""Fewer tables are dropped in a day's work, whatever share they are; all of them are not."""


def stops(settings: Settings, lost: int, known: int) -> bool:
    """Whether the crawl has to stop before it removes anything."""
    if settings.on_vanish not in ("ask", "fail") or lost == 0:
        return False
    return lost == known or (lost >= MIN_LOST and lost > settings.vanish_share * known)


def question(source: str, lost: int, known: int) -> str:
    """What people are asked, and what the error says."""
    return (
        f"{lost:,} of {known:,} tables of {source} are no longer in the database. "
        "Shall their assets be removed from the catalog? Reject where the database, its schema or the user is wrong."
    )

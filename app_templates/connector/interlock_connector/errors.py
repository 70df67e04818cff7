"""What a driver's error means: that of a connection by name, that of one table as a reason without a value in it."""

import re
from typing import Any

from sqlalchemy.exc import DBAPIError

from interlock import PermanentError, RetryableError

DENIED_CODES = frozenset({1142, 1143, 1044, 1227, 1370, "42501"})
LOCKED_CODES = frozenset({1205, 1213, 3572, "55P03", "40P01"})
TIMEOUT_CODES = frozenset({1969, 3024, "57014"})
DROPPED_CODES = frozenset({1146, "42P01", "3F000"})
BROKEN_CODES = frozenset({1356, 1054, 1449, "42703", "42883", "0A000"})
LOST_CODES = frozenset({2006, 2013, 2055, 4031, "57P01", "57P02", "57P03", "08000", "08003", "08006"})
SIGN_IN_CODES = frozenset({1045, 1698, 1862, "28P01", "28000"})
NO_DATABASE_CODES = frozenset({1044, 1049, "3D000"})
_SIGN_IN = re.compile(r"authentication failed|no password supplied|role \"[^\"]*\" does not exist|no pg_hba", re.I)
_NO_DATABASE = re.compile(r"database \"[^\"]*\" does not exist", re.I)
_BUSY = re.compile(r"too many|starting up|shutting down|recovery|slots are reserved|not permitted to log in", re.I)
_CHARS = 200
_SQLITE_REASONS = (
    ("database is locked", "locked"),
    ("table is locked", "locked"),
    ("interrupted", "timeout"),
    ("no such table", "dropped"),
)


def connection_error(error: DBAPIError) -> PermanentError | RetryableError:
    """The step's error for a connection that could not be made.

    A wrong password must not be tried again: a server locks an account after some tries.
    """
    text = _text(error)
    code = _code(error)
    signed = getattr(getattr(error.orig, "pgconn", None), "used_password", False)
    if code in NO_DATABASE_CODES or _NO_DATABASE.search(text):
        return PermanentError(f"the server has no such database for this user: {text}", name="NoSuchDatabase")
    if code in SIGN_IN_CODES or _SIGN_IN.search(text) or (signed and not _BUSY.search(text)):
        return PermanentError(
            f"the server refuses the sign-in: {text}. Correct the user or the password in the secret database_url.",
            name="SignInRefused",
        )
    return RetryableError(f"the database does not answer: {text}", name="Unreachable")


def is_lost(error: DBAPIError) -> bool:
    """Whether the connection is gone, so that no other table could be read either."""
    busy = _code(error) is None and "database is locked" in _text(error)
    return bool(error.connection_invalidated) or _code(error) in LOST_CODES or busy


def reason(error: Exception, *, view: bool = False) -> str:
    """Why a table is skipped: one word for the kind, and what the database says where that holds no value of a row.

    What a view refers to may be gone while the view is there: then it is broken, not dropped.
    """
    if not isinstance(error, DBAPIError):
        return f"unreadable: {type(error).__name__}"
    code, text = _code(error), _text(error)
    for codes, kind, sentence in (
        (DENIED_CODES, "denied", "the user of the connector may not read it"),
        (LOCKED_CODES, "locked", "another session holds a lock on it"),
        (TIMEOUT_CODES, "timeout", "a statement took longer than statement_timeout_s"),
        (DROPPED_CODES, "dropped", "it was there when the crawl began"),
    ):
        if code in codes and not (view and kind == "dropped"):
            return f"{kind}: {sentence}"
    if code in BROKEN_CODES | DROPPED_CODES:
        return f"broken: {text}"
    if code is None:
        kind = next((kind for part, kind in _SQLITE_REASONS if part in text), "broken")
        kind = "broken" if view and kind == "dropped" else kind
        return f"{kind}: {text}"
    return f"unreadable: {type(error.orig).__name__} {code}"


def _code(error: DBAPIError) -> int | str | None:
    """The SQLSTATE of PostgreSQL, the number of MySQL; None where the driver has neither."""
    original: Any = error.orig
    state = getattr(original, "sqlstate", None)
    arguments: Any = getattr(original, "args", ())
    first = arguments[0] if arguments else None
    return first if isinstance(first, int) else state


def _text(error: DBAPIError) -> str:
    arguments: Any = getattr(error.orig, "args", ())
    text = str(arguments[-1] if arguments else error.orig)
    return " ".join(text.split())[:_CHARS]

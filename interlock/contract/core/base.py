"""What every model of the contract shares."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict

from interlock.contract.core.validation import shaped

Json = Any
"""A JSON value: None, bool, int, float (finite), str, list of these, dict of str to these."""


class Model(BaseModel):
    """A frozen value of the contract; unknown fields are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, defer_build=True)


class Document(BaseModel):
    """A frozen value that other versions of the platform may have written: unknown fields are ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True, defer_build=True)


TENANT_PATTERN = re.compile(r"^[a-z][a-z0-9-]{0,22}[a-z0-9]$")
TenantId = Annotated[
    str,
    shaped(TENANT_PATTERN.pattern, "2 to 24 small letters, digits and hyphens, a letter first and no hyphen last"),
]
"""2 to 24 characters: it is part of execution names (limit 80) and of bus names."""
PublisherId = Annotated[
    str,
    shaped(
        r"^[a-z][a-z0-9-]{0,30}[a-z0-9]$",
        "2 to 32 small letters, digits and hyphens, a letter first and no hyphen last",
    ),
]
AppId = Annotated[
    str,
    shaped(
        r"^[a-z][a-z0-9-]{0,30}[a-z0-9]/[a-z][a-z0-9-]{0,46}[a-z0-9]$",
        "PUBLISHER/NAME in small letters, digits and hyphens, such as acme/pii-tagger",
    ),
]
"""`publisher/name`."""
DomainName = Annotated[
    str,
    shaped(
        r"^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$",
        "a domain such as example.com",
        max_length=253,
    ),
]
Semver = Annotated[
    str,
    shaped(
        r"^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9a-z.-]{1,20})?$",
        "a version of three numbers, such as 1.2.3 or 1.2.3-beta.1",
    ),
]
NAME_PATTERN = r"^[a-z][a-z0-9_]{0,39}$"
NAME_FORM = "at most 40 small letters, digits and underscores, a letter first"
Name = Annotated[str, shaped(NAME_PATTERN, NAME_FORM)]
"""The name of a step, a workflow, a tool or a secret: it becomes part of AWS names and of Python names."""
StepName = Annotated[
    str, shaped(r"^(platform\.)?[a-z][a-z0-9_]{0,39}$", "the name of a step, such as load or platform.approve")
]
"""A step of the app, or one of the platform's own."""
INSTALL_NAME_CHARS = 48
"""As many as the name of an app has."""
InstallName = Annotated[
    str,
    shaped(
        r"^[a-z]([a-z0-9-]{0,46}[a-z0-9])?$",
        "at most 48 small letters, digits and hyphens, a letter first and no hyphen last",
    ),
]
"""The name of an install among those of an app in a tenant: each app's own name is one, and none has an underscore."""
Sha256 = Annotated[str, shaped(r"^[0-9a-f]{64}$", "a SHA-256 of 64 hexadecimal digits")]
Moment = Annotated[
    str,
    shaped(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$", "a time in UTC such as 2026-01-31T12:00:00Z"),
]
"""A time in RFC 3339, UTC."""


def default_install_name(fields: Mapping[str, Any]) -> str:
    """The name of an install that was given none: what stands behind the slash in its app's id."""
    return str(fields.get("app", "")).partition("/")[2]


def moment(at: datetime) -> str:
    """Write a time as RFC 3339 in UTC with milliseconds."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def now(after: timedelta = timedelta()) -> str:
    """This moment, or the one so much later (earlier, where it is negative), as `moment` writes it."""
    return moment(datetime.now(UTC) + after)


def today() -> str:
    """This day in UTC, as YYYY-MM-DD."""
    return datetime.now(UTC).date().isoformat()


def parse_moment(text: str) -> datetime:
    """Read a time of RFC 3339, or one of ISO 8601; without a zone it is in UTC.

    Raises:
        ValueError: it is not a time, or not one that UTC can express.
    """
    at = datetime.fromisoformat(text.replace("Z", "+00:00"))
    try:
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except OverflowError as error:
        raise ValueError(f"{text!r} is out of range") from error

"""One-time codes: `interlock console` makes one, and the browser trades it once for a session as that profile.

A code is in no file: its digest names one, in a folder that only its owner may enter.
"""

import hashlib
import secrets
import time
from pathlib import Path

from pydantic import ValidationError

from interlock.contract.core.base import Document
from interlock.local.home import write_whole

SECONDS = 60.0
"""A browser opens within this time; a code in its history is worth nothing then."""


class SignIn(Document):
    """What a code stands for."""

    profile: str
    until: float
    """Seconds since the epoch."""


def make_code(folder: Path, profile: str) -> str:
    """A code for one sign-in as a profile, within a minute."""
    code = secrets.token_urlsafe(32)
    write_whole(_file(folder, code), SignIn(profile=profile, until=time.time() + SECONDS).model_dump_json().encode())
    return code


def take_code(folder: Path, code: str) -> str | None:
    """The profile that a code stands for; None where it is unknown, used or too old. Nobody can use it again."""
    file = _file(folder, code)
    taken = file.with_suffix(f".{secrets.token_hex(8)}")
    try:
        # Of two that come at once, one renames it.
        file.rename(taken)
        sign_in = SignIn.model_validate_json(taken.read_bytes())
    except (FileNotFoundError, ValidationError):
        return None
    finally:
        taken.unlink(missing_ok=True)
    return sign_in.profile if time.time() < sign_in.until else None


def _file(folder: Path, code: str) -> Path:
    return folder / f"{hashlib.sha256(code.encode()).hexdigest()}.json"

"""Who is signed in to the console on this machine, and the codes of its token endpoint. All of it is in memory.

It answers as a user pool's hosted pages do (the authorization code with PKCE, RFC 7636), so that the page signs in by
one way here and on AWS.
"""

import base64
import hashlib
import secrets
import time
from dataclasses import dataclass, field

SESSION_SECONDS = 12 * 3600.0
CODE_SECONDS = 60.0
MOST = 64
"""Sessions, and codes, at one time: the oldest goes."""


@dataclass(frozen=True)
class _Entry:
    profile: str
    until: float
    challenge: str = ""


@dataclass(frozen=True)
class Sessions:
    """Sessions by the cookie's value, and authorization codes."""

    _sessions: dict[str, _Entry] = field(default_factory=dict[str, _Entry])
    _codes: dict[str, _Entry] = field(default_factory=dict[str, _Entry])

    def begin(self, profile: str) -> str:
        """A session as a profile: the value of its cookie."""
        return _add(self._sessions, _Entry(profile, time.monotonic() + SESSION_SECONDS))

    def end(self, cookie: str) -> None:
        """End a session; an unknown one is ended already."""
        self._sessions.pop(cookie, None)

    def authorize(self, cookie: str, challenge: str) -> str | None:
        """A code for whoever knows the verifier of a challenge; None where nobody is signed in."""
        entry = _live(self._sessions.get(cookie))
        if entry is None or not challenge:
            return None
        return _add(self._codes, _Entry(entry.profile, time.monotonic() + CODE_SECONDS, challenge))

    def refresh(self, token: str) -> str | None:
        """The profile that a refresh token, which is a session of the page's own, stands for."""
        entry = _live(self._sessions.get(token))
        return entry.profile if entry else None

    def redeem(self, code: str, verifier: str) -> str | None:
        """The profile of a code, once; None where the code or its verifier is wrong."""
        entry = _live(self._codes.pop(code, None))
        if entry is None:
            return None
        digest = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        return entry.profile if secrets.compare_digest(digest, entry.challenge) else None


def _add(entries: dict[str, _Entry], entry: _Entry) -> str:
    while len(entries) >= MOST:
        entries.pop(next(iter(entries)))
    key = secrets.token_urlsafe(32)
    entries[key] = entry
    return key


def _live(entry: _Entry | None) -> _Entry | None:
    return entry if entry is not None and time.monotonic() < entry.until else None

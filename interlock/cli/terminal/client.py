"""The typed client of the control API, as a profile of this machine."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING

from interlock.cli.terminal.tokens import token_of
from interlock.client import Interlock
from interlock.client.transport import Transport

if TYPE_CHECKING:
    from interlock.cli.terminal.profiles import Profile

TOKEN_SLACK_SECONDS = 60


class ProfileTransport(Transport):
    """Sends calls with a token of a profile, which is renewed in time."""

    def __init__(self, profile: Profile) -> None:
        """Take the profile; nothing is called."""
        super().__init__(profile.api_url, profile.name)
        self._profile = profile
        self._token = ""
        self._until = 0.0

    def headers(self) -> dict[str, str]:
        """The headers that say who calls, and which API is meant."""
        host = {"Host": self._profile.api_host} if self._profile.api_host else {}
        return {"Authorization": f"Bearer {self.token()}"} | host

    def token(self) -> str:
        """A token that is valid for a minute at least."""
        if time.time() >= self._until:
            self._token, seconds = token_of(self._profile, self.send)
            self._until = time.time() + seconds - TOKEN_SLACK_SECONDS
        return self._token

    def seconds_left(self) -> float:
        """For how long the present token is used."""
        return max(0.0, self._until - time.time())


class Client(Interlock):
    """The control API, as one profile: `client.runs.get(tenant, run)`."""

    def __init__(self, profile: Profile) -> None:
        """Take the profile; nothing is called."""
        self.profile = profile
        self.transport = ProfileTransport(profile)
        super().__init__(self.transport)

    def signed_in(self) -> Client:
        """The same client with a token: several threads may use it then."""
        self.transport.token()
        return self

    def upload(self, url: str, fields: Mapping[str, str], data: bytes) -> None:
        """Send a form with a file to where a presigned POST says; the same bytes may arrive twice.

        Raises:
            Failure: the store refused it.
            Unavailable: the store did not take it, however often it was sent.
        """
        self.transport.upload(url, fields, data)

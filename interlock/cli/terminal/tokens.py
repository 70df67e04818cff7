"""Tokens of a profile: by a machine's credentials, a person's refresh token, or the job's token on GitHub."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from interlock.contract.core.failure import NotSignedIn, Unavailable
from interlock.contract.core.names import API_SCOPE

if TYPE_CHECKING:
    import urllib3

    from interlock.cli.terminal.profiles import Profile

    Send = Callable[..., urllib3.BaseHTTPResponse]

AUDIENCE = "interlock"


def token_of(profile: Profile, send: Send) -> tuple[str, float]:
    """An access token, and for how many seconds it is valid.

    Raises:
        NotSignedIn: the token endpoint refuses the profile.
    """
    if profile.oidc == "github":
        return _of_github(send)
    if profile.refresh_token:
        form = {"grant_type": "refresh_token", "refresh_token": profile.refresh_token, "client_id": profile.client_id}
        answer = exchange(profile.token_url, form, send, name=profile.name)
        return str(answer["access_token"]), float(answer.get("expires_in", 300))
    form = {"grant_type": "client_credentials", "scope": API_SCOPE, "client_id": profile.client_id}
    pair = base64.b64encode(f"{profile.client_id}:{profile.client_secret}".encode()).decode()
    answer = exchange(profile.token_url, form, send, name=profile.name, headers={"Authorization": f"Basic {pair}"})
    return str(answer["access_token"]), float(answer.get("expires_in", 300))


def exchange(
    url: str, form: Mapping[str, str], send: Send, *, name: str, headers: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """The answer of a token endpoint.

    Raises:
        NotSignedIn: it refuses.
        Unavailable: it was asked too often, or failed; another time may help.
    """
    every = {"Content-Type": "application/x-www-form-urlencoded"} | dict(headers or {})
    answer = send("POST", url, body=urlencode(form).encode(), headers=every)
    if answer.status != 200:
        text = answer.data.decode(errors="replace")[:200]
        if answer.status == HTTPStatus.TOO_MANY_REQUESTS or answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            what = f"the token endpoint answered {answer.status}: {text}"
            raise Unavailable(what, where=name, next_step="Run the command again; else look: interlock status")
        step = "interlock login" if form["grant_type"] != "client_credentials" else "interlock up"
        raise NotSignedIn(f"the token endpoint gave no token: {text}", where=name, next_step=step)
    return dict(json.loads(answer.data))


def _of_github(send: Send) -> tuple[str, float]:
    """https://docs.github.com/en/actions/reference/security/oidc#methods-for-requesting-the-oidc-token."""
    url, key = os.environ.get("ACTIONS_ID_TOKEN_REQUEST_URL"), os.environ.get("ACTIONS_ID_TOKEN_REQUEST_TOKEN")
    if not url or not key:
        raise NotSignedIn(
            "GitHub gives this job no token",
            where="ACTIONS_ID_TOKEN_REQUEST_URL",
            next_step="Give the job `permissions: id-token: write`; see docs/ci.md.",
        )
    mark = "&" if "?" in url else "?"
    answer = send("GET", f"{url}{mark}audience={AUDIENCE}", headers={"Authorization": f"Bearer {key}"})
    if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise Unavailable(f"GitHub answered {answer.status}", where="github", next_step="Run the job again.")
    if answer.status != 200:
        raise NotSignedIn(f"GitHub answered {answer.status}", where="github", next_step="Run the job again.")
    return str(json.loads(answer.data)["value"]), 300.0

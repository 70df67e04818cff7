"""Tokens of a profile: by a machine's credentials, a person's refresh token, or whoever vouches for a pipeline."""

import json
import os
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

import urllib3

from interlock.cli.terminal.profiles import Profile
from interlock.contract.core.failure import NotSignedIn

SCOPE = "interlock/api"
AUDIENCE = "interlock"
Send = Callable[..., urllib3.BaseHTTPResponse]


def token_of(profile: Profile, send: Send) -> tuple[str, float]:
    """An access token, and for how many seconds it holds.

    Raises:
        NotSignedIn: nobody gives one for this profile.
    """
    if profile.oidc == "github":
        return _of_github(send)
    if profile.refresh_token:
        words = {"grant_type": "refresh_token", "refresh_token": profile.refresh_token, "client_id": profile.client_id}
        found = exchange(profile.token_url, words, send, name=profile.name)
        return str(found["access_token"]), float(found.get("expires_in", 300))
    words = {"grant_type": "client_credentials", "scope": SCOPE, "client_id": profile.client_id}
    basic = urllib3.make_headers(basic_auth=f"{profile.client_id}:{profile.client_secret}")
    found = exchange(profile.token_url, words, send, name=profile.name, headers=basic)
    return str(found["access_token"]), float(found.get("expires_in", 300))


def exchange(
    url: str, words: Mapping[str, str], send: Send, *, name: str, headers: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """What a token endpoint answers.

    Raises:
        NotSignedIn: it refuses.
    """
    every = {"Content-Type": "application/x-www-form-urlencoded"} | dict(headers or {})
    answer = send("POST", url, body=urlencode(words).encode(), headers=every)
    if answer.status != 200:
        text = answer.data.decode(errors="replace")[:200]
        step = "interlock login" if words["grant_type"] != "client_credentials" else "interlock up"
        raise NotSignedIn(f"no token: {text}", where=name, next_step=step)
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
    if answer.status != 200:
        raise NotSignedIn(f"GitHub answered {answer.status}", where="github", next_step="Run the job again.")
    return str(json.loads(answer.data)["value"]), 300.0

"""Signs a person in on the platform's own page: the authorization code with PKCE (RFC 7636, RFC 8252).

The browser comes back to a port of this machine.
"""

from __future__ import annotations

import base64
import hashlib
import http.server
import secrets
import threading
import time
import webbrowser
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlencode, urlsplit

import urllib3

from interlock.cli.terminal import render
from interlock.cli.terminal.tokens import exchange
from interlock.contract.core.failure import NotSignedIn
from interlock.contract.core.names import API_SCOPE, LOGIN_PORTS

if TYPE_CHECKING:
    from interlock.cli.terminal.profiles import Profile

LOGIN_SECONDS = 300
SCOPES = f"openid {API_SCOPE}"


def sign_in(authorize_url: str, profile: Profile, *, browser: bool) -> str:
    """A person's refresh token, by the authorization code with PKCE.

    Raises:
        NotSignedIn: the browser did not come back in time, or with another state.
    """
    verifier, state = secrets.token_urlsafe(64), secrets.token_urlsafe(24)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    with _listen() as server:
        back = f"http://localhost:{server.server_port}/callback"
        params = {
            "response_type": "code",
            "client_id": profile.client_id,
            "redirect_uri": back,
            "scope": SCOPES,
            "state": state,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        url = f"{authorize_url}?{urlencode(params)}"
        render.note(f"Sign in here: {url}")
        if browser:
            # Some browsers block the process that opens them until they are closed.
            threading.Thread(target=webbrowser.open, args=(url,), daemon=True).start()
        code = server.code_for(state)
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": back,
        "client_id": profile.client_id,
        "code_verifier": verifier,
    }
    answer = exchange(profile.token_url, form, urllib3.PoolManager(retries=False).request, name=profile.name)
    return str(answer["refresh_token"])


class _Server(http.server.HTTPServer):
    """Waits for the browser to come back, once."""

    query: dict[str, list[str]] | None = None

    def code_for(self, state: str) -> str:
        """The code that came back with the state that was sent.

        Raises:
            NotSignedIn: it did not come in time, or with another state.
        """
        end = time.monotonic() + LOGIN_SECONDS
        self.timeout = 1
        while self.query is None and time.monotonic() < end:
            self.handle_request()
        query = self.query or {}
        if query.get("state") != [state]:
            raise NotSignedIn("nobody signed in from here in time", where="login", next_step="interlock login")
        if "code" not in query:
            why = query.get("error_description", query.get("error", ["no code"]))[0]
            raise NotSignedIn(f"the page refused to sign you in: {why}", where="login", next_step="interlock login")
        return query["code"][0]


class _Callback(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        known = parts.path == "/callback"
        if known and isinstance(self.server, _Server):
            self.server.query = parse_qs(parts.query)
        self.send_response(200 if known else 404)
        self.send_header("Content-Type", "text/plain")
        self.end_headers()
        self.wfile.write(b"Signed in. You can close this page." if known else b"")

    def log_message(self, format: str, *args: object) -> None:
        """Log nothing: the line would contain the code."""


def _listen() -> _Server:
    for port in LOGIN_PORTS:
        try:
            return _Server(("localhost", port), _Callback)
        except OSError:
            continue
    raise NotSignedIn(
        f"the ports {LOGIN_PORTS} are in use", where="login", next_step="Close a program that listens on one of them."
    )

"""`interlock login`: a profile for a platform that was not started here.

A person signs in on the platform's own page, with the authorization code and PKCE (RFC 7636, RFC 8252): the browser
comes back to a port of this machine, and what is kept is a refresh token. A machine brings its credentials; a pipeline
of GitHub brings nothing.
"""

import base64
import hashlib
import http.server
import os
import secrets
import sys
import threading
import time
import webbrowser
from typing import Annotated
from urllib.parse import parse_qs, urlencode, urlsplit

import typer
import urllib3

from interlock.cli.terminal import render
from interlock.cli.terminal.client import Client
from interlock.cli.terminal.options import AsJson
from interlock.cli.terminal.profiles import Kind, Profile, save
from interlock.cli.terminal.tokens import exchange
from interlock.contract.core.failure import BadRequest, NotSignedIn
from interlock.contract.core.names import LOGIN_PORTS

LOGIN_SECONDS = 300
SCOPES = "openid interlock/api"
SECRET = "INTERLOCK_CLIENT_SECRET"


def login(
    api: Annotated[str, typer.Option(help="The control API's URL (output ApiUrl).")],
    token_url: Annotated[str, typer.Option(help="Where tokens come from (output TokenUrl).")] = "",
    authorize_url: Annotated[str, typer.Option(help="Where people sign in; beside the token URL by default.")] = "",
    client_id: Annotated[str, typer.Option(help="The CLI's client (output CliClientId), or a machine's.")] = "",
    publisher: Annotated[str, typer.Option(help="Act for this publisher by default.")] = "",
    tenant: Annotated[str, typer.Option(help="Act for this tenant by default.")] = "",
    github: Annotated[bool, typer.Option("--github", help="In a workflow of GitHub: by its token.")] = False,
    api_host: Annotated[str, typer.Option(help="The Host header, where the URL is not the API's own.")] = "",
    name: Annotated[str, typer.Option(help="The profile's name.")] = "",
    browser: Annotated[bool, typer.Option(help="Open a browser; else the URL is only printed.")] = True,
    machine: AsJson = False,
) -> None:
    """Sign in: a person in a browser, a machine by INTERLOCK_CLIENT_SECRET, a workflow of GitHub by --github."""
    if publisher and tenant:
        raise BadRequest("which of both?", where="login", next_step="Say --publisher or --tenant.")
    kind: Kind = "publisher" if publisher else "tenant" if tenant else "operator"
    words = {"api_url": api.rstrip("/"), "api_host": api_host, "token_url": token_url, "client_id": client_id}
    owner = publisher or tenant
    profile = Profile(name=name or owner or "me", kind=kind, id=owner, oidc="github" if github else "", **words)
    if not github:
        if not token_url or not client_id:
            raise BadRequest(
                "where from?", where="login", next_step="Say --token-url and --client-id: the platform's outputs."
            )
        secret = os.environ.get(SECRET, "")
        if secret:
            profile = profile.model_copy(update={"client_secret": secret})
        else:
            refresh = sign_in(authorize_url or token_url.removesuffix("token") + "authorize", profile, browser=browser)
            profile = profile.model_copy(update={"refresh_token": refresh})
    found = Client(profile).get("/v1/me")
    save(profile)
    if machine:
        render.as_json(found | {"profile": profile.name})
    else:
        scopes = ", ".join(f"{row['role']} of {row['scope']}" for row in found["memberships"]) or "a member of nothing"
        render.out.print(f"Signed in as {profile.name}: {scopes}.")


def sign_in(authorize_url: str, profile: Profile, *, browser: bool) -> str:
    """A person's refresh token, by the authorization code with PKCE.

    Raises:
        NotSignedIn: nobody came back in time, or somebody else did.
    """
    verifier, state = secrets.token_urlsafe(64), secrets.token_urlsafe(24)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    with _listen() as server:
        back = f"http://localhost:{server.server_port}/callback"
        words = {
            "response_type": "code",
            "client_id": profile.client_id,
            "redirect_uri": back,
            "scope": SCOPES,
            "state": state,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        url = f"{authorize_url}?{urlencode(words)}"
        sys.stderr.write(f"Sign in here: {url}\n")
        sys.stderr.flush()
        if browser:
            # Some browsers hold whoever opens them until they are closed.
            threading.Thread(target=webbrowser.open, args=(url,), daemon=True).start()
        code = server.code_for(state)
    words = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": back,
        "client_id": profile.client_id,
        "code_verifier": verifier,
    }
    found = exchange(profile.token_url, words, urllib3.PoolManager(retries=False).request, name=profile.name)
    return str(found["refresh_token"])


class _Server(http.server.HTTPServer):
    """Waits for the browser to come back, once."""

    query: dict[str, list[str]] | None = None

    def code_for(self, state: str) -> str:
        """The code that came back with the state that was sent.

        Raises:
            NotSignedIn: none did in time, or it came with another state.
        """
        end = time.monotonic() + LOGIN_SECONDS
        self.timeout = 1
        while self.query is None and time.monotonic() < end:
            self.handle_request()
        query = self.query or {}
        if query.get("state") != [state]:
            raise NotSignedIn("nobody signed in, or not from here", where="login", next_step="interlock login")
        if "code" not in query:
            said = query.get("error_description", query.get("error", ["no code"]))[0]
            raise NotSignedIn(f"signing in was refused: {said}", where="login", next_step="interlock login")
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
        """Say nothing: the line would hold the code."""


def _listen() -> _Server:
    for port in LOGIN_PORTS:
        try:
            return _Server(("localhost", port), _Callback)
        except OSError:
            continue
    raise NotSignedIn(
        f"the ports {LOGIN_PORTS} are taken", where="login", next_step="Close what listens on one of them."
    )

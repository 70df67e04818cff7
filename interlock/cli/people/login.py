"""`interlock login`: a profile for a platform that was not started here.

A person signs in on the platform's own page, with the authorization code and PKCE (RFC 7636, RFC 8252): the browser
comes back to a port of this machine, and the profile keeps a refresh token. A machine has its credentials in the
environment; a workflow of GitHub needs none.
"""

from __future__ import annotations

import base64
import hashlib
import http.server
import os
import secrets
import threading
import time
import webbrowser
from typing import TYPE_CHECKING, Annotated
from urllib.parse import parse_qs, urlencode, urlsplit

import typer

from interlock.cli.terminal import render
from interlock.cli.terminal.options import AsJson
from interlock.cli.terminal.tokens import exchange
from interlock.contract.core.failure import BadRequest, NotSignedIn

if TYPE_CHECKING:
    from interlock.cli.terminal.profiles import Profile

app = typer.Typer()
LOGIN_SECONDS = 300
SCOPES = "openid interlock/api"
SECRET = "INTERLOCK_CLIENT_SECRET"


@app.command("login")
def login(
    api: Annotated[str, typer.Option(help="The control API's URL (output ApiUrl).")],
    token_url: Annotated[str, typer.Option(help="The token endpoint (output TokenUrl).")] = "",
    authorize_url: Annotated[
        str, typer.Option(help="The page where people sign in; by default beside the token endpoint.")
    ] = "",
    client_id: Annotated[str, typer.Option(help="The CLI's client (output CliClientId), or a machine's.")] = "",
    publisher: Annotated[str, typer.Option(help="Act for this publisher by default.")] = "",
    tenant: Annotated[str, typer.Option(help="Act for this tenant by default.")] = "",
    github: Annotated[bool, typer.Option("--github", help="Sign in a workflow of GitHub with its token.")] = False,
    api_host: Annotated[str, typer.Option(help="The Host header, if the URL is not the API's own.")] = "",
    name: Annotated[str, typer.Option(help="The profile's name.")] = "",
    browser: Annotated[bool, typer.Option(help="Open a browser, or only print the URL.")] = True,
    machine: AsJson = False,
) -> None:
    """Sign in: a person in a browser, a machine with INTERLOCK_CLIENT_SECRET, a workflow of GitHub with --github."""
    from interlock.cli.terminal.client import Client
    from interlock.cli.terminal.profiles import Profile, save

    if publisher and tenant:
        raise BadRequest("a profile acts for one owner", where="login", next_step="Use --publisher or --tenant.")
    if not github and not (token_url and client_id):
        step = "Use --token-url and --client-id, with the platform's outputs."
        raise BadRequest("signing in needs a token endpoint and a client", where="login", next_step=step)
    owner = publisher or tenant
    profile = Profile(
        name=name or owner or "me",
        kind="publisher" if publisher else "tenant" if tenant else "operator",
        id=owner,
        api_url=api.rstrip("/"),
        api_host=api_host,
        token_url=token_url,
        client_id=client_id,
        client_secret="" if github else os.environ.get(SECRET, ""),
        oidc="github" if github else "",
    )
    if not github and not profile.client_secret:
        page = authorize_url or token_url.removesuffix("token") + "authorize"
        profile = profile.model_copy(update={"refresh_token": sign_in(page, profile, browser=browser)})
    caller = Client(profile).platform.get_caller()
    save(profile)
    scopes = ", ".join(f"{row.role.value} of {row.scope}" for row in caller.memberships) or "no memberships"
    value = caller.model_dump(mode="json") | {"profile": profile.name}
    render.answer(value, f"Signed in as {profile.name}: {scopes}.", machine=machine)


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
    import urllib3

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
    from interlock.contract.core.names import LOGIN_PORTS

    for port in LOGIN_PORTS:
        try:
            return _Server(("localhost", port), _Callback)
        except OSError:
            continue
    raise NotSignedIn(
        f"the ports {LOGIN_PORTS} are in use", where="login", next_step="Close a program that listens on one of them."
    )

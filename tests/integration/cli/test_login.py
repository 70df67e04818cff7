"""Signing in: a person by the authorization code with PKCE, a machine by its credentials, a workflow of GitHub."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

BROWSER = "import sys, urllib.request; urllib.request.urlopen(sys.argv[1]).read()"
MEMBER = {"principal": "p", "scope": "publisher/acme", "role": "admin"}


@dataclass
class Issuer:
    """A user pool's endpoints and the API's `/v1/me`, as far as signing in needs them."""

    url: str = ""
    challenge: str = ""
    back: str = ""
    grants: list[str] = field(default_factory=list[str])
    spoil: bool = False
    """The page answers with a state that was not sent: somebody else's link was followed."""

    def authorize(self, query: dict[str, str]) -> str:
        assert query["code_challenge_method"] == "S256"
        self.challenge, self.back = query["code_challenge"], query["redirect_uri"]
        state = "another" if self.spoil else query["state"]
        return f"{self.back}?{urlencode({'code': 'one-time', 'state': state})}"

    def token(self, form: dict[str, str], basic: str) -> tuple[int, dict[str, Any]]:
        grant = form["grant_type"]
        self.grants.append(grant)
        held = {
            "authorization_code": self._proves(form) and form.get("redirect_uri") == self.back,
            "refresh_token": form.get("refresh_token") == "keep-me",
            "client_credentials": basic == base64.b64encode(b"machine:hidden").decode(),
        }[grant]
        if not held:
            return 400, {"error": "invalid_grant"}
        return 200, {"access_token": f"by-{grant}", "refresh_token": "keep-me", "expires_in": 3600}

    def _proves(self, form: dict[str, str]) -> bool:
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == self.challenge and form["code"] == "one-time"


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    result = Issuer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            query = {key: rows[0] for key, rows in parse_qs(parts.query).items()}
            bearer = self.headers.get("Authorization", "").removeprefix("Bearer ")
            if parts.path == "/authorize":
                self.send_response(302)
                self.send_header("Location", result.authorize(query))
                self.end_headers()
            elif parts.path == "/github":
                held = bearer == "job" and query["audience"] == "interlock"
                self._answer(200 if held else 403, {"value": "by-github"})
            else:
                self._answer(200 if bearer.startswith("by-") else 401, {"principal": bearer, "memberships": [MEMBER]})

        def do_POST(self) -> None:
            text = self.rfile.read(int(self.headers["Content-Length"])).decode()
            form = {key: rows[0] for key, rows in parse_qs(text).items()}
            self._answer(*result.token(form, self.headers.get("Authorization", "").removeprefix("Basic ")))

        def _answer(self, status: int, value: dict[str, Any]) -> None:
            self.send_response(status)
            self.end_headers()
            self.wfile.write(json.dumps(value).encode())

        def log_message(self, format: str, *args: object) -> None:
            return

    server = HTTPServer(("127.0.0.1", 0), Handler)
    result.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield result
    server.shutdown()
    server.server_close()


def interlock(home: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from interlock.cli.main import main; main()", *arguments, "--json"]
    every = os.environ | {"INTERLOCK_HOME": str(home), "BROWSER": f"{sys.executable} -c '{BROWSER}' %s"} | environment
    return subprocess.run(command, env=every, capture_output=True, text=True, check=False, timeout=60)


def sign_in(home: Path, issuer: Issuer, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    base = ("login", "--api", issuer.url, "--token-url", f"{issuer.url}/token", "--publisher", "acme")
    return interlock(home, *base, *arguments, **environment)


def test_a_person_signs_in_and_stays_signed_in(tmp_path: Path, issuer: Issuer) -> None:
    done = sign_in(tmp_path, issuer, "--client-id", "cli")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["profile"] == "acme"
    stored = tmp_path / "profiles.json"
    assert stat.S_IMODE(stored.stat().st_mode) == 0o600
    assert json.loads(stored.read_text())["profiles"]["acme"]["refresh_token"] == "keep-me"
    again = interlock(tmp_path, "whoami", "--as", "acme")
    assert json.loads(again.stdout)["principal"] == "by-refresh_token"
    assert issuer.grants == ["authorization_code", "refresh_token", "refresh_token"]
    assert "keep-me" not in done.stdout + done.stderr


def test_a_state_that_was_not_sent_signs_nobody_in(tmp_path: Path, issuer: Issuer) -> None:
    issuer.spoil = True
    done = sign_in(tmp_path, issuer, "--client-id", "cli")
    assert done.returncode == 5
    assert issuer.grants == []
    assert not (tmp_path / "profiles.json").exists()


def test_a_machine_signs_in_by_its_credentials(tmp_path: Path, issuer: Issuer) -> None:
    done = sign_in(tmp_path, issuer, "--client-id", "machine", INTERLOCK_CLIENT_SECRET="hidden")
    assert done.returncode == 0, done.stderr
    assert "hidden" not in done.stdout + done.stderr
    assert sign_in(tmp_path, issuer, "--client-id", "machine", INTERLOCK_CLIENT_SECRET="wrong").returncode == 5


def test_a_workflow_of_github_keeps_nothing(tmp_path: Path, issuer: Issuer) -> None:
    job = {"ACTIONS_ID_TOKEN_REQUEST_URL": f"{issuer.url}/github?v=1", "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "job"}
    done = sign_in(tmp_path, issuer, "--github", **job)
    assert done.returncode == 0, done.stderr
    profile = json.loads((tmp_path / "profiles.json").read_text())["profiles"]["acme"]
    assert (profile["client_secret"], profile["refresh_token"], profile["oidc"]) == ("", "", "github")
    outside = interlock(tmp_path, "whoami", "--as", "acme")
    assert outside.returncode == 5
    assert "id-token: write" in outside.stderr

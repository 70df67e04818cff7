"""The control API behind a socket: the command line calls it as it calls a platform; AWS is moto's."""

from __future__ import annotations

import json
import threading
from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders

from interlock.aws.clients import client
from interlock.cli.terminal.profiles import FILE, Profile, Profiles
from interlock.contract.registry import Membership, Role
from tests.support.api import Call
from tests.support.cli import Cli
from tests.support.cloud import TENANT, Cloud

PEOPLE = {TENANT: ("tenant", f"tenant/{TENANT}"), "publisher": ("publisher", "publisher/acme")}
OPERATOR = "operator"
WORKFLOWS = ("install", "upgrade", "uninstall")


@contextmanager
def command_line(cloud: Cloud, call: Call, home: Path) -> Generator[Cli]:
    """The command line with a tenant's admin, a publisher's admin and an operator, on a cloud."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(call))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    url = f"http://127.0.0.1:{server.server_port}"
    profiles: dict[str, Profile] = {}
    for name, (kind, scope) in (PEOPLE | {OPERATOR: ("operator", "platform")}).items():
        role = Role.OPERATOR if kind == "operator" else Role.ADMIN
        cloud.registry.join(Membership(principal=name, scope=scope, role=role))
        raw = {"name": name, "kind": kind, "api_url": url, "token_url": f"{url}/token", "client_id": name}
        raw |= {"id": scope.partition("/")[2], "client_secret": "secret"}
        profiles[name] = Profile.model_validate(raw)

    def begun(params: Any, **_: Any) -> tuple[AWSResponse, dict[str, Any]] | None:
        """A workflow of the platform that begins is walked to its end."""
        order = json.loads(params["body"])
        name = order["stateMachineArn"].rpartition("interlock-")[2]
        if name not in WORKFLOWS:
            return None
        cloud.run_workflow(name, json.loads(order["input"]))
        return AWSResponse("", 200, HTTPHeaders(), None), {"executionArn": f"{order['stateMachineArn']}:1"}

    events = client("stepfunctions").meta.events
    events.register("before-call.sfn.StartExecution", begun)
    home.mkdir(parents=True, exist_ok=True)
    (home / FILE).write_text(Profiles(profiles=profiles).model_dump_json())
    try:
        yield Cli(home)
    finally:
        events.unregister("before-call.sfn.StartExecution", begun)
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(call: Call) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        """Answers the token endpoint with the caller's name, and hands the rest to the API."""

        def do_GET(self) -> None:
            self._answer()

        do_POST = do_PUT = do_DELETE = do_GET

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            if self.path == "/token":
                name = body.partition("client_id=")[2].partition("&")[0]
                return self._send(200, {"access_token": name, "expires_in": 3600})
            principal = self.headers["Authorization"].removeprefix("Bearer ")
            stored = {
                name.replace("-", "_"): self.headers[name] for name in ("Idempotency-Key",) if name in self.headers
            }
            answer = call(self.command, self.path, json.loads(body) if body else None, principal, **stored)
            return self._send(answer["status"], answer["body"])

        def _send(self, status: int, body: Any) -> None:
            data = body.encode() if isinstance(body, str) else json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: Any) -> None:
            return

    return Handler

"""Secrets are planted everywhere, and looked for in everything that leaves: none is found."""

from __future__ import annotations

import base64
import contextlib
import json
import threading
import zipfile
from collections.abc import Generator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import quote

import boto3

from interlock.local.platform import Platform
from tests.support.canary_app import CANARIES, HTTP_CANARIES, INPUT, files
from tests.support.cli import Cli
from tests.support.kit import eventually
from tests.support.traces import documents


class Answers(BaseHTTPRequestHandler):
    """Answers what it was asked, and a token."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        events = json.dumps({"access_token": "canary-response-token-1", "asked": json.loads(body)}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(events)))
        self.send_header("Set-Cookie", "canary-cookie-9931")
        self.end_headers()
        self.wfile.write(events)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextlib.contextmanager
def server() -> Generator[int]:
    with HTTPServer(("127.0.0.1", 0), Answers) as subject:
        threading.Thread(target=subject.serve_forever, daemon=True).start()
        yield subject.server_port
        subject.shutdown()


ALL = CANARIES | HTTP_CANARIES | {"response": "canary-response-token-1", "cookie": "canary-cookie-9931"}


def leaks(text: str) -> dict[str, str]:
    """The canaries that show in a text, in any form, with what is around them."""
    result: dict[str, str] = {}
    for name, value in ALL.items():
        for form in (value, quote(value, safe=""), base64.b64encode(value.encode()).decode(), json.dumps(value)[1:-1]):
            at = text.find(form)
            if at >= 0:
                result[name] = text[max(0, at - 80) : at + 60]
    return result


def logs_of(platform: Platform, run: str) -> str:
    """Every log line of every function so far, once the failed step's own has come."""
    engine = platform.engine
    client: Any = boto3.client(
        "logs",
        endpoint_url=engine.endpoint_url,
        region_name=engine.region,
        aws_access_key_id=engine.access_key,
        aws_secret_access_key=engine.secret_key,
    )

    def read() -> str | None:
        lines: list[str] = []
        for page in client.get_paginator("describe_log_groups").paginate():
            for group in page["logGroups"]:
                name = group["logGroupName"]
                for streams in client.get_paginator("describe_log_streams").paginate(logGroupName=name):
                    for stream in streams["logStreams"]:
                        rows = client.get_log_events(logGroupName=name, logStreamName=stream["logStreamName"])
                        lines += [row["message"] for row in rows["events"]]
        text = "\n".join(lines)
        return text if "step failed" in text and run in text else None

    return eventually(read, "the logs of the failed step")


def test_no_secret_leaves(cli: Cli, platform: Platform, tmp_path: Path) -> None:
    with server() as port:
        folder = tmp_path / "app"
        folder.mkdir()
        for name, text in files(port).items():
            (folder / name).write_text(text)
        cli.ok("tenant", "redact", "add", "*.phone")
        assert "*.phone" in cli.ok("tenant", "redact", "list")
        cli.ok("app", "publish", str(folder))
        config = json.dumps({"db_password": CANARIES["config"]})
        secret = f"api_key={CANARIES['secret']}"
        cli.ok("install", "add", "acme/canary", "--yes", "--config", config, "--secret", secret)
        done = cli("run", "start", "acme/canary", "--input", json.dumps(INPUT), "--wait", "--json").json
    run = done["id"]
    assert (done["status"], done["failed"]["error"]) == ("failed", "ValueError"), done["failed"]
    take, fail = done["steps"]
    assert take["status"] == "succeeded"

    lines = logs_of(platform, run)
    assert "saw [redacted]" in lines
    result: dict[str, dict[str, str]] = {"logs": leaks(lines)}
    result["failed"] = leaks(json.dumps(done["failed"]))
    result["locals"] = leaks(json.dumps([fail["error"], take["effects"], fail["effects"]]))
    result["traces"] = leaks(json.dumps(documents(platform, done["trace"], 4)))

    def told() -> str | None:
        rows = [row for row in cli.ok("event", "tail") if row["name"] == "run.failed"]
        return next((json.dumps(row) for row in rows if row["detail"].get("run") == run), None)

    result["event"] = leaks(eventually(told, "the event of the failure"))
    file = tmp_path / "run.zip"
    manifest = cli.ok("run", "export", run, "--out", str(file), "--with-code")
    result["export"] = leaks(file.read_bytes().decode("latin-1"))
    with zipfile.ZipFile(file) as archive:
        for name in archive.namelist():
            result[name] = leaks(archive.read(name).decode("latin-1"))
    rules = {row["rule"] for row in manifest["removed"]}
    assert {"type", "rule customer.email", "rule *.phone", "name", "shape", "value"} <= rules
    there = Cli(tmp_path / "home")
    there.ok("run", "import", str(file))
    result["import"] = leaks(json.dumps(there.ok("run", "show", run)))
    assert {name: row for name, row in result.items() if row} == {}

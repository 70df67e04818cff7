"""A stand-in for the API behind the console: one run of so many steps, without a platform."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from playwright.sync_api import Page, Route

ORIGIN = "http://localhost"
"""Sign-in needs a secure context, which a browser grants to localhost."""
RUN, AT = "r" * 20, "2026-11-27T09:00:00.000Z"
KINDS = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".html": "text/html"}
CONFIG = {
    "deployment": "local",
    "authorize_url": "/oauth2/authorize",
    "token_url": "/oauth2/token",
    "logout_url": "/logout",
    "client_id": "console",
    "scope": "openid",
}
CALLER = {
    "principal": "ada",
    "memberships": [{"scope": "tenant/acme", "role": "viewer", "name": "ada"}],
    "access": [{"scope": "tenant/acme", "actions": ["readRuns", "debugRuns", "readInstalls"]}],
}
STATES = 12


def run_of(steps: int) -> dict[str, Any]:
    """What the API answers of a run, by the end of the path: a chain of states; the last has all other steps."""
    names = [f"State{number}" for number in range(STATES)]
    run: dict[str, Any] = {
        "id": RUN,
        "tenant": "acme",
        "install": "i",
        "install_name": "orders",
        "app": "acme/orders",
        "version": "1.0.0",
        "workflow": "process",
        "trigger": {"kind": "api", "name": "api"},
        "status": "succeeded",
        "title": "Order 1",
        "started": AT,
        "ended": AT,
        "input": {"size": 2, "value": {}},
        "tags": [],
        "recovered": 0,
        "open_pauses": 0,
        "paused_ms": 0,
    }
    step: dict[str, Any] = {"run": RUN, "step": "work", "status": "succeeded", "started": AT, "ended": AT}
    outlines = [
        step | {"key": f"k{number}", "state": names[min(number, STATES - 1)], "index": max(0, number - STATES + 1)}
        for number in range(steps)
    ]
    states = [
        {"name": name, "kind": "Task", "container": "", "order": order, "status": "succeeded", "attempts": 1}
        for order, name in enumerate(names)
    ]
    edges = [{"source": one, "target": two, "kind": "next", "label": ""} for one, two in pairwise(names)]
    graph = {"run": RUN, "status": "succeeded", "workflow": "process", "states": states, "edges": edges}
    return {
        "/v1/me": CALLER,
        "/runs": {"runs": [run], "read": 1},
        f"/runs/{RUN}": run,
        "/graph": graph,
        "/outlines": {"steps": outlines},
        "/pauses": {"pauses": []},
        "/breakpoints": {"breakpoints": []},
        "/approvals": {"approvals": []},
        "/views": {"views": []},
    }


def failed_run_of(steps: int) -> dict[str, Any]:
    """The same of a run whose last step failed, with its explanation and the record of that step."""
    answers = run_of(steps)
    last = f"State{STATES - 1}"
    answers[f"/runs/{RUN}"] |= {"status": "failed", "failed": {"error": "ValueError", "cause": "", "state": last}}
    outline = answers["/outlines"]["steps"][-1]
    outline["status"] = "failed"
    fields = ("around", "source", "touched", "causes", "later", "handled", "retried", "calls", "cascade")
    lists: dict[str, list[str]] = {name: [] for name in (*fields, "differences", "not_compared", "commands")}
    why = {"run": RUN, "error": "ValueError", "message": "no", "state": last, "file": "", "good_run": "", "attempts": 1}
    record = outline | {"attempt": 0, "input": {"size": 2, "value": {}}, "effects": []}
    return answers | {"/explain": {"explanation": why | lists, "text": "no"}, "/steps": {"steps": [record]}}


@dataclass
class StandIn:
    """Answers a page's requests: files of the build, and the API by the end of a path."""

    folder: Path
    answers: dict[str, Any]
    files: list[Path] = field(default_factory=list[Path])
    reads: list[str] = field(default_factory=list[str])

    def answer(self, page: Page) -> None:
        """Take every request of a page."""
        page.route(re.compile(f"^{ORIGIN}/"), self._take)

    def _take(self, route: Route) -> None:
        address = urlsplit(route.request.url)
        path = address.path
        if path.startswith("/v1/"):
            self.reads.append(f"{path}?{address.query}" if address.query else path)
            self._read(route, path)
        elif path == "/config.json":
            route.fulfill(json=CONFIG)
        elif path == "/oauth2/authorize":
            state = parse_qs(address.query)["state"][0]
            back = f"/callback?{urlencode({'code': 'c', 'state': state})}"
            page = f'<meta http-equiv="refresh" content="0;url={back}">'
            route.fulfill(body=page, content_type="text/html")
        elif path == "/oauth2/token":
            route.fulfill(json={"access_token": "t", "refresh_token": "r", "expires_in": 3600})
        else:
            self._file(route, path)

    def _read(self, route: Route, path: str) -> None:
        for end, answer in self.answers.items():
            if path.endswith(end):
                route.fulfill(body=json.dumps(answer), content_type="application/json")
                return
        problem = {"code": "not-found", "title": "no such read", "status": 404, "detail": path}
        route.fulfill(status=404, json=problem)

    def _file(self, route: Route, path: str) -> None:
        file = self.folder / path.strip("/")
        if not file.is_file():
            file = self.folder / "index.html"
        if file not in self.files:
            self.files.append(file)
        route.fulfill(body=file.read_bytes(), content_type=KINDS.get(file.suffix, "application/octet-stream"))

"""Every page of the console with an address of its own, on a platform where each has something to show."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from interlock.cli.terminal.profiles import Profiles
from tests.support.cli import ROOT, Cli
from tests.support.client import JsonClient
from tests.support.kit import eventually
from tests.support.orders_app import write_orders

TENANT, PUBLISHER, ASSET = "wayne", "paper", "shop/main/orders"
VIEWER, NOTHING, NOBODY = "wendy", "void", "blank"
"""A member of the tenant who changes nothing; a tenant and a publisher that have nothing."""
VIEW = """
[[workflows.process.triggers]]
tool = "place_order"
input_schema = "order.schema.json"
description = "Place an order."

[[views]]
id = "orders"
title = "Tables of orders"
source = { query = { type = "table" } }
card = "cards/orders.json"
"""
CARD = {
    "type": "AdaptiveCard",
    "version": "1.5",
    "body": [{"type": "TextBlock", "text": "${counted} tables", "wrap": True}],
    "actions": [
        {"type": "Action.OpenUrl", "title": "Read more", "url": "https://example.com/orders"},
        {"type": "Action.Submit", "title": "Order", "data": {"tool": "place_order", "arguments": {"amount": 1}}},
    ],
}
ROUTES = re.compile(r'"(/[^"]*)"', re.MULTILINE)
NO_PAGE = frozenset({"/callback", "/"})
"""They send the browser on, and show nothing of their own."""


@dataclass(frozen=True)
class Place:
    """A page: who looks at it, and where it is."""

    profile: str
    route: str
    path: str

    @property
    def name(self) -> str:
        """The name of its screenshot."""
        parts = self.route.strip("/").replace("t/:tenant/", "").replace("p/:publisher", "publisher").split("/")
        last = "-one" if parts[-1].startswith(":") else ""
        return "-".join(part for part in parts if not part.startswith(":")) + last


@dataclass(frozen=True)
class World:
    """The ids of what is on the platform."""

    install: str
    succeeded: str
    failed: str
    approval: str
    asking: str
    """The run that waits for the approval."""
    paused: str
    """The run that a breakpoint stopped."""
    webhook: str

    def places(self) -> list[Place]:
        """Every page."""
        tenant = {
            "runs": "",
            "failures": "",
            "query": "?by=day,status",
            "runs/:run": self.failed,
            "diff": f"?a={self.succeeded}&b={self.failed}",
            "bulk": "",
            "verify": "",
            "inbox": "",
            "approvals/:approval": self.approval,
            "apps": "",
            "apps/:publisher/:name": f"{PUBLISHER}/orders",
            "installs": "",
            "installs/:install": self.install,
            "catalog": "",
            "asset": f"?name={quote(ASSET, safe='')}",
            "events": "",
            "dead": "",
            "schedules": "",
            "webhooks": "",
            "webhooks/:webhook": self.webhook,
            "views": "",
            "views/:install/:view": f"{self.install}/orders",
            "members": "",
            "usage": "",
            "audit": "",
            "settings": "",
        }
        publisher = {
            "": "",
            "/apps/:name": "/apps/orders",
            "/apps/:name/versions/:version": "/apps/orders/versions/1.0.0",
            "/support": "/support",
            "/members": "/members",
            "/audit": "/audit",
        }
        operator = ("", "/approvals", "/dead", "/audit")
        return [
            *(Place(TENANT, f"/t/:tenant/{route}", f"/t/{TENANT}/{_of(route, end)}") for route, end in tenant.items()),
            *(Place(PUBLISHER, f"/p/:publisher{route}", f"/p/{PUBLISHER}{end}") for route, end in publisher.items()),
            *(Place("operator", f"/operator{route}", f"/operator{route}") for route in operator),
        ]


def routes() -> set[str]:
    """The routes that the console has, from its source."""
    return set(ROUTES.findall((ROOT / "console/src/routes.tsx").read_text())) - NO_PAGE


def build_world(cli: Cli, folder: Path) -> World:
    """A tenant with an app, a run of each end, and one of everything else that pages show."""
    cli.ok("up")
    cli.ok("tenant", "create", TENANT)
    cli.ok("publisher", "create", PUBLISHER)
    for version in ("1.0.0", "1.1.0"):
        cli.ok("app", "publish", str(_write_app(folder / version, version)), "--profile", PUBLISHER)
    as_tenant = ("--profile", TENANT)
    name = f"{PUBLISHER}/orders"
    config = ("--config", '{"limit": 100}', "--yes", "--untested")
    install = cli.ok("install", "add", f"{name}@1.0.0", *config, *as_tenant)["id"]
    api = JsonClient(Profiles.model_validate_json((cli.home / "profiles.json").read_text()).profiles[TENANT])
    table = {"qualified_name": ASSET, "type": "table", "tags": ["gold"], "upstream": ["shop/raw/orders"]}
    source = {"qualified_name": "shop/raw/orders", "type": "table"}
    api.post(f"/v1/tenants/{TENANT}/assets:batch", {"writes": [source, table]})

    def start(workflow: str, number: str, amount: int, *flags: str) -> str:
        order = json.dumps({"number": number, "amount": amount})
        run = cli("run", "start", name, "--workflow", workflow, "--input", order, *flags, *as_tenant, "--json").json
        return run.get("id") or run["run"]

    succeeded, failed = start("process", "A-1001", 40, "--wait"), start("process", "A-1002", 100, "--wait")
    start("ask", "A-1003", 60)
    (approval,) = eventually(lambda: cli.ok("approval", "list", *as_tenant) or None, "an approval that waits")
    webhook = cli.ok("webhook", "add", "http://127.0.0.1:9/orders", "--event", "order.*", *as_tenant)["webhook"]["id"]
    cli.ok("install", "stop", install, "--reason", "the weekend", *as_tenant)
    cli.ok("event", "send", "order.placed", "--data", '{"number": "A-1004", "amount": 5}', *as_tenant)
    eventually(lambda: cli.ok("event", "dead", "list", *as_tenant) or None, "a dead letter")
    cli.ok("install", "start", install, *as_tenant)
    stop = {"app": name, "workflow": "process", "breakpoints": [{"state": "check"}]}
    paused = api.post(f"/v1/tenants/{TENANT}/runs", stop | {"input": {"number": "A-1005", "amount": 7}})["run"]
    eventually(lambda: cli.ok("run", "list", "--status", "paused", *as_tenant)[1:] or None, "a run at a breakpoint")
    cli.ok("tenant", "credential", "create", VIEWER, "--role", "viewer", "--keep", *as_tenant)
    cli.ok("tenant", "create", NOTHING)
    cli.ok("publisher", "create", NOBODY)
    return World(install, succeeded, failed, approval["id"], approval["run"], paused, webhook)


def _write_app(folder: Path, version: str) -> Path:
    """The app of orders with a page of its own, and a tool that the page starts."""
    app = write_orders(folder, version)
    manifest = app / "interlock.toml"
    manifest.write_text(manifest.read_text().replace('"acme/orders"', f'"{PUBLISHER}/orders"') + VIEW)
    (app / "cards").mkdir()
    (app / "cards" / "orders.json").write_text(json.dumps(CARD))
    (app / "order.schema.json").write_text(json.dumps({"type": "object"}))
    return app


def _of(route: str, end: str) -> str:
    base = route.split("/:")[0]
    return base + end if end.startswith("?") or not end else f"{base}/{end}"

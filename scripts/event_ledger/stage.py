"""Where the ledger's events go: tenants, apps, their installs, and the one subscriber that is broken."""

import subprocess
import tempfile
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from interlock.aws.clients import client
from interlock.cli.terminal.client import Client
from interlock.cli.terminal.profiles import choose
from interlock.contract.core import names
from interlock.contract.install import InstallRequest
from scripts.event_ledger.events import BROKEN, Size, Target
from scripts.scoring.checks import COMMAND

MANIFEST = """
[app]
id = "PUBLISHER/NAME"
version = "1.0.0"
title = "Counts"
category = "automation"

[permissions]
state = true

[steps.count]
handler = "count:count"
timeout_s = 840

[workflows.main]
steps = ["count"]

[[workflows.main.triggers]]
event = "ledger.NAME"
"""
CODE = '''
from interlock import Context, step


@step
def count(value: dict, ctx: Context) -> dict:
    """Have one effect, or fail before it."""
    if value["data"]["poison"]:
        raise ValueError("poison")
    ctx.state.put(value["id"], value["data"])
    return {}
'''


@dataclass(frozen=True)
class Stand:
    """The tenants and the installs that events are sent to."""

    targets: tuple[Target, ...]
    broken: Target

    @property
    def tenants(self) -> tuple[str, ...]:
        """The tenants."""
        return tuple(dict.fromkeys(target.tenant for target in self.targets))


def prepare(size: Size) -> Stand:
    """Publish the apps and install them in each tenant; the broken one in the first tenant alone."""
    word = f"l{uuid.uuid4().hex[:6]}"
    _interlock("publisher", "create", word)
    apps = [*(f"a{number}" for number in range(size.apps)), BROKEN]
    with tempfile.TemporaryDirectory() as folder:
        for app in apps:
            _publish(Path(folder) / app, word, app)
    targets: list[Target] = []
    for number in range(size.tenants):
        tenant = f"{word}-{number}"
        _interlock("tenant", "create", tenant)
        api = Client(choose(None, "tenant", tenant))
        for app in apps if number == 0 else apps[:-1]:
            request = InstallRequest(app=f"{word}/{app}", grant=("state",))
            install = api.installs.create(tenant, request).id
            targets.append(Target(tenant=tenant, install=install, app=f"{word}/{app}", event=f"ledger.{app}"))
    broken = next(target for target in targets if target.event == f"ledger.{BROKEN}")
    return Stand(targets=tuple(targets), broken=broken)


def break_one(stand: Stand) -> dict[str, Any]:
    """Delete the broken subscriber's state machine; what is needed to mend it."""
    steps, name = client("stepfunctions"), names.machine_name(stand.broken.app, "1.0.0", "main")
    pages = steps.get_paginator("list_state_machines").paginate()
    arn = next(row["stateMachineArn"] for page in pages for row in page["stateMachines"] if row["name"] == name)
    value = steps.describe_state_machine(stateMachineArn=arn)
    steps.delete_state_machine(stateMachineArn=arn)
    return {"name": name, "definition": value["definition"], "roleArn": value["roleArn"]}


def mend(broken: dict[str, Any]) -> None:
    """Put the state machine back."""
    client("stepfunctions").create_state_machine(**broken)


def _publish(folder: Path, publisher: str, name: str) -> None:
    folder.mkdir()
    (folder / "interlock.toml").write_text(MANIFEST.replace("PUBLISHER", publisher).replace("NAME", name))
    (folder / "count.py").write_text(CODE)
    _interlock("app", "publish", str(folder), "--profile", publisher)


def _interlock(*parts: str) -> None:
    done = subprocess.run([*COMMAND, *parts], check=False, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"interlock {' '.join(parts)}: {done.stdout}{done.stderr}")

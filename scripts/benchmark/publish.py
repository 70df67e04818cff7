"""Publishing a two-step app with a golden test, from the request to certified: seconds by stage, on the engine.

The first round onboards the sandbox tenant, and is told apart: a platform does that once.
"""

import hashlib
import io
import threading
import time
import zipfile

from interlock.cli.terminal.client import Client
from interlock.cli.terminal.profiles import choose
from interlock.contract.registration import NewPublisher, NewVersion
from interlock.contract.registry import VersionStatus

PUBLISHER = "published"
ROUNDS = 3
SECONDS = 60
POLL_SECONDS = 0.02
STAGES = ("checking", "deploying", "trial", "listed")
MANIFEST = """
[app]
id = "published/bench"
version = "VERSION"
title = "Published"
category = "automation"

[steps.one]
handler = "m:one"

[steps.two]
handler = "m:two"

[workflows.main]
steps = ["one", "two"]

[[tests]]
workflow = "main"
input = "in.json"
expect = "out.json"
"""
CODE = """
from interlock import step


@step
def one(value: dict) -> dict:
    return {"n": value["n"] + 1}


@step
def two(value: dict) -> dict:
    return {"n": value["n"] * 2}
"""


def publish_times() -> list[dict[str, float]]:
    """Seconds of each stage, and in total, of each round."""
    operator = Client(choose("operator", "operator"))
    operator.publishers.create(NewPublisher(id=PUBLISHER))
    return [_publish(operator, f"1.0.{number}") for number in range(ROUNDS)]


def _publish(client: Client, version: str) -> dict[str, float]:
    data = _bundle(version)
    begun = time.time()
    new = NewVersion(version=version, digest=hashlib.sha256(data).hexdigest())
    ticket = client.versions.create(PUBLISHER, "bench", new)
    assert ticket.form is not None
    client.upload(ticket.form.url, ticket.form.fields, data)
    shown = ticket.version
    while shown.status not in (VersionStatus.LISTED, VersionStatus.REJECTED) and time.time() < begun + SECONDS:
        threading.Event().wait(POLL_SECONDS)
        shown = client.versions.get(PUBLISHER, "bench", version)
    if shown.status is not VersionStatus.LISTED:
        raise RuntimeError(f"{version} is {shown.status.value}: {shown.findings}")
    ended = time.time()
    stages = shown.stages
    at = [("upload", begun), *((stage, stages[stage]) for stage in STAGES)]
    times = {name: later - since for (name, since), (_, later) in zip(at, at[1:], strict=False)}
    return times | {"total": ended - begun}


def _bundle(version: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("interlock.toml", MANIFEST.replace("VERSION", version))
        archive.writestr("m.py", CODE)
        archive.writestr("in.json", '{"n": 1}')
        archive.writestr("out.json", '{"n": 4}')
    return out.getvalue()

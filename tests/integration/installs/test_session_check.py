"""A step's session ends with its run, a kill switch and the removal of its install; what is left of it is short."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from functions.runtime_api.handler import handler
from interlock.aws.clients import client
from interlock.aws.services.secrets import (
    AGAIN_SECONDS,
    SECRET_SECONDS,
    PlatformSecret,
    platform_secret,
    platform_secrets,
)
from interlock.aws.services.sessions import Sessions
from interlock.aws.tables.runs import run_key
from interlock.compiler.policy import Deployment
from interlock.contract.core import names
from interlock.contract.kill_switch import KillSwitch
from interlock.contract.manifest import MAX_STEP_SECONDS
from interlock.contract.registry import Install, InstallStatus, Publisher
from interlock.contract.run import RunStatus
from interlock.contract.ticket import Ticket, sign
from interlock.control.apps.kill_switches import set_app_kill_switch, set_install_kill_switch, set_version_kill_switch
from tests.support.cloud import ACCOUNT, AT, REGION, TENANT, Cloud, listed
from tests.support.installs import REQUEST
from tests.support.records import a_run, change

SECRET = "ticket-secret"
OFF = KillSwitch(stopped="it is loud")
Ask = Callable[[], tuple[int, str]]


def ended(cloud: Cloud, **fields: Any) -> None:
    cloud.runs.change(TENANT, "r1", lambda run: run.model_copy(update=fields))


ENDS: dict[str, tuple[Callable[[Cloud, Install], object], str]] = {
    "succeeded": (lambda cloud, _: ended(cloud, status=RunStatus.SUCCEEDED), "the run is succeeded"),
    "failed": (lambda cloud, _: ended(cloud, status=RunStatus.FAILED), "the run is failed"),
    "aborted": (lambda cloud, _: ended(cloud, status=RunStatus.ABORTED), "the run is aborted"),
    "being stopped": (lambda cloud, _: ended(cloud, stop="pat: too slow"), "the run is being stopped"),
    "install switched off": (
        lambda cloud, install: set_install_kill_switch(cloud.registry, TENANT, install.id, OFF),
        "switched off: it is loud",
    ),
    "version switched off": (
        lambda cloud, install: set_version_kill_switch(cloud.registry, install.app, install.version, OFF),
        "switched off: it is loud",
    ),
    "app switched off": (
        lambda cloud, install: set_app_kill_switch(cloud.registry, install.app, OFF),
        "switched off: it is loud",
    ),
    "removed": (
        lambda cloud, install: change(cloud, install.id, status=InstallStatus.REMOVED),
        "the install is removed",
    ),
    "deleted": (
        lambda cloud, install: change(cloud, install.id, status=InstallStatus.DELETED),
        "the install is deleted",
    ),
}


@pytest.fixture
def install(cloud: Cloud) -> Install:
    listed(cloud)
    cloud.registry.create_publisher(Publisher(id="acme", created=AT))
    install = cloud.install(REQUEST)
    cloud.runs.create(a_run(install.id, 1))
    return install


@pytest.fixture
def ask(cloud: Cloud, install: Install, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ask]:
    """Asks the runtime API for assets, as a step of the run does; the status and the text of the answer."""
    client("secretsmanager").create_secret(Name=SECRET, SecretString="s" * 32)
    platform_secrets().clear()
    settings = {"TICKET_SECRET": SECRET, "REGISTRY_TABLE": "registry", "RUNS_TABLE": "runs"}
    for name, value in settings.items():
        monkeypatch.setenv(f"INTERLOCK_{name}", value)
    fields = {"tenant": TENANT, "install": install.id, "app": install.app, "version": install.version}
    ticket = Ticket.model_validate(
        fields
        | {
            "run": "r1",
            "visit": "v",
            "attempt": 0,
            "granted": ("catalog:read",),
            "hops": 0,
            "expires": int(time.time()) + 60,
        }
    )
    text = sign(ticket, platform_secret(SECRET).current)
    role = f"arn:aws:sts::{ACCOUNT}:assumed-role/{names.access_role(TENANT, REGION)}/{install.id}"
    event = {
        "version": "2.0",
        "routeKey": "GET /runtime/assets",
        "rawPath": "/runtime/assets",
        "rawQueryString": "",
        "queryStringParameters": {"type": "table"},
        "headers": {"x-interlock-ticket": text},
        "body": None,
        "isBase64Encoded": False,
        "requestContext": {
            "http": {"method": "GET", "path": "/runtime/assets", "sourceIp": "127.0.0.1"},
            "authorizer": {"iam": {"userArn": role}},
            "stage": "$default",
        },
    }

    def send() -> tuple[int, str]:
        answer = handler(event, None)
        return int(answer["statusCode"]), str(json.loads(answer["body"]))

    yield send


@pytest.mark.parametrize("end", ENDS)
def test_session_ends_with_its_run_or_install(cloud: Cloud, install: Install, ask: Ask, end: str) -> None:
    assert ask()[0] == 200
    act, why = ENDS[end]
    act(cloud, install)
    status, text = ask()
    assert (status, "session-ended" in text, why in text) == (403, True, True), text


def test_session_goes_on_while_an_install_is_drained(cloud: Cloud, install: Install, ask: Ask) -> None:
    change(cloud, install.id, status=InstallStatus.REMOVING)
    assert ask()[0] == 200


def test_session_comes_back_with_a_kill_switch(cloud: Cloud, install: Install, ask: Ask) -> None:
    set_install_kill_switch(cloud.registry, TENANT, install.id, OFF)
    assert ask()[0] == 403
    set_install_kill_switch(cloud.registry, TENANT, install.id, KillSwitch())
    assert ask()[0] == 200


def test_check_is_one_read(cloud: Cloud, ask: Ask) -> None:
    ask()
    cloud.calls.clear()
    ask()
    assert [name for name in cloud.calls if name != "Query"] == ["BatchGetItem"]


def test_session_of_a_run_that_is_unknown_is_refused(cloud: Cloud, ask: Ask) -> None:
    cloud.runs.table.delete(run_key(TENANT, "r1"))
    assert ask()[0] == 403


def rotate(value: str) -> None:
    """A new secret, which a process reads when the one that it knows is old enough."""
    client("secretsmanager").put_secret_value(SecretId=SECRET, SecretString=value)
    known = platform_secret(SECRET)
    platform_secrets()[SECRET] = replace(known, read=known.read - SECRET_SECONDS - 1)


def test_a_ticket_of_before_a_rotation_is_taken(ask: Ask) -> None:
    assert ask()[0] == 200
    rotate("n" * 32)
    assert platform_secret(SECRET).current == b"n" * 32
    assert ask()[0] == 200
    rotate("o" * 32)
    status, text = ask()
    assert status == 403 and "did not sign" in text


def test_a_ticket_of_a_newer_secret_is_taken(cloud: Cloud, ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    """This process read the secret before the rotation. Whoever sends wrong tickets does not make it read each time."""
    old = PlatformSecret((b"before",), time.monotonic())
    monkeypatch.setitem(platform_secrets(), SECRET, old)
    cloud.calls.clear()
    assert ask()[0] == 403 and "GetSecretValue" not in cloud.calls
    monkeypatch.setitem(platform_secrets(), SECRET, replace(old, read=old.read - AGAIN_SECONDS - 1))
    assert ask()[0] == 200 and platform_secret(SECRET).current == b"s" * 32


def test_credentials_last_a_step_and_at_most_a_quarter_hour(cloud: Cloud) -> None:
    del cloud
    deployment = Deployment(partition="aws", region=REGION, account=ACCOUNT, api_id="api", bucket="data")
    credentials = Sessions(deployment).vend(TENANT, "install", ("state",), seconds=MAX_STEP_SECONDS)
    left = credentials.expires - time.time()
    assert MAX_STEP_SECONDS <= left <= 15 * 60

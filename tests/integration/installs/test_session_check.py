"""A step's session ends with its run, a kill switch and the removal of its install; what is left of it is short."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from functions.runtime_api.handler import handler
from interlock.aws.clients import client
from interlock.aws.services.secrets import platform_secret
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
    text = sign(ticket, platform_secret(SECRET))
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


def test_credentials_last_a_step_and_at_most_a_quarter_hour(cloud: Cloud) -> None:
    del cloud
    deployment = Deployment(partition="aws", region=REGION, account=ACCOUNT, api_id="api", bucket="data")
    credentials = Sessions(deployment).vend(TENANT, "install", ("state",), seconds=MAX_STEP_SECONDS)
    left = credentials.expires - time.time()
    assert MAX_STEP_SECONDS <= left <= 15 * 60

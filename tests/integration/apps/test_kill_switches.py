"""Kill switches stop starts, and let them go on."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from interlock.aws.tables.registry import Registry
from interlock.contract.core.failure import NotFound
from interlock.contract.kill_switch import KillSwitch
from interlock.contract.registry import Publisher
from interlock.control.apps.kill_switches import (
    app_stopped,
    set_app_kill_switch,
    set_install_kill_switch,
    set_version_kill_switch,
)
from interlock.control.runs.start import StartContext, start_run
from tests.support.cloud import AT, TENANT, Cloud, listed, machine
from tests.support.installs import REQUEST
from tests.support.records import message


@pytest.fixture
def install(cloud: Cloud) -> str:
    listed(cloud)
    return cloud.install(REQUEST).id


def test_kill_switches_stop_starts(cloud: Cloud, install: str) -> None:
    starter = StartContext(
        runs=cloud.runs, registry=cloud.registry, bucket=cloud.bucket, artifacts=cloud.bucket, machine_prefix=machine()
    )
    off, on = KillSwitch(stopped="it misbehaves"), KillSwitch()
    switches: tuple[Callable[[KillSwitch], object], ...] = (
        lambda to: set_install_kill_switch(cloud.registry, TENANT, install, to),
        lambda to: set_version_kill_switch(cloud.registry, "acme/app", "1.0.0", to),
        lambda to: _app(cloud.registry, to),
    )
    for number, switch in enumerate(switches):
        switch(off)
        assert start_run(message(install, id=f"off-{number}"), starter) is None
        switch(on)
        assert start_run(message(install, id=f"on-{number}"), starter) is not None
    assert app_stopped(cloud.registry, "acme/app") == ""


def _app(registry: Registry, switch: KillSwitch) -> None:
    try:
        set_app_kill_switch(registry, "acme/app", switch)
    except NotFound:
        registry.create_publisher(Publisher(id="acme", created=AT))
        set_app_kill_switch(registry, "acme/app", switch)

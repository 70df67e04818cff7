"""Pushes of an app's folder to the platform of this machine, as whoever runs it: it is their own."""

from __future__ import annotations

import time
from collections.abc import Generator
from contextlib import contextmanager

from botocore.exceptions import BotoCoreError, ClientError

from interlock.aws.clients import client
from interlock.aws.tables.registry import Registry
from interlock.contract.core.failure import Unavailable
from interlock.contract.core.settings import LifecycleSettings, PublishSettings
from interlock.control.installs.context import install_context
from interlock.control.publishing.context import PublishContext
from interlock.control.publishing.develop import DevelopContext
from interlock.local.environment import talking_to
from interlock.local.platform import Platform

FUNCTIONS = ("publish", "lifecycle")
"""Whose settings a push has: what they do at a publisher's or a tenant's request, it does here."""


@contextmanager
def developing(platform: Platform) -> Generator[DevelopContext]:
    """What pushes work with, while the block runs: the settings are those of the deployed functions."""
    with talking_to(platform.engine):
        publish, lifecycle = (_variables(name) for name in FUNCTIONS)
        settings = PublishSettings.read(publish)
        yield DevelopContext(
            publish=PublishContext(Registry(settings.registry_table), settings),
            installs=install_context(LifecycleSettings.read(lifecycle)),
        )


@contextmanager
def named_failures() -> Generator[None]:
    """Say of a call that the engine did not answer, or refused, which one it was.

    Raises:
        Unavailable: the platform of this machine is not there, or not whole.
    """
    try:
        yield
    except (BotoCoreError, ClientError) as error:
        what = f"the platform did not take the app: {error}"
        raise Unavailable(what, where="interlock dev", next_step="interlock doctor") from error


def push_number() -> int:
    """The number of a push: later ones are higher, on every machine."""
    return int(time.time() * 10)


def _variables(function: str) -> dict[str, str]:
    answer = client("lambda").get_function_configuration(FunctionName=f"interlock-{function}")
    return dict(answer.get("Environment", {}).get("Variables", {}))

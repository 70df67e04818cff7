"""What the engine's journal costs a run: the same runs on two platforms in turn, one of which writes none."""

import os
import tempfile
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from statistics import median

from interlock.aws.clients import client
from interlock.local.environment import talking_to
from tests.support.kit import Installed, Kit, bundle, kit_of, task
from tests.support.platforms import running_platform

VARIABLE = "INTERLOCK_JOURNAL"
CODE = """
from interlock import step

@step
def work(value, ctx):
    return value
"""
STATES = {"One": task("work", Next="Two"), "Two": task("work", Next="Three"), "Three": task("work")}
WARM_UPS = 3


def journal_cost(rounds: int) -> float:
    """The time of a run of three steps with the journal, to that without; 1.1 is a tenth more."""
    took: dict[str, list[float]] = {"on": [], "off": []}
    with ExitStack() as stack:
        sides = {side: stack.enter_context(_side(side)) for side in took}
        for number in range(rounds + WARM_UPS):
            for side, (kit, installed) in sides.items():
                seconds = _run(kit, installed)
                if number >= WARM_UPS:
                    took[side].append(seconds)
    return median(took["on"]) / median(took["off"])


@contextmanager
def _side(side: str) -> Generator[tuple[Kit, Installed]]:
    before = os.environ.get(VARIABLE, "")
    os.environ[VARIABLE] = side
    try:
        with (
            tempfile.TemporaryDirectory() as folder,
            running_platform(Path(folder)) as platform,
            kit_of(platform) as kit,
        ):
            os.environ[VARIABLE] = before
            files = bundle(CODE, {"work": ""}, {"main": {"StartAt": "One", "States": STATES}})
            yield kit, kit.app(files)
    finally:
        os.environ[VARIABLE] = before


def _run(kit: Kit, installed: Installed) -> float:
    run = kit.start(installed, "main", {"n": 1})
    kit.ended(installed, run)
    with talking_to(kit.platform.engine):
        execution = client("stepfunctions").describe_execution(executionArn=kit.execution(installed, "main", run))
    started, stopped = execution["startDate"], execution["stopDate"]
    assert isinstance(started, datetime) and isinstance(stopped, datetime)
    return (stopped - started).total_seconds()

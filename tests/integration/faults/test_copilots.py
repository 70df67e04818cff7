"""What a copilot does, disturbed at each of its calls to AWS.

A confirmation that was used may be lost with its call: the copilot asks anew, and by its key there is one run.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from interlock.aws.clients import client
from interlock.aws.tables.confirmations import Confirmations
from interlock.aws.tables.forks import Forks
from interlock.contract.copilot.confirmation import confirmation_id, nonce_of
from interlock.contract.copilot.tool import CONFIRM, KEY
from interlock.contract.core.base import moment
from interlock.contract.core.failure import BadRequest, Conflict
from interlock.contract.run import Body, Pause, PauseStatus, RunStatus
from interlock.contract.start_message import StartMessage, run_of
from interlock.control.copilot.call_tool import call_tool
from interlock.control.copilot.tool import Copilot
from interlock.control.pauses.pauses import maintain_pauses
from tests.support.aws_faults import Case, disturb_everywhere, show
from tests.support.cloud import AT, TENANT, Cloud, listed
from tests.support.copilots import ARTIFACTS, copilot, installed
from tests.support.forks import RUN, failed_run
from tests.support.records import a_run, received


@pytest.fixture
def caller(cloud: Cloud) -> Copilot:
    """A copilot of a tenant whose app may change what is there."""
    client("s3").create_bucket(Bucket=ARTIFACTS)
    installed(cloud, listed(cloud), "catalog:write")
    return copilot(cloud)


def confirmed(caller: Copilot, tool: str, arguments: dict[str, Any], field: str) -> dict[str, Any]:
    """The arguments of a call, with what its first answer wants to be repeated."""
    with pytest.raises(BadRequest, match="this call needs confirmation: ") as wanted:
        call_tool(caller, tool, arguments)
    return arguments | {field: wanted.value.what.partition("confirmation: ")[2]}


STARTS: dict[str, tuple[dict[str, Any], str, str]] = {
    "acme__app": ({"t": 1}, KEY, CONFIRM),
    "start_workflow": ({"app": "acme/app", "workflow": "main", "input": {"t": 1}}, "key", "confirm"),
}
"""What tools that start a run take, and their fields for a key and a confirmation."""


@pytest.mark.parametrize("tool", STARTS)
def test_start(cloud: Cloud, caller: Copilot, tool: str, capsys: pytest.CaptureFixture[str]) -> None:
    fixed, key, field = STARTS[tool]
    bodies: list[str] = []

    def prepare(word: str) -> dict[str, Any]:
        return confirmed(caller, tool, fixed | {key: word}, field)

    def act(arguments: dict[str, Any]) -> None:
        call_tool(caller, tool, arguments)

    def again(arguments: dict[str, Any]) -> None:
        bodies[:] = received(cloud.queue)
        try:
            act(arguments)
        except Conflict as refused:
            assert refused.code == "confirmation-used"
        bodies.extend(received(cloud.queue))
        if not bodies:
            act(prepare(str(arguments[key])))
            bodies[:] = received(cloud.queue)

    def look(arguments: dict[str, Any]) -> dict[str, Any]:
        stored = Confirmations(caller.runs.table.name, TENANT).find(confirmation_id(nonce_of(str(arguments[field]))))
        assert stored is not None
        return {
            "runs": len({run_of(StartMessage.model_validate_json(body)) for body in bodies}),
            "used": stored.item.used,
        }

    show(capsys, disturb_everywhere(Case(f"a copilot's {tool}", prepare, act, look, again)))


def test_resume(cloud: Cloud, caller: Copilot, tokens: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Whatever is lost, the pause is decided once, its state is answered, and the copilot learns of it."""

    def arguments_of(word: str) -> dict[str, Any]:
        return {"run": word, "pause": "p", "action": "go"}

    def prepare(word: str) -> dict[str, Any]:
        cloud.runs.create(a_run("i", id=word, status=RunStatus.PAUSED, open_pauses=1))
        raw: dict[str, Any] = {"id": "p", "run": word, "tenant": TENANT, "state": "Only", "step": "one", "digest": "d"}
        raw |= {"at": "before", "status": PauseStatus.WAITING, "breakpoint": "b", "armed_by": "me", "since": AT}
        pause = Pause.model_validate(raw | {"input": Body()})
        cloud.runs.write_pause(pause, was=None, token=f"token {word}")
        return confirmed(caller, "resume_pause", arguments_of(word), "confirm")

    def act(arguments: dict[str, Any]) -> None:
        call_tool(caller, "resume_pause", arguments)

    def again(arguments: dict[str, Any]) -> None:
        maintain_pauses(cloud.runs, moment(datetime.now(UTC) + timedelta(minutes=2)))
        try:
            act(arguments)
        except Conflict as refused:
            assert refused.code in ("pause-taken", "confirmation-used")
        if cloud.runs.pause(TENANT, str(arguments["run"]), "p").status is PauseStatus.WAITING:
            act(confirmed(caller, "resume_pause", arguments_of(str(arguments["run"])), "confirm"))

    def look(arguments: dict[str, Any]) -> dict[str, Any]:
        pause = cloud.runs.pause(TENANT, str(arguments["run"]), "p")
        assert pause.decision
        return {"status": pause.status, "by": pause.decision.by, "told": f"token {pause.run}" in tokens}

    show(capsys, disturb_everywhere(Case("a copilot's resume_pause", prepare, act, look, again)))


def test_dry_fork(cloud: Cloud, capsys: pytest.CaptureFixture[str]) -> None:
    """By its key there is one fork, and the parent links to it."""
    forker = failed_run(cloud)
    caller = replace(copilot(cloud), artifacts=forker.artifacts)
    bodies: list[str] = []

    def prepare(word: str) -> dict[str, Any]:
        received(cloud.queue)
        bodies.clear()
        return {"run": RUN, "key": word}

    def act(arguments: dict[str, Any]) -> None:
        call_tool(caller, "dry_fork", arguments)

    def look(arguments: dict[str, Any]) -> dict[str, Any]:
        bodies.extend(received(cloud.queue))
        runs = {run_of(StartMessage.model_validate_json(body)) for body in bodies}
        linked = {link.run for link in Forks(cloud.runs.table).links(TENANT, RUN)}
        return {"runs": len(runs), "linked": runs <= linked}

    act({"run": RUN, "key": "first"})  # What a version is made of is read once, and kept.
    show(capsys, disturb_everywhere(Case("a copilot's dry_fork", prepare, act, look)))

"""A confirmation is for one caller, one call and one use, and a person's hand on a pause comes before a copilot's."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from interlock.aws.clients import client
from interlock.aws.services import step_functions
from interlock.aws.tables.confirmations import Confirmations
from interlock.aws.tables.runs import Runs
from interlock.aws.tables.table import Stored
from interlock.contract.copilot.confirmation import confirmation_id, new_nonce, nonce_of, phrase_of
from interlock.contract.copilot.tool import CONFIRM, KEY, ToolItem, tool_pin
from interlock.contract.core import limits
from interlock.contract.core.base import now, parse_moment
from interlock.contract.core.failure import BadRequest, Conflict, Failure
from interlock.contract.manifest import ToolTrigger
from interlock.contract.registry import Role
from interlock.contract.run import Body, Decision, Hand, Pause, PauseStatus, RunStatus
from interlock.control.access.audit import changes
from interlock.control.copilot.call_tool import call_tool
from interlock.control.copilot.tool import Copilot
from interlock.control.installs.tools import tool_key
from interlock.control.pauses.hands import hand_of, release_pause, take_pause
from interlock.control.pauses.pauses import find_pause
from interlock.control.pauses.resume import PauseContext, decide_checked
from tests.support.cloud import AT, TENANT, Cloud, listed
from tests.support.copilots import ARTIFACTS, RUN, copilot, installed, kept_run, sent

CALL: dict[str, Any] = {"t": 1}
AGAIN_SECONDS = 2


@pytest.fixture
def caller(cloud: Cloud) -> Copilot:
    """A copilot of a tenant whose app may change what is there."""
    client("s3").create_bucket(Bucket=ARTIFACTS)
    installed(cloud, listed(cloud), "catalog:write")
    return copilot(cloud)


def asked(caller: Copilot, tool: str = "acme__app", arguments: dict[str, Any] = CALL) -> str:
    """What the first call answers to repeat."""
    with pytest.raises(BadRequest) as refused:
        call_tool(caller, tool, arguments)
    assert refused.value.code == "confirmation-wanted"
    return refused.value.what.removeprefix("this call needs confirmation: ")


def refusal(act: Callable[[], object]) -> str:
    with pytest.raises(Failure) as refused:
        act()
    return refused.value.code


def confirmed(caller: Copilot, phrase: str, arguments: dict[str, Any] = CALL) -> object:
    return call_tool(caller, "acme__app", arguments | {CONFIRM: phrase})


def test_confirmation_is_used_once(cloud: Cloud, caller: Copilot) -> None:
    phrase = asked(caller)
    confirmed(caller, phrase)
    assert refusal(lambda: confirmed(caller, phrase)) == "confirmation-used"
    assert len(sent(cloud)) == 1
    assert asked(caller) != phrase, "the next call has one of its own"


def test_of_two_calls_at_once_one_is_carried_out(cloud: Cloud, caller: Copilot) -> None:
    phrase = asked(caller)

    def attempt(_: int) -> str:
        try:
            confirmed(caller, phrase)
        except Conflict as refused:
            return refused.code
        return "done"

    with ThreadPoolExecutor(8) as pool:
        results = sorted(pool.map(attempt, range(8)))
    assert results == ["confirmation-used"] * 7 + ["done"]
    assert len(sent(cloud)) == 1


def test_confirmation_that_two_calls_read_is_used_by_one(caller: Copilot) -> None:
    confirmations = Confirmations(caller.runs.table.name, TENANT)
    name = confirmation_id(nonce_of(asked(caller)))
    first, second = confirmations.find(name), confirmations.find(name)
    assert first and second
    confirmations.use(first)
    assert refusal(lambda: confirmations.use(second)) == "confirmation-used"


def test_confirmation_is_for_its_caller_and_call(cloud: Cloud, caller: Copilot) -> None:
    phrase = asked(caller)
    other = replace(caller, caller=caller.caller.model_copy(update={"principal": "mallory"}))
    assert refusal(lambda: confirmed(other, phrase)) == "confirmation-other-caller"
    for arguments in ({"t": 2}, CALL | {KEY: "k"}, {}):
        assert refusal(lambda arguments=arguments: confirmed(caller, phrase, arguments)) == "confirmation-other-call"
    altered = phrase.replace("acme/app", "acme/pap")
    assert refusal(lambda: confirmed(caller, altered)) == "confirmation-other-call"
    start = {"app": "acme/app", "input": CALL, "confirm": phrase}
    assert refusal(lambda: call_tool(caller, "start_workflow", start)) == "confirmation-other-call"
    for nothing in ("yes", "go [aaaaaaaaaaaaaaaa]"):
        assert refusal(lambda nothing=nothing: confirmed(caller, nothing)) == "confirmation-unknown"
    assert sent(cloud) == []
    confirmed(caller, phrase)
    assert len(sent(cloud)) == 1, "refused uses do not use it up"


def test_confirmation_ends_by_itself(cloud: Cloud, caller: Copilot) -> None:
    phrase = asked(caller)
    confirmations = Confirmations(caller.runs.table.name, TENANT)
    stored = confirmations.find(confirmation_id(nonce_of(phrase)))
    assert stored is not None
    seconds = (parse_moment(stored.item.until) - parse_moment(now())).total_seconds()
    assert limits.CONFIRM_SECONDS - AGAIN_SECONDS < seconds <= limits.CONFIRM_SECONDS
    late = phrase_of("acme__app of acme/app", new_nonce())
    confirmations.keep(
        stored.item.model_copy(update={"id": confirmation_id(nonce_of(late)), "phrase": late, "until": AT})
    )
    assert refusal(lambda: confirmed(caller, late)) == "confirmation-expired"
    assert sent(cloud) == []


def test_definition_changed_after_confirmation_is_refused(cloud: Cloud, caller: Copilot) -> None:
    """The tenant consented to the new definition too: the confirmation was still of the old one."""
    phrase = asked(caller)
    row = cloud.registry.table.get(tool_key(TENANT, "app"))
    assert row is not None
    item = row.read(ToolItem)
    triggers = [{"tool": "app", "input_schema": "t.json", "description": "Deletes what it finds."}]
    version = listed(cloud, version="1.1.0", workflows={"main": {"steps": ["one"], "triggers": triggers}})
    trigger = ToolTrigger.model_validate(triggers[0])
    stored = cloud.registry.install(TENANT, item.install)
    cloud.registry.write_install(Stored(item=stored.item.model_copy(update={"version": "1.1.0"}), rev=stored.rev))
    pin = tool_pin("acme/app", "main", trigger, version.tool_schemas["app"])
    cloud.registry.table.put(tool_key(TENANT, "app"), item.model_copy(update={"definition": pin}))
    assert refusal(lambda: confirmed(caller, phrase)) == "confirmation-other-call"
    assert sent(cloud) == []
    confirmed(caller, asked(caller))
    assert len(sent(cloud)) == 1


@pytest.fixture
def pause(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> Pause:
    """A pause that waits; what Step Functions is told is left out."""
    listed(cloud)
    kept_run(cloud, RunStatus.PAUSED, open_pauses=1)
    subject = Pause(
        id="p1",
        run=RUN,
        tenant=TENANT,
        state="one",
        step="one",
        digest="d",
        at="before",
        status=PauseStatus.WAITING,
        breakpoint="b",
        armed_by="ann",
        since=AT,
        input=Body(value={"name": "Ada"}, size=20),
    )
    cloud.runs.write_pause(subject, was=None, token="token")
    tokens: list[str] = []
    monkeypatch.setattr(step_functions, "succeed", tokens.append)
    return subject


RESUME = {"run": RUN, "pause": "p1", "action": "error", "error": "Nope"}


def current(cloud: Cloud) -> Pause:
    return find_pause(cloud.runs, TENANT, RUN, "p1")


def decide_by_hand(cloud: Cloud, by: str = "ann") -> Pause:
    return decide_checked(PauseContext(cloud.runs, "gate"), TENANT, RUN, "p1", Decision(action="go", by=by))


def test_person_who_takes_a_pause_comes_before_a_copilot(cloud: Cloud, pause: Pause) -> None:
    phrase = asked(copilot(cloud), "resume_pause", RESUME)
    hand = current(cloud).hand
    assert hand and (hand.by, hand.agent) == ("me", True)
    taken = take_pause(cloud.runs, pause, hand_of("ann", agent=False))
    assert taken.hand and (taken.hand.by, taken.hand.preempted) == ("ann", "me"), "the person is told"
    for arguments in (RESUME | {"confirm": phrase}, RESUME):
        with pytest.raises(Conflict, match="ann has taken this pause") as refused:
            call_tool(copilot(cloud), "resume_pause", arguments)
        assert refused.value.code == "pause-held", "the copilot is told"
    lines = changes(copilot(cloud).audit, f"tenant/{TENANT}", 10, None).changes
    assert [row.code for row in lines] == ["pause-held", "pause-held", "confirmation-wanted"]
    (row,) = call_tool(copilot(cloud, Role.MEMBER), "list_pauses", {}).data["pauses"]
    assert row["held_by"] == "ann"
    assert current(cloud).status is PauseStatus.WAITING
    done = decide_by_hand(cloud)
    assert done.decision and (done.decision.by, done.decision.preempted) == ("ann", "")
    assert cloud.runs.token(done) == "token"


def test_person_decides_although_a_copilot_was_about_to(cloud: Cloud, pause: Pause) -> None:
    phrase = asked(copilot(cloud), "resume_pause", RESUME)
    done = decide_by_hand(cloud)
    assert done.decision and (done.decision.by, done.decision.agent, done.decision.preempted) == ("ann", False, "me")
    with pytest.raises(Conflict, match="decided by ann") as refused:
        call_tool(copilot(cloud), "resume_pause", RESUME | {"confirm": phrase})
    assert refused.value.code == "pause-taken"


def test_released_and_ended_hands_let_copilots_decide(cloud: Cloud, pause: Pause) -> None:
    take_pause(cloud.runs, pause, hand_of("ann", agent=False))
    assert release_pause(cloud.runs, pause).hand is None
    over = Hand(by="ann", agent=False, at=AT, until=AT)
    cloud.runs.change_pause(pause, lambda current: current.model_copy(update={"hand": over}))
    phrase = asked(copilot(cloud), "resume_pause", RESUME)
    call_tool(copilot(cloud), "resume_pause", RESUME | {"confirm": phrase})
    decision = current(cloud).decision
    assert decision and (decision.by, decision.agent) == ("me", True)
    assert refusal(lambda: take_pause(cloud.runs, pause, hand_of("ann", agent=False))) == "pause-taken"


class Overtaken(Runs):
    """Where a person takes a pause after a change has read it, and before it is written."""

    reads = 0

    def change_pause(self, pause: Pause, change: Callable[[Pause], Pause]) -> Pause:
        def overtaken(read: Pause) -> Pause:
            after = change(read)
            self.reads += 1
            if self.reads == 1:
                super(Overtaken, self).change_pause(pause, taken_by_ann)
            return after

        return super().change_pause(pause, overtaken)


def taken_by_ann(pause: Pause) -> Pause:
    return pause.model_copy(update={"hand": hand_of("ann", agent=False)})


def test_hand_that_comes_between_read_and_write_wins(cloud: Cloud, pause: Pause) -> None:
    """The copilot's decision has read the pause when the person takes it."""
    phrase = asked(copilot(cloud), "resume_pause", RESUME)
    runs = Overtaken("runs")
    late = replace(copilot(cloud), runs=runs)
    assert refusal(lambda: call_tool(late, "resume_pause", RESUME | {"confirm": phrase})) == "pause-held"
    assert (runs.reads, current(cloud).status) == (1, PauseStatus.WAITING)


def test_approval_cannot_be_taken(cloud: Cloud, pause: Pause) -> None:
    cloud.runs.change_pause(pause, lambda row: row.model_copy(update={"approval": "a"}))
    assert refusal(lambda: take_pause(cloud.runs, pause, hand_of("ann", agent=False))) == "pause-approval"

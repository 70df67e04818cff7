"""The automation against a webhook of the test's, and its whole workflow with the files of its golden tests."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from interlock_automation.steps import compare, notify, refuse

from interlock.asl.errors import StatesError
from interlock.testing import MemoryBackend, asset, run_step
from interlock.testing.process import ProcessRun, interpret_workflow

FOLDER = Path(__file__).resolve().parents[1]
URL = "https://hooks.example.com/x"
CHANGED = {"qualified_name": "db/main/client", "change": "c1"}
CHANGE = {**CHANGED, "before": ["ada"], "owners": ["bob"], "differs": True, "question": "?"}


def test_posts_once_with_the_token_and_emits() -> None:
    run = run_step(notify, CHANGE, config={"webhook_url": URL}, secrets={"webhook_token": "t0psecret"}, http={URL: 204})
    assert run.output == {"outcome": "approved", "posted": True}
    call = run.backend.calls[0]
    assert call.headers["Authorization"] == "Bearer t0psecret"
    assert json.loads(call.body) == {"asset": "db/main/client", "before": ["ada"], "owners": ["bob"], "change": "c1"}
    assert [row.name for row in run.emitted] == ["owners.changed"]
    assert list(run.state.values()) == [["bob"]]
    assert "t0psecret" not in run.answer.model_dump_json()


@pytest.mark.parametrize(("status", "name"), [(503, "WebhookDown"), (429, "WebhookDown"), (404, "WebhookRefused")])
def test_a_webhook_that_fails_is_named(status: int, name: str) -> None:
    run = run_step(notify, CHANGE, config={"webhook_url": URL}, secrets={"webhook_token": None}, http={URL: status})
    assert run.error is not None and run.error.name == name
    assert (run.emitted, run.state) == ((), {})


def test_a_dry_run_posts_nothing() -> None:
    run = run_step(notify, CHANGE, config={"webhook_url": URL}, secrets={"webhook_token": None}, dry=True)
    assert run.output == {"outcome": "approved", "posted": True}
    assert run.backend.calls == []
    assert not any(effect.performed for effect in run.effects if effect.kind != "secret")


def test_owners_are_compared_with_those_approved_last() -> None:
    row = asset("db/main/client", "table", owners=("ada",))
    first = run_step(compare, CHANGED, catalog=[row])
    assert first.output["differs"] is True
    assert first.output["question"].startswith("The owners of db/main/client were nobody, and shall be ada.")
    run_step(notify, {**CHANGE, "owners": ["ada"]}, secrets={"webhook_token": None}, backend=first.backend)
    assert run_step(compare, CHANGED, backend=first.backend).output["differs"] is False
    assert run_step(compare, CHANGED).output["differs"] is False


def test_question_of_many_owners_fits() -> None:
    row = asset("d" * 500, "table", owners=tuple("o" * 300 + str(number) for number in range(60)))
    run = run_step(compare, {"qualified_name": "d" * 500, "change": "c"}, catalog=[row])
    assert len(run.output["question"]) < 2000
    assert "and 50 more" in run.output["question"]


def read(name: str) -> Any:
    """A file of the golden tests."""
    return json.loads((FOLDER / "golden" / f"{name}.json").read_text())


def owners(decide: Callable[[Any], Any]) -> ProcessRun:
    """The workflow, with the files of the golden tests."""
    rows = [asset(row.pop("qualified_name"), row.pop("type"), **row) for row in read("assets")]
    state = {key: json.dumps(value) for key, value in read("state").items()}
    backend = MemoryBackend(catalog=rows, state=state, http={row["url"]: row["status"] for row in read("http")})
    return interpret_workflow(
        FOLDER,
        read("change"),
        steps={"platform.approve": decide},
        backend=backend,
        config=read("config"),
        secrets={"webhook_token": None},
    )


def test_approved_change_is_told() -> None:
    questions: list[Any] = []

    def approve(value: Any) -> Any:
        questions.append(value)
        return {"approved": True, "by": "admin"}

    run = owners(approve)
    assert run.output == read("approved")
    assert questions[0]["data"] == {"asset": "db/main/client", "before": ["ada"], "owners": ["ada", "bob"]}
    assert len(run.backend.calls) == 1


def test_rejected_change_is_told_to_nobody() -> None:
    def reject(value: Any) -> Any:
        raise StatesError("Interlock.ApprovalRejected", "no")

    run = owners(reject)
    assert run.output == read("refused")
    assert run.backend.calls == []
    assert [row.name for row in run.backend.emitted] == ["owners.refused"]


def test_refusing_asks_again_next_time() -> None:
    run = run_step(refuse, CHANGE)
    assert (run.output, run.state) == ({"outcome": "refused", "posted": False}, {})

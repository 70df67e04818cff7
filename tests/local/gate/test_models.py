"""A language model on the platform: called once for a run, never again for what repeats it, and counted by step."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from interlock.cli.runs.verify import verify_all
from interlock.cli.terminal.profiles import Profiles
from interlock.contract.fork import ForkRequest
from tests.support.cli import Cli
from tests.support.debug_session import Shop, attached
from tests.support.kit import Installed, Kit, bundle, eventually, single, task
from tests.support.model_server import ModelServer, completion, model_server

FUNCTION = "interlock-converse"
STEPS = """
from interlock import Context, step

SCHEMA = {"type": "object", "required": ["text"], "properties": {"text": {"type": "string"}}}


@step
def draft(value: dict, ctx: Context) -> dict:
    answer = ctx.model.converse(f"Describe {value['table']}", system="Be short.", max_tokens=50, schema=SCHEMA)
    return {"text": answer.data["text"], "tokens": answer.input_tokens + answer.output_tokens}


@step
def check(value: dict, ctx: Context) -> dict:
    if ctx.state.get("broken"):
        raise ValueError("broken")
    return value


@step
def breakable(value: dict, ctx: Context) -> dict:
    answer = ctx.model.converse("Once " + value["table"])
    ctx.state.put("seen", answer.text)
    if value.get("fail"):
        raise ValueError("it broke after the model was paid")
    return {"text": answer.text}
"""


def answer(body: dict[str, Any]) -> Any:
    """Answers from its input."""
    text = body["messages"][-1]["content"].rpartition(" ")[2]
    return completion(json.dumps({"text": f"About {text}"}) if "response_format" in body else f"about {text}", (40, 8))


@pytest.fixture(scope="module")
def server(kit: Kit) -> Iterator[ModelServer]:
    """The operator's model, of which the function is told as a deployment tells it."""
    lambdas = kit.client("lambda")
    before = lambdas.get_function_configuration(FunctionName=FUNCTION)["Environment"]["Variables"]
    with model_server(answer) as subject:
        own = {"MODEL": "tiny", "MODEL_URL": f"{subject.url}/v1", "MODEL_PRICE": "1000/2000"}
        variables = before | {f"INTERLOCK_{name}": value for name, value in own.items()}
        lambdas.update_function_configuration(FunctionName=FUNCTION, Environment={"Variables": variables})
        yield subject
        lambdas.update_function_configuration(FunctionName=FUNCTION, Environment={"Variables": before})


@pytest.fixture(scope="module")
def installed(kit: Kit, server: ModelServer) -> Installed:
    chain = {"StartAt": "Draft", "States": {"Draft": task("draft", Next="Check"), "Check": task("check")}}
    flows = {"main": chain, "breaks": single(task("breakable"))}
    may = "\n[permissions]\nmodel = true\nstate = true\n"
    return kit.app(bundle(STEPS, dict.fromkeys(("draft", "check", "breakable"), ""), flows, may), ("model", "state"))


def fork(kit: Kit, installed: Installed, run: str, **request: Any) -> dict[str, Any]:
    subject = kit.tenants[installed.tenant].post(f"/v1/tenants/{installed.tenant}/runs/{run}/forks", request)
    return kit.ended(installed, str(subject["run"]))


def ended(kit: Kit, installed: Installed, workflow: str, value: dict[str, Any]) -> dict[str, Any]:
    return kit.ended(installed, kit.start(installed, workflow, value))


def effect_of(kit: Kit, installed: Installed, run: str) -> dict[str, Any]:
    rows = [effect for step in kit.steps(installed, run) for effect in step["effects"] if effect["kind"] == "model"]
    assert len(rows) == 1
    return rows[0]


def test_run_calls_once_and_what_repeats_it_never(kit: Kit, installed: Installed, server: ModelServer) -> None:
    run = ended(kit, installed, "main", {"table": "orders"})
    assert run["status"] == "succeeded", run["failed"]
    calls = [body for body in server.bodies if "orders" in str(body)]
    assert len(calls) == 1
    assert calls[0]["model"] == "tiny" and calls[0]["max_tokens"] == 50
    effect = effect_of(kit, installed, run["id"])
    assert effect["performed"] is True
    assert effect["result"]["data"] == {"text": "About orders"}
    assert (effect["result"]["input_tokens"], effect["result"]["dollars"]) == (40, pytest.approx(0.056))

    count = len(server.heard)
    dry = fork(kit, installed, run["id"], dry=True, at="Draft")
    assert dry["status"] == "succeeded", dry["failed"]
    real = fork(kit, installed, run["id"], at="Draft")
    assert real["status"] == "succeeded", real["failed"]
    request = ForkRequest(whole=True, dry=True, version=run["version"])
    client = kit.tenants[installed.tenant]
    (verified,) = verify_all(client, installed.tenant, [run["id"]], request, quiet=True)
    assert verified.same, verified
    assert len(server.heard) == count, "a fork pays for nothing that its parent paid for"
    for one in (dry, real):
        assert effect_of(kit, installed, one["id"])["performed"] is False
        assert effect_of(kit, installed, one["id"])["result"] == effect["result"]


def test_fork_with_another_input_calls_for_that(kit: Kit, installed: Installed, server: ModelServer) -> None:
    run = ended(kit, installed, "main", {"table": "items"})
    count = len(server.heard)
    real = fork(kit, installed, run["id"], at="Draft", patch={"table": "others"})
    assert real["status"] == "succeeded", real["failed"]
    assert len(server.heard) == count + 1
    dry = fork(kit, installed, run["id"], dry=True, at="Draft", patch={"table": "again"})
    assert (dry["status"], dry["failed"]["error"]) == ("failed", "Interlock.ReplayMismatch")
    assert len(server.heard) == count + 1


def test_fork_of_a_failed_run_does_not_pay_again(kit: Kit, installed: Installed, server: ModelServer) -> None:
    run = ended(kit, installed, "breaks", {"table": "late", "fail": True})
    assert run["failed"]["error"] == "ValueError"
    count = len(server.heard)
    real = fork(kit, installed, run["id"], at="Only", patch={"fail": False})
    assert real["status"] == "succeeded", real["failed"]
    assert len(server.heard) == count


def test_debug_session_of_a_run_calls_no_model(
    kit: Kit, installed: Installed, server: ModelServer, tmp_path: Path
) -> None:
    run = ended(kit, installed, "breaks", {"table": "debugged", "fail": True})
    profile = kit.tenants[installed.tenant].profile
    known = Profiles(profiles={profile.name: profile}).model_dump_json()
    (tmp_path / "profiles.json").write_text(known)
    count = len(server.heard)
    with Shop(Cli(tmp_path)).debug(run["id"]) as session, attached(session) as dap:
        stop = dap.stopped()
        assert dap.evaluate("answer.text", stop.frame) == "'about debugged'"
        dap.go(stop)
        assert session.end()["same"]
    assert len(server.heard) == count


def test_usage_shows_tokens_by_step(kit: Kit, installed: Installed, server: ModelServer) -> None:
    run = ended(kit, installed, "main", {"table": "usage"})
    assert run["usage"]["model"] == {
        "calls": 1,
        "input_tokens": 40,
        "output_tokens": 8,
        "dollars": pytest.approx(0.056),
        "unpriced_tokens": 0,
    }
    who = installed.tenant

    def metered() -> dict[str, Any] | None:
        report = kit.tenants[who].get(f"/v1/tenants/{who}/usage", by="step")
        rows = [row for row in report["rows"] if row["app"] == installed.app and row["step"] == "draft"]
        return rows[0]["amount"] if rows else None

    amount = eventually(metered, "usage by step")
    assert amount["model_calls"] >= 1
    assert amount["input_tokens"] == 40 * amount["model_calls"]
    assert amount["model_dollars"] == pytest.approx(0.056 * amount["model_calls"])


def test_model_that_fails_ends_the_run_by_its_name(kit: Kit, installed: Installed, server: ModelServer) -> None:
    server.answer = lambda _: (429, {"error": {"message": "slow down"}})
    try:
        run = ended(kit, installed, "main", {"table": "busy"})
    finally:
        server.answer = answer
    assert run["failed"]["error"] == "ModelThrottled"


def test_app_without_the_scope_is_denied(kit: Kit, server: ModelServer) -> None:
    flows = {"main": single(task("breakable"))}
    other = kit.app(bundle(STEPS, {"breakable": ""}, flows, "\n[permissions]\nstate = true\n"), ("state",))
    count = len(server.heard)
    run = kit.ended(other, kit.start(other, "main", {"table": "x"}))
    assert run["failed"]["error"] == "Interlock.Denied"
    assert len(server.heard) == count

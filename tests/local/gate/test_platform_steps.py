"""Steps without code: an app of no function emits, calls, and asks people; recorded, forked and stopped as any step."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from interlock.contract.core.failure import Conflict, Forbidden
from tests.support.kit import Installed, Kit, eventually, manifest
from tests.support.local_roles import local_role

SECRET = "s3cr3t-of-the-tenant"
pytestmark = pytest.mark.usefixtures("unanswered")
"""Questions that test_unanswered.py looks at later begin here, so that their time passes meanwhile."""


@dataclass
class Receiver:
    """A system outside: keeps what it is told, and answers what its path says."""

    port: int = 0
    heard: list[tuple[str, dict[str, str], Any]] = field(default_factory=list[tuple[str, dict[str, str], Any]])
    answers: dict[str, list[int]] = field(default_factory=dict[str, list[int]])

    def paths(self) -> list[str]:
        return [path for path, _, _ in self.heard]


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    result = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            result.heard.append((self.path, headers, json.loads(body) if body else None))
            left = result.answers.get(self.path, [])
            self.send_response(left.pop(0) if left else 200)
            if self.path == "/away":
                self.send_header("Location", "http://169.254.169.254/latest/meta-data")
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(b'{"ticket": 7}')

        do_GET = do_POST

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    result.port = server.server_port
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield result
    server.shutdown()
    server.server_close()


def on(step: str, value: dict[str, Any], **more: Any) -> dict[str, Any]:
    state = {"Type": "Task", "Resource": f"${{platform.{step}}}", "Parameters": value}
    return state | ({} if "Next" in more else {"End": True}) | more


def report(port: int) -> dict[str, Any]:
    """Calls, asks, tells."""
    call = {
        "method": "POST",
        "url": f"http://127.0.0.1:{port}/reports",
        "headers": {"Authorization": "Bearer secret:api_key"},
        "body": {"count.$": "$.count"},
    }
    request = {"question.$": "States.Format('Send {} rows?', $.count)", "deadline": "PT2H", "data.$": "$.called.body"}
    no = [{"ErrorEquals": ["Interlock.ApprovalRejected"], "ResultPath": "$.no", "Next": "Refused"}]
    states = {
        "Call": on("http", call, ResultPath="$.called", Next="Ask"),
        "Ask": on("approve", request, ResultPath="$.word", Catch=no, Next="Tell"),
        "Tell": on("emit", {"name": "report.sent", "data": {"by.$": "$.word.by"}}, ResultPath="$.told"),
        "Refused": {"Type": "Pass", "End": True},
    }
    return {"StartAt": "Call", "States": states}


def calls(path: str, port: int, **more: Any) -> dict[str, Any]:
    state = on("http", {"url": f"http://127.0.0.1:{port}{path}"}, **more)
    return {"StartAt": "Only", "States": {"Only": state}}


@pytest.fixture(scope="module")
def installed(kit: Kit, receiver: Receiver) -> Installed:
    port = receiver.port
    again = [{"ErrorEquals": ["Interlock.HttpError"], "IntervalSeconds": 1, "MaxAttempts": 2, "BackoffRate": 1}]
    far = on("http", {"url.$": "$.url"})
    flows = {
        "report": report(port),
        "again": calls("/busy", port, Retry=again),
        "refused": calls("/missing", port),
        "away": calls("/away", port),
        "far": {"StartAt": "Only", "States": {"Only": far}},
    }
    may = f'\n[permissions]\nemit = ["report.sent"]\nsecrets = ["api_key"]\negress = ["*:{port}", "*:80"]\n'
    files = {"interlock.toml": manifest({}, tuple(flows), may)}
    files |= {f"workflows/{name}.asl.json": json.dumps(raw) for name, raw in flows.items()}
    scopes = ("emit:report.sent", "secret:api_key", f"egress:*:{port}", "egress:*:80")
    app = kit.publish(
        "steps", {path: text.replace("APP", f"{kit.publisher.profile.id}/steps") for path, text in files.items()}
    )
    return kit.install(app, scopes, secrets={"api_key": SECRET})


def waiting(kit: Kit, installed: Installed, run: str) -> dict[str, Any]:
    """What the run asks, once it waits for the answer."""
    pause = kit.paused(installed, run)
    return kit.tenants[installed.tenant].get(f"/v1/tenants/{installed.tenant}/approvals/{pause['approval']}")


def decide(kit: Kit, installed: Installed, approval: str, **verdict: Any) -> dict[str, Any]:
    return kit.tenants[installed.tenant].post(f"/v1/tenants/{installed.tenant}/approvals/{approval}", verdict)


def fork(kit: Kit, installed: Installed, run: str, **request: Any) -> dict[str, Any]:
    subject = kit.tenants[installed.tenant].post(f"/v1/tenants/{installed.tenant}/runs/{run}/forks", request)
    return kit.ended(installed, str(subject["run"]))


def test_an_app_without_code_calls_asks_and_tells(kit: Kit, installed: Installed, receiver: Receiver) -> None:
    run = kit.start(installed, "report", {"count": 3})
    request = waiting(kit, installed, run)
    base, client = f"/v1/tenants/{installed.tenant}", kit.tenants[installed.tenant]
    result = kit.run(installed, run)
    assert result and result["status"] == "paused"
    assert (request["question"], request["approvers"], request["data"]) == ("Send 3 rows?", ["admin"], {"ticket": 7})
    assert request["id"] in [row["id"] for row in client.get(f"{base}/approvals")["approvals"]]
    assert receiver.heard[-1][1]["authorization"] == f"Bearer {SECRET}"
    assert receiver.heard[-1][2] == {"count": 3}

    with pytest.raises(Conflict) as refused:
        kit.decide(installed, run, request["id"])
    assert refused.value.code == "pause-approval"
    with pytest.raises(Forbidden):
        kit.publisher.post(f"{base}/approvals/{request['id']}", {"approve": True})

    decide(kit, installed, request["id"], approve=True, comment="fine")
    ended = kit.ended(installed, run)
    assert ended["status"] == "succeeded", ended["failed"]
    assert ended["output"]["value"]["word"]["comment"] == "fine"
    events = eventually(
        lambda: next((row for row in client.get(f"{base}/events")["events"] if row["name"] == "report.sent"), None),
        "the event",
    )
    assert events["detail"]["id"] == ended["output"]["value"]["told"]["id"]
    assert (events["detail"]["cause"]["run"], events["source"]) == (run, f"interlock.app.{installed.app}"), events
    records = json.dumps(kit.steps(installed, run))
    assert SECRET not in records
    assert '"http"' in records and '"emit"' in records

    # A fork is served what was decided and what was called; a dry one tells nobody.
    before = len(receiver.heard)
    child = fork(kit, installed, run, at="Tell", dry=True, accept=["fork.egress"])
    assert child["status"] == "succeeded", child["failed"]
    assert child["output"]["value"]["word"] == ended["output"]["value"]["word"]
    effects = [
        effect for row in kit.steps(installed, child["id"]) for effect in row["effects"] if effect["kind"] == "emit"
    ]
    assert [effect["performed"] for effect in effects] == [False]
    alone = fork(kit, installed, run, whole=True, dry=True, accept=["fork.egress"])
    assert alone["status"] == "succeeded", alone["failed"]
    assert len(receiver.heard) == before
    assert request["id"] not in [row["id"] for row in client.get(f"{base}/approvals")["approvals"]]


def test_a_rejection_is_an_error_that_a_catch_names(kit: Kit, installed: Installed) -> None:
    run = kit.start(installed, "report", {"count": 1})
    decide(kit, installed, waiting(kit, installed, run)["id"], approve=False, comment="not today")
    ended = kit.ended(installed, run)
    assert ended["status"] == "succeeded", ended["failed"]
    assert "not today" in ended["output"]["value"]["no"]["Cause"]


def test_a_breakpoint_stops_a_platform_step(kit: Kit, installed: Installed, receiver: Receiver) -> None:
    run = kit.start(installed, "report", {"count": 1}, stop=(("Call", "before"),))
    pause = kit.paused(installed, run)
    before = len(receiver.heard)
    kit.decide(installed, run, pause["id"], action="output", output={"status": 200, "headers": {}, "body": None})
    decide(kit, installed, waiting(kit, installed, run)["id"], approve=True)
    assert kit.ended(installed, run)["status"] == "succeeded"
    assert len(receiver.heard) == before


def test_a_call_is_tried_again_by_its_errors_name(kit: Kit, installed: Installed, receiver: Receiver) -> None:
    receiver.answers["/busy"] = [503, 429]
    run, other = kit.start(installed, "again"), kit.start(installed, "refused")
    receiver.answers["/missing"] = [404]
    ended = kit.ended(installed, run)
    assert ended["status"] == "succeeded", ended["failed"]
    assert receiver.paths().count("/busy") == 3
    failed = kit.ended(installed, other)["failed"]
    assert (failed["error"], receiver.paths().count("/missing")) == ("Interlock.HttpRefused", 1)


def test_no_call_reaches_an_address_that_is_not_public(kit: Kit, installed: Installed, receiver: Receiver) -> None:
    receiver.answers["/away"] = [302]
    runs = [kit.start(installed, "away")]
    hosts = ("169.254.169.254", "10.0.0.1", "[::ffff:169.254.169.254]", "[64:ff9b::a9fe:a9fe]", "0.0.0.0")
    runs += [kit.start(installed, "far", {"url": f"http://{host}/"}) for host in hosts]
    for run in runs:
        failed = kit.ended(installed, run)["failed"]
        assert failed["error"] == "Interlock.Denied", failed
    assert receiver.paths().count("/away") == 1


def test_a_workflow_of_the_platforms_own_asks_its_operators(kit: Kit) -> None:
    fields = {"execution": "Execution.Id", "state": "State.Name", "entered": "State.EnteredTime", "token": "Task.Token"}
    payload = {f"{word}.$": f"$$.{path}" for word, path in fields.items()} | {"question": "Go?", "subject": "a test"}
    state = {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
        "Parameters": {"FunctionName": "interlock-approve", "Payload": payload},
        "End": True,
    }
    states = kit.client("stepfunctions")
    machine = states.create_state_machine(
        name="asks-operators",
        definition=json.dumps({"StartAt": "Ask", "States": {"Ask": state}}),
        roleArn=local_role("interlock-publish-machine"),
    )
    execution = states.start_execution(stateMachineArn=machine["stateMachineArn"])["executionArn"]

    def asked() -> dict[str, Any] | None:
        rows = kit.operator.get("/v1/approvals")["approvals"]
        return next((row for row in rows if row["execution"] == execution), None)

    result = eventually(asked, "the question")
    with pytest.raises(Forbidden):
        kit.tenants[kit.tenant].post(f"/v1/approvals/{result['id']}", {"approve": True})
    kit.operator.post(f"/v1/approvals/{result['id']}", {"approve": True, "comment": "yes"})
    ended = eventually(
        lambda: row if (row := states.describe_execution(executionArn=execution))["status"] != "RUNNING" else None,
        "the end",
    )
    assert ended["status"] == "SUCCEEDED"
    assert json.loads(ended["output"])["comment"] == "yes"
    states.delete_state_machine(stateMachineArn=machine["stateMachineArn"])

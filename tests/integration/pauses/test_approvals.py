"""Approvals: asked once, decided once by who may, escalated and expired by the clock."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest

from interlock.aws.clients import client
from interlock.aws.tables.approvals import Approvals
from interlock.aws.tables.table import Stored
from interlock.contract.approval import Approval, ApprovalStatus, Ask, AskRequest, Verdict
from interlock.contract.core import names
from interlock.contract.core.base import moment
from interlock.contract.core.failure import Conflict, Forbidden, NotFound, Unavailable
from interlock.contract.event import APPROVALS_SOURCE, ApprovalDetail, ApprovalEvent
from interlock.contract.member import Caller
from interlock.contract.registry import Membership, Role
from interlock.contract.run import RunStatus
from interlock.control.pauses.approvals import (
    ApprovalContext,
    Asker,
    announce,
    ask,
    decide,
    list_approvals,
    maintain_approvals,
    new_approval,
    show_approval,
)
from tests.support.cloud import AT, TENANT, Cloud
from tests.support.copilots import kept_run

Heard = Callable[[], list[ApprovalDetail]]
EXECUTION = "arn:aws:states:us-east-1:123456789012:execution:interlock-publish:one"


@pytest.fixture
def desk(cloud: Cloud) -> ApprovalContext:
    return ApprovalContext(approvals=Approvals(cloud.runs.table.name), runs=cloud.runs)


@pytest.fixture
def answers(cloud: Cloud) -> Iterator[list[dict[str, str]]]:
    """What Step Functions was told; it answers in moto's place, which runs no tasks."""
    messages: list[dict[str, str]] = []

    def heard(params: dict[str, str], model: object, **_: object) -> tuple[object, dict[str, str]]:
        messages.append(json.loads(params["body"]))
        return _Fine(), {}

    events = client("stepfunctions").meta.events
    for call in ("SendTaskSuccess", "SendTaskFailure"):
        events.register_last(f"before-call.stepfunctions.{call}", heard)
    yield messages
    for call in ("SendTaskSuccess", "SendTaskFailure"):
        events.unregister(f"before-call.stepfunctions.{call}", heard)


class _Fine:
    status_code = 200


def _request(token: str = "t1", **fields: object) -> AskRequest:
    value = {"question": "Certify it?", "subject": "acme/app@1.0.0", "execution": EXECUTION, "state": "Review"}
    return AskRequest.model_validate({**value, "entered": "2026-01-01T00:00:00Z", "token": token, **fields})


def _operator(name: str = "olga") -> Caller:
    return Caller(principal=name, memberships=(Membership(principal=name, scope="platform", role=Role.OPERATOR),))


def _later(**fields: int) -> str:
    return moment(datetime.now(UTC) + timedelta(**fields))


def test_a_task_delivered_twice_asks_once_and_answers_both(
    desk: ApprovalContext, answers: list[dict[str, str]]
) -> None:
    first, second = ask(desk, _request("t1")), ask(desk, _request("t2"))
    assert first.id == second.id
    assert [row.id for row in list_approvals(desk, "platform").approvals] == [first.id]
    decide(desk, "platform", first.id, Verdict(approve=True, comment="fine"), _operator())
    assert [row["taskToken"] for row in answers] == ["t1", "t2"]
    assert json.loads(answers[0]["output"])["by"] == "olga"
    assert list_approvals(desk, "platform").approvals == ()
    ask(desk, _request("t3"))
    assert answers[-1]["taskToken"] == "t3", "who asks after the decision is told it at once"


def test_a_decision_is_made_once_and_by_who_may(desk: ApprovalContext, answers: list[dict[str, str]]) -> None:
    subject = ask(desk, _request(approvers=["olga"]))
    with pytest.raises(Forbidden):
        decide(desk, "platform", subject.id, Verdict(approve=True), _operator("otto"))
    decide(desk, "platform", subject.id, Verdict(approve=False, comment="too wide"), _operator())
    assert answers == [{"taskToken": "t1", "error": "Interlock.ApprovalRejected", "cause": "too wide"}]
    with pytest.raises(Conflict, match="rejected"):
        decide(desk, "platform", subject.id, Verdict(approve=True), _operator())
    assert len(answers) == 1


def test_a_role_of_one_scope_decides_nothing_in_another(desk: ApprovalContext) -> None:
    subject = ask(desk, _request(scope="tenant/acme", approvers=["admin"]))
    stranger = Caller(
        principal="eve", memberships=(Membership(principal="eve", scope="tenant/other", role=Role.ADMIN),)
    )
    with pytest.raises(Forbidden):
        decide(desk, "tenant/acme", subject.id, Verdict(approve=True), stranger)
    with pytest.raises(NotFound):
        show_approval(desk, "tenant/other", subject.id)


def test_the_clock_escalates_then_expires(desk: ApprovalContext, answers: list[dict[str, str]]) -> None:
    subject = ask(desk, _request(deadline="PT1H", escalate_to=["boss"], escalate_after=600))
    assert maintain_approvals(desk, _later(minutes=5)).seen == ()
    assert len(maintain_approvals(desk, _later(minutes=11)).seen) == 1
    assert show_approval(desk, "platform", subject.id).approvers == ("operator", "boss")
    assert not answers
    maintain_approvals(desk, _later(minutes=61))
    assert answers[0]["error"] == "Interlock.ApprovalExpired"
    result = show_approval(desk, "platform", subject.id)
    assert (result.status, result.heard) == (ApprovalStatus.EXPIRED, True)
    assert maintain_approvals(desk, _later(days=1)).seen == ()
    with pytest.raises(Conflict):
        decide(desk, "platform", subject.id, Verdict(approve=True), _operator())


def test_a_decision_that_was_not_sent_is_sent_by_the_clock(
    desk: ApprovalContext, answers: list[dict[str, str]]
) -> None:
    subject = ask(desk, _request())

    def lost(**_: object) -> None:
        raise ConnectionError("the process died here")

    events = client("stepfunctions").meta.events
    events.register_first("provide-client-params.stepfunctions.SendTaskSuccess", lost)
    with pytest.raises(ConnectionError):
        decide(desk, "platform", subject.id, Verdict(approve=True), _operator())
    events.unregister("provide-client-params.stepfunctions.SendTaskSuccess", lost)
    assert not show_approval(desk, "platform", subject.id).heard
    maintain_approvals(desk, _later(minutes=2))
    assert [row["taskToken"] for row in answers] == ["t1"]
    assert show_approval(desk, "platform", subject.id).heard


def test_no_answer_holds_a_token(desk: ApprovalContext, answers: list[dict[str, str]]) -> None:
    subject = ask(desk, _request("secret-token"))
    assert "secret-token" not in repr(_request("secret-token"))
    assert "secret-token" not in list_approvals(desk, "platform").model_dump_json()
    done = decide(desk, "platform", subject.id, Verdict(approve=True), _operator())
    assert "secret-token" not in done.model_dump_json()
    assert Approval.model_fields.keys().isdisjoint({"token", "tokens"})


@pytest.fixture
def heard(cloud: Cloud) -> Heard:
    """What the tenant's bus was told of approvals, since it was asked last."""
    queue = client("sqs").create_queue(QueueName="told")["QueueUrl"]
    arn = client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    bus = names.bus_name(TENANT)
    client("events").put_rule(Name="t", EventBusName=bus, EventPattern=json.dumps({"source": [APPROVALS_SOURCE]}))
    client("events").put_targets(Rule="t", EventBusName=bus, Targets=[{"Id": "q", "Arn": arn}])

    def take() -> list[ApprovalDetail]:
        rows = client("sqs").receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", [])
        for row in rows:
            client("sqs").delete_message(QueueUrl=queue, ReceiptHandle=row["ReceiptHandle"])
        return [ApprovalDetail.model_validate(json.loads(row["Body"])["detail"]) for row in rows]

    return take


def test_the_tenant_hears_once_of_what_is_asked_and_escalated(desk: ApprovalContext, heard: Heard) -> None:
    fields = {"scope": f"tenant/{TENANT}", "deadline": "PT1H", "escalate_to": ["boss"], "escalate_after": 600}
    request = ask(desk, _request("t1", **fields))
    assert heard() == []
    maintain_approvals(desk, _later(minutes=1))
    (events,) = heard()
    assert (events.id, events.type) == (f"{request.id}:approval.asked", ApprovalEvent.ASKED)
    assert (events.approval, events.approvers, events.question) == (request.id, ("operator",), "Certify it?")
    ask(desk, _request("t2", **fields))
    maintain_approvals(desk, _later(minutes=2))
    assert heard() == []
    maintain_approvals(desk, _later(minutes=11))
    (events,) = heard()
    assert (events.id, events.approvers) == (f"{request.id}:approval.escalated", ("operator", "boss"))
    maintain_approvals(desk, _later(minutes=12))
    assert heard() == []


def test_the_platform_tells_nobody_of_its_own_questions(desk: ApprovalContext, heard: Heard) -> None:
    ask(desk, _request(escalate_to=["boss"], escalate_after=600))
    maintain_approvals(desk, _later(minutes=11))
    assert heard() == []


def test_an_event_that_the_bus_refused_is_sent_again_unchanged(desk: ApprovalContext, heard: Heard) -> None:
    request = ask(desk, _request(scope=f"tenant/{TENANT}"))

    def lost(**_: object) -> None:
        raise Unavailable("no bus")

    events = client("events").meta.events
    events.register_first("provide-client-params.events.PutEvents", lost)
    assert maintain_approvals(desk, _later(minutes=1)).seen == ()
    events.unregister("provide-client-params.events.PutEvents", lost)
    maintain_approvals(desk, _later(minutes=2))
    assert [message.id for message in heard()] == [f"{request.id}:approval.asked"]


def test_a_question_of_a_run_says_where_it_came_from(cloud: Cloud, desk: ApprovalContext, heard: Heard) -> None:
    """So that an app which listens to approvals and asks for one is a loop."""
    run = kept_run(cloud, RunStatus.RUNNING)
    question = Ask(question="Tag it?")
    request = new_approval(question, Asker(f"tenant/{TENANT}", "acme/app", EXECUTION, "Ask", AT)).model_copy(
        update={"run": run.id, "pause": "p"}
    )
    announce(desk, request)
    desk.approvals.write(Stored(item=request, rev=0))
    maintain_approvals(desk, _later(minutes=1))
    (events,) = heard()
    assert events.cause == run.cause()
    assert events.run == run.id

"""Step Functions: starting and stopping executions, and answering the callback of a pause."""

import json
from collections.abc import Callable, Mapping
from typing import Any, cast

from botocore.exceptions import ClientError

from interlock.aws.clients import client
from interlock.contract.core.base import Json, moment
from interlock.contract.core.failure import Conflict, NotFound

MACHINE_GONE = ("StateMachineDoesNotExist", "StateMachineDeleting")


def start(machine: str, name: str, value: Json) -> str:
    """Start an execution; the ARN, also where the same name was started with the same input before.

    Raises:
        Conflict: the name was taken with other input, or by an execution that has ended.
        NotFound: there is no such state machine, or it is being deleted.
    """
    try:
        answer = client("stepfunctions").start_execution(stateMachineArn=machine, name=name, input=json.dumps(value))
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code")
        if code == "ExecutionAlreadyExists":
            raise Conflict(
                f"execution {name} exists already",
                where=machine,
                code="execution-exists",
                next_step="Choose another name.",
            ) from error
        if code in MACHINE_GONE:
            raise NotFound(
                "the state machine does not exist",
                where=machine,
                code="machine-gone",
                next_step="Publish the version again.",
            ) from error
        raise
    return str(answer["executionArn"])


def running(machine: str) -> frozenset[str]:
    """The executions of a state machine that run; none where there is no such machine.

    The answer may be some seconds old:
    https://docs.aws.amazon.com/step-functions/latest/apireference/API_ListExecutions.html
    """
    fields = {"stateMachineArn": machine, "statusFilter": "RUNNING", "maxResults": PAGE_EVENTS}
    names: set[str] = set()
    try:
        for page in client("stepfunctions").get_paginator("list_executions").paginate(**fields):
            names |= {str(row["executionArn"]) for row in page["executions"]}
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") not in MACHINE_GONE:
            raise
    return frozenset(names)


def validate(definition: str) -> list[dict[str, Any]]:
    """Ask Step Functions whether it takes a definition; its diagnostics, errors and warnings, at most 100.

    https://docs.aws.amazon.com/step-functions/latest/apireference/API_ValidateStateMachineDefinition.html. The local
    engine answers OK to every definition.

    Returns:
        Objects with `severity`, `code`, `message` and, where AWS knows it, `location`. A definition that the call
        itself does not take, such as one of more than 1 MB, is one ERROR.
    """
    try:
        answer = client("stepfunctions").validate_state_machine_definition(
            definition=definition, type="STANDARD", severity="WARNING"
        )
    except ClientError as error:
        reason = error.response.get("Error", {})
        if reason.get("Code") != "ValidationException":
            raise
        return [{"severity": "ERROR", "code": "ValidationException", "message": reason.get("Message", "")}]
    return [dict(row) for row in answer["diagnostics"]]


def stop(execution: str, error: str, cause: str) -> None:
    """Stop an execution; one that has ended too."""
    try:
        client("stepfunctions").stop_execution(executionArn=execution, error=error, cause=cause)
    except ClientError as failure:
        if failure.response.get("Error", {}).get("Code") != "ExecutionDoesNotExist":
            raise


def succeed(token: str, output: Json = None) -> None:
    """Let a waiting state go on.

    Raises:
        Conflict: its execution has ended, or somebody was first.
    """
    text = json.dumps({} if output is None else output)
    _answer(lambda: client("stepfunctions").send_task_success(taskToken=token, output=text))


def fail(token: str, error: str, cause: str) -> None:
    """Let a waiting state fail, with an error that Retry and Catch know by its name.

    Raises:
        Conflict: its execution has ended, or somebody was first.
    """
    _answer(lambda: client("stepfunctions").send_task_failure(taskToken=token, error=error, cause=cause))


def _answer(call: Callable[[], object]) -> None:
    try:
        call()
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") in ("TaskTimedOut", "TaskDoesNotExist", "InvalidToken"):
            raise Conflict(
                "the pause is over", code="pause-over", next_step="Look at the run: interlock run show"
            ) from error
        raise


def describe(execution: str) -> dict[str, str]:
    """Status, input and end of an execution; empty where there is none. Not for what runs often."""
    try:
        answer = client("stepfunctions").describe_execution(executionArn=execution)
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") == "ExecutionDoesNotExist":
            return {}
        raise
    return {word: str(answer.get(word, "")) for word in ("status", "error", "cause", "input", "output")}


PAGE_EVENTS = 1_000
LAST_EVENTS = 25
"""Enough to lead from an execution's end back into the state in which it ended."""


EVENT_FIELDS = ("id", "previousEventId", "type", "timestamp")
DETAIL_FIELDS = (
    *("name", "state", "index", "length", "location"),
    *("error", "cause", "resource", "resourceType", "region", "timeoutInSeconds"),
    *("redriveCount", "mapRunArn", "stateMachineVersionArn", "stateMachineAliasArn"),
)
"""What is kept of an event's details. `parameters` of a Task hold its task token, and inputs and outputs its payload.
Source: https://docs.aws.amazon.com/step-functions/latest/apireference/API_HistoryEvent.html
"""


def history(execution: str, turn: Callable[[], None]) -> list[dict[str, Any]]:
    """Every event of an execution's history, with the fields that `event_of` keeps; timestamps as RFC 3339.

    Args:
        execution: its ARN.
        turn: waits until this process may ask for the next page.

    Raises:
        NotFound: Step Functions has no such execution (any more: it keeps histories for 90 days).
    """
    rows: list[dict[str, Any]] = []
    fields: dict[str, Any] = {"executionArn": execution, "maxResults": PAGE_EVENTS, "includeExecutionData": False}
    while True:
        turn()
        try:
            answer = client("stepfunctions").get_execution_history(**fields)
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") == "ExecutionDoesNotExist":
                raise NotFound(
                    "Step Functions does not keep the history of the run any more",
                    where=execution,
                    code="history-gone",
                    next_step="Start the workflow again: interlock run start",
                ) from error
            raise
        rows += [event_of(event) | {"timestamp": moment(event["timestamp"])} for event in answer["events"]]
        if not answer.get("nextToken"):
            return rows
        fields["nextToken"] = answer["nextToken"]


def last_events(execution: str) -> list[dict[str, Any]]:
    """The last events of an execution's history, newest first; none where it is gone. For a failed run only."""
    try:
        answer = client("stepfunctions").get_execution_history(
            executionArn=execution, maxResults=LAST_EVENTS, reverseOrder=True, includeExecutionData=False
        )
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") == "ExecutionDoesNotExist":
            return []
        raise
    return [event_of(event) for event in answer["events"]]


def event_of(event: Mapping[str, Any]) -> dict[str, Any]:
    """An event with the fields that are kept of one (EVENT_FIELDS, DETAIL_FIELDS), and no other. Pure."""
    row = {name: event[name] for name in EVENT_FIELDS if name in event}
    for name, details in event.items():
        if name.endswith("EventDetails") and isinstance(details, Mapping):
            fields = cast(Mapping[str, Any], details)
            row[name] = {field: fields[field] for field in DETAIL_FIELDS if field in fields}
    return row

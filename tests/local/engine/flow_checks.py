"""Checks of the corrections of executions: each raises when AWS would do otherwise."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from interlock.contract.core.base import parse_moment
from tests.support.engine_cloud import Cloud, eventually, single, task

WAIT = "arn:aws:states:::lambda:invoke.waitForTaskToken"
TRACE = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"


def start_sleep(cloud: Cloud) -> None:
    machine = single({"Type": "Pass", "End": True})

    def took() -> float:
        seen = cloud.ended(cloud.start(machine))
        return (seen["stopDate"] - seen["startDate"]).total_seconds()

    assert min(took() for _ in range(3)) < 0.1


def parallel(cloud: Cloud) -> None:
    # Each branch assigns the same variable, then reads it and its own state's name.
    branches = [
        {
            "StartAt": f"Assign{number}",
            "States": {
                f"Assign{number}": {"Type": "Pass", "Assign": {"mine": number}, "Next": f"Wait{number}"},
                f"Wait{number}": {"Type": "Wait", "Seconds": 1, "Next": f"Read{number}"},
                f"Read{number}": {
                    "Type": "Pass",
                    "Output": "{% [$mine, $states.context.State.Name] %}",
                    "End": True,
                },
            },
        }
        for number in range(4)
    ]
    machine = single({"Type": "Parallel", "Branches": branches, "End": True}, QueryLanguage="JSONata")
    assert cloud.run(machine) == [[number, f"Read{number}"] for number in range(4)]
    tokens = [single(task(WAIT, Parameters=callback_words(cloud))) for _ in range(3)]
    execution = cloud.start(single({"Type": "Parallel", "Branches": tokens, "End": True}))
    assert len(tokens_of(cloud, execution, 3)) == 3
    cloud.client("stepfunctions").stop_execution(executionArn=execution)


def throttles(cloud: Cloud) -> None:
    function, functions = cloud.function(), cloud.client("lambda")
    functions.put_function_concurrency(FunctionName=function, ReservedConcurrentExecutions=0)
    with pytest.raises(ClientError, match="TooManyRequestsException"):
        functions.invoke(FunctionName=function)
    ended = cloud.ended(cloud.start(single(task(function))))
    assert ended["error"] == "Lambda.TooManyRequestsException", ended
    retry = {"ErrorEquals": ["Lambda.TooManyRequestsException"], "IntervalSeconds": 1, "MaxAttempts": 5}
    execution = cloud.start(single(task(function, Retry=[retry])), {"n": 1})
    eventually(lambda: [row for row in cloud.history(execution) if row["type"].endswith("Failed")] or None)
    functions.delete_function_concurrency(FunctionName=function)
    assert json.loads(cloud.ended(execution)["output"])["event"] == {"n": 1}


def callback_words(cloud: Cloud, **more: Any) -> dict[str, Any]:
    """Parameters of a callback Task; its function puts the token into a queue."""
    code = (
        "import boto3\n"
        "def handler(event, context):\n"
        "    queues = boto3.client('sqs')\n"
        "    url = queues.create_queue(QueueName=event['execution'].split(':')[-1])['QueueUrl']\n"
        "    queues.send_message(QueueUrl=url, MessageBody=event['token'])\n"
    )
    payload = {"token.$": "$$.Task.Token", "execution.$": "$$.Execution.Id"}
    return {"FunctionName": cloud.function({"m.py": code}), "Payload": payload | more}


def tokens_of(cloud: Cloud, execution: str, count: int) -> set[str]:
    queues = cloud.client("sqs")
    url = queues.create_queue(QueueName=execution.split(":")[-1])["QueueUrl"]
    rows: list[str] = []

    def enough() -> list[str] | None:
        answer = queues.receive_message(QueueUrl=url, MaxNumberOfMessages=10)
        rows.extend(message["Body"] for message in answer.get("Messages", []))
        return rows if len(rows) >= count else None

    return set(eventually(enough))


def callback_failure(cloud: Cloud) -> None:
    parameters = {"FunctionName": cloud.function(), "Payload": {"do": "raise", "name": "Acme.Broken"}}
    seen = cloud.ended(cloud.start(single(task(WAIT, Parameters=parameters))), 3)
    assert (seen["status"], seen["error"]) == ("FAILED", "Acme.Broken")


def retry_delay(cloud: Cloud) -> None:
    retry = {"ErrorEquals": ["States.ALL"], "IntervalSeconds": 1, "BackoffRate": 8, "MaxAttempts": 2}
    capped = single(task(cloud.function(), Retry=[retry | {"MaxDelaySeconds": 1}]))
    assert cloud.ended(cloud.start(capped, {"do": "raise"}), 4)["status"] == "FAILED"


def context(cloud: Cloud) -> None:
    machine = single({"Type": "Pass", "Parameters": {"count.$": "$$.Execution.RedriveCount"}, "End": True})
    assert cloud.run(machine) == {"count": 0}
    retry = {"ErrorEquals": ["Again"], "IntervalSeconds": 0, "MaxAttempts": 1}
    execution = cloud.start(single(task(WAIT, Parameters=callback_words(cloud), Retry=[retry])))
    states = cloud.client("stepfunctions")
    (first,) = tokens_of(cloud, execution, 1)
    states.send_task_failure(taskToken=first, error="Again")
    (second,) = tokens_of(cloud, execution, 1)
    assert first != second
    states.send_task_success(taskToken=second, output="1")
    assert cloud.ended(execution)["status"] == "SUCCEEDED"


def limits(cloud: Cloud) -> None:
    silent: dict[str, Any] = {"FunctionName": cloud.function(), "Payload": {}}
    seen = cloud.ended(cloud.start(single(task(WAIT, Parameters=silent, HeartbeatSeconds=1))), 3)
    assert (seen["status"], seen["error"]) == ("FAILED", "States.HeartbeatTimeout")
    seen = cloud.ended(cloud.start(single(task(WAIT, Parameters=silent), TimeoutSeconds=1)), 3)
    assert seen["status"] == "TIMED_OUT"
    waiting = single(task(WAIT, Parameters=silent))
    failing = single({"Type": "Fail", "Error": "Acme.Broken"})
    both = single({"Type": "Parallel", "Branches": [waiting, failing], "End": True})
    assert cloud.ended(cloud.start(both), 3)["error"] == "Acme.Broken"
    stopped = cloud.start(single(task(WAIT, Parameters=callback_words(cloud))))
    (token,) = tokens_of(cloud, stopped, 1)
    states = cloud.client("stepfunctions")
    states.stop_execution(executionArn=stopped)
    gone = threading.Event()

    def refused() -> bool | None:
        try:
            states.send_task_heartbeat(taskToken=token)
        except ClientError:
            gone.set()
        return True if gone.is_set() else None

    assert eventually(refused, 3)
    assert cloud.ended(stopped)["status"] == "ABORTED"


def history(cloud: Cloud) -> None:
    function = cloud.function()
    inner = single(task(function, Next="Done"))
    inner["States"]["Done"] = {"Type": "Succeed"}
    machine = {
        "StartAt": "Both",
        "States": {
            "Both": {"Type": "Parallel", "Branches": [inner, inner], "Next": "Each"},
            "Each": {"Type": "Map", "ItemProcessor": inner, "End": True},
        },
    }
    execution = cloud.start(machine)
    cloud.ended(execution)
    events = cloud.history(execution)
    assert [event["id"] for event in events] == list(range(1, len(events) + 1))
    kinds = [event["type"] for event in events]
    for kind, count in {
        "ParallelStateStarted": 1,
        "ParallelStateSucceeded": 1,
        "MapStateStarted": 1,
        "MapIterationStarted": 2,
        "MapIterationSucceeded": 2,
        "TaskStateEntered": 4,
        "LambdaFunctionScheduled": 4,
        "LambdaFunctionSucceeded": 4,
        "SucceedStateExited": 4,
    }.items():
        assert kinds.count(kind) == count, (kind, kinds)
    by_id = {event["id"]: event for event in events}
    for event in events:
        if event["type"] == "LambdaFunctionScheduled":
            assert by_id[event["previousEventId"]]["type"] == "TaskStateEntered"
        if event["type"] in ("ParallelStateStarted", "MapStateStarted"):
            assert by_id[event["previousEventId"]]["type"].endswith("StateEntered")
    slow = single(task(function, Parameters={"do": "slow", "seconds": 1}))
    failing = single({"Type": "Fail", "Error": "Acme.Broken"})
    caught = {"Catch": [{"ErrorEquals": ["States.ALL"], "Next": "After"}]}
    both = {"Type": "Parallel", "Branches": [slow, failing], **caught, "End": True}
    after = {"Type": "Wait", "Seconds": 2, "End": True}
    execution = cloud.start({"StartAt": "Both", "States": {"Both": both, "After": after}})
    cloud.ended(execution)
    events = cloud.history(execution)
    assert "LambdaFunctionScheduled" in [event["type"] for event in events]
    assert "LambdaFunctionSucceeded" not in [event["type"] for event in events]
    assert events[-1]["type"] == "ExecutionSucceeded"
    paused = cloud.start(single(task(WAIT, Parameters=callback_words(cloud))))
    (token,) = tokens_of(cloud, paused, 1)
    cloud.client("stepfunctions").send_task_success(taskToken=token, output="1")
    cloud.ended(paused)
    assert [event["type"] for event in cloud.history(paused)][2:6] == [
        "TaskScheduled",
        "TaskStarted",
        "TaskSubmitted",
        "TaskSucceeded",
    ]
    look = single({"Type": "Pass", "Parameters": {"at.$": "$$.State.EnteredTime"}, "End": True})
    execution = cloud.start(single({"Type": "Map", "ItemProcessor": look, "End": True}), list(range(60)))
    entered = [one["at"] for one in json.loads(cloud.ended(execution)["output"])]
    written = [e["timestamp"] for e in cloud.history(execution) if e["type"] == "PassStateEntered"]
    moments = [round(moment.timestamp() * 1000) for moment in written]
    assert sorted(moments) == sorted(round(parse_moment(text).timestamp() * 1000) for text in entered)


def evaluator(cloud: Cloud) -> None:
    machine = {
        "StartAt": "Set",
        "States": {
            "Set": {"Type": "Pass", "Assign": {"word.$": "$.word", "fixed": 1}, "Next": "Read"},
            "Read": {
                "Type": "Pass",
                "Parameters": {"a.$": "$word.deep[-1]", "b.$": "States.Format('{}', $fixed)"},
                "End": True,
            },
        },
    }
    assert cloud.run(machine, {"word": {"deep": [0, 1]}}) == {"a": 1, "b": "1"}
    branch = single({"Type": "Succeed", "Output": "{% $states.input.n + 1 %}"})
    both = {"Type": "Parallel", "Branches": [branch, branch], "Arguments": {"n": 1}}
    both |= {"Output": "{% $sum($states.result) %}", "End": True}
    assert cloud.run(single(both, QueryLanguage="JSONata")) == 4
    caught = task(cloud.function(), Parameters={"x.$": "$.no"})
    caught["Catch"] = [{"ErrorEquals": ["States.ALL"], "Next": "Only"}]
    ended = cloud.ended(cloud.start(single(caught)))
    assert (ended["status"], ended["error"]) == ("FAILED", "States.Runtime")


def unserved(cloud: Cloud) -> None:
    item = single({"Type": "Pass", "End": True}) | {"ProcessorConfig": {"Mode": "DISTRIBUTED"}}
    ended = cloud.ended(cloud.start(single({"Type": "Map", "ItemProcessor": item, "End": True}), [1]))
    assert (ended["status"], ended["error"]) == ("FAILED", "States.Runtime")
    assert "no distributed Map" in ended["cause"]
    state = json.dumps({"Type": "Pass", "End": True})
    # The real API is at a host `sync-…`.
    states = cloud.client("stepfunctions", config=Config(inject_host_prefix=False, retries={"total_max_attempts": 1}))
    try:
        states.test_state(definition=state, roleArn=cloud.role(), input="{}")
    except ClientError as error:
        assert "UnsupportedOperation" in str(error)
    else:
        raise AssertionError("TestState is served")

"""Each correction: with it the engine does as AWS does, without it (an engine of its own) it does not."""

from __future__ import annotations

import base64
import json
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from interlock.local.engine.corrections import ALL
from tests.local.engine.cloud import Cloud, eventually, single, task, unique

WAIT = "arn:aws:states:::lambda:invoke.waitForTaskToken"
TRACE = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"


def errors(cloud: Cloud) -> None:
    function = cloud.function()
    first, _ = cloud.invoke(function, {})
    failed, answer = cloud.invoke(function, {"do": "raise", "name": "Acme.Broken"})
    assert answer["FunctionError"] == "Unhandled"
    assert failed["errorType"] == "Acme.Broken"
    assert failed["errorMessage"] == "it broke"
    assert 'in handler\n    raise type(event.get("name"' in failed["stackTrace"][0]
    again, _ = cloud.invoke(function, {})
    assert again["pid"] == first["pid"]
    assert cloud.invoke(function, {"do": "exit"})[0]["errorType"] == "Runtime.ExitError"
    assert cloud.invoke(function, {"do": "unserializable"})[0]["errorType"] == "Runtime.MarshalError"
    broken = cloud.function({"m.py": "import nowhere"})
    assert cloud.invoke(broken, {})[0]["errorType"] == "Runtime.ImportModuleError"
    caught = single(task(function, Catch=[{"ErrorEquals": ["Acme.Broken"], "Next": "Caught"}]))
    caught["States"]["Caught"] = {"Type": "Pass", "End": True}
    cause = json.loads(cloud.run(caught, {"do": "raise", "name": "Acme.Broken"})["Cause"])
    assert cause["errorType"] == "Acme.Broken"
    assert cause["stackTrace"]


def logging_(cloud: Cloud) -> None:
    _, answer = cloud.invoke(cloud.function(), {"do": "log"}, LogType="Tail")
    assert "hello from info" in base64.b64decode(answer.get("LogResult", "")).decode()


def environment(cloud: Cloud) -> None:
    function = cloud.function(Environment={"Variables": {"OWN": "yes"}})
    seen, _ = cloud.invoke(function, {"do": "environment"})
    assert seen["OWN"] == "yes"
    assert seen["AWS_XRAY_DAEMON_ADDRESS"] == cloud.engine.xray_daemon_address
    assert not {"STATE_DIR", "GATEWAY_PORT", "HOME", "AUTH"} & set(seen)
    assert cloud.engine.secret_key not in seen.values()


def log_wait(cloud: Cloud) -> None:
    function = cloud.function()
    cloud.invoke(function, {})
    started = time.monotonic()
    for _ in range(10):
        cloud.invoke(function, {})
    assert (time.monotonic() - started) / 10 < 0.04


def cold_start(cloud: Cloud) -> None:
    imported = "import sys\ndef handler(event, context):\n    return 'botocore' in sys.modules\n"
    assert cloud.invoke(cloud.function({"m.py": imported}), {})[0] is False
    # The lineage of calls still travels when the function does use botocore.
    calls = (
        "import boto3, os\n"
        "def handler(event, context):\n"
        "    if event == 2:\n"
        "        return os.environ['_MINISTACK_INVOKE_DEPTH']\n"
        "    lambdas = boto3.client('lambda')\n"
        "    answer = lambdas.invoke(FunctionName=context.function_name, Payload=str(event + 1))\n"
        "    return answer['Payload'].read().decode()\n"
    )
    assert "3" in cloud.invoke(cloud.function({"m.py": calls}), 0)[0]


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
    tokens = [single(task(WAIT, Parameters=_paused(cloud))) for _ in range(3)]
    execution = cloud.start(single({"Type": "Parallel", "Branches": tokens, "End": True}))
    assert len(_tokens(cloud, execution, 3)) == 3
    cloud.client("stepfunctions").stop_execution(executionArn=execution)


def _paused(cloud: Cloud, **more: Any) -> dict[str, Any]:
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


def _tokens(cloud: Cloud, execution: str, count: int) -> set[str]:
    queues = cloud.client("sqs")
    url = queues.create_queue(QueueName=execution.split(":")[-1])["QueueUrl"]
    found: list[str] = []

    def enough() -> list[str] | None:
        answer = queues.receive_message(QueueUrl=url, MaxNumberOfMessages=10)
        found.extend(message["Body"] for message in answer.get("Messages", []))
        return found if len(found) >= count else None

    return set(eventually(enough))


def callback_failure(cloud: Cloud) -> None:
    parameters = {"FunctionName": cloud.function(), "Payload": {"do": "raise", "name": "Acme.Broken"}}
    seen = cloud.ended(cloud.start(single(task(WAIT, Parameters=parameters))), 3)
    assert (seen["status"], seen["error"]) == ("FAILED", "Acme.Broken")


def root_key(cloud: Cloud) -> None:
    for key in ("test", "123456789012"):
        with pytest.raises(ClientError):
            # With the right secret, so that it is the key's name that decides.
            cloud.client("sts", aws_access_key_id=key).get_caller_identity()
            raise AssertionError(f"{key} was accepted")


def root_signature(cloud: Cloud) -> None:
    for service, call in (("dynamodb", "list_tables"), ("lambda", "list_functions"), ("s3", "list_buckets")):
        getattr(cloud.client(service), call)()
        forged = cloud.client(service, aws_secret_access_key="wrong")
        with pytest.raises(ClientError):
            getattr(forged, call)()
            raise AssertionError(f"{service} accepted a wrong signature")
    objects = cloud.client("s3")
    bucket = unique("b")
    objects.create_bucket(Bucket=bucket)
    objects.put_object(Bucket=bucket, Key="k", Body=b"kept")
    url = objects.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "k"})
    with urllib.request.urlopen(url) as answer:
        assert answer.read() == b"kept"


def admin(cloud: Cloud) -> None:
    for path in ("reset", "config"):
        request = urllib.request.Request(
            f"{cloud.engine.endpoint_url}/_ministack/{path}", b"{}", {"Content-Type": "application/json"}
        )
        try:
            with urllib.request.urlopen(request) as answer:
                raise AssertionError(f"/_ministack/{path} answered {answer.status}")
        except urllib.error.HTTPError as refused:
            assert refused.code == 403


def tenancy(cloud: Cloud) -> None:
    made = cloud.stack(
        {
            "Function": {
                "Type": "AWS::Lambda::Function",
                "Properties": {
                    "Runtime": "python3.11",
                    "Handler": "index.handler",
                    "Role": cloud.role(),
                    "TenancyConfig": {"TenantIsolationMode": "PER_TENANT"},
                    "Code": {"ZipFile": "import os\ndef handler(e, c):\n return [c.tenant_id, os.getpid()]\n"},
                },
            }
        }
    )
    lambdas = cloud.client("lambda")
    config = lambdas.get_function_configuration(FunctionName=made["Function"])
    assert config.get("TenancyConfig", {}).get("TenantIsolationMode") == "PER_TENANT"
    try:
        cloud.invoke(made["Function"], {})
        raise AssertionError("an invocation without a tenant was answered")
    except ClientError as refused:
        assert "InvalidParameterValueException" in str(refused)
    answers = [cloud.invoke(made["Function"], {}, TenantId=name)[0] for name in ("a", "b", "a")]
    assert [tenant for tenant, _ in answers] == ["a", "b", "a"]
    assert answers[0][1] == answers[2][1] != answers[1][1]


def trace(cloud: Cloud) -> None:
    function = cloud.function()
    lambdas = cloud.client("lambda")

    def carry(params: dict[str, Any], **_: Any) -> None:
        params["headers"]["X-Amzn-Trace-Id"] = TRACE

    lambdas.meta.events.register("before-call", carry)
    answer = lambdas.invoke(FunctionName=function, Payload=json.dumps({"do": "trace"}))
    assert json.loads(answer["Payload"].read()) == TRACE
    assert cloud.run(single(task(function)), {"do": "trace"}, traceHeader=TRACE) == TRACE


def uploads(cloud: Cloud) -> None:
    objects, queues = cloud.client("s3"), cloud.client("sqs")
    bucket = unique("b")
    objects.create_bucket(Bucket=bucket)
    objects.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    objects.put_bucket_notification_configuration(
        Bucket=bucket, NotificationConfiguration={"EventBridgeConfiguration": {}}
    )
    url = queues.create_queue(QueueName=bucket)["QueueUrl"]
    arn = queues.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    policy = {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": arn}
    queues.set_queue_attributes(
        QueueUrl=url, Attributes={"Policy": json.dumps({"Version": "2012-10-17", "Statement": [policy]})}
    )
    events = cloud.client("events")
    pattern = {"source": ["aws.s3"], "detail": {"bucket": {"name": [bucket]}}}
    events.put_rule(Name=bucket, EventPattern=json.dumps(pattern))
    events.put_targets(Rule=bucket, Targets=[{"Id": "q", "Arn": arn}])

    def upload(digest: str) -> int:
        fields = {"x-amz-checksum-algorithm": "SHA256", "x-amz-checksum-sha256": digest}
        conditions: list[Any] = [{name: value} for name, value in fields.items()]
        post = objects.generate_presigned_post(bucket, "k", Fields=dict(fields), Conditions=conditions)
        return _post(post["url"], post["fields"], b"hello")

    good = "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ="
    assert upload("AAAA" + good[4:]) == 400
    assert upload(good) == 204
    head = objects.head_object(Bucket=bucket, Key="k", ChecksumMode="ENABLED")
    assert head["ChecksumSHA256"] == good

    def event() -> dict[str, Any] | None:
        messages = queues.receive_message(QueueUrl=url).get("Messages", [])
        return json.loads(messages[0]["Body"]) if messages else None

    assert eventually(event)["detail"]["object"].get("version-id") == head["VersionId"]


def _post(url: str, fields: dict[str, str], body: bytes) -> int:
    edge = "interlock-form"
    parts = [
        f'--{edge}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    head = f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\n'.encode()
    data = b"".join(parts) + head + body + f"\r\n--{edge}--\r\n".encode()
    request = urllib.request.Request(
        url, data, {"Content-Type": f"multipart/form-data; boundary={edge}"}, method="POST"
    )
    try:
        with urllib.request.urlopen(request) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as refused:
        return refused.code


def retry_delay(cloud: Cloud) -> None:
    retry = {"ErrorEquals": ["States.ALL"], "IntervalSeconds": 1, "BackoffRate": 8, "MaxAttempts": 2}
    capped = single(task(cloud.function(), Retry=[retry | {"MaxDelaySeconds": 1}]))
    assert cloud.ended(cloud.start(capped, {"do": "raise"}), 4)["status"] == "FAILED"


def context(cloud: Cloud) -> None:
    machine = single({"Type": "Pass", "Parameters": {"count.$": "$$.Execution.RedriveCount"}, "End": True})
    assert cloud.run(machine) == {"count": 0}
    retry = {"ErrorEquals": ["Again"], "IntervalSeconds": 0, "MaxAttempts": 1}
    execution = cloud.start(single(task(WAIT, Parameters=_paused(cloud), Retry=[retry])))
    states = cloud.client("stepfunctions")
    (first,) = _tokens(cloud, execution, 1)
    states.send_task_failure(taskToken=first, error="Again")
    (second,) = _tokens(cloud, execution, 1)
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
    stopped = cloud.start(single(task(WAIT, Parameters=_paused(cloud))))
    (token,) = _tokens(cloud, stopped, 1)
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
    paused = cloud.start(single(task(WAIT, Parameters=_paused(cloud))))
    (token,) = _tokens(cloud, paused, 1)
    cloud.client("stepfunctions").send_task_success(taskToken=token, output="1")
    cloud.ended(paused)
    assert [event["type"] for event in cloud.history(paused)][2:6] == [
        "TaskScheduled",
        "TaskStarted",
        "TaskSubmitted",
        "TaskSucceeded",
    ]


def variables(cloud: Cloud) -> None:
    machine = {
        "StartAt": "Set",
        "States": {
            "Set": {"Type": "Pass", "Assign": {"word.$": "$.word", "fixed": 1}, "Next": "Read"},
            "Read": {
                "Type": "Pass",
                "Parameters": {"a.$": "$word.deep", "b.$": "States.Format('{}', $fixed)"},
                "End": True,
            },
        },
    }
    assert cloud.run(machine, {"word": {"deep": [1]}}) == {"a": [1], "b": "1"}
    branch = single({"Type": "Succeed", "Output": "{% $states.input.n + 1 %}"})
    both = {"Type": "Parallel", "Branches": [branch, branch], "Arguments": {"n": 1}}
    both |= {"Output": "{% $sum($states.result) %}", "End": True}
    assert cloud.run(single(both, QueryLanguage="JSONata")) == 4


CHECKS: dict[str, Callable[[Cloud], None]] = {
    check.__name__.removesuffix("_"): check
    for check in (
        errors,
        logging_,
        environment,
        log_wait,
        cold_start,
        start_sleep,
        parallel,
        callback_failure,
        root_key,
        root_signature,
        admin,
        tenancy,
        trace,
        uploads,
        retry_delay,
        context,
        limits,
        history,
        variables,
    )
}


def test_every_correction_has_a_check() -> None:
    assert set(CHECKS) == {correction.name for correction in ALL}


@pytest.mark.parametrize("name", CHECKS)
def test_with_the_correction_it_does_as_aws(name: str, cloud: Cloud) -> None:
    CHECKS[name](cloud)


@pytest.mark.parametrize("name", CHECKS)
def test_without_the_correction_it_does_not(name: str, cloud_without: Callable[[str], Cloud]) -> None:
    other = cloud_without(name)
    with pytest.raises((AssertionError, KeyError, TypeError, ValueError)):
        CHECKS[name](other)

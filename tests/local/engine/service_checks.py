"""Checks of the corrections of functions, keys and objects: each raises when AWS would do otherwise."""

from __future__ import annotations

import base64
import http.client
import json
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from interlock.local import engine
from tests.support.engine_cloud import VENVS, Cloud, eventually, single, task, unique

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


def log_pages(cloud: Cloud) -> None:
    logs, group = cloud.client("logs"), unique("/group")
    logs.create_log_group(logGroupName=group)
    logs.create_log_stream(logGroupName=group, logStreamName="s")
    now = int(time.time() * 1000)
    events = [{"timestamp": now + number, "message": f"line {number}"} for number in range(5)]
    logs.put_log_events(logGroupName=group, logStreamName="s", logEvents=events)
    pages: list[list[str]] = []
    fields: dict[str, Any] = {"logGroupName": group, "filterPattern": '"line"', "limit": 2}
    while True:
        answer = logs.filter_log_events(**fields)
        pages.append([event["message"] for event in answer["events"]])
        if "nextToken" not in answer:
            break
        fields["nextToken"] = answer["nextToken"]
    assert pages == [["line 0", "line 1"], ["line 2", "line 3"], ["line 4"]]


def fair_queues(cloud: Cloud) -> None:
    queues, events = cloud.client("sqs"), cloud.client("events")
    url = queues.create_queue(QueueName=unique("queue"))["QueueUrl"]
    arn = queues.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    rule = unique("rule")
    events.put_rule(Name=rule, EventPattern=json.dumps({"source": [rule]}))
    target = {"Id": "q", "Arn": arn, "SqsParameters": {"MessageGroupId": "quiet"}}
    events.put_targets(Rule=rule, Targets=[target])

    def receive() -> list[str]:
        answer = queues.receive_message(QueueUrl=url, MaxNumberOfMessages=10, AttributeNames=["MessageGroupId"])
        return [message["Attributes"]["MessageGroupId"] for message in answer.get("Messages", [])]

    for number in range(10):
        entries = [{"Id": str(n), "MessageBody": f"{number}", "MessageGroupId": "noisy"} for n in range(10)]
        queues.send_message_batch(QueueUrl=url, Entries=entries)
    assert [group for _ in range(4) for group in receive()] == ["noisy"] * 40
    # A rule's target names the group; its message has waited least, and is received first.
    events.put_events(Entries=[{"Source": rule, "DetailType": "t", "Detail": "{}"}])
    seen: list[str] = []

    def arrived() -> bool | None:
        seen.extend(receive())
        return True if "quiet" in seen else None

    assert eventually(arrived)
    assert seen.index("quiet") % 10 == 0
    assert len(seen) <= 20


def lost_messages(cloud: Cloud) -> None:
    """It runs in a process of its own, where the check decides which message is sent when."""
    script, launcher = Path(__file__).with_name("late_message.py"), Path(engine.__file__).with_name("launcher.py")
    command = [str(VENVS / "venv/bin/python"), str(script), str(launcher), ",".join(cloud.off)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    left = json.loads(done.stdout.splitlines()[-1])
    assert left == dict.fromkeys(("delete", "batch", "consumer", "age", "receives"), ["stays", "late"])


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

    def seconds(event: dict[str, Any]) -> float:
        started = time.monotonic()
        cloud.invoke(function, event)
        return time.monotonic() - started

    # Beside one that writes a line, by turns: a machine that is busy makes both of them slow.
    took = [(seconds({}), seconds({"do": "log"})) for _ in range(15)]
    silent, spoken = (min(times) for times in zip(*took, strict=True))
    assert silent < spoken + 0.02, (silent, spoken)


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
    cloud.client("sqs").create_queue(QueueName=unique("q"))
    closed = ("reset", "config", "sqs/messages", "ses/messages", "ready", "lambda-code/f", "nothing")
    for path in (*(f"/_ministack/{name}" for name in closed), "/_localstack/health", "/"):
        for method in ("GET", "POST"):
            status, body = _unsigned(cloud, method, path)
            assert status in (400, 403, 405), f"{method} {path} answered {status}: {body}"
    assert _unsigned(cloud, "GET", "/_ministack/health")[0] == 200


def hosts(cloud: Cloud) -> None:
    port = cloud.engine.port
    for name in ("127.0.0.1", f"127.0.0.1:{port}", f"localhost:{port}", f"a.execute-api.localhost:{port}", "[::1]:80"):
        assert _unsigned(cloud, "GET", "/_ministack/health", name)[0] == 200
    foreign = ("rebound.example.com", f"rebound.example.com:{port}", "127.0.0.1.example.com", "localhost.example.com")
    for name in (*foreign, "evil-localhost", "", "localhost:80@example.com", "127.0.0.1:1:2"):
        status, body = _unsigned(cloud, "GET", "/_ministack/health", name)
        assert status in (400, 421), f"the name {name!r} got {status}: {body}"


def headers(cloud: Cloud) -> None:
    host = f"a.execute-api.localhost:{cloud.engine.port}"
    fits, more = {"X-Much": "x" * 9_000}, {"X-Much": "x" * 9_000, "X-More": "x" * 1_300}
    assert _unsigned(cloud, "GET", "/", host, fits)[0] in (403, 404)
    for path, fields in (("/", more), ("/" + "p" * 2_000, fits), ("/?q=" + "q" * 2_000, fits)):
        assert _unsigned(cloud, "GET", path, host, fields)[0] == 431
    assert _unsigned(cloud, "GET", "/_ministack/health", "localhost", more)[0] == 200


def _unsigned(
    cloud: Cloud, method: str, path: str, host: str = "localhost", more: Mapping[str, str] | None = None
) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", cloud.engine.port, timeout=10)
    connection.putrequest(method, path, skip_host=True)
    connection.putheader("Host", host)
    for name, value in (more or {}).items():
        connection.putheader(name, value)
    connection.putheader("Content-Length", "0")
    connection.endheaders()
    answer = connection.getresponse()
    try:
        return answer.status, answer.read()
    finally:
        connection.close()


def tenancy(cloud: Cloud) -> None:
    subject = cloud.stack(
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
    config = lambdas.get_function_configuration(FunctionName=subject["Function"])
    assert config.get("TenancyConfig", {}).get("TenantIsolationMode") == "PER_TENANT"
    try:
        cloud.invoke(subject["Function"], {})
        raise AssertionError("an invocation without a tenant was answered")
    except ClientError as refused:
        assert "InvalidParameterValueException" in str(refused)
    answers = [cloud.invoke(subject["Function"], {}, TenantId=name)[0] for name in ("a", "b", "a")]
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


def resources(cloud: Cloud) -> None:
    rule, group = unique("rule"), unique("group")
    queues = cloud.client("sqs")
    url = queues.create_queue(QueueName=unique("queue"))["QueueUrl"]
    arn = queues.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    cloud.client("scheduler").create_schedule_group(Name=group)
    place = f"{cloud.engine.region}:{cloud.engine.account_id}"
    allowed = [f"arn:aws:events:{place}:rule/default/{rule}", f"arn:aws:scheduler:{place}:schedule/{group}/*"]
    allowed.append(f"arn:aws:cloudwatch:{place}:alarm:*")
    actions = ["events:*", "scheduler:*", "iam:PassRole", "cloudwatch:DescribeAlarms"]
    acting = cloud.acting(actions, allowed)
    schedule = {"Name": "s", "GroupName": group, "ScheduleExpression": "rate(1 day)"}
    schedule |= {"FlexibleTimeWindow": {"Mode": "OFF"}, "Target": {"Arn": arn, "RoleArn": cloud.role()}}
    try:
        acting("events").put_rule(Name=rule, EventPattern='{"source":["x"]}')
        acting("events").put_targets(Rule=rule, Targets=[{"Id": "q", "Arn": arn}])
        acting("scheduler").create_schedule(**schedule)
        acting("scheduler").delete_schedule(Name="s", GroupName=group)
        acting("cloudwatch").describe_alarms(AlarmNamePrefix="interlock: ")
    except ClientError as refused:
        raise AssertionError("a literal policy was not enough") from refused


def absent_keys(cloud: Cloud) -> None:
    bucket = unique("b")
    cloud.client("s3").create_bucket(Bucket=bucket)
    cloud.client("s3").put_object(Bucket=bucket, Key="mine/there", Body=b"x")
    one, all_keys = f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"
    reader, lister = cloud.acting(["s3:GetObject"], [all_keys])("s3"), cloud.acting(["s3:*"], [one, all_keys])("s3")
    assert reader.get_object(Bucket=bucket, Key="mine/there")["Body"].read() == b"x"
    for call in ("get_object", "head_object"):
        for caller, status in ((reader, 403), (lister, 404), (cloud.client("s3"), 404)):
            with pytest.raises(ClientError) as refused:
                getattr(caller, call)(Bucket=bucket, Key="mine/absent")
            assert refused.value.response.get("ResponseMetadata", {}).get("HTTPStatusCode") == status, call

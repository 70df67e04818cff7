"""What the engine's tests do on AWS: make functions and machines, run them, read what happened."""

from __future__ import annotations

import io
import json
import threading
import time
import uuid
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, cast

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from interlock.local.engine.failure import EngineNotRunning
from interlock.local.engine.process import Engine, EngineSettings, start_engine
from interlock.local.engine.stopping import stop_engine
from tests.support.silent import TOOLS

Found = TypeVar("Found")
VENVS = TOOLS
TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
        ],
    }
)
ALLOW = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})
# One function for all tests: what it does is in its event.
CODE = """
import logging, os, sys, time

def handler(event, context):
    do = event.get("do") if isinstance(event, dict) else None
    if do == "raise":
        raise type(event.get("name", "Boom"), (Exception,), {})("it broke")
    if do == "log":
        logger = logging.getLogger("acme")
        logger.setLevel(logging.INFO)
        logger.info("hello from info")
    if do == "exit":
        os._exit(3)
    if do == "environment":
        return dict(os.environ)
    if do == "tenant":
        return {"tenant": context.tenant_id, "pid": os.getpid()}
    if do == "trace":
        return os.environ.get("_X_AMZN_TRACE_ID")
    if do == "slow":
        time.sleep(event["seconds"])
    if do == "unserializable":
        return object()
    if do == "layer":
        import from_layer
        return from_layer.WORD
    return {"pid": os.getpid(), "event": event}
"""


def zipped(files: dict[str, str]) -> bytes:
    """A zip with these files: the same bytes for the same files, whatever the time is."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, text in files.items():
            archive.writestr(zipfile.ZipInfo(name), text)
    return buffer.getvalue()


def eventually(read: Callable[[], Found | None], deadline_s: float = 8.0) -> Found:
    """What `read` answers once it answers something; a failed test when it never does."""
    deadline = time.monotonic() + deadline_s
    between = threading.Event()
    while time.monotonic() < deadline:
        value = read()
        if value is not None:
            return value
        between.wait(0.01)
    raise AssertionError(f"nothing within {deadline_s} s")


def unique(prefix: str) -> str:
    """A name no other test uses."""
    return f"{prefix}-{uuid.uuid4().hex[:12]}"


@dataclass(frozen=True)
class Cloud:
    """One engine, seen as AWS; `off` names the corrections that it runs without."""

    engine: Engine
    off: tuple[str, ...] = ()

    def client(self, service: str, **overrides: Any) -> Any:
        """A client with the root key, or with what `overrides` says."""
        settings: dict[str, Any] = {
            "endpoint_url": self.engine.endpoint_url,
            "region_name": self.engine.region,
            "aws_access_key_id": self.engine.access_key,
            "aws_secret_access_key": self.engine.secret_key,
            "config": Config(
                retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}, signature_version="v4"
            ),
        }
        return cast(Any, boto3).client(service, **(settings | overrides))

    def role(self) -> str:
        """A role that may do everything; made once."""
        iam = self.client("iam")
        try:
            subject = iam.create_role(RoleName="everything", AssumeRolePolicyDocument=TRUST)
            iam.put_role_policy(RoleName="everything", PolicyName="all", PolicyDocument=ALLOW)
            return subject["Role"]["Arn"]
        except ClientError:
            return iam.get_role(RoleName="everything")["Role"]["Arn"]

    def acting(self, actions: list[str], resources: list[str]) -> Callable[[str], Any]:
        """Clients of a user that may do just this."""
        name = unique("user")
        iam = self.client("iam")
        iam.create_user(UserName=name)
        statement = {"Effect": "Allow", "Action": actions, "Resource": [*resources, self.role()]}
        document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=document)
        key = iam.create_access_key(UserName=name)["AccessKey"]
        fields = {"aws_access_key_id": key["AccessKeyId"], "aws_secret_access_key": key["SecretAccessKey"]}
        return lambda service: self.client(service, **fields)

    def function(self, files: dict[str, str] | None = None, **more: Any) -> str:
        """A function's ARN; its code is `CODE` unless files are given."""
        subject = self.client("lambda").create_function(
            FunctionName=unique("f"),
            Runtime="python3.11",
            Role=self.role(),
            Handler="m.handler",
            Code={"ZipFile": zipped(files or {"m.py": CODE})},
            **({"Timeout": 10} | more),
        )
        return subject["FunctionArn"]

    def invoke(self, arn: str, event: Any, **more: Any) -> tuple[Any, Any]:
        """Invoke and return the payload and the whole answer."""
        answer = self.client("lambda").invoke(FunctionName=arn, Payload=json.dumps(event), **more)
        return json.loads(answer["Payload"].read()), answer

    def start(self, definition: dict[str, Any], data: Any = None, **more: Any) -> str:
        """Start an execution of a new machine and return its ARN."""
        states = self.client("stepfunctions")
        machine = states.create_state_machine(name=unique("m"), definition=json.dumps(definition), roleArn=self.role())[
            "stateMachineArn"
        ]
        started = states.start_execution(stateMachineArn=machine, input=json.dumps(data or {}), **more)
        return started["executionArn"]

    def ended(self, execution: str, deadline_s: float = 8.0) -> dict[str, Any]:
        """The execution once it is over."""
        states = self.client("stepfunctions")

        def over() -> dict[str, Any] | None:
            seen = states.describe_execution(executionArn=execution)
            return None if seen["status"] == "RUNNING" else seen

        return eventually(over, deadline_s)

    def run(self, definition: dict[str, Any], data: Any = None, **more: Any) -> Any:
        """The output of a run that must succeed."""
        seen = self.ended(self.start(definition, data, **more))
        assert seen["status"] == "SUCCEEDED", seen
        return json.loads(seen["output"])

    def history(self, execution: str) -> list[dict[str, Any]]:
        """All events of an execution."""
        return self.client("stepfunctions").get_execution_history(executionArn=execution, maxResults=1000)["events"]

    def stack(self, resources: dict[str, Any]) -> dict[str, str]:
        """Physical ids of the resources of a new stack, by logical id."""
        formation = self.client("cloudformation")
        name = unique("s")
        formation.create_stack(
            StackName=name,
            TemplateBody=json.dumps({"Resources": resources}),
            Capabilities=["CAPABILITY_NAMED_IAM"],
        )

        def settled() -> str | None:
            status = formation.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"]
            return None if status.endswith("IN_PROGRESS") else status

        status = eventually(settled)
        assert status == "CREATE_COMPLETE", status
        listed = formation.describe_stack_resources(StackName=name)["StackResources"]
        return {entry["LogicalResourceId"]: entry["PhysicalResourceId"] for entry in listed}


def task(resource: str, **more: Any) -> dict[str, Any]:
    """A Task that ends its machine unless told otherwise."""
    return {"Type": "Task", "Resource": resource} | ({} if "Next" in more else {"End": True}) | more


def single(state: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A machine of one state named Only."""
    return {"StartAt": "Only", "States": {"Only": state}} | more


def running(state_dir: Path, off: tuple[str, ...] = ()) -> Iterator[Cloud]:
    """An engine without some corrections, which is stopped at the end."""
    settings = EngineSettings(state_dir=state_dir, port=0, venv_root=VENVS, corrections_off=off)
    yield Cloud(start_engine(settings), off)
    try:
        stop_engine(state_dir)
    except EngineNotRunning:
        return

"""A traced function, in a process of its own as in Lambda: what it sends to the X-Ray daemon."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from typing import Any

TRACE = "1-5759e988-bd862e3fe1be46a994272793"
CODE = """
from types import SimpleNamespace
from moto import mock_aws
from functions.telemetry import observed
from functions.tracing import traced
from interlock.aws.clients import client

@traced
@observed
def handler(event, context):
    client("dynamodb").list_tables()
    if event["fail"]:
        raise ValueError("it broke")
    return {"secret": "of a tenant"}

with mock_aws():
    for fail in (False, True):
        try:
            handler({"fail": fail}, SimpleNamespace(function_name="api", aws_request_id="r"))
        except ValueError:
            pass
"""


def sent(count: int) -> list[dict[str, Any]]:
    """The documents that the process sends to a daemon of ours."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as daemon:
        daemon.bind(("127.0.0.1", 0))
        daemon.settimeout(20)
        environment = os.environ | {
            "AWS_LAMBDA_FUNCTION_NAME": "interlock-api",
            "LAMBDA_TASK_ROOT": "/var/task",
            "AWS_XRAY_DAEMON_ADDRESS": f"127.0.0.1:{daemon.getsockname()[1]}",
            "_X_AMZN_TRACE_ID": f"Root={TRACE};Parent=53995c3f42cd8ad8;Sampled=1",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_REGION": "us-east-1",
        }
        subprocess.run([sys.executable, "-W", "ignore", "-c", CODE], env=environment, check=True, timeout=60)
        return [json.loads(daemon.recv(65536).split(b"\n", 1)[1]) for _ in range(count)]


def test_a_traced_function_sends_its_calls_and_no_answer() -> None:
    call, good, _, bad = sent(4)
    assert (good["trace_id"], good["parent_id"]) == (TRACE, "53995c3f42cd8ad8")
    assert good["annotations"] == {"ColdStart": True, "Service": "interlock-api"}
    assert (call["parent_id"], call["name"], call["aws"]["operation"]) == (good["id"], "dynamodb", "ListTables")
    assert "of a tenant" not in json.dumps([call, good])
    assert bad["fault"] is True
    assert bad["cause"]["exceptions"][0]["message"] == "it broke"

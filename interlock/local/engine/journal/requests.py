"""Which service's configuration a request may have changed."""

from __future__ import annotations

import re
from typing import Any

_SCOPE = re.compile(r"Credential=[^/]+/[0-9]+/[^/]+/([^/]+)/aws4_request")
_ACTION = re.compile(rb"(?:^|&)Action=([A-Za-z]+)")
_READS = ("Get", "List", "Describe", "BatchGet", "Query", "Scan", "TransactGet", "Search", "Head", "Lookup")
SERVICES = {
    "dynamodb": "dynamodb",
    "sqs": "sqs",
    "states": "stepfunctions",
    "events": "eventbridge",
    "scheduler": "scheduler",
    "cognito-idp": "cognito",
    "secretsmanager": "secretsmanager",
    "ssm": "ssm",
    "kms": "kms",
    "iam": "iam",
    "lambda": "lambda",
    "cloudformation": "cloudformation",
    "apigateway": "apigateway",
    "sns": "sns",
    "pipes": "pipes",
    "s3": "s3",
    "monitoring": "cloudwatch",
    "logs": "cloudwatch_logs",
}
"""The name of a service's state by the name in a signature."""
_OFTEN = frozenset(
    (
        *("PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems"),
        *("SendMessage", "SendMessageBatch", "ReceiveMessage", "DeleteMessage", "DeleteMessageBatch"),
        *("ChangeMessageVisibility", "ChangeMessageVisibilityBatch"),
        *("StartExecution", "SendTaskSuccess", "SendTaskFailure", "SendTaskHeartbeat", "StopExecution"),
        *("PutEvents", "Publish", "PublishBatch", "Encrypt", "Decrypt", "GenerateDataKey", "Sign", "Verify"),
        *("PutLogEvents", "PutMetricData", "StartQuery", "StopQuery", "FilterLogEvents"),
    )
)
"""Actions that are written where they change something, or change no configuration."""


def asks_for_stack(body: bytes) -> bool:
    """Whether a request to CloudFormation wants a stack made, changed or deleted."""
    action = _ACTION.search(body[:4096])
    return action is not None and not action.group(1).decode().startswith(_READS)


def changed_by(method: str, path: str, headers: dict[str, Any], body: bytes) -> str:
    """The name of the state that a request may have changed; empty where it changed none."""
    scope = _SCOPE.search(str(headers.get("authorization", "")))
    service = SERVICES.get(scope.group(1)) if scope else None
    if service is None:
        return ""
    named = str(headers.get("x-amz-target", "")).rpartition(".")[2]
    if not named and service not in ("lambda", "s3", "scheduler", "pipes", "apigateway"):
        in_body = _ACTION.search(body[:4096])
        named = in_body.group(1).decode() if in_body else ""
    if service == "cloudformation":
        # A stack changes in the background: whoever asks whether it is ready relies on what it made.
        return service
    if named:
        return "" if named in _OFTEN or named.startswith(_READS) else service
    if method in ("GET", "HEAD") or "/invocations" in path or "/invoke-async" in path:
        return ""
    if service == "s3" and path.strip("/").count("/"):
        return ""
    return service

"""AWS: a function that comes round for the seventeenth time in one chain of calls and messages is not called.

The SDK in a function sends its chain on with each call, and SQS carries it to the function that gets the message. The
message that would call once more stays on the queue, until its redrive policy moves it.
Source: https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html

The emulator: counts how long a chain of Invokes is, whichever functions are in it, and forgets it at a queue.
"""

from __future__ import annotations

from .edit import Correction, Edit

_LAMBDA = "ministack.services.lambda_svc"
_SQS = "ministack.services.sqs"
_CLOUDFORMATION = "ministack.services.cloudformation.provisioners"

LINEAGE = Correction(
    name="lineage",
    aws="a loop through a queue is stopped after 16 rounds of a function, unless it allows loops",
    emulator="it never ends; and a long chain of different functions is taken for one",
    edits=(
        Edit(
            _LAMBDA,
            """def _inbound_invoke_depth(headers: dict) -> int:
""",
            """def _lineage_of(text) -> dict:
    pairs = (part.rpartition("=") for part in str(text or "").split(","))
    return {name: int(count) for name, _, count in pairs if name and count.isdecimal()}


def _lineage_text(lineage: dict) -> str:
    return ",".join(f"{name}={count}" for name, count in lineage.items())


def _lineage_through(text, name: str) -> dict:
    lineage = _lineage_of(text)
    return lineage | {name: lineage.get(name, 0) + 1}


def _lineage_of_batch(func_rec: dict, name: str, batch: list, event: dict) -> bool:
    \"\"\"Leave messages that came round too often out of an event; whether any are left.\"\"\"
    allowed = (func_rec.get("recursive_loop") or "Terminate") == "Allow"
    name = name.rsplit(":", 1)[-1]
    whole: dict = {}
    for message in list(batch):
        mine = _lineage_through(message.get("lineage"), name)
        if mine[name] > MAX_INVOKE_DEPTH and not allowed:
            batch.remove(message)
            event["Records"] = [row for row in event["Records"] if row["messageId"] != message["id"]]
            continue
        for one, count in mine.items():
            whole[one] = max(whole.get(one, 0), count)
    _invoke_depth.set(_lineage_text(whole))
    return bool(event["Records"])


def _inbound_invoke_depth(headers: dict) -> int:
""",
        ),
        Edit(
            _LAMBDA,
            """    depth = _inbound_invoke_depth(headers) + 1
    dropped = _recursive_loop_drop(name, func, depth)
    if dropped is not None:
        return dropped
    _invoke_depth.set(depth)
""",
            """    lineage = _lineage_through(headers.get(_INVOKE_DEPTH_HEADER), name)
    dropped = _recursive_loop_drop(name, func, lineage[name])
    if dropped is not None:
        return dropped
    _invoke_depth.set(_lineage_text(lineage))
""",
        ),
        Edit(
            _LAMBDA,
            """    esm_id = esm["UUID"]
    func_name = esm["FunctionName"]
    result = _execute_function(func_rec, event)

    if result.get("error"):
        err_body = result.get("body") or {}
        err_type = err_body.get("errorType") if isinstance(err_body, dict) else None
        err_msg = err_body.get("errorMessage") if isinstance(err_body, dict) else None
        esm["LastProcessingResult"] = "FAILED"
        logger.warning(
            "ESM: Lambda %s failed processing SQS batch from %s""",
            """    esm_id = esm["UUID"]
    func_name = esm["FunctionName"]
    if not _lineage_of_batch(func_rec, func_name, batch, event):
        esm["LastProcessingResult"] = "FAILED"
        return
    result = _execute_function(func_rec, event)

    if result.get("error"):
        err_body = result.get("body") or {}
        err_type = err_body.get("errorType") if isinstance(err_body, dict) else None
        err_msg = err_body.get("errorMessage") if isinstance(err_body, dict) else None
        esm["LastProcessingResult"] = "FAILED"
        logger.warning(
            "ESM: Lambda %s failed processing SQS batch from %s""",
        ),
        Edit(
            _CLOUDFORMATION,
            """    replaced = name in _lambda_svc._functions
    _lambda_svc._functions[name] = func
""",
            """    func["recursive_loop"] = props.get("RecursiveLoop") or "Terminate"
    replaced = name in _lambda_svc._functions
    _lambda_svc._functions[name] = func
""",
        ),
        Edit(
            _CLOUDFORMATION,
            """        raise ValueError(f"AWS::Lambda::Function configuration update failed: {resp[2]!r}")
""",
            """        raise ValueError(f"AWS::Lambda::Function configuration update failed: {resp[2]!r}")
    func["recursive_loop"] = new_props.get("RecursiveLoop") or "Terminate"
""",
        ),
        Edit(
            _SQS,
            """    _request_host.set(headers.get("host", ""))
    from ministack.core.iam_evaluator import pin_request_caller
""",
            """    _request_host.set(headers.get("host", ""))
    from ministack.core.lambda_runtime import INVOKE_DEPTH_HEADER
    _request_lineage.set(headers.get(INVOKE_DEPTH_HEADER.lower(), ""))
    from ministack.core.iam_evaluator import pin_request_caller
""",
        ),
        Edit(
            _SQS,
            """async def handle_request(method: str, path: str, headers: dict,
                         body: bytes, query_params: dict) -> tuple:
""",
            """_request_lineage: contextvars.ContextVar = contextvars.ContextVar("interlock_lineage", default="")


async def handle_request(method: str, path: str, headers: dict,
                         body: bytes, query_params: dict) -> tuple:
""",
        ),
        Edit(
            _SQS,
            """        "sys": _build_send_sys_attrs(now, sys_attrs),
""",
            """        "sys": _build_send_sys_attrs(now, sys_attrs),
        "lineage": _request_lineage.get(),
""",
        ),
    ),
)

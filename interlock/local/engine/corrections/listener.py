"""AWS answers nobody who does not sign, but where an operation is public. The engine's door is as narrow.

Any web page open in a browser and any function can reach a port of this machine: a page by its own name, whose address
it changes to loopback (DNS rebinding), so the engine answers to names of loopback only.
"""

from __future__ import annotations

from .edit import Correction, Edit

_APP = "ministack.app"

ADMIN = Correction(
    name="admin",
    aws="has no unauthenticated way to read, wipe or reconfigure an account",
    emulator="/_ministack/ shows the messages of every queue and the code of functions, wipes and changes, unasked",
    edits=(
        Edit(
            _APP,
            """    request_id = str(uuid.uuid4())

    # If a /_ministack/reset is in flight""",
            """    request_id = str(uuid.uuid4())
    # CloudFormation's answers come here: their last part is a secret, as a presigned URL's is on AWS.
    if path.startswith(("/_ministack/", "/_localstack/")) and not (
        path == "/_ministack/health" or path.startswith(("/_ministack/cfn-response/", "/_ministack/cfn-signal/"))
    ):
        await _send_response(
            send, 403, {"Content-Type": "application/json"}, b'{"message": "The local engine keeps this closed."}')
        return

    # If a /_ministack/reset is in flight""",
        ),
        Edit(
            "ministack.services.s3",
            """        return _list_buckets(query_params, _signed_region(headers, query_params))
""",
            """        from ministack.core import iam_evaluator
        if iam_evaluator._anonymous.get():
            return _error("AccessDenied", "Access Denied", 403)
        return _list_buckets(query_params, _signed_region(headers, query_params))
""",
        ),
    ),
)

HOSTS = Correction(
    name="hosts",
    aws="an endpoint is reached by its own names",
    emulator="it answers whatever name a request calls it by",
    edits=(
        Edit(
            _APP,
            """    if scope["type"] == "lifespan":
        await _handle_lifespan(scope, receive, send)
        return
""",
            """    if scope["type"] == "lifespan":
        await _handle_lifespan(scope, receive, send)
        return
    _names = [value.decode("latin-1") for name, value in scope.get("headers", []) if name.lower() == b"host"]
    _host = re.sub(r":[0-9]+$", "", _names[0].strip().lower()) if len(_names) == 1 else ""
    if _host not in ("127.0.0.1", "localhost", "[::1]") and not _host.endswith(".localhost"):
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            await _send_response(send, 421, {"Content-Type": "application/json"},
                                 b'{"message": "The local engine answers to names of loopback only."}')
        return
""",
        ),
    ),
)

HEADERS = Correction(
    name="headers",
    aws="a call of an HTTP API has 10,240 bytes of request line and headers at most: "
    "https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html",
    emulator="it takes what the server takes, 64 KiB for each",
    edits=(
        Edit(
            _APP,
            """    method = scope["method"]
    path = scope["path"]
    query_string = scope.get("query_string", b"").decode("utf-8")
""",
            """    method = scope["method"]
    path = scope["path"]
    if b".execute-api." in dict(scope.get("headers", [])).get(b"host", b""):
        _line = len(method) + len(scope.get("raw_path") or path.encode()) + len(scope.get("query_string", b""))
        if _line + sum(len(name) + len(value) for name, value in scope.get("headers", [])) > 10_240:
            await _send_response(send, 431, {"Content-Type": "application/json"},
                                 b'{"message": "Request Header Fields Too Large"}')
            return
    query_string = scope.get("query_string", b"").decode("utf-8")
""",
        ),
    ),
)

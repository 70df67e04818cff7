"""HTTP in a golden test: each call is answered by the test's file, and none leaves the sandbox."""

import json
import threading
from collections.abc import Sequence

from interlock.contract.core.failure import GateError, GateFailure
from interlock.contract.egress import Target
from interlock.contract.stand_in import HttpStandIn, take_answer
from interlock.sdk.http import HttpRequest, HttpResponse, Transport


def answering(stand_ins: Sequence[HttpStandIn]) -> Transport:
    """A transport that answers from the stand-ins: those that fit a call in their order, the last of them again."""
    left, lock = list(stand_ins), threading.Lock()

    def send(request: HttpRequest, target: Target) -> HttpResponse:
        with lock:
            row = take_answer(left, request.method, request.url)
        if row is not None:
            return _response(row)
        raise GateFailure(
            GateError.DENIED,
            f"the golden test has no answer for {request.method} {request.url}",
            where="ctx.http",
            next_step="Add the call to the `http` file of the test.",
        )

    return send


def _response(row: HttpStandIn) -> HttpResponse:
    text = isinstance(row.body, str)
    kind = "text/plain" if text else "application/json"
    headers = {"content-type": kind} | {name.lower(): value for name, value in row.headers.items()}
    body = b"" if row.body is None else str(row.body).encode() if text else json.dumps(row.body).encode()
    return HttpResponse(row.status, headers, body)

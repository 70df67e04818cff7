"""What the platform's own steps do, as steps on the SDK: recorded, replayed and captured as a publisher's are.

They run in a function of their own that has no rights but its log, with the session of the install and nothing else;
calls go to public addresses only, each hop at the very address that was checked (ADR 0014).
"""

import json
import re
from typing import Any

from interlock.contract.address import is_public
from interlock.contract.approval import Ask
from interlock.contract.core.base import Json
from interlock.contract.core.failure import (
    GateError,
    GateFailure,
    PermanentError,
    RetryableError,
    TooLarge,
    Unavailable,
)
from interlock.contract.egress import Target
from interlock.contract.envelope import Session, StepAnswer, StepRequest
from interlock.contract.platform_step import (
    APPROVE,
    EMIT,
    HTTP,
    MAX_HTTP_ANSWER_BYTES,
    MAX_HTTP_BODY_BYTES,
    SECRET_PATTERN,
    Approved,
    EmitStep,
    Emitted,
    HttpStep,
    HttpStepAnswer,
    HttpStepError,
)
from interlock.sdk.backend import AwsBackend
from interlock.sdk.context import Context
from interlock.sdk.http import HttpRequest, HttpResponse, send
from interlock.sdk.runtime import NoSession, run
from interlock.sdk.step import StepSpec

AGAIN = frozenset({408, 425, 429})
_SECRET = re.compile(SECRET_PATTERN)


def emit(value: EmitStep, ctx: Context) -> Emitted:
    """Emit an event of the app on the tenant's bus."""
    return Emitted(id=ctx.emit(value.name, value.data))


def http(value: HttpStep, ctx: Context) -> HttpStepAnswer:
    """Call a URL of the declared egress.

    Raises:
        RetryableError: `Interlock.HttpError`: no answer, or a status that may be another one later.
        PermanentError: `Interlock.HttpRefused`: another status that is no success.
        GateFailure: the host is not declared, or leads to an address that is not public; or too much came back.
    """
    body = _body(value)
    headers = {name: _with_secret(text, ctx) for name, text in value.headers.items()}
    if value.body is not None and not isinstance(value.body, str):
        headers = {"Content-Type": "application/json"} | headers
    try:
        answer = ctx.http.request(value.method, value.url, headers=headers, body=body, timeout=value.timeout)
    except Unavailable as error:
        raise RetryableError(error.what, name=HttpStepError.FAILED.value) from error
    except TooLarge as error:
        raise GateFailure(GateError.TOO_LARGE, error.what) from error
    if len(answer.body) > MAX_HTTP_ANSWER_BYTES:
        raise GateFailure(
            GateError.TOO_LARGE,
            f"the answer has {len(answer.body)} bytes, and may have {MAX_HTTP_ANSWER_BYTES}",
            next_step="Request a smaller answer.",
        )
    if value.expect == "success" and not answer.ok:
        what = f"{value.method} was answered with {answer.status}"
        if answer.status in AGAIN or answer.status >= 500:
            raise RetryableError(what, name=HttpStepError.FAILED.value)
        raise PermanentError(what, name=HttpStepError.REFUSED.value)
    return HttpStepAnswer(status=answer.status, headers=dict(answer.headers), body=_shown(answer))


def approve(value: Ask, ctx: Context) -> Approved:
    """Never called: the gate asks people itself (`control.ask_run`). Its types say what fits."""
    raise PermanentError(f"{value.question!r} must be answered by a person, not by a function", where=ctx.run)


STEPS = {EMIT: StepSpec(emit), HTTP: StepSpec(http), APPROVE: StepSpec(approve)}


class Guarded(AwsBackend):
    """The backend of a session that connects to public addresses only, and to nobody in a dry run."""

    def __init__(self, session: Session, *, loopback: bool, dry: bool) -> None:
        """Keep the session."""
        super().__init__(session)
        self._loopback = loopback
        self._dry = dry

    def send(self, request: HttpRequest, target: Target) -> HttpResponse:
        """One call to a checked target.

        Raises:
            GateFailure: `Interlock.Denied`.
        """
        if self._dry:
            raise GateFailure(GateError.DENIED, f"a dry run does not call {target.host}", where="platform.http")
        return send(request, target, lambda address: not is_public(address, loopback=self._loopback))


def perform(request: StepRequest, *, loopback: bool = False) -> StepAnswer:
    """Run one attempt of a platform step.

    Args:
        request: what the gate asks.
        loopback: whether loopback addresses may be called (the local platform).
    """
    session = request.session
    backend: Any = Guarded(session, loopback=loopback, dry=request.dry) if session else NoSession()
    return run(request, STEPS[request.handler], backend)


def _body(value: HttpStep) -> str:
    body = "" if value.body is None else value.body if isinstance(value.body, str) else json.dumps(value.body)
    if len(body.encode()) > MAX_HTTP_BODY_BYTES:
        raise GateFailure(
            GateError.BAD_INPUT, f"the body has more than {MAX_HTTP_BODY_BYTES} bytes", next_step="Send a smaller body."
        )
    return body


def _with_secret(text: str, ctx: Context) -> str:
    match = _SECRET.search(text)
    return text[: match.start(1) - len("secret:")] + ctx.secrets[match.group(1)] if match else text


def _shown(answer: HttpResponse) -> Json:
    try:
        return json.loads(answer.body) if answer.body else None
    except ValueError:
        return answer.text

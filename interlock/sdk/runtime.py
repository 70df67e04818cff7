"""The Lambda entry point of every step function: `interlock.sdk.runtime.handler`.

It answers a `StepAnswer` as JSON for a success and for a failure, and never raises.
"""

import importlib
import os
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from interlock.contract.core.base import Json, moment
from interlock.contract.core.failure import GateError, GateFailure, PermanentError
from interlock.contract.core.limits import LAMBDA_PAYLOAD_BYTES, SUMMARY_CHARS
from interlock.contract.envelope import Effect, Session, StepAnswer, StepError, StepRequest, Timing
from interlock.contract.own_code import VENDOR
from interlock.contract.run_title import one_line
from interlock.contract.sensitive import sensitive_values
from interlock.sdk.backend import Backend, backend_for, scrub_values
from interlock.sdk.context import Context
from interlock.sdk.errors import describe
from interlock.sdk.exposed import KnownSecrets, secrets_of
from interlock.sdk.http import Transport
from interlock.sdk.journal import Journal, digested
from interlock.sdk.log import Log, bound, install_formatter
from interlock.sdk.model import Converse
from interlock.sdk.model import answering as answering_model
from interlock.sdk.printed import printed
from interlock.sdk.redact import Redactor
from interlock.sdk.step import StepSpec, spec_of
from interlock.sdk.strict import bad_output, dumps

_steps: dict[str, StepSpec] = {}
_warm = False


class NoSession:
    """Stands in where the gate vended no session: every effect is refused."""

    def __getattr__(self, name: str) -> Callable[..., Any]:
        """A method that refuses, by `Interlock.Denied`, when it is called."""

        def refuse(*_given: Any, **_named: Any) -> Any:
            raise GateFailure(
                GateError.DENIED,
                f"this attempt has no session, so it can't do {name}",
                where="ctx",
                next_step="Retry the step.",
            )

        return refuse


def handler(event: Json, _lambda_context: object) -> Json:
    """Run the step that a `StepRequest` names; a `StepAnswer` as JSON."""
    started = datetime.now(UTC)
    clock = time.perf_counter()
    install_formatter()
    use_vendored()
    try:
        request = StepRequest.model_validate(event)
    except ValidationError as error:
        failure = GateFailure(
            GateError.BAD_INPUT, f"the message is not a StepRequest: it has {error.error_count()} errors"
        )
        answer = StepAnswer(error=describe(failure, Redactor()), timing=_timing(started, clock))
        return answer.model_dump(mode="json")
    backend: Any = backend_for(request.session) if request.session else NoSession()
    with printed():
        info = request.context
        return answer_json(run(request, None, backend, secrets_of(info.tenant, info.install)))


def use_vendored() -> None:
    """Put the bundle's dependencies on the path: behind its own code and Python's library, before the platform's.

    Once a process. A dependency that the bundle pins is the one that runs, unless the SDK has imported it already.
    """
    root = os.environ.get("LAMBDA_TASK_ROOT", "")
    folder = str(Path(root) / VENDOR) if root else ""
    if not folder or folder in sys.path:
        return
    at = sys.path.index(root) + 1 if root in sys.path else 0
    # Lambda puts its layers before Python's library, which a dependency must not stand in for.
    library = str(Path(os.__file__).parent)
    own_library = [path for path in sys.path if path in (library, str(Path(library) / "lib-dynload"))]
    sys.path[at:at] = [*own_library, folder]


def run(
    request: StepRequest, spec: StepSpec | None, backend: Backend, secrets: KnownSecrets | None = None
) -> StepAnswer:
    """Run one attempt of a step.

    Args:
        request: what the gate asks.
        spec: the step; None imports what `request.handler` names.
        backend: does the effects.
        secrets: what this process knows of the install's secrets; nothing by default.
    """
    started = datetime.now(UTC)
    clock = time.perf_counter()
    redactor = Redactor()
    for value in _secret_values(request.session):
        redactor.learn(value)
    journal = Journal(redactor, dry=request.dry, recorded=request.journal, secrets=secrets)
    output: Json = None
    failure: StepError | None = None
    step_spec: StepSpec | None = spec
    arguments: list[Any] = []
    keys: dict[str, Any] = {"dry": True, "run": request.run or request.context.run} if request.dry else {}
    with bound(request.context, redactor, keys):
        try:
            step_spec = spec or load(request.handler)
            learn(redactor, request, step_spec)
            if request.check:
                step_spec.check(request.check, request.input)
            else:
                context = Context(request.context, backend, journal, _transport(request), _converse(request))
                output = step_spec.call(request.input, context, arguments)
        # A step that calls sys.exit() must not take the process, and with it the answer, along.
        except BaseException as error:
            failure = describe(error, redactor, arguments)
        sensitive = step_spec.sensitive if step_spec is not None else ()
        if failure is not None:
            Log().error("step failed", error=failure.name, text=failure.message)
        if journal.dropped:
            Log().warning("effects past the journal's limit are not recorded", dropped=journal.dropped)
    return StepAnswer(
        output=output,
        error=failure,
        summary=one_line(redactor.text(journal.summary), SUMMARY_CHARS),
        effects=journal.effects,
        sensitive=sensitive,
        timing=_timing(started, clock),
    )


def _transport(request: StepRequest) -> Transport | None:
    if request.http is None:
        return None
    from interlock.sdk.stand_in import answering

    return answering(request.http)


def _converse(request: StepRequest) -> Converse | None:
    return None if request.model is None else answering_model(request.model)


def learn(redactor: Redactor, request: StepRequest, spec: StepSpec) -> None:
    """Learn what of a step's input and configuration must not show: by its types, by rules, and by names."""
    config = dict(request.context.config)
    for path, value in ((("input",), request.input), (("config",), config)):
        for text in sensitive_values(value, request.redact, spec.sensitive, path):
            redactor.learn(text)


def load(name: str) -> StepSpec:
    """Import `package.module:function`, once a process.

    Raises:
        PermanentError: there is no such function.
        Exception: whatever its module raises when it is imported.
    """
    if name not in _steps:
        module, _, function = name.partition(":")
        loaded = getattr(importlib.import_module(module), function, None)
        if loaded is None:
            raise PermanentError(
                f"module {module} has no function {function}", where=name, name="Runtime.HandlerNotFound"
            )
        _steps[name] = spec_of(loaded)
    return _steps[name]


def answer_json(answer: StepAnswer) -> Json:
    """The answer as JSON of at most 6 MB: results of effects go first, then the output is refused."""
    for effects in (answer.effects, _shells(answer.effects), ()):
        row = answer.model_copy(update={"effects": effects}).model_dump(mode="json")
        try:
            size = len(dumps(row).encode())
        except (ValueError, TypeError):
            continue
        if size <= LAMBDA_PAYLOAD_BYTES:
            return row
    error = describe(bad_output("with its record it is more than 6 MB of JSON"), Redactor())
    return StepAnswer(error=error, effects=_shells(answer.effects), timing=answer.timing).model_dump(mode="json")


def _shells(effects: tuple[Effect, ...]) -> tuple[Effect, ...]:
    return tuple(
        effect.model_copy(update={"request": digested(effect.request), "result": digested(effect.result)})
        for effect in effects
    )


def _secret_values(session: Session | None) -> tuple[str, ...]:
    return tuple(value for value in scrub_values(session) if value)


def _timing(started: datetime, clock: float) -> Timing:
    global _warm
    cold, _warm = not _warm, True
    return Timing(
        started=moment(started),
        duration_ms=round((time.perf_counter() - clock) * 1000, 3),
        cold=cold,
        max_memory_mb=_memory_mb(),
    )


def _memory_mb() -> int | None:
    """The process's peak; Linux counts KiB, macOS bytes, and Windows does not say."""
    if sys.platform == "win32":
        return None
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak // (1024 * 1024 if sys.platform == "darwin" else 1024)

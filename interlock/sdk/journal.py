"""The effects journal: every call that a step makes through its context passes here once.

In a dry run, reads are answered from the record of an earlier attempt, and writes are captured instead of done. A call
of a language model is answered from the record in every run: it was paid for.
"""

import hashlib
import json
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal, cast

from interlock.contract.core.base import Json
from interlock.contract.core.failure import BY_STATUS, Failure, PermanentError
from interlock.contract.core.limits import EFFECTS_BYTES
from interlock.contract.envelope import Effect
from interlock.sdk.exposed import KnownSecrets
from interlock.sdk.redact import PLACEHOLDER, Redactor

Kind = Literal["catalog", "emit", "state", "secret", "http", "model"]
SHELL_BYTES = 160
"""What an effect weighs besides request, result and error."""
_FAILURES: Mapping[str, type[Failure]] = {kind.__name__: kind for kind in BY_STATUS.values()}


def canonical(value: Json) -> str:
    """The one text of a JSON value: sorted keys, no spaces."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)


def digested(value: Json) -> dict[str, Any]:
    """What stands for a value that is too large to keep: `{"$sha256": hex, "$bytes": int}`."""
    text = canonical(value).encode("utf-8", "surrogatepass")
    return {"$sha256": hashlib.sha256(text).hexdigest(), "$bytes": len(text)}


def is_digest(value: Json) -> bool:
    """Whether `digested` wrote it."""
    return isinstance(value, dict) and set(cast(dict[str, Any], value)) == {"$sha256", "$bytes"}


def _key(effect: Effect) -> tuple[str, str, str]:
    request = effect.request if is_digest(effect.request) else digested(effect.request)
    return effect.kind, effect.op, str(request["$sha256"])


def _raise_recorded(error: str) -> None:
    name, _, message = error.partition(": ")
    kind = _FAILURES.get(name)
    raise kind(message) if kind else PermanentError(message or error, name=name)


class Journal:
    """Records effects in order; safe to use from the threads of one step.

    Args:
        redactor: knows the secrets of the step.
        dry: capture writes, answer reads from `recorded` where it has them.
        recorded: the effects of the attempt that is replayed; equal ones are claimed one by one, in order. What is not
            dry claims calls of a language model alone.
        limit: bytes of JSON to keep; past it, requests and results are kept as digest and size.
        secrets: what the process knows of the install's secrets already.
    """

    def __init__(
        self,
        redactor: Redactor,
        *,
        dry: bool = False,
        recorded: Iterable[Effect] = (),
        limit: int = EFFECTS_BYTES,
        secrets: KnownSecrets | None = None,
    ) -> None:
        """Start with no effect."""
        self.redactor = redactor
        self.secrets = KnownSecrets() if secrets is None else secrets
        for value in self.secrets.values:
            redactor.learn_secret(value)
        self.dry = dry
        self.summary = ""
        self.dropped = 0
        self._limit = limit
        self._bytes = 0
        self._effects: list[Effect] = []
        self._lock = threading.Lock()
        self._unclaimed: dict[tuple[str, str, str], deque[Effect]] = {}
        for effect in sorted(recorded, key=lambda row: row.seq):
            self._unclaimed.setdefault(_key(effect), deque()).append(effect)

    @property
    def effects(self) -> tuple[Effect, ...]:
        """What was recorded so far, in order."""
        with self._lock:
            return tuple(self._effects)

    def read(self, kind: Kind, op: str, request: Json, do: Callable[[], Json]) -> Json:
        """Do a read, or answer it from the record in a dry run.

        Raises:
            Exception: whatever `do` raises, after it was recorded.
        """
        return self._pass(kind, op, request, do, None)

    def write(self, kind: Kind, op: str, request: Json, do: Callable[[], Json], captured: Json = None) -> Json:
        """Do a write; a dry run does not, and answers what was recorded or else `captured`.

        Raises:
            GateFailure: `Interlock.SecretInOutput`: what would outlive the step in the platform holds a known secret.
            Exception: whatever `do` raises, after it was recorded.
        """
        # A secret is for calls to others: HTTP may carry it.
        if kind != "http":
            self.secrets.refuse("ctx.emit" if kind == "emit" else f"ctx.{kind}.{op}", request)
        return self._pass(kind, op, request, do, (captured,))

    def secret(self, name: str, do: Callable[[], str | None]) -> str | None:
        """Read a secret: its value is redacted from now on, and the record holds a placeholder."""
        started = time.perf_counter()
        try:
            value = do()
        except Exception as error:
            self._record("secret", "get", {"name": name}, None, _error_text(error), started, True)
            raise
        if value is not None:
            self.redactor.learn_secret(value)
            self.secrets.learn(name, value)
        self._record("secret", "get", {"name": name}, PLACEHOLDER if value is not None else None, "", started, True)
        return value

    def _pass(self, kind: Kind, op: str, request: Json, do: Callable[[], Json], captured: tuple[Json] | None) -> Json:
        by_name = kind == "http"
        shown = self.redactor.data(request, by_name=by_name)
        started = time.perf_counter()
        recorded = self._claim(kind, op, shown) if self.dry or kind == "model" else None
        if recorded is not None:
            self._record(kind, op, shown, recorded.result, recorded.error, started, False)
            if recorded.error:
                _raise_recorded(recorded.error)
            return recorded.result
        if self.dry and captured is not None:
            self._record(kind, op, shown, captured[0], "", started, False)
            return captured[0]
        try:
            result = do()
        except Exception as error:
            self._record(kind, op, shown, None, _error_text(error), started, True)
            raise
        self._record(kind, op, shown, self.redactor.data(result, by_name=by_name), "", started, True)
        return result

    def _claim(self, kind: Kind, op: str, request: Json) -> Effect | None:
        """The oldest equal record not yet claimed; one whose result was too large to keep can't answer."""
        with self._lock:
            queue = self._unclaimed.get((kind, op, str(digested(request)["$sha256"])))
            effect = queue.popleft() if queue else None
        return None if effect is None or is_digest(effect.result) else effect

    def _record(
        self, kind: Kind, op: str, request: Json, result: Json, error: str, started: float, performed: bool
    ) -> None:
        duration = round((time.perf_counter() - started) * 1000, 3)
        error = self.redactor.text(error)
        weights = [len(canonical(value)) for value in (request, result)]
        with self._lock:
            room = self._limit - self._bytes - SHELL_BYTES - len(error)
            if sum(weights) > room:
                # The request goes first if it is the larger part: a result can answer a dry run, a digest can't.
                request = digested(request) if weights[0] > room // 2 else request
                result = digested(result) if weights[1] > SHELL_BYTES else result
                weights = [len(canonical(value)) for value in (request, result)]
            if self._bytes > 2 * self._limit:
                self.dropped += 1
                return
            self._bytes += sum(weights) + len(error) + SHELL_BYTES
            self._effects.append(
                Effect(
                    seq=len(self._effects),
                    kind=kind,
                    op=op,
                    request=request,
                    result=result,
                    error=error,
                    duration_ms=duration,
                    performed=performed,
                )
            )


def _error_text(error: Exception) -> str:
    return f"{getattr(error, 'name', None) or type(error).__name__}: {error}"

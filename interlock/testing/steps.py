"""`run_step`: one attempt of a step, as the platform runs it, against a backend in memory."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from interlock.contract.catalog import Asset, AssetChange
from interlock.contract.core.base import Json
from interlock.contract.envelope import Effect, StepAnswer, StepContext, StepError, StepRequest, Trigger
from interlock.sdk.journal import digested
from interlock.sdk.runtime import run
from interlock.sdk.step import spec_of
from interlock.testing.memory import Answer, Emitted, MemoryBackend, ModelReply


@dataclass(frozen=True)
class StepRun:
    """What one attempt did.

    Attributes:
        answer: what the gate would get.
        backend: the tenant after it; hand it to the next step's `run_step`.
        emitted: the events that it emitted.
        changes: what its catalog writes did, in order, unchanged ones too.
    """

    answer: StepAnswer
    backend: MemoryBackend
    emitted: tuple[Emitted, ...]
    changes: tuple[AssetChange, ...]

    @property
    def output(self) -> Json:
        """What the step answered, as JSON.

        Raises:
            AssertionError: it failed; the text has the error and where.
        """
        if self.error is not None:
            last = self.error.own_frame
            where = f" at {last.file}:{last.line} in {last.function}" if last else ""
            raise AssertionError(f"{self.error.name}: {self.error.message}{where}")
        return self.answer.output

    @property
    def error(self) -> StepError | None:
        """How it failed, or None."""
        return self.answer.error

    @property
    def summary(self) -> str:
        """What it said of its work (`ctx.summary`)."""
        return self.answer.summary

    @property
    def effects(self) -> tuple[Effect, ...]:
        """Every call that it made through its context."""
        return self.answer.effects

    @property
    def catalog(self) -> dict[str, Asset]:
        """The assets after it, by qualified name."""
        return dict(self.backend.assets)

    @property
    def state(self) -> dict[str, Json]:
        """The install's state after it, by key."""
        return {key: json.loads(text) for key, text in self.backend.states.items()}


def run_step(
    step: Callable[..., Any],
    input: Json = None,
    *,
    config: Mapping[str, Json] | None = None,
    secrets: Mapping[str, str | None] | None = None,
    catalog: Iterable[Asset] = (),
    state: Mapping[str, Json] | None = None,
    http: Mapping[str, Answer] | None = None,
    egress: Iterable[str] = ("*:443", "*:80"),
    scopes: Iterable[str] | None = None,
    emits: Iterable[str] | None = None,
    model: Iterable[ModelReply] = (),
    dry: bool = False,
    journal: Iterable[Effect] = (),
    backend: MemoryBackend | None = None,
    trigger: Trigger | None = None,
    run_id: str = "testrun",
    attempt: int = 0,
) -> StepRun:
    """Run one attempt of a step, with no engine and no network.

    Args:
        step: a function, with `@step` or without.
        input: a JSON value, as the state would pass it.
        config: the install's configuration.
        secrets: the declared ones, with what the tenant gave; None where it gave nothing.
        catalog: the assets there are.
        state: JSON values that the install kept.
        http: what a URL answers: a response, JSON, text or a status, or `in_turn(503, {"id": 7})`, one after another.
        egress: what the manifest declares.
        scopes: `read`, `write`, `write:tags`; None grants all.
        emits: the events that the manifest declares; None for any.
        model: what the language model answers, in order: text, JSON for a call with a schema, or an exception.
        dry: capture writes.
        journal: effects of an earlier attempt, which answer a dry run.
        backend: the tenant as an earlier step left it, instead of all that is above.
        trigger: where the run came from.
        run_id: the run.
        attempt: 0 for the first.
    """
    spec = spec_of(step)
    values = dict(secrets or {})
    if backend is None:
        texts = {key: json.dumps(value) for key, value in (state or {}).items()}
        backend = MemoryBackend(catalog=catalog, state=texts, http=http, scopes=scopes, emits=emits, model=model)
    backend.secrets.update({name: value for name, value in values.items() if value is not None})
    context = StepContext(
        run=run_id,
        tenant="test",
        install="01testinstall",
        app="test/app",
        version="1.0.0",
        workflow="test",
        state=spec.name,
        step="test",
        attempt=attempt,
        visit=f"{run_id}/{spec.name}/{digested(input)['$sha256'][:12]}",
        trigger=trigger or Trigger(kind="api", name="test", id="test"),
        config=dict(config or {}),
        egress=tuple(egress),
        secrets=tuple({*backend.secrets, *values}),
    )
    request = StepRequest(handler="test:step", input=input, context=context, dry=dry, journal=tuple(journal))
    before = len(backend.emitted), len(backend.changes)
    answer = run(request, spec, backend)
    emitted, changes = tuple(backend.emitted[before[0] :]), tuple(backend.changes[before[1] :])
    return StepRun(answer, backend, emitted, changes)

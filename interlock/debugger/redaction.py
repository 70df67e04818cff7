"""Takes what is sensitive out of a run and its records, and says what was taken.

Sensitive is what a step's types call so (the record's `sensitive` pointers), what a rule of the manifest or the tenant
names, what has the name or the shape of a secret; and each value that was found so, wherever else it shows: in another
step's input, an error's text, a local variable, an effect. Digests of what changed are made anew, because the digest of
a short secret can be guessed.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from pydantic import BaseModel

from interlock.contract import payload
from interlock.contract.core.base import Json
from interlock.contract.envelope import Effect, StepError
from interlock.contract.run import Body, Run, StepRecord
from interlock.contract.sensitive import PLACEHOLDER, Path, Redactor, sensitive_values, to_pointer, why_sensitive
from interlock.contract.state_flow import StateFlow

Rules = Sequence[str]
"""Patterns of fields, see `interlock.contract.sensitive`."""


@dataclass(frozen=True)
class Taken:
    """One value that was taken out.

    Attributes:
        record: `run`, or the ordinal of the record, from 0.
        path: a JSON pointer into it.
        rule: `type`, `rule PATTERN`, `name`, `value` (it is sensitive elsewhere) or `shape`.
    """

    record: str
    path: str
    rule: str


@dataclass(frozen=True)
class Redacted:
    """A run and its records without what is sensitive."""

    run: Run
    records: tuple[StepRecord, ...]
    taken: tuple[Taken, ...]


def redact_run(run: Run, records: Sequence[StepRecord], rules: Rules = ()) -> Redacted:
    """A run and its records (bodies in place) without what is sensitive.

    Args:
        run: the run.
        records: its records; effects and bodies are in place.
        rules: patterns of the manifest and the tenant.
    """
    redactor = learned(run, records, rules)
    taken: list[Taken] = []
    shown = _Redaction("run", rules, (), redactor, taken).run(run)
    done: list[StepRecord] = []
    digests = _Digests()
    for ordinal, record in enumerate(records):
        current = _Redaction(str(ordinal), rules, record.sensitive, redactor, taken).record(record)
        done.append(digests.renewed(record, current))
    return Redacted(shown, tuple(digests.renamed(record) for record in done), tuple(taken))


def redact_flows(
    run: Run, records: Sequence[StepRecord], flows: Sequence[StateFlow], rules: Rules = ()
) -> list[StateFlow]:
    """The data flow of states without what is sensitive, as in `redact_run`.

    Args:
        run: the run.
        records: its records; effects and bodies are in place.
        flows: what is shown of its states.
        rules: patterns of the manifest and the tenant.
    """
    redactor = learned(run, records, rules)
    for flow in flows:
        for value in (flow.input, flow.output, *(stage.value for stage in flow.stages)):
            _learn(redactor, value, rules, (), ())
    pointers = {(row.state, row.entered, row.digest): row.sensitive for row in records}
    shown: list[StateFlow] = []
    for flow in flows:
        own = pointers.get((flow.state, flow.entered, flow.digest), ())
        one = _Redaction(flow.state, rules, own, redactor, [])
        stages = tuple(
            stage.model_copy(update={"value": one.json(stage.value, _STEP_SIDES.get(stage.name, ()))})
            for stage in flow.stages
        )
        update = {
            "input": one.json(flow.input, ("input",)),
            "stages": stages,
            "output": one.json(flow.output, ("output",)),
            "cause": one.text(flow.cause, ("cause",)),
        }
        shown.append(flow.model_copy(update=update))
    return shown


_STEP_SIDES: Mapping[str, Path] = {
    "InputPath": ("input",),
    "Parameters": ("input",),
    "Arguments": ("input",),
    "Result": ("output",),
}
"""The stages that are what a step got and answered, which its types speak of."""


def learned(run: Run, records: Iterable[StepRecord], rules: Rules = ()) -> Redactor:
    """A redactor that knows every sensitive value of a run: for texts about it, such as an alert."""
    redactor = Redactor()
    for value in (run.input.value, run.output.value if run.output else None, run.trigger.event, dict(run.config)):
        _learn(redactor, value, rules, (), ())
    for record in records:
        _learn(redactor, record.input.value, rules, record.sensitive, ("input",))
        _learn(redactor, record.output.value if record.output else None, rules, record.sensitive, ("output",))
        for effect in record.effects:
            _learn(redactor, _request(effect), rules, (), ())
            _learn(redactor, effect.result, rules, (), ())
    return redactor


def _learn(redactor: Redactor, value: Json, rules: Rules, pointers: Sequence[str], path: Path) -> None:
    for text in sensitive_values(value, rules, pointers, path):
        if text != PLACEHOLDER:
            redactor.learn(text)


@dataclass
class _Redaction:
    """Redacts one document, and notes what it took."""

    record_name: str
    rules: Rules
    pointers: Sequence[str]
    redactor: Redactor
    taken: list[Taken]

    def run(self, run: Run) -> Run:
        """The run."""
        trigger = run.trigger.model_copy(update={"event": self.json(run.trigger.event, ("trigger", "event"))})
        update: dict[str, Any] = {
            "title": self.text(run.title, ("title",)),
            "input": self.body(run.input, ("input",)),
            "output": self.body(run.output, ("output",)),
            "trigger": trigger,
            "config": self.json(dict(run.config), ("config",)),
            "breakpoints": tuple(
                rule.model_copy(update={"condition": self.text(rule.condition, ("breakpoints",))})
                for rule in run.breakpoints
            ),
        }
        if run.failed is not None:
            update["failed"] = run.failed.model_copy(update={"cause": self.text(run.failed.cause, ("failed", "cause"))})
        if run.fork is not None:
            update["fork"] = run.fork.model_copy(update={"input": self.body(run.fork.input, ("fork", "input"))})
        return run.model_copy(update=update)

    def record(self, record: StepRecord) -> StepRecord:
        """A step record."""
        return record.model_copy(
            update={
                "input": self.body(record.input, ("input",)),
                "output": self.body(record.output, ("output",)),
                "error": self._error(record.error),
                "summary": self.text(record.summary, ("summary",)),
                "effects": tuple(self._effect(effect) for effect in record.effects),
            }
        )

    def body(self, body: Body | None, path: Path) -> Body | None:
        """A body, with the digest of what it has become."""
        if body is None:
            return None
        value = self.json(body.value, path)
        if value == body.value:
            return body
        return body.model_copy(update={"value": value, "digest": payload.digest(value), "size": payload.size(value)})

    def json(self, value: Json, path: Path) -> Json:
        """A JSON value."""
        why = why_sensitive(path, self.rules, self.pointers)
        if why:
            if value in (None, PLACEHOLDER, "", [], {}):
                return value
            self._note(path, why)
            return PLACEHOLDER
        if isinstance(value, Mapping):
            rows = cast(Mapping[str, Any], value)
            return {self.redactor.text(key): self.json(row, (*path, key)) for key, row in rows.items()}
        if isinstance(value, list | tuple):
            return [self.json(row, (*path, position)) for position, row in enumerate(cast(Sequence[Any], value))]
        if isinstance(value, str):
            return self.text(value, path)
        item = self.redactor.data(value)
        if item != value:
            self._note(path, "value")
        return item

    def text(self, text: str, path: Path) -> str:
        """A text, without known values and shapes."""
        known = self.redactor.known(text)
        if known != text:
            self._note(path, "value")
        name = self.redactor.text(known)
        if name != known:
            self._note(path, "shape")
        return name

    def _note(self, path: Path, rule: str) -> None:
        self.taken.append(Taken(self.record_name, to_pointer(path), rule))

    def _error(self, error: StepError | None) -> StepError | None:
        if error is None:
            return None
        frames: list[BaseModel] = []
        for position, frame in enumerate(error.frames):
            path: Path = ("error", "frames", position)
            update = {
                "locals": self.json(dict(frame.locals), (*path, "locals")),
                "touched": self.json(dict(frame.touched), (*path, "touched")),
                "source": tuple(self.text(line, (*path, "source")) for line in frame.source),
            }
            frames.append(frame.model_copy(update=update))
        message = self.text(error.message, ("error", "message"))
        causes = tuple(
            row.model_copy(update={"message": self.text(row.message, ("error", "causes", position, "message"))})
            for position, row in enumerate(error.causes)
        )
        return error.model_copy(update={"message": message, "frames": tuple(frames), "causes": causes})

    def _requested(self, effect: Effect, path: Path) -> Json:
        value: Json = self.json(_request(effect), path)
        if effect.kind != "state" or "key" not in (effect.request or {}):
            return value
        key = self.text(str(effect.request["key"]), (*path, "key"))
        return {"key": key, **cast(dict[str, Any], value)}

    def _effect(self, effect: Effect) -> Effect:
        path: Path = ("effects", effect.seq)
        update = {
            "request": self._requested(effect, (*path, "request")),
            "result": self.json(effect.result, (*path, "result")),
            "error": self.text(effect.error, (*path, "error")),
        }
        return effect.model_copy(update=update)


def _request(effect: Effect) -> Json:
    """What was asked, less the key of `ctx.state`, which is an address and no secret."""
    if effect.kind != "state":
        return effect.request
    return {name: row for name, row in cast(dict[str, Any], effect.request or {}).items() if name != "key"}


class _Digests:
    """New digests for visits whose input changed: the same for equal inputs, and another for each other one."""

    def __init__(self) -> None:
        self._new: dict[str, str] = {}
        self._taken: dict[str, str] = {}

    def renewed(self, record: StepRecord, redacted: StepRecord) -> StepRecord:
        """The redacted record with its visit's digest."""
        if redacted.input.value == record.input.value:
            return redacted
        if record.digest not in self._new:
            text = payload.digest(redacted.input.value)
            ordinal = 0
            while self._taken.setdefault(text, record.digest) != record.digest:
                ordinal += 1
                text = payload.digest([redacted.input.value, ordinal])
            self._new[record.digest] = text
        return redacted.model_copy(update={"digest": self._new[record.digest]})

    def renamed(self, record: StepRecord) -> StepRecord:
        """A record whose references to other visits have their new digests."""
        return record.model_copy(
            update={"reused": self._renamed(record.reused), "replaces": self._renamed(record.replaces)}
        )

    def _renamed(self, name: str) -> str:
        for old, new in self._new.items():
            name = name.replace(old[:16], new[:16])
        return name

"""Runs a whole workflow of an app's folder in this process: no platform, no network, and a clock that the test moves.

The workflow is checked as the platform checks it, and evaluated by the rules of AWS (`interlock.asl`). Each step runs
as `run_step` runs it, against one backend in memory.
"""

import importlib
import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any, cast

from interlock.asl import errors
from interlock.asl.clock import MovedClock
from interlock.asl.execution import Execution, Settings, TaskCall, Visit
from interlock.asl.interpreter import run
from interlock.compiler import gate
from interlock.compiler import workflow as definitions
from interlock.compiler.gate import compile_waits
from interlock.contract.core.base import Json
from interlock.contract.core.failure import NotFound, Rejected
from interlock.contract.core.finding import errors_of
from interlock.contract.manifest import MANIFEST, Manifest, parse
from interlock.testing.memory import MemoryBackend
from interlock.testing.steps import StepRun, run_step

PLATFORM = "platform."


@dataclass(frozen=True)
class ProcessRun:
    """A run that is over.

    Attributes:
        execution: its end, and the visits of its states with their stages.
        steps: each attempt of each step, by the state that called it, in order.
        backend: the tenant after the run.
        clock: the time after the run; `clock.passed` is how many seconds the run took by it.
    """

    execution: Execution
    steps: tuple[tuple[str, StepRun], ...]
    backend: MemoryBackend
    clock: MovedClock

    @property
    def output(self) -> Json:
        """What the workflow answered.

        Raises:
            AssertionError: it failed; the text has the error and the cause.
        """
        if not self.execution.succeeded:
            raise AssertionError(f"{self.execution.error}: {self.execution.cause}")
        return self.execution.output

    @property
    def error(self) -> str | None:
        """The error's name; None where the workflow succeeded."""
        return self.execution.error

    def visits_of(self, state: str) -> tuple[Visit, ...]:
        """The visits of a state, with input, output, stages and attempts."""
        return self.execution.visits_of(state)

    def steps_of(self, state: str) -> tuple[StepRun, ...]:
        """The attempts of the step that a state calls."""
        return tuple(step for name, step in self.steps if name == state)


@dataclass
class _Steps:
    """Does the work of Tasks."""

    folder: Path
    manifest: Manifest
    backend: MemoryBackend
    replaced: Mapping[str, Callable[..., Any]]
    options: Mapping[str, Any]
    attempts: list[tuple[str, StepRun]] = field(default_factory=list[tuple[str, StepRun]])

    def call(self, call: TaskCall) -> Any:
        """One attempt of a step, called directly or in Workflow Studio's form."""
        state: dict[str, Any] = {"Resource": call.resource, "Parameters": call.input}
        name = str(definitions.step_of(state))
        if not definitions.is_studio_form(state):
            return self._run(name, call.input, call)
        value = cast(dict[str, Any], call.input).get("Payload", {})
        return {"ExecutedVersion": "$LATEST", "Payload": self._run(name, value, call), "StatusCode": 200}

    def _run(self, name: str, value: Any, call: TaskCall) -> Any:
        if name.startswith(PLATFORM):
            return self._platform_step(name, value)
        step = run_step(self._function(name), value, backend=self.backend, attempt=call.attempt, **self.options)
        self.attempts.append((call.state, step))
        if step.error is not None:
            cause = json.dumps({"errorType": step.error.name, "errorMessage": step.error.message})
            raise errors.StatesError(step.error.name, cause)
        return step.answer.output

    def _platform_step(self, name: str, value: Any) -> Any:
        if name not in self.replaced:
            raise NotFound(
                f"the workflow calls ${{{name}}}, which has no function here",
                where=name,
                next_step=f'Pass one: steps={{"{name}": lambda value: ...}}',
            )
        return self.replaced[name](value)

    def _function(self, name: str) -> Callable[..., Any]:
        if name in self.replaced:
            return self.replaced[name]
        module, _, function = self.manifest.steps[name].handler.partition(":")
        return getattr(_imported(self.folder, module), function)


def _imported(folder: Path, name: str) -> ModuleType:
    """A module of the app; one of the same name that another app left behind is dropped."""
    top = name.partition(".")[0]
    loaded = sys.modules.get(top)
    origin = getattr(loaded, "__file__", None) or next(iter(getattr(loaded, "__path__", [])), "")
    if loaded is not None and not Path(str(origin)).is_relative_to(folder):
        for other in [module for module in sys.modules if module.partition(".")[0] == top]:
            del sys.modules[other]
    sys.path.insert(0, str(folder))
    try:
        return importlib.import_module(name)
    finally:
        sys.path.remove(str(folder))


def interpret_workflow(
    folder: Path,
    value: Json = None,
    *,
    workflow: str = "",
    steps: Mapping[str, Callable[..., Any]] | None = None,
    backend: MemoryBackend | None = None,
    clock: MovedClock | None = None,
    config: Mapping[str, Json] | None = None,
    secrets: Mapping[str, str | None] | None = None,
) -> ProcessRun:
    """Run a workflow to its end. Waits and retries take no time but move the clock.

    Args:
        folder: the app's folder, with its interlock.toml.
        value: the workflow's input.
        workflow: which one, where the app has several.
        steps: functions in place of the app's steps, and of platform steps such as `platform.approve`, by name.
        backend: the tenant; an empty one by default.
        clock: the time; begins at 2026-01-01T00:00:00Z by default.
        config: the install's config.
        secrets: the install's secrets.

    Raises:
        Rejected: the manifest or the workflow has findings.
        NotFound: the app has no such workflow, or a platform step has no function.
    """
    manifest = _manifest(folder)
    definition = _definition(folder, manifest, workflow or next(iter(manifest.workflows), ""))
    tenant, time = backend or MemoryBackend(), clock or MovedClock()
    options = {"config": config, "secrets": secrets}
    work = _Steps(folder.resolve(), manifest, tenant, steps or {}, options)
    execution = run(
        compile_waits(definition), value, Settings(task=work.call, clock=time, machine=workflow or "workflow")
    )
    return ProcessRun(execution, tuple(work.attempts), tenant, time)


def _manifest(folder: Path) -> Manifest:
    path = folder / MANIFEST
    if not path.is_file():
        raise NotFound(f"{folder} has no {MANIFEST}", where=str(folder), next_step="Name the app's folder.")
    manifest = parse(path.read_text())
    if isinstance(manifest, tuple):
        raise Rejected(f"{path} has findings.", manifest)
    return manifest


def _definition(folder: Path, manifest: Manifest, name: str) -> dict[str, Any]:
    section = manifest.workflows.get(name)
    if section is None:
        known = ", ".join(manifest.workflows) or "none"
        raise NotFound(f"the app has no workflow {name!r}", where=MANIFEST, next_step=f"Use one of: {known}.")
    if section.definition is None:
        return gate.linear(section.steps)
    raw = definitions.parse((folder / section.definition).read_text(), section.definition)
    if isinstance(raw, tuple):
        raise Rejected(f"{section.definition} has findings.", raw)
    timeouts = {step: row.timeout_s for step, row in manifest.steps.items()}
    findings = errors_of(definitions.check(raw, section.definition, timeouts, manifest.permissions))
    if findings:
        raise Rejected(f"{section.definition} has findings.", findings)
    return raw

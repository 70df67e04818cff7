"""From a bundle to a version's plan: validate, then decide what is deployed. Pure: same bundle, same plan.

Stages, in order; all but the plan report together:
  1. manifest     `interlock.toml` parses, and every file that it names is there and is what it should be
  2. workflows    each definition is of the subset, and calls steps of the manifest
  3. code         every handler exists, and what it imports is served (by AST)
  4. plan         resource profiles, functions, machines, compiled definitions
  5. measure      what was compiled, against what AWS takes
A manifest with findings is read section by section, so that it does not hide those of the workflows and the code.
"""

import json
from collections.abc import Iterator
from typing import Any, cast

from pydantic import ValidationError

from interlock.bounds.json_schema import schema_problem
from interlock.compiler import gate, workflow
from interlock.compiler.archive import Bundle
from interlock.compiler.code import check_code
from interlock.compiler.finding_lines import with_lines
from interlock.compiler.golden import check_tests
from interlock.compiler.growth import parallel_tasks, repeats, states_of
from interlock.compiler.hazards import check_hazards
from interlock.compiler.measures import check_measures
from interlock.compiler.outside import check_outside
from interlock.compiler.salvage import salvage
from interlock.compiler.showcase import check_showcase
from interlock.compiler.spill import plan_spill
from interlock.compiler.tool_arguments import check_arguments
from interlock.compiler.version_plan import FunctionPlan, MachinePlan, VersionPlan
from interlock.compiler.views import check_views
from interlock.contract.core import names
from interlock.contract.core.finding import Finding, Severity, errors_of
from interlock.contract.core.suggest import did_you_mean
from interlock.contract.manifest import (
    MANIFEST,
    Manifest,
    Permissions,
    StepSection,
    Target,
    ToolTrigger,
    read_toml,
    validate,
)
from interlock.contract.registry import StepPlan, WorkflowPlan

TARGET_FILE = ".interlock/target.json"
"""Where `interlock app pack` records what the dependencies were vendored for."""

NEED_PERMISSIONS = frozenset({"asl.platform-emit", "asl.platform-egress", "asl.platform-secret", "manifest.event"})
"""Findings that depend on `[permissions]`."""
NEED_MANIFEST = NEED_PERMISSIONS | {"asl.unknown-step"}


def plan_version(bundle: Bundle) -> VersionPlan | tuple[Finding, ...]:
    """Validate a bundle and plan its version; findings where an error stands in the way."""
    raw, manifest = _manifest(bundle)
    if isinstance(manifest, tuple):
        return with_lines((*manifest, *_findings_beside(bundle, raw, manifest)), bundle)
    timeouts = _timeouts(manifest)
    rows, definitions = _check(bundle, manifest, timeouts)
    findings = with_lines(rows, bundle)
    if errors_of(findings):
        return findings
    plan = _plan(bundle, manifest, definitions, timeouts, findings)
    beyond = check_measures(plan)
    return (*findings, *with_lines(beyond, bundle)) if beyond else plan


def _timeouts(manifest: Manifest) -> dict[str, int]:
    return {name: step.timeout_s for name, step in manifest.steps.items()}


def _check(
    bundle: Bundle, manifest: Manifest, timeouts: dict[str, int]
) -> tuple[tuple[Finding, ...], dict[str, workflow.Raw]]:
    findings = [*_files(bundle, manifest), *_references(manifest)]
    definitions: dict[str, workflow.Raw] = {}
    for name in sorted(manifest.workflows):
        raw, problems = _definition(bundle, manifest, name, timeouts)
        findings.extend(problems)
        if raw is not None:
            definitions[name] = raw
    findings.extend(check_code(bundle, manifest.steps))
    problems = tuple(_target_problem(bundle))
    findings.extend((*problems, *check_hazards(bundle, None if problems else _target(bundle))))
    return tuple(findings), definitions


def _findings_beside(bundle: Bundle, raw: dict[str, Any] | None, findings: tuple[Finding, ...]) -> Iterator[Finding]:
    """What else is wrong in a bundle whose manifest has findings, as far as its sections can be read."""
    unread = {part for row in findings for part in (row.where.partition("#")[2].partition(".")[0],)}
    blind = NEED_PERMISSIONS if "permissions" in unread else frozenset[str]()
    if raw is None:
        yield from check_code(bundle, {})
        for path in sorted(bundle.files):
            if path.endswith(".asl.json"):
                problems = _read_definition(bundle, path, {}, Permissions())[1]
                yield from (row for row in problems if row.code not in NEED_MANIFEST)
        return
    manifest = salvage(raw)
    rows, _ = _check(bundle, manifest, _timeouts(manifest))
    yield from (row for row in rows if row.code not in blind)


def _manifest(bundle: Bundle) -> tuple[dict[str, Any] | None, Manifest | tuple[Finding, ...]]:
    """The TOML of a bundle's manifest, None where it can't be read; and the manifest, or its findings."""
    if MANIFEST not in bundle.files:
        return None, (
            _finding("missing", MANIFEST, "the bundle has no interlock.toml", "Start one with `interlock app init`."),
        )
    try:
        text = bundle.text(MANIFEST)
    except UnicodeDecodeError:
        return None, (_finding("toml", MANIFEST, "the file is not UTF-8", "Save it as UTF-8."),)
    raw = read_toml(text)
    if isinstance(raw, tuple):
        return None, raw
    if "{{resolve:" in text:
        what = "the manifest contains a CloudFormation reference"
        return raw, (_finding("resolve", MANIFEST, what, "Remove the text `{{resolve:`."),)
    return raw, validate(raw, text)


def _files(bundle: Bundle, manifest: Manifest) -> Iterator[Finding]:
    problems = [(where, path, _schema_problem(bundle, path)) for where, path in _schema_files(manifest)]
    for where, path, problem in problems:
        if problem:
            yield _finding("schema", where, problem, f"Make {path} a JSON Schema of an object.")
    # A schema that is refused may refer elsewhere: nothing is held against it.
    if not any(problem for _, _, problem in problems):
        yield from check_tests(bundle, manifest)
        yield from check_arguments(manifest, {path: _json(bundle, path) for _, path, _ in problems})
    yield from check_showcase(bundle, manifest)
    yield from check_views(bundle, manifest)


def _target_problem(bundle: Bundle) -> Iterator[Finding]:
    if TARGET_FILE not in bundle.files:
        return
    try:
        Target.model_validate(_json(bundle, TARGET_FILE))
    except ValidationError:
        yield _finding(
            "target", TARGET_FILE, "the file was not written by `interlock app pack`", "Pack the bundle again."
        )


def _schema_files(manifest: Manifest) -> Iterator[tuple[str, str]]:
    if manifest.config:
        yield f"{MANIFEST}#config.schema", manifest.config.schema_file
    for event, declared in manifest.events.items():
        yield f"{MANIFEST}#events.{event}", declared.schema_file
    for name, section in manifest.workflows.items():
        for trigger in section.triggers:
            if isinstance(trigger, ToolTrigger):
                yield f"{MANIFEST}#workflows.{name}.triggers", trigger.input_schema


def _schema_problem(bundle: Bundle, path: str) -> str:
    schema = _json(bundle, path)
    if schema is None:
        return f"{path} does not exist, or is not JSON"
    if not isinstance(schema, dict) or cast(dict[str, Any], schema).get("type") != "object":
        return f'{path} lacks "type": "object"'
    problem = schema_problem(cast(dict[str, Any], schema))
    return f"{path}: {problem}" if problem else ""


def _of_events(manifest: Manifest) -> Iterator[Finding]:
    for event in manifest.events:
        if event not in manifest.permissions.emit:
            what = f"{event} has a schema, but the app does not declare that it emits it"
            yield _finding("event", f"{MANIFEST}#events.{event}", what, "Add the event to [permissions] emit.")


def _references(manifest: Manifest) -> Iterator[Finding]:
    tools: set[str] = set()
    for name, section in manifest.workflows.items():
        where = f"{MANIFEST}#workflows.{name}"
        for step in section.steps:
            if step not in manifest.steps:
                what = f"the manifest has no step {step!r}{did_you_mean(step, manifest.steps)}"
                yield _finding("unknown-step", where, what, f"Declare [steps.{step}].")
        for trigger in section.triggers:
            if isinstance(trigger, ToolTrigger):
                if trigger.tool in tools:
                    yield _finding(
                        "tool-twice", where, f"two triggers have the tool {trigger.tool!r}", "Rename one of them."
                    )
                tools.add(trigger.tool)
    yield from _of_events(manifest)
    yield from check_outside(manifest)


def _definition(
    bundle: Bundle, manifest: Manifest, name: str, timeouts: dict[str, int]
) -> tuple[workflow.Raw | None, tuple[Finding, ...]]:
    section = manifest.workflows[name]
    if section.definition is None:
        return gate.linear(section.steps), ()
    path = section.definition
    if path not in bundle.files:
        where = f"{MANIFEST}#workflows.{name}.definition"
        return None, (_finding("no-definition", where, f"the bundle has no {path}", "Add the file, or name another."),)
    return _read_definition(bundle, path, timeouts, manifest.permissions)


def _read_definition(
    bundle: Bundle, path: str, timeouts: dict[str, int], permissions: Permissions
) -> tuple[workflow.Raw | None, tuple[Finding, ...]]:
    try:
        text = bundle.text(path)
    except UnicodeDecodeError:
        return None, (workflow.finding("json", path, "the file is not UTF-8", "Save it as UTF-8."),)
    raw = workflow.parse(text, path)
    if isinstance(raw, tuple):
        return None, raw
    return raw, workflow.check(raw, path, timeouts, permissions)


def _plan(
    bundle: Bundle,
    manifest: Manifest,
    definitions: dict[str, workflow.Raw],
    timeouts: dict[str, int],
    findings: tuple[Finding, ...],
) -> VersionPlan:
    app, version = manifest.app.id, manifest.app.version
    functions = _functions(manifest)
    machines = tuple(
        MachinePlan(
            logical=f"Machine{_pascal(name)}",
            name=names.machine_name(app, version, name),
            workflow=name,
            definition=gate.canonical(gate.compile_workflow(raw, timeouts)),
            source=gate.canonical(raw),
        )
        for name, raw in definitions.items()
    )
    return VersionPlan(
        manifest=manifest,
        digest=bundle.digest,
        functions=tuple(functions.values()),
        machines=machines,
        steps={name: _step(manifest, step, functions) for name, step in manifest.steps.items()},
        workflows={
            name: WorkflowPlan(
                name=name,
                machine=names.machine_name(app, version, name),
                deadline_s=raw.get("TimeoutSeconds"),
                spill=plan_spill(raw),
                states=len(every := states_of(raw)),
                tasks=sum(state["Type"] == "Task" for state in every),
                repeats=repeats(raw),
                parallel=parallel_tasks(raw),
                title=manifest.workflows[name].title,
            )
            for name, raw in definitions.items()
        },
        config_schema=_json(bundle, manifest.config.schema_file) if manifest.config else None,
        tool_schemas={
            trigger.tool: _json(bundle, trigger.input_schema)
            for section in manifest.workflows.values()
            for trigger in section.triggers
            if isinstance(trigger, ToolTrigger)
        },
        event_schemas={name: _json(bundle, section.schema_file) for name, section in manifest.events.items()},
        target=_target(bundle),
        findings=findings,
    )


def profile(step: StepSection) -> str:
    """The name of a step's resource profile: steps of one profile share a function."""
    return f"m{step.memory_mb}"


def _functions(manifest: Manifest) -> dict[str, FunctionPlan]:
    plans: dict[str, FunctionPlan] = {}
    for step in manifest.steps.values():
        word = profile(step)
        longest = max(other.timeout_s for other in manifest.steps.values() if profile(other) == word)
        plans[word] = FunctionPlan(
            logical=f"Function{_pascal(word)}",
            name=names.function_name(manifest.app.id, manifest.app.version, word),
            memory_mb=step.memory_mb,
            timeout_s=longest,
        )
    return dict(sorted(plans.items()))


def _step(manifest: Manifest, step: StepSection, functions: dict[str, FunctionPlan]) -> StepPlan:
    return StepPlan(
        handler=step.handler,
        function=functions[profile(step)].name,
        timeout_s=step.timeout_s,
        idempotent=step.idempotent,
    )


def _pascal(word: str) -> str:
    return "".join(part.capitalize() for part in word.split("_"))


def _json(bundle: Bundle, path: str) -> Any:
    try:
        return json.loads(bundle.files[path])
    except (KeyError, ValueError, RecursionError):
        return None


def _target(bundle: Bundle) -> Target | None:
    return Target.model_validate(_json(bundle, TARGET_FILE)) if TARGET_FILE in bundle.files else None


def _finding(code: str, where: str, what: str, fix: str, severity: Severity = Severity.ERROR) -> Finding:
    return Finding(code=f"manifest.{code}", where=where, what=what, fix=fix, severity=severity)

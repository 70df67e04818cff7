"""`interlock.toml`: what a publisher declares about an app version.

Read with `parse`, which answers a manifest or findings, never an exception. The JSON Schema for editors is
`docs/schemas/interlock.schema.json`, written from these models.
"""

import re
import tomllib
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    Discriminator,
    Field,
    StringConstraints,
    Tag,
    ValidationError,
    field_validator,
    model_validator,
)

from interlock.contract.core.base import AppId, Json, Model, Name, Semver, moment
from interlock.contract.core.finding import Finding
from interlock.contract.core.validation import describe, field_name, shaped
from interlock.contract.language_model import SCOPE as MODEL_SCOPE
from interlock.contract.manifest_text import SHOWN_CHARS, Place, close_field, key_lines, line_of
from interlock.contract.manifest_values import Egress, EventName, Handler, Rule
from interlock.contract.preflight import with_preflight
from interlock.contract.run_title import title_problem
from interlock.contract.schedule import (
    EXPRESSION,
    EXPRESSION_FORM,
    LATE_SECONDS,
    Missed,
    check_expression,
    check_jitter,
    check_zone,
    minutes_of,
)
from interlock.contract.stand_in import Decision
from interlock.contract.view import Views, ViewSection

MANIFEST = "interlock.toml"
MAX_STEP_SECONDS = 840
"""The gate that waits for a step ends at 900 s, Lambda's maximum; the rest is its own work (ADR 0004)."""
TRIGGER_FIELDS = "a trigger must have one of the fields event, schedule and tool"


class Category(StrEnum):
    """What kind of app it is, for the listing."""

    CONNECTOR = "connector"
    AUTOMATION = "automation"
    COMPLIANCE = "compliance"
    ASSISTANT = "assistant"


class CatalogScope(StrEnum):
    """What an app may do with the tenant's catalog."""

    READ = "read"
    WRITE = "write"
    WRITE_TAGS = "write:tags"


class AppSection(Model):
    """`[app]`."""

    id: AppId
    version: Semver
    title: Annotated[str, StringConstraints(min_length=1, max_length=80)]
    summary: Annotated[str, StringConstraints(max_length=300)] = ""
    category: Category
    preflight: Name | None = None
    """A step that tests an install before it is used; it answers a list of `interlock.Check`."""


class Permissions(Model):
    """`[permissions]`: what a tenant is asked to consent to."""

    catalog: tuple[CatalogScope, ...] = ()
    emit: tuple[EventName, ...] = ()
    secrets: tuple[Name, ...] = ()
    egress: tuple[Egress, ...] = ()
    state: bool = False
    model: bool = False
    """Whether steps may call the operator's language model by `ctx.model`."""

    def scopes(self) -> tuple[str, ...]:
        """One word for each thing to consent to, sorted: `catalog:read`, `emit:pii.detected`, `secret:x`."""
        parts = [f"catalog:{scope.value}" for scope in self.catalog]
        parts += [f"emit:{name}" for name in self.emit]
        parts += [f"secret:{name}" for name in self.secrets]
        parts += [f"egress:{target}" for target in self.egress]
        parts += ["state"] if self.state else []
        parts += [MODEL_SCOPE] if self.model else []
        return tuple(sorted(set(parts)))


class Visibility(StrEnum):
    """Who finds, sees and installs an app: its publisher alone, tenants that were invited, everybody."""

    PRIVATE = "private"
    INVITED = "invited"
    PUBLIC = "public"


class ListingSection(Model):
    """`[listing]`: what people see before they install; images and the changelog are files of the bundle.

    Without `visibility` an app keeps the one that it has; a new app is public.
    """

    visibility: Visibility | None = None
    icon: str = ""
    screenshots: Annotated[tuple[str, ...], Field(max_length=5)] = ()
    changelog: str = ""


class ConfigSection(Model):
    """`[config]`: the file of a JSON Schema, which becomes the install form."""

    schema_file: str = Field(alias="schema")


class EventSection(Model):
    """`[events."NAME"]`: the file of a JSON Schema of the data that the app emits under this name."""

    schema_file: str = Field(alias="schema")


class RedactSection(Model):
    """`[redact]`: fields that are sensitive wherever they are."""

    fields: Annotated[tuple[Rule, ...], Field(max_length=100)] = ()


class StepSection(Model):
    """`[steps.NAME]`."""

    handler: Handler
    memory_mb: Annotated[int, Field(ge=128, le=10240)] = 256
    timeout_s: Annotated[int, Field(ge=1, le=MAX_STEP_SECONDS)] = 60
    idempotent: bool = False
    """The gate may run it again where it cannot know whether it ran."""


class EventTrigger(Model):
    """Starts the workflow for each matching event; `where` is an EventBridge pattern on the detail.

    `order_by` is a field of the detail, such as `asset.qualified_name`: runs of events in which it is the same do not
    overlap, and begin in the order in which the events were accepted.
    """

    event: EventName
    where: dict[str, Json] = Field(default_factory=dict)
    order_by: Annotated[
        str, shaped(r"^([A-Za-z_]\w*(\.[A-Za-z_]\w*)*)?$", "a path such as customer.id", max_length=200)
    ] = ""

    @property
    def name(self) -> str:
        """How the trigger is called in rules and runs."""
        return f"event:{self.event}"


class ScheduleTrigger(Model):
    """Starts the workflow by the clock, as EventBridge Scheduler writes it.

    `rate(1 day)`, `cron(0 3 * * ? *)`, or once: `at(2026-12-24T18:00:00)`, in the time zone.
    """

    schedule: Annotated[str, shaped(EXPRESSION, EXPRESSION_FORM), AfterValidator(check_expression)]
    timezone: Annotated[str, AfterValidator(check_zone)] = "UTC"
    jitter: Annotated[str, AfterValidator(check_jitter)] = ""
    """Such as `5 minutes`: it starts at any moment within that."""
    missed: Missed = "run_once"
    """What becomes of times that could not be served in time: nothing, or one run for all of them."""

    @property
    def late_s(self) -> int:
        """After so many seconds a time was missed."""
        return LATE_SECONDS + 60 * minutes_of(self.jitter)

    def moment_of(self, text: str) -> str:
        """A time of the schedule's zone, in UTC."""
        return moment(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(self.timezone)))

    @property
    def name(self) -> str:
        """How the trigger is called in schedules and runs."""
        return f"schedule:{self.schedule}"


class ToolTrigger(Model):
    """Callable by API and by copilots; the arguments are validated by the schema and become the workflow's input."""

    tool: Name
    input_schema: str
    description: str = ""

    @property
    def name(self) -> str:
        """How the trigger is called in routes and runs."""
        return f"tool:{self.tool}"


TriggerSection = EventTrigger | ScheduleTrigger | ToolTrigger


def _kind_of_trigger(value: Any) -> str | None:
    """Which of the three a trigger is: by the field that only it has, so that its own mistakes alone are told."""
    if isinstance(value, dict):
        return next((kind for kind in ("event", "schedule", "tool") if kind in value), None)
    return str(getattr(value, "name", "")).partition(":")[0] or None


AnyTrigger = Annotated[
    Annotated[EventTrigger, Tag("event")]
    | Annotated[ScheduleTrigger, Tag("schedule")]
    | Annotated[ToolTrigger, Tag("tool")],
    Discriminator(
        _kind_of_trigger,
        custom_error_type="custom",
        custom_error_message=TRIGGER_FIELDS,
        custom_error_context={"error": TRIGGER_FIELDS},
    ),
]


class WorkflowSection(Model):
    """`[workflows.NAME]`: a definition in Amazon States Language, or a list of steps that run one after the other."""

    definition: str | None = None
    steps: tuple[Name, ...] = ()
    triggers: tuple[AnyTrigger, ...] = ()
    title: str = ""
    """What a run is called in lists: `Crawl {config.database}` (`contract/run_title`)."""

    @field_validator("title")
    @classmethod
    def title_is_filled_without_expressions(cls, title: str) -> str:
        """Refuse what `contract/run_title` can't fill."""
        problem = title_problem(title)
        if problem:
            raise ValueError(problem)
        return title

    @model_validator(mode="after")
    def one_way_to_say_it(self) -> Self:
        """Either `definition` or `steps`."""
        if (self.definition is None) == (not self.steps):
            raise ValueError("give either `definition` (a file) or `steps` (a list)")
        return self


class GoldenTest(Model):
    """`[[tests]]`: run on trial, through the real gate, before the version is listed.

    `input`, `expect`, `config`, `assets`, `state`, `http` and `model` are JSON files of the bundle. `secrets` are
    stand-ins, which whoever has the bundle can read: a secret that is not named has its own name as its value.
    `approvals` decides what the workflow asks people, by state.
    """

    workflow: Name
    input: str
    expect: str
    config: str = ""
    secrets: dict[Name, str] = Field(default_factory=dict)
    assets: str = ""
    state: str = ""
    http: str = ""
    model: str = ""
    approvals: dict[str, Decision] = Field(default_factory=dict)


class Target(Model):
    """What vendored dependencies were built for; the platform states it, `interlock app pack` records it."""

    python: Annotated[str, shaped(r"^3\.\d+$", "a version of Python such as 3.13")]
    architecture: Literal["arm64", "x86_64"]


class Manifest(Model):
    """The whole of `interlock.toml`."""

    app: AppSection
    listing: ListingSection = Field(default_factory=ListingSection)
    permissions: Permissions = Field(default_factory=Permissions)
    config: ConfigSection | None = None
    redact: RedactSection = Field(default_factory=RedactSection)
    events: dict[EventName, EventSection] = Field(default_factory=dict)
    steps: dict[Name, StepSection] = Field(default_factory=dict)
    workflows: Annotated[dict[Name, WorkflowSection], Field(min_length=1)]
    views: Views = ()
    tests: tuple[GoldenTest, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def preflight_is_a_workflow(cls, raw: Any) -> Any:
        """Make the workflow of the preflight, of the step that `[app] preflight` names."""
        return with_preflight(raw)


SECTIONS: Mapping[str, type[Model]] = {
    "app": AppSection,
    "listing": ListingSection,
    "permissions": Permissions,
    "config": ConfigSection,
    "redact": RedactSection,
    "events": EventSection,
    "steps": StepSection,
    "workflows": WorkflowSection,
    "views": ViewSection,
    "tests": GoldenTest,
}
TRIGGERS: Mapping[str, type[Model]] = {"event": EventTrigger, "schedule": ScheduleTrigger, "tool": ToolTrigger}
MANIFEST_CHARS = 24_000
"""Python's TOML reader takes quadratic time for a key of many parts: so many characters are read in 2 s at most."""
KEY_PARTS = 32
"""Parts of one name, `a.b.c`: the deepest of the manifest's own has five."""
_LONG_KEY = re.compile(rf"(?:(?:[\w-]+|\"[^\"\n]*\"|'[^'\n]*')[ \t]*\.[ \t]*){{{KEY_PARTS}}}")
MOST_FINDINGS = 100
"""More findings of one manifest help nobody, and a version's item has to hold them."""


def _place(loc: tuple[int | str, ...]) -> tuple[int | str, ...]:
    """The place of a mistake without the kind of trigger that pydantic puts after the trigger's number."""
    return tuple(
        part
        for number, part in enumerate(loc)
        if not (number > 2 and loc[number - 2] == "triggers" and loc[0] == "workflows")
    )


def _model_at(loc: tuple[int | str, ...]) -> type[Model]:
    """The model of the section that an unknown key is in."""
    if len(loc) > 4 and loc[2] == "triggers":
        return TRIGGERS.get(str(loc[4]), EventTrigger)
    return SECTIONS.get(str(loc[0]), Manifest) if len(loc) > 1 else Manifest


def _field_finding(row: Any, lines: Mapping[Place, int]) -> Finding:
    place = _place(row["loc"])
    line = line_of(place, lines)
    what = describe(row, field_name(row, "the manifest")[-SHOWN_CHARS:])
    fix = "See the field in docs/manifest.md."
    if row["type"] == "extra_forbidden":
        close = close_field(str(place[-1]), _model_at(row["loc"]))
        what += f"; did you mean {close}?" if close else ""
        fix = f"Rename it to {close}, or remove it." if close else "Remove it: docs/manifest.md has the fields."
    spot = ".".join(str(part)[:SHOWN_CHARS] for part in place)
    return Finding(code="manifest.field", where=f"{MANIFEST}{f':{line}' if line else ''}#{spot}", what=what, fix=fix)


def excess_of(text: str) -> str:
    """Why a manifest is not read at all; empty where it is."""
    if len(text) > MANIFEST_CHARS:
        return f"the manifest has {len(text):,} characters, and may have {MANIFEST_CHARS:,}"
    if _LONG_KEY.search(text):
        return f"a name of the manifest has more than {KEY_PARTS} parts with dots between them"
    return ""


def parse(text: str) -> Manifest | tuple[Finding, ...]:
    """Read a manifest.

    Returns:
        The manifest; or findings of code `manifest.*`, each with line, place and what to do, at most MOST_FINDINGS.
    """
    raw = read_toml(text)
    return raw if isinstance(raw, tuple) else validate(raw, text)


def read_toml(text: str) -> dict[str, Any] | tuple[Finding, ...]:
    """Read the TOML of a manifest; one finding where it is too large or no TOML."""
    excess = excess_of(text)
    if excess:
        return (Finding(code="manifest.too-large", where=MANIFEST, what=excess, fix="Move long values into files."),)
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        what = "the values are nested too deeply" if isinstance(error, RecursionError) else str(error)
        return (Finding(code="manifest.toml", where=MANIFEST, what=what, fix="Correct the TOML at that place."),)


def validate(raw: dict[str, Any], text: str) -> Manifest | tuple[Finding, ...]:
    """The manifest of the TOML that was read; or its findings, with the lines of its text."""
    try:
        return Manifest.model_validate(raw)
    except ValidationError as error:
        lines = key_lines(text)
        return tuple(_field_finding(row, lines) for row in error.errors()[:MOST_FINDINGS])

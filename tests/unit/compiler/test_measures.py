"""What was compiled is measured against what AWS takes: by an app just beyond each limit, and one that just fits."""

import json

from interlock.compiler.plan import plan_version
from interlock.compiler.template import version_template
from interlock.compiler.version_plan import VersionPlan
from interlock.contract.core import limits
from interlock.contract.ticket import Ticket, largest_ticket, sign, ticket_scopes
from tests.support.bundles import MANIFEST, bundle

TASK = {"Type": "Task", "Resource": "${classify}"}
EXISTING_SIZES = 2
EXISTING_WORKFLOWS = 2
EXISTING_TRIGGERS = 1


def codes(more: str, before: str = "", after: str = "", definition: str = "") -> list[str]:
    files: dict[str, str | bytes | None] = {"interlock.toml": MANIFEST.replace(before, after) + more}
    if definition:
        files["workflows/tag.asl.json"] = definition
    result = plan_version(bundle(files))
    return [] if isinstance(result, VersionPlan) else [finding.code for finding in result]


def steps(count: int) -> str:
    names = (f"more{number}" for number in range(count))
    return "".join(f'\n[steps.{name}]\nhandler = "pii.steps:classify"\nmemory_mb = 1{name[4:]:0>3}\n' for name in names)


def workflows(count: int) -> str:
    return "".join(f'\n[workflows.more{number}]\nsteps = ["classify"]\n' for number in range(count))


def triggers(count: int, chars: int = 0) -> str:
    where = f'where = {{ "asset" = {{ "name" = ["{"x" * chars}"] }} }}\n' if chars else ""
    rows = f'\n[[workflows.more.triggers]]\nevent = "asset.updated"\n{where}' * count
    return f'\n[workflows.more]\nsteps = ["classify"]\n{rows}'


def chain(count: int) -> str:
    """A definition with so many Tasks: each has a compiled form that is longer than what was written."""
    names = [f"S{number}" for number in range(count)]
    after = [*names[1:], ""]
    states = {name: TASK | ({"Next": to} if to else {"End": True}) for name, to in zip(names, after, strict=True)}
    return json.dumps({"StartAt": "S0", "States": states})


def test_sizes_of_memory() -> None:
    fit = limits.MEMORY_SIZES - EXISTING_SIZES
    assert codes(steps(fit)) == []
    assert codes(steps(fit + 1)) == ["measure.memory-sizes"]


def test_workflows() -> None:
    fit = limits.WORKFLOWS - EXISTING_WORKFLOWS
    assert codes(workflows(fit)) == []
    assert codes(workflows(fit + 1)) == ["measure.workflows"]


def test_the_largest_version_is_far_below_what_a_stack_may_hold() -> None:
    """So no count of resources, parameters or characters of its role needs a finding of its own."""
    fit = steps(limits.MEMORY_SIZES - EXISTING_SIZES) + workflows(limits.WORKFLOWS - EXISTING_WORKFLOWS)
    largest = plan_version(bundle({"interlock.toml": MANIFEST + fit}))
    assert isinstance(largest, VersionPlan)
    template = json.loads(version_template(largest))
    assert len(template["Parameters"]) < limits.STACK_PARAMETERS * 0.6
    assert len(template["Resources"]) < limits.STACK_RESOURCES * 0.2
    policies = template["Resources"]["StepRole"]["Properties"]["Policies"]
    assert len(json.dumps(policies)) < limits.ROLE_POLICY_CHARS * 0.5


def test_the_compiled_definition_counts_and_not_the_source() -> None:
    text = chain(2_000)
    assert len(text) < limits.SFN_DEFINITION_BYTES / 3
    assert codes("", definition=text) == ["measure.definition-size"]
    assert codes("", definition=chain(1_000)) == []


def test_event_triggers() -> None:
    fit = limits.EVENT_TRIGGERS - EXISTING_TRIGGERS
    assert codes(triggers(fit)) == []
    assert codes(triggers(fit + 1)) == ["measure.event-triggers"]


def test_the_pattern_of_a_trigger() -> None:
    around = len(json.dumps({"source": ["interlock.catalog"], "detail-type": ["asset.updated"], "detail": {}}))
    assert codes(triggers(1, limits.RULE_PATTERN_CHARS - around - 40)) == []
    assert codes(triggers(1, limits.RULE_PATTERN_CHARS)) == ["measure.pattern-size"]


def test_the_ticket() -> None:
    def emits(count: int) -> list[str]:
        names = ", ".join(f'"report.event_{number:03d}"' for number in range(count))
        return codes("", 'emit = ["pii.detected"]', f"emit = [{names}]")

    assert limits.TICKET_BYTES + 4 * limits.KIB < limits.HEADER_BYTES
    assert emits(40) == []
    assert emits(200) == ["measure.ticket-size"]


def test_no_ticket_is_longer_than_the_largest() -> None:
    granted = ("catalog:read", "emit:a.b", "secret:password", "egress:example.com:443", "state")
    assert ticket_scopes(granted) == ("catalog:read", "emit:a.b")
    ticket = Ticket(
        tenant="acme",
        install="01JABC",
        app="acme/tagger",
        version="1.0.0",
        run="r" * 26,
        visit="STEP#2026-11-26T00:00:00.000Z#Load#0#-#0123456789abcdef#0000",
        attempt=0,
        granted=ticket_scopes(granted),
        hops=0,
        expires=1,
    )
    assert len(sign(ticket, b"secret")) < largest_ticket("acme/tagger", "1.0.0", granted) < limits.TICKET_BYTES

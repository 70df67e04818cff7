"""Measures what was compiled against what AWS takes: a version that passes here is not refused half way through.

The sources are beside each limit in `interlock/contract/core/limits.py`.
"""

import json
from collections.abc import Iterator

from interlock.compiler.version_plan import VersionPlan
from interlock.contract.core import limits
from interlock.contract.core.finding import Finding
from interlock.contract.manifest import MANIFEST, EventTrigger
from interlock.contract.ticket import largest_ticket
from interlock.contract.trigger import event_pattern

FUNCTION_ARN = "arn:aws-us-gov:lambda:us-gov-west-1:123456789012:function:" + "f" * 64
"""The longest that stands for `${Gate}` and `${Pause}` in a definition, which is measured with them."""


def check_measures(plan: VersionPlan) -> tuple[Finding, ...]:
    """What of a plan is more than AWS, or the platform, takes."""
    return (*_counts(plan), *_definitions(plan), *_triggers(plan), *_ticket(plan))


def _counts(plan: VersionPlan) -> Iterator[Finding]:
    sizes = sorted({function.memory_mb for function in plan.functions})
    if len(sizes) > limits.MEMORY_SIZES:
        what = f"the steps have {len(sizes)} different sizes of memory, and may have {limits.MEMORY_SIZES}"
        yield _finding("memory-sizes", f"{MANIFEST}#steps", what, "Give steps the same memory_mb.")
    if len(plan.machines) > limits.WORKFLOWS:
        what = f"the app has {len(plan.machines)} workflows, and may have {limits.WORKFLOWS}"
        yield _finding("workflows", f"{MANIFEST}#workflows", what, "Split the app.")


def _definitions(plan: VersionPlan) -> Iterator[Finding]:
    for machine in plan.machines:
        size = len(machine.definition.replace("${Gate}", FUNCTION_ARN).replace("${Pause}", FUNCTION_ARN).encode())
        if size > limits.SFN_DEFINITION_BYTES:
            what = (
                f"the compiled definition has {size:,} bytes, and Step Functions takes {limits.SFN_DEFINITION_BYTES:,}"
            )
            yield _finding("definition-size", f"{MANIFEST}#workflows.{machine.workflow}", what, "Split the workflow.")


def _triggers(plan: VersionPlan) -> Iterator[Finding]:
    count = 0
    for name, section in plan.manifest.workflows.items():
        for ordinal, trigger in enumerate(section.triggers):
            if not isinstance(trigger, EventTrigger):
                continue
            count += 1
            length = len(json.dumps(event_pattern(trigger)))
            if length > limits.RULE_PATTERN_CHARS:
                what = f"the pattern has {length:,} characters, and EventBridge takes {limits.RULE_PATTERN_CHARS:,}"
                where = f"{MANIFEST}#workflows.{name}.triggers.{ordinal}.where"
                yield _finding("pattern-size", where, what, "Shorten the pattern, and let a Choice decide the rest.")
    if count > limits.EVENT_TRIGGERS:
        what = f"the app has {count} event triggers, and may have {limits.EVENT_TRIGGERS}"
        yield _finding("event-triggers", f"{MANIFEST}#workflows", what, "Let one trigger match several events.")


def _ticket(plan: VersionPlan) -> Iterator[Finding]:
    app = plan.manifest.app
    size = largest_ticket(app.id, app.version, plan.manifest.permissions.scopes())
    if size > limits.TICKET_BYTES:
        what = (
            f"the names of the events fill a step's ticket with {size:,} bytes, and it may have {limits.TICKET_BYTES:,}"
        )
        yield _finding(
            "ticket-size", f"{MANIFEST}#permissions.emit", what, "Emit fewer events, or shorten their names."
        )


def _finding(code: str, where: str, what: str, fix: str) -> Finding:
    return Finding(code=f"measure.{code}", where=where, what=what, fix=fix)

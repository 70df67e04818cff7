"""What a manifest has to do with the world outside the app: hosts that it calls, events that it emits and listens to.

An event of the platform (`run.failed`) says that something happened, so no app may emit one, by name or in its schema.
"""

import ipaddress
from collections.abc import Iterator

from interlock.compiler.order import order_fault
from interlock.contract.address import is_forbidden
from interlock.contract.core.finding import Finding, Severity
from interlock.contract.core.suggest import did_you_mean
from interlock.contract.event import PLATFORM_SOURCES, is_reserved
from interlock.contract.event_pattern import faults
from interlock.contract.manifest import MANIFEST, EventTrigger, Manifest

METADATA_HOSTS = ("metadata.google.internal", "metadata", "instance-data", "instance-data.ec2.internal")
"""Names of metadata services: Google's, and EC2's own."""
LOCAL_NAMES = ("localhost", "localhost.localdomain", "ip6-localhost")


def check_outside(manifest: Manifest) -> Iterator[Finding]:
    """Findings about egress, emitted events and event triggers."""
    for target in manifest.permissions.egress:
        yield from _of_egress(target)
    for name in manifest.permissions.emit:
        if is_reserved(name):
            yield _finding(
                "event-reserved",
                f"{MANIFEST}#permissions.emit",
                f"{name} is a name of the platform's events, which no app may emit",
                "Begin the name with a word of your own, such as the app's name.",
            )
    for name, section in manifest.workflows.items():
        for ordinal, trigger in enumerate(section.triggers):
            if isinstance(trigger, EventTrigger):
                yield from _of_trigger(trigger, f"{MANIFEST}#workflows.{name}.triggers.{ordinal}")


def _of_egress(target: str) -> Iterator[Finding]:
    where = f"{MANIFEST}#permissions.egress"
    host = target.rpartition(":")[0].removeprefix("*.").rstrip(".")
    if target.startswith("*:") or target.endswith(":*"):
        what = f"{target} permits calls to any host"
        yield _finding("egress", where, what, "Name host and port, if possible.", Severity.WARNING)
    if host in METADATA_HOSTS or _is_refused(host):
        what = f"{target} is link-local, a metadata service or reserved: no step may call it"
        yield _finding("egress-private", where, what, "Name a public host.")
    elif _is_local(host):
        what = f"{target} is the machine that the step runs on, where no service of yours runs"
        yield _finding("egress-private", where, what, "Name a public host.", Severity.WARNING)


def _of_trigger(trigger: EventTrigger, where: str) -> Iterator[Finding]:
    if is_reserved(trigger.event) and trigger.event not in PLATFORM_SOURCES:
        hint = did_you_mean(trigger.event, PLATFORM_SOURCES)
        what = f"the platform has no event {trigger.event}: nothing starts by it{hint}"
        yield _finding("unknown-event", where, what, "Name an event of docs/schemas/events.", Severity.WARNING)
    fault = order_fault(trigger.event, trigger.order_by) if trigger.order_by else ""
    if fault:
        yield _finding("order-by", where, fault, "Name a field of the event's detail: see docs/schemas/events.")
    if "id" in trigger.where:
        what = "a pattern on `id` matches at most one event"
        yield _finding("where", where, what, "Match the fields that changed.", Severity.WARNING)
    fault = next(faults(trigger.where, "where"), "") if trigger.where else ""
    if fault:
        yield _finding("pattern", where, fault, "See patterns in docs/webhooks.md.")


def _is_refused(host: str) -> bool:
    try:
        return is_forbidden(_dotted(host))
    except (ValueError, OverflowError):
        return False


def _is_local(host: str) -> bool:
    if host in LOCAL_NAMES or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(_dotted(host)).is_loopback
    except (ValueError, OverflowError):
        return False


def _dotted(host: str) -> str:
    """An IPv4 address in its usual form: resolvers also read `2852039166`, `0xa9fea9fe`, `0251.254.0xa9fe`."""
    parts = host.split(".")
    if not 1 <= len(parts) <= 4 or not all(parts):
        return host
    numbers = [int(part, 16 if part.startswith("0x") else 8 if part.startswith("0") else 10) for part in parts]
    sizes = [1] * (len(parts) - 1) + [5 - len(parts)]
    data = b"".join(number.to_bytes(size, "big") for number, size in zip(numbers, sizes, strict=True))
    return str(ipaddress.IPv4Address(data))


def _finding(code: str, where: str, what: str, fix: str, severity: Severity = Severity.ERROR) -> Finding:
    return Finding(code=f"manifest.{code}", where=where, what=what, fix=fix, severity=severity)

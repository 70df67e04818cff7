"""Calls of a copilot that nobody confirmed, tools changed after consent, and pauses that a person has taken."""

from collections.abc import Callable, Iterator
from typing import Any

from interlock.compiler.tool_arguments import check_arguments
from interlock.contract.copilot.confirmation import (
    Confirmation,
    call_digest,
    confirmation_id,
    new_nonce,
    nonce_of,
    phrase_of,
    unknown,
)
from interlock.contract.copilot.tool import ToolItem, tool_pin
from interlock.contract.core.base import Json
from interlock.contract.core.failure import Failure
from interlock.contract.manifest import Manifest, ToolTrigger
from interlock.contract.registry import Install, InstallStatus, Version
from interlock.contract.run import Body, Decision, Hand, Pause, PauseStatus
from interlock.control.installs.tools import pinned_tool
from interlock.control.pauses.hands import decided, require_free
from scripts.attacks.case import Case

_AT, _LATER, _TOO_LATE = "2026-01-01T00:00:00.000Z", "2026-01-01T00:10:00.000Z", "2026-01-01T00:10:00.001Z"
_CALL = call_digest("acme__tag", "digest of the definition", {"table": "customer"})
_NONCE = new_nonce()
_PHRASE = phrase_of("acme__tag of acme/app", _NONCE)
_SCHEMA: Json = {"type": "object", "properties": {"table": {"type": "string"}}}


def cases() -> Iterator[Case]:
    """Every attack on what protects people from a copilot that was talked into something."""
    for name, (wanted, attempt) in _ATTEMPTS.items():
        yield Case("copilots", name, f"refused {wanted}", attempt)


def _refusal(attempt: Callable[[], object]) -> str:
    try:
        attempt()
    except Failure as failure:
        return f"refused {failure.code}"
    return "done"


def _confirm(
    phrase: str = _PHRASE, *, caller: str = "me", call: str = _CALL, at: str = _AT, was_used: bool = False
) -> str:
    """Give a confirmation that was asked of `me` for `_CALL`."""
    stored = Confirmation(
        id=confirmation_id(_NONCE), caller="me", call=_CALL, phrase=_PHRASE, until=_LATER, used=was_used
    )

    def give() -> None:
        if confirmation_id(nonce_of(phrase)) != stored.id:
            raise unknown()
        stored.check(caller, call, phrase, at)

    return _refusal(give)


def _pause(status: PauseStatus = PauseStatus.WAITING, *, hand: Hand | None = None, by: str = "") -> Pause:
    return Pause(
        id="p",
        run="r",
        tenant="acme",
        state="One",
        step="one",
        digest="d",
        at="before",
        status=status,
        breakpoint="b",
        armed_by="ann",
        since=_AT,
        input=Body(value={}, size=2),
        hand=hand,
        decision=Decision(action="go", by=by) if by else None,
    )


def _decide(pause: Pause) -> str:
    return _refusal(lambda: decided(pause, Decision(action="go", by="me", agent=True), _AT))


_PERSON = Hand(by="ann", agent=False, at=_AT, until=_LATER)


def _tool(*, description: str = "Tags.", schema: Json = _SCHEMA, workflow: str = "main") -> str:
    """Call a tool that the tenant consented to as it was, where it is now what is said here."""
    trigger = ToolTrigger(tool="tag", input_schema="t.json", description="Tags.")
    pin = tool_pin("acme/app", "main", trigger, _SCHEMA)
    item = ToolItem(tool="tag", install="i", workflow=workflow, app="acme/app", version="1.0.0", definition=pin)
    install = Install(
        id="i", tenant="acme", app="acme/app", version="1.0.1", status=InstallStatus.ACTIVE, granted=(), created=_AT
    )
    manifest = _manifest(description)
    version = Version.model_construct(app="acme/app", version="1.0.1", manifest=manifest, tool_schemas={"tag": schema})
    return "called" if pinned_tool(item, install, version) else "refused as changed"


def _manifest(description: str = "") -> Manifest:
    trigger = {"tool": "tag", "input_schema": "t.json", "description": description}
    fields: dict[str, Any] = {
        "app": {"id": "acme/app", "version": "1.0.1", "title": "App", "category": "automation"},
        "steps": {"one": {"handler": "app:one"}},
        "workflows": {name: {"steps": ["one"], "triggers": [trigger]} for name in ("main", "other")},
    }
    return Manifest.model_validate(fields)


def _published(schema: Json) -> str:
    codes = sorted({finding.code for finding in check_arguments(_manifest(), {"t.json": schema})})
    return f"refused {' '.join(codes)}" if codes else "published"


_ATTEMPTS: dict[str, tuple[str, Callable[[], str]]] = {
    "a call without a confirmation": ("confirmation-unknown", lambda: _confirm("")),
    "a confirmation in other words": ("confirmation-unknown", lambda: _confirm("yes")),
    "a confirmation with a guessed nonce": (
        "confirmation-unknown",
        lambda: _confirm(phrase_of("acme__tag of acme/app", new_nonce())),
    ),
    "a confirmation whose words were changed": (
        "confirmation-other-call",
        lambda: _confirm(phrase_of("list the tables", _NONCE)),
    ),
    "a confirmation of other arguments": (
        "confirmation-other-call",
        lambda: _confirm(call=call_digest("acme__tag", "digest of the definition", {"table": "*"})),
    ),
    "a confirmation of another tool": (
        "confirmation-other-call",
        lambda: _confirm(call=call_digest("acme__drop", "digest of the definition", {"table": "customer"})),
    ),
    "a confirmation of a tool that was changed since": (
        "confirmation-other-call",
        lambda: _confirm(call=call_digest("acme__tag", "digest of another", {"table": "customer"})),
    ),
    "a confirmation of another caller": ("confirmation-other-caller", lambda: _confirm(caller="mallory")),
    "a confirmation used twice": ("confirmation-used", lambda: _confirm(was_used=True)),
    "a confirmation after its time": ("confirmation-expired", lambda: _confirm(at=_TOO_LATE)),
    "a decision about a pause that a person has taken": ("pause-held", lambda: _decide(_pause(hand=_PERSON))),
    "a hand on a pause that a person has taken": (
        "pause-held",
        lambda: _refusal(lambda: require_free(_pause(hand=_PERSON), agent=True, at=_AT)),
    ),
    "a decision after a person's": ("pause-taken", lambda: _decide(_pause(PauseStatus.DECIDED, by="ann"))),
    "a tool with another description than consented to": ("as changed", lambda: _tool(description="Drops.")),
    "a tool with another schema than consented to": ("as changed", lambda: _tool(schema={"type": "object"})),
    "a tool of another workflow than consented to": ("as changed", lambda: _tool(workflow="other")),
    "a field that a copilot would not be shown": (
        "manifest.tool-field",
        lambda: _published({"type": "object", "properties": {"drop all tables": {"type": "boolean"}}}),
    ),
    "a required field that a copilot would not be shown": (
        "manifest.tool-field",
        lambda: _published({"type": "object", "required": ["drop all"]}),
    ),
    "a definition that a copilot would not be shown": (
        "manifest.tool-field",
        lambda: _published({"type": "object", "$defs": {"drop all": {"type": "string"}}}),
    ),
}

"""The ticket that a step carries to the runtime API: which run it works for, signed by the gate.

Who is calling (tenant and install) AWS itself says, by the session's name; the ticket adds the run and its ancestry.
"""

import base64
import hashlib
import hmac
from collections.abc import Iterable

from interlock.contract.asl import MAX_RETRY_ATTEMPTS, MAX_STATE_NAME
from interlock.contract.core import limits, names
from interlock.contract.core.base import INSTALL_NAME_CHARS, AppId, Document, TenantId, now
from interlock.contract.core.failure import Forbidden
from interlock.contract.envelope import Cause
from interlock.contract.language_model import SCOPE as MODEL_SCOPE

STEP_NAME_CHARS = 49
"""Of the longest `StepName`."""


class Ticket(Document):
    """What the gate vouches for."""

    tenant: TenantId
    install: str
    install_name: str = ""
    app: AppId
    version: str = ""
    run: str
    visit: str
    step: str = ""
    attempt: int
    granted: tuple[str, ...]
    """Those that the runtime API asks for (`ticket_scopes`): the ticket is a header, and all headers have a limit."""
    hops: int
    ancestry: tuple[str, ...] = ()
    expires: int
    """Seconds since the epoch."""

    def cause(self) -> Cause:
        """What a change made with this ticket says about where it came from."""
        return Cause(
            run=self.run,
            install=self.install,
            install_name=self.install_name,
            app=self.app,
            hops=self.hops,
            ancestry=self.ancestry,
        )


def ticket_scopes(granted: Iterable[str]) -> tuple[str, ...]:
    """The scopes that the runtime API asks a ticket for; the others AWS holds, by the session's policy."""
    return tuple(scope for scope in granted if scope.startswith(("catalog:", "emit:")) or scope == MODEL_SCOPE)


def largest_ticket(app: str, version: str, granted: Iterable[str]) -> int:
    """The characters of the longest ticket that a step of a version can get."""
    wide = "\U0001f600"
    run = names.run_id("")
    ticket = Ticket(
        tenant="t" * 24,
        install=names.ulid(),
        install_name="n" * INSTALL_NAME_CHARS,
        app=app,
        version=version,
        run=run,
        visit=f"STEP#{now()}#{wide * MAX_STATE_NAME}#99#999999#{'0' * 16}#0099",
        step="s" * STEP_NAME_CHARS,
        attempt=MAX_RETRY_ATTEMPTS,
        granted=ticket_scopes(granted),
        hops=limits.MAX_HOPS,
        ancestry=(run,) * limits.MAX_HOPS,
        expires=2**33,
    )
    return len(sign(ticket, b""))


def sign(ticket: Ticket, secret: bytes) -> str:
    """The ticket as text: `base64(json).hmac`."""
    body = base64.urlsafe_b64encode(ticket.model_dump_json().encode()).decode()
    return f"{body}.{_mac(body, secret)}"


def is_signed(text: str, secrets: Iterable[bytes]) -> bool:
    """Whether one of the secrets signed a ticket."""
    body, _, mac = text.partition(".")
    return any([hmac.compare_digest(_bytes(mac), _mac(body, secret).encode()) for secret in secrets])


def check(text: str, secrets: Iterable[bytes], now: float) -> Ticket:
    """Read a ticket.

    Args:
        text: the ticket.
        secrets: what the gate may have signed with: the current one, and the one before a rotation.
        now: seconds since the epoch.

    Raises:
        Forbidden: not signed by the gate, or expired.
    """
    body, _, _ = text.partition(".")
    if not is_signed(text, secrets):
        raise Forbidden(
            "the gate did not sign the ticket",
            code="bad-ticket",
            where="X-Interlock-Ticket",
            next_step="Retry the step.",
        )
    ticket = Ticket.model_validate_json(base64.urlsafe_b64decode(body))
    if ticket.expires < now:
        raise Forbidden(
            "the ticket has expired", code="bad-ticket", where="X-Interlock-Ticket", next_step="Retry the step."
        )
    return ticket


def _mac(body: str, secret: bytes) -> str:
    return hmac.new(secret, _bytes(body), hashlib.sha256).hexdigest()


def _bytes(text: str) -> bytes:
    """Whatever was sent: a text that is no Unicode is a wrong ticket, not a fault of ours."""
    return text.encode(errors="surrogatepass")

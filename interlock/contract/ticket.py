"""The ticket that a step carries to the runtime API: which run it works for, signed by the gate.

Who is calling (tenant and install) AWS itself says, by the session's name; the ticket adds the run and its ancestry.
"""

import base64
import hashlib
import hmac

from interlock.contract.core.base import AppId, Document, TenantId
from interlock.contract.core.failure import Forbidden
from interlock.contract.envelope import Cause


class Ticket(Document):
    """What the gate vouches for."""

    tenant: TenantId
    install: str
    app: AppId
    version: str = ""
    run: str
    visit: str
    attempt: int
    granted: tuple[str, ...]
    hops: int
    ancestry: tuple[str, ...] = ()
    expires: int
    """Seconds since the epoch."""

    def cause(self) -> Cause:
        """What a change made with this ticket says about where it came from."""
        return Cause(run=self.run, install=self.install, app=self.app, hops=self.hops, ancestry=self.ancestry)


def sign(ticket: Ticket, secret: bytes) -> str:
    """The ticket as text: `base64(json).hmac`."""
    body = base64.urlsafe_b64encode(ticket.model_dump_json().encode()).decode()
    return f"{body}.{_mac(body, secret)}"


def check(text: str, secret: bytes, now: float) -> Ticket:
    """Read a ticket.

    Raises:
        Forbidden: not signed by the gate, or expired.
    """
    body, _, mac = text.partition(".")
    if not hmac.compare_digest(_bytes(mac), _mac(body, secret).encode()):
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

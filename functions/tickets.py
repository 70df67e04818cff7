"""Who calls a route for steps: AWS names the tenant and the install, the ticket adds the run."""

import time
from typing import Any

from aws_lambda_powertools.event_handler import Request

from interlock.aws.services.secrets import AGAIN_SECONDS, platform_secret
from interlock.aws.services.sessions import role_of
from interlock.aws.tables.registry import Registry
from interlock.aws.tables.runs import Runs
from interlock.contract.core.failure import Forbidden
from interlock.contract.core.settings import RuntimeApiSettings
from interlock.contract.ticket import Ticket, check, is_signed
from interlock.control.installs.session_check import require_live_session


def ticket_of(request: Request) -> Ticket:
    """The ticket of a call, if it is for the tenant and the install that AWS names.

    Raises:
        Forbidden: the ticket is missing, expired, or of another install; or its run or install has ended since.
    """
    raw: dict[str, Any] = request.resolved_event.raw_event["requestContext"].get("authorizer", {}).get("iam", {})
    role, _, session = str(raw.get("userArn", "")).rpartition("/")
    text, arn = request.headers.get("x-interlock-ticket", ""), RuntimeApiSettings.read().ticket_secret
    secret = platform_secret(arn)
    if not is_signed(text, secret.values):
        # The gate may sign with a newer secret than this process knows.
        secret = platform_secret(arn, AGAIN_SECONDS)
    ticket = check(text, secret.values, time.time())
    if not role.endswith(f"/{role_of(ticket.tenant)}") or session != ticket.install:
        raise Forbidden(
            "the ticket belongs to another install",
            code="bad-ticket",
            where="X-Interlock-Ticket",
            next_step="Retry the step.",
        )
    settings = RuntimeApiSettings.read()
    require_live_session(Registry(settings.registry_table), Runs(settings.runs_table), ticket)
    return ticket

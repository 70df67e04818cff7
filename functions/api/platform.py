"""What the routes of the control API share: settings, stores, and who calls."""

from enum import StrEnum
from functools import cache
from typing import Any, TypeVar, cast

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.middlewares import NextMiddleware

from functions.answers import with_problems
from interlock.aws.tables.audit_log import AuditLog
from interlock.aws.tables.registry import Registry
from interlock.aws.tables.runs import Runs
from interlock.contract.audit import Change
from interlock.contract.core.failure import BadRequest
from interlock.contract.core.settings import ApiSettings
from interlock.contract.member import Caller
from interlock.control.access.audit import begin_change, end_change, is_audited
from interlock.control.access.authorize import caller_of, require
from interlock.control.installs.context import Life, life_of

Choice = TypeVar("Choice", bound=StrEnum)
app = with_problems(APIGatewayHttpResolver())


@cache
def settings() -> ApiSettings:
    """The settings, once in a process."""
    return ApiSettings.read()


@cache
def registry() -> Registry:
    """The registry, once in a process."""
    return Registry(settings().registry_table)


@cache
def audit_log() -> AuditLog:
    """The audit log, once in a process."""
    return AuditLog(settings().registry_table)


@cache
def runs() -> Runs:
    """The runs, once in a process."""
    return Runs(settings().runs_table)


@cache
def life() -> Life:
    """What changes of installs work with, once in a process."""
    return life_of(settings())


def caller(action: str, scope: str = "platform") -> Caller:
    """Who calls, if they may do this; Forbidden otherwise."""
    event: dict[str, Any] = app.current_event.raw_event
    principal = str(event["requestContext"]["authorizer"]["lambda"]["principal"])
    found = caller_of(registry(), principal)
    require(found, action, scope)
    http = event["requestContext"]["http"]
    if is_audited(str(http["method"]), action):
        change = begin_change(audit_log(), found, action, scope, str(http["method"]), app.current_event.path, body())
        app.append_context(change=change)
    return found


def audited(router: APIGatewayHttpResolver, following: NextMiddleware) -> Response[str]:
    """Note how a change went, whichever route made it."""
    try:
        answer = cast("Response[str]", following(router))
    except Exception as error:
        _end(error=error)
        raise
    _end(status=answer.status_code)
    return answer


def _end(*, status: int = 0, error: Exception | None = None) -> None:
    change = cast(object, app.context.get("change"))
    if isinstance(change, Change):
        end_change(audit_log(), change, status=status, error=error)


app.use(middlewares=[audited])


def word(name: str, default: str = "") -> str:
    """A query parameter."""
    return (app.current_event.query_string_parameters or {}).get(name, default)


def number(name: str, default: int) -> int:
    """A query parameter that is a number.

    Raises:
        BadRequest: it is none.
    """
    text = word(name, str(default))
    if not text.isdigit():
        raise BadRequest(f"{text!r} is no number", where=name, next_step=f"Write {name}={default}.")
    return int(text)


def one_of(kind: type[Choice], text: str, where: str, what: str) -> Choice:
    """The member of an enumeration that a caller names.

    Args:
        kind: the enumeration.
        text: what the caller wrote.
        where: which parameter it is.
        what: what a member is called, such as `status of an approval`.

    Raises:
        BadRequest: there is none of that name.
    """
    if text not in set(kind):
        raise BadRequest(f"{text!r} is no {what}", where=where, next_step=f"Write one of: {', '.join(kind)}.")
    return kind(text)


def body() -> str:
    """The request's body; an empty object where there is none."""
    return app.current_event.body or "{}"

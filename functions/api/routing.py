"""How a route of the control API is declared, and what holds for each of them: permission, audit, problems.

The handler's signature says what the route takes and answers; `route` adds its id, its permission and its errors.
"""

import inspect
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Annotated, Any, Literal, TypeVar, cast, get_args, get_origin, get_type_hints

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Depends, Request, Response
from aws_lambda_powertools.event_handler.middlewares import BaseMiddlewareHandler, NextMiddleware
from aws_lambda_powertools.event_handler.openapi.params import Body
from aws_lambda_powertools.event_handler.openapi.types import OpenAPIResponse
from pydantic import TypeAdapter, ValidationError

from functions.answers import PROBLEM, bad_request, with_problems, write_json
from functions.api.contexts import audit_log, registry, runs, settings
from functions.api.settled import Settled
from functions.telemetry import correlate
from interlock.contract.member import Caller
from interlock.contract.support import SupportSession
from interlock.control.access.audit import AuditedCall, begin_change, end_change, is_audited
from interlock.control.access.authorize import caller_of, is_permitted, require, require_scope
from interlock.control.access.rate import limit_scope
from interlock.control.access.support import SupportedCall, session_for

Handler = TypeVar("Handler", bound=Callable[..., Any])
Method = Literal["GET", "POST", "PUT", "DELETE"]
Scope = Literal["platform", "tenant", "publisher"]
Support = Literal["", "run", "app"]
"""By what a route is open to a publisher in a support session: the app of its run, or its parameter `app`."""
RATE_HEADERS = {
    "RateLimit-Limit": "How many calls this caller may make in a minute.",
    "RateLimit-Remaining": "How many of them are left.",
    "RateLimit-Reset": "In how many seconds the next minute begins.",
}
READ_HEADERS = {
    "ETag": "What tells this answer from a changed one: for `If-None-Match`, and for `If-Match` of a write.",
    "Interlock-Poll": "In how many seconds it is worth asking again; 0 where nothing changes any more.",
}
PROBLEMS = {
    400: "The request is not valid; `where` names the parameter or the field. An unknown field of a body is not valid.",
    403: "The caller is not allowed to do this.",
    404: "There is no such thing, or the caller may not see it.",
    409: "It exists with other content, or somebody else changed it first.",
    412: "It has changed since the caller read it (`If-Match`).",
    413: "The request is larger than a limit of the platform.",
    422: "A bundle, a config or an input was rejected; `findings` says why.",
    429: "The caller made too many calls, or a quota is used up; `Retry-After` says when to try again.",
    500: "The platform failed; the error is in its log.",
    503: "A part of the platform did not answer; `Retry-After` says when to try again.",
}

app = with_problems(APIGatewayHttpResolver(enable_validation=True, serializer=write_json))


def route(
    method: Method,
    path: str,
    operation_id: str,
    *,
    action: str,
    scope: Scope | None = None,
    status: int = HTTPStatus.OK,
    content: Mapping[str, Any] | None = None,
    support: Support = "",
    settled: bool = False,
) -> Callable[[Handler], Handler]:
    """Declare a route of the control API.

    Args:
        method: the HTTP method.
        path: with its parameters as `<name>`.
        operation_id: `resource.verb`: the tag of the document, and the method of the typed client.
        action: what Cedar decides about.
        scope: where the action is done; by default the tenant or the publisher that the path begins with.
        status: of a success.
        content: by content type, for a handler that writes the text of its answer itself.
        support: whether a publisher in a support session may call it, for a route that reads runs of one app.
        settled: whether its answer about a run can't change once the run is over for good.
    """
    where = scope or _scope_of(path)

    def register(handler: Handler) -> Handler:
        summary, _, description = (inspect.getdoc(handler) or "").partition("\n\n")
        app.route(
            path,
            method,
            summary=summary.replace("\n", " "),
            description=description.replace("\n", " ") or None,
            operation_id=operation_id,
            tags=[operation_id.partition(".")[0]],
            status_code=status,
            responses=_responses(method, status, content or {}),
            openapi_extensions={"x-interlock-action": action, "x-interlock-scope": where}
            | ({"x-interlock-support": support} if support else {}),
            middlewares=[
                Permission(action, where, support),
                *([Settled()] if settled else []),
                *_known_fields(handler),
            ],
        )(handler)
        return handler

    return register


class Permission(BaseMiddlewareHandler[APIGatewayHttpResolver]):
    """Lets a caller through to a route that it may call, and notes a change before it is made and after it."""

    def __init__(self, action: str, scope: Scope, support: Support = "") -> None:
        """Take the action that Cedar decides about, where it is done, and what it is about in a support session."""
        self.action, self.scope, self.support = action, scope, support

    def handler(self, app: APIGatewayHttpResolver, next_middleware: NextMiddleware) -> Response[Any]:
        """Run the route.

        Raises:
            Forbidden: no policy permits the action.
            NotFound: an operator names a tenant or a publisher that does not exist.
            Throttled: the tenant or the publisher made too many calls.
        """
        event, request = app.current_event, app.request
        principal = str(event.raw_event["requestContext"]["authorizer"]["lambda"]["principal"])
        correlate(**{name: request.path_parameters.get(name, "") for name in ("tenant", "publisher", "app", "run")})
        caller = caller_of(registry(), principal)
        scope = "platform" if self.scope == "platform" else f"{self.scope}/{request.path_parameters[self.scope]}"
        session = self._session(caller, scope, app)
        # A read by a publisher is in the tenant's log as changes are.
        require(caller, self.action, scope, session)
        require_scope(registry(), caller, scope)
        limit_scope(settings().runs_table, f"publisher/{session.app.partition('/')[0]}" if session else scope)
        app.append_context(caller=caller)
        if session is None and not is_audited(request.method, self.action):
            return cast("Response[Any]", next_middleware(app))
        call = AuditedCall(self.action, request.method, event.path, event.body or "")
        change = begin_change(audit_log(), caller, scope, call)
        try:
            response = cast("Response[Any]", next_middleware(app))
        except Exception as error:
            end_change(audit_log(), change, error=error)
            raise
        end_change(audit_log(), change, status=response.status_code)
        return response

    def _session(self, caller: Caller, scope: str, app: APIGatewayHttpResolver) -> SupportSession | None:
        """The support session by which the call is made: None for callers who need none."""
        if not self.support or is_permitted(caller, self.action, scope):
            return None
        path = app.request.path_parameters
        query = app.current_event.query_string_parameters
        call = SupportedCall(tenant=path["tenant"], run=path.get("run", ""), app=query.get("app", ""))
        return session_for(registry(), runs(), caller, call)


class KnownFields(BaseMiddlewareHandler[APIGatewayHttpResolver]):
    """Refuses a body that has a field that its model does not know, at any depth: a typo is not ignored.

    The models themselves ignore such a field, because other versions of the platform may have stored it.
    """

    def __init__(self, model: Any) -> None:
        """Take the type of the body."""
        self.body = TypeAdapter[Any](model)

    def handler(self, app: APIGatewayHttpResolver, next_middleware: NextMiddleware) -> Response[Any]:
        """Run the route.

        Raises:
            BadRequest: the body has unknown fields.
        """
        try:
            self.body.validate_json(app.current_event.body or "{}", extra="forbid")
        except ValidationError as error:
            raise bad_request([row | {"loc": ("body", *row["loc"])} for row in error.errors()]) from error
        return cast("Response[Any]", next_middleware(app))


def current_caller(request: Request) -> Caller:
    """Who makes the call that is served."""
    return cast(Caller, request.context["caller"])


CurrentCaller = Annotated[Caller, Depends(current_caller)]


def _known_fields(handler: Callable[..., Any]) -> list[KnownFields]:
    """The check of the body that a handler takes; empty where it takes none."""
    hints = get_type_hints(handler, include_extras=True)
    types = (get_args(hint) for hint in hints.values() if get_origin(hint) is Annotated)
    return [KnownFields(kind) for kind, *marks in types if any(isinstance(mark, Body) for mark in marks)]


def _scope_of(path: str) -> Scope:
    if path.startswith("/v1/tenants/<tenant>"):
        return "tenant"
    return "publisher" if path.startswith("/v1/publishers/<publisher>") else "platform"


def _responses(method: Method, status: int, content: Mapping[str, Any]) -> dict[int, OpenAPIResponse]:
    rate = {name: {"description": about, "schema": {"type": "integer"}} for name, about in RATE_HEADERS.items()}
    success: dict[str, Any] = {"description": HTTPStatus(status).phrase, "headers": rate}
    problem = {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    answers: dict[int, Any] = {status: success | ({"content": content} if content else {})}
    if method == "GET":
        answers[HTTPStatus.NOT_MODIFIED] = {"description": "It is as it was: the caller has it (`If-None-Match`)."}
    for code, about in PROBLEMS.items():
        answers[code] = {"description": about, "content": problem}
    return answers

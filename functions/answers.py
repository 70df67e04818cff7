"""HTTP answers of the two APIs: JSON for a success, problem+json (RFC 9457) for every failure."""

import json
import logging
from typing import Any, TypeVar

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.openapi.exceptions import RequestValidationError
from pydantic import ValidationError
from pydantic_core import to_json

from interlock.aws.errors import passes
from interlock.contract.core.failure import BadRequest, Failure, NotFound, Throttled, Unavailable
from interlock.contract.core.validation import explain

log = logging.getLogger("interlock")
Resolver = TypeVar("Resolver", bound=APIGatewayHttpResolver)
JSON = "application/json"
PROBLEM = "application/problem+json"
RETRY_SECONDS = 2
"""After which a call that a part of the platform did not serve may be made again."""


def write_json(value: Any) -> str:
    """A JSON text of plain values, with characters outside ASCII as they are: they count once against the 6 MB."""
    return to_json(value).decode()


def problem(failure: Failure) -> Response[str]:
    """An answer of problem+json; one of 429 or 503 says when to try again."""
    headers: dict[str, str] = {}
    if isinstance(failure, Throttled):
        headers = {"Retry-After": str(failure.retry_after)}
    elif isinstance(failure, Unavailable):
        headers = {"Retry-After": str(RETRY_SECONDS)}
    body = json.dumps(failure.problem())
    return Response(
        status_code=failure.status, content_type=PROBLEM, body=body, headers=dict[str, str | list[str]](headers)
    )


def with_problems(app: Resolver) -> Resolver:
    """Answer every failure as a problem. What is not foreseen is logged, and its text is not answered."""

    @app.exception_handler(Failure)
    def failed(failure: Failure) -> Response[str]:
        return problem(failure)

    @app.exception_handler(RequestValidationError)
    def refused(error: RequestValidationError) -> Response[str]:
        rows = error.errors()
        if rows[0]["loc"][:1] == ("response",):
            return _failed_here(error)
        return problem(bad_request(rows))

    @app.exception_handler(ValidationError)
    def invalid(error: ValidationError) -> Response[str]:
        return problem(bad_request(error.errors()))

    @app.not_found
    def unknown(_error: Exception) -> Response[str]:
        where = f"{app.current_event.http_method} {app.current_event.path}"
        return problem(NotFound("the route does not exist", where=where, next_step="See docs/api.md."))

    @app.exception_handler(Exception)
    def unforeseen(error: Exception) -> Response[str]:
        if passes(error):
            log.warning("AWS refused a call", exc_info=error)
            what = "a part of AWS is busy or did not answer"
            return problem(Unavailable(what, next_step="Try again. An idempotency key keeps it from being done twice."))
        return _failed_here(error)

    return app


def _failed_here(error: Exception) -> Response[str]:
    log.error("unforeseen", exc_info=error)
    what = "the platform failed, and the error is in its log"
    return problem(Failure(what, next_step="Try again. If it fails again, inform the operator."))


def bad_request(rows: Any) -> BadRequest:
    """The error of a request, from the errors that pydantic found in it (`ValidationError.errors()`)."""
    where, what = explain(rows)
    return BadRequest(what, where=where, next_step="Correct the request; docs/api.md says what each route takes.")

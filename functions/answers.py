"""HTTP answers of the two APIs: JSON for what worked, problem+json (RFC 9457) for what did not."""

import json
import logging
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from pydantic import BaseModel, ValidationError

from interlock.contract.core.failure import BadRequest, Failure, NotFound, Throttled

log = logging.getLogger("interlock")
JSON = "application/json"
PROBLEM = "application/problem+json"


def ok(value: BaseModel | dict[str, Any], status: int = 200, *, short: bool = False) -> Response[str]:
    """An answer of JSON; a `short` one leaves out fields that have their default."""
    body = value.model_dump_json(exclude_defaults=short) if isinstance(value, BaseModel) else json.dumps(value)
    return Response(status_code=status, content_type=JSON, body=body)


def problem(failure: Failure) -> Response[str]:
    """An answer of problem+json; one of 429 says when to try again."""
    headers = {"Retry-After": str(failure.retry_after)} if isinstance(failure, Throttled) else {}
    body = json.dumps(failure.problem())
    return Response(status_code=failure.status, content_type=PROBLEM, body=body, headers=dict(headers))


def with_problems(app: APIGatewayHttpResolver) -> APIGatewayHttpResolver:
    """Answer every failure as a problem; what nobody foresaw is logged, and told no one."""

    @app.exception_handler(Failure)
    def failed(failure: Failure) -> Response[str]:
        return problem(failure)

    @app.exception_handler(ValidationError)
    def invalid(error: ValidationError) -> Response[str]:
        row = error.errors()[0]
        where = ".".join(str(part) for part in row["loc"])
        return problem(BadRequest(row["msg"], where=where, next_step="See docs/api.md."))

    @app.not_found
    def unknown(_error: Exception) -> Response[str]:
        return problem(NotFound("no such route", where=app.current_event.path, next_step="See docs/api.md."))

    @app.exception_handler(Exception)
    def unforeseen(error: Exception) -> Response[str]:
        log.error("unforeseen", exc_info=error)
        return problem(Failure("something broke here", next_step="Try again; tell the operator if it stays."))

    return app

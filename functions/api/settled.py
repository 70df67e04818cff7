"""A cheap answer about a run that is over for good: its tag is made of the run's own item, so 304 needs no records."""

import hashlib
from collections.abc import Iterator
from typing import Any, cast

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.middlewares import BaseMiddlewareHandler, NextMiddleware

from functions.api.contexts import runs
from interlock.control.inspection.settled import settled_version

TAG_CHARS = 32
NEVER_AGAIN = {"Interlock-Poll": "0"}


class Settled(BaseMiddlewareHandler[APIGatewayHttpResolver]):
    """Answers 304 for a run that is settled and that the caller has read since; other answers are as they are."""

    def handler(self, app: APIGatewayHttpResolver, next_middleware: NextMiddleware) -> Response[Any]:
        """Run the route, unless the caller has its answer."""
        path, event = app.request.path_parameters, app.current_event
        version = settled_version(runs(), path["tenant"], path["run"])
        if not version:
            return cast("Response[Any]", next_middleware(app))
        text = "\n".join((version, event.path, str(event.raw_event.get("rawQueryString", ""))))
        tag = f'"{hashlib.sha256(text.encode()).hexdigest()[:TAG_CHARS]}"'
        if tag in tags(str(event.headers.get("if-none-match", ""))):
            return Response(status_code=304, headers={"ETag": tag, **NEVER_AGAIN})
        response = cast("Response[Any]", next_middleware(app))
        if response.status_code == 200:
            response.headers |= {"ETag": tag, **NEVER_AGAIN}
        return response


def tags(header: str) -> Iterator[str]:
    """The tags of an `If-None-Match`; a cache on the way may have made one weak."""
    return (word.strip().removeprefix("W/") for word in header.split(","))

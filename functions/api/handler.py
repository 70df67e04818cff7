"""The control API: routes below /v1. Each module in `routes` registers its own when it is imported."""

from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from functions.api import routes
from functions.api.edge import serve
from functions.api.routing import app
from functions.telemetry import observed
from functions.tracing import traced

for module in iter_modules(routes.__path__, f"{routes.__name__}."):
    import_module(module.name)


@traced
@observed
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Serve a call by its route."""
    return serve(event, lambda call: app.resolve(call, context))

"""The runtime API's route to the language model: a function of its own, which alone may call one, and which waits."""

import time
from functools import cache, lru_cache, partial
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Depends
from aws_lambda_powertools.event_handler.openapi.params import Body

from functions.answers import with_problems, write_json
from functions.telemetry import observed
from functions.tickets import ticket_of
from interlock.aws.services import bedrock
from interlock.aws.services.chat_completions import Endpoint, complete
from interlock.aws.tables.registry import Registry
from interlock.contract.core.settings import ConverseSettings
from interlock.contract.language_model import ModelAnswer, ModelRequest, parse_price
from interlock.contract.ticket import Ticket
from interlock.control.models.converse import ModelContext, converse, spent_on_others

SPENT_SECONDS = 60
OfStep = Annotated[Ticket, Depends(ticket_of)]
TAGS = {"model": "The language model that the operator configured."}
app = with_problems(APIGatewayHttpResolver(enable_validation=True, serializer=write_json))


@app.post("/runtime/model:converse", operation_id="model.converse", tags=["model"], summary="Ask the language model.")
def converse_for_step(request: Annotated[ModelRequest, Body()], ticket: OfStep) -> ModelAnswer:
    """Ask the operator's language model, within the tenant's budget."""
    return converse(_context(), ticket, request)


@cache
def _context() -> ModelContext:
    settings = ConverseSettings.read()
    endpoint = Endpoint(settings.model_url, settings.model, settings.model_key)
    return ModelContext(
        runs_table=settings.runs_table,
        registry=Registry(settings.registry_table),
        model=settings.model,
        price=parse_price(settings.model_price),
        call=partial(complete, endpoint) if settings.model_url else partial(bedrock.converse, settings.model),
        spent=lambda tenant, month: _spent(tenant, month, int(time.time()) // SPENT_SECONDS),
    )


@lru_cache(maxsize=256)
def _spent(tenant: str, month: str, _minute: int) -> float:
    """What a tenant spent on all but models, read once in SPENT_SECONDS."""
    return spent_on_others(ConverseSettings.read().runs_table, tenant, month)


@observed
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Serve a call by its route."""
    return app.resolve(event, context)

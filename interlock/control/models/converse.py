"""A step's call of the operator's language model: who may, within which bounds, and what it used (ADR 0036)."""

import json
from collections.abc import Callable
from dataclasses import dataclass

from interlock.aws.tables.model_use import ModelUses
from interlock.aws.tables.registry import Registry
from interlock.aws.tables.usage import UsageRecords
from interlock.bounds.json_schema import mismatches, schema_problem
from interlock.contract.core import limits, names
from interlock.contract.core.base import today
from interlock.contract.core.failure import BadRequest, Forbidden
from interlock.contract.language_model import (
    SCOPE,
    ModelAnswer,
    ModelError,
    ModelFailure,
    ModelRequest,
    ModelUse,
    Price,
    prompt_bytes,
)
from interlock.contract.ticket import Ticket
from interlock.control.usage.admission import quotas_of
from interlock.control.usage.report import tenant_usage

NOT_CONFIGURED = (
    "On AWS the operator deploys with -c interlock:model=ID; on a machine, set INTERLOCK_MODEL_URL and "
    "INTERLOCK_MODEL, then interlock down and interlock up (docs/models.md)."
)
FAILED_STOPS = {
    "refused": (ModelError.REFUSED, "a content filter or the model refused to answer", "Change the prompt."),
    "malformed": (ModelError.MALFORMED, "the model wrote no answer that its service takes", "Retry the step."),
    "too_large": (ModelError.TOO_LARGE, "the prompt is larger than the model takes", "Send less text in one call."),
}


@dataclass(frozen=True)
class ModelContext:
    """The operator's model, and where its use is counted.

    Attributes:
        runs_table: where use, usage and budgets are.
        registry: where the quotas of tenants and installs are.
        model: its name, for the record; empty where none is configured.
        price: what it costs; None where the operator has not said.
        call: makes one call.
        spent: what a tenant spent in a month on all but models, in dollars; read anew by default.
    """

    runs_table: str
    registry: Registry
    model: str
    price: Price | None
    call: Callable[[ModelRequest], ModelAnswer]
    spent: Callable[[str, str], float] | None = None


def converse(context: ModelContext, ticket: Ticket, request: ModelRequest) -> ModelAnswer:
    """Make one call for a step.

    Raises:
        Forbidden: the install has no scope `model`.
        BadRequest: the answer's schema is not one that the platform takes.
        ModelFailure: there is no answer, or none of use; its code is the error's name.
    """
    _refuse_unfit(context, ticket, request)
    month = today()[:7]
    uses = ModelUses(context.runs_table)
    _refuse_spent(context, uses, ticket.tenant, month)
    _refuse_used_up(context, uses, ticket)
    if not uses.take_call(ticket.tenant, ticket.run, limits.MODEL_CALLS):
        what = f"the run has made {limits.MODEL_CALLS:,} calls of the model"
        raise ModelFailure(ModelError.CALLS, what, next_step="Split the work over several runs.")
    try:
        raw = context.call(request)
    except ModelFailure:
        uses.count(ticket.tenant, ticket.run, ticket.step, month, ModelUse(calls=1))
        raise
    price = context.price
    dollars = None if price is None else price.dollars(raw.input_tokens, raw.output_tokens)
    answer = raw.model_copy(update={"dollars": dollars, "model": context.model})
    # The day first, as the month in `count`: what a crash leaves out may not be what a quota needs.
    uses.count_tokens(ticket.tenant, ticket.install, today(), answer.input_tokens + answer.output_tokens)
    uses.count(ticket.tenant, ticket.run, ticket.step, month, _use_of(answer))
    return _judged(answer, request)


def _refuse_unfit(context: ModelContext, ticket: Ticket, request: ModelRequest) -> None:
    if SCOPE not in ticket.granted:
        step = "Declare it: model = true in [permissions] of interlock.toml."
        raise Forbidden("the app may not call the language model", where="ctx.model", next_step=step)
    if ticket.tenant == names.SANDBOX:
        step = "Add an answer to the `model` file of the test."
        raise ModelFailure(ModelError.NO_ANSWER, "a trial calls no real model", next_step=step)
    if not context.model:
        raise ModelFailure(
            ModelError.NOT_CONFIGURED, "no language model is configured for this deployment", next_step=NOT_CONFIGURED
        )
    size = prompt_bytes(request)
    if size > limits.MODEL_PROMPT_BYTES:
        what = f"the prompt has {size:,} bytes, and may have {limits.MODEL_PROMPT_BYTES:,}"
        raise ModelFailure(ModelError.TOO_LARGE, what, next_step="Send less text in one call.")
    problem = schema_problem(request.answer_schema) if request.answer_schema is not None else ""
    if problem:
        raise BadRequest(
            problem, where="answer_schema", code="model-schema", next_step="Correct the schema of the call."
        )


def _refuse_spent(context: ModelContext, uses: ModelUses, tenant: str, month: str) -> None:
    """Refuse a call that a budget does not cover; calls that are under way at that moment may exceed it."""
    budget = UsageRecords(context.runs_table).budget(tenant)
    if budget is None:
        return
    if context.price is None:
        raise ModelFailure(
            ModelError.PRICE,
            "the tenant has a budget, and the price of the model is not known",
            next_step="The operator sets the price (docs/models.md), or an admin removes the budget.",
        )
    others = (context.spent or _spent_on_others(context.runs_table))(tenant, month)
    spent = others + uses.dollars(tenant, month)
    if spent >= budget.dollars:
        raise ModelFailure(
            ModelError.BUDGET,
            f"{spent:.2f} dollars of this month's budget of {budget.dollars:.2f} are spent",
            next_step="An admin sets another one: interlock budget set DOLLARS",
        )


def _refuse_used_up(context: ModelContext, uses: ModelUses, ticket: Ticket) -> None:
    """Refuse a call past the tokens of a day; calls that are under way at that moment may exceed them."""
    used = uses.tokens(ticket.tenant, today())
    if not used[""]:
        return
    install = context.registry.install(ticket.tenant, ticket.install).item
    whole, own = (quotas.model_tokens_per_day for quotas in quotas_of(context.registry.tenant(ticket.tenant), install))
    mine = used.get(ticket.install, 0)
    if used[""] >= whole or mine >= own:
        whose, spent, most = ("install", mine, own) if mine >= own else ("tenant", used[""], whole)
        raise ModelFailure(
            ModelError.TOKENS,
            f"the {whose} has used {spent:,} tokens of the language model today, and may use {most:,}",
            next_step="Retry tomorrow (UTC), or let an admin look: interlock quota show",
        )


def _spent_on_others(table: str) -> Callable[[str, str], float]:
    return lambda tenant, month: spent_on_others(table, tenant, month)


def spent_on_others(table: str, tenant: str, month: str) -> float:
    """What a tenant's ended runs of a month cost without calls of models, which are counted as they are made."""
    usage = tenant_usage(UsageRecords(table), tenant, f"{month}-01", today(), "day")
    return usage.dollars - usage.total.model_dollars


def _use_of(answer: ModelAnswer) -> ModelUse:
    tokens = answer.input_tokens + answer.output_tokens
    return ModelUse(
        calls=1,
        input_tokens=answer.input_tokens,
        output_tokens=answer.output_tokens,
        dollars=answer.dollars or 0.0,
        unpriced_tokens=tokens if answer.dollars is None else 0,
    )


def _judged(answer: ModelAnswer, request: ModelRequest) -> ModelAnswer:
    """The answer, with what it says as JSON where the call has a schema."""
    failed = FAILED_STOPS.get(answer.stop)
    if failed is not None:
        error, what, step = failed
        raise ModelFailure(error, what, next_step=step)
    if request.answer_schema is None:
        return answer
    try:
        data = json.loads(answer.text)
    except (ValueError, RecursionError) as error:
        cut = f": it was cut after {request.max_tokens} tokens" if answer.stop == "max_tokens" else ""
        what = f"the answer is not JSON{cut}"
        raise ModelFailure(ModelError.MALFORMED, what, next_step="Retry the step, or permit more tokens.") from error
    problems = mismatches(request.answer_schema, data)
    if problems:
        what = f"the answer does not match the schema: {problems[0].sentence('the answer')}"
        raise ModelFailure(ModelError.MALFORMED, what, next_step="Retry the step.")
    return answer.model_copy(update={"data": data})

"""A step's call of the operator's model: who may, bounds and budget, what is counted, and how it ends in usage."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from functions.converse import handler as function
from interlock.aws.clients import client
from interlock.aws.services.secrets import platform_secret, platform_secrets
from interlock.aws.tables.model_use import ModelUses
from interlock.aws.tables.registry import Registry
from interlock.aws.tables.table import Stored
from interlock.aws.tables.usage import UsageRecords
from interlock.contract.core import limits, names
from interlock.contract.core.base import today
from interlock.contract.core.failure import BadRequest, Forbidden
from interlock.contract.language_model import (
    Message,
    ModelAnswer,
    ModelError,
    ModelFailure,
    ModelRequest,
    ModelUse,
    Price,
)
from interlock.contract.quota import Quotas
from interlock.contract.registry import Install, InstallStatus, Publisher
from interlock.contract.run import RunStatus
from interlock.contract.ticket import Ticket, largest_ticket, sign
from interlock.contract.usage import Amount, Budget, report
from interlock.control.models.converse import ModelContext, converse, spent_on_others
from interlock.control.usage.metering import meter
from interlock.control.usage.quotas import set_install_quotas, set_tenant_quotas, show_quotas
from tests.support.cloud import ACCOUNT, AT, REGION, TENANT, Cloud, listed
from tests.support.installs import REQUEST as INSTALL
from tests.support.model_server import completion, model_server
from tests.support.records import a_run

ASK = ModelRequest(messages=(Message(text="Hi"),))
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"text": {"type": "string"}},
    "required": ["text"],
    "additionalProperties": False,
}
MONTH = today()[:7]
PRICE = Price(input=3, output=15)
TICKET = Ticket(
    tenant=TENANT,
    install="i",
    app="acme/app",
    version="1.0.0",
    run="r1",
    visit="v",
    step="draft",
    attempt=0,
    granted=("model",),
    hops=0,
    expires=0,
)


class Model:
    """Plays the operator's model: counts calls."""

    def __init__(self, *answers: ModelAnswer | ModelFailure) -> None:
        self.answers, self.calls = list(answers), 0

    def __call__(self, request: ModelRequest) -> ModelAnswer:
        self.calls += 1
        answer = self.answers.pop(0) if self.answers else ModelAnswer(text="ok", input_tokens=1000, output_tokens=100)
        if isinstance(answer, ModelFailure):
            raise answer
        return answer


@pytest.fixture(autouse=True)
def ticket_install(cloud: Cloud) -> Install:
    """The install that TICKET is of."""
    install = Install(id="i", tenant=TENANT, app="acme/app", version="1.0.0", status=InstallStatus.ACTIVE, created=AT)
    cloud.registry.write_install(Stored(item=install))
    return install


def context(model: Model, price: Price | None = PRICE, name: str = "m") -> ModelContext:
    return ModelContext(runs_table="runs", registry=Registry("registry"), model=name, price=price, call=model)


def refused(subject: ModelContext, ticket: Ticket = TICKET, request: ModelRequest = ASK) -> ModelError:
    with pytest.raises(ModelFailure) as caught:
        converse(subject, ticket, request)
    assert caught.value.what and caught.value.code == caught.value.error.value
    return caught.value.error


def used(run: str = "r1") -> dict[str, ModelUse]:
    return ModelUses("runs").of_run(TENANT, run)


def test_call_is_priced_and_counted_by_step(cloud: Cloud) -> None:
    model = Model()
    answer = converse(context(model), TICKET, ASK)
    assert (answer.text, answer.model) == ("ok", "m")
    assert answer.dollars == pytest.approx(0.0045)
    converse(context(model), replace_step("other"), ASK)
    converse(context(model), TICKET, ASK)
    one = ModelUse(calls=1, input_tokens=1000, output_tokens=100, dollars=0.0045)
    assert used() == {"draft": one.plus(one), "other": one}
    assert ModelUses("runs").dollars(TENANT, MONTH) == pytest.approx(0.0135)


def replace_step(step: str) -> Ticket:
    return TICKET.model_copy(update={"step": step})


def test_price_that_is_not_set_is_unknown_and_not_zero(cloud: Cloud) -> None:
    answer = converse(context(Model(), price=None), TICKET, ASK)
    assert answer.dollars is None
    assert used()["draft"] == ModelUse(calls=1, input_tokens=1000, output_tokens=100, unpriced_tokens=1100)


def test_model_that_is_not_configured_is_named(cloud: Cloud) -> None:
    model = Model()
    with pytest.raises(ModelFailure) as caught:
        converse(context(model, name=""), TICKET, ASK)
    assert caught.value.error is ModelError.NOT_CONFIGURED
    assert "INTERLOCK_MODEL_URL" in caught.value.next_step and "interlock:model" in caught.value.next_step
    assert model.calls == 0


def test_app_without_the_scope_may_not(cloud: Cloud) -> None:
    model = Model()
    with pytest.raises(Forbidden) as caught:
        converse(context(model), TICKET.model_copy(update={"granted": ("catalog:read",)}), ASK)
    assert "model = true" in caught.value.next_step
    assert model.calls == 0


def test_trial_never_calls_a_model(cloud: Cloud) -> None:
    """Even one whose step has an SDK that ignores the test's answers."""
    model = Model()
    assert refused(context(model), TICKET.model_copy(update={"tenant": names.SANDBOX})) is ModelError.NO_ANSWER
    assert model.calls == 0


def test_run_has_so_many_calls(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MODEL_CALLS", 2)
    model = Model()
    for _ in range(2):
        converse(context(model), TICKET, ASK)
    assert refused(context(model)) is ModelError.CALLS
    converse(context(model), TICKET.model_copy(update={"run": "r2"}), ASK)
    assert model.calls == 3


def test_prompt_that_is_too_large_is_refused_here_too(cloud: Cloud) -> None:
    """A step of a publisher's own making does not have to use the SDK."""
    model, text = Model(), "é" * (limits.MODEL_PROMPT_BYTES // 2 - 10)
    large = ModelRequest(messages=(Message(text=text),), system="x" * 30)
    assert refused(context(model), request=large) is ModelError.TOO_LARGE
    assert model.calls == 0


@pytest.mark.parametrize("schema", [{"$ref": "https://evil.example/x"}, {"type": "no-such-type"}, {"pattern": "("}])
def test_schema_that_is_none_is_refused_before_it_costs(cloud: Cloud, schema: dict[str, Any]) -> None:
    model = Model()
    with pytest.raises(BadRequest) as caught:
        converse(context(model), TICKET, ASK.model_copy(update={"answer_schema": schema}))
    assert caught.value.code == "model-schema"
    assert model.calls == 0


@pytest.mark.parametrize("text", ["no JSON", '{"text": 7}', '{"text": "x", "more": 1}', "[]", "[" * 100_000, ""])
def test_answer_that_misses_its_schema_is_malformed_and_counted(cloud: Cloud, text: str) -> None:
    model = Model(ModelAnswer(text=text, input_tokens=10, output_tokens=5))
    assert refused(context(model), request=ASK.model_copy(update={"answer_schema": SCHEMA})) is ModelError.MALFORMED
    assert used()["draft"].input_tokens == 10


def test_answer_that_matches_its_schema_is_data(cloud: Cloud) -> None:
    model = Model(ModelAnswer(text='{"text": "fine"}'))
    answer = converse(context(model), TICKET, ASK.model_copy(update={"answer_schema": SCHEMA}))
    assert answer.data == {"text": "fine"}


@pytest.mark.parametrize(
    ("stop", "error"),
    [("refused", ModelError.REFUSED), ("malformed", ModelError.MALFORMED), ("too_large", ModelError.TOO_LARGE)],
)
def test_answer_that_is_of_no_use_is_named_and_counted(cloud: Cloud, stop: str, error: ModelError) -> None:
    assert refused(context(Model(ModelAnswer(text="", stop=stop, input_tokens=10)))) is error
    assert used()["draft"].dollars == pytest.approx(0.00003)


def test_call_that_failed_is_counted_without_tokens(cloud: Cloud) -> None:
    assert refused(context(Model(ModelFailure(ModelError.TIMEOUT, "late")))) is ModelError.TIMEOUT
    assert used() == {"draft": ModelUse(calls=1)}


def budget(dollars: float) -> None:
    UsageRecords("runs").write_budget(TENANT, Budget(dollars=dollars))


def test_budget_that_is_spent_refuses_the_next_call(cloud: Cloud) -> None:
    budget(0.009)
    model = Model()
    converse(context(model), TICKET, ASK)
    converse(context(model), TICKET, ASK)
    assert refused(context(model)) is ModelError.BUDGET
    assert model.calls == 2
    budget(1)
    converse(context(model), TICKET, ASK)


def test_budget_counts_what_runs_cost_beside_models(cloud: Cloud) -> None:
    budget(0.5)

    def spent(tenant: str, month: str) -> float:
        return 0.6 if (tenant, month) == (TENANT, MONTH) else 0.0

    assert refused(replace(context(Model()), spent=spent)) is ModelError.BUDGET


def test_budget_without_a_price_can_not_be_held(cloud: Cloud) -> None:
    budget(100)
    model = Model()
    assert refused(context(model, price=None)) is ModelError.PRICE
    assert model.calls == 0


@pytest.mark.parametrize("whose", ["tenant", "install"])
def test_tokens_of_a_day_that_are_used_up_refuse_the_next_call(cloud: Cloud, whose: str) -> None:
    """1,100 tokens a call: the second one reaches the quota, and the third is not made."""
    few = Quotas(model_tokens_per_day=2_000)
    if whose == "tenant":
        set_tenant_quotas(cloud.registry, TENANT, few)
    else:
        set_install_quotas(cloud.registry, TENANT, "i", few)
    model = Model()
    for _ in range(2):
        converse(context(model), TICKET, ASK)
    with pytest.raises(ModelFailure, match=f"the {whose} has used 2,200 tokens .* may use 2,000") as caught:
        converse(context(model), TICKET, ASK)
    assert (caught.value.error, model.calls) == (ModelError.TOKENS, 2)
    assert "interlock quota show" in caught.value.next_step


def test_tokens_of_one_install_are_not_those_of_another(cloud: Cloud, ticket_install: Install) -> None:
    cloud.registry.write_install(Stored(item=ticket_install.model_copy(update={"id": "j", "name": "west"})))
    set_install_quotas(cloud.registry, TENANT, "i", Quotas(model_tokens_per_day=1_000))
    converse(context(Model()), TICKET, ASK)
    assert refused(context(Model())) is ModelError.TOKENS
    assert converse(context(Model()), TICKET.model_copy(update={"install": "j"}), ASK).text == "ok"
    lines = {row.install: row.model_tokens_today for row in show_quotas(cloud.registry, "runs", TENANT).lines}
    assert lines == {"": 2_200, "i": 1_100, "j": 1_100}


def test_tokens_of_yesterday_do_not_count(cloud: Cloud) -> None:
    set_install_quotas(cloud.registry, TENANT, "i", Quotas(model_tokens_per_day=1))
    ModelUses("runs").count_tokens(TENANT, "i", "2026-01-01", 10_000)
    assert converse(context(Model()), TICKET, ASK).text == "ok"


def test_run_is_metered_with_its_models_and_counted_once(cloud: Cloud) -> None:
    """A run's rows have what its calls cost, and a budget does not count them a second time."""
    version, usages = listed(cloud), UsageRecords("runs")
    converse(context(Model()), TICKET, ASK)
    over = a_run("i", ended=f"{today()}T00:00:00.000Z", status=RunStatus.SUCCEEDED)
    rows = meter(over, version, [], used())
    by_step = {row.step: row.amount for row in rows}
    assert by_step["draft"] == Amount(model_calls=1, input_tokens=1000, output_tokens=100, model_dollars=0.0045)
    total = report(rows, "step", ["2026-01-01"])
    assert total.dollars == pytest.approx(0.0045 + by_step["*"].dollars, abs=1e-6)
    client("dynamodb").put_item(**usages.put_with(over, rows))
    assert spent_on_others("runs", TENANT, MONTH) == pytest.approx(by_step["*"].dollars, abs=1e-6)


Call = Callable[..., tuple[int, Any]]


@pytest.fixture
def install(cloud: Cloud) -> Install:
    listed(cloud)
    cloud.registry.create_publisher(Publisher(id="acme", created=AT))
    subject = cloud.install(INSTALL)
    cloud.runs.create(a_run(subject.id, 1))
    return subject


@pytest.fixture
def call(cloud: Cloud, install: Install, monkeypatch: pytest.MonkeyPatch) -> Iterator[Call]:
    """Calls the function as API Gateway does, for a step of the run; status and answer."""
    client("secretsmanager").create_secret(Name="tickets", SecretString="s" * 32)
    platform_secrets().clear()
    settings = {"TICKET_SECRET": "tickets", "REGISTRY_TABLE": "registry", "RUNS_TABLE": "runs", "MODEL": "tiny"}
    for name, value in settings.items():
        monkeypatch.setenv(f"INTERLOCK_{name}", value)
    update = {"install": install.id, "app": install.app, "version": install.version, "expires": int(time.time()) + 600}
    ticket = TICKET.model_copy(update=update)
    role = f"arn:aws:sts::{ACCOUNT}:assumed-role/{names.access_role(TENANT, REGION)}/"

    def send(body: Any, who: str = "", **fields: Any) -> tuple[int, Any]:
        text = sign(ticket.model_copy(update=fields), platform_secret("tickets").current)
        event = {
            "version": "2.0",
            "routeKey": "POST /runtime/model:converse",
            "rawPath": "/runtime/model:converse",
            "rawQueryString": "",
            "headers": {"x-interlock-ticket": text, "content-type": "application/json"},
            "body": json.dumps(body),
            "isBase64Encoded": False,
            "requestContext": {
                "http": {"method": "POST", "path": "/runtime/model:converse", "sourceIp": "127.0.0.1"},
                "authorizer": {"iam": {"userArn": role + (who or install.id)}},
                "stage": "$default",
            },
        }
        answer = function.handler(event, None)
        return int(answer["statusCode"]), json.loads(answer["body"])

    caches = [getattr(function, name) for name in ("_context", "_spent")]
    with model_server(lambda _: completion("served", (9, 2))) as server:
        monkeypatch.setenv("INTERLOCK_MODEL_URL", f"{server.url}/v1")
        monkeypatch.setenv("INTERLOCK_MODEL_PRICE", "1/2")
        for cache in caches:
            cache.cache_clear()
        yield send
        for cache in caches:
            cache.cache_clear()


BODY = {"messages": [{"text": "Hi"}]}


def test_function_answers_a_step(call: Call) -> None:
    status, answer = call(BODY)
    assert status == 200, answer
    assert (answer["text"], answer["input_tokens"], answer["output_tokens"]) == ("served", 9, 2)
    assert (answer["model"], answer["dollars"]) == ("tiny", pytest.approx(13e-6))


def test_function_names_the_error(call: Call) -> None:
    budget(0.000001)
    assert call(BODY)[0] == 200
    status, problem = call(BODY)
    assert (status, problem["code"]) == (502, "ModelBudgetExceeded")


def test_ticket_of_another_install_is_refused(call: Call) -> None:
    assert call(BODY, who="01another")[1]["code"] == "bad-ticket"
    assert call(BODY, granted=("catalog:read",))[0] == 403


def test_run_that_is_over_calls_no_model(cloud: Cloud, call: Call) -> None:
    cloud.runs.change(TENANT, "r1", lambda run: run.model_copy(update={"status": RunStatus.ABORTED}))
    assert call(BODY)[1]["code"] == "session-ended"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"messages": []},
        {"messages": "Hi"},
        {"messages": [{"text": "Hi"}], "model": "a-better-one"},
        {"messages": [{"text": "Hi"}], "max_tokens": 10**9},
        {"messages": [{"role": "tool", "text": "Hi"}]},
        {"messages": [{"text": "Hi"}] * (limits.MODEL_MESSAGES + 1)},
        {"messages": [{"text": "Hi"}], "answer_schema": []},
    ],
)
def test_body_that_is_wrong_is_refused(call: Call, body: Any) -> None:
    status, problem = call(body)
    assert (status, problem["code"]) == (400, "bad-request"), problem
    assert used() == {}


def test_ticket_with_its_step_still_fits_a_header() -> None:
    assert largest_ticket("a" * 30 + "/" + "b" * 40, "100.100.100", ("model",)) < limits.TICKET_BYTES

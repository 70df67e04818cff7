"""The automation against a webhook of the test's."""

import json

import pytest
from interlock_automation.steps import notify

from interlock.testing import asset, run_step

URL = "https://hooks.example.com/x"
ASSET = asset("db/main/client", "table", tags=("pii",), owners=("ada",)).model_dump(mode="json")
CHANGE = {"id": "c1", "type": "asset.updated", "asset": ASSET, "changed": ["tags"]}


def test_posts_once_with_the_token_and_emits() -> None:
    run = run_step(notify, CHANGE, config={"webhook_url": URL}, secrets={"webhook_token": "t0psecret"}, http={URL: 204})
    assert run.output == {"posted": True}
    call = run.backend.calls[0]
    assert call.headers["Authorization"] == "Bearer t0psecret"
    assert json.loads(call.body)["owners"] == ["ada"]
    assert [row.name for row in run.emitted] == ["tags.changed"]
    assert "t0psecret" not in run.answer.model_dump_json()


@pytest.mark.parametrize(("status", "name"), [(503, "WebhookDown"), (429, "WebhookDown"), (404, "WebhookRefused")])
def test_a_webhook_that_fails_is_named(status: int, name: str) -> None:
    run = run_step(notify, CHANGE, config={"webhook_url": URL}, secrets={"webhook_token": None}, http={URL: status})
    assert run.error is not None and run.error.name == name
    assert run.emitted == ()


def test_a_dry_run_posts_nothing() -> None:
    run = run_step(notify, CHANGE, config={"webhook_url": URL}, secrets={"webhook_token": None}, dry=True)
    assert run.output == {"posted": True}
    assert run.backend.calls == []
    assert [effect.performed for effect in run.effects if effect.kind != "secret"] == [False, False]

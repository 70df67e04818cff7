"""The model that the operator lets steps call: literal ARNs for one function, and none unless the operator says so."""

from __future__ import annotations

import json
from typing import Any

import aws_cdk as cdk
import pytest

from infra.language_model import ARNS_CONTEXT, ROUTE, model_arns
from interlock.compiler.policy import ROUTES
from interlock.contract.core import limits
from interlock.contract.core.settings import ConverseSettings
from interlock.local.engine.process import MODEL_VARIABLES
from tests.support.iam import World
from tests.support.permissions import actions_of

Templates = dict[str, dict[str, Any]]
PROFILE = "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.acme.tiny-v1:0"
BEHIND = "arn:aws:bedrock:us-west-2::foundation-model/acme.tiny-v1:0"


def allowed(templates: Templates) -> list[tuple[str, Any]]:
    """Every role that may do anything with Bedrock, and on what."""
    world = World(*templates.values())
    rows: list[tuple[str, Any]] = []
    for key, one in world.resources.items():
        if one["Type"] == "AWS::IAM::Role":
            for statement in world.statements(world.role(key)):
                if "bedrock" in json.dumps(statement["Action"]):
                    rows.append((world.role(key), statement))
    return rows


def function(templates: Templates) -> dict[str, Any]:
    every = (row.get("Properties", {}) for template in templates.values() for row in template["Resources"].values())
    (subject,) = [row for row in every if row.get("FunctionName") == "interlock-converse"]
    return subject


def test_nobody_calls_a_model_unless_the_operator_says_so(aws: Templates, local: Templates) -> None:
    assert allowed(aws) == allowed(local) == []
    variables = function(aws)["Environment"]["Variables"]
    assert (variables["INTERLOCK_MODEL"], variables["INTERLOCK_MODEL_KEY"]) == ("", "")


def test_one_function_calls_literal_arns(with_options: Templates) -> None:
    templates = with_options
    ((role, statement),) = allowed(templates)
    assert role == "interlock-converse"
    assert (statement["Action"], statement["Resource"]) == ("bedrock:InvokeModel", [PROFILE, BEHIND])
    variables = function(templates)["Environment"]["Variables"]
    assert variables["INTERLOCK_MODEL"] == "us.acme.tiny-v1:0"
    assert variables["INTERLOCK_MODEL_PRICE"] == "3/15"


def test_code_that_calls_bedrock_is_that_function_alone() -> None:
    """Converse is the operation; its permission is called InvokeModel."""
    assert "bedrock-runtime:Converse" in actions_of("functions.converse.handler")
    for other in ("runtime_api", "gate", "api", "finish_run"):
        assert not [action for action in actions_of(f"functions.{other}.handler") if action.startswith("bedrock")]


def test_a_model_of_the_region_needs_no_arn() -> None:
    own = "arn:aws:bedrock:us-east-1::foundation-model/m"
    assert model_arns(cdk.App().node, "m", own) == [own]
    assert model_arns(cdk.App().node, "", own) == []


@pytest.mark.parametrize(
    ("model", "arns"),
    [
        ("", PROFILE),
        ("m", "*"),
        ("m", "arn:aws:bedrock:*::foundation-model/*"),
        ("m", "arn:aws:s3:::a-bucket"),
        ("m", f"{PROFILE},no-arn"),
    ],
)
def test_arns_that_are_not_literal_are_refused(model: str, arns: str) -> None:
    node = cdk.App(context={ARNS_CONTEXT: arns}).node
    with pytest.raises(ValueError, match=ARNS_CONTEXT):
        model_arns(node, model, "own")


def test_function_ends_before_the_api_does(aws: Templates) -> None:
    """https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html: 30 s."""
    assert limits.MODEL_SECONDS < function(aws)["Timeout"] < 30


def test_route_is_the_one_that_sessions_name() -> None:
    assert ROUTES["model"] == (f"POST{ROUTE}",)


def test_engine_hands_on_what_the_function_reads() -> None:
    names = {f"INTERLOCK_{name.upper()}" for name in ConverseSettings.model_fields if name.startswith("model")}
    assert set(MODEL_VARIABLES) == names

"""The function that calls the language model for steps, and which one the operator lets it call.

`-c interlock:model=ID` names a model of Bedrock, or an inference profile: then `-c interlock:model-arns=ARN,ARN` lists
the profile and the models behind it, because each of them has to be permitted.
https://docs.aws.amazon.com/bedrock/latest/userguide/inference-profiles-prereq.html
`-c interlock:model-price=IN/OUT` says what a million tokens cost in dollars. Without a model steps get a named error.
"""

from aws_cdk import aws_apigatewayv2 as apigw
from aws_cdk import aws_apigatewayv2_integrations as integrations
from constructs import Construct, Node

from infra.core import Core
from infra.foundation import TICKET_SECRET
from infra.python_function import PythonFunction
from infra.roles import Allow
from interlock.contract.core import limits
from interlock.contract.core.settings import ConverseSettings
from interlock.contract.language_model import parse_price

CONTEXT, ARNS_CONTEXT, PRICE_CONTEXT = "interlock:model", "interlock:model-arns", "interlock:model-price"
ROUTE = "/runtime/model:converse"
OWN_SECONDS = 4
"""What the function takes beside the model's time: together less than the 30 s of an HTTP API."""


class LanguageModel(Construct):
    """The function `interlock-converse` and its route."""

    def __init__(self, control: Core) -> None:
        """Make both."""
        super().__init__(control, "LanguageModel")
        foundation = control.foundation
        model, price = (str(self.node.try_get_context(name) or "") for name in (CONTEXT, PRICE_CONTEXT))
        parse_price(price)
        arns = model_arns(
            self.node, model, f"arn:{control.partition}:bedrock:{control.region}::foundation-model/{model}"
        )
        function = PythonFunction(
            self,
            "converse",
            **control.common,
            settings=ConverseSettings(
                ticket_secret=TICKET_SECRET,
                registry_table=foundation.registry.table_name,
                runs_table=foundation.runs.table_name,
                model=model,
                model_price=price,
            ),
            allow=[
                Allow(["dynamodb:GetItem", "dynamodb:BatchGetItem"], [foundation.registry.table_arn]),
                Allow(
                    ["dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:UpdateItem", "dynamodb:Query"],
                    [foundation.runs.table_arn],
                ),
                Allow(["secretsmanager:GetSecretValue"], [foundation.ticket_secret_arn]),
                *([Allow(["bedrock:InvokeModel"], arns)] if arns else []),
            ],
            memory_mb=512,
            timeout_s=limits.MODEL_SECONDS + OWN_SECONDS,
        )
        integration = integrations.HttpLambdaIntegration("Model", function.function)
        control.add_runtime_route(ROUTE, apigw.HttpMethod.POST, integration)


def model_arns(node: Node, model: str, own: str) -> list[str]:
    """The ARNs that the function may invoke.

    Args:
        node: whose context says so.
        model: the id of a model or profile; empty for none.
        own: the ARN that a model of that id has in this region.

    Raises:
        ValueError: ARNs without a model, or one that is not an ARN of Bedrock, or has a wildcard.
    """
    text = str(node.try_get_context(ARNS_CONTEXT) or "")
    arns = [arn.strip() for arn in text.split(",") if arn.strip()]
    if arns and not model:
        raise ValueError(f"-c {ARNS_CONTEXT} needs -c {CONTEXT}=ID")
    wrong = [arn for arn in arns if not (arn.startswith("arn:") and ":bedrock:" in arn) or "*" in arn]
    if wrong:
        raise ValueError(f"-c {ARNS_CONTEXT}: {wrong[0]} is not the literal ARN of a model or inference profile")
    return arns or ([own] if model else [])

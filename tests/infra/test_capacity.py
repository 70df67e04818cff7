"""What an operator lets a deployment use: reserved concurrency by one figure, and the API's rate."""

from __future__ import annotations

from typing import Any

import aws_cdk as cdk
import pytest

from infra.capacity import (
    CONTEXT,
    LEAST_CONCURRENCY,
    REQUESTS_PER_SECOND,
    RESERVED,
    TRACE_CONTEXT,
    reserved,
    trace_rate,
)
from infra.target import AWS, local

Templates = dict[str, dict[str, Any]]
UNRESERVED = 100
"""What Lambda keeps unreserved of an account."""


def resources(templates: Templates, kind: str) -> list[dict[str, Any]]:
    every = (row for template in templates.values() for row in template["Resources"].values())
    return [row["Properties"] for row in every if row["Type"] == kind]


def reserved_of(templates: Templates) -> dict[str, int]:
    functions = resources(templates, "AWS::Lambda::Function")
    wanted = "ReservedConcurrentExecutions"
    return {row["FunctionName"]: row[wanted] for row in functions if wanted in row}


def test_nothing_is_reserved_unless_the_operator_says_so(aws: Templates, local: Templates) -> None:
    assert reserved_of(aws) == reserved_of(local) == {}
    (stage,) = resources(aws, "AWS::ApiGatewayV2::Stage")
    assert stage["DefaultRouteSettings"] == {
        "ThrottlingRateLimit": REQUESTS_PER_SECOND,
        "ThrottlingBurstLimit": REQUESTS_PER_SECOND // 2,
    }


def test_one_figure_reserves_for_each_function(with_options: Templates) -> None:
    templates = with_options
    assert reserved_of(templates) == {
        "interlock-gate": 350,
        "interlock-runtime-api": 80,
        "interlock-api": 80,
        "interlock-authorize": 30,
        "interlock-start-run": 30,
        "interlock-finish-run": 30,
    }
    (stage,) = resources(templates, "AWS::ApiGatewayV2::Stage")
    assert stage["DefaultRouteSettings"] == {"ThrottlingRateLimit": 50, "ThrottlingBurstLimit": 25}
    sources = {
        row["FunctionName"]["Ref"]: row["ScalingConfig"]["MaximumConcurrency"]
        for row in resources(templates, "AWS::Lambda::EventSourceMapping")
        if "ScalingConfig" in row
    }
    assert sources, "queues call with a bound"


@pytest.mark.parametrize("concurrency", [LEAST_CONCURRENCY, 1_000, 10_000])
def test_shares_leave_steps_as_much_as_the_gate(concurrency: int) -> None:
    node = cdk.App(context={CONTEXT: str(concurrency)}).node
    shares = {name: reserved(node, AWS, name) or 0 for name in RESERVED}
    left = concurrency - sum(shares.values())
    assert left >= max(shares["gate"], UNRESERVED)
    assert shares["start_run"] >= 10 and shares["finish_run"] >= 10, "as much as their queues call at once"


def test_too_small_a_figure_is_refused() -> None:
    node = cdk.App(context={CONTEXT: str(LEAST_CONCURRENCY - 1)}).node
    with pytest.raises(ValueError, match="is less than 400"):
        reserved(node, AWS, "gate")
    assert reserved(node, AWS, "publish") is None
    assert reserved(node, local("http://127.0.0.1:1"), "gate") is None


def test_traces_are_sampled_as_the_operator_says(aws: Templates, local: Templates) -> None:
    for templates, rate in ((aws, "0.05"), (local, "1.0")):
        functions = {row["FunctionName"]: row for row in resources(templates, "AWS::Lambda::Function")}
        assert functions["interlock-finish-run"]["Environment"]["Variables"]["INTERLOCK_TRACE_RATE"] == rate
    assert trace_rate(cdk.App(context={TRACE_CONTEXT: "0.5"}).node, AWS) == 0.5
    assert trace_rate(cdk.App(context={TRACE_CONTEXT: "0"}).node, AWS) == 0
    with pytest.raises(ValueError, match="not a share"):
        trace_rate(cdk.App(context={TRACE_CONTEXT: "5"}).node, AWS)

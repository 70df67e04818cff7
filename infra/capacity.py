"""What an operator lets a deployment use of the account: reserved concurrency and requests a second, as context of CDK.

`-c interlock:concurrency=1000` gives each function of RESERVED its share of so many concurrent executions. Nothing is
reserved without it: a new account has 10, and 100 of an account must stay unreserved.
https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html
"""

from constructs import Node

from infra.target import DeployTarget

CONTEXT, RATE_CONTEXT = "interlock:concurrency", "interlock:requests-per-second"
TRACE_CONTEXT = "interlock:trace-rate"
RESERVED = {
    "gate": 0.35,
    "runtime_api": 0.08,
    "api": 0.08,
    "authorize": 0.03,
    "start_run": 0.03,
    "finish_run": 0.03,
}
"""Shares: a running step holds one execution of the gate and one of its own, which come from what is left."""
LEAST_CONCURRENCY = 400
"""Below this the share of `start_run` would be smaller than what its queue calls at once (infra/events.py)."""
REQUESTS_PER_SECOND = 1_000
"""Of all callers of the API together: a tenth of what an account has in a region, so that other APIs of it keep theirs.
https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html"""
BURST_SECONDS = 0.5
"""How much of a second may come at once: the account's own burst is half of its rate."""

TRACE_RATE = 0.05
"""Of the runs that did not fail, as X-Ray's own default samples beyond the first request a second:
https://docs.aws.amazon.com/xray/latest/devguide/xray-console-sampling.html"""


def trace_rate(node: Node, target: DeployTarget) -> float:
    """The share of runs that did not fail whose trace is sent to X-Ray; every failed run's is."""
    value = node.try_get_context(TRACE_CONTEXT)
    if value is None:
        return TRACE_RATE if target.name == "aws" else 1.0
    rate = float(value)
    if not 0 <= rate <= 1:
        raise ValueError(f"-c {TRACE_CONTEXT}={value} is not a share: write a number from 0 to 1")
    return rate


def reserved(node: Node, target: DeployTarget, function: str) -> int | None:
    """The reserved concurrency of a function; None where it shares what is left."""
    value = node.try_get_context(CONTEXT)
    if value is None or target.name != "aws" or function not in RESERVED:
        return None
    concurrency = int(value)
    if concurrency < LEAST_CONCURRENCY:
        raise ValueError(f"-c {CONTEXT}={concurrency} is less than {LEAST_CONCURRENCY}: ask AWS for more, or omit it")
    return int(concurrency * RESERVED[function])


def requests(node: Node) -> tuple[int, int]:
    """Requests a second of the API's stage, and its burst."""
    rate = int(node.try_get_context(RATE_CONTEXT) or REQUESTS_PER_SECOND)
    return rate, max(int(rate * BURST_SECONDS), 1)

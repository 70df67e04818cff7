"""What one pass through the gate costs: AWS calls, processor time by owner, and time by stage.

The gate runs in this process against the engine, with a step function that answers at once, so that processor time is
the gate's alone.
"""

import json
import statistics
import time
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from interlock.aws.clients import client
from interlock.aws.services.sessions import Sessions
from interlock.aws.tables.registry import Registry
from interlock.aws.tables.runs import Runs
from interlock.compiler.policy import Deployment
from interlock.contract.core.names import ExecutionName, access_role
from interlock.contract.envelope import GateRequest
from interlock.contract.run_request import RunRequest
from interlock.control.gate.pass_gate import GateContext, pass_gate
from interlock.local.environment import talking_to
from scripts.benchmark.engine import Engine, waited

PASSES = 200
WARM_UPS = 10
SERVICES = ("dynamodb", "sts", "lambda", "s3")
MS = 1000


@dataclass
class Cost:
    """Milliseconds and counts of one pass: medians."""

    calls: float
    own_ms: float
    total_ms: float
    stages: dict[str, float] = field(default_factory=dict[str, float])


def gate_cost(engine: Engine) -> Cost:
    """Measure PASSES passes of an empty step."""
    with talking_to(engine.platform.engine):
        gate = gate_of(engine)
        template = request_of(engine)
        seen = Listener()
        calls: list[float] = []
        total: list[float] = []
        own: list[float] = []
        for number in range(PASSES + WARM_UPS):
            entered = f"2026-01-01T00:00:00.{number:06d}Z"
            seen.begin()
            before, wall = time.process_time(), time.monotonic()
            pass_gate(template.model_copy(update={"entered": entered, "nonce": str(number)}), gate)
            spent, took = (time.process_time() - before) * MS, (time.monotonic() - wall) * MS
            if number >= WARM_UPS:
                total.append(spent)
                own.append(spent - seen.processor_ms)
                calls.append(sum(name != "Invoke" for name in seen.names))
                seen.stages["outside AWS calls"].append(took - seen.wall_ms)
        stages = {name: statistics.median(values[-PASSES:]) for name, values in seen.stages.items()}
        return Cost(statistics.median(calls), statistics.median(own), statistics.median(total), stages)


def gate_of(engine: Engine) -> GateContext:
    """A gate in this process, on the engine's stores."""
    record = engine.platform.record
    cell = Deployment(
        partition="aws", region=record.region, account=record.account, api_id=record.api_id, bucket=record.data_bucket
    )
    _let_in(record.account, record.region)
    return GateContext(
        runs=Runs(record.runs_table),
        registry=Registry(record.registry_table),
        sessions=Sessions(cell),
        bucket=record.data_bucket,
        ticket_secret=lambda: b"bench",
        region=record.region,
        api_url=record.api_url,
        api_host=record.api_host,
        endpoint_url=record.endpoint_url,
    )


class Listener:
    """Hears botocore's events: which calls were made, and what each took of wall and processor time."""

    def __init__(self) -> None:
        """Register with the process's clients."""
        self.stages: dict[str, list[float]] = defaultdict(list)
        self.begin()
        for service in SERVICES:
            events = client(service).meta.events
            events.register_first("provide-client-params.*.*", self._before)
            events.register_last("after-call.*.*", self._after)

    def begin(self) -> None:
        """A pass begins."""
        self.names: list[str] = []
        self.processor_ms = 0.0
        self.wall_ms = 0.0
        self._at = (0.0, 0.0)

    def _before(self, **_words: Any) -> None:
        self._at = (time.process_time(), time.monotonic())

    def _after(self, model: Any, **_words: Any) -> None:
        processor, wall = self._at
        self.names.append(model.name)
        self.processor_ms += (time.process_time() - processor) * MS
        took = (time.monotonic() - wall) * MS
        self.wall_ms += took
        self.stages[model.name].append(took)


def _let_in(account: str, region: str) -> None:
    """Let this process, which is the engine's root, assume the tenant's access role as the gate does."""
    statement = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{account}:root"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    client("iam").update_assume_role_policy(RoleName=access_role("acme", region), PolicyDocument=document)


def request_of(engine: Engine) -> GateRequest:
    """A request of the empty workflow's first state, for a run that was really started."""
    request = RunRequest(app="bench/steps", workflow="empty", input={"n": 1})
    accepted = engine.client.runs.start(engine.tenant, request)
    run = waited(engine, accepted.run)
    name = str(ExecutionName(accepted.tenant, accepted.install, accepted.run))
    return GateRequest(
        run=run.execution.rsplit(":", 1)[0] + f":{name}", state="nothing", step="nothing", entered="", input={"n": 1}
    )

"""The gate in this process: AWS is moto's, steps are functions of the test, workflows walk the engine's interpreter.

All of the gate's own code runs: only the ways between processes are short. A call of Lambda is answered by the SDK's
runtime here, and a task token by the interpreter.
"""

from __future__ import annotations

import io
import json
import threading
import zipfile
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, cast

from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders

from interlock.aws.clients import client
from interlock.aws.services.sessions import Sessions
from interlock.aws.tables.table import Stored
from interlock.compiler.archive import Bundle, read_archive
from interlock.compiler.plan import plan_version
from interlock.compiler.policy import Deployment
from interlock.compiler.version_plan import VersionPlan
from interlock.contract.core import names
from interlock.contract.core.base import Json
from interlock.contract.core.failure import StepFailure
from interlock.contract.envelope import GateRequest, PauseRequest, StepRequest, Trigger
from interlock.contract.fork import ForkRequest
from interlock.contract.install import InstallRequest
from interlock.contract.registry import Version, VersionStatus
from interlock.contract.run import Body, Breakpoint, Pause, Run, RunStatus, StepRecord
from interlock.contract.start_message import StartMessage
from interlock.control.apps.releases import add_release
from interlock.control.gate.pass_gate import pass_gate
from interlock.control.gate.visit import GateContext
from interlock.control.pauses.pauses import keep_pause
from interlock.control.runs.finish import Ending, FinishContext, finish_run
from interlock.control.runs.fork import ForkContext, request_fork, start_fork
from interlock.control.runs.start import StartContext
from interlock.sdk.runtime import NoSession, answer_json
from interlock.sdk.runtime import run as run_attempt
from interlock.sdk.step import spec_of
from tests.support.cloud import ACCOUNT, AT, REGION, TENANT, Cloud
from tests.support.machines import FUNCTION, Execution, Machines, TaskError, interpreter
from tests.support.records import received

Step = Callable[..., Any]
Person = Callable[[Pause], None]
"""Who decides about a pause, called once it waits."""


@dataclass(frozen=True)
class App:
    """An app that is installed for the tenant."""

    id: str
    install: str
    plan: VersionPlan

    def machine(self, workflow: str) -> str:
        """A workflow's definition, with the gate and the pause put in."""
        text = next(machine.definition for machine in self.plan.machines if machine.workflow == workflow)
        return (
            text.replace("${Gate}", f"{FUNCTION}gate")
            .replace("${Pause}", f"{FUNCTION}pause")
            .replace("${Partition}", "aws")
        )


@dataclass
class GateHere:
    """A gate on a cloud, and the runs that pass it."""

    cloud: Cloud
    gate: GateContext
    machines: Machines
    steps: dict[str, dict[str, Step]] = field(default_factory=dict[str, dict[str, Step]])
    """What steps do, by function and handler."""
    person: Person | None = None
    instead: Callable[[], dict[str, Any]] | None = None
    """What Lambda answers in place of the step; it may raise."""
    number: int = 0
    inputs: dict[str, Any] = field(default_factory=dict[str, Any])
    """Of executions that the platform began, by their ARNs."""
    lock: threading.RLock = field(default_factory=threading.RLock)
    """Items of a Map run in threads, and a test's steps are not written for that."""

    def app(self, files: dict[str, str], steps: dict[str, Step], grant: tuple[str, ...] = ()) -> App:
        """Publish and install a bundle whose manifest says APP for its id; its steps are these functions."""
        self.number += 1
        app = f"acme/app{self.number}"
        bundle = read_archive(zipped({path: text.replace("APP", app) for path, text in files.items()}))
        assert isinstance(bundle, Bundle), bundle
        plan = plan_version(bundle)
        assert isinstance(plan, VersionPlan), plan
        version = Version(
            app=app,
            version=plan.manifest.app.version,
            status=VersionStatus.LISTED,
            digest=plan.digest,
            manifest=plan.manifest,
            steps=plan.steps,
            workflows=plan.workflows,
            created=AT,
        )
        self.cloud.registry.write_version(Stored(item=version, rev=0))
        prefix = names.artifact_prefix(app, version.version, plan.digest)
        for machine in plan.machines:
            key = f"{prefix}workflows/{machine.workflow}.asl.json"
            client("s3").put_object(Bucket=self.cloud.bucket, Key=key, Body=machine.definition.encode())
        add_release(self.cloud.registry, version)
        for name, step in plan.steps.items():
            self.steps.setdefault(step.function, {})[step.handler] = steps[name]
        install = self.cloud.install(InstallRequest(app=app, grant=grant))
        return App(app, install.id, plan)

    def start(self, app: App, workflow: str, value: Json = None, **fields: Any) -> Run:
        """The item of a run that is about to pass the gate; `stop` arms breakpoints as (state, at)."""
        run = names.ulid()
        name = names.ExecutionName(TENANT, app.install, run, fields.pop("suffix", ""))
        machine = names.machine_name(app.id, "1.0.0", workflow)
        rules = [Breakpoint(id=names.ulid(), state=state, at=at, armed_at=AT) for state, at in fields.pop("stop", ())]
        item = Run(
            id=run,
            tenant=TENANT,
            install=app.install,
            app=app.id,
            version="1.0.0",
            workflow=workflow,
            trigger=Trigger(kind="api", name="api", id=run),
            status=RunStatus.RUNNING,
            execution=f"arn:aws:states:{REGION}:000000000000:execution:{machine}:{name}",
            started=AT,
            input=Body(value=value),
            breakpoints=tuple(rules),
            **fields,
        )
        self.cloud.runs.create(item)
        return item

    def walk(self, app: App, run: Run, value: Json = None) -> Execution:
        """Run the execution of a run."""
        _, machine, name = run.execution.rsplit(":", 2)
        return self.machines.run(app.machine(run.workflow), value or {}, machine, name)

    def run(self, app: App, workflow: str, value: Json = None, **fields: Any) -> tuple[Run, Execution]:
        """Start a run and let it end."""
        run = self.start(app, workflow, value, **fields)
        return run, self.walk(app, run, value)

    def fork(self, app: App, run: Run, request: ForkRequest) -> Run:
        """Fork a run that is over, and run the fork to its end."""
        cloud, prefix = self.cloud, f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:"
        forker = ForkContext(cloud.runs, cloud.registry, cloud.bucket, cloud.bucket, cloud.queue, "gate")
        request_fork(forker, TENANT, run.id, request, "me")
        (body,) = received(cloud.queue)
        starter = StartContext(cloud.runs, cloud.registry, cloud.bucket, cloud.bucket, prefix)
        fork = start_fork(StartMessage.model_validate_json(body), starter)
        _, machine, name = fork.execution.rsplit(":", 2)
        ended = self.machines.run(app.machine(fork.workflow), self.inputs.pop(fork.execution), machine, name)
        return self.finish(fork, ended)

    def finish(self, run: Run, execution: Execution) -> Run:
        """The run once its execution's end was written."""
        cloud = self.cloud
        output = json.dumps(execution.output) if execution.status == "SUCCEEDED" else ""
        ending = Ending(execution=run.execution, status=execution.status, output=output, error=execution.error)
        ended = finish_run(ending, FinishContext(cloud.runs, cloud.registry, cloud.bucket, cloud.bucket))
        assert ended is not None
        return ended

    def records(self, run: Run) -> list[StepRecord]:
        """What was recorded of a run, in order."""
        return [record for _, record in self.cloud.runs.records(TENANT, run.id)]

    def attempt(self, run: Run, state: str, value: Json = None, **fields: Any) -> Json:
        """One attempt at the gate, as a compiled Task makes it."""
        raw: dict[str, Any] = {"run": run.execution, "state": state, "step": state, "entered": AT, "input": value}
        return pass_gate(GateRequest.model_validate(raw | fields), self.gate)

    def pass_gate(self, event: Any) -> Json:
        """What the gate's function does with an event."""
        with self.lock:
            try:
                return pass_gate(GateRequest.model_validate(event), self.gate)
            except StepFailure as failure:
                raise TaskError(failure.name, failure.what) from failure

    def pause(self, event: Any) -> Json:
        """What the pause's function does with an event; then the person decides."""
        with self.lock:
            request = PauseRequest.model_validate(event)
            pause = keep_pause(request, self.cloud.runs)
            if self.person is not None:
                name = names.parse_execution(request.run)
                waiting = next(row for row in self.cloud.runs.pauses(TENANT, name.run) if row.id == pause)
                self.person(waiting)
            return {"pause": pause}

    def invoke(self, params: Any, **_: Any) -> tuple[AWSResponse, dict[str, Any]]:
        """What a step's function answers."""
        if self.instead is not None:
            return AWSResponse("", 200, HTTPHeaders(), None), self.instead()
        function = str(params["url_path"]).split("/")[-2]
        request = StepRequest.model_validate_json(params["body"])
        spec = spec_of(self.steps[function][request.handler])
        answer = answer_json(run_attempt(request, spec, cast(Any, NoSession())))
        payload = io.BytesIO(json.dumps(answer).encode())
        return AWSResponse("", 200, HTTPHeaders(), None), {
            "Payload": payload,
            "ResponseMetadata": {"RequestId": "here"},
        }

    def begun(self, params: Any, **_: Any) -> tuple[AWSResponse, dict[str, Any]] | None:
        """An execution of a version's machine that begins: it is walked by whoever began it."""
        body = json.loads(params["body"])
        if f":stateMachine:{names.PREFIX}-v-" not in body["stateMachineArn"]:
            return None
        execution = f"{body['stateMachineArn'].replace(':stateMachine:', ':execution:')}:{body['name']}"
        self.inputs[execution] = json.loads(body["input"])
        return AWSResponse("", 200, HTTPHeaders(), None), {"executionArn": execution}

    def answered(self, params: Any, **_: Any) -> tuple[AWSResponse, dict[str, Any]]:
        """A token that was answered with success."""
        body = json.loads(params["body"])
        self.machines.succeed(body["taskToken"], body["output"])
        return AWSResponse("", 200, HTTPHeaders(), None), {}


@contextmanager
def gate_here(cloud: Cloud) -> Generator[GateHere]:
    """A gate on a cloud while the block runs."""
    deployment = Deployment(partition="aws", region=REGION, account=ACCOUNT, api_id="api", bucket=cloud.bucket)
    gate = GateContext(
        runs=cloud.runs,
        registry=cloud.registry,
        sessions=Sessions(deployment),
        bucket=cloud.bucket,
        ticket_secret=lambda: b"secret",
        region=REGION,
        api_url="https://api.example",
    )
    here = GateHere(cloud, gate, machines=Machines(interpreter(), {}))
    here.machines.functions |= {f"{FUNCTION}gate": here.pass_gate, f"{FUNCTION}pause": here.pause}
    hooks = (("lambda", "before-call.lambda.Invoke", here.invoke),)
    hooks += (("stepfunctions", "before-call.sfn.SendTaskSuccess", here.answered),)
    hooks += (("stepfunctions", "before-call.sfn.StartExecution", here.begun),)
    for service, event, hook in hooks:
        client(service).meta.events.register(event, hook)
    try:
        yield here
    finally:
        for service, event, hook in hooks:
            client(service).meta.events.unregister(event, hook)


def zipped(files: dict[str, str]) -> bytes:
    """A bundle of these files."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            archive.writestr(zipfile.ZipInfo(name), files[name])
    return buffer.getvalue()

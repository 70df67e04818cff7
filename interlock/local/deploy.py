"""The same CDK app as for AWS, deployed to the engine by the CDK CLI."""

import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from interlock.contract.core.failure import Failure
from interlock.local.alone import run_alone
from interlock.local.engine.process import Engine
from interlock.local.environment import process_environment
from interlock.local.home import Home, sources
from interlock.local.node import Cdk
from interlock.local.record import PlatformRecord

STACKS = ("interlock-foundation", "interlock-events", "interlock-control")
TAIL_LINES = 12
Outputs = Mapping[str, Mapping[str, str]]


class DeployFailed(Failure):
    """The stacks could not be deployed to the engine."""

    default_code = "deploy-failed"


def bootstrap(cdk: Cdk, engine: Engine, place: Home) -> None:
    """Make what the CDK CLI needs of an account, once for an engine's state.

    Raises:
        DeployFailed: the CLI gave up.
    """
    # In a folder without cdk.json: the CLI would synthesise the app otherwise, for nothing.
    account = f"aws://{engine.account_id}/{engine.region}"
    _cdk(cdk, engine, place.deploy, "bootstrap", [account, "--output", str(place.deploy / "bootstrap.out")])


def deploy(cdk: Cdk, engine: Engine, place: Home) -> PlatformRecord:
    """Deploy the platform's stacks; the record of what they are called, without a stamp.

    Raises:
        DeployFailed: synthesis or a stack failed.
    """
    outputs = place.deploy / "outputs.json"
    outputs.unlink(missing_ok=True)
    parts = [
        "--all",
        "--require-approval=never",
        "--method=direct",
        "--progress=events",
        f"--app={sys.executable} -m infra.app",
        f"--output={place.deploy / 'cdk.out'}",
        f"--outputs-file={outputs}",
        "-c",
        "interlock:target=local",
        "-c",
        f"interlock:endpoint={engine.endpoint_url}",
    ]
    _cdk(cdk, engine, sources(), "deploy", parts, log=place.deploy / "deploy.log")
    return _record(engine, json.loads(outputs.read_text(encoding="utf-8")))


def _record(engine: Engine, outputs: Outputs) -> PlatformRecord:
    foundation, events, control = (outputs[name] for name in STACKS)
    return PlatformRecord(
        endpoint_url=engine.endpoint_url,
        region=engine.region,
        account=engine.account_id,
        api_id=control["ApiId"],
        api_url=control["ApiUrl"],
        api_host=control["ApiHost"],
        token_url=control["TokenUrl"],
        user_pool=foundation["UserPool"],
        runs_table=foundation["RunsTable"],
        registry_table=foundation["RegistryTable"],
        artifact_bucket=foundation["ArtifactBucket"],
        data_bucket=foundation["DataBucket"],
        start_queue=events["StartQueue"],
        onboard_machine=control["OnboardMachineArn"],
        gate=control["GateArn"],
    )


def _cdk(cdk: Cdk, engine: Engine, folder: Path, verb: str, parts: Sequence[str], log: Path | None = None) -> None:
    log = log or folder / f"{verb}.log"
    quiet = {
        # Templates are validated by the tests, with validation on; here it would cost seven seconds.
        "CDK_VALIDATION": "false",
        "CDK_DISABLE_CLI_TELEMETRY": "true",
        "JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION": "1",
        "NO_COLOR": "1",
    }
    environment = process_environment(engine) | quiet
    environment["PATH"] = cdk.path(environment.get("PATH", os.defpath))
    command = [*cdk.command, verb, *parts, "--no-notices", "--no-color"]
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w", encoding="utf-8") as output:
        code = run_alone(command, folder, environment, output, log.parent / "cdk.lock")
    if code:
        raise DeployFailed(
            f"`cdk {verb}` ended with {code}:\n{_reason(log)}",
            where=f"cdk {verb}",
            next_step=f"Read {log}, mend it, and `interlock up` again: what is deployed already stays",
            code="deploy-failed",
        )


def _reason(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    failed = [line for line in lines if "_FAILED" in line or "❌" in line]
    return "\n".join(dict.fromkeys([*failed[:TAIL_LINES], *lines[-TAIL_LINES:]]))

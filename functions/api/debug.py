"""Routes of the debugger on the platform: breakpoints, pauses, forks."""

from functools import cache

from aws_lambda_powertools.event_handler import Response

from functions.answers import ok
from functions.api.platform import app, body, caller, registry, runs, settings
from interlock.contract.breakpoint import NewBreakpoint
from interlock.contract.fork import ForkRequest
from interlock.contract.run import Decision
from interlock.contract.run_request import StopRequest
from interlock.control.inspection.history import run_history
from interlock.control.pauses.breakpoints import (
    arm_install,
    arm_run,
    arm_version,
    disarm_install,
    disarm_run,
    disarm_version,
    look,
    make,
)
from interlock.control.pauses.pauses import find_pause
from interlock.control.pauses.resume import decide_checked
from interlock.control.runs.fork import Forker, request_fork
from interlock.control.runs.stop import stop_run
from interlock.control.runs.trace import run_trace

RUN = "/v1/tenants/<tenant>/runs/<run>"
INSTALL = "/v1/tenants/<tenant>/installs/<install>"
VERSION = "/v1/publishers/<publisher>/apps/<name>/versions/<version>"


@cache
def forker() -> Forker:
    """What forking works with, once in a process."""
    words = settings()
    return Forker(
        runs=runs(),
        registry=registry(),
        bucket=words.data_bucket,
        artifacts=words.artifact_bucket,
        queue=words.start_queue,
        gate=words.gate,
    )


@app.post(f"{RUN}/stop")
def stop(tenant: str, run: str) -> Response[str]:
    """Stop a run in flight; it is aborted a moment later."""
    by = caller("debugRuns", f"tenant/{tenant}")
    return ok(stop_run(runs(), tenant, run, StopRequest.model_validate_json(body()), by.principal), 202)


@app.post(f"{RUN}/breakpoints")
def arm_on_run(tenant: str, run: str) -> Response[str]:
    """Arm a breakpoint on a run in flight."""
    by = caller("debugRuns", f"tenant/{tenant}")
    return ok(arm_run(runs(), tenant, run, make(NewBreakpoint.model_validate_json(body()), by.principal)), 201)


@app.get(f"{RUN}/breakpoints")
def armed_on_run(tenant: str, run: str) -> Response[str]:
    """The breakpoints of a run."""
    caller("readRuns", f"tenant/{tenant}")
    found = look(runs(), runs().find(tenant, run).item.breakpoints)
    return ok({"breakpoints": [row.model_dump(mode="json") for row in found]})


@app.delete(f"{RUN}/breakpoints/<rule>")
def disarm_on_run(tenant: str, run: str, rule: str) -> Response[str]:
    """Take a breakpoint off a run."""
    caller("debugRuns", f"tenant/{tenant}")
    disarm_run(runs(), tenant, run, rule)
    return ok({"removed": rule})


@app.post(f"{INSTALL}/breakpoints")
def arm_on_install(tenant: str, install: str) -> Response[str]:
    """Arm a breakpoint for every run of an install."""
    by = caller("debugRuns", f"tenant/{tenant}")
    rule = make(NewBreakpoint.model_validate_json(body()), by.principal)
    return ok(arm_install(registry(), tenant, install, rule), 201)


@app.get(f"{INSTALL}/breakpoints")
def armed_on_install(tenant: str, install: str) -> Response[str]:
    """The breakpoints of an install."""
    caller("readRuns", f"tenant/{tenant}")
    found = look(runs(), registry().install(tenant, install).item.breakpoints)
    return ok({"breakpoints": [row.model_dump(mode="json") for row in found]})


@app.delete(f"{INSTALL}/breakpoints/<rule>")
def disarm_on_install(tenant: str, install: str, rule: str) -> Response[str]:
    """Take a breakpoint off an install."""
    caller("debugRuns", f"tenant/{tenant}")
    disarm_install(registry(), tenant, install, rule)
    return ok({"removed": rule})


@app.post(f"{VERSION}/breakpoints")
def arm_on_version(publisher: str, name: str, version: str) -> Response[str]:
    """Arm a breakpoint for every run of a version."""
    by = caller("debugVersions", f"publisher/{publisher}")
    rule = make(NewBreakpoint.model_validate_json(body()), by.principal)
    return ok(arm_version(registry(), f"{publisher}/{name}", version, rule), 201)


@app.get(f"{VERSION}/breakpoints")
def armed_on_version(publisher: str, name: str, version: str) -> Response[str]:
    """The breakpoints of a version."""
    caller("readVersions", f"publisher/{publisher}")
    found = look(runs(), registry().version(f"{publisher}/{name}", version).item.breakpoints)
    return ok({"breakpoints": [row.model_dump(mode="json") for row in found]})


@app.delete(f"{VERSION}/breakpoints/<rule>")
def disarm_on_version(publisher: str, name: str, version: str, rule: str) -> Response[str]:
    """Take a breakpoint off a version."""
    caller("debugVersions", f"publisher/{publisher}")
    disarm_version(registry(), f"{publisher}/{name}", version, rule)
    return ok({"removed": rule})


@app.get(f"{RUN}/pauses")
def pauses(tenant: str, run: str) -> Response[str]:
    """A run's pauses."""
    caller("readRuns", f"tenant/{tenant}")
    runs().find(tenant, run)
    return ok({"pauses": [pause.model_dump(mode="json") for pause in runs().pauses(tenant, run)]})


@app.get(f"{RUN}/pauses/<pause>")
def pause_shown(tenant: str, run: str, pause: str) -> Response[str]:
    """One pause of a run."""
    caller("readRuns", f"tenant/{tenant}")
    return ok(find_pause(runs(), tenant, run, pause))


@app.post(f"{RUN}/pauses/<pause>")
def resume(tenant: str, run: str, pause: str) -> Response[str]:
    """Decide about a pause."""
    by = caller("debugRuns", f"tenant/{tenant}")
    decision = Decision.model_validate_json(body()).model_copy(update={"by": by.principal})
    return ok(decide_checked(runs(), settings().gate, tenant, run, pause, decision))


@app.post(f"{RUN}/forks")
def fork(tenant: str, run: str) -> Response[str]:
    """Ask for a fork of a run that is over."""
    by = caller("debugRuns", f"tenant/{tenant}")
    asked = ForkRequest.model_validate_json(body())
    return ok(request_fork(forker(), tenant, run, asked, by.principal), 202)


@app.get(f"{RUN}/trace")
def traced(tenant: str, run: str) -> Response[str]:
    """A run's X-Ray trace as a waterfall."""
    caller("readRuns", f"tenant/{tenant}")
    return ok(run_trace(runs(), tenant, run, settings().console))


@app.get(f"{RUN}/history")
def history(tenant: str, run: str) -> Response[str]:
    """Where the full history of a run is, fetched from Step Functions if it was not before."""
    caller("readRuns", f"tenant/{tenant}")
    return ok(run_history(runs(), settings().data_bucket, tenant, run))

"""Traces of runs: each run is one trace, made of its records, and sent to X-Ray at its end (ADR 0026)."""

import logging
import os
import time
from collections.abc import Sequence
from itertools import islice

from interlock.aws.errors import AWS_ERRORS
from interlock.aws.services.traces import put_segments
from interlock.aws.tables.runs import Runs
from interlock.contract.core import limits
from interlock.contract.run import Run, StepRecord
from interlock.contract.trace import RunTrace
from interlock.debugger.segments import is_sampled, segments
from interlock.debugger.waterfall import waterfall

_log = logging.getLogger("interlock")


def run_trace(runs: Runs, tenant: str, run: str, console: str) -> RunTrace:
    """A run's trace as a waterfall: also while it runs, and where it was not sent to X-Ray.

    Args:
        runs: the table of runs.
        tenant: the tenant.
        run: the run.
        console: the beginning of the console's link; empty where there is none.

    Raises:
        NotFound: no such run.
    """
    current = runs.find(tenant, run).item
    records = (record for _, record in islice(runs.records(tenant, run), limits.TRACE_STEPS))
    rows = waterfall(segments(current, records))
    trace = current.trace
    return RunTrace(run=run, trace=trace, rows=tuple(rows), console=f"{console}{trace}" if console and trace else "")


def send_trace(run: Run, records: Sequence[StepRecord], rate: float) -> None:
    """Send an ended run's trace to X-Ray, where it is sampled. A trace never fails a run's end."""
    if not is_sampled(run, rate):
        return
    try:
        put_segments(segments(run, records))
    except AWS_ERRORS as error:
        _log.warning("the trace of run %s was not sent: %s", run.id, error)


def new_trace_id() -> str:
    """A trace id (https://docs.aws.amazon.com/xray/latest/devguide/xray-api-sendingdata.html#xray-api-traceids)."""
    return f"1-{int(time.time()):08x}-{os.urandom(12).hex()}"

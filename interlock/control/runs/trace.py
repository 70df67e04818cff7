"""X-Ray traces of runs: each run is one trace, whose id is kept in the run item."""

import os
import time

from interlock.aws.services.traces import read_trace
from interlock.aws.tables.runs import Runs
from interlock.contract.trace import RunTrace
from interlock.debugger.waterfall import waterfall


def run_trace(runs: Runs, tenant: str, run: str, console: str) -> RunTrace:
    """A run's trace as a waterfall.

    Args:
        runs: the table of runs.
        tenant: the tenant.
        run: the run.
        console: the beginning of the console's link; empty where there is none.

    Raises:
        NotFound: no such run.
    """
    trace = runs.find(tenant, run).item.trace
    rows = waterfall(read_trace(trace)) if trace else []
    return RunTrace(run=run, trace=trace, rows=tuple(rows), console=f"{console}{trace}" if console and trace else "")


def new_trace_id() -> str:
    """A trace id (https://docs.aws.amazon.com/xray/latest/devguide/xray-api-sendingdata.html#xray-api-traceids)."""
    return f"1-{int(time.time()):08x}-{os.urandom(12).hex()}"

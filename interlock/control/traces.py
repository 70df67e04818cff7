"""X-Ray trace ids and segments of runs: each run is one trace, kept in the run item."""

import os
import time


def new_trace_id() -> str:
    """A trace id (https://docs.aws.amazon.com/xray/latest/devguide/xray-api-sendingdata.html#xray-api-traceids)."""
    return f"1-{int(time.time()):08x}-{os.urandom(12).hex()}"

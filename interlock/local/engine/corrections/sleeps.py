"""AWS: an execution starts at once, and an invocation does not wait for lines nobody wrote.

The emulator: sleeps 150 ms before the first state, and waits 50 ms for log lines of a silent function.
"""

from __future__ import annotations

from .edit import Correction, Edit

_RUNTIME = "ministack.core.lambda_runtime"

START_SLEEP = Correction(
    name="start_sleep",
    aws="the first state is entered at once",
    emulator="sleeps 150 ms at the start of every execution",
    edits=(Edit("ministack.services.stepfunctions", "    time.sleep(0.15)\n", "    time.sleep(0.002)\n"),),
)

# The worker ends each invocation's log with a mark, so that nothing is waited for and nothing is lost.
LOG_WAIT = Correction(
    name="log_wait",
    aws="no wait",
    emulator="waits 50 ms for log lines after every silent invocation",
    edits=(
        Edit(
            _RUNTIME,
            """    _real_stdout = sys.stdout
""",
            """    _real_stdout = sys.stdout
    _ms_log = sys.stderr
""",
        ),
        Edit(
            _RUNTIME,
            """        _real_stdout.flush()

run()
""",
            """        try:
            _ms_log.write("\\\\x1einterlock-end\\\\n")
            _ms_log.flush()
        except Exception:
            pass
        _real_stdout.flush()

run()
""",
        ),
        Edit(
            _RUNTIME,
            """        lines = []
        start = time.time()
        last_received_at = None
""",
            """        lines = []
        python = str(self.config.get("Runtime", "python3.12")).startswith("python")
        give_up = time.monotonic() + (hard_cap if python else 0.004)
        while True:
            try:
                line = self._stderr_queue.get(timeout=max(0.0, give_up - time.monotonic()))
            except queue.Empty:
                return "\\n".join(lines)
            if line.endswith("\\x1einterlock-end"):
                line = line.removesuffix("\\x1einterlock-end")
                return "\\n".join([*lines, line] if line else lines)
            lines.append(line)
        start = time.time()
        last_received_at = None
""",
        ),
    ),
)

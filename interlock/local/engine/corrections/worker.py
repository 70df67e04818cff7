"""AWS: the root logger has a handler, so a function that asks for INFO gets it in its log.

The emulator: no handler; Python's last resort drops whatever is below WARNING.
"""

from __future__ import annotations

from .edit import Correction, Edit

_RUNTIME = "ministack.core.lambda_runtime"

LOGGING = Correction(
    name="logging",
    aws="log records of the root logger reach the log as [LEVEL] time request message",
    emulator="logging.info is lost",
    edits=(
        Edit(
            _RUNTIME,
            """    sys.stdout = sys.stderr

    init = json.loads(sys.stdin.readline())
""",
            """    sys.stdout = sys.stderr
    import logging as _ms_logging
    _ms_handler = _ms_logging.StreamHandler(sys.stderr)
    _ms_handler.setFormatter(_ms_logging.Formatter(
        "[%(levelname)s]\\\\t%(asctime)s.%(msecs)03dZ\\\\t%(aws_request_id)s\\\\t%(message)s", "%Y-%m-%dT%H:%M:%S"))
    _ms_handler.formatter.converter = time.gmtime
    _ms_request = {"id": ""}
    _ms_handler.addFilter(lambda record: setattr(record, "aws_request_id", _ms_request["id"]) or True)
    _ms_logging.getLogger().addHandler(_ms_handler)
    if os.environ.get("AWS_LAMBDA_LOG_LEVEL"):
        _ms_logging.getLogger().setLevel(os.environ["AWS_LAMBDA_LOG_LEVEL"])

    init = json.loads(sys.stdin.readline())
""",
        ),
        Edit(
            _RUNTIME,
            """        event = _ms_msg["event"]
        _ms_ctx = _ms_msg.get("ctx") or {}
""",
            """        event = _ms_msg["event"]
        _ms_ctx = _ms_msg.get("ctx") or {}
        _ms_request["id"] = _ms_ctx.get("request_id", "")
""",
        ),
    ),
)

ORPHANS = Correction(
    name="orphans",
    aws="an invocation is over when its machine is: nothing of it goes on",
    emulator="a function that was at work when the engine was killed goes on, and its calls reach the next engine",
    edits=(
        Edit(
            _RUNTIME,
            """    # Redirect print() to stderr so stdout stays clean for JSON-line protocol
    _real_stdout = sys.stdout
""",
            """    # The other end of the pipe is closed when the engine is gone, in whatever way.
    import select as _ms_select, threading as _ms_threading
    _ms_life = _ms_select.poll()
    _ms_life.register(sys.stdout.fileno(), 0)
    _ms_threading.Thread(target=lambda: (_ms_life.poll(), os._exit(1)), daemon=True).start()

    # Redirect print() to stderr so stdout stays clean for JSON-line protocol
    _real_stdout = sys.stdout
""",
        ),
    ),
)

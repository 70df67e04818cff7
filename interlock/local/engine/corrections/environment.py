"""AWS: a function sees its own variables and the runtime's, never those of whoever runs the service.

The emulator: it hands its whole environment, with the root key in it, to every function. Of the engine's own, the one
function that calls the language model gets where it is and by which key.
"""

from __future__ import annotations

from .edit import Correction, Edit

_RUNTIME = "ministack.core.lambda_runtime"

ENVIRONMENT = Correction(
    name="environment",
    aws="only the function's own variables and the runtime's",
    emulator="the server's whole environment; AWS_XRAY_DAEMON_ADDRESS not set on purpose",
    edits=(
        Edit(
            _RUNTIME,
            """        spawn_env = {**os.environ, **env_vars}
        # Inject standard Lambda runtime env vars to match the Docker and
""",
            """        if self.config.get("FunctionName") == "interlock-converse":
            # What the engine was started with (MODEL_VARIABLES of process.py): a key is in no state on the disk.
            own = {name: value for name, value in os.environ.items() if name.startswith("INTERLOCK_MODEL")}
            env_vars.update(own)
        spawn_env = {
            name: os.environ[name]
            for name in ("PATH", "LANG", "TZ", "AWS_XRAY_DAEMON_ADDRESS", "AWS_ENDPOINT_URL_XRAY")
            if name in os.environ
        }
        spawn_env["AWS_EXECUTION_ENV"] = f"AWS_Lambda_{runtime}"
        spawn_env["AWS_XRAY_CONTEXT_MISSING"] = "LOG_ERROR"
        spawn_env["PYTHONUNBUFFERED"] = "1"
        spawn_env.update(env_vars)
        # Inject standard Lambda runtime env vars to match the Docker and
""",
        ),
        Edit(
            _RUNTIME,
            """        if "LOCALSTACK_HOSTNAME" in os.environ:
            spawn_env["LOCALSTACK_HOSTNAME"] = os.environ["LOCALSTACK_HOSTNAME"]
        spawn_env.setdefault(HOST_PREFIX_ENV, "true")
        spawn_env.setdefault("LAMBDA_TASK_ROOT", code_dir)
""",
            """        spawn_env.setdefault(HOST_PREFIX_ENV, "true")
        spawn_env.setdefault("LAMBDA_TASK_ROOT", code_dir)
""",
        ),
    ),
)

"""AWS: a PER_TENANT function needs a tenant id, shows it in the context, and never shares an environment.

The emulator: CloudFormation drops TenancyConfig, Invoke ignores the tenant, and one process serves all.
"""

from __future__ import annotations

from .edit import Correction, Edit

_RUNTIME = "ministack.core.lambda_runtime"
_LAMBDA = "ministack.services.lambda_svc"

TENANCY = Correction(
    name="tenancy",
    aws="TenancyConfig is kept, Invoke without TenantId is refused, one environment per tenant",
    emulator="dropped by CloudFormation, ignored by Invoke, absent from the context",
    edits=(
        Edit(
            "ministack.services.cloudformation.provisioners",
            """    if props.get("CapacityProviderConfig"):
        func["config"]["CapacityProviderConfig"] = props["CapacityProviderConfig"]
    replaced = name in _lambda_svc._functions
""",
            """    if props.get("CapacityProviderConfig"):
        func["config"]["CapacityProviderConfig"] = props["CapacityProviderConfig"]
    if props.get("TenancyConfig"):
        func["config"]["TenancyConfig"] = props["TenancyConfig"]
    replaced = name in _lambda_svc._functions
""",
        ),
        Edit(
            _LAMBDA,
            """    exec_config = exec_record.get("config") or {}
    if (
        executed_version != "$LATEST"
""",
            """    exec_config = exec_record.get("config") or {}
    tenant_id = headers.get("x-amz-tenant-id") or headers.get("X-Amz-Tenant-Id") or None
    isolation = (exec_config.get("TenancyConfig") or {}).get("TenantIsolationMode")
    if isolation and not tenant_id:
        return error_response_json(
            "InvalidParameterValueException",
            "The invoked function is enabled with tenancy configuration. "
            "Add a valid tenant ID in your request and try again.",
            400,
        )
    if tenant_id and not isolation:
        return error_response_json(
            "InvalidParameterValueException",
            "The invoked function is not enabled with tenancy configuration. "
            "Remove the tenant ID from your request and try again.",
            400,
        )
    lambda_runtime.interlock_tenant.set(tenant_id)
    if (
        executed_version != "$LATEST"
""",
        ),
        Edit(
            _LAMBDA,
            """def _inbound_invoke_depth(headers: dict) -> int:
""",
            """from ministack.core import lambda_runtime


def _inbound_invoke_depth(headers: dict) -> int:
""",
        ),
        Edit(
            _RUNTIME,
            """_workers: dict = {}
_lock = threading.Lock()
""",
            """_workers: dict = {}
_lock = threading.Lock()
import contextvars

interlock_tenant: contextvars.ContextVar = contextvars.ContextVar("interlock_tenant", default=None)
""",
        ),
        Edit(
            _RUNTIME,
            """            if not worker.in_use:
                worker.in_use = True
""",
            """            if not worker.in_use and worker.tenant == _tenant_of(config):
                worker.in_use = True
""",
        ),
        Edit(
            _RUNTIME,
            """        worker = _worker_class_for(config)(func_name, config, code_zip)
        worker.in_use = True
""",
            """        worker = _worker_class_for(config)(func_name, config, code_zip)
        worker.tenant = _tenant_of(config)
        worker.in_use = True
""",
        ),
        Edit(
            _RUNTIME,
            """def acquire_worker(func_name: str, config: dict, code_zip: bytes,
""",
            """def _tenant_of(config: dict):
    return interlock_tenant.get() if config.get("TenancyConfig") else None


def acquire_worker(func_name: str, config: dict, code_zip: bytes,
""",
        ),
        Edit(
            _RUNTIME,
            """                    "request_id": request_id,
                    "invoked_function_arn": invoked_function_arn if""",
            """                    "request_id": request_id,
                    "tenant_id": _tenant_of(self.config),
                    "invoked_function_arn": invoked_function_arn if""",
        ),
        Edit(
            _RUNTIME,
            """            "aws_request_id": _ms_ctx.get("request_id", ""),
            "log_group_name": os.environ""",
            """            "aws_request_id": _ms_ctx.get("request_id", ""),
            "tenant_id": _ms_ctx.get("tenant_id"),
            "log_group_name": os.environ""",
        ),
        Edit(
            "ministack.services.stepfunctions",
            """    exec_record = lambda_svc._execution_record_for_config(func, config)
    result = lambda_svc._execute_function_with_config_scope(exec_record, event)
""",
            """    if (config.get("TenancyConfig") or {}).get("TenantIsolationMode"):
        raise _ExecutionError(
            "Lambda.InvalidParameterValueException",
            "The invoked function is enabled with tenancy configuration. "
            "Add a valid tenant ID in your request and try again.")
    exec_record = lambda_svc._execution_record_for_config(func, config)
    result = lambda_svc._execute_function_with_config_scope(exec_record, event)
""",
        ),
    ),
)

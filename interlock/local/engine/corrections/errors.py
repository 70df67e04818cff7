"""AWS: a failed invocation names the exception's class, with its stack; the environment lives on.

The emulator: every exception is `Runtime.HandlerError` without a stack, and kills the worker.
"""

from __future__ import annotations

from .edit import Correction, Edit

_RUNTIME = "ministack.core.lambda_runtime"
_LAMBDA = "ministack.services.lambda_svc"

ERRORS = Correction(
    name="errors",
    aws="errorType is the exception's class and stackTrace its frames; the environment is reused",
    emulator="errorType is always Runtime.HandlerError, no stack trace, the worker is killed",
    edits=(
        Edit(
            _RUNTIME,
            """        _real_stdout.write(json.dumps({"status": "error", "error": str(e)}) + "\\\\n")
        _real_stdout.flush()
        return
""",
            """        _ms_kind, _ms_text = type(e).__name__, str(e)
        if isinstance(e, ImportError):
            _ms_kind = "Runtime.ImportModuleError"
            _ms_text = "Unable to import module '%s': %s" % (module_name, e)
        elif isinstance(e, AttributeError) and "mod" in locals() and not hasattr(mod, handler_name):
            _ms_kind = "Runtime.HandlerNotFound"
            _ms_text = "Handler '%s' missing on module '%s'" % (handler_name, module_name)
        _real_stdout.write(json.dumps({"status": "error", "error": _ms_text, "error_type": _ms_kind}) + "\\\\n")
        _real_stdout.flush()
        return
""",
        ),
        Edit(
            _RUNTIME,
            """            result = handler_fn(event, context)
            _real_stdout.write(json.dumps({"status": "ok", "result": result}) + "\\\\n")
        except Exception as e:
            _real_stdout.write(json.dumps({"status": "error", "error": str(e), """
            """"trace": traceback.format_exc()}) + "\\\\n")
""",
            """            result = handler_fn(event, context)
            try:
                _ms_answer = json.dumps({"status": "ok", "result": result})
            except (TypeError, ValueError, RecursionError) as e:
                _ms_answer = json.dumps({"status": "error", "error": "Unable to marshal response: %s" % e,
                                         "error_type": "Runtime.MarshalError", "stack": [], "trace": ""})
        except Exception as e:
            _ms_answer = json.dumps({
                "status": "error", "error": str(e), "error_type": type(e).__name__,
                "trace": traceback.format_exc(),
                "stack": traceback.format_list(traceback.extract_tb(e.__traceback__)[1:]),
            })
        _real_stdout.write(_ms_answer + "\\\\n")
""",
        ),
        Edit(
            _RUNTIME,
            """            raise RuntimeError(f"Worker init failed: {response.get('error')}")
""",
            """            if response.get("error_type"):
                raise type(response["error_type"], (RuntimeError,), {})(response.get("error"))
            raise RuntimeError(f"Worker init failed: {response.get('error')}")
""",
        ),
        Edit(
            _RUNTIME,
            """                            result_box.append({"status": "error", "error": "Worker process died"})
""",
            """                            code = self._proc.wait(timeout=2)
                            how = f"exit status {code}" if code >= 0 else f"signal: {-code}"
                            result_box.append({
                                "status": "error", "error_type": "Runtime.ExitError", "died": True,
                                "error": f"RequestId: {request_id} Error: Runtime exited with error: {how}"})
""",
        ),
        Edit(
            _RUNTIME,
            """            if response.get("status") == "error":
                proc, self._proc = self._proc, None
""",
            """            broken = "error_type" not in response or response.get("died")
            if response.get("status") == "error" and broken:
                proc, self._proc = self._proc, None
""",
        ),
        Edit(
            _LAMBDA,
            """            error_type = "Runtime.HandlerError"
            if _RIE_TIMEOUT_TEXT_RE.fullmatch(error_msg):
                error_type = "Sandbox.Timedout"
            return {
                "body": {
                    "errorMessage": error_msg,
                    "errorType": error_type,
                },
""",
            """            error_type = result.get("error_type") or "Runtime.HandlerError"
            if _RIE_TIMEOUT_TEXT_RE.fullmatch(error_msg):
                error_type = "Sandbox.Timedout"
            body = {"errorMessage": error_msg, "errorType": error_type, "requestId": request_id}
            if "stack" in result:
                body["stackTrace"] = result["stack"]
            return {
                "body": body,
""",
        ),
    ),
)

"""AWS: an environment imports what its function imports, nothing more.

The emulator: imports botocore in every Python worker before the function, 0.1 to 0.2 s a cold start.
"""

from __future__ import annotations

from .edit import Correction, Edit

COLD_START = Correction(
    name="cold_start",
    aws="a function that does not use botocore does not pay for it",
    emulator="botocore is imported in every worker, to count recursive calls",
    edits=(
        Edit(
            "ministack.core.lambda_runtime",
            """    _ms_install_invoke_depth()
    try:
        mod = importlib.import_module(module_name)
""",
            """    import importlib.util

    def _ms_add_invoke_depth(params, **kwargs):
        depth = os.environ.get("__DEPTH_ENV__")
        if depth and "__DEPTH_HEADER__" not in params["headers"]:
            params["headers"]["__DEPTH_HEADER__"] = depth

    class _MsLater:
        # The same counter, installed when the function imports botocore, if it does.
        def find_spec(self, name, path=None, target=None):
            if name != "botocore.handlers":
                return None
            sys.meta_path.remove(self)
            spec = importlib.util.find_spec(name)
            run_module = spec.loader.exec_module

            def exec_module(module):
                run_module(module)
                module.BUILTIN_HANDLERS.append(("before-call", _ms_add_invoke_depth))

            spec.loader.exec_module = exec_module
            return spec

    sys.meta_path.insert(0, _MsLater())
    try:
        mod = importlib.import_module(module_name)
""",
        ),
    ),
)

"""Where the command `interlock` begins: an extra that is not installed is named in one line, without a traceback."""

import sys

from interlock.cli.terminal.extras import EXTRAS


def main() -> None:
    """Run the command line; see `interlock.cli.main`."""
    try:
        from interlock.cli.main import main as run

        run()
    except ModuleNotFoundError as error:
        module = (error.name or "").partition(".")[0]
        extra = next((extra for extra, modules in EXTRAS.items() if module in modules), None)
        if extra is None:
            raise
        sys.exit(_missing(module, extra))


def _missing(module: str, extra: str) -> int:
    from interlock.cli.terminal import render
    from interlock.contract.core.failure import Failure

    what = f"this command needs {module}, which is not installed"
    step = f"pip install 'interlock[{extra}]'"
    return render.failure(Failure(what, code="extra-missing", next_step=step), machine="--json" in sys.argv)

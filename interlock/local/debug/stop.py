"""Stopping the debugged process: in an editor through debugpy, or in the terminal through pdb.

debugpy's own way to stop at an uncaught exception is a switch that the client sets, and the SDK catches what a step
raises. So the step's exception is caught, and handed to the debugger as it would be by its hook for uncaught ones:
any client stops there, at the failing line, with the variables of each frame.
Downside: it uses two calls below debugpy's public face, held by tests/local/debug.
"""

import bdb
import importlib
import inspect
import pdb
import sys
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Any, TypeVar

from interlock.contract.printable import printable

Result = TypeVar("Result")
HOST = "127.0.0.1"
FIRST_ID = 900_000
"""Ids of our breakpoints: beyond those that a client counts up from 0."""


class Quit(Exception):
    """The person left the debugger."""


class Debugpy:
    """Serves the Debug Adapter Protocol."""

    def __init__(self) -> None:
        """Load debugpy; nothing listens yet."""
        self._debugpy: Any = importlib.import_module("debugpy")
        self._breaks = FIRST_ID

    def listen(self, port: int) -> int:
        """Listen on this machine alone; the port (0 finds one)."""
        self._debugpy.configure(subProcess=False)
        _, value = self._debugpy.listen((HOST, port))
        return int(value)

    def wait(self) -> None:
        """Wait until a client has attached and is configured."""
        self._debugpy.wait_for_client()

    def break_at(self, file: str, line: int) -> None:
        """Stop before a line."""
        api = importlib.import_module("_pydevd_bundle.pydevd_api").PyDevdAPI()
        self._breaks += 1
        parts = (file, "python-line", self._breaks, line, None, "None", None, "NONE", None, False)
        api.add_breakpoint(self._database(), *parts)

    def call(self, function: Callable[[], Result]) -> Result:
        """Call it; breakpoints stop in it."""
        return function()

    def stop_at(self, error: BaseException, traceback: TracebackType) -> None:
        """Show an exception at the innermost frame of a traceback, until the client goes on."""
        database = self._database()
        frame = traceback.tb_frame
        frames = {id(frame): frame}
        row = traceback.tb_next
        while row is not None:
            frame = row.tb_frame
            frames[id(frame)] = frame
            row = row.tb_next
        thread = threading.current_thread()
        info = database.set_additional_thread_info(thread)
        info.is_tracing += 1
        try:
            info.pydev_message = type(error).__qualname__
            database.do_stop_on_unhandled_exception(thread, frame, frames, (type(error), error, traceback))
        finally:
            info.is_tracing -= 1

    @staticmethod
    def _database() -> Any:
        return importlib.import_module("pydevd").get_global_debugger()


class Pdb:
    """Talks in the terminal."""

    def __init__(self) -> None:
        """Nothing is traced before `call`."""
        self._pdb = pdb.Pdb()

    def break_at(self, file: str, line: int) -> None:
        """Stop before a line."""
        problem: Any = self._pdb.set_break(file, line)
        if problem:
            sys.stderr.write(f"{problem}\n")

    def call(self, function: Callable[[], Result]) -> Result:
        """Call it; breakpoints stop in it.

        Raises:
            Quit: the person typed `quit`.
        """
        if not self._pdb.get_all_breaks():
            return function()
        self._pdb.reset()
        # Traced from here on, and stopped nowhere but at breakpoints.
        self._pdb.botframe = inspect.currentframe()
        self._pdb.set_continue()
        sys.settrace(self._pdb.trace_dispatch)
        try:
            return function()
        except bdb.BdbQuit:
            raise Quit from None
        finally:
            sys.settrace(None)

    def stop_at(self, error: BaseException, traceback: TracebackType) -> None:
        """Show an exception at the innermost frame of a traceback, until the person leaves."""
        sys.stdout.write(printable(f"{type(error).__name__}: {error}\n"))
        self._pdb.reset()
        self._pdb.interaction(None, traceback)

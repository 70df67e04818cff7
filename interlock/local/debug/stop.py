"""Stopping the debugged process: in an editor through debugpy, in the terminal through pdb, or for expressions.

debugpy's own way to stop at an uncaught exception is a switch that the client sets, and the SDK catches what a step
raises. So the step's exception is caught, and handed to the debugger as it would be by its hook for uncaught ones:
any client stops there, at the failing line, with the variables of each frame.
Downside: it uses two calls below debugpy's public face, held by tests/local/debug.
"""

import bdb
import importlib
import inspect
import linecache
import pdb
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from traceback import walk_stack, walk_tb
from types import CodeType, FrameType, FunctionType, TracebackType
from typing import Any, TypeVar

from interlock.contract.printable import printable
from interlock.local.debug.job import MAX_LOCAL_CHARS, MAX_VALUE_CHARS, Evaluated, FrameLook, Look

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


class _Traced:
    """Stops by Python's own tracing, in a debugger of the standard library."""

    def __init__(self, debugger: bdb.Bdb) -> None:
        """Nothing is traced before `call`."""
        self._bdb = debugger

    def break_at(self, file: str, line: int) -> None:
        """Stop before a line."""
        problem: Any = self._bdb.set_break(file, line)
        if problem:
            sys.stderr.write(f"{problem}\n")

    def call(self, function: Callable[[], Result]) -> Result:
        """Call it; breakpoints stop in it.

        Raises:
            Quit: the debugger was left.
        """
        if not self._bdb.get_all_breaks():
            return function()
        self._bdb.reset()
        # Traced from here on, and stopped nowhere but at breakpoints.
        self._bdb.botframe = inspect.currentframe()
        self._bdb.set_continue()
        sys.settrace(self._bdb.trace_dispatch)
        try:
            return function()
        except bdb.BdbQuit:
            raise Quit from None
        finally:
            sys.settrace(None)


class Pdb(_Traced):
    """Talks in the terminal."""

    def __init__(self) -> None:
        """Nothing is traced before `call`."""
        self._pdb = pdb.Pdb()
        super().__init__(self._pdb)

    def stop_at(self, error: BaseException, traceback: TracebackType) -> None:
        """Show an exception at the innermost frame of a traceback, until the person leaves."""
        sys.stdout.write(printable(f"{type(error).__name__}: {error}\n"))
        self._pdb.reset()
        self._pdb.interaction(None, traceback)


class Evaluator(_Traced):
    """Asks nobody: where the step stops first, expressions are evaluated, and the process goes on to its end."""

    def __init__(self, expressions: Sequence[str], root: str) -> None:
        """Nothing is traced before `call`.

        Args:
            expressions: in Python.
            root: the folder of the app's code, to which places are relative.
        """
        self._reader = _Reader(expressions, root)
        super().__init__(self._reader)

    @property
    def look(self) -> Look | None:
        """What was seen; None where the step has not stopped."""
        return self._reader.look

    def stop_at(self, error: BaseException, traceback: TracebackType) -> None:
        """Look at the frames of a traceback, unless a breakpoint stopped before."""
        del error
        if self._reader.look is None:
            self._reader.read([(row.f_code, line, row) for row, line in walk_tb(traceback)])


class _Reader(bdb.Bdb):
    def __init__(self, expressions: Sequence[str], root: str) -> None:
        super().__init__()
        self.expressions, self.root = expressions, Path(root)
        self.look: Look | None = None

    def user_line(self, frame: FrameType) -> None:
        """Called before a line at which a breakpoint is."""
        if not self.break_here(frame):
            return
        self.read([(row.f_code, line, row) for row, line in reversed(list(walk_stack(frame))) if self._is_own(row)])
        self.set_quit()

    def read(self, rows: Sequence[tuple[CodeType, int, FrameType]]) -> None:
        frames = tuple(self._frame(code, line, frame.f_locals) for code, line, frame in rows)
        self.look = Look(frames=frames, values=tuple(_evaluated(text, rows[-1][2]) for text in self.expressions))

    def _frame(self, code: CodeType, line: int, values: Mapping[str, Any]) -> FrameLook:
        path = Path(code.co_filename)
        file = path.relative_to(self.root).as_posix() if path.is_relative_to(self.root) else str(path)
        names = {name: _shown(value, MAX_LOCAL_CHARS) for name, value in values.items()}
        source = linecache.getline(code.co_filename, line).strip()
        return FrameLook(file=file, line=line, function=code.co_name, source=source, locals=names)

    def _is_own(self, frame: FrameType) -> bool:
        return Path(frame.f_code.co_filename).is_relative_to(self.root)


def _evaluated(expression: str, frame: FrameType) -> Evaluated:
    try:
        # One namespace: a comprehension in the expression sees the frame's locals only if they are its globals.
        value = FunctionType(compile(expression, "<expression>", "eval"), frame.f_globals | frame.f_locals)()
    except BaseException as error:
        return Evaluated(expression=expression, error=_shown(error, MAX_VALUE_CHARS))
    return Evaluated(expression=expression, value=_shown(value, MAX_VALUE_CHARS), type=type(value).__qualname__)


def _shown(value: Any, most: int) -> str:
    """As Python shows it, as far as there is room; what can't show itself is named by its type."""
    try:
        text = printable(repr(value))
    except BaseException as error:
        return f"<{type(value).__qualname__}, whose repr raised {type(error).__name__}>"
    return text if len(text) <= most else f"{text[:most]}… ({len(text)} characters)"

"""Start the corrected emulator. Run by path, under the engine's own interpreter.

It may import the standard library, the emulator, its sibling corrections and `interlock.asl`. The engine's environment
does not have `interlock` (so that a function, in a process of its own, cannot import it by accident): this process gets
that one package of it by its path.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import importlib.util
import os
import signal
import sys
from pathlib import Path
from types import ModuleType

EMULATOR = "ministack"
VERSION = "1.5.33"
JOURNAL = "INTERLOCK_JOURNAL"
"""`off`: read the journal and write nothing, to measure what it costs."""
OFF = "INTERLOCK_CORRECTIONS_OFF"
SWITCH_SECONDS = 0.0005
"""How long a thread may keep the interpreter from the one that answers requests; 5 ms is Python's own."""


def main() -> None:
    """Correct the emulator, then run it in the foreground until it is told to stop."""
    # The script's directory holds modules named like the standard library's (venv, process).
    sys.path.pop(0)
    off = {name for name in os.environ.pop(OFF, "").split(",") if name}
    silent = os.environ.pop(JOURNAL, "") == "off"
    correct(off)
    journal = _load_package("interlock_journal", Path(__file__).parent / "journal")
    report = journal.Report(Path(os.environ["STATE_DIR"]).parent / "report.json")
    journal.open_journal(report, keeps="journal" not in off, silent=silent)
    # A Ctrl-C meant for the command that started the engine must not stop it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sys.argv = [EMULATOR]
    sys.setswitchinterval(SWITCH_SECONDS)
    app = importlib.import_module(f"{EMULATOR}.app")
    app.main()


def correct(off: set[str]) -> None:
    """Correct the emulator's modules as they are imported from here on.

    Args:
        off: the names of corrections that are left out.

    Raises:
        SystemExit: the emulator is absent or of another version, or a correction does not exist or does not apply.
    """
    installed = importlib.metadata.version(EMULATOR)
    if installed != VERSION:
        sys.exit(f"interlock engine: {EMULATOR} {installed} is installed, corrections are for {VERSION}")
    _load_package("interlock.asl", Path(__file__).parents[2] / "asl")
    corrections = _load_package("interlock_corrections", Path(__file__).parent / "corrections")
    unknown = off - {correction.name for correction in corrections.ALL}
    if unknown:
        sys.exit(f"interlock engine: {OFF} names unknown corrections: {', '.join(sorted(unknown))}")
    chosen = [correction for correction in corrections.ALL if correction.name not in off]
    spec = importlib.util.find_spec(EMULATOR)
    if spec is None or spec.origin is None:
        sys.exit(f"interlock engine: {EMULATOR} cannot be imported")
    try:
        corrections.edit.install(chosen, EMULATOR, Path(spec.origin).parent)
    except corrections.edit.CorrectionDoesNotApply as failure:
        sys.exit(f"interlock engine: {failure}")


def _load_package(name: str, directory: Path) -> ModuleType:
    """Import a package by its directory; the packages around it become empty ones."""
    outer = name.rpartition(".")[0]
    if outer:
        sys.modules.setdefault(outer, ModuleType(outer)).__path__ = []
    spec = importlib.util.spec_from_file_location(
        name, directory / "__init__.py", submodule_search_locations=[str(directory)]
    )
    if spec is None or spec.loader is None:
        sys.exit(f"interlock engine: no package {name} at {directory}")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


if __name__ == "__main__":
    main()

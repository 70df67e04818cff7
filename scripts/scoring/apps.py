"""The apps of `tests/corpus/bugs`: each with one planted bug, a label that says where it is, and a fixed version."""

import io
import json
import tomllib
import zipfile
from pathlib import Path
from typing import Any, Literal

from interlock.compiler.archive import read_archive
from interlock.compiler.plan import plan_version
from interlock.compiler.version_plan import VersionPlan
from interlock.contract.core.base import Json, Model
from interlock.contract.core.failure import Rejected
from interlock.contract.core.finding import errors_of
from interlock.contract.fork import Position, parse_position

BUGS = Path(__file__).resolve().parents[2] / "tests" / "corpus" / "bugs"
BROKEN, FIXED = "1.0.0", "1.0.1"
PUBLISHER = "corpus"
NOT_BUNDLED = ("label.toml", "input.json", "fix/")
KINDS = (
    "step",
    "upstream",
    "retries",
    "parallel",
    "map",
    "jsonata",
    "spilled",
    "timeout",
    "choice",
    "secret",
    "schema",
    "async",
    "exit",
    "nonsense",
    "chain",
    "group",
    "generated",
    "vendored",
    "caught",
    "warm",
)


class DebugLabel(Model):
    """Where `run debug` stops, if not at the failing line."""

    stop: Literal["line", "first", "none"] = "line"
    """`first`: the step's first line, because no line of it failed. `none`: refused, because no step was called."""
    file: str = ""
    line: int = 0
    text: str = ""
    argument: str = ""
    """The name under which the step's function has its input, for `first`."""
    reason: str = ""


class Label(Model):
    """What is true of a bug: the answer that the debugger has to find."""

    kind: str
    state: str
    """With the index where it is in a Map."""
    file: str
    line: int
    text: str
    """The line, so that a label which slipped is found."""
    says: tuple[str, ...] = ()
    """What else the explanation has to name: the value, where it came from, what followed."""
    fork_at: str = ""
    """From where the fix has to run; the failing state if it is not said."""
    patch: Json = None
    accept: tuple[str, ...] = ()
    config: dict[str, Json] = {}
    before: int = 0
    """So many runs of the same input go before, which succeed: the failure needs a warm process."""
    ends: str = "succeeded"
    """How the fixed version ends in a dry run of the whole workflow: `run verify` has to say it."""
    debug: DebugLabel = DebugLabel()

    @property
    def position(self) -> Position:
        """The failing state and its index."""
        return parse_position(self.state)

    @property
    def stop_place(self) -> tuple[str, int, str]:
        """File, line and its text at which the debugger has to stop."""
        debug = self.debug
        return debug.file or self.file, debug.line or self.line, debug.text or self.text


class App:
    """One app of the corpus."""

    def __init__(self, folder: Path) -> None:
        """Read its label, its input, its files and what replaces them in the fixed version."""
        self.folder = folder
        self.name = folder.name
        self.label = Label.model_validate(tomllib.loads((folder / "label.toml").read_text()))
        self.input: Any = json.loads((folder / "input.json").read_text())
        self.files = _files(folder)
        self.fixes = {path.removeprefix("fix/"): text for path, text in _all_files(folder / "fix").items()}

    @property
    def fixed(self) -> dict[str, str]:
        """The files of the version that does not have the bug."""
        files = self.files | self.fixes
        manifest = files["interlock.toml"].replace(f'version = "{BROKEN}"', f'version = "{FIXED}"')
        return files | {"interlock.toml": manifest}


def load_apps(names: tuple[str, ...] = (), folder: Path = BUGS) -> list[App]:
    """The apps, or those of some names, in the order of their kinds.

    Raises:
        LookupError: there is no app of a name.
    """
    apps = [App(path.parent) for path in sorted(folder.glob("*/label.toml"))]
    missing = sorted(set(names) - {app.name for app in apps})
    if missing:
        raise LookupError(f"no such app: {', '.join(missing)}")
    chosen = [app for app in apps if not names or app.name in names]
    return sorted(chosen, key=lambda app: (KINDS.index(app.label.kind), app.name))


def zipped(files: dict[str, str], publisher: str = PUBLISHER) -> bytes:
    """A bundle of these files, in the name of a publisher; the same files give the same bytes."""
    manifest = files["interlock.toml"].replace(f'id = "{PUBLISHER}/', f'id = "{publisher}/')
    files = files | {"interlock.toml": manifest}
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            archive.writestr(zipfile.ZipInfo(name), files[name], zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def planned(data: bytes) -> VersionPlan:
    """What `interlock app check` makes of a bundle.

    Raises:
        Rejected: it has errors.
    """
    bundle = read_archive(data)
    plan = bundle if isinstance(bundle, tuple) else plan_version(bundle)
    if isinstance(plan, tuple):
        raise Rejected("the bundle has errors", errors_of(plan), where="bundle")
    return plan


def _files(folder: Path) -> dict[str, str]:
    return {name: text for name, text in _all_files(folder).items() if not name.startswith(NOT_BUNDLED)}


def _all_files(folder: Path) -> dict[str, str]:
    rows = (path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {path.relative_to(folder).as_posix(): path.read_text() for path in sorted(rows)}

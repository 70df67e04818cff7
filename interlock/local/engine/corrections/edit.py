"""What a correction is, and how it is applied to the emulator's source while it is imported."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType

from .bytecode import compiled


class CorrectionDoesNotApply(Exception):
    """The emulator's source is not what a correction was written for."""


@dataclass(frozen=True)
class Edit:
    """One replacement in the source of one module; the old text must occur exactly once."""

    module: str
    old: str
    new: str


@dataclass(frozen=True)
class Correction:
    """One difference to AWS and the edits that take it away."""

    name: str
    aws: str
    emulator: str
    edits: tuple[Edit, ...]


def apply_edits(source: str, module: str, corrections: Iterable[Correction]) -> str:
    """Apply every edit of a module, in order.

    Args:
        source: The emulator's source of the module.
        module: The module's dotted name.
        corrections: The corrections that are on.

    Returns:
        The corrected source.

    Raises:
        CorrectionDoesNotApply: When a text to replace is absent or occurs more than once.
    """
    for correction in corrections:
        for number, edit in enumerate(correction.edits, start=1):
            if edit.module != module:
                continue
            count = source.count(edit.old)
            if count != 1:
                first = edit.old.strip().splitlines()[0]
                raise CorrectionDoesNotApply(
                    f"correction {correction.name!r}, edit {number}: its text occurs {count} times "
                    f"(not once) in {module}; it begins {first!r}"
                )
            source = source.replace(edit.old, edit.new)
    return source


class _CorrectedLoader(SourceFileLoader):
    def __init__(self, fullname: str, path: str, source: str) -> None:
        super().__init__(fullname, path)
        self._source = source

    def get_code(self, fullname: str) -> CodeType:
        return compiled(self._source, Path(self.path))


class _Finder(MetaPathFinder):
    def __init__(self, sources: dict[str, tuple[str, str]]) -> None:
        self._sources = sources

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        known = self._sources.get(fullname)
        if known is None:
            return None
        origin, source = known
        loader = _CorrectedLoader(fullname, origin, source)
        return importlib.util.spec_from_file_location(fullname, origin, loader=loader)


def install(corrections: Sequence[Correction], package: str, directory: Path) -> None:
    """Correct a package that is not imported yet, checking every edit first.

    Args:
        corrections: The corrections that are on.
        package: The package's name.
        directory: The package's directory.

    Raises:
        CorrectionDoesNotApply: When one does not fit the installed source.
    """
    modules = {edit.module for correction in corrections for edit in correction.edits}
    sources: dict[str, tuple[str, str]] = {}
    for module in sorted(modules):
        file = directory.joinpath(*module.removeprefix(package + ".").split(".")).with_suffix(".py")
        if not file.exists():
            raise CorrectionDoesNotApply(f"module {module} does not exist at {file}")
        corrected = apply_edits(file.read_text(encoding="utf-8"), module, corrections)
        sources[module] = (str(file), corrected)
    sys.meta_path.insert(0, _Finder(sources))

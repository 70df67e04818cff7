"""Each library that the package imports is of an extra that the command line can name."""

from __future__ import annotations

import ast
import sys
from importlib.metadata import packages_distributions, requires
from pathlib import Path

import pytest

from interlock.cli.terminal.extras import EXTRAS

PACKAGE = Path(__file__).parents[3] / "interlock"
FOLDERS = {
    "cli": ("cli", "client", "debugger", "compiler", "asl", "bounds"),
    "local": ("local", "aws", "control"),
    "mcp": ("mcp",),
}
BASE = {"interlock", "pydantic", "pydantic_core"}
OF_TESTS = {"pytest"}


def imported(folder: Path) -> set[str]:
    """The libraries that the modules of a folder import anywhere."""
    names: set[str] = set()
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                names |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
                names.add(node.module.partition(".")[0])
    return {name for name in names if name not in sys.stdlib_module_names} - BASE


@pytest.mark.parametrize("extra", FOLDERS)
def test_an_imported_library_is_of_an_extra(extra: str) -> None:
    known = {module for modules in EXTRAS.values() for module in modules}
    # The engine's own environment has what its corrections and its X-Ray import.
    engine = imported(PACKAGE / "local" / "engine")
    names = set[str]().union(*(imported(PACKAGE / folder) for folder in FOLDERS[extra])) - OF_TESTS
    assert names - known <= engine


@pytest.mark.parametrize("extra", EXTRAS)
def test_an_extra_brings_the_modules_that_are_said_of_it(extra: str) -> None:
    distributions = packages_distributions()
    declared = " ".join(line.lower() for line in requires("interlock") or () if f"extra == '{extra}'" in line)
    if extra == "local":
        declared += " ".join(line.lower() for line in requires("interlock") or () if "extra == 'platform'" in line)
    direct = [m for m in EXTRAS[extra] if any(name.lower() in declared for name in distributions.get(m, ()))]
    assert direct, extra
    assert all(module in distributions for module in EXTRAS[extra])

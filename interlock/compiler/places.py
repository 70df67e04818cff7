"""Where a bundle's states and steps are written: file and line, for who explains a failure."""

import ast
import re
from collections.abc import Iterator

from interlock.compiler.archive import Bundle
from interlock.compiler.gate import linear
from interlock.compiler.json_places import key_places
from interlock.contract.explain import Places, StatePlace
from interlock.contract.manifest import MANIFEST, Manifest

SOURCE_LINES = 5
MAX_LINE_CHARS = 200
_SCOPES = frozenset({"Branches", "ItemProcessor", "Iterator"})


def places(bundle: Bundle, manifest: Manifest) -> Places:
    """The places of a bundle that was found good."""
    return Places(
        workflows={name: _workflow(bundle, manifest, name) for name in manifest.workflows},
        steps={
            name: place
            for name, section in manifest.steps.items()
            if (place := _function(bundle, section.handler)) is not None
        },
    )


def state_lines(text: str) -> dict[str, int]:
    """The line, from 1, at which each state's name stands in a definition, also inside Parallel and Map.

    Raises:
        ValueError: the text is no JSON.
    """
    lines: dict[str, int] = {}
    for name, at in _states(text):
        lines.setdefault(name, text.count("\n", 0, at) + 1)
    return lines


def _workflow(bundle: Bundle, manifest: Manifest, name: str) -> dict[str, StatePlace]:
    section = manifest.workflows[name]
    if section.definition is None:
        text = bundle.text(MANIFEST)
        place = _place(MANIFEST, _header(text, name), text.split("\n"))
        return dict.fromkeys(linear(section.steps)["States"], place)
    try:
        text = bundle.text(section.definition)
        rows = text.split("\n")
        return {state: _place(section.definition, line, rows) for state, line in state_lines(text).items()}
    except (KeyError, ValueError):
        return {}


def _place(file: str, line: int, rows: list[str]) -> StatePlace:
    start = max(1, line - SOURCE_LINES // 2)
    source = tuple(row[:MAX_LINE_CHARS] for row in rows[start - 1 : start - 1 + SOURCE_LINES]) if line else ()
    return StatePlace(file=file, line=line, source=source, source_start=start if line else 0)


def _header(text: str, name: str) -> int:
    """The line of `[workflows.NAME]` in the manifest, or the first that says both words."""
    for pattern in (rf"^\s*\[\s*workflows\s*\.\s*[\"']?{name}[\"']?\s*\]", rf"^.*\b{name}\b.*steps"):
        match = re.search(pattern, text, re.MULTILINE)
        if match:
            return text.count("\n", 0, match.end()) + 1
    return 0


def _states(text: str) -> Iterator[tuple[str, int]]:
    """Keys of `States` objects that belong to the machine or to a scope inside it, with where they begin."""
    for place, at in key_places(text):
        if (
            len(place) > 1
            and place[-2] == "States"
            and _is_scope([part for part in place[:-1] if isinstance(part, str)])
        ):
            yield str(place[-1]), at


def _is_scope(parts: list[str]) -> bool:
    """Whether keys lead through states only: `States` and a state's name by turns, with what holds a scope."""
    while len(parts) > 1:
        if parts[0] != "States" or len(parts) < 4 or parts[2] not in _SCOPES:
            return False
        parts = parts[3:]
    return parts == ["States"]


def _function(bundle: Bundle, handler: str) -> StatePlace | None:
    module, _, function = handler.partition(":")
    stem = module.replace(".", "/")
    path = next((path for path in (f"{stem}.py", f"{stem}/__init__.py") if path in bundle.files), None)
    if path is None:
        return None
    try:
        tree = ast.parse(bundle.files[path])
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return StatePlace(file=path)
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    line = next((node.lineno for node in functions if node.name == function), 0)
    return _place(path, line, bundle.files[path].decode(errors="replace").split("\n"))

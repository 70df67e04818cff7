"""Which files of an app's folder are packed: its own code and data, and nothing that tools have left there.

A folder `build`, `dist`, `tests` or `vendor` beside the manifest is mostly the work of a tool: it is packed where the
app's code imports it, or a handler is in it. What the manifest names is packed wherever it is.
"""

import ast
import os
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple, cast

from interlock.contract.core.failure import BadRequest
from interlock.contract.manifest import MANIFEST

OUTPUTS = ("build", "dist", "tests", "vendor")
"""Folders beside the manifest that are packed only where the app's code is in them."""
CACHES = frozenset({"__pycache__", "node_modules"})
CACHE_MARK = "CACHEDIR.TAG"
"""A folder with this file is a cache. Source: https://bford.info/cachedir/"""
ENVIRONMENT_MARK = "pyvenv.cfg"
"""A folder with this file is a virtual environment. Source: https://docs.python.org/3/library/venv.html"""


class OwnFiles(NamedTuple):
    """The files of an app by their paths in the bundle, and the folders of OUTPUTS that were left out."""

    files: Mapping[str, Path]
    left_out: tuple[str, ...]


def own_files(folder: Path) -> OwnFiles:
    """The app's own files.

    Args:
        folder: the app's folder, resolved.

    Raises:
        BadRequest: a link leads out of the folder, to nothing, or back to a folder that it is in (`bad-link`).
    """
    manifest = _manifest(folder)
    named = _named(folder, manifest)
    walked = dict(_walk(folder, folder))
    top = {name: [path for path in walked if path.startswith(f"{name}/")] for name in OUTPUTS}
    unsure = {path for paths in top.values() for path in paths}
    files = {path: place for path, place in walked.items() if path not in unsure}
    needed = _handler_modules(manifest)
    pending = list(files)
    while pending:
        needed |= _imported(files[path] for path in pending if path.endswith(".py"))
        pending = [path for name in sorted(needed & top.keys()) for path in top.pop(name)]
        files |= {path: walked[path] for path in pending}
    files |= named
    left_out = tuple(f"{name}/" for name, paths in top.items() if any(path not in files for path in paths))
    return OwnFiles(dict(sorted(files.items())), left_out)


def _walk(root: Path, folder: Path, prefix: str = "") -> Iterator[tuple[str, Path]]:
    """Every file below a folder by its path, links followed, less what is hidden, cached or an environment's."""
    for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
        if entry.name.startswith(".") or entry.name in CACHES or entry.name.endswith((".pyc", ".egg-info")):
            continue
        path, name = Path(entry.path), f"{prefix}{entry.name}"
        if entry.is_symlink():
            _check_link(root, folder, path, name)
        if path.is_dir():
            if not any((path / mark).exists() for mark in (CACHE_MARK, ENVIRONMENT_MARK)):
                yield from _walk(root, path, f"{name}/")
        elif path.is_file():
            yield name, path


def _check_link(root: Path, folder: Path, path: Path, name: str) -> None:
    target = path.resolve()
    if not target.exists():
        what = f"the link {name} leads to nothing"
    elif not target.is_relative_to(root):
        what = f"the link {name} leads out of the app's folder, to {target}"
    elif target.is_dir() and folder.resolve().is_relative_to(target):
        what = f"the link {name} leads back to a folder that it is in"
    else:
        return
    step = "Put the files themselves in its place, or remove the link."
    raise BadRequest(what, where=str(path), code="bad-link", next_step=step)


def _manifest(folder: Path) -> dict[str, Any]:
    """The manifest as it is written; empty where it can't be read, which whoever checks it reports better."""
    try:
        return tomllib.loads((folder / MANIFEST).read_text())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError):
        return {}


def _named(folder: Path, manifest: Mapping[str, Any]) -> dict[str, Path]:
    """The files of the folder that the manifest names."""
    texts = (text for text in _texts(manifest) if text and "\0" not in text and len(text) < 1_000)
    paths = ((text, folder / text) for text in texts)
    return {
        path.relative_to(folder).as_posix(): path
        for text, path in paths
        if not Path(text).is_absolute() and ".." not in Path(text).parts and path.is_file()
        if path.resolve().is_relative_to(folder)
    }


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in cast(dict[str, Any], value).values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in cast(list[Any], value):
            yield from _texts(inner)


def _handler_modules(manifest: Mapping[str, Any]) -> set[str]:
    """The first names of the modules of the handlers."""
    steps = manifest.get("steps", {})
    rows = cast(dict[str, Any], steps).values() if isinstance(steps, dict) else ()
    handlers = (cast(dict[str, Any], row).get("handler") for row in rows if isinstance(row, dict))
    return {handler.partition(":")[0].partition(".")[0] for handler in handlers if isinstance(handler, str)}


def _imported(paths: Iterable[Path]) -> set[str]:
    """The first names of the modules that files import; a file that can't be parsed imports nothing."""
    names: set[str] = set()
    for path in paths:
        try:
            tree = ast.parse(path.read_bytes())
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                names |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level:
                names.add((node.module or "").partition(".")[0])
    return names
